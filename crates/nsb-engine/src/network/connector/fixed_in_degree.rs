//! Each target cell from the same number of source cells.

use super::distinct::{Marks, distinct, skipping};
use super::{Ends, Link, Problem, Rule, SameCells, WorkingMemory, excluded};
use crate::random::{Purpose, Stream};

/// Each target cell from the same number of source cells, drawn evenly.
///
/// Draws are made target by target and then turned into rows.
pub(super) struct FixedInDegree {
    ends: Ends,
    degree: usize,
    multapses: bool,
    excluded: SameCells,
    /// Row n is `targets[starts[n]..starts[n + 1]]`.
    starts: Vec<usize>,
    targets: Vec<u32>,
}

impl FixedInDegree {
    pub(super) fn new(ends: Ends, degree: usize, multapses: bool, self_connections: bool) -> FixedInDegree {
        FixedInDegree {
            excluded: excluded(&ends, self_connections),
            ends,
            degree,
            multapses,
            starts: Vec::new(),
            targets: Vec::new(),
        }
    }

    /// Source cells to choose from, for the target that has fewest.
    fn fewest(&self) -> u32 {
        self.ends.n_sources - u32::from(self.excluded.len() > 0)
    }
}

impl Rule for FixedInDegree {
    fn problems(&self) -> Vec<Problem> {
        degree_problem(self.degree, self.fewest(), self.multapses, ("in-degree", "source"))
            .into_iter()
            .collect()
    }

    fn expected(&self) -> f64 {
        self.degree as f64 * f64::from(self.ends.n_targets)
    }

    fn working_memory(&self) -> WorkingMemory {
        let (pairs, starts) = (4.0 * self.expected(), 8.0 * f64::from(self.ends.n_sources));
        WorkingMemory {
            held: pairs + starts,
            passing: pairs + starts,
        }
    }

    fn needs_preparation(&self) -> bool {
        true
    }

    fn prepare(&mut self) {
        let stream = Stream::new(self.ends.seed, self.ends.projection.0, Purpose::Connect);
        let n_sources = self.ends.n_sources as usize;
        let mut sources = Vec::with_capacity(self.degree * self.ends.n_targets as usize);
        let mut marks = Marks::new(self.ends.n_sources);
        for target in 0..self.ends.n_targets {
            let (begin, index) = (sources.len(), u64::from(target) << 32);
            let excluded = self.excluded.source_of(target);
            let available = self.ends.n_sources - u32::from(excluded.is_some());
            if self.multapses {
                let draw = |n| stream.below(index | n, u64::from(available)) as u32;
                sources.extend((0..self.degree as u64).map(draw));
            } else {
                distinct(stream, index, available, self.degree as u32, &mut marks, &mut sources);
            }
            sources[begin..]
                .iter_mut()
                .for_each(|source| *source = skipping(*source, excluded));
        }
        // Sorted by counting; targets stay ascending within a row because they are visited in that order.
        self.starts = vec![0; n_sources + 1];
        sources.iter().for_each(|&source| self.starts[source as usize + 1] += 1);
        (0..n_sources).for_each(|n| self.starts[n + 1] += self.starts[n]);
        let mut next = self.starts.clone();
        self.targets = vec![0; sources.len()];
        for (n, &source) in sources.iter().enumerate() {
            self.targets[next[source as usize]] = (n / self.degree) as u32;
            next[source as usize] += 1;
        }
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        let (begin, end) = (self.starts[source as usize], self.starts[source as usize + 1]);
        links.extend(self.targets[begin..end].iter().map(|&target| Link::to(target)));
    }
}

/// More connections of a cell than there are partners.
pub(super) fn degree_problem(
    degree: usize,
    available: u32,
    multapses: bool,
    (degree_name, end): (&str, &str),
) -> Option<Problem> {
    let key = "degree";
    if degree > u32::MAX as usize || (available == 0 && degree > 0) {
        return Some(Problem {
            key,
            reason: format!("an {degree_name} of {degree} is not possible with {available} {end} cells to choose from"),
            hint: format!("choose a smaller degree, or a larger {end} population"),
        });
    }
    (!multapses && degree > available as usize).then(|| Problem {
        key,
        reason: format!(
            "an {degree_name} of {degree} needs {degree} different {end} cells, but there are {available} to choose from"
        ),
        hint: format!(
            "write degree = {available} or less, enlarge the {end} population, or allow a pair to be connected more than \
             once with multapses = true"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::test_tools::{ends, rows_of};
    use super::*;

    fn rows(rule: FixedInDegree) -> Vec<Vec<u32>> {
        let n = rule.ends.n_sources;
        rows_of(rule, n)
    }

    #[test]
    fn every_target_has_its_degree_and_sources_are_drawn_evenly() {
        for (multapses, self_connections) in [(false, false), (false, true), (true, false), (true, true)] {
            let (n, degree) = (400, 50);
            let rows = rows(FixedInDegree::new(ends(9, n), degree, multapses, self_connections));
            let (mut in_degrees, mut selves, mut repeats) = (vec![0; n as usize], 0, 0);
            let mut squares = 0.0;
            for (source, row) in rows.iter().enumerate() {
                assert!(row.windows(2).all(|pair| pair[0] <= pair[1]), "targets ascend");
                row.iter().for_each(|&target| in_degrees[target as usize] += 1);
                selves += row.iter().filter(|&&target| target as usize == source).count();
                repeats += row.windows(2).filter(|pair| pair[0] == pair[1]).count();
                let off = row.len() as f64 - degree as f64;
                squares += off * off / degree as f64;
            }
            assert!(in_degrees.iter().all(|&d| d == degree));
            assert_eq!(repeats > 0, multapses);
            assert_eq!(selves > 0, self_connections);
            // Expected 400 · 50 · (1/400) = 50 connections of cells to themselves.
            assert!(!self_connections || (20..85).contains(&selves), "{selves}");
            // Out-degrees are binomial: χ² with about 400 degrees of freedom, deviation √800 = 28; without repetition
            // the variance is smaller by 1 − 50/400.
            let expected = f64::from(n) * if multapses { 1.0 } else { 0.875 };
            assert!((squares - expected).abs() < 5.0 * 28.3, "{squares}");
        }
    }

    #[test]
    fn too_large_a_degree_is_refused_only_without_multapses() {
        let problems =
            |degree, multapses, own| FixedInDegree::new(ends(1, 10), degree, multapses, own).problems().len();
        assert_eq!([problems(10, false, true), problems(11, false, true)], [0, 1]);
        assert_eq!([problems(9, false, false), problems(10, false, false)], [0, 1]);
        assert_eq!(problems(1000, true, false), 0);
        let all = rows(FixedInDegree::new(ends(1, 10), 9, false, false));
        assert!(all.iter().all(|row| row.len() == 9));
        let none = rows(FixedInDegree::new(ends(1, 10), 0, false, false));
        assert!(none.iter().all(Vec::is_empty));
    }
}
