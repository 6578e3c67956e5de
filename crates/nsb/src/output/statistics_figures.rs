//! Figures of statistics, drawn where there are enough spikes: histograms of intervals, spectra of population rates.

use crate::plot::{self, ChartAxis, ChartData, ChartPanel, Curve, Figure, Heading, Mark};
use crate::project::Project;
use crate::statistics::{PopulationStatistics, Statistics};

/// Populations that get a panel.
const MOST_PANELS: usize = 12;
/// Frequencies shown reach this many times the strongest one, and at least [`LEAST_FREQUENCY_HZ`].
const FREQUENCIES_SHOWN: f64 = 5.0;
const LEAST_FREQUENCY_HZ: f64 = 100.0;

pub(super) fn draw(project: &Project, statistics: &Statistics) -> Vec<Figure> {
    let populations = &statistics.populations;
    let heading = |name: &str, title: &str| Heading::new(name, title, &project.title);
    let mut figures = Vec::new();
    let panels: Vec<ChartPanel> = populations.iter().filter_map(intervals).take(MOST_PANELS).collect();
    if !panels.is_empty() {
        figures.push(plot::chart(&ChartData {
            heading: heading("intervals", "Intervals between spikes"),
            x: ChartAxis::new("interval", "ms"),
            panels,
            caption:
                "Histogram of the intervals between successive spikes of a cell, all cells of a population together."
                    .to_owned(),
        }));
    }
    let panels: Vec<ChartPanel> = populations.iter().filter_map(spectrum).take(MOST_PANELS).collect();
    if !panels.is_empty() {
        let highest = populations
            .iter()
            .filter_map(|p| p.spectrum.as_ref())
            .map(|s| s.peak_hz);
        let end_hz = crate::round::up((FREQUENCIES_SHOWN * highest.fold(0.0, f64::max)).max(LEAST_FREQUENCY_HZ));
        figures.push(plot::chart(&ChartData {
            heading: heading("spectrum", "Spectrum of the population rate"),
            x: ChartAxis::new("frequency", "Hz").over(0.0..end_hz.min(500.0)),
            panels,
            caption: "Power density of the rate per cell (Welch's method, Hann window). Independent irregular cells \
                      give a flat line; a common rhythm gives a peak."
                .to_owned(),
        }));
    }
    figures
}

fn intervals(population: &PopulationStatistics) -> Option<ChartPanel> {
    let intervals = population.intervals.as_ref()?;
    let histogram = intervals.histogram.as_ref()?;
    let mut details = vec![format!("mean {:.1} ms", intervals.mean_ms)];
    details.extend(intervals.cv.map(|cv| format!("CV {cv:.2}")));
    if histogram.beyond > 0 {
        details.push(format!("{} longer ones", histogram.beyond));
    }
    Some(ChartPanel {
        y: ChartAxis::new("intervals", ""),
        name: population.name.clone(),
        details,
        curves: vec![Curve {
            mark: Mark::Bars,
            x: (0..histogram.counts.len())
                .map(|bin| bin as f64 * histogram.bin_ms)
                .collect(),
            y: histogram.counts.iter().map(|count| *count as f64).collect(),
            ..Curve::default()
        }],
        height: 0.0,
    })
}

fn spectrum(population: &PopulationStatistics) -> Option<ChartPanel> {
    let spectrum = population.spectrum.as_ref()?;
    // At 0 Hz the mean was taken away.
    let lines = 1..spectrum.power.len();
    Some(ChartPanel {
        y: ChartAxis::new("power", "Hz^2/Hz"),
        name: population.name.clone(),
        details: vec![match spectrum.rhythm_hz() {
            Some(rhythm_hz) => format!("rhythm of {rhythm_hz:.0} Hz"),
            None => "no clear rhythm".to_owned(),
        }],
        curves: vec![Curve {
            mark: Mark::Line,
            x: lines.clone().map(|line| line as f64 * spectrum.resolution_hz).collect(),
            y: lines.map(|line| spectrum.power[line]).collect(),
            ..Curve::default()
        }],
        height: 0.0,
    })
}
