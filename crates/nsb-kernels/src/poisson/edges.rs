//! Counts by inversion: the count is the number of edges of the cumulative distribution that random bits reach.

use nsb_lang::math;

/// The cumulative distribution of counts with a certain mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Edges {
    /// P(count ≤ n) in units of 2⁻⁶⁴, for n = 0, 1, …
    edges: Vec<u64>,
    /// The first 16 bits of those edges that 16 bits can be above.
    pub(super) coarse: Vec<u16>,
    /// The first 16 bits of all edges, each once: whoever draws them needs the others to know on which side he is.
    pub(super) doubtful: Vec<u16>,
}

impl Edges {
    pub(super) fn new(mean: f64) -> Edges {
        const SCALE: f64 = (1u128 << 64) as f64;
        let (mut term, mut sum) = (math::exp(-mean), 0.0);
        let mut edges = Vec::new();
        // Beyond the mode terms fall; those that no longer change the sum cannot be drawn.
        for n in 1u32.. {
            let next = sum + term;
            if next == sum && f64::from(n) > mean {
                break;
            }
            sum = next;
            // A conversion beyond the largest number gives the largest number.
            edges.push((sum * SCALE) as u64);
            term *= mean / f64::from(n);
        }
        let first_bits = |edge: &u64| (edge >> 48) as u16;
        let mut doubtful: Vec<u16> = edges.iter().map(first_bits).collect();
        doubtful.dedup();
        Edges {
            coarse: edges.iter().map(first_bits).filter(|&edge| edge < u16::MAX).collect(),
            doubtful,
            edges,
        }
    }

    /// The count of the first 16 bits, and whether it is in doubt.
    pub(super) fn first_guess(&self, bits: u16) -> (u16, bool) {
        let count = self.coarse.iter().map(|&edge| u16::from(bits > edge)).sum();
        (count, self.doubtful.contains(&bits))
    }

    /// The count of the first 16 bits, and 48 others.
    pub(super) fn decide(&self, bits: u16, rest: u64) -> u16 {
        let bits = u64::from(bits) << 48 | rest;
        self.edges.partition_point(|&edge| edge <= bits) as u16
    }
}
