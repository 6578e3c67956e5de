//! Synchrony χ: how much of the fluctuation of single cells survives in their average.
//!
//! χ² is the variance over time of the mean over cells, divided by the mean over cells of the variance over time. It is
//! 1 if all cells do the same at the same time, and falls as 1/√N if they are independent (Golomb D, Rinzel J (1994)
//! Physica D 72:259-282; Golomb D, Hansel D, Mato G (2001) in Handbook of Biological Physics 4:887-968). It is defined
//! for membrane potentials; for spikes it is taken of the counts in bins.

use std::convert::Infallible;

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
    let rows = |visit: &mut dyn FnMut(&[f64])| {
        values.chunks_exact(n_cells.max(1)).for_each(visit);
        Ok::<(), Infallible>(())
    };
    chi_of_rows(n_cells, rows).unwrap_or_else(|never| match never {})
}

/// As [`chi_of_traces`], with `rows` giving one row after the other. It is asked twice: for means, then for variances.
pub fn chi_of_rows<E>(
    n_cells: usize,
    rows: impl Fn(&mut dyn FnMut(&[f64])) -> Result<(), E>,
) -> Result<Option<f64>, E> {
    if n_cells < 2 {
        return Ok(None);
    }
    let mean_over_cells = |row: &[f64]| row.iter().sum::<f64>() / n_cells as f64;
    let (mut n, mut mean, mut means) = (0_u64, 0.0, vec![0.0; n_cells]);
    rows(&mut |row| {
        n += 1;
        mean += mean_over_cells(row);
        means.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    })?;
    if n < 2 {
        return Ok(None);
    }
    mean /= n as f64;
    means.iter_mut().for_each(|sum| *sum /= n as f64);
    let (mut of_mean, mut of_cells) = (0.0, vec![0.0; n_cells]);
    rows(&mut |row| {
        let off = mean_over_cells(row) - mean;
        of_mean += off * off;
        for ((sum, value), mean) in of_cells.iter_mut().zip(row).zip(&means) {
            *sum += (value - mean) * (value - mean);
        }
    })?;
    let freedom = (n - 1) as f64;
    let of_cells = of_cells.iter().map(|squares| squares / freedom).sum::<f64>();
    Ok(ratio(of_mean / freedom, of_cells / n_cells as f64))
}

fn ratio(of_mean: f64, of_cells: f64) -> Option<f64> {
    (of_cells > 0.0 && of_cells.is_finite()).then(|| (of_mean / of_cells).sqrt())
}
