//! Any variables over time, one panel above the other: gating variables, currents, conductances, stimuli.

use std::ops::Range;

use super::data::{Line, Panel, PanelStack};
use super::figure::Figure;
use super::layout::{GAP, Note, Row, Sample, Stack};
use super::scale;
use super::text::Label;
use super::theme;

/// Most legend entries of a panel.
const MOST_ENTRIES: usize = 10;

/// Draws the panels of `data` over one time axis.
pub fn panels(data: &PanelStack) -> Figure {
    if data.panels.is_empty() {
        let stack = Stack::new(
            &data.heading,
            &data.period_ms,
            &data.bands,
            vec![Row::without_data("nothing recorded")],
            Vec::new(),
        );
        return stack.figure("No variable was recorded.".to_owned());
    }
    let height = match data.panels.len() {
        1 => 260.0,
        2..=4 => 126.0,
        _ => 104.0,
    };
    let rows = data
        .panels
        .iter()
        .map(|panel| row(panel, height, &data.period_ms))
        .collect();
    let mut stack = Stack::new(&data.heading, &data.period_ms, &data.bands, rows, Vec::new());
    for (index, panel) in data.panels.iter().enumerate() {
        draw(&mut stack, index, panel);
    }
    stack.figure(caption(data))
}

/// The row of a panel at least `height` high.
pub(crate) fn row(panel: &Panel, height: f64, period_ms: &Range<f64>) -> Row {
    let y_range = panel
        .y_range
        .as_ref()
        .and_then(scale::tidy_range)
        .unwrap_or_else(|| fitted(&panel.lines, period_ms, None));
    let ticks = scale::ticks(&y_range, (height / 17.0) as usize);
    let is_empty = !panel
        .lines
        .iter()
        .any(|line| values_within(line, period_ms).any(f64::is_finite));
    Row {
        height,
        gap: GAP,
        y_range,
        y_label: Label::plain(&panel.y_label).with_unit(&panel.unit, ticks.exponent),
        ticks,
        notes: legend(&panel.lines),
        message: is_empty.then_some("no samples"),
    }
}

/// Draws the lines of a panel into row `index`.
pub(crate) fn draw(stack: &mut Stack, index: usize, panel: &Panel) {
    for (number, line) in panel.lines.iter().enumerate() {
        stack.draw_line(index, line, &line_colour(number, panel.lines.len()), theme::LINE_WIDTH);
    }
}

/// The range that fits all lines within the period, and `level` where given.
pub(crate) fn fitted(lines: &[Line], period_ms: &Range<f64>, level: Option<f64>) -> Range<f64> {
    scale::fitted_range(
        lines
            .iter()
            .flat_map(|line| values_within(line, period_ms))
            .chain(level),
    )
}

/// Values whose time lies in the period.
pub(crate) fn values_within<'a>(line: &'a Line, period_ms: &'a Range<f64>) -> impl Iterator<Item = f64> + 'a {
    let inside = |time: f64| time >= period_ms.start && time <= period_ms.end;
    line.times_ms
        .iter()
        .zip(&line.values)
        .filter(move |(time, _)| inside(**time))
        .map(|(_, &value)| value)
}

/// Dark for a line alone, distinct colours for a few, a ramp for many.
fn line_colour(index: usize, count: usize) -> String {
    match count {
        1 => theme::INK.to_owned(),
        count if count <= theme::COLOURS => theme::colour(index).to_owned(),
        count => theme::ramp(index, count),
    }
}

fn legend(lines: &[Line]) -> Vec<Note> {
    let entry = |index: usize| {
        Note::legend(
            Label::variable(&lines[index].label),
            &line_colour(index, lines.len()),
            Sample::Line,
        )
    };
    let named = |index: &usize| !lines[*index].label.is_empty();
    if lines.len() <= MOST_ENTRIES {
        return (0..lines.len()).filter(named).map(entry).collect();
    }
    let mut notes: Vec<Note> = (0..MOST_ENTRIES - 1).filter(named).map(entry).collect();
    notes.push(Note::detail(&format!("and {} more", lines.len() - (MOST_ENTRIES - 1))));
    notes
}

fn caption(data: &PanelStack) -> String {
    let shown: Vec<String> = data
        .panels
        .iter()
        .map(|panel| Label::plain(&panel.y_label).with_unit(&panel.unit, 0).to_plain())
        .filter(|label| !label.is_empty())
        .collect();
    let shade = if data.bands.is_empty() {
        ""
    } else {
        " Shaded: stimulation."
    };
    format!(
        "From top to bottom: {}; all over the same time axis.{shade}",
        shown.join(", ")
    )
}
