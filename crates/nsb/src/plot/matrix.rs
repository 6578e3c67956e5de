//! Matrices side by side on one scale of colours, with a bar that says what the colours mean.
//!
//! Squares have whole numbers of pixels, so that no seam is seen between them; neighbours of one colour are one mark.

use std::ops::Range;

use super::axes;
use super::data::{Group, MatrixData, MatrixPanel};
use super::figure::Figure;
use super::font::{self, Weight};
use super::layout::{self, Rect};
use super::path;
use super::scale::{self, Scale, Ticks};
use super::svg::{self, Element};
use super::text::{Anchor, Label, Style};
use super::theme;

/// Most squares in each direction that a matrix can show; of more columns or rows several share a square.
pub const MOST_SQUARES: usize = 180;

/// Colours of the scale.
const SHADES: usize = 64;
/// Side of the largest square.
const LARGEST_SQUARE: f64 = 40.0;
/// Height of the highest matrix.
const HIGHEST: f64 = 440.0;
/// Width and height at least; few columns or rows are stretched.
const LEAST: f64 = 130.0;
/// Distance between matrices, and from the last one to the bar.
const GAP: f64 = 26.0;
const BAR_WIDTH: f64 = 16.0;
/// From the baseline of a text to the middle of its digits, as a share of its size.
const MIDDLE: f64 = 0.355;

const TICK: Style<'static> = Style {
    size: theme::TICK_SIZE,
    weight: Weight::Regular,
    colour: theme::INK,
    anchor: Anchor::Middle,
};

/// Draws the matrices of `data`.
pub fn matrix(data: &MatrixData) -> Figure {
    let values = || data.panels.iter().flat_map(|panel| panel.values.iter().copied());
    let given = data.scale.range.as_ref().and_then(scale::tidy_range);
    let range = given.unwrap_or_else(|| scale::fitted_range(values()));
    let ticks = scale::ticks(&range, 8);
    let frame = Frame::new(data, &ticks);
    let mut svg = Element::new("svg")
        .set("xmlns", "http://www.w3.org/2000/svg")
        .at("width", theme::WIDTH)
        .at("height", frame.height)
        .set("viewBox", format!("0 0 {} {}", theme::WIDTH, frame.height))
        .set("role", "img")
        .set("aria-label", format!("{}. {}", data.heading.title, data.caption))
        .set("font-family", theme::FONT_FAMILY)
        .with(Element::rect(0.0, 0.0, theme::WIDTH, frame.height, theme::BACKGROUND));
    layout::draw_heading(&mut svg, &data.heading);
    if frame.rects.is_empty() || data.squares.0 == 0 || data.squares.1 == 0 {
        let place = Rect {
            left: theme::MARGIN,
            top: layout::header_height(&data.heading),
            right: theme::WIDTH - theme::MARGIN,
            bottom: frame.height - theme::MARGIN,
        };
        svg.push(axes::message("nothing to show", &place));
        return Figure::new(&data.heading, data.caption.clone(), svg.to_text() + "\n");
    }
    for (index, (panel, rect)) in data.panels.iter().zip(&frame.rects).enumerate() {
        svg.push(squares(panel, data.squares, rect, &range));
        svg.push(borders(data, rect));
        svg.push(title(&panel.title, rect));
        svg.push(horizontal(data, rect));
        svg.push(vertical(data, rect, index == 0));
    }
    svg.push(bar(data, &range, &ticks, &frame.rects[frame.rects.len() - 1]));
    Figure::new(&data.heading, data.caption.clone(), svg.to_text() + "\n")
}

/// Where everything is.
struct Frame {
    rects: Vec<Rect>,
    height: f64,
}

impl Frame {
    fn new(data: &MatrixData, ticks: &Ticks) -> Frame {
        let width = |label: &String| font::width(label, theme::TICK_SIZE, Weight::Regular);
        let marks = axis(data.size.1, &data.row_groups, 10).labels;
        let widest = marks.iter().map(width).fold(0.0, f64::max);
        let left = theme::MARGIN + layout::NOTE_LEADING + 8.0 + widest + theme::LABEL_GAP + theme::TICK_LENGTH;
        let widest = ticks.labels.iter().map(width).fold(0.0, f64::max);
        let bar = GAP + BAR_WIDTH + theme::TICK_LENGTH + theme::LABEL_GAP + widest;
        let right = theme::WIDTH - theme::MARGIN - bar - 10.0 - layout::NOTE_LEADING;
        let n = data.panels.len().max(1) as f64;
        let room = (right - left - GAP * (n - 1.0)) / n;
        // Half a unit is a pixel.
        let whole = |side: f64| ((2.0 * side).floor() / 2.0).max(0.5);
        let (across, down) = (data.squares.0.max(1) as f64, data.squares.1.max(1) as f64);
        let square = whole(room / across).min(whole(HIGHEST / down)).min(LARGEST_SQUARE);
        let side = square.max(whole(room.min(LEAST) / across));
        let side_down = square.max(whole(LEAST / down));
        let top = (layout::header_height(&data.heading) + theme::LABEL_SIZE + 8.0).round();
        let bottom = top + side_down * down;
        let left = left.ceil();
        let rects = (0..data.panels.len()).map(|n| {
            let left = left + n as f64 * (side * across + GAP).round();
            let right = left + side * across;
            Rect {
                left,
                top,
                right,
                bottom,
            }
        });
        let below = theme::TICK_LENGTH + theme::LABEL_GAP + theme::TICK_SIZE + 8.0 + theme::LABEL_SIZE + theme::MARGIN;
        Frame {
            rects: rects.collect(),
            height: (bottom + below).ceil(),
        }
    }
}

