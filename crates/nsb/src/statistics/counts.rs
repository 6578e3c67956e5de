//! Spikes of each cell counted in bins of equal width, kept sparse: most bins of most cells are empty.

use super::Trains;

/// Bins at most; a longer period gets wider bins.
const MOST_BINS: f64 = 200_000.0;

/// Spike counts of some cells in bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// Width of a bin, ms.
    pub bin_ms: f64,
    /// Number of whole bins in the period; spikes after the last are left out.
    pub n_bins: usize,
    /// Bins with spikes and their counts, ascending, for each cell.
    pub cells: Vec<Vec<(u32, u32)>>,
}

impl Counts {
    /// Counts; `None` if the period is shorter than two bins.
    pub fn new(trains: &Trains, bin_ms: f64) -> Option<Counts> {
        let bin_ms = bin_ms.max(trains.duration_ms / MOST_BINS);
        // A thousandth of a millionth of a bin forgives the rounding of lengths such as 0.3 / 0.1.
        let n_bins = (trains.duration_ms / bin_ms + 1e-9) as usize;
        if n_bins < 2 {
            return None;
        }
        let counted = |train: &Vec<f64>| {
            let mut counts: Vec<(u32, u32)> = Vec::new();
            for time in train {
                let bin = (time / bin_ms + 1e-9) as u32;
                if bin as usize >= n_bins {
                    break;
                }
                match counts.last_mut() {
                    Some((last, count)) if *last == bin => *count += 1,
                    _ => counts.push((bin, 1)),
                }
            }
            counts
        };
        Some(Counts {
            bin_ms,
            n_bins,
            cells: trains.times_ms.iter().map(counted).collect(),
        })
    }

    /// Mean and variance (divided by the number of bins) of the counts of a cell.
    pub(crate) fn moments(&self, cell: usize) -> (f64, f64) {
        moments(&self.cells[cell], self.n_bins)
    }

    /// The sum over all cells, bin by bin.
    pub(crate) fn total(&self) -> Vec<f64> {
        let mut total = vec![0.0; self.n_bins];
        for (bin, count) in self.cells.iter().flatten() {
            total[*bin as usize] += f64::from(*count);
        }
        total
    }
}

fn moments(counts: &[(u32, u32)], n_bins: usize) -> (f64, f64) {
    let n = n_bins as f64;
    let sum: f64 = counts.iter().map(|(_, count)| f64::from(*count)).sum();
    let squares: f64 = counts
        .iter()
        .map(|(_, count)| f64::from(*count) * f64::from(*count))
        .sum();
    let mean = sum / n;
    (mean, (squares / n - mean * mean).max(0.0))
}
