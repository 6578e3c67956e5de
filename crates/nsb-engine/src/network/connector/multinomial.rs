//! How many of a number of independent draws fall to each of several equal places.

use crate::random::Stream;

/// Places are taken as leaves of a tree whose draws go left or right with equal chance, so that the draws of a branch
/// are one random bit each and no more than the counts need to be kept. Draws that fall to leaves beyond the last place
/// are made again.
pub(super) fn evenly(stream: Stream, n_draws: u64, n_places: u32) -> Vec<u64> {
    let mut counts = vec![0; n_places as usize];
    let mut bits = Bits::new(stream);
    let mut missing = n_draws;
    while missing > 0 && n_places > 0 {
        let depth = u32::BITS - (n_places - 1).leading_zeros();
        missing = descend(&mut bits, missing, 0, depth, &mut counts);
    }
    counts
}

/// Distributes draws over the 2^depth leaves from `first` on; gives those beyond the last place.
fn descend(bits: &mut Bits, n_draws: u64, first: u64, depth: u32, counts: &mut [u64]) -> u64 {
    if n_draws == 0 {
        return 0;
    }
    if first >= counts.len() as u64 {
        return n_draws;
    }
    if depth == 0 {
        counts[first as usize] += n_draws;
        return 0;
    }
    let right = bits.ones(n_draws);
    let beyond = descend(bits, n_draws - right, first, depth - 1, counts);
    beyond + descend(bits, right, first + (1 << (depth - 1)), depth - 1, counts)
}

/// Random bits, one after the other.
struct Bits {
    stream: Stream,
    index: u64,
}

impl Bits {
    fn new(stream: Stream) -> Bits {
        Bits { stream, index: 0 }
    }

    /// How many of the next `n` bits are set.
    fn ones(&mut self, n: u64) -> u64 {
        let mut sum = 0;
        for _ in 0..n / 64 {
            sum += u64::from(self.word().count_ones());
        }
        if !n.is_multiple_of(64) {
            sum += u64::from((self.word() >> (64 - n % 64)).count_ones());
        }
        sum
    }

    fn word(&mut self) -> u64 {
        self.index += 1;
        self.stream.u64(self.index - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    /// The total is exact; each count is binomial, and their χ² is that of even draws.
    #[test]
    fn draws_fall_evenly_to_all_places() {
        for (n_draws, n_places) in [(0, 5), (7, 1), (100_000, 1000), (100_000, 1024), (50_000, 37)] {
            let mut squares = 0.0;
            let mean = n_draws as f64 / f64::from(n_places);
            const TRIALS: u32 = 20;
            for seed in 0..TRIALS {
                let counts = evenly(Stream::new(u64::from(seed), 2, Purpose::Connect), n_draws, n_places);
                assert_eq!(counts.len(), n_places as usize);
                assert_eq!(counts.iter().sum::<u64>(), n_draws);
                let square = |&count: &u64| (count as f64 - mean) * (count as f64 - mean);
                squares += counts.iter().map(square).sum::<f64>() / mean.max(1.0);
            }
            let freedom = f64::from(TRIALS) * f64::from(n_places - 1);
            if n_draws > 100 {
                assert!(
                    (squares - freedom).abs() < 5.0 * (2.0 * freedom).sqrt(),
                    "{squares} of {freedom}"
                );
            }
        }
    }
}
