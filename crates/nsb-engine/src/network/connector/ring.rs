//! Cells in a row or ring, each to its neighbours.

use super::{Ends, Link, Problem, Rule, same_size};

/// Each cell to its neighbours on both sides.
pub(super) struct Ring {
    ends: Ends,
    neighbours: usize,
    periodic: bool,
}

impl Ring {
    pub(super) fn new(ends: Ends, neighbours: usize, periodic: bool) -> Ring {
        Ring {
            ends,
            neighbours,
            periodic,
        }
    }
}

impl Rule for Ring {
    fn problems(&self) -> Vec<Problem> {
        let size = same_size(&self.ends, "ring");
        size.into_iter()
            .chain(neighbours_problem(self.neighbours, self.ends.n_sources))
            .collect()
    }

    fn expected(&self) -> f64 {
        let (n, k) = (f64::from(self.ends.n_sources), self.neighbours as f64);
        let beyond_the_ends = if self.periodic { 0.0 } else { k * (k + 1.0) };
        2.0 * k * n - beyond_the_ends
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        links.extend(
            targets(source, self.ends.n_targets, self.neighbours as u32, self.periodic)
                .into_iter()
                .map(Link::to),
        );
    }
}

/// The neighbours of a cell, ascending.
pub(super) fn targets(source: u32, n: u32, neighbours: u32, periodic: bool) -> Vec<u32> {
    let (n, k, source) = (i64::from(n), i64::from(neighbours), i64::from(source));
    let around = (source - k..=source + k).filter(|&target| target != source);
    let mut targets: Vec<u32> = if periodic {
        around.map(|target| target.rem_euclid(n) as u32).collect()
    } else {
        around
            .filter(|target| (0..n).contains(target))
            .map(|target| target as u32)
            .collect()
    };
    targets.sort_unstable();
    targets
}

/// Neighbours of the two sides must not be the same cells.
pub(super) fn neighbours_problem(neighbours: usize, n: u32) -> Option<Problem> {
    let most = n.saturating_sub(1) as usize / 2;
    (neighbours > most).then(|| Problem {
        key: "neighbours",
        reason: format!("{neighbours} neighbours on each side are more than {n} cells have"),
        hint: format!("write neighbours = {most} or less"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::test_tools::{ends, rows_of};
    use super::*;

    fn rows(rule: Ring) -> Vec<Vec<u32>> {
        let n = rule.ends.n_sources;
        rows_of(rule, n)
    }

    #[test]
    fn neighbours_are_on_both_sides_and_around_the_end_only_if_periodic() {
        let ring = rows(Ring::new(ends(1, 6), 2, true));
        assert_eq!(ring[0], [1, 2, 4, 5]);
        assert_eq!(ring[3], [1, 2, 4, 5]);
        let row = rows(Ring::new(ends(1, 6), 2, false));
        assert_eq!(row[0], [1, 2]);
        assert_eq!(row[3], [1, 2, 4, 5]);
        assert_eq!(row[5], [3, 4]);
        assert_eq!(
            row.iter().map(Vec::len).sum::<usize>() as f64,
            Ring::new(ends(1, 6), 2, false).expected()
        );
    }

    #[test]
    fn a_ring_that_bites_its_tail_is_refused() {
        assert_eq!([2, 3].map(|k| Ring::new(ends(1, 6), k, true).problems().len()), [0, 1]);
        let unequal = Ends {
            n_targets: 7,
            ..ends(1, 6)
        };
        assert_eq!(Ring::new(unequal, 2, true).problems().len(), 1);
    }
}
