//! Each ordered pair with the same probability, independently.

use nsb_lang::math;

use super::{Ends, Link, Rule, SameCells, excluded};
use crate::random::{Purpose, Stream};

/// Independent draws, made by skipping: the distance to the next connected target is geometrically distributed, so
/// the work is proportional to the number of connections, however small the probability.
pub(super) struct PairwiseProbability {
    ends: Ends,
    probability: f64,
    excluded: SameCells,
    stream: Stream,
    /// 1 / ln(1 − p); 0 for p = 1, which makes every distance 0.
    per_log: f64,
}

impl PairwiseProbability {
    pub(super) fn new(ends: Ends, probability: f64, self_connections: bool) -> PairwiseProbability {
        PairwiseProbability {
            excluded: excluded(&ends, self_connections),
            stream: Stream::new(ends.seed, ends.projection.0, Purpose::Connect),
            ends,
            probability,
            per_log: 1.0 / log_of_complement(probability),
        }
    }
}

impl Rule for PairwiseProbability {
    fn expected(&self) -> f64 {
        let pairs = f64::from(self.ends.n_sources) * f64::from(self.ends.n_targets);
        (pairs - f64::from(self.excluded.len())) * self.probability
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        if self.probability <= 0.0 {
            return;
        }
        let (mut next, excluded) = (0u64, self.excluded.target_of(source));
        for draw in 0u64.. {
            // A row has fewer than 2³² draws, because each of them moves on by at least one target.
            let u = self.stream.uniform(u64::from(source) << 32 | draw);
            // P(distance ≥ k) = (1 − p)^k. 1 − u lies in (0, 1], so the logarithm is finite.
            let distance = (math::log(1.0 - u) * self.per_log).floor();
            // Compared as f64: the distance may exceed every integer type.
            if distance >= (u64::from(self.ends.n_targets) - next) as f64 {
                return;
            }
            let target = (next + distance as u64) as u32;
            // A drawn self-connection is dropped, which leaves the other pairs independent of each other.
            if excluded != Some(target) {
                links.push(Link { target, entry: None });
            }
            next = u64::from(target) + 1;
        }
    }
}

/// ln(1 − p), −∞ for p = 1. Small p would lose its digits in 1 − p; there the series is exact to the last bit.
fn log_of_complement(p: f64) -> f64 {
    if p >= 1.0 {
        f64::NEG_INFINITY
    } else if p < 1e-5 {
        -p * (1.0 + p * (0.5 + p * (1.0 / 3.0)))
    } else {
        math::log(1.0 - p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::ProjectionId;

    fn ends(seed: u64, n: u32) -> Ends {
        Ends {
            seed,
            projection: ProjectionId(3),
            n_sources: n,
            n_targets: n,
            same: SameCells::All(n),
        }
    }

    fn rows(rule: &PairwiseProbability) -> Vec<Vec<u32>> {
        (0..rule.ends.n_sources)
            .map(|source| {
                let mut links = Vec::new();
                rule.row(source, &mut links);
                links.iter().map(|link| link.target).collect()
            })
            .collect()
    }

    fn squared(x: f64) -> f64 {
        x * x
    }

    /// Counts per pair, row and column are binomial; none may be off by more than five standard deviations.
    #[test]
    fn connections_are_as_frequent_as_independent_draws() {
        let n = 1000;
        for p in [0.003, 0.1, 0.5, 0.97] {
            let rows = rows(&PairwiseProbability::new(ends(11, n), p, true));
            let mut in_degrees = vec![0.0; n as usize];
            let (mut total, mut out_squares) = (0.0, 0.0);
            let deviation = (f64::from(n) * p * (1.0 - p)).sqrt();
            for row in &rows {
                assert!(row.windows(2).all(|pair| pair[0] < pair[1]), "targets ascend");
                total += row.len() as f64;
                out_squares += squared((row.len() as f64 - f64::from(n) * p) / deviation);
                for &target in row {
                    in_degrees[target as usize] += 1.0;
                }
            }
            let pairs = f64::from(n) * f64::from(n);
            assert!(
                (total - pairs * p).abs() < 5.0 * (pairs * p * (1.0 - p)).sqrt(),
                "p {p}: total {total}"
            );
            let in_squares: f64 = in_degrees
                .iter()
                .map(|d| squared((d - f64::from(n) * p) / deviation))
                .sum();
            // χ² with n degrees of freedom has mean n and variance 2 n.
            for (what, squares) in [("out", out_squares), ("in", in_squares)] {
                assert!(
                    (squares - f64::from(n)).abs() < 5.0 * (2.0 * f64::from(n)).sqrt(),
                    "p {p}: {what} {squares}"
                );
            }
        }
    }

    /// Neighbouring targets of a row are connected independently: P(both) = p².
    #[test]
    fn neighbouring_pairs_are_independent() {
        let p = 0.2;
        let rows = rows(&PairwiseProbability::new(ends(5, 1000), p, true));
        let both: usize = rows
            .iter()
            .map(|row| row.windows(2).filter(|pair| pair[0] + 1 == pair[1]).count())
            .sum();
        let trials = 1000.0 * 999.0;
        let expected = trials * p * p;
        // Overlapping trials are correlated, which adds at most a factor √(1 + 2p) to the binomial deviation.
        assert!(
            (both as f64 - expected).abs() < 6.0 * expected.sqrt() * 1.2,
            "{both} of {expected} expected"
        );
    }

    #[test]
    fn certain_and_impossible_connections_are_exact() {
        let all = rows(&PairwiseProbability::new(ends(1, 50), 1.0, true));
        assert!(all.iter().all(|row| row.iter().copied().eq(0..50)));
        let none = rows(&PairwiseProbability::new(ends(1, 50), 0.0, true));
        assert!(none.iter().all(Vec::is_empty));
    }

    #[test]
    fn self_connections_are_left_out_without_changing_other_pairs() {
        let with = rows(&PairwiseProbability::new(ends(2, 200), 0.3, true));
        let without = rows(&PairwiseProbability::new(ends(2, 200), 0.3, false));
        let mut dropped = 0;
        for (source, (with, without)) in with.iter().zip(&without).enumerate() {
            let others: Vec<u32> = with.iter().copied().filter(|&target| target != source as u32).collect();
            assert_eq!(&others, without);
            dropped += with.len() - without.len();
        }
        assert!(
            (30..90).contains(&dropped),
            "{dropped} of 200 possible self-connections, 60 expected"
        );
    }

    #[test]
    fn tiny_probabilities_neither_hang_nor_connect_everything() {
        for p in [1e-300, 1e-17, 1e-9] {
            let rows = rows(&PairwiseProbability::new(ends(1, 1000), p, true));
            assert_eq!(rows.iter().map(Vec::len).sum::<usize>(), 0, "p {p}");
        }
        let expected = 1e6 * 1e-5;
        let found: usize = rows(&PairwiseProbability::new(ends(1, 1000), 1e-5, true))
            .iter()
            .map(Vec::len)
            .sum();
        assert!(
            (found as f64 - expected).abs() < 5.0 * f64::sqrt(expected),
            "{found} of {expected} expected"
        );
    }

    #[test]
    fn seeds_and_projections_give_different_connections() {
        let first = rows(&PairwiseProbability::new(ends(1, 100), 0.5, true));
        assert_ne!(first, rows(&PairwiseProbability::new(ends(2, 100), 0.5, true)));
        let other = Ends {
            projection: ProjectionId(4),
            ..ends(1, 100)
        };
        assert_ne!(first, rows(&PairwiseProbability::new(other, 0.5, true)));
    }
}
