//! So many connections in all.

use super::{Ends, Link, Problem, Rule, SameCells, WorkingMemory, excluded};
use crate::random::{Purpose, Stream};

/// So many connections in all, both ends drawn evenly.
///
/// Pairs are numbered source by source, so that a pair is one draw and sorting pairs gives rows. With
/// multapses and rows of equal lengths draws are independent, so it is enough to know how many fall to each source; the targets of a row are drawn
/// when they are asked for.
pub(super) struct FixedTotalNumber {
    ends: Ends,
    number: usize,
    multapses: bool,
    excluded: SameCells,
    /// Numbers of the connected pairs, ascending, if they are drawn beforehand.
    pairs: Vec<u64>,
    /// Else the number of the first connection of each source, and the number of all.
    starts: Vec<u64>,
}

/// Draws of targets are numbered from here, beyond those of row lengths.
const FIRST_TARGET: u64 = 1 << 62;

impl FixedTotalNumber {
    pub(super) fn new(ends: Ends, number: usize, multapses: bool, self_connections: bool) -> FixedTotalNumber {
        FixedTotalNumber {
            excluded: excluded(&ends, self_connections),
            ends,
            number,
            multapses,
            pairs: Vec::new(),
            starts: Vec::new(),
        }
    }

    /// The number of the first pair of a source.
    fn first_pair(&self, source: u32) -> u64 {
        u64::from(source) * u64::from(self.ends.n_targets) - u64::from(self.excluded.before(source))
    }

    /// Possible targets of a source, if all sources have the same number.
    fn row_length(&self) -> Option<u32> {
        match self.excluded {
            SameCells::None => Some(self.ends.n_targets),
            SameCells::All(n) if n == self.ends.n_sources => Some(self.ends.n_targets - 1),
            _ => None,
        }
    }

    fn n_pairs(&self) -> u64 {
        self.first_pair(self.ends.n_sources)
    }
}

impl Rule for FixedTotalNumber {
    fn problems(&self) -> Vec<Problem> {
        let (number, n_pairs, key) = (self.number, self.n_pairs(), "number");
        if n_pairs == 0 && number > 0 {
            return vec![Problem {
                key,
                reason: format!("{number} connections are not possible: there is no pair of cells to connect"),
                hint: "enlarge a population, or write self_connections = true".to_owned(),
            }];
        }
        if self.multapses || number as u64 <= n_pairs {
            return Vec::new();
        }
        vec![Problem {
            key,
            reason: format!("{number} connections need as many different pairs of cells, but there are {n_pairs}"),
            hint: format!(
                "write number = {n_pairs} or less, or allow a pair to be connected more than once with multapses = true"
            ),
        }]
    }

    fn expected(&self) -> f64 {
        self.number as f64
    }

    fn working_memory(&self) -> WorkingMemory {
        let (number, starts) = (self.number as f64, 8.0 * f64::from(self.ends.n_sources));
        match (self.multapses, self.row_length()) {
            (true, Some(_)) => WorkingMemory {
                held: starts,
                passing: 0.0,
            },
            (true, None) => WorkingMemory {
                held: 8.0 * number,
                passing: 0.0,
            },
            (false, _) => {
                let left_out = self.n_pairs() as f64 - number;
                WorkingMemory {
                    held: 8.0 * number,
                    passing: if left_out < number { 8.0 * left_out } else { 0.0 },
                }
            }
        }
    }

    fn needs_preparation(&self) -> bool {
        true
    }