/// Ticks of columns or rows: in the middle of groups, or at round numbers.
fn axis(size: usize, groups: &[Group], most: usize) -> Ticks {
    let range = -0.5..size.max(1) as f64 - 0.5;
    if groups.is_empty() {
        return scale::integer_ticks(&range, most);
    }
    let middle = |group: &Group| (group.places.start + group.places.end) as f64 / 2.0 - 0.5;
    Ticks {
        values: groups.iter().map(middle).collect(),
        labels: groups.iter().map(|group| group.label.clone()).collect(),
        ..Ticks::default()
    }
}

/// The squares of a matrix, those of one colour as one path.
fn squares(panel: &MatrixPanel, (across, down): (usize, usize), rect: &Rect, range: &Range<f64>) -> Element {
    let (width, height) = (rect.width() / across as f64, rect.height() / down as f64);
    let shade = |value: f64| {
        let part = (value - range.start) / (range.end - range.start);
        value
            .is_finite()
            .then(|| ((part * SHADES as f64) as usize).min(SHADES - 1))
    };
    let mut paths = vec![String::new(); SHADES];
    for (row, line) in panel.values.chunks(across).take(down).enumerate() {
        let mut column = 0;
        for run in line.chunk_by(|&a, &b| shade(a) == shade(b)) {
            if let Some(shade) = shade(run[0]) {
                let path = &mut paths[shade];
                let corner = (rect.left + column as f64 * width, rect.top + row as f64 * height);
                path::push_point(path, 'M', corner);
                let length = svg::number(run.len() as f64 * width);
                path.push_str(&format!("h{length}v{}h-{length}z", svg::number(height)));
            }
            column += run.len();
        }
    }
    let ground = Element::rect(rect.left, rect.top, rect.width(), rect.height(), theme::NOTHING);
    let mut group = Element::new("g")
        .set("class", "matrix")
        .set("shape-rendering", "crispEdges")
        .with(ground);
    for (number, path) in paths.into_iter().enumerate().filter(|(_, path)| !path.is_empty()) {
        let colour = theme::sequential((number as f64 + 0.5) / SHADES as f64);
        group.push(Element::new("path").set("d", path).set("fill", colour));
    }
    group
}

/// Lines between groups, and a frame.
fn borders(data: &MatrixData, rect: &Rect) -> Element {
    let mut group = Element::new("g").set("class", "borders");
    let inner = |groups: &[Group], size: usize| -> Vec<f64> {
        let ends = groups.iter().map(|group| group.places.end).filter(|end| *end < size);
        ends.map(|end| end as f64 / size as f64).collect()
    };
    for part in inner(&data.column_groups, data.size.0) {
        let x = rect.left + part * rect.width();
        group.push(Element::line(x, rect.top, x, rect.bottom, theme::BACKGROUND, 1.2));
    }
    for part in inner(&data.row_groups, data.size.1) {
        let y = rect.top + part * rect.height();
        group.push(Element::line(rect.left, y, rect.right, y, theme::BACKGROUND, 1.2));
    }
    let frame = Element::rect(rect.left, rect.top, rect.width(), rect.height(), "none");
    group.with(frame.set("stroke", theme::INK).at("stroke-width", 1.0))
}

fn title(title: &str, rect: &Rect) -> Element {
    let style = Style {
        size: theme::LABEL_SIZE,
        weight: Weight::Bold,
        anchor: Anchor::Start,
        ..TICK
    };
    let label = Label::plain(title).shortened(rect.width(), style.size, style.weight);
    label.element(rect.left, rect.top - 8.0, &style)
}

