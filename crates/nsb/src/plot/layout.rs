//! The frame of every figure: title, stimulus strip, and rows stacked over one time axis with equal left and right
//! margins.
//!
//! All margins come from measured text, so no label is cut and none covers another.

use std::ops::Range;

use super::axes;
use super::bands::Strip;
use super::data::{Band, Heading, Line};
use super::figure::Figure;
use super::font::{self, Weight};
use super::path::{self, Drawn};
use super::scale::{self, Scale, Ticks};
use super::svg::Element;
use super::text::{Anchor, Label, Style};
use super::theme;

/// One panel of the stack, before it has a place.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Least height; more is given when the notes need it.
    pub(crate) height: f64,
    /// Distance to the next panel.
    pub(crate) gap: f64,
    /// Vertical range, a [`scale::tidy_range`].
    pub(crate) y_range: Range<f64>,
    /// Ticks of the vertical axis.
    pub(crate) ticks: Ticks,
    /// What the vertical axis shows; empty where a label is shared by several rows.
    pub(crate) y_label: Label,
    /// Beside the panel: names, counts, legend.
    pub(crate) notes: Vec<Note>,
    /// Written in the middle of a panel without data.
    pub(crate) message: Option<&'static str>,
}

impl Row {
    /// A panel that says why it shows nothing.
    pub(crate) fn without_data(message: &'static str) -> Self {
        Self {
            height: 140.0,
            gap: GAP,
            y_range: 0.0..1.0,
            ticks: Ticks::default(),
            y_label: Label::default(),
            notes: Vec::new(),
            message: Some(message),
        }
    }
}

/// A line of text at the right of a panel.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) label: Label,
    pub(crate) weight: Weight,
    /// `None` for secondary grey.
    pub(crate) colour: Option<String>,
    pub(crate) sample: Sample,
}

/// The legend sample before a note.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sample {
    None,
    Line,
    Dashed,
    Dot,
    Circle,
    Area,
}

impl Note {
    /// A name in bold in the colour of its data.
    pub(crate) fn name(name: &str, colour: &str) -> Self {
        Self {
            label: Label::plain(name),
            weight: Weight::Bold,
            colour: Some(colour.to_owned()),
            sample: Sample::None,
        }
    }

    /// Secondary text in grey.
    pub(crate) fn detail(text: &str) -> Self {
        Self {
            label: Label::plain(text),
            weight: Weight::Regular,
            colour: None,
            sample: Sample::None,
        }
    }

    /// A legend entry.
    pub(crate) fn legend(label: Label, colour: &str, sample: Sample) -> Self {
        Self {
            label,
            weight: Weight::Regular,
            colour: Some(colour.to_owned()),
            sample,
        }
    }

    /// Length of the legend sample with the gap after it.
    pub(crate) fn sample_width(&self) -> f64 {
        if self.sample == Sample::None { 0.0 } else { 26.0 }
    }

    fn width(&self) -> f64 {
        self.sample_width() + self.label.width(theme::TICK_SIZE, self.weight)
    }
}

/// Line height of notes and of broken axis labels.
pub(crate) const NOTE_LEADING: f64 = 17.0;
/// Gap between panel and notes.
pub(crate) const NOTE_GAP: f64 = 14.0;
/// Widest note; longer ones are shortened.
const WIDEST_NOTE: f64 = 190.0;
/// Usual gap between panels.
pub(crate) const GAP: f64 = 20.0;
/// Gap below which tick labels of neighbouring panels would touch at the edges.
const EDGE_LABEL_GAP: f64 = 15.0;

/// Where a panel is, in whole user units so that pixels line up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Rect {
    pub(crate) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(crate) fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

/// The horizontal axis that all panels share; usually time, where everything is placed by milliseconds and labels are
/// in ms or s.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    /// What is shown, in ms if it is time; a [`scale::tidy_range`].
    pub(crate) period_ms: Range<f64>,
    /// Tick positions and their labels.
    pub(crate) ticks: Ticks,
    pub(crate) label: Label,
}

impl Axis {
    /// The time axis. Above ten seconds the labels are in seconds.
    pub(crate) fn of_time(period_ms: &Range<f64>) -> Self {
        let period_ms = scale::tidy_range(period_ms).unwrap_or(0.0..1.0);
        let in_seconds = period_ms.end - period_ms.start > 10_000.0;
        let (unit, per_unit) = if in_seconds { ("s", 1000.0) } else { ("ms", 1.0) };
        let mut ticks = scale::ticks(&(period_ms.start / per_unit..period_ms.end / per_unit), 11);
        ticks.values.iter_mut().for_each(|value| *value *= per_unit);
        let label = Label::plain("time").with_unit(unit, ticks.exponent);
        Self {
            period_ms,
            ticks,
            label,
        }
    }
}

