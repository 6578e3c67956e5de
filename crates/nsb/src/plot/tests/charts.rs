//! Charts: points stand where their axes say, on linear and on logarithmic ones.

use super::{Parsed, expected, heading, points};
use crate::plot::{ChartAxis, ChartData, ChartPanel, Curve, Figure, Mark, chart};

fn curve(mark: Mark, x: &[f64], y: &[f64]) -> Curve {
    Curve {
        mark,
        x: x.to_vec(),
        y: y.to_vec(),
        ..Curve::default()
    }
}

fn drawn(x: ChartAxis, y: ChartAxis, curves: Vec<Curve>) -> Figure {
    chart(&ChartData {
        heading: heading("chart"),
        x,
        panels: vec![ChartPanel {
            y,
            curves,
            ..ChartPanel::default()
        }],
        caption: "A caption.".into(),
    })
}

/// Centres of all circles among the data.
fn circles(parsed: &Parsed<'_>) -> Vec<(f64, f64)> {
    let number =
        |node: &resvg::usvg::roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse().unwrap();
    parsed
        .0
        .descendants()
        .filter(|node| node.has_tag_name("circle"))
        .map(|node| (number(&node, "cx"), number(&node, "cy")))
        .collect()
}

fn near(a: (f64, f64), b: (f64, f64)) -> bool {
    (a.0 - b.0).abs() < 0.02 && (a.1 - b.1).abs() < 0.02
}

#[test]
fn dots_stand_at_their_values_on_linear_axes() {
    let (x, y) = ([0.0, 6.3, 50.0], [0.0, 52.4, 117.0]);
    let figure = drawn(
        ChartAxis::new("I", "uA/cm^2").variable(),
        ChartAxis::new("rate", "Hz"),
        vec![curve(Mark::LineAndDots, &x, &y)],
    );
    let parsed = Parsed::new(&figure);
    let (across, up) = (parsed.time_ticks(), parsed.y_ticks(0));
    let at: Vec<(f64, f64)> = x
        .iter()
        .zip(&y)
        .map(|(x, y)| (expected(&across, *x), expected(&up, *y)))
        .collect();
    let dots = circles(&parsed);
    assert_eq!(dots.len(), 3);
    assert!(dots.iter().zip(&at).all(|(dot, at)| near(*dot, *at)), "{dots:?} {at:?}");
    let line = points(parsed.paths("chart", 0)[0]);
    assert!(
        line.iter().zip(&at).all(|(point, at)| near(*point, *at)),
        "{line:?} {at:?}"
    );
    assert!(
        parsed.texts().iter().any(|text| text == "I (µA/cm²)"),
        "{:?}",
        parsed.texts()
    );
}

#[test]
fn equal_ratios_have_equal_lengths_on_logarithmic_axes_and_labels_are_true() {
    let figure = drawn(
        ChartAxis::new("work", "us").logarithmic(),
        ChartAxis::new("error", "ms").logarithmic(),
        vec![curve(
            Mark::Dots,
            &[0.5, 1.0, 2.0, 0.0, 20.0],
            &[1e-5, 1e-4, 1e-3, 1.0, -1.0],
        )],
    );
    let parsed = Parsed::new(&figure);
    let dots = circles(&parsed);
    assert_eq!(dots.len(), 3, "what is not positive has no place: {dots:?}");
    assert!(
        (dots[1].0 - dots[0].0 - (dots[2].0 - dots[1].0)).abs() < 0.02,
        "{dots:?}"
    );
    assert!(
        (dots[1].1 - dots[0].1 - (dots[2].1 - dots[1].1)).abs() < 0.02,
        "{dots:?}"
    );
    let place = |ticks: Vec<(f64, f64)>, label: f64| ticks.iter().find(|tick| tick.0 == label).unwrap().1;
    assert!((place(parsed.time_ticks(), 1.0) - dots[1].0).abs() < 0.02);
    assert!((place(parsed.y_ticks(0), 1e-4) - dots[1].1).abs() < 0.02);
}

