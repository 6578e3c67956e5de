//! Traces, panels and rates go through their values.

use super::super::{Line, Panel, PanelStack, RateData, RatePopulation, TraceData, panels, rate, traces};
use super::{Parsed, expected, heading, line, points};

#[test]
fn a_trace_goes_through_its_samples() {
    let times = [0.0, 25.0, 50.0, 75.0, 100.0];
    let values = [-65.0, -70.0, 40.0, -75.0, -65.0];
    let data = TraceData {
        heading: heading("voltage"),
        period_ms: 0.0..100.0,
        variable: "V".into(),
        unit: "mV".into(),
        cells: vec![line("cell 0", &times, &values), line("cell 1", &times, &[-65.0; 5])],
        threshold: Some(0.0),
        y_range: None,
        stimulus: Some(Panel {
            y_label: "stimulus".into(),
            unit: "uA/cm^2".into(),
            lines: vec![line("I", &times, &[0.0, 20.0, 20.0, 20.0, 0.0])],
            y_range: None,
        }),
        bands: Vec::new(),
    };
    let figure = traces(&data);
    let parsed = Parsed::new(&figure);
    let (x, y) = (parsed.time_ticks(), parsed.y_ticks(0));
    assert_eq!(y, parsed.y_ticks(0));
    for (point, (time, value)) in points(parsed.paths("voltage", 0)[0])
        .into_iter()
        .zip(times.into_iter().zip(values))
    {
        assert!(
            (point.0 - expected(&x, time)).abs() < 0.02 && (point.1 - expected(&y, value)).abs() < 0.02,
            "{time} ms, {value} mV at {point:?}"
        );
    }
    let stimulus = points(parsed.paths("voltage", 2)[0]);
    assert!((stimulus[2].1 - expected(&parsed.y_ticks(2), 20.0)).abs() < 0.02);
    let texts = parsed.texts();
    for text in ["V (mV)", "cell 0", "cell 1", "threshold", "(µA/cm²)"] {
        assert!(
            texts.iter().any(|shown| shown.contains(text)),
            "`{text}` is missing in {texts:?}"
        );
    }
    let dashed = parsed
        .0
        .descendants()
        .filter(|node| node.attribute("stroke-dasharray").is_some() && node.attribute("y1").is_some());
    let levels: Vec<f64> = dashed
        .map(|node| node.attribute("y1").unwrap().parse().unwrap())
        .collect();
    assert!(levels.iter().any(|level| (level - expected(&y, 0.0)).abs() < 0.02));
}

#[test]
fn panels_are_drawn_in_order_with_typeset_names() {
    let times = [0.0, 100.0];
    let panel = |label: &str, unit: &str, lines: Vec<Line>, y_range| Panel {
        y_label: label.into(),
        unit: unit.into(),
        lines,
        y_range,
    };
    let figure = panels(&PanelStack {
        heading: heading("gates"),
        period_ms: 0.0..100.0,
        panels: vec![
            panel(
                "gates",
                "",
                vec![line("m", &times, &[0.1, 0.9]), line("h", &times, &[0.5, 0.2])],
                Some(0.0..1.0),
            ),
            panel(
                "ionic current",
                "uA/cm^2",
                vec![line("I_Na", &times, &[-300.0, 2.0]), line("I_K", &times, &[400.0, 1.0])],
                None,
            ),
        ],
        bands: Vec::new(),
    });
    let parsed = Parsed::new(&figure);
    let gates = parsed.y_ticks(0);
    assert_eq!((gates[0].0, gates[gates.len() - 1].0), (0.0, 1.0));
    assert!((points(parsed.paths("gates", 0)[0])[1].1 - expected(&gates, 0.9)).abs() < 0.02);
    assert!((points(parsed.paths("gates", 1)[0])[0].1 - expected(&parsed.y_ticks(1), -300.0)).abs() < 0.02);
    let subscript = parsed
        .0
        .descendants()
        .find(|node| node.has_tag_name("tspan") && node.text() == Some("Na"))
        .unwrap();
    assert!(subscript.attribute("dy").unwrap().parse::<f64>().unwrap() > 0.0);
    assert_eq!(subscript.parent().unwrap().text(), Some("I"));
}