/// Rows with their places; data are drawn into it, then it becomes a figure.
#[derive(Debug)]
pub(crate) struct Stack {
    heading: Heading,
    time: Axis,
    strip: Strip,
    rows: Vec<Row>,
    rects: Vec<Rect>,
    shared_labels: Vec<(Range<usize>, Label)>,
    data: Vec<Drawn>,
}

impl Stack {
    /// Places `rows` (at least one) from top to bottom. `shared_labels` are axis labels that stand for several rows.
    pub(crate) fn new(
        heading: &Heading,
        period_ms: &Range<f64>,
        bands: &[Band],
        rows: Vec<Row>,
        shared_labels: Vec<(Range<usize>, Label)>,
    ) -> Self {
        Self::over(heading, Axis::of_time(period_ms), bands, rows, shared_labels)
    }

    /// As [`Stack::new`], over any horizontal axis.
    pub(crate) fn over(
        heading: &Heading,
        time: Axis,
        bands: &[Band],
        mut rows: Vec<Row>,
        shared_labels: Vec<(Range<usize>, Label)>,
    ) -> Self {
        for row in &mut rows {
            row.height = row.height.max(NOTE_LEADING * row.notes.len() as f64).round();
        }
        let left = left_edge(&rows, &shared_labels);
        let right = right_edge(&rows, &time);
        let x = Scale::new(&time.period_ms, left, right);
        let strip = Strip::new(bands, &time.period_ms, &x, header_height(heading));
        let mut top = strip.bottom();
        let mut rects = Vec::new();
        for row in &mut rows {
            for note in &mut row.notes {
                note.label = note
                    .label
                    .shortened(WIDEST_NOTE - note.sample_width(), theme::TICK_SIZE, note.weight);
            }
            rects.push(Rect {
                left,
                top,
                right,
                bottom: top + row.height,
            });
            top += row.height + row.gap;
        }
        let data = rows.iter().map(|_| Drawn::default()).collect();
        Self {
            heading: heading.clone(),
            time,
            strip,
            rows,
            rects,
            shared_labels,
            data,
        }
    }

    /// Milliseconds to positions.
    pub(crate) fn x(&self) -> Scale {
        Scale::new(&self.time.period_ms, self.rects[0].left, self.rects[0].right)
    }

    /// Values of row `index` to positions.
    pub(crate) fn y(&self, index: usize) -> Scale {
        Scale::new(
            &self.rows[index].y_range,
            self.rects[index].bottom,
            self.rects[index].top,
        )
    }

    /// Place of row `index`.
    pub(crate) fn rect(&self, index: usize) -> Rect {
        self.rects[index]
    }

    /// Adds data, all inside the panel, to row `index`.
    pub(crate) fn draw(&mut self, index: usize, element: Element) {
        self.data[index].elements.push(element);
    }

    /// Adds a line to row `index`; what lies outside the panel is not shown.
    pub(crate) fn draw_line(&mut self, index: usize, line: &Line, colour: &str, width: f64) {
        let drawn = path::line(line, &self.x(), &self.y(index), colour, width);
        self.data[index].exceeds |= drawn.exceeds;
        self.data[index].elements.extend(drawn.elements);
    }

    /// As [`Stack::draw_line`], dashed.
    pub(crate) fn draw_dashed(&mut self, index: usize, line: &Line, colour: &str) {
        let drawn = path::line(line, &self.x(), &self.y(index), colour, theme::LINE_WIDTH);
        self.data[index].exceeds |= drawn.exceeds;
        let dashed = drawn
            .elements
            .into_iter()
            .map(|element| element.set("stroke-dasharray", "6 4"));
        self.data[index].elements.extend(dashed);
    }

    /// The finished figure.
    pub(crate) fn figure(self, caption: String) -> Figure {
        let bottom = self.rects.last().map_or(0.0, |rect| rect.bottom);
        let height =
            bottom + theme::TICK_LENGTH + theme::LABEL_GAP + theme::TICK_SIZE + 8.0 + theme::LABEL_SIZE + theme::MARGIN;
        let mut svg = Element::new("svg")
            .set("xmlns", "http://www.w3.org/2000/svg")
            .at("width", theme::WIDTH)
            .at("height", height.ceil())
            .set("viewBox", format!("0 0 {} {}", theme::WIDTH, height.ceil()))
            .set("role", "img")
            .set("aria-label", format!("{}. {caption}", self.heading.title))
            .set("font-family", theme::FONT_FAMILY)
            .with(Element::rect(0.0, 0.0, theme::WIDTH, height.ceil(), theme::BACKGROUND));
        draw_heading(&mut svg, &self.heading);
        svg.push(self.strip.labels());
        for (index, (row, rect)) in self.rows.iter().zip(&self.rects).enumerate() {
            svg.push(self.strip.shade(rect));
            svg.push(axes::grid(row, rect, &self.y(index), &self.time, &self.x()));
            push_data(&mut svg, &self.heading.name, index, rect, &self.data[index]);
            let lowest = index + 1 == self.rows.len();
            let above_is_free = index == 0 || self.rows[index - 1].gap >= EDGE_LABEL_GAP;
            let below_is_free = lowest || row.gap >= EDGE_LABEL_GAP;
            svg.push(axes::vertical(row, rect, &self.y(index), above_is_free, below_is_free));
            svg.push(axes::baseline(rect, lowest));
            svg.push(axes::notes(row, rect));
            if let Some(message) = row.message {
                svg.push(axes::message(message, rect));
            }
        }
        for (rows, label) in &self.shared_labels {
            let (first, last) = (self.rects[rows.start], self.rects[rows.end - 1]);
            svg.push(axes::y_label(
                label,
                &Rect {
                    bottom: last.bottom,
                    ..first
                },
            ));
        }
        if let Some(rect) = self.rects.last() {
            svg.push(axes::time(&self.time, rect, &self.x()));
        }
        Figure::new(&self.heading, caption, svg.to_text() + "\n")
    }
}

