//! Mean rates of single cells: spikes over the whole period divided by its length.

use super::Trains;
use super::mean_and_variance;

/// How fast the cells of a population fire.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rates {
    /// Mean over cells, Hz.
    pub mean_hz: f64,
    /// Spread over cells, Hz.
    pub standard_deviation_hz: f64,
    /// The slowest cell, Hz.
    pub lowest_hz: f64,
    /// The fastest cell, Hz.
    pub highest_hz: f64,
    /// Cells without a spike.
    pub silent: usize,
}

/// Rates of the cells; all 0 without cells or time.
pub fn rates(trains: &Trains) -> Rates {
    let counts: Vec<u64> = trains.times_ms.iter().map(|train| train.len() as u64).collect();
    rates_of_counts(&counts, trains.duration_ms)
}

/// Rates from the spikes of each cell.
pub fn rates_of_counts(counts: &[u64], duration_ms: f64) -> Rates {
    if duration_ms <= 0.0 {
        return Rates::default();
    }
    let of_cells: Vec<f64> = counts.iter().map(|&n| 1000.0 * n as f64 / duration_ms).collect();
    let Some((mean_hz, variance)) = mean_and_variance(of_cells.iter().copied()) else {
        return Rates::default();
    };
    Rates {
        mean_hz,
        standard_deviation_hz: variance.sqrt(),
        lowest_hz: of_cells.iter().copied().fold(f64::INFINITY, f64::min),
        highest_hz: of_cells.iter().copied().fold(0.0, f64::max),
        silent: counts.iter().filter(|&&n| n == 0).count(),
    }
}
