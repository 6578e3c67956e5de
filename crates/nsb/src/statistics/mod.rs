//! What spikes say about a network: rates, intervals, variability, correlation, synchrony, rhythm.
//!
//! [`Statistics::of_run`] computes them all for each population; [`trains`] brings spikes into the form that every
//! measure takes, and each measure is one file with its definition and source. A measure that needs more spikes than
//! there are is `None`, never 0 or not a number.

mod correlation;
mod counts;
mod fano;
mod intervals;
mod rates;
mod spectrum;
mod synchrony;
pub mod trains;

use std::ops::Range;

use nsb_engine::monitor::{Recording, Series, VariableRecording};
use nsb_engine::network::Network;
use nsb_lang::Dimension;
use serde_json::{Map, Value, json};

pub use correlation::{Correlation, pairwise_correlation};
pub use counts::Counts;
pub use fano::{FanoFactor, fano_factor};
pub use intervals::{Histogram, Intervals, intervals};
pub use rates::{Rates, rates, rates_of_counts};
pub use spectrum::{Spectrum, rate_spectrum};
pub use synchrony::{chi_of_counts, chi_of_rows, chi_of_traces};
pub use trains::Trains;

/// Bin of spike counts for correlation and synchrony, ms.
pub const COUNT_BIN_MS: f64 = 5.0;

/// Statistics of one population.
#[derive(Debug, Clone, PartialEq)]
pub struct PopulationStatistics {
    /// Name of the population.
    pub name: String,
    /// Cells whose spikes were recorded.
    pub cells: usize,
    /// Their spikes over the whole run.
    pub spikes: u64,
    /// Rates of single cells over the whole run.
    pub rates: Rates,
    /// Intervals between spikes; none without a cell of two spikes.
    pub intervals: Option<Intervals>,
    /// Variability of spike counts.
    pub fano: Option<FanoFactor>,
    /// Correlation between cells.
    pub correlation: Option<Correlation>,
    /// Synchrony χ of spike counts in bins of [`COUNT_BIN_MS`].
    pub chi_counts: Option<f64>,
    /// Synchrony χ of membrane potentials, where those of several cells were recorded.
    pub chi_voltage: Option<f64>,
    /// Power of the population rate.
    pub spectrum: Option<Spectrum>,
}

/// Statistics of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statistics {
    /// Length of the run, ms.
    pub duration_ms: f64,
    /// The period of which everything but rates and the χ of potentials is: the whole run, or the last part of one
    /// with more spikes than memory should hold. ms.
    pub period_ms: Range<f64>,
    /// The populations whose spikes were recorded, in the order of the network.
    pub populations: Vec<PopulationStatistics>,
}

/// What the statistics of one population are taken from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PopulationSpikes {
    pub(crate) name: String,
    /// Spike trains of the recorded cells over the period.
    pub(crate) trains: Trains,
    /// Spikes of these cells over the whole run.
    pub(crate) counts: Vec<u64>,
    /// Synchrony of membrane potentials.
    pub(crate) chi_voltage: Option<f64>,
}

impl Statistics {
    /// Computes everything that the recording allows.
    pub fn of_run(network: &Network, recording: &Recording) -> Statistics {
        let spikes = trains::of_recording(network, recording)
            .into_iter()
            .map(|(name, trains)| {
                let voltage = voltage_of_most_cells(&name, recording);
                PopulationSpikes {
                    counts: trains.times_ms.iter().map(|train| train.len() as u64).collect(),
                    chi_voltage: voltage.and_then(|(r, series)| chi_of_traces(&series.values, r.cells.len())),
                    name,
                    trains,
                }
            });
        let duration_ms = recording.simulated_ms;
        Statistics::of_spikes(duration_ms, 0.0..duration_ms, spikes.collect())
    }

    pub(crate) fn of_spikes(duration_ms: f64, period_ms: Range<f64>, spikes: Vec<PopulationSpikes>) -> Statistics {
        Statistics {
            duration_ms,
            period_ms,
            populations: spikes
                .into_iter()
                .map(|spikes| of_population(spikes, duration_ms))
                .collect(),
        }
    }