fn push_data(svg: &mut Element, name: &str, index: usize, rect: &Rect, data: &Drawn) {
    if data.elements.is_empty() {
        return;
    }
    let id = element_id(name, index);
    let mut group = Element::new("g").set("id", id.clone());
    // Clipping is slow to draw, and most figures are fitted to their data.
    if data.exceeds {
        // Two units more than the panel, so that a line along its edge keeps its full width.
        let (width, height) = (rect.width() + 1.0, rect.height() + 4.0);
        let window = Element::rect(rect.left, rect.top - 2.0, width, height, "none");
        svg.push(Element::new("clipPath").set("id", format!("{id}-clip")).with(window));
        group = group.set("clip-path", format!("url(#{id}-clip)"));
    }
    data.elements.iter().for_each(|element| group.push(element.clone()));
    svg.push(group);
}

/// The id of the data of row `index`, safe in a `url()` and unique on a page whose figures have different names.
fn element_id(name: &str, index: usize) -> String {
    let name: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("figure-{name}-{index}")
}

pub(crate) fn header_height(heading: &Heading) -> f64 {
    let subtitle = if heading.subtitle.is_empty() {
        0.0
    } else {
        theme::LABEL_SIZE + 8.0
    };
    theme::MARGIN + theme::TITLE_SIZE + subtitle + 16.0
}

pub(crate) fn draw_heading(svg: &mut Element, heading: &Heading) {
    let title = Style {
        size: theme::TITLE_SIZE,
        weight: Weight::Bold,
        colour: theme::INK,
        anchor: Anchor::Start,
    };
    let subtitle = Style {
        size: theme::LABEL_SIZE,
        weight: Weight::Regular,
        colour: theme::MUTED,
        anchor: Anchor::Start,
    };
    let room = theme::WIDTH - 2.0 * theme::MARGIN;
    let baseline = theme::MARGIN + 0.8 * theme::TITLE_SIZE;
    svg.push(
        Label::plain(&heading.title)
            .shortened(room, title.size, title.weight)
            .element(theme::MARGIN, baseline, &title),
    );
    if !heading.subtitle.is_empty() {
        let label = Label::plain(&heading.subtitle).shortened(room, subtitle.size, subtitle.weight);
        svg.push(label.element(theme::MARGIN, baseline + theme::LABEL_SIZE + 9.0, &subtitle));
    }
}

/// Left edge of the panels: room for the axis label, the widest tick label and the tick mark.
fn left_edge(rows: &[Row], shared_labels: &[(Range<usize>, Label)]) -> f64 {
    let height_of = |rows: &[Row]| rows.iter().map(|row| row.height + row.gap).sum::<f64>() - rows[rows.len() - 1].gap;
    let own = rows.iter().map(|row| axes::y_label_lines(&row.y_label, row.height));
    let shared = shared_labels
        .iter()
        .map(|(range, label)| axes::y_label_lines(label, height_of(&rows[range.clone()])));
    let lines = own.chain(shared).map(|lines| lines.len()).max().unwrap_or(0);
    let labels = rows
        .iter()
        .flat_map(|row| &row.ticks.labels)
        .map(|label| font::width(label, theme::TICK_SIZE, Weight::Regular));
    let widest = labels.fold(0.0, f64::max);
    (theme::MARGIN + NOTE_LEADING * lines as f64 + 8.0 + widest + theme::LABEL_GAP + theme::TICK_LENGTH).ceil()
}

/// Right edge of the panels: room for the notes and for half of the last time label.
fn right_edge(rows: &[Row], time: &Axis) -> f64 {
    let widest = rows
        .iter()
        .flat_map(|row| &row.notes)
        .map(Note::width)
        .fold(0.0, f64::max)
        .min(WIDEST_NOTE);
    let notes = if widest > 0.0 { NOTE_GAP + widest } else { 0.0 };
    let label = time
        .ticks
        .labels
        .last()
        .map_or(0.0, |label| font::width(label, theme::TICK_SIZE, Weight::Regular) / 2.0);
    (theme::WIDTH - theme::MARGIN - notes.max(label)).floor()
}
