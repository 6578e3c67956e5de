//! Figures that strain the layout: no label may be cut or covered, whatever the names and values.

use resvg::usvg;

use super::super::{Band, Figure, Heading, Panel, PanelStack, RasterData, RateData, RatePopulation, TraceData};
use super::super::{panels, pngs, raster, rate, render, theme, traces};
use super::{Parsed, heading, line, population, scattered};

/// Figures of all kinds with names, sizes and values that strain the layout.
fn strained_figures() -> Vec<Figure> {
    let times: Vec<f64> = (0..200).map(|i| f64::from(i) * 0.5).collect();
    let values = |f: &dyn Fn(f64) -> f64| times.iter().map(|&time| f(time)).collect::<Vec<f64>>();
    let bands = vec![
        Band {
            period_ms: 10.0..90.0,
            label: "20 µA/cm² into cells 0–2".into(),
        },
        Band {
            period_ms: 40.0..45.0,
            label: "an overlapping pulse with a long description".into(),
        },
        Band {
            period_ms: 97.0..f64::INFINITY,
            label: "late stimulus at the edge".into(),
        },
    ];
    let long = "a_population_with_a_name_that_is_much_too_long_for_its_place";
    let mut figures = Vec::new();
    for sizes in [
        vec![1],
        vec![2, 1],
        vec![10],
        vec![5000],
        vec![4000, 1000, 1],
        vec![20_000, 5000, 22_000, 5500, 4800, 1000, 14_000, 3000],
    ] {
        let populations = sizes.iter().enumerate().map(|(i, &size)| {
            population(
                if i == 1 { long } else { "cells" },
                size as usize,
                &scattered(500, size, 100.0),
            )
        });
        figures.push(raster(&RasterData {
            heading: heading("raster"),
            period_ms: 0.0..100.0,
            populations: populations.collect(),
            bands: bands.clone(),
        }));
        let populations = sizes.iter().map(|&size| RatePopulation {
            name: long.into(),
            size: size as usize,
            times_ms: scattered(500, size, 100.0).iter().map(|spike| spike.0).collect(),
            ..RatePopulation::default()
        });
        figures.push(rate(&RateData {
            heading: heading("rate"),
            period_ms: 0.0..100.0,
            bin_ms: 2.0,
            smoothing_ms: Some(10.0),
            populations: populations.collect(),
            bands: bands.clone(),
        }));
    }
    for n in [0, 1, 3, 6, 7, 12, 13, 40] {
        let cells = (0..n)
            .map(|i| {
                line(
                    &format!("cell {i}"),
                    &times,
                    &values(&|time| -65.0 + time * f64::from(i % 5)),
                )
            })
            .collect();
        let stimulus = Panel {
            y_label: "stimulus current density".into(),
            unit: "uA/cm^2".into(),
            lines: vec![line("I_stimulus", &times, &values(&|_| 1e-9))],
            y_range: None,
        };
        figures.push(traces(&TraceData {
            heading: heading("voltage"),
            period_ms: 0.0..100.0,
            variable: "V".into(),
            unit: "mV".into(),
            cells,
            threshold: Some(0.0),
            y_range: None,
            stimulus: Some(stimulus),
            bands: bands.clone(),
        }));
    }
    let cases: [(&str, &str, Vec<f64>); 9] = [
        (
            "tiny values with a label longer than its axis",
            "mS/cm^2",
            values(&|time| 1e-12 * time),
        ),
        ("huge", "", values(&|time| 1e6 + 1e4 * time)),
        (
            "extreme",
            "",
            values(&|time| if time < 50.0 { f64::MAX } else { f64::MIN }),
        ),
        ("equal", "mV", values(&|_| -65.0)),
        ("zero", "nS", values(&|_| 0.0)),
        ("close", "mV", values(&|time| -65.0 - 1e-7 * time)),
        (
            "gaps",
            "mV",
            values(&|time| if time % 7.0 < 3.0 { f64::NAN } else { time }),
        ),
        ("no number", "mV", values(&|_| f64::NAN)),
        ("one sample", "mV", vec![1.0]),
    ];
    let panel = |(label, unit, values): (&str, &str, Vec<f64>)| {
        let lines = (0..if label == "zero" { 15 } else { 2 })
            .map(|i| line(&format!("excitatory.g_{i}"), &times, &values))
            .collect();
        Panel {
            y_label: label.into(),
            unit: unit.into(),
            lines,
            y_range: None,
        }
    };
    figures.push(panels(&PanelStack {
        heading: heading("odd"),
        period_ms: 0.0..100.0,
        panels: cases.into_iter().map(panel).collect(),
        bands,
    }));
    for period_ms in [0.0..0.0, f64::NAN..1.0, 5.0..1.0, 0.0..1e-12, 0.0..1e12, 1e6..1e6 + 0.1] {
        figures.push(panels(&PanelStack {
            heading: heading("period"),
            period_ms,
            panels: vec![Panel::default()],
            bands: Vec::new(),
        }));
    }
    figures.push(panels(&PanelStack {
        heading: Heading::new("a b/c", long.repeat(3), long.repeat(4)),
        period_ms: 0.0..1.0,
        panels: Vec::new(),
        bands: Vec::new(),
    }));
    figures
}

