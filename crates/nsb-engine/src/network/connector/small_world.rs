//! A ring with shortcuts: Watts DJ, Strogatz SH (1998) Nature 393:440-442, with directed connections.

use super::{Ends, Link, Problem, Rule, ring, same_size};
use crate::random::{Purpose, Stream};

/// A ring in which each connection is led elsewhere with some probability.
pub(super) struct SmallWorld {
    ends: Ends,
    neighbours: usize,
    rewiring: f64,
    stream: Stream,
}

impl SmallWorld {
    pub(super) fn new(ends: Ends, neighbours: usize, rewiring: f64) -> SmallWorld {
        SmallWorld {
            stream: Stream::new(ends.seed, ends.projection.0, Purpose::Connect),
            ends,
            neighbours,
            rewiring,
        }
    }
}

impl Rule for SmallWorld {
    fn problems(&self) -> Vec<Problem> {
        let probability = (!(0.0..=1.0).contains(&self.rewiring)).then(|| Problem {
            key: "rewiring",
            reason: format!("the probability {} is not between 0 and 1", self.rewiring),
            hint: "write a number from 0 to 1, such as 0.1 for 10 %".to_owned(),
        });
        same_size(&self.ends, "small_world")
            .into_iter()
            .chain(ring::neighbours_problem(self.neighbours, self.ends.n_sources))
            .chain(probability)
            .collect()
    }

    fn expected(&self) -> f64 {
        2.0 * self.neighbours as f64 * f64::from(self.ends.n_sources)
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        let n = self.ends.n_targets;
        let mut targets = ring::targets(source, n, self.neighbours as u32, true);
        let mut draws = (u64::from(source) << 32)..;
        let mut next = || draws.next().expect("a row needs far fewer than 2³² draws");
        // With every other cell connected already there is nowhere to go.
        let is_full = targets.len() + 1 >= n as usize;
        for position in 0..targets.len() {
            if self.stream.uniform(next()) >= self.rewiring || is_full {
                continue;
            }
            targets[position] = loop {
                let candidate = self.stream.below(next(), u64::from(n)) as u32;
                if candidate != source && !targets.contains(&candidate) {
                    break candidate;
                }
            };
        }
        targets.sort_unstable();
        links.extend(targets.into_iter().map(Link::to));
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_tools::{ends, rows_of};
    use super::*;

    fn rows(rule: SmallWorld) -> Vec<Vec<u32>> {
        let n = rule.ends.n_sources;
        rows_of(rule, n)
    }

    #[test]
    fn the_given_share_of_connections_leaves_the_ring() {
        let (n, k) = (2000u32, 5usize);
        for rewiring in [0.0, 0.1, 0.6, 1.0] {
            let rows = rows(SmallWorld::new(ends(3, n), k, rewiring));
            let mut far = 0;
            for (source, row) in rows.iter().enumerate() {
                assert_eq!(row.len(), 2 * k);
                assert!(
                    row.windows(2).all(|pair| pair[0] < pair[1]),
                    "no pair twice, targets ascend"
                );
                assert!(!row.contains(&(source as u32)));
                let local = ring::targets(source as u32, n, k as u32, true);
                far += row.iter().filter(|target| !local.contains(target)).count();
            }
            // A rewired connection falls back among the 10 local ones with at most 10/2000.
            let expected = 20_000.0 * rewiring;
            let deviation = f64::sqrt(expected * (1.0 - rewiring)) * 5.0 + 0.005 * expected;
            assert!((far as f64 - expected).abs() <= deviation, "{far} of {expected}");
        }
    }

    #[test]
    fn full_rings_end_and_bad_probabilities_are_refused() {
        let full = rows(SmallWorld::new(ends(3, 5), 2, 1.0));
        assert!(full.iter().all(|row| row.len() == 4));
        for bad in [-0.1, 1.1, f64::NAN] {
            assert_eq!(SmallWorld::new(ends(3, 9), 2, bad).problems().len(), 1);
        }
    }
}