    fn prepare(&mut self) {
        let stream = Stream::new(self.ends.seed, self.ends.projection.0, Purpose::Connect);
        let (number, n_pairs) = (self.number as u64, self.n_pairs());
        if self.multapses && self.row_length().is_some() {
            let mut next = 0;
            self.starts = vec![0];
            for count in super::multinomial::evenly(stream, number, self.ends.n_sources) {
                next += count;
                self.starts.push(next);
            }
            return;
        }
        let mut draws = (0u64..).map(|index| stream.below(index, n_pairs));
        if self.multapses {
            self.pairs = draws.take(self.number).collect();
            self.pairs.sort_unstable();
            return;
        }
        // Of more than half of all pairs it is quicker to draw those that are not connected.
        let complement = number > n_pairs / 2;
        let wanted = if complement { n_pairs - number } else { number } as usize;
        // Repeated pairs are drawn again until there are enough. No pair is preferred, so that all sets of this size
        // are equally probable.
        let mut drawn: Vec<u64> = Vec::with_capacity(wanted);
        while drawn.len() < wanted {
            let missing = wanted - drawn.len();
            drawn.extend(draws.by_ref().take(missing));
            drawn.sort_unstable();
            drawn.dedup();
        }
        self.pairs = if complement {
            let mut left_out = drawn.into_iter().peekable();
            let mut pairs = Vec::with_capacity(self.number);
            pairs.extend((0..n_pairs).filter(|pair| left_out.next_if_eq(pair).is_none()));
            pairs
        } else {
            drawn
        };
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        let excluded = self.excluded.target_of(source);
        if let (false, Some(length)) = (self.starts.is_empty(), self.row_length()) {
            let (first, end) = (self.starts[source as usize], self.starts[source as usize + 1]);
            let mut targets = vec![0; (end - first) as usize];
            let stream = Stream::new(self.ends.seed, self.ends.projection.0, Purpose::Connect);
            stream.all_below(FIRST_TARGET + first, length, &mut targets);
            targets.sort_unstable();
            links.extend(
                targets
                    .into_iter()
                    .map(|target| Link::to(super::distinct::skipping(target, excluded))),
            );
            return;
        }
        let (begin, end) = (self.first_pair(source), self.first_pair(source + 1));
        let first = self.pairs.partition_point(|&pair| pair < begin);
        let row = self.pairs[first..].iter().take_while(|&&pair| pair < end);
        links.extend(row.map(|pair| Link::to(super::distinct::skipping((pair - begin) as u32, excluded))));
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_tools::{ends, rows_of};
    use super::*;

    fn rows(rule: FixedTotalNumber) -> Vec<Vec<u32>> {
        let n = rule.ends.n_sources;
        rows_of(rule, n)
    }

    #[test]
    fn the_total_is_exact_and_pairs_are_drawn_evenly() {
        for (multapses, self_connections) in [(false, false), (false, true), (true, false), (true, true)] {
            for number in [3_000, 7_000] {
                let rows = rows(FixedTotalNumber::new(ends(4, 100), number, multapses, self_connections));
                let (mut selves, mut repeats, mut squares) = (0, 0, 0.0);
                let mean = number as f64 / 100.0;
                for (source, row) in rows.iter().enumerate() {
                    assert!(row.windows(2).all(|pair| pair[0] <= pair[1]), "targets ascend");
                    selves += row.iter().filter(|&&target| target as usize == source).count();
                    repeats += row.windows(2).filter(|pair| pair[0] == pair[1]).count();
                    squares += (row.len() as f64 - mean) * (row.len() as f64 - mean) / mean;
                }
                assert_eq!(rows.iter().map(Vec::len).sum::<usize>(), number);
                assert_eq!((repeats > 0, selves > 0), (multapses, self_connections));
                // Row lengths: χ² with 99 degrees of freedom, deviation √198 = 14, less without repetition.
                let expected = 99.0 * if multapses { 1.0 } else { 1.0 - number as f64 / 1e4 };
                assert!((squares - expected).abs() < 5.0 * 14.1, "{squares} of {expected}");
            }
        }
    }

    #[test]
    fn all_pairs_can_be_had_and_no_more() {
        let all = rows(FixedTotalNumber::new(ends(4, 30), 30 * 29, false, false));
        assert!(
            all.iter()
                .enumerate()
                .all(|(n, row)| row.len() == 29 && !row.contains(&(n as u32)))
        );
        assert_eq!(
            FixedTotalNumber::new(ends(4, 30), 30 * 29 + 1, false, false)
                .problems()
                .len(),
            1
        );
        assert_eq!(
            FixedTotalNumber::new(ends(4, 30), 10_000, true, false).problems().len(),
            0
        );
        assert_eq!(FixedTotalNumber::new(ends(4, 1), 1, true, false).problems().len(), 1);
    }
}
