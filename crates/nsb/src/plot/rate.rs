//! Firing rate over time: spikes counted in bins, divided by cells and bin width; with a smoothed line when asked for.

use std::ops::Range;

use super::data::{RateData, RatePopulation};
use super::figure::Figure;
use super::layout::{GAP, Note, Row, Sample, Stack};
use super::path;
use super::raster::rate_text;
use super::scale::{self, Scale, short};
use super::svg::Element;
use super::text::Label;
use super::theme;

/// Most bins of a histogram; a finer bin could not be seen and would only cost memory.
const MOST_BINS: f64 = 1e6;
/// Points of a smoothed line.
const SMOOTH_POINTS: usize = 800;

/// Draws rates. A bin that the period cuts off is divided by the width that is left of it.
pub fn rate(data: &RateData) -> Figure {
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
    let bin_ms = usable_bin(data.bin_ms, &period);
    let smoothing_ms = data.smoothing_ms.filter(|width| *width > 0.0 && width.is_finite());
    let curves: Vec<Curves> = data
        .populations
        .iter()
        .map(|population| Curves::new(population, &period, bin_ms, smoothing_ms))
        .collect();
    let height = match curves.len() {
        1 => 220.0,
        2..=3 => 120.0,
        4..=6 => 84.0,
        _ => 60.0,
    };
    let rows = (0..curves.len())
        .map(|index| row(&data.populations[index], &curves[index], height, &period, index))
        .collect();
    let label = Label::plain("rate per cell").with_unit("Hz", 0);
    let mut stack = Stack::new(
        &data.heading,
        &data.period_ms,
        &data.bands,
        rows,
        vec![(0..curves.len(), label)],
    );
    for (index, curves) in curves.iter().enumerate() {
        let (x, y) = (stack.x(), stack.y(index));
        for element in curves.draw(&x, &y, theme::colour(index)) {
            stack.draw(index, element);
        }
    }
    stack.figure(caption(data, bin_ms, smoothing_ms))
}

/// The bin as given; a hundredth of the period when it is no length, and never so fine that the count of bins explodes.
fn usable_bin(bin_ms: f64, period: &Range<f64>) -> f64 {
    let span = period.end - period.start;
    if bin_ms > 0.0 && bin_ms.is_finite() {
        bin_ms.max(span / MOST_BINS)
    } else {
        span / 100.0
    }
}

/// What is drawn for one population.
struct Curves {
    /// Edges of the bins in ms: one more than `rates_hz`.
    edges_ms: Vec<f64>,
    rates_hz: Vec<f64>,
    /// Time in ms and rate in Hz.
    smooth: Vec<(f64, f64)>,
    n_spikes: u64,
}

impl Curves {
    fn new(population: &RatePopulation, period: &Range<f64>, bin_ms: f64, smoothing_ms: Option<f64>) -> Self {
        let span = period.end - period.start;
        // A thousandth of a millionth of a bin forgives the rounding of times such as 0.3 / 0.1.
        let n_bins = ((span / bin_ms - 1e-9).ceil() as usize).max(1);
        let mut counts = vec![0_u64; n_bins];
        let given = population.counts.iter().copied().chain(std::iter::repeat(1));
        let mut times: Vec<(f64, u64)> = population
            .times_ms
            .iter()
            .copied()
            .zip(given)
            .filter(|&(time, n)| n > 0 && time >= period.start && time <= period.end)
            .collect();
        for (time, n) in &times {
            counts[(((time - period.start) / bin_ms + 1e-9) as usize).min(n_bins - 1)] += n;
        }
        let edges_ms: Vec<f64> = (0..=n_bins)
            .map(|edge| (period.start + edge as f64 * bin_ms).min(period.end))
            .collect();
        let cells = population.size.max(1) as f64;
        let rates_hz = counts
            .iter()
            .zip(edges_ms.windows(2))
            .map(|(&count, edges)| 1000.0 * count as f64 / (cells * (edges[1] - edges[0])))
            .collect();
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let smooth = smoothing_ms.map_or_else(Vec::new, |half_width| smoothed(&times, period, half_width, cells));
        Self {
            edges_ms,
            rates_hz,
            smooth,
            n_spikes: times.iter().map(|(_, n)| n).sum(),
        }
    }

