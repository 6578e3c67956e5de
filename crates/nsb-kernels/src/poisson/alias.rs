//! Counts of small means by the method of Walker (1977), with integers: sixteen columns of equal weight share the
//! distribution, each between two counts. 4 bits choose a column, others its part.
//!
//! The first count of column k is k; that of the last stands for all from [`TAIL`] on, of which further bits choose one.

use nsb_lang::math;

/// Columns.
pub(super) const COLUMNS: usize = 16;
/// Counts from here on share a column.
pub(super) const TAIL: u16 = COLUMNS as u16 - 1;
/// Up to this mean less than 2 counts in 100,000 are in the tail.
pub(super) const MAX_MEAN: f64 = 4.0;

/// The weight of a column.
const WHOLE: u64 = 1 << 60;

/// The distribution of counts with a certain mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alias {
    /// Of each column, the weight of its first count: at most [`WHOLE`].
    firsts: [u64; COLUMNS],
    /// The second counts.
    pub(super) seconds: [u8; COLUMNS],
    /// The first 12 bits of `firsts`, or 2¹² where all is of the first count: the lower bytes, and the upper ones.
    pub(super) coarse: [[u8; COLUMNS]; 2],
    /// P(count ≤ n | count ≥ TAIL) in units of 2⁻⁶⁴, for n = TAIL, TAIL + 1, …
    tail: Vec<u64>,
}

impl Alias {
    /// The distribution with a mean of at most [`MAX_MEAN`].
    pub(super) fn new(mean: f64) -> Alias {
        const SCALE: f64 = (1u128 << 64) as f64;
        let (mut term, mut terms) = (math::exp(-mean), Vec::new());
        for n in 0u32.. {
            // Far beyond the tail's beginning terms no longer count.
            if n > 64 {
                break;
            }
            terms.push(term);
            term *= mean / f64::from(n + 1);
        }
        let (counts, beyond) = terms.split_at(usize::from(TAIL));
        let of_tail: f64 = beyond.iter().rev().sum();
        let mut sum = 0.0;
        let tail = beyond.iter().map(|term| {
            sum += term;
            (sum / of_tail * SCALE) as u64
        });
        let tail = if of_tail > 0.0 { tail.collect() } else { Vec::new() };
        // Rounding goes to count 0, which has at least e⁻⁴ of all.
        let mut weights = [0u128; COLUMNS];
        for (weight, term) in weights.iter_mut().zip(counts.iter().chain([&of_tail])).skip(1) {
            *weight = (term * SCALE) as u128;
        }
        weights[0] = (1 << 64) - weights.iter().sum::<u128>();
        let (firsts, seconds) = share(weights);
        Alias {
            coarse: [48, 56].map(|shift| firsts.map(|first| (first >> shift) as u8)),
            firsts,
            seconds,
            tail,
        }
    }

    /// The count of the first 16 bits, and whether it is in doubt.
    pub(super) fn first_guess(&self, bits: u16) -> (u16, bool) {
        let (column, part) = (usize::from(bits % COLUMNS as u16), bits / COLUMNS as u16);
        let edge = u16::from_le_bytes(self.coarse.map(|bytes| bytes[column]));
        let count = if part < edge {
            column as u16
        } else {
            u16::from(self.seconds[column])
        };
        (count, part == edge || count == TAIL)
    }

    /// The count of the first 16 bits, 48 others, and 64 more for the tail.
    pub(super) fn decide(&self, bits: u16, rest: u64, more: u64) -> u16 {
        let (column, part) = (usize::from(bits % COLUMNS as u16), bits / COLUMNS as u16);
        let count = if u64::from(part) << 48 | rest < self.firsts[column] {
            column as u16
        } else {
            u16::from(self.seconds[column])
        };
        if count < TAIL {
            return count;
        }
        TAIL + self.tail.partition_point(|&edge| edge <= more) as u16
    }
}

/// Shares weights, which are 16 · [`WHOLE`] together, among columns: the weight of each first count, and the second
/// count (Vose 1991).
fn share(mut weights: [u128; COLUMNS]) -> ([u64; COLUMNS], [u8; COLUMNS]) {
    let whole = u128::from(WHOLE);
    let (mut firsts, mut seconds) = ([WHOLE; COLUMNS], std::array::from_fn(|column| column as u8));
    let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..COLUMNS).partition(|&n| weights[n] < whole);
    while let (Some(one), Some(&other)) = (small.pop(), large.last()) {
        firsts[one] = weights[one] as u64;
        seconds[one] = other as u8;
        weights[other] -= whole - weights[one];
        if weights[other] < whole {
            large.pop();
            small.push(other);
        }
    }
    (firsts, seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What all columns give to a count is its weight, to the last unit.
    #[test]
    fn columns_share_weights_exactly() {
        for mean in [0.0, 1e-300, 1e-9, 0.3, 1.28, 2.32, 4.0] {
            let alias = Alias::new(mean);
            let mut given = [0u128; COLUMNS];
            for column in 0..COLUMNS {
                given[column] += u128::from(alias.firsts[column]);
                given[usize::from(alias.seconds[column])] += u128::from(WHOLE - alias.firsts[column]);
            }
            assert_eq!(given.iter().sum::<u128>(), 1 << 64);
            let mut probability = math::exp(-mean);
            for (n, &given) in given.iter().enumerate().take(usize::from(TAIL)) {
                let given = given as f64 / (1u128 << 64) as f64;
                assert!(
                    (given - probability).abs() < 1e-15,
                    "{mean}, {n}: {given}, {probability}"
                );
                probability *= mean / (n + 1) as f64;
            }
        }
    }

    /// P(16 | count ≥ 15) and so on, from sums of the series.
    #[test]
    fn the_tail_goes_on_as_the_distribution_does() {
        let mean = 4.0;
        let alias = Alias::new(mean);
        let mut term = math::exp(-mean);
        let mut terms = Vec::new();
        for n in 1..200 {
            terms.push(term);
            term *= mean / f64::from(n);
        }
        let whole: f64 = terms[usize::from(TAIL)..].iter().sum();
        let tail_column = (0..COLUMNS)
            .find(|&column| alias.seconds[column] == TAIL as u8 && alias.firsts[column] < WHOLE)
            .unwrap_or(usize::from(TAIL));
        let (bits, rest) = if tail_column == usize::from(TAIL) {
            (TAIL, 0)
        } else {
            (0xfff0 | tail_column as u16, (1 << 48) - 1)
        };
        for (edge, expected) in [(0.5, 15), (0.9, 16)] {
            assert_eq!(alias.decide(bits, rest, (edge * (1u128 << 64) as f64) as u64), expected);
        }
        let cumulative = terms[usize::from(TAIL)] / whole;
        for (offset, expected) in [(-1e-12, 15), (1e-12, 16)] {
            let more = ((cumulative + offset) * (1u128 << 64) as f64) as u64;
            assert_eq!(alias.decide(bits, rest, more), expected);
        }
    }
}
