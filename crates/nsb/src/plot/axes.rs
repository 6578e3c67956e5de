//! What surrounds the data of one panel: grid, axis lines, ticks with labels, axis label, notes.

use super::font::Weight;
use super::layout::{Axis, NOTE_GAP, NOTE_LEADING, Rect, Row, Sample};
use super::scale::Scale;
use super::svg::Element;
use super::text::{Anchor, Label, Style};
use super::theme;

const TICK: Style<'static> = Style {
    size: theme::TICK_SIZE,
    weight: Weight::Regular,
    colour: theme::INK,
    anchor: Anchor::Middle,
};
const AXIS: Style<'static> = Style {
    size: theme::LABEL_SIZE,
    weight: Weight::Regular,
    colour: theme::INK,
    anchor: Anchor::Middle,
};

/// From the baseline of a text to the middle of its digits, as a share of its size.
const MIDDLE: f64 = 0.355;

/// Light lines at all ticks.
pub(crate) fn grid(row: &Row, rect: &Rect, y: &Scale, time: &Axis, x: &Scale) -> Element {
    let mut grid = Element::new("g").set("stroke", theme::GRID).at("stroke-width", 1.0);
    let line =
        |x1: f64, y1: f64, x2: f64, y2: f64| Element::new("line").at("x1", x1).at("y1", y1).at("x2", x2).at("y2", y2);
    for at in row.ticks.grid().iter().map(|&value| y.position(value)) {
        grid.push(line(rect.left, at, rect.right, at));
    }
    for at in time.ticks.grid().iter().map(|&value| x.position(value)) {
        grid.push(line(at, rect.top, at, rect.bottom));
    }
    grid
}

/// The vertical axis of a panel with its ticks and its label. A label that would reach beyond the panel
/// is left out unless there is room `above` or `below`.
pub(crate) fn vertical(row: &Row, rect: &Rect, y: &Scale, above: bool, below: bool) -> Element {
    let mut axis = Element::new("g").set("class", "y-axis").with(Element::line(
        rect.left,
        rect.top,
        rect.left,
        rect.bottom,
        theme::INK,
        1.0,
    ));
    for (&value, label) in row.ticks.values.iter().zip(&row.ticks.labels) {
        let at = y.position(value);
        axis.push(Element::line(
            rect.left - theme::TICK_LENGTH,
            at,
            rect.left,
            at,
            theme::INK,
            1.0,
        ));
        let half = 0.4 * theme::TICK_SIZE;
        if (above || at - half >= rect.top) && (below || at + half <= rect.bottom) {
            let end = rect.left - theme::TICK_LENGTH - theme::LABEL_GAP;
            let style = Style {
                anchor: Anchor::End,
                ..TICK
            };
            axis.push(Label::plain(label).element(end, at + MIDDLE * theme::TICK_SIZE, &style));
        }
    }
    if !row.y_label.is_empty() {
        axis.push(y_label(&row.y_label, rect));
    }
    axis
}

/// The lines an axis label takes along an axis of this height; it may reach into the gaps a little.
pub(crate) fn y_label_lines(label: &Label, height: f64) -> Vec<Label> {
    if label.is_empty() {
        Vec::new()
    } else {
        label.lines(height + 12.0, AXIS.size, AXIS.weight)
    }
}

/// An axis label at the left margin, reading upwards, in the middle of `rect`.
pub(crate) fn y_label(label: &Label, rect: &Rect) -> Element {
    let middle = (rect.top + rect.bottom) / 2.0;
    let mut group = Element::new("g").set("class", "y-label");
    for (index, line) in y_label_lines(label, rect.height()).iter().enumerate() {
        let x = theme::MARGIN + 0.8 * theme::LABEL_SIZE + NOTE_LEADING * index as f64;
        let turned = format!(
            "translate({} {}) rotate(-90)",
            super::svg::number(x),
            super::svg::number(middle)
        );
        group.push(
            Element::new("g")
                .set("transform", turned)
                .with(line.element(0.0, 0.0, &AXIS)),
        );
    }
    group
}

/// The lower edge of a panel: dark where the time axis is, light above.
pub(crate) fn baseline(rect: &Rect, lowest: bool) -> Element {
    let colour = if lowest { theme::INK } else { theme::BASELINE };
    Element::line(rect.left, rect.bottom, rect.right, rect.bottom, colour, 1.0)
}

/// Ticks and label of the time axis below `rect`.
pub(crate) fn time(time: &Axis, rect: &Rect, x: &Scale) -> Element {
    let mut axis = Element::new("g").set("class", "time-axis");
    let tick_end = rect.bottom + theme::TICK_LENGTH;
    let tick_baseline = tick_end + theme::LABEL_GAP + 0.75 * theme::TICK_SIZE;
    for (&value, label) in time.ticks.values.iter().zip(&time.ticks.labels) {
        let at = x.position(value);
        axis.push(Element::line(at, rect.bottom, at, tick_end, theme::INK, 1.0));
        axis.push(Label::plain(label).element(at, tick_baseline, &TICK));
    }
    let baseline = tick_end + theme::LABEL_GAP + theme::TICK_SIZE + 8.0 + 0.8 * theme::LABEL_SIZE;
    axis.push(time.label.element((rect.left + rect.right) / 2.0, baseline, &AXIS));
    axis
}

/// The notes at the right of a panel, in the middle of its height.
pub(crate) fn notes(row: &Row, rect: &Rect) -> Element {
    let mut group = Element::new("g").set("class", "notes");
    let left = rect.right + NOTE_GAP;
    let top = (rect.top + rect.bottom - NOTE_LEADING * row.notes.len() as f64) / 2.0;
    for (index, note) in row.notes.iter().enumerate() {
        let middle = top + NOTE_LEADING * (index as f64 + 0.5);
        if note.sample != Sample::None {
            let colour = note.colour.as_deref().unwrap_or(theme::MUTED);
            let line = |width| Element::line(left, middle, left + 20.0, middle, colour, width);
            let circle = |fill: &str| {
                Element::new("circle")
                    .at("cx", left + 10.0)
                    .at("cy", middle)
                    .at("r", 3.4)
                    .set("fill", fill)
                    .set("stroke", colour)
                    .at("stroke-width", theme::LINE_WIDTH)
            };
            group.push(match note.sample {
                Sample::Dashed => line(1.2).set("stroke-dasharray", "5 4"),
                Sample::Dot => circle(colour),
                Sample::Circle => circle(theme::BACKGROUND),
                Sample::Area => Element::rect(left, middle - 5.0, 20.0, 10.0, colour).set("fill-opacity", "0.35"),
                Sample::None | Sample::Line => line(2.5),
            });
        }
        // A name takes the colour of its data; text beside a sample stays dark for reading.
        let colour = match (&note.colour, note.sample) {
            (None, _) => theme::MUTED,
            (Some(colour), Sample::None) => colour,
            (Some(_), _) => theme::INK,
        };
        let style = Style {
            weight: note.weight,
            colour,
            anchor: Anchor::Start,
            ..TICK
        };
        group.push(
            note.label
                .element(left + note.sample_width(), middle + MIDDLE * theme::TICK_SIZE, &style),
        );
    }
    group
}

/// A word in the middle of a panel that has no data.
pub(crate) fn message(message: &str, rect: &Rect) -> Element {
    let style = Style {
        size: theme::LABEL_SIZE,
        colour: theme::MUTED,
        ..AXIS
    };
    Label::plain(message).element(
        (rect.left + rect.right) / 2.0,
        (rect.top + rect.bottom) / 2.0 + MIDDLE * style.size,
        &style,
    )
}
