//! Spike raster: one mark for each spike at its time and cell.
//!
//! Few cells get vertical ticks as high as their row, many get dots. Where spikes outnumber what can be told apart,
//! they are gathered in cells of a fine grid, darker where more spikes fall: the size of the file stays bounded,
//! and every mark still stands where a spike is.

use std::ops::Range;

use super::data::{RasterData, RasterPopulation};
use super::figure::Figure;
use super::layout::{Note, Rect, Row, Stack};
use super::path;
use super::scale::{self, Scale};
use super::svg::{self, Element};
use super::text::Label;
use super::theme;

/// Rows at least this high are drawn with ticks, lower ones with dots.
const LOWEST_TICK_ROW: f64 = 5.0;
/// Number of spikes in a figure from which marks are gathered in a grid.
const MOST_SINGLE_MARKS: usize = 20_000;
/// Number of spikes from which they cannot be told apart: their density is drawn.
const MOST_MARKS: usize = 100_000;
/// Shades of gathered marks, for 1, 2–3, 4–7 and more spikes in a square of one unit.
const MARK_SHADES: [&str; 4] = ["0.45", "0.65", "0.82", "1"];
/// Shades of density, from few spikes in a square to the fullest hundredth of all squares.
const DENSITY_SHADES: [&str; 5] = ["0.16", "0.34", "0.54", "0.76", "1"];
/// Side of a square of density.
const DENSITY_SIDE: f64 = 2.0;

/// Draws a raster. Spikes outside the period and of cells beyond the size of their population are left out.
pub fn raster(data: &RasterData) -> Figure {
    if data.populations.is_empty() {
        let stack = Stack::new(
            &data.heading,
            &data.period_ms,
            &data.bands,
            vec![Row::without_data("no population recorded")],
            Vec::new(),
        );
        return stack.figure("No population was recorded.".to_owned());
    }
    let period = scale::tidy_range(&data.period_ms).unwrap_or(0.0..1.0);
    let spikes: Vec<Vec<(f64, u32)>> = data
        .populations
        .iter()
        .map(|population| shown(population, &period))
        .collect();
    let heights = heights(&data.populations);
    let rows = (0..spikes.len())
        .map(|index| {
            row(
                &data.populations[index],
                heights[index],
                spikes[index].len() as u64 + data.populations[index].left_out,
                &period,
                theme::colour(index),
            )
        })
        .collect();
    let label = vec![(0..spikes.len(), Label::plain("cell index"))];
    let mut stack = Stack::new(&data.heading, &data.period_ms, &data.bands, rows, label);
    let total: usize = spikes.iter().map(Vec::len).sum();
    for (index, spikes) in spikes.iter().enumerate().filter(|(_, spikes)| !spikes.is_empty()) {
        let marks = Marks {
            x: stack.x(),
            y: stack.y(index),
            rect: stack.rect(index),
            colour: theme::colour(index),
            size: data.populations[index].size,
        };
        for element in marks.draw(spikes, Crowd::of(total)) {
            stack.draw(index, element);
        }
    }
    let square_ms = DENSITY_SIDE * (period.end - period.start) / stack.rect(0).width();
    stack.figure(caption(data, total, square_ms))
}

/// The spikes that can be drawn.
fn shown(population: &RasterPopulation, period: &Range<f64>) -> Vec<(f64, u32)> {
    let pairs = population
        .times_ms
        .iter()
        .copied()
        .zip(population.cells.iter().copied());
    pairs
        .filter(|&(time, cell)| time >= period.start && time <= period.end && (cell as usize) < population.size)
        .collect()
}

/// Rows of 22 units for few cells; otherwise the square roots of the sizes share the figure, so that a small
/// population beside a large one stays readable.
fn heights(populations: &[RasterPopulation]) -> Vec<f64> {
    const MOST: f64 = 420.0;
    const LEAST: f64 = 44.0;
    let rows: Vec<f64> = populations
        .iter()
        .map(|population| (22.0 * population.size as f64).max(LEAST))
        .collect();
    if rows.iter().sum::<f64>() <= MOST {
        return rows;
    }
    let total: f64 = populations
        .iter()
        .map(|population| (population.size as f64).sqrt())
        .sum();
    populations
        .iter()
        .zip(rows)
        .map(|(population, row)| (MOST * (population.size as f64).sqrt() / total).clamp(LEAST, row.max(LEAST)))
        .collect()
}

