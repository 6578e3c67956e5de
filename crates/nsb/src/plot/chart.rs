//! Curves over any quantity: f–I curves, histograms, spectra, work–precision diagrams, phase planes. Axes are linear or
//! logarithmic.

use std::f64::consts::LN_10;
use std::ops::Range;

use nsb_lang::math;

use super::data::{ChartAxis, ChartData, ChartPanel, Curve, Line, Mark};
use super::figure::Figure;
use super::layout::{Axis, GAP, Note, Row, Sample, Stack};
use super::path;
use super::scale::{self, Scale, Ticks};
use super::svg::Element;
use super::text::Label;
use super::theme;

/// Radius of a dot.
const DOT: f64 = 3.4;
/// Length of the sides of an arrow head.
const HEAD: f64 = 4.5;

/// Draws the panels of `data` over one horizontal axis.
pub fn chart(data: &ChartData) -> Figure {
    let all = || data.panels.iter().flat_map(|panel| &panel.curves);
    let x_range = range(&data.x, all().flat_map(horizontal));
    let axis = Axis {
        ticks: ticks(&data.x, &x_range, 11, true),
        label: Label::default(),
        period_ms: x_range,
    };
    let axis = Axis {
        label: axis_label(&data.x, axis.ticks.exponent),
        ..axis
    };
    if data.panels.is_empty() {
        let rows = vec![Row::without_data("nothing to show")];
        return Stack::over(&data.heading, axis, &[], rows, Vec::new()).figure(data.caption.clone());
    }
    let rows = data
        .panels
        .iter()
        .enumerate()
        .map(|(index, panel)| row(panel, index, data.panels.len()));
    let mut stack = Stack::over(&data.heading, axis, &[], rows.collect(), Vec::new());
    for (index, panel) in data.panels.iter().enumerate() {
        for (number, curve) in panel.curves.iter().enumerate() {
            draw(
                &mut stack,
                index,
                curve,
                &data.x,
                &panel.y,
                colour(panel, index, number),
            );
        }
    }
    stack.figure(data.caption.clone())
}

fn row(panel: &ChartPanel, index: usize, count: usize) -> Row {
    let height: f64 = match count {
        _ if panel.height > 0.0 => panel.height,
        1 => 340.0,
        2 => 190.0,
        3..=4 => 126.0,
        _ => 90.0,
    };
    let y_range = range(&panel.y, panel.curves.iter().flat_map(vertical));
    let ticks = ticks(&panel.y, &y_range, (height / 24.0) as usize, false);
    let mut notes = Vec::new();
    if !panel.name.is_empty() {
        // The name has the colour of its curves, unless those have colours of their own.
        let own = panel.curves.iter().any(|curve| curve.colour.is_some());
        let colour = if own { theme::INK } else { theme::colour(index) };
        notes.push(Note::name(&panel.name, colour));
    }
    notes.extend(panel.details.iter().map(|detail| Note::detail(detail)));
    for (number, curve) in panel
        .curves
        .iter()
        .enumerate()
        .filter(|(_, curve)| !curve.label.is_empty())
    {
        let sample = match curve.mark {
            Mark::Dots => Sample::Dot,
            Mark::Circles => Sample::Circle,
            Mark::Dashed => Sample::Dashed,
            Mark::Bars | Mark::Area => Sample::Area,
            Mark::Line | Mark::LineAndDots | Mark::Arrows => Sample::Line,
        };
        notes.push(Note::legend(
            Label::plain(&curve.label),
            colour(panel, index, number),
            sample,
        ));
    }
    let is_empty = panel.curves.iter().all(|curve| vertical(curve).next().is_none());
    Row {
        height,
        gap: GAP,
        y_label: axis_label(&panel.y, ticks.exponent),
        ticks,
        y_range,
        notes,
        message: is_empty.then_some("no data"),
    }
}

/// The colour that a curve asks for, else that of its panel if it is alone there, else one of its own.
fn colour(panel: &ChartPanel, index: usize, number: usize) -> &'static str {
    match panel.curves[number].colour {
        Some(colour) => theme::colour(colour),
        None if panel.curves.len() == 1 => theme::colour(index),
        None => theme::colour(number),
    }
}

fn axis_label(axis: &ChartAxis, exponent: i32) -> Label {
    let label = if axis.is_variable {
        Label::variable(&axis.label)
    } else {
        Label::plain(&axis.label)
    };
    label.with_unit(&axis.unit, exponent)
}