#[test]
fn a_rate_is_spikes_per_cell_and_second() {
    // Two cells: three spikes in the first bin of 10 ms are 150 Hz each; the last bin is only 5 ms long, so one spike
    // is 100 Hz.
    let times_ms = vec![1.0, 2.0, 9.9, 20.0, 44.0];
    let figure = rate(&RateData {
        heading: heading("rate"),
        period_ms: 0.0..45.0,
        bin_ms: 10.0,
        smoothing_ms: None,
        populations: vec![RatePopulation {
            name: "cells".into(),
            size: 2,
            times_ms,
            ..RatePopulation::default()
        }],
        bands: Vec::new(),
    });
    let parsed = Parsed::new(&figure);
    let (x, y) = (parsed.time_ticks(), parsed.y_ticks(0));
    let steps = points(parsed.paths("rate", 0)[1]);
    let wanted = [
        (0.0, 150.0),
        (10.0, 150.0),
        (10.0, 0.0),
        (20.0, 0.0),
        (20.0, 50.0),
        (30.0, 50.0),
        (30.0, 0.0),
        (40.0, 0.0),
        (40.0, 100.0),
        (45.0, 100.0),
    ];
    assert_eq!(steps.len(), wanted.len());
    for (step, (time, rate)) in steps.into_iter().zip(wanted) {
        assert!(
            (step.0 - expected(&x, time)).abs() < 0.02 && (step.1 - expected(&y, rate)).abs() < 0.02,
            "{rate} Hz at {time} ms drawn at {step:?}"
        );
    }
    assert!(
        parsed.texts().iter().any(|text| text == "mean 55.6 Hz"),
        "5 spikes of 2 cells in 45 ms: {:?}",
        parsed.texts()
    );
}

#[test]
fn spikes_on_the_edges_of_decimal_bins_are_counted_in_the_bin_they_begin() {
    let times_ms: Vec<f64> = (0..10).map(|i| f64::from(i) * 0.1).collect();
    let figure = rate(&RateData {
        heading: heading("rate"),
        period_ms: 0.0..1.0,
        bin_ms: 0.1,
        smoothing_ms: None,
        populations: vec![RatePopulation {
            name: "cell".into(),
            size: 1,
            times_ms,
            ..RatePopulation::default()
        }],
        bands: Vec::new(),
    });
    let parsed = Parsed::new(&figure);
    let y = parsed.y_ticks(0);
    let steps = points(parsed.paths("rate", 0)[1]);
    assert!(
        steps.iter().all(|step| (step.1 - expected(&y, 10_000.0)).abs() < 0.02),
        "{steps:?}"
    );
}

#[test]
fn a_steady_rate_stays_steady_when_smoothed() {
    let times_ms: Vec<f64> = (0..2000).map(|i| f64::from(i) * 0.5 + 0.25).collect();
    let figure = rate(&RateData {
        heading: heading("rate"),
        period_ms: 0.0..1000.0,
        bin_ms: 10.0,
        smoothing_ms: Some(50.0),
        populations: vec![RatePopulation {
            name: "cells".into(),
            size: 20,
            times_ms,
            ..RatePopulation::default()
        }],
        bands: Vec::new(),
    });
    let parsed = Parsed::new(&figure);
    let y = parsed.y_ticks(0);
    let smooth = points(parsed.paths("rate", 0)[2]);
    let (low, high) = (expected(&y, 99.0), expected(&y, 101.0));
    assert!(
        smooth.len() > 100 && smooth.iter().all(|point| point.1 < low && point.1 > high),
        "{:?}",
        &smooth[..5]
    );
}

#[test]
fn a_line_that_leaves_its_panel_is_clipped_and_one_that_stays_is_not() {
    let stack = |y_range| PanelStack {
        heading: heading("clip"),
        period_ms: 0.0..10.0,
        panels: vec![Panel {
            y_range,
            lines: vec![line("V", &[0.0, 5.0, 10.0], &[0.0, 9.0, 0.0])],
            ..Panel::default()
        }],
        bands: Vec::new(),
    };
    assert!(!panels(&stack(None)).svg().contains("clip-path"));
    assert!(!panels(&stack(Some(0.0..9.0))).svg().contains("clip-path"));
    let figure = panels(&stack(Some(0.0..5.0)));
    let parsed = Parsed::new(&figure);
    let group = parsed
        .0
        .descendants()
        .find(|node| node.attribute("clip-path").is_some())
        .unwrap();
    let reference = group.attribute("clip-path").unwrap();
    let id = reference.trim_start_matches("url(#").trim_end_matches(')');
    let window = parsed
        .0
        .descendants()
        .find(|node| node.attribute("id") == Some(id))
        .unwrap()
        .first_element_child()
        .unwrap();
    let top: f64 = window.attribute("y").unwrap().parse().unwrap();
    assert!((top + 2.0 - expected(&parsed.y_ticks(0), 5.0)).abs() < 0.02);
}