#[test]
fn bars_stand_on_zero_and_reach_their_counts() {
    let figure = drawn(
        ChartAxis::new("interval", "ms"),
        ChartAxis::new("count", ""),
        vec![curve(Mark::Bars, &[0.0, 5.0, 10.0], &[3.0, 0.0, 7.0])],
    );
    let parsed = Parsed::new(&figure);
    let (across, up) = (parsed.time_ticks(), parsed.y_ticks(0));
    let outline = points(parsed.paths("chart", 0)[0]);
    let corners = [
        (0.0, 0.0),
        (0.0, 3.0),
        (5.0, 3.0),
        (5.0, 0.0),
        (10.0, 0.0),
        (10.0, 7.0),
        (15.0, 7.0),
        (15.0, 0.0),
    ];
    assert_eq!(outline.len(), corners.len());
    for (corner, point) in corners.iter().zip(&outline) {
        assert!(
            near((expected(&across, corner.0), expected(&up, corner.1)), *point),
            "{corner:?} {point:?}"
        );
    }
}

#[test]
fn an_area_lies_between_its_edges_and_stays_in_the_panel() {
    let figure = drawn(
        ChartAxis::new("epochs", ""),
        ChartAxis::new("score", "").over(0.0..1.0),
        vec![curve(Mark::Area, &[0.0, 0.0, 2.0, 2.0], &[0.2, 0.4, 0.6, 1.5])],
    );
    let parsed = Parsed::new(&figure);
    let (across, up) = (parsed.time_ticks(), parsed.y_ticks(0));
    let outline = points(parsed.paths("chart", 0)[0]);
    let corners = [(0.0, 0.2), (2.0, 0.6), (2.0, 1.0), (0.0, 0.4)];
    assert_eq!(outline.len(), corners.len());
    for (corner, point) in corners.iter().zip(&outline) {
        assert!(near((expected(&across, corner.0), expected(&up, corner.1)), *point));
    }
}

#[test]
fn an_arrow_begins_at_its_tail_and_ends_with_its_head() {
    let figure = drawn(
        ChartAxis::new("x", "").over(0.0..10.0),
        ChartAxis::new("y", "").over(0.0..10.0),
        vec![curve(Mark::Arrows, &[1.0, 3.0, f64::NAN, 5.0], &[2.0, 2.0, 1.0, 1.0])],
    );
    let parsed = Parsed::new(&figure);
    let (across, up) = (parsed.time_ticks(), parsed.y_ticks(0));
    let at = |x: f64, y: f64| (expected(&across, x), expected(&up, y));
    let drawn = points(parsed.paths("chart", 0)[0]);
    assert_eq!(
        drawn.len(),
        5,
        "a shaft and two sides of a head; an arrow without a place is left out"
    );
    assert!(near(drawn[0], at(1.0, 2.0)) && near(drawn[1], at(3.0, 2.0)) && near(drawn[3], at(3.0, 2.0)));
    assert!(
        drawn[2].0 < drawn[1].0 && drawn[4].0 < drawn[1].0,
        "the head points backwards"
    );
}

#[test]
fn charts_without_data_say_so_and_odd_ranges_do_no_harm() {
    for axis in [ChartAxis::new("x", ""), ChartAxis::new("x", "").logarithmic()] {
        for range in [None, Some(1.0..1.0), Some(-5.0..f64::NAN), Some(0.0..f64::INFINITY)] {
            let axis = ChartAxis { range, ..axis.clone() };
            let curves = [
                vec![],
                vec![curve(Mark::Line, &[], &[])],
                vec![curve(Mark::Dots, &[1.0], &[f64::NAN])],
            ];
            for curves in curves {
                let figure = drawn(axis.clone(), axis.clone(), curves);
                assert!(Parsed::new(&figure).texts().iter().any(|text| text == "no data"));
                assert!(
                    !figure.svg().contains("NaN") && !figure.svg().contains("inf"),
                    "{}",
                    figure.svg()
                );
            }
        }
    }
    let empty = chart(&ChartData::default());
    assert!(Parsed::new(&empty).texts().iter().any(|text| text == "nothing to show"));
}
