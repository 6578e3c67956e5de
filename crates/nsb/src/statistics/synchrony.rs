//! Synchrony χ: how much of the fluctuation of single cells survives in their average.
//!
//! χ² is the variance over time of the mean over cells, divided by the mean over cells of the variance over time. It is
//! 1 if all cells do the same at the same time, and falls as 1/√N if they are independent (Golomb D, Rinzel J (1994)
//! Physica D 72:259-282; Golomb D, Hansel D, Mato G (2001) in Handbook of Biological Physics 4:887-968). It is defined
//! for membrane potentials; for spikes it is taken of the counts in bins.

use super::Counts;
use super::mean_and_variance;

/// χ of binned spike counts; `None` for fewer than two cells or without a spike.
pub fn chi_of_counts(counts: &Counts) -> Option<f64> {
    let n = counts.cells.len();
    if n < 2 {
        return None;
    }
    let single = (0..n).map(|cell| counts.moments(cell).1).sum::<f64>() / n as f64;
    let total = counts.total();
    let (_, variance) = mean_and_variance(total.iter().map(|count| count / n as f64))?;
    let bins = counts.n_bins as f64;
    ratio(variance * (bins - 1.0) / bins, single)
}

/// χ of sampled traces, row by row with `n_cells` columns; `None` for fewer than two cells or two samples, or for
/// traces that do not change.
pub fn chi_of_traces(values: &[f64], n_cells: usize) -> Option<f64> {
    if n_cells < 2 || values.len() < 2 * n_cells {
        return None;
    }
    let rows = values.chunks_exact(n_cells);
    let (_, of_mean) = mean_and_variance(rows.map(|row| row.iter().sum::<f64>() / n_cells as f64))?;
    let single = |cell: usize| mean_and_variance(values.iter().skip(cell).step_by(n_cells).copied());
    let of_cells = (0..n_cells)
        .filter_map(single)
        .map(|(_, variance)| variance)
        .sum::<f64>();
    ratio(of_mean, of_cells / n_cells as f64)
}

fn ratio(of_mean: f64, of_cells: f64) -> Option<f64> {
    (of_cells > 0.0 && of_cells.is_finite()).then(|| (of_mean / of_cells).sqrt())
}
