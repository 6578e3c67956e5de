//! Drawing some of many: without repetition, by counter.

use crate::random::Stream;

/// Draws `count` different numbers below `n`, every set with the same probability, ascending (Floyd's method: one
/// draw for each). Draws have the indices `first_index..first_index + count`.
pub(super) fn distinct(stream: Stream, first_index: u64, n: u32, count: u32, marks: &mut Marks, drawn: &mut Vec<u32>) {
    debug_assert!(count <= n, "no more can be drawn than there are");
    let begin = drawn.len();
    for (draw, last) in (first_index..).zip(n - count..n) {
        let candidate = stream.below(draw, u64::from(last) + 1) as u32;
        // All drawn so far are below `last`, so `last` itself is free.
        let chosen = if marks.contains(candidate) { last } else { candidate };
        marks.insert(chosen);
        drawn.push(chosen);
    }
    drawn[begin..].iter().for_each(|&number| marks.remove(number));
    drawn[begin..].sort_unstable();
}

/// A set of small numbers.
pub(super) struct Marks(Vec<u64>);

impl Marks {
    pub(super) fn new(n: u32) -> Marks {
        Marks(vec![0; (n as usize).div_ceil(64)])
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        self.0[number as usize / 64] >> (number % 64) & 1 == 1
    }

    pub(super) fn insert(&mut self, number: u32) {
        self.0[number as usize / 64] |= 1 << (number % 64);
    }

    pub(super) fn remove(&mut self, number: u32) {
        self.0[number as usize / 64] &= !(1 << (number % 64));
    }
}

/// A number drawn among all cells but one, as the number of a cell.
pub(super) fn skipping(drawn: u32, excluded: Option<u32>) -> u32 {
    match excluded {
        Some(excluded) if drawn >= excluded => drawn + 1,
        _ => drawn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn every_set_is_drawn_equally_often() {
        let stream = Stream::new(3, 1, Purpose::Connect);
        let (mut marks, mut counts) = (Marks::new(6), std::collections::BTreeMap::new());
        let n_draws = 20_000;
        for n in 0..n_draws {
            let mut drawn = Vec::new();
            distinct(stream, n << 32, 6, 3, &mut marks, &mut drawn);
            *counts.entry(drawn).or_insert(0.0) += 1.0;
        }
        // 20 sets of 3 out of 6; χ² with 19 degrees of freedom has mean 19 and deviation √38 = 6.2.
        assert_eq!(counts.len(), 20);
        let expected = n_draws as f64 / 20.0;
        let squares: f64 = counts
            .values()
            .map(|count| (count - expected) * (count - expected) / expected)
            .sum();
        assert!(squares < 19.0 + 5.0 * 6.2, "{squares}");
    }

    #[test]
    fn all_of_all_are_drawn_and_the_set_is_left_empty() {
        let stream = Stream::new(3, 1, Purpose::Connect);
        let mut marks = Marks::new(100);
        for n in 0..2 {
            let mut drawn = Vec::new();
            distinct(stream, n, 100, 100, &mut marks, &mut drawn);
            assert!(drawn.iter().copied().eq(0..100));
        }
        assert_eq!([0, 4, 5, 6].map(|n| skipping(n, Some(5))), [0, 4, 6, 7]);
    }
}
