//! Pairwise correlation: Pearson's coefficient of the binned spike counts of two cells, averaged over pairs.

use super::Counts;

/// Cells whose pairs are looked at; more are sampled evenly.
const MOST_CELLS: usize = 200;

/// Correlation between the cells of a population.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation {
    /// Width of a bin, ms.
    pub bin_ms: f64,
    /// Mean over pairs.
    pub mean: f64,
    /// How many pairs that are.
    pub pairs: usize,
}

/// Measures it over all pairs of at most 200 cells that fired, taken evenly from all that did; `None` for fewer than
/// two such cells. A cell with the same count in every bin correlates with nothing and is left out.
pub fn pairwise_correlation(counts: &Counts) -> Option<Correlation> {
    let varying: Vec<usize> = (0..counts.cells.len())
        .filter(|&cell| counts.moments(cell).1 > 0.0)
        .collect();
    let n = varying.len().min(MOST_CELLS);
    let chosen: Vec<usize> = (0..n).map(|i| varying[i * varying.len() / n]).collect();
    let moments: Vec<(f64, f64)> = chosen.iter().map(|&cell| counts.moments(cell)).collect();
    let mut dense = vec![0.0; counts.n_bins];
    let (mut sum, mut pairs) = (0.0, 0);
    for a in 0..n {
        dense.fill(0.0);
        for (bin, count) in &counts.cells[chosen[a]] {
            dense[*bin as usize] = f64::from(*count);
        }
        for b in a + 1..n {
            let other = &counts.cells[chosen[b]];
            let product: f64 = other
                .iter()
                .map(|(bin, count)| dense[*bin as usize] * f64::from(*count))
                .sum();
            let covariance = product / counts.n_bins as f64 - moments[a].0 * moments[b].0;
            sum += covariance / (moments[a].1 * moments[b].1).sqrt();
            pairs += 1;
        }
    }
    (pairs > 0).then(|| Correlation {
        bin_ms: counts.bin_ms,
        mean: sum / f64::from(pairs),
        pairs: pairs as usize,
    })
}
