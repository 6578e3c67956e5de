//! Fano factor: variance of a cell's spike counts in windows over their mean. 1 for a Poisson process, below for a
//! more regular one (Fano U (1947) Phys Rev 72:26-29).

use super::{Counts, Trains};

/// Length of a window, ms.
const WINDOW_MS: f64 = 100.0;
/// Windows that a run needs.
const LEAST_WINDOWS: usize = 10;

/// Variability of spike counts.
#[derive(Debug, Clone, PartialEq)]
pub struct FanoFactor {
    /// Length of a window, ms.
    pub window_ms: f64,
    /// Mean over the cells that fired.
    pub mean: f64,
    /// How many cells that are.
    pub cells: usize,
}

/// Measures it; `None` for fewer than ten windows or without a spike.
pub fn fano_factor(trains: &Trains) -> Option<FanoFactor> {
    let counts = Counts::new(trains, WINDOW_MS)?;
    if counts.n_bins < LEAST_WINDOWS {
        return None;
    }
    // Divided by n − 1, so that few windows give no bias.
    let unbiased = counts.n_bins as f64 / (counts.n_bins - 1) as f64;
    let moments = (0..counts.cells.len()).map(|cell| counts.moments(cell));
    let factors: Vec<f64> = moments
        .filter(|(mean, _)| *mean > 0.0)
        .map(|(mean, variance)| variance * unbiased / mean)
        .collect();
    if factors.is_empty() {
        return None;
    }
    Some(FanoFactor {
        window_ms: counts.bin_ms,
        mean: factors.iter().sum::<f64>() / factors.len() as f64,
        cells: factors.len(),
    })
}
