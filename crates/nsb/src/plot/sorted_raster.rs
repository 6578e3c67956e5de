//! Spikes of cells in an order of their own: groups of cells with borders between them, what is shown above, the cells
//! that are driven from outside shaded, and colours that say what a spike is.

use super::data::{SortedRasterData, SpikeClass};
use super::figure::Figure;
use super::layout::{Axis, GAP, Note, Row, Sample, Stack};
use super::path;
use super::scale::{self, Scale, Ticks};
use super::svg::{self, Element};
use super::text::Label;
use super::theme;

/// Height of a row where there are few.
const ROW: f64 = 12.0;
const HIGHEST: f64 = 460.0;
const LOWEST: f64 = 120.0;
/// Spikes in a figure that are drawn one by one; of more, those that fall together share a mark.
const MOST_MARKS: usize = 100_000;

/// Draws the raster. Spikes outside the period and below the last row are left out.
pub fn sorted_raster(data: &SortedRasterData) -> Figure {
    let n_rows = data.n_rows.max(1);
    let height = (ROW * n_rows as f64).clamp(LOWEST, HIGHEST);
    let y_range = -0.5..n_rows as f64 - 0.5;
    // Rows count from the top, positions from the bottom.
    let upwards = |row: f64| n_rows as f64 - 1.0 - row;
    let ticks = if data.groups.is_empty() {
        let mut ticks = scale::integer_ticks(&y_range, (height / 20.0) as usize);
        ticks.values.iter_mut().for_each(|value| *value = upwards(*value));
        ticks
    } else {
        let middle = |places: &std::ops::Range<usize>| (places.start + places.end) as f64 / 2.0 - 0.5;
        let borders = data
            .groups
            .iter()
            .map(|group| group.places.end)
            .filter(|end| *end < n_rows);
        let mut ticks = Ticks {
            lines: Some(borders.map(|end| upwards(end as f64 - 0.5)).collect()),
            ..Ticks::default()
        };
        // Of groups too narrow for their labels some go without.
        let mut free_from = f64::NEG_INFINITY;
        for group in &data.groups {
            let at = middle(&group.places) * height / n_rows as f64;
            if at >= free_from {
                ticks.values.push(upwards(middle(&group.places)));
                ticks.labels.push(group.label.clone());
                free_from = at + theme::TICK_SIZE;
            }
        }
        ticks
    };
    let any = data.classes.iter().any(|class| !class.times_ms.is_empty());
    let mut notes: Vec<Note> = Vec::new();
    for class in &data.classes {
        let colour = theme::colour(class.colour);
        notes.push(Note::legend(Label::plain(&class.label), colour, Sample::Line));
    }
    if !data.driven.is_empty() {
        notes.push(Note::legend(
            Label::plain("driven by the cue"),
            theme::BAND,
            Sample::Area,
        ));
    }
    let row = Row {
        height,
        gap: GAP,
        y_range,
        y_label: Label::plain("cell"),
        ticks,
        notes,
        message: (!any).then_some("no spikes"),
    };
    let axis = Axis::of_time(&data.period_ms);
    let period = axis.period_ms.clone();
    let mut stack = Stack::over(&data.heading, axis, &data.bands, vec![row], Vec::new());
    let (x, y) = (stack.x(), stack.y(0));
    for (time, rows) in &data.driven {
        let (left, right) = (x.within(time.start), x.within(time.end));
        let (top, bottom) = (
            y.within(upwards(rows.start as f64) + 0.5),
            y.within(upwards(rows.end as f64) + 0.5),
        );
        let shade = Element::rect(left, top, right - left, bottom - top, theme::BAND);
        stack.draw(0, shade.set("fill-opacity", "0.28").set("class", "driven"));
    }
    for class in &data.classes {
        let visible = |time: f64, row: usize| period.contains(&time) && row < n_rows;
        let spikes = class.times_ms.iter().copied().zip(class.rows.iter().copied());
        let spikes: Vec<(f64, usize)> = spikes.filter(|&(time, row)| visible(time, row)).collect();
        if !spikes.is_empty() {
            let place = |(time, row): (f64, usize)| (x.position(time), y.position(upwards(row as f64)));
            stack.draw(
                0,
                marks(
                    class,
                    spikes.into_iter().map(place).collect(),
                    height / n_rows as f64,
                    &x,
                ),
            );
        }
    }
    stack.figure(data.caption.clone())
}

/// A vertical mark for each spike.
fn marks(class: &SpikeClass, mut places: Vec<(f64, f64)>, row_height: f64, x: &Scale) -> Element {
    if places.len() > MOST_MARKS {
        let quarter = |value: f64| (4.0 * value).round() / 4.0;
        places
            .iter_mut()
            .for_each(|place| *place = (quarter(place.0), quarter(place.1)));
        places.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.total_cmp(&b.0)));
        places.dedup();
    }
    let height = (0.8 * row_height).clamp(1.5, 12.0);
    let mut d = String::new();
    for (at, middle) in &places {
        path::push_point(&mut d, 'M', (*at, middle - height / 2.0));
        d.push('v');
        svg::push_number(&mut d, height);
    }
    // Many spikes in little room get thin marks.
    let width = if places.len() as f64 > 6.0 * x.length() {
        0.8
    } else {
        1.3
    };
    Element::new("path")
        .set("class", "spikes")
        .set("d", d)
        .set("stroke", theme::colour(class.colour))
        .at("stroke-width", width)
}