    fn draw(&self, x: &Scale, y: &Scale, colour: &str) -> Vec<Element> {
        let mut steps = Vec::with_capacity(2 * self.rates_hz.len());
        for (edges, &rate) in self.edges_ms.windows(2).zip(&self.rates_hz) {
            steps.extend(edges.iter().map(|&edge| (x.position(edge), y.position(rate))));
        }
        if steps.len() as f64 > 4.0 * x.length() {
            steps = path::thinned(&steps);
        }
        let outline = joined(&steps);
        let (first, last) = (steps[0], steps[steps.len() - 1]);
        let mut area = outline.clone();
        path::push_point(&mut area, 'L', (last.0, y.position(0.0)));
        path::push_point(&mut area, 'L', (first.0, y.position(0.0)));
        area.push('z');
        let line = |d: String, colour: &str, width: f64| {
            Element::new("path")
                .set("d", d)
                .set("fill", "none")
                .set("stroke", colour)
                .at("stroke-width", width)
        };
        let mut out = vec![
            Element::new("path")
                .set("d", area)
                .set("fill", colour)
                .set("fill-opacity", "0.22"),
        ];
        out.push(line(outline, colour, 1.2).set("class", "steps"));
        if !self.smooth.is_empty() {
            let points: Vec<(f64, f64)> = self
                .smooth
                .iter()
                .map(|&(time, rate)| (x.position(time), y.position(rate)))
                .collect();
            out.push(
                line(joined(&points), theme::INK, theme::LINE_WIDTH)
                    .set("stroke-linejoin", "round")
                    .set("class", "smooth"),
            );
        }
        out
    }
}

/// The rate seen through an Epanechnikov kernel, the one of least mean square error; near the ends of the period only
/// the part
/// of the kernel inside it counts, so that the rate does not sink there.
fn smoothed(sorted: &[(f64, u64)], period: &Range<f64>, half_width: f64, cells: f64) -> Vec<(f64, f64)> {
    // Integral of the kernel from -1 to u.
    let mass = |u: f64| {
        let u = u.clamp(-1.0, 1.0);
        0.5 + 0.75 * (u - u * u * u / 3.0)
    };
    let span = period.end - period.start;
    (0..=SMOOTH_POINTS)
        .map(|point| {
            let time = period.start + span * point as f64 / SMOOTH_POINTS as f64;
            let first = sorted.partition_point(|&(spike, _)| spike < time - half_width);
            let near = sorted[first..]
                .iter()
                .take_while(|&&(spike, _)| spike <= time + half_width);
            let sum: f64 = near
                .map(|&(spike, n)| {
                    let u = (spike - time) / half_width;
                    0.75 * (1.0 - u * u) * n as f64
                })
                .sum();
            let inside = mass((period.end - time) / half_width) - mass((period.start - time) / half_width);
            (time, 1000.0 * sum / (half_width * cells * inside))
        })
        .collect()
}

fn row(population: &RatePopulation, curves: &Curves, height: f64, period: &Range<f64>, index: usize) -> Row {
    let highest = curves
        .rates_hz
        .iter()
        .copied()
        .chain(curves.smooth.iter().map(|&(_, rate)| rate));
    let top = scale::fitted_range(highest.chain([0.0])).end;
    let y_range = 0.0..if curves.n_spikes == 0 { 1.0 } else { top };
    let colour = theme::colour(index);
    let mean = curves.n_spikes as f64 / (population.size.max(1) as f64 * (period.end - period.start) / 1000.0);
    let mut notes = vec![
        Note::name(&population.name, colour),
        Note::detail(&format!("mean {}", rate_text(mean))),
    ];
    if index == 0 && !curves.smooth.is_empty() {
        notes.push(Note::legend(Label::plain("smoothed"), theme::INK, Sample::Line));
    }
    let message = (curves.n_spikes == 0).then_some("no spikes");
    Row {
        height,
        gap: GAP,
        ticks: scale::plain_ticks(&y_range, (height / 17.0) as usize),
        y_range,
        y_label: Label::default(),
        notes,
        message,
    }
}

fn caption(data: &RateData, bin_ms: f64, smoothing_ms: Option<f64>) -> String {
    let smooth = smoothing_ms.map_or_else(String::new, |width| {
        format!(" Dark line: the same smoothed over ±{} ms.", short(width))
    });
    let shade = if data.bands.is_empty() {
        ""
    } else {
        " Shaded: stimulation."
    };
    format!(
        "Firing rate, mean over the cells of each population, in bins of {} ms.{smooth}{shade}",
        short(bin_ms)
    )
}

fn joined(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (index, &point) in points.iter().enumerate() {
        path::push_point(&mut path, if index == 0 { 'M' } else { 'L' }, point);
    }
    path
}
