//! How good a recall is: plain functions of rates.

/// A cell is recalled if its rate is above this part of the mean of the highest rates.
const RECALLED: f64 = 0.4;
/// How many rates are the highest.
const HIGHEST: usize = 5;

/// The cells whose rate is above 0.4 times the mean of the five highest rates, ascending.
pub fn recalled(rates: &[f64]) -> Vec<u32> {
    let mut highest = rates.to_vec();
    highest.sort_by(|a, b| b.total_cmp(a));
    highest.truncate(HIGHEST);
    let mean = highest.iter().sum::<f64>() / highest.len().max(1) as f64;
    let above = rates.iter().enumerate().filter(|(_, rate)| **rate > RECALLED * mean);
    above.map(|(cell, _)| cell as u32).collect()
}

/// Jaccard index of two ascending lists of cells: what they share, of all that is in either. 1 if both are empty.
pub fn jaccard(a: &[u32], b: &[u32]) -> f64 {
    let shared = a.iter().filter(|cell| b.binary_search(cell).is_ok()).count();
    let all = a.len() + b.len() - shared;
    if all == 0 { 1.0 } else { shared as f64 / all as f64 }
}

/// How well cells fire in an expected order: Kendall's τ (τ_a, Kendall 1938, Biometrika 30:81-93) of the times of their
/// first spikes (ms; infinite for a cell that is silent) and their places in a list. Of all pairs of cells those in the
/// expected order count 1, those in the opposite order −1, and pairs that fire at one time, or of which a cell is silent, 0.
/// 1: all fire, in this order; 0: as chance gives, or nothing fires; −1: all fire, in the opposite order. None of fewer
/// than two cells.
pub fn kendall_tau(first_spikes_ms: &[f64], expected: &[u32]) -> Option<f64> {
    let first = |cell: &u32| first_spikes_ms.get(*cell as usize).copied().unwrap_or(f64::INFINITY);
    let firsts: Vec<f64> = expected.iter().map(first).collect();
    let mut sum = 0_i64;
    for (n, a) in firsts.iter().enumerate() {
        for b in firsts[n + 1..].iter().filter(|b| a.is_finite() && b.is_finite()) {
            sum += i64::from(a < b) - i64::from(a > b);
        }
    }
    let pairs = firsts.len() * firsts.len().saturating_sub(1) / 2;
    (pairs > 0).then(|| sum as f64 / pairs as f64)
}

/// Pattern-separation index: 1 minus the mean correlation of the rates of any two recalls. Pairs in which all cells of a
/// recall fire alike have no correlation and are left out; none if no pair is left.
pub fn separation<R: AsRef<[f64]>>(recalls: &[R]) -> Option<f64> {
    let pairs = (0..recalls.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let correlations: Vec<f64> = pairs
        .filter_map(|(i, j)| correlation(recalls[i].as_ref(), recalls[j].as_ref()))
        .collect();
    let n = correlations.len() as f64;
    (n > 0.0).then(|| 1.0 - correlations.iter().sum::<f64>() / n)
}

/// Pearson's correlation coefficient.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean_a, y - mean_b);
        (aa, bb, ab) = (aa + x * x, bb + y * y, ab + x * y);
    }
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}

/// Decoding by the votes of cells (Diehl & Cook 2015): each cell belongs to the class to which it responded most, and
/// the class whose cells fire most is decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Voting {
    n_classes: usize,
    /// The class of each cell; none of a cell that never fired.
    classes: Vec<Option<usize>>,
}

impl Voting {
    /// Assigns cells by responses (class, rates of all cells) whose classes are known.
    pub fn new(n_classes: usize, responses: &[(usize, &[f64])]) -> Voting {
        let n_cells = responses.first().map_or(0, |(_, rates)| rates.len());
        let mut seen = vec![0.0_f64; n_classes];
        let mut sums = vec![vec![0.0; n_classes]; n_cells];
        for (class, rates) in responses {
            seen[*class] += 1.0;
            sums.iter_mut().zip(*rates).for_each(|(sum, rate)| sum[*class] += rate);
        }
        let class = |sums: &Vec<f64>| {
            let means = sums.iter().zip(&seen).map(|(sum, n)| sum / n.max(1.0));
            highest(means)
        };
        Voting {
            n_classes,
            classes: sums.iter().map(class).collect(),
        }
    }

    /// The class that a response speaks for; none if no cell with a class fired.
    pub fn decode(&self, rates: &[f64]) -> Option<usize> {
        let mut sums = vec![(0.0, 0.0); self.n_classes];
        for (class, rate) in self.classes.iter().zip(rates) {
            if let Some(class) = class {
                sums[*class].0 += rate;
                sums[*class].1 += 1.0;
            }
        }
        highest(sums.into_iter().map(|(sum, n): (f64, f64)| sum / n.max(1.0)))
    }
}

/// The position of the highest positive number, the first of equal ones.
fn highest(numbers: impl Iterator<Item = f64>) -> Option<usize> {
    let mut best = (None, 0.0);
    for (n, number) in numbers.enumerate() {
        if number > best.1 {
            best = (Some(n), number);
        }
    }
    best.0
}