    /// The JSON object of `statistics.json`. What could not be measured is `null`.
    pub fn to_json(&self) -> Value {
        let populations: Map<String, Value> = self.populations.iter().map(|p| (p.name.clone(), p.to_json())).collect();
        let period_ms = [self.period_ms.start, self.period_ms.end];
        json!({ "duration_ms": self.duration_ms, "period_ms": period_ms, "populations": populations })
    }
}

fn of_population(spikes: PopulationSpikes, duration_ms: f64) -> PopulationStatistics {
    let trains = &spikes.trains;
    let counts = Counts::new(trains, COUNT_BIN_MS);
    PopulationStatistics {
        cells: trains.n_cells(),
        spikes: spikes.counts.iter().sum(),
        rates: rates_of_counts(&spikes.counts, duration_ms),
        intervals: intervals(trains),
        fano: fano_factor(trains),
        correlation: counts.as_ref().and_then(pairwise_correlation),
        chi_counts: counts.as_ref().and_then(chi_of_counts),
        chi_voltage: spikes.chi_voltage,
        spectrum: rate_spectrum(trains),
        name: spikes.name,
    }
}

/// The recording with the potential of the most cells of a population.
pub(crate) fn voltage_of_most_cells<'r>(
    population: &str,
    recording: &'r Recording,
) -> Option<(&'r VariableRecording, &'r Series)> {
    let recordings = recording.variables.iter().filter(|r| r.population == population);
    let voltages = recordings.filter_map(|r| {
        let series = r.series.iter().find(|s| s.unit.dimension() == Dimension::VOLTAGE)?;
        Some((r, series))
    });
    voltages.max_by_key(|(r, _)| r.cells.len())
}

impl PopulationStatistics {
    fn to_json(&self) -> Value {
        let intervals = self.intervals.as_ref().map(|i| {
            json!({
                "count": i.count, "mean_ms": i.mean_ms, "cv": i.cv, "cv_cells": i.cv_cells, "cv2": i.cv2,
                "histogram": i.histogram.as_ref().map(|h| json!({ "bin_ms": h.bin_ms, "counts": h.counts })),
            })
        });
        let spectrum = self.spectrum.as_ref().map(|s| {
            json!({
                "peak_hz": s.peak_hz, "peak_over_mean": s.peak_over_mean, "resolution_hz": s.resolution_hz,
                "power_hz": s.power,
            })
        });
        json!({
            "cells": self.cells,
            "spikes": self.spikes,
            "rate_hz": {
                "mean": self.rates.mean_hz, "standard_deviation": self.rates.standard_deviation_hz,
                "lowest": self.rates.lowest_hz, "highest": self.rates.highest_hz, "silent_cells": self.rates.silent,
            },
            "intervals": intervals,
            "fano_factor": self.fano.as_ref().map(|f| json!({ "window_ms": f.window_ms, "mean": f.mean, "cells": f.cells })),
            "correlation": self.correlation.as_ref().map(|c| json!({ "bin_ms": c.bin_ms, "mean": c.mean, "pairs": c.pairs })),
            "synchrony": { "bin_ms": COUNT_BIN_MS, "chi_counts": self.chi_counts, "chi_voltage": self.chi_voltage },
            "spectrum": spectrum,
        })
    }
}

/// Mean and sample variance (divided by n − 1); the variance needs two values.
pub(crate) fn mean_and_variance(values: impl Iterator<Item = f64> + Clone) -> Option<(f64, f64)> {
    let n = values.clone().count();
    if n == 0 {
        return None;
    }
    let mean = values.clone().sum::<f64>() / n as f64;
    let squares: f64 = values.map(|value| (value - mean) * (value - mean)).sum();
    Some((mean, if n > 1 { squares / (n - 1) as f64 } else { 0.0 }))
}

#[cfg(test)]
mod processes;
