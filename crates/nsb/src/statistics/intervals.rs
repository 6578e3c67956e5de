//! Intervals between the spikes of a cell, and how irregular they are.
//!
//! CV is the standard deviation of a cell's intervals over their mean: 0 for a clock, 1 for a Poisson process. CV2
//! compares neighbouring intervals only, 2 |b − a| / (a + b), so slow changes of rate do not raise it (Holt GR, Softky
//! WR, Koch C, Douglas RJ (1996) J Neurophysiol 75:1806-1814).

use super::Trains;
use super::mean_and_variance;

/// Intervals that a cell needs for a CV of its own.
const LEAST_INTERVALS: usize = 3;
/// Intervals of a population from which a histogram says something.
const LEAST_FOR_HISTOGRAM: usize = 100;
/// Bins of a histogram at most.
const MOST_BINS: f64 = 60.0;

/// Intervals of all cells of a population.
#[derive(Debug, Clone, PartialEq)]
pub struct Intervals {
    /// How many there are.
    pub count: usize,
    /// Their mean, ms.
    pub mean_ms: f64,
    /// Mean CV of the cells with at least three intervals.
    pub cv: Option<f64>,
    /// How many cells that are.
    pub cv_cells: usize,
    /// Mean CV2 over all pairs of neighbouring intervals of those cells.
    pub cv2: Option<f64>,
    /// Counts in bins; from 100 intervals on.
    pub histogram: Option<Histogram>,
}

/// Counts of intervals in bins from 0 on.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Width of a bin, ms.
    pub bin_ms: f64,
    /// Intervals in each bin.
    pub counts: Vec<u64>,
    /// Intervals beyond the last bin: the longest one in a hundred at most.
    pub beyond: u64,
}

/// Measures intervals; `None` if no cell has two spikes.
pub fn intervals(trains: &Trains) -> Option<Intervals> {
    let mut all = Vec::new();
    let (mut cvs, mut cv2s) = (Vec::new(), Vec::new());
    for train in &trains.times_ms {
        let own: Vec<f64> = train.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if own.len() >= LEAST_INTERVALS {
            let (mean, variance) = mean_and_variance(own.iter().copied())?;
            if mean > 0.0 {
                cvs.push(variance.sqrt() / mean);
            }
            let pairs = own.windows(2).filter(|pair| pair[0] + pair[1] > 0.0);
            cv2s.extend(pairs.map(|pair| 2.0 * (pair[1] - pair[0]).abs() / (pair[0] + pair[1])));
        }
        all.extend(own);
    }
    let (mean_ms, _) = mean_and_variance(all.iter().copied())?;
    all.sort_by(f64::total_cmp);
    let mean = |values: &[f64]| mean_and_variance(values.iter().copied()).map(|(mean, _)| mean);
    Some(Intervals {
        count: all.len(),
        mean_ms,
        cv: mean(&cvs),
        cv_cells: cvs.len(),
        cv2: mean(&cv2s),
        histogram: histogram(&all),
    })
}

fn histogram(sorted: &[f64]) -> Option<Histogram> {
    if sorted.len() < LEAST_FOR_HISTOGRAM {
        return None;
    }
    // The last hundredth would stretch the axis without showing anything.
    let end = sorted[sorted.len() - 1 - sorted.len() / 100];
    let bin_ms = crate::round::up((end / MOST_BINS).max(1e-3));
    let mut counts = vec![0; (end / bin_ms) as usize + 1];
    let mut beyond = 0;
    for interval in sorted {
        match counts.get_mut((interval / bin_ms) as usize) {
            Some(count) => *count += 1,
            None => beyond += 1,
        }
    }
    Some(Histogram { bin_ms, counts, beyond })
}