/// Mean, and sample standard deviation where there are two or more.
pub fn mean_sd(values: &[f64]) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (mean, (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_above_two_fifths_of_the_highest_five_are_recalled() {
        // The five highest are 100, 90, 80, 70, 60: mean 80, threshold 32.
        let rates = [100.0, 31.9, 90.0, 80.0, 32.1, 70.0, 60.0, 0.0];
        assert_eq!(recalled(&rates), [0, 2, 3, 4, 5, 6]);
        assert!(recalled(&[0.0; 9]).is_empty() && recalled(&[]).is_empty());
    }

    #[test]
    fn the_jaccard_index_is_what_is_shared_of_all() {
        assert_eq!(jaccard(&[1, 2, 3, 4], &[3, 4, 5]), 0.4);
        assert_eq!(jaccard(&[1, 2], &[1, 2]), 1.0);
        assert_eq!(jaccard(&[1, 2], &[]), 0.0);
        // A cue of half the pattern and nothing else scores half.
        assert_eq!(jaccard(&[0, 1, 2, 3, 4], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), 0.5);
    }

    #[test]
    fn the_order_of_recall_is_scored_by_pairs_of_cells() {
        let times = [3.0, 1.0, 2.0, f64::INFINITY, 3.0, 9.0];
        assert_eq!(kendall_tau(&times, &[1, 2, 0, 5]), Some(1.0));
        assert_eq!(kendall_tau(&times, &[5, 0, 2, 1]), Some(-1.0));
        // Of the pairs (1,2) (1,0) (2,0) the last is in the wrong order.
        assert_eq!(kendall_tau(&times, &[1, 0, 2]), Some(1.0 / 3.0));
        // A silent cell and cells that fire together count for nothing: of six pairs two are in order.
        assert_eq!(kendall_tau(&times, &[1, 3, 0, 4]), Some(2.0 / 6.0));
        assert_eq!(kendall_tau(&[f64::INFINITY; 3], &[0, 1, 2]), Some(0.0));
        assert_eq!(kendall_tau(&times, &[1]), None);
    }

    #[test]
    fn random_orders_score_0_with_the_spread_that_is_known() {
        // Kendall (1938): of n cells in random order mean 0 and variance 2 (2n + 5) / (9 n (n - 1)).
        use nsb_engine::random::{Purpose, Stream};
        let (n, rounds) = (8_u32, 4000);
        let order: Vec<u32> = (0..n).collect();
        let taus: Vec<f64> = (0..rounds)
            .map(|round| {
                let stream = Stream::new(7, round, Purpose::Pattern);
                let times: Vec<f64> = (0..n)
                    .map(|cell| stream.below(u64::from(cell), 1 << 40) as f64)
                    .collect();
                kendall_tau(&times, &order).unwrap()
            })
            .collect();
        let (mean, sd) = mean_sd(&taus);
        let expected = (2.0 * f64::from(2 * n + 5) / (9.0 * f64::from(n * (n - 1)))).sqrt();
        // Five standard errors of a mean, and of a standard deviation.
        assert!(mean.abs() < 5.0 * expected / f64::from(rounds).sqrt(), "{mean}");
        assert!(
            (sd.unwrap() / expected - 1.0).abs() < 5.0 / (2.0 * f64::from(rounds)).sqrt(),
            "{sd:?} {expected}"
        );
    }

    #[test]
    fn separation_is_1_of_uncorrelated_0_of_equal_and_2_of_opposite_recalls() {
        let (a, b) = (vec![1.0, 1.0, 0.0, 0.0], vec![1.0, 0.0, 1.0, 0.0]);
        let opposite = vec![0.0, 0.0, 1.0, 1.0];
        assert_eq!(separation(&[a.clone(), b]), Some(1.0));
        assert_eq!(separation(&[a.clone(), a.clone()]), Some(0.0));
        assert_eq!(separation(&[a.clone(), opposite]), Some(2.0));
        assert_eq!(separation(&[a.clone(), vec![3.0; 4]]), None);
        assert_eq!(separation(&[a]), None);
    }

    #[test]
    fn cells_vote_for_the_class_they_responded_to_most() {
        let responses: [(usize, &[f64]); 3] = [
            (0, &[9.0, 2.0, 0.0, 0.0]),
            (1, &[1.0, 8.0, 4.0, 0.0]),
            (1, &[1.0, 6.0, 6.0, 0.0]),
        ];
        let voting = Voting::new(2, &responses);
        assert_eq!(voting.classes, [Some(0), Some(1), Some(1), None]);
        // The mean over the cells of a class counts, not the sum: 3 beats (2.5 + 2.5) / 2.
        assert_eq!(voting.decode(&[3.0, 2.5, 2.5, 99.0]), Some(0));
        assert_eq!(voting.decode(&[2.0, 2.5, 2.5, 0.0]), Some(1));
        assert_eq!(voting.decode(&[0.0, 0.0, 0.0, 9.0]), None);
    }

    #[test]
    fn the_spread_is_that_of_a_sample() {
        assert_eq!(mean_sd(&[2.0, 4.0, 6.0]), (4.0, Some(2.0)));
        assert_eq!(mean_sd(&[2.0]), (2.0, None));
    }
}