/// Ticks below a matrix; a label for which there is no room is left out.
fn horizontal(data: &MatrixData, rect: &Rect) -> Element {
    let x = Scale::new(&(-0.5..data.size.0.max(1) as f64 - 0.5), rect.left, rect.right);
    let ticks = axis(data.size.0, &data.column_groups, (rect.width() / 60.0) as usize);
    let mut group = Element::new("g").set("class", "x-axis");
    let end = rect.bottom + theme::TICK_LENGTH;
    let mut free_from = f64::NEG_INFINITY;
    for (&value, label) in ticks.values.iter().zip(&ticks.labels) {
        let at = x.position(value);
        group.push(Element::line(at, rect.bottom, at, end, theme::INK, 1.0));
        let half = font::width(label, TICK.size, TICK.weight) / 2.0;
        if at - half >= free_from {
            group.push(Label::plain(label).element(at, end + theme::LABEL_GAP + 0.75 * TICK.size, &TICK));
            free_from = at + half + 6.0;
        }
    }
    let baseline = end + theme::LABEL_GAP + theme::TICK_SIZE + 8.0 + 0.8 * theme::LABEL_SIZE;
    let style = Style {
        size: theme::LABEL_SIZE,
        ..TICK
    };
    group.with(Label::plain(&data.labels.0).element((rect.left + rect.right) / 2.0, baseline, &style))
}

/// Ticks at the left of a matrix, for the first one with labels.
fn vertical(data: &MatrixData, rect: &Rect, labelled: bool) -> Element {
    let y = Scale::new(&(-0.5..data.size.1.max(1) as f64 - 0.5), rect.top, rect.bottom);
    let ticks = axis(data.size.1, &data.row_groups, (rect.height() / 24.0) as usize);
    let mut group = Element::new("g").set("class", "y-axis");
    let style = Style {
        anchor: Anchor::End,
        ..TICK
    };
    let mut free_from = f64::NEG_INFINITY;
    for (&value, label) in ticks.values.iter().zip(&ticks.labels) {
        let at = y.position(value);
        let end = rect.left - theme::TICK_LENGTH;
        group.push(Element::line(end, at, rect.left, at, theme::INK, 1.0));
        if labelled && at - 0.5 * TICK.size >= free_from {
            let label = Label::plain(label);
            group.push(label.element(end - theme::LABEL_GAP, at + MIDDLE * TICK.size, &style));
            free_from = at + 0.5 * TICK.size + 1.0;
        }
    }
    if labelled {
        group.push(axes::y_label(&Label::plain(&data.labels.1), rect));
    }
    group
}

/// The scale of colours, as high as the matrices.
fn bar(data: &MatrixData, range: &Range<f64>, ticks: &Ticks, last: &Rect) -> Element {
    let left = last.right + GAP;
    let right = left + BAR_WIDTH;
    let y = Scale::new(range, last.bottom, last.top);
    let mut group = Element::new("g").set("class", "colour-bar");
    let mut shades = Element::new("g").set("shape-rendering", "crispEdges");
    let height = last.height() / SHADES as f64;
    for number in 0..SHADES {
        let top = last.bottom - (number + 1) as f64 * height;
        let colour = theme::sequential((number as f64 + 0.5) / SHADES as f64);
        // A little more than its part, so that nothing shines through between two.
        let overlap = if number == 0 { 0.0 } else { 0.5 };
        shades.push(Element::rect(left, top, BAR_WIDTH, height + overlap, &colour));
    }
    group.push(shades);
    let frame = Element::rect(left, last.top, BAR_WIDTH, last.height(), "none");
    group.push(frame.set("stroke", theme::INK).at("stroke-width", 1.0));
    let style = Style {
        anchor: Anchor::Start,
        ..TICK
    };
    for (&value, label) in ticks.values.iter().zip(&ticks.labels) {
        let at = y.position(value);
        let end = right + theme::TICK_LENGTH;
        group.push(Element::line(right, at, end, at, theme::INK, 1.0));
        group.push(Label::plain(label).element(end + theme::LABEL_GAP, at + MIDDLE * TICK.size, &style));
    }
    let widest = ticks.labels.iter().map(|l| font::width(l, TICK.size, TICK.weight));
    let x = right + theme::TICK_LENGTH + theme::LABEL_GAP + widest.fold(0.0, f64::max) + 10.0;
    let middle = (last.top + last.bottom) / 2.0;
    let turned = format!(
        "translate({} {}) rotate(-90)",
        svg::number(x + 0.8 * theme::LABEL_SIZE),
        svg::number(middle)
    );
    let style = Style {
        size: theme::LABEL_SIZE,
        ..TICK
    };
    let label = Label::plain(&data.scale.label).with_unit(&data.scale.unit, ticks.exponent);
    group.with(
        Element::new("g")
            .set("transform", turned)
            .with(label.element(0.0, 0.0, &style)),
    )
}
