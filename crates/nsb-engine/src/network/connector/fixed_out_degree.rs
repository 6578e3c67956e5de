//! Each source cell to the same number of target cells.

use super::distinct::{Marks, distinct, skipping};
use super::fixed_in_degree::degree_problem;
use super::{Ends, Link, Problem, Rule, SameCells, excluded};
use crate::random::{Purpose, Stream};

/// Each source cell to the same number of target cells, drawn evenly.
pub(super) struct FixedOutDegree {
    ends: Ends,
    degree: usize,
    multapses: bool,
    excluded: SameCells,
    stream: Stream,
}

impl FixedOutDegree {
    pub(super) fn new(ends: Ends, degree: usize, multapses: bool, self_connections: bool) -> FixedOutDegree {
        FixedOutDegree {
            excluded: excluded(&ends, self_connections),
            stream: Stream::new(ends.seed, ends.projection.0, Purpose::Connect),
            ends,
            degree,
            multapses,
        }
    }

    /// Target cells to choose from, for the source that has fewest.
    fn fewest(&self) -> u32 {
        self.ends.n_targets - u32::from(self.excluded.len() > 0)
    }
}

impl Rule for FixedOutDegree {
    fn problems(&self) -> Vec<Problem> {
        degree_problem(self.degree, self.fewest(), self.multapses, ("out-degree", "target"))
            .into_iter()
            .collect()
    }

    fn expected(&self) -> f64 {
        self.degree as f64 * f64::from(self.ends.n_sources)
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        let (index, excluded) = (u64::from(source) << 32, self.excluded.target_of(source));
        let available = self.ends.n_targets - u32::from(excluded.is_some());
        let mut targets = Vec::with_capacity(self.degree);
        if self.multapses {
            let draw = |n| self.stream.below(index | n, u64::from(available)) as u32;
            targets.extend((0..self.degree as u64).map(draw));
            targets.sort_unstable();
        } else {
            let mut marks = Marks::new(available);
            distinct(
                self.stream,
                index,
                available,
                self.degree as u32,
                &mut marks,
                &mut targets,
            );
        }
        links.extend(targets.into_iter().map(|target| Link::to(skipping(target, excluded))));
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_tools::{ends, rows_of};
    use super::*;

    fn rows(rule: FixedOutDegree) -> Vec<Vec<u32>> {
        let n = rule.ends.n_sources;
        rows_of(rule, n)
    }

    #[test]
    fn every_source_has_its_degree_and_targets_are_drawn_evenly() {
        for (multapses, self_connections) in [(false, false), (false, true), (true, false), (true, true)] {
            let (n, degree) = (400usize, 50);
            let rows = rows(FixedOutDegree::new(ends(9, 400), degree, multapses, self_connections));
            let (mut in_degrees, mut selves, mut repeats) = (vec![0.0; n], 0, 0);
            for (source, row) in rows.iter().enumerate() {
                assert_eq!(row.len(), degree);
                assert!(row.windows(2).all(|pair| pair[0] <= pair[1]), "targets ascend");
                row.iter().for_each(|&target| in_degrees[target as usize] += 1.0);
                selves += row.iter().filter(|&&target| target as usize == source).count();
                repeats += row.windows(2).filter(|pair| pair[0] == pair[1]).count();
            }
            assert_eq!((repeats > 0, selves > 0), (multapses, self_connections));
            let squares: f64 = in_degrees.iter().map(|d: &f64| (d - 50.0) * (d - 50.0) / 50.0).sum();
            let expected = n as f64 * if multapses { 1.0 } else { 0.875 };
            assert!((squares - expected).abs() < 5.0 * 28.3, "{squares}");
        }
    }

    #[test]
    fn too_large_a_degree_is_refused_only_without_multapses() {
        let problems = |degree, multapses| {
            FixedOutDegree::new(ends(1, 10), degree, multapses, false)
                .problems()
                .len()
        };
        assert_eq!([problems(9, false), problems(10, false), problems(10, true)], [0, 1, 0]);
    }
}