/// Finite horizontal places of a curve; bars reach one bin beyond their last left edge.
fn horizontal(curve: &Curve) -> impl Iterator<Item = f64> + '_ {
    let last = match (curve.mark, curve.x.as_slice()) {
        (Mark::Bars, [.., a, b]) => Some(2.0 * b - a),
        _ => None,
    };
    curve.x.iter().copied().chain(last).filter(|x| x.is_finite())
}

/// Finite vertical places of a curve; bars stand on 0.
fn vertical(curve: &Curve) -> impl Iterator<Item = f64> + '_ {
    let floor = (curve.mark == Mark::Bars && !curve.y.is_empty()).then_some(0.0);
    curve.y.iter().copied().chain(floor).filter(|y| y.is_finite())
}

/// What the axis shows, in the numbers that are drawn: decimal logarithms on a logarithmic axis.
fn range(axis: &ChartAxis, values: impl Iterator<Item = f64>) -> Range<f64> {
    let given = axis
        .range
        .as_ref()
        .map(|range| drawn(axis, range.start)..drawn(axis, range.end));
    if let Some(range) = given.as_ref().and_then(scale::tidy_range) {
        return range;
    }
    let values = values.map(|value| drawn(axis, value)).filter(|value| value.is_finite());
    if !axis.is_logarithmic {
        return scale::fitted_range(values);
    }
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    if low > high { 0.0..1.0 } else { low - 0.1..high + 0.1 }
}

/// A value as a place on the axis; not a number for what a logarithmic axis cannot show.
fn drawn(axis: &ChartAxis, value: f64) -> f64 {
    match axis.is_logarithmic {
        true if value > 0.0 => math::log(value) / LN_10,
        true => f64::NAN,
        false => value,
    }
}

fn ticks(axis: &ChartAxis, range: &Range<f64>, most: usize, is_horizontal: bool) -> Ticks {
    if !axis.is_logarithmic {
        return scale::ticks(range, most);
    }
    // Powers of ten, and 2 and 5 times them where there is room.
    let digits: &[u32] = if (range.end - range.start) * 3.0 <= if is_horizontal { 12.0 } else { 9.0 } {
        &[1, 2, 5]
    } else {
        &[1]
    };
    let mut ticks = Ticks::default();
    for exponent in range.start.floor() as i32..=range.end.ceil() as i32 {
        for digit in digits {
            let value: f64 = format!("{digit}e{exponent}").parse().expect("a number");
            let place = math::log(value) / LN_10;
            if place >= range.start && place <= range.end {
                ticks.values.push(place);
                ticks.labels.push(if (-6..6).contains(&exponent) {
                    format!("{value}")
                } else {
                    format!("{value:e}").replace('-', "\u{2212}")
                });
            }
        }
    }
    ticks
}

fn draw(stack: &mut Stack, index: usize, curve: &Curve, x_axis: &ChartAxis, y_axis: &ChartAxis, colour: &str) {
    let (x, y) = (stack.x(), stack.y(index));
    let places = |axis: &ChartAxis, values: &[f64]| values.iter().map(|value| drawn(axis, *value)).collect();
    let line = Line {
        label: String::new(),
        times_ms: places(x_axis, &curve.x),
        values: places(y_axis, &curve.y),
        steps: false,
    };
    match curve.mark {
        Mark::Line => stack.draw_line(index, &line, colour, theme::LINE_WIDTH),
        Mark::Dashed => stack.draw_dashed(index, &line, colour),
        Mark::LineAndDots => {
            stack.draw_line(index, &line, colour, theme::LINE_WIDTH);
            dots(&line, &x, &y, colour, colour)
                .into_iter()
                .for_each(|dot| stack.draw(index, dot));
        }
        Mark::Dots => dots(&line, &x, &y, colour, colour)
            .into_iter()
            .for_each(|dot| stack.draw(index, dot)),
        Mark::Circles => dots(&line, &x, &y, theme::BACKGROUND, colour)
            .into_iter()
            .for_each(|dot| stack.draw(index, dot)),
        Mark::Bars => stack.draw(index, bars(&line, &x, &y, colour)),
        Mark::Arrows => stack.draw(index, arrows(&line, &x, &y, colour)),
        Mark::Area => stack.draw(index, area(&line, &x, &y, colour)),
    }
}