fn row(population: &RasterPopulation, height: f64, n_spikes: u64, period: &Range<f64>, colour: &str) -> Row {
    let y_range = -0.5..population.size.max(1) as f64 - 0.5;
    let rate_hz = n_spikes as f64 / (population.size.max(1) as f64 * (period.end - period.start) / 1000.0);
    let cells = if population.size == 1 {
        "1 cell".to_owned()
    } else {
        format!("{} cells", population.size)
    };
    Row {
        height,
        gap: 16.0,
        ticks: scale::integer_ticks(&y_range, (height / 20.0) as usize),
        y_range,
        y_label: Label::default(),
        notes: vec![
            Note::name(&population.name, colour),
            Note::detail(&format!("{cells}, {}", rate_text(rate_hz))),
        ],
        message: (n_spikes == 0).then_some("no spikes"),
    }
}

/// A mean rate with three significant digits at most.
pub(crate) fn rate_text(rate_hz: f64) -> String {
    match rate_hz {
        0.0 => "0 Hz".to_owned(),
        rate if rate < 0.01 => "< 0.01 Hz".to_owned(),
        rate if rate < 10.0 => format!("{rate:.2} Hz"),
        rate if rate < 100.0 => format!("{rate:.1} Hz"),
        rate => format!("{rate:.0} Hz"),
    }
}

fn caption(data: &RasterData, n_drawn: usize, square_ms: f64) -> String {
    let left_out: u64 = data.populations.iter().map(|population| population.left_out).sum();
    let n_spikes = n_drawn as u64 + left_out;
    let cells: usize = data.populations.iter().map(|population| population.size).sum();
    let spikes = if n_spikes == 1 {
        "1 spike".to_owned()
    } else {
        format!("{n_spikes} spikes")
    };
    let cells = if cells == 1 {
        "1 cell".to_owned()
    } else {
        format!("{cells} cells")
    };
    let shade = if data.bands.is_empty() {
        ""
    } else {
        " Shaded: stimulation."
    };
    if n_spikes == 0 {
        return format!("Spike raster of {cells}: no spikes.{shade}");
    }
    let digits = if square_ms < 1.0 { 1000.0 } else { 10.0 };
    let density = format!(
        "They are too many to be told apart: darkness is their density in marks of about {} ms",
        scale::short((digits * square_ms).round() / digits)
    );
    let mark = match (Crowd::of(n_drawn), left_out) {
        (Crowd::Density, 0) => density,
        (Crowd::Density, _) => {
            let every = (n_spikes as f64 / n_drawn as f64).round();
            format!("{density}, of one spike in {every}, taken evenly over time")
        }
        (Crowd::Gathered, _) => "Marks are spikes, darker where several fall together".to_owned(),
        (Crowd::Single, _) => "Each mark is one spike".to_owned(),
    };
    format!("Spike raster: {spikes} of {cells}. {mark}; rates are means over the time shown.{shade}")
}

/// How many spikes a figure has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crowd {
    /// Each has a mark.
    Single,
    /// Those that fall together share one.
    Gathered,
    /// Only their density can be seen.
    Density,
}

impl Crowd {
    fn of(n_spikes: usize) -> Crowd {
        if n_spikes <= MOST_SINGLE_MARKS {
            Crowd::Single
        } else if n_spikes <= MOST_MARKS {
            Crowd::Gathered
        } else {
            Crowd::Density
        }
    }
}

/// How the spikes of one panel are drawn.
struct Marks {
    x: Scale,
    y: Scale,
    rect: Rect,
    colour: &'static str,
    size: usize,
}

impl Marks {
    fn draw(&self, spikes: &[(f64, u32)], crowd: Crowd) -> Vec<Element> {
        let row_height = self.rect.height() / self.size as f64;
        match (row_height >= LOWEST_TICK_ROW, crowd) {
            (true, Crowd::Single) => vec![self.ticks(
                spikes.iter().map(|&(time, cell)| (self.x.position(time), cell)),
                row_height,
            )],
            (true, Crowd::Gathered) => vec![self.ticks(self.distinct(spikes, 0.25), row_height)],
            (true, Crowd::Density) => vec![self.ticks(self.distinct(spikes, 1.0), row_height)],
            (false, Crowd::Single) => vec![self.dots(spikes)],
            (false, Crowd::Gathered) => {
                let shade = |count: u32| count.checked_ilog2().map(|shade| shade.min(3) as usize);
                self.grid(&self.counts(spikes, 1.0), 1.0, shade, &MARK_SHADES)
            }
            (false, Crowd::Density) => {
                let counts = self.counts(spikes, DENSITY_SIDE);
                let mut full: Vec<u32> = counts.iter().copied().filter(|&count| count > 0).collect();
                full.sort_unstable();
                let top = full.len().checked_sub(1 + full.len() / 100).map_or(1, |at| full[at]);
                let last = DENSITY_SHADES.len() - 1;
                let shade = |count: u32| {
                    let part = (DENSITY_SHADES.len() as u64 * u64::from(count) / u64::from(top)) as usize;
                    (count > 0).then(|| part.min(last))
                };
                self.grid(&counts, DENSITY_SIDE, shade, &DENSITY_SHADES)
            }
        }
    }

