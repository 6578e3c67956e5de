//! One variable of several cells: a panel for each of a few cells, all in one panel for many.

use super::data::TraceData;
use super::figure::Figure;
use super::layout::{GAP, Note, Row, Sample, Stack};
use super::panels;
use super::path;
use super::scale;
use super::text::{self, Label};
use super::theme;

/// Cells that get a panel of their own; more are drawn over each other.
const MOST_PANELS: usize = 12;
/// Cells whose panels have full ticks; more get low panels close together.
const MOST_TALL_PANELS: usize = 6;
/// Legend entries of an overlaid panel.
const LEGEND_ENTRIES: usize = 8;

/// Draws traces. All cells share one vertical range, so that they can be compared.
pub fn traces(data: &TraceData) -> Figure {
    let n = data.cells.len();
    let mut rows = match n {
        0 => vec![Row::without_data("no cell recorded")],
        1..=MOST_PANELS => separate_rows(data),
        _ => vec![overlaid_row(data)],
    };
    let label = Label::variable(&data.variable).with_unit(&data.unit, rows[0].ticks.exponent);
    let labels = if n == 0 {
        Vec::new()
    } else {
        vec![(0..rows.len(), label)]
    };
    rows.extend(
        data.stimulus
            .as_ref()
            .map(|stimulus| panels::row(stimulus, 76.0, &data.period_ms)),
    );
    let mut stack = Stack::new(&data.heading, &data.period_ms, &data.bands, rows, labels);
    for (index, line) in data.cells.iter().enumerate() {
        let (row, colour, width) = if n <= MOST_PANELS {
            (index, theme::colour(0).to_owned(), theme::LINE_WIDTH)
        } else {
            (0, theme::ramp(index, n), theme::THIN_LINE_WIDTH)
        };
        stack.draw_line(row, line, &colour, width);
    }
    if let Some(threshold) = data.threshold.filter(|threshold| threshold.is_finite()) {
        for row in 0..if n <= MOST_PANELS { n } else { 1 } {
            let (rect, y) = (stack.rect(row), stack.y(row));
            if y.contains(threshold) {
                stack.draw(row, path::level(threshold, (rect.left, rect.right), &y, theme::MUTED));
            }
        }
    }
    if let Some(stimulus) = &data.stimulus {
        let last = if n == 0 || n > MOST_PANELS { 1 } else { n };
        panels::draw(&mut stack, last, stimulus);
    }
    stack.figure(caption(data))
}

fn y_range(data: &TraceData) -> std::ops::Range<f64> {
    let wanted = data.y_range.as_ref().and_then(scale::tidy_range);
    wanted.unwrap_or_else(|| panels::fitted(&data.cells, &data.period_ms, data.threshold))
}

fn separate_rows(data: &TraceData) -> Vec<Row> {
    let (height, gap) = match data.cells.len() {
        1 => (280.0, GAP),
        2..=3 => (130.0, GAP),
        4..=MOST_TALL_PANELS => (92.0, GAP),
        _ => (52.0, 9.0),
    };
    let y_range = y_range(data);
    let ticks = scale::ticks(&y_range, (height / 17.0) as usize);
    let mut rows: Vec<Row> = data
        .cells
        .iter()
        .map(|line| Row {
            height,
            gap,
            y_range: y_range.clone(),
            ticks: ticks.clone(),
            y_label: Label::default(),
            notes: if line.label.is_empty() {
                Vec::new()
            } else {
                vec![Note::name(&line.label, theme::colour(0))]
            },
            message: (!panels::values_within(line, &data.period_ms).any(f64::is_finite)).then_some("no samples"),
        })
        .collect();
    rows[0].notes.extend(threshold_note(data));
    rows[data.cells.len() - 1].gap = GAP;
    rows
}

fn overlaid_row(data: &TraceData) -> Row {
    let y_range = y_range(data);
    let n = data.cells.len();
    let step = n.div_ceil(LEGEND_ENTRIES);
    let mut notes: Vec<Note> = (0..n)
        .step_by(step)
        .filter(|&index| !data.cells[index].label.is_empty())
        .map(|index| {
            Note::legend(
                Label::plain(&data.cells[index].label),
                &theme::ramp(index, n),
                Sample::Line,
            )
        })
        .collect();
    if step > 1 {
        notes.push(Note::detail(&format!("{n} cells in all")));
    }
    notes.extend(threshold_note(data));
    Row {
        height: 320.0,
        gap: GAP,
        ticks: scale::ticks(&y_range, 14),
        y_range,
        y_label: Label::default(),
        notes,
        message: None,
    }
}

fn threshold_note(data: &TraceData) -> Option<Note> {
    let threshold = data.threshold.filter(|threshold| threshold.is_finite());
    threshold.map(|_| Note::legend(Label::plain("threshold"), theme::MUTED, Sample::Dashed))
}

fn caption(data: &TraceData) -> String {
    let unit = text::pretty_unit(&data.unit);
    let unit = if unit.is_empty() { unit } else { format!(" in {unit}") };
    let variable = Label::variable(&data.variable).to_plain();
    let cells = match &data.cells[..] {
        [] => return "No cell was recorded.".to_owned(),
        [cell] if cell.label.is_empty() => "1 cell".to_owned(),
        [cell] => cell.label.clone(),
        cells => format!("{} cells on one scale", cells.len()),
    };
    let threshold = data.threshold.map_or("", |_| " Dashed: spike threshold.");
    let stimulus = data.stimulus.as_ref().map_or("", |_| " Lowest panel: stimulus.");
    let shade = if data.bands.is_empty() {
        ""
    } else {
        " Shaded: stimulation."
    };
    format!("{variable}{unit} over time, {cells}.{threshold}{stimulus}{shade}")
}