fn dots(line: &Line, x: &Scale, y: &Scale, fill: &str, stroke: &str) -> Vec<Element> {
    let inside = |(a, b): &(&f64, &f64)| x.contains(**a) && y.contains(**b);
    let dot = |(a, b): (&f64, &f64)| {
        Element::new("circle")
            .at("cx", x.position(*a))
            .at("cy", y.position(*b))
            .at("r", DOT)
            .set("fill", fill)
            .set("stroke", stroke)
            .at("stroke-width", theme::LINE_WIDTH)
    };
    line.times_ms.iter().zip(&line.values).filter(inside).map(dot).collect()
}

/// A histogram as one filled outline; `times_ms` are left edges of bins of equal width.
fn bars(line: &Line, x: &Scale, y: &Scale, colour: &str) -> Element {
    let width = match line.times_ms.as_slice() {
        [a, b, ..] => b - a,
        _ => 1.0,
    };
    let mut outline = String::new();
    for (n, (left, value)) in line.times_ms.iter().zip(&line.values).enumerate() {
        let height = y.position(if value.is_finite() { *value } else { 0.0 });
        if n == 0 {
            path::push_point(&mut outline, 'M', (x.position(*left), y.position(0.0)));
        }
        path::push_point(&mut outline, 'L', (x.position(*left), height));
        path::push_point(&mut outline, 'L', (x.position(left + width), height));
    }
    if let Some(last) = line.times_ms.last() {
        path::push_point(&mut outline, 'L', (x.position(last + width), y.position(0.0)));
        outline.push('z');
    }
    Element::new("path")
        .set("d", outline)
        .set("fill", colour)
        .set("fill-opacity", "0.3")
        .set("stroke", colour)
        .at("stroke-width", 1.2)
}

/// What lies between the even points and the odd ones after them, as far as the panel shows it.
fn area(line: &Line, x: &Scale, y: &Scale, colour: &str) -> Element {
    let points: Vec<(f64, f64)> = line.times_ms.iter().copied().zip(line.values.iter().copied()).collect();
    let finite = |pair: &&[(f64, f64)]| pair.iter().all(|(a, b)| a.is_finite() && b.is_finite());
    let pairs: Vec<&[(f64, f64)]> = points.chunks_exact(2).filter(finite).collect();
    let lower = pairs.iter().map(|pair| pair[0]);
    let upper = pairs.iter().rev().map(|pair| pair[1]);
    let mut outline = String::new();
    for (n, (a, b)) in lower.chain(upper).enumerate() {
        let place = (x.position(a), y.within(b));
        path::push_point(&mut outline, if n == 0 { 'M' } else { 'L' }, place);
    }
    if !outline.is_empty() {
        outline.push('z');
    }
    Element::new("path")
        .set("class", "area")
        .set("d", outline)
        .set("fill", colour)
        .set("fill-opacity", "0.18")
}

/// Arrows from each even point to the odd one after it.
fn arrows(line: &Line, x: &Scale, y: &Scale, colour: &str) -> Element {
    let points: Vec<(f64, f64)> = line.times_ms.iter().copied().zip(line.values.iter().copied()).collect();
    let mut all = String::new();
    for pair in points.chunks_exact(2) {
        let finite = pair.iter().all(|(a, b)| a.is_finite() && b.is_finite());
        if !finite {
            continue;
        }
        let [from, to] = [pair[0], pair[1]].map(|(a, b)| (x.position(a), y.position(b)));
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = (dx * dx + dy * dy).sqrt();
        path::push_point(&mut all, 'M', from);
        path::push_point(&mut all, 'L', to);
        if length > HEAD {
            let (along, across) = ((to.0 - from.0) / length * HEAD, (to.1 - from.1) / length * HEAD);
            let corner = |side: f64| (to.0 - along - 0.5 * side * across, to.1 - across + 0.5 * side * along);
            path::push_point(&mut all, 'M', corner(1.0));
            path::push_point(&mut all, 'L', to);
            path::push_point(&mut all, 'L', corner(-1.0));
        }
    }
    Element::new("path")
        .set("d", all)
        .set("fill", "none")
        .set("stroke", colour)
        .at("stroke-width", theme::THIN_LINE_WIDTH)
        .set("stroke-opacity", "0.55")
}