    /// Vertical lines in four fifths of the row of their cell.
    fn ticks(&self, marks: impl Iterator<Item = (f64, u32)>, row_height: f64) -> Element {
        let height = (0.8 * row_height).min(18.0);
        let mut path = String::new();
        for (x, cell) in marks {
            path::push_point(&mut path, 'M', (x, self.y.position(f64::from(cell)) - height / 2.0));
            path.push('v');
            svg::push_number(&mut path, height);
        }
        Element::new("path")
            .set("class", "spikes")
            .set("d", path)
            .set("stroke", self.colour)
            .at("stroke-width", 1.6)
    }

    /// One mark for all spikes of a cell within a stretch.
    fn distinct(&self, spikes: &[(f64, u32)], stretch: f64) -> impl Iterator<Item = (f64, u32)> {
        let columns = (self.rect.width() / stretch) as usize + 1;
        let mut seen = vec![false; columns * self.size];
        for &(time, cell) in spikes {
            let column = ((self.x.position(time) - self.rect.left) / stretch).round() as usize;
            seen[cell as usize * columns + column.min(columns - 1)] = true;
        }
        let left = self.rect.left;
        seen.into_iter()
            .enumerate()
            .filter(|(_, seen)| *seen)
            .map(move |(at, _)| (left + (at % columns) as f64 * stretch, (at / columns) as u32))
    }

    /// Round dots, smaller when they are many.
    fn dots(&self, spikes: &[(f64, u32)]) -> Element {
        let mut path = String::new();
        for &(time, cell) in spikes {
            path::push_point(
                &mut path,
                'M',
                (self.x.position(time), self.y.position(f64::from(cell))),
            );
            path.push_str("h0");
        }
        let size = if spikes.len() > 4000 { 1.6 } else { 2.4 };
        Element::new("path")
            .set("class", "spikes")
            .set("d", path)
            .set("stroke", self.colour)
            .at("stroke-width", size)
            .set("stroke-linecap", "round")
    }

    /// Columns and rows of a grid of squares.
    fn squares(&self, side: f64) -> (usize, usize) {
        let number = |length: f64| ((length / side) as usize).max(1);
        (number(self.rect.width()), number(self.rect.height()))
    }

    /// Spikes in each square, row by row.
    fn counts(&self, spikes: &[(f64, u32)], side: f64) -> Vec<u32> {
        let (columns, rows) = self.squares(side);
        let mut counts = vec![0_u32; columns * rows];
        for &(time, cell) in spikes {
            let column = ((self.x.position(time) - self.rect.left) / side) as usize;
            let row = ((self.y.position(f64::from(cell)) - self.rect.top) / side) as usize;
            counts[row.min(rows - 1) * columns + column.min(columns - 1)] += 1;
        }
        counts
    }

    /// Squares in shades, those of one shade side by side as one.
    fn grid(
        &self,
        counts: &[u32],
        side: f64,
        shade: impl Fn(u32) -> Option<usize>,
        shades: &[&'static str],
    ) -> Vec<Element> {
        let (columns, _) = self.squares(side);
        let mut paths = vec![String::new(); shades.len()];
        for (row, line) in counts.chunks(columns).enumerate() {
            let mut column = 0;
            for run in line.chunk_by(|&a, &b| shade(a) == shade(b)) {
                if let Some(shade) = shade(run[0]) {
                    let corner = (self.rect.left + column as f64 * side, self.rect.top + row as f64 * side);
                    let path = &mut paths[shade];
                    path::push_point(path, 'M', corner);
                    path.push_str(&format!("h{0}v{side}h-{0}z", run.len() as f64 * side));
                }
                column += run.len();
            }
        }
        let drawn = paths.into_iter().zip(shades).filter(|(path, _)| !path.is_empty());
        drawn
            .map(|(path, shade)| {
                Element::new("path")
                    .set("class", "spikes")
                    .set("d", path)
                    .set("fill", self.colour)
                    .set("fill-opacity", *shade)
            })
            .collect()
    }
}