fn text_boxes(group: &usvg::Group, out: &mut Vec<(String, usvg::Rect)>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(inner) => text_boxes(inner, out),
            usvg::Node::Text(text) => {
                let shown = text.chunks().iter().map(|chunk| chunk.text()).collect();
                out.push((shown, text.abs_bounding_box()));
            }
            _ => {}
        }
    }
}

#[test]
fn no_label_is_clipped_and_no_two_labels_overlap() {
    for figure in strained_figures() {
        let tree = render::tree(figure.svg()).unwrap();
        let mut boxes = Vec::new();
        text_boxes(tree.root(), &mut boxes);
        let (width, height) = (tree.size().width(), tree.size().height());
        assert_eq!(f64::from(width), theme::WIDTH);
        for (text, at) in &boxes {
            let inside = at.left() >= 0.0 && at.top() >= 0.0 && at.right() <= width && at.bottom() <= height;
            assert!(inside, "`{text}` is cut off in `{}`: {at:?}", figure.name);
        }
        for (index, (first, a)) in boxes.iter().enumerate() {
            for (second, b) in &boxes[index + 1..] {
                let (a, b) = (letters(a), letters(b));
                let apart =
                    a.right() <= b.left() || b.right() <= a.left() || a.bottom() <= b.top() || b.bottom() <= a.top();
                assert!(
                    apart,
                    "`{first}` and `{second}` overlap in `{}`: {a:?} {b:?}",
                    figure.name
                );
            }
        }
    }
}

/// The part of the box of a line of text that letters fill: without the free space above and below, or beside it where
/// it is turned.
fn letters(line: &usvg::Rect) -> usvg::Rect {
    let free = 0.2 * line.width().min(line.height());
    let (across, along) = if line.width() < line.height() {
        (free, 0.0)
    } else {
        (0.0, free)
    };
    usvg::Rect::from_ltrb(
        line.left() + across,
        line.top() + along,
        line.right() - across,
        line.bottom() - along,
    )
    .unwrap()
}

#[test]
fn every_figure_is_valid_deterministic_and_drawable() {
    for (figure, again) in strained_figures().into_iter().zip(strained_figures()) {
        assert_eq!(figure, again);
        let parsed = Parsed::new(&figure);
        let mut ids: Vec<_> = parsed.0.descendants().filter_map(|node| node.attribute("id")).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert!(!figure.svg().contains("NaN") && !figure.svg().contains("inf\""));
        assert!(!figure.caption.is_empty());
    }
}

#[test]
fn figures_drawn_together_are_the_figures_drawn_alone() {
    let figures: Vec<Figure> = strained_figures().into_iter().step_by(4).collect();
    let together = pngs(&figures).unwrap();
    assert_eq!(together.len(), figures.len());
    for (figure, png) in figures.iter().zip(&together) {
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert!(*png == figure.png().unwrap(), "`{}` differs", figure.name);
    }
    assert_eq!(pngs(&[]).unwrap().len(), 0);
}
