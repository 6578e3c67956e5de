//! Poisson counts for many cells at once.
//!
//! The count of a cell in a step is a function of (seed, source, cell, step) alone. It is drawn by inversion: of 64
//! random bits, the first 16 decide unless they lie on the edge between two counts, which happens about once in
//! 65,536 draws per edge; only then the other 48 are drawn. So the distribution is exact to 2⁻⁶⁴, at the cost of 16 bits.
//!
//! Philox gives 128 bits a call: eight calls, side by side in the lanes of a vector, serve the 64 cells of a tile.

#![allow(unsafe_code)]

use nsb_lang::math;
use nsb_lang::random::{philox4x32, philox4x32_lanes};

use crate::columns::LANES;
use crate::simd::Simd;

/// Keeps these draws apart from other uses of the same counters.
const PURPOSE: u64 = 6;
/// The same, for the bits that decide on an edge.
const EDGE_PURPOSE: u64 = PURPOSE | 1 << 8;
/// Calls of the generator for a tile of [`LANES`] cells.
const CALLS: usize = LANES / 8;

/// Largest mean of a count: e^−λ must be a normal number.
pub const MAX_MEAN: f64 = 500.0;

/// The distribution of counts with a certain mean.
#[derive(Debug, Clone, PartialEq)]
pub struct PoissonCounts {
    /// P(count ≤ n) in units of 2⁻⁶⁴, for n = 0, 1, …
    edges: Vec<u64>,
    /// The first 16 bits of those edges that 16 bits can be above.
    coarse: Vec<u16>,
    /// The first 16 bits of all edges, each once.
    doubtful: Vec<u16>,
}

/// Whose counts are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoissonDraws {
    /// The seed of the run.
    pub seed: u64,
    /// Number of the source.
    pub source: u32,
    /// The step, below 2⁴⁸.
    pub step: u64,
}

impl PoissonCounts {
    /// The distribution with a mean from 0 to [`MAX_MEAN`].
    pub fn new(mean: f64) -> PoissonCounts {
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
        PoissonCounts {
            coarse: edges.iter().map(first_bits).filter(|&edge| edge < u16::MAX).collect(),
            doubtful,
            edges,
        }
    }

    /// The count of 64 random bits.
    pub fn count(&self, bits: u64) -> u32 {
        self.edges.partition_point(|&edge| edge <= bits) as u32
    }

    /// Adds `weight` times the counts of neighbouring cells, from `first_cell` of the population on. Results do not
    /// depend on `simd`, nor on how cells are cut into calls.
    pub fn add(&self, draws: PoissonDraws, first_cell: u32, weight: f64, sums: &mut [f64], simd: Simd) {
        let mut done = 0;
        while done < sums.len() {
            let cell = first_cell as usize + done;
            let (tile, begin) = (cell / LANES, cell % LANES);
            let end = LANES.min(begin + sums.len() - done);
            let mut counts = [0; LANES];
            self.tile(draws, tile as u32, &mut counts, simd);
            let part = &mut sums[done..done + end - begin];
            for (sum, &count) in part.iter_mut().zip(&counts[begin..end]) {
                *sum += weight * f64::from(count);
            }
            done += end - begin;
        }
    }

    /// The counts of the cells of a tile, that is of the [`LANES`] cells from `tile · LANES` on.
    pub fn tile(&self, draws: PoissonDraws, tile: u32, counts: &mut [u16; LANES], simd: Simd) {
        let simd = if simd.is_available() { simd } else { Simd::best() };
        let mut bits = [0; LANES];
        // SAFETY: the CPU has the width, as has just been asked.
        let is_doubtful = unsafe {
            match simd {
                #[cfg(target_arch = "x86_64")]
                Simd::Avx512 => tile_avx512(self, draws, tile, &mut bits, counts),
                #[cfg(target_arch = "x86_64")]
                Simd::Avx2 => tile_avx2(self, draws, tile, &mut bits, counts),
                _ => tile_of_any(self, draws, tile, &mut bits, counts),
            }
        };
        if is_doubtful {
            for (lane, (&bits, count)) in bits.iter().zip(counts).enumerate() {
                if self.doubtful.binary_search(&bits).is_ok() {
                    *count = self.decide(draws, tile * LANES as u32 + lane as u32, bits);
                }
            }
        }
    }

    /// The count of a cell whose first 16 bits lie on an edge.
    #[cold]
    fn decide(&self, draws: PoissonDraws, cell: u32, bits: u16) -> u16 {
        let [_, step, source, purpose] = counter(draws, 0, EDGE_PURPOSE);
        let words = philox4x32(
            [cell, step as u32, source as u32, purpose as u32],
            [draws.seed as u32, (draws.seed >> 32) as u32],
        );
        let rest = u64::from(words[0]) << 16 | u64::from(words[1] & 0xffff);
        self.count(u64::from(bits) << 48 | rest) as u16
    }
}

#[inline(always)]
fn counter(draws: PoissonDraws, call: u64, purpose: u64) -> [u64; 4] {
    let low = 0xffff_ffff;
    [
        call & low,
        draws.step & low,
        u64::from(draws.source),
        purpose | (draws.step >> 32 & 0xffff) << 16,
    ]
}

/// Draws 16 bits for each cell of a tile and counts the edges below; tells whether any cell lies on an edge.
#[inline(always)]
fn tile_of_any(
    table: &PoissonCounts,
    draws: PoissonDraws,
    tile: u32,
    bits: &mut [u16; LANES],
    counts: &mut [u16; LANES],
) -> bool {
    let key = [draws.seed & 0xffff_ffff, draws.seed >> 32];
    let mut words = [[0u64; CALLS]; 4];
    for call in 0..CALLS {
        let number = u64::from(tile) * CALLS as u64 + call as u64;
        let block = philox4x32_lanes(counter(draws, number, PURPOSE), key);
        for (words, word) in words.iter_mut().zip(block) {
            words[call] = word;
        }
    }
    for (words, bits) in words.iter().zip(bits.chunks_exact_mut(2 * CALLS)) {
        let (low, high) = bits.split_at_mut(CALLS);
        for call in 0..CALLS {
            low[call] = words[call] as u16;
            high[call] = (words[call] >> 16) as u16;
        }
    }
    // Sixteen cells at a time fill a vector of 256 bits and stay in a register.
    const WIDTH: usize = 16;
    let mut on_edge = [0u16; WIDTH];
    for (bits, counts) in bits.chunks_exact(WIDTH).zip(counts.chunks_exact_mut(WIDTH)) {
        let bits: [u16; WIDTH] = bits.try_into().expect("whole chunks");
        let mut count = [0u16; WIDTH];
        for &edge in &table.coarse {
            for (count, &bits) in count.iter_mut().zip(&bits) {
                *count += u16::from(bits > edge);
            }
        }
        for &edge in &table.doubtful {
            for (on_edge, &bits) in on_edge.iter_mut().zip(&bits) {
                *on_edge |= u16::from(bits == edge);
            }
        }
        counts.copy_from_slice(&count);
    }
    on_edge.iter().any(|&on| on != 0)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn tile_avx2(
    table: &PoissonCounts,
    draws: PoissonDraws,
    tile: u32,
    bits: &mut [u16; LANES],
    counts: &mut [u16; LANES],
) -> bool {
    tile_of_any(table, draws, tile, bits, counts)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
fn tile_avx512(
    table: &PoissonCounts,
    draws: PoissonDraws,
    tile: u32,
    bits: &mut [u16; LANES],
    counts: &mut [u16; LANES],
) -> bool {
    tile_of_any(table, draws, tile, bits, counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(source: u32, step: u64) -> PoissonDraws {
        PoissonDraws { seed: 5, source, step }
    }

    /// Counts against e^−λ λⁿ/n!, by χ² over all counts to be expected at least 10 times.
    #[test]
    fn counts_have_the_poisson_distribution() {
        for mean in [0.01, 0.3, 1.28, 3.7, 42.0, 480.0] {
            let table = PoissonCounts::new(mean);
            let (n_cells, n_steps) = (1000, 100);
            let mut counts = Vec::new();
            for step in 0..n_steps {
                let mut sums = vec![0.0; n_cells];
                table.add(draws(1, step), 0, 1.0, &mut sums, Simd::best());
                counts.extend(sums);
            }
            let n = counts.len() as f64;
            let average = counts.iter().sum::<f64>() / n;
            assert!((average - mean).abs() < 5.0 * (mean / n).sqrt(), "{average} of {mean}");
            let variance = counts.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / n;
            // The variance of (count − λ)² is λ + 2 λ².
            let error = ((mean + 2.0 * mean * mean) / n).sqrt();
            assert!((variance - mean).abs() < 5.0 * error, "{variance} of {mean}");
            let mut probability = math::exp(-mean);
            let (mut squares, mut bins) = (0.0, 0.0_f64);
            for count in 0..1000u32 {
                let expected = n * probability;
                if expected >= 10.0 {
                    let found = counts.iter().filter(|&&c| c == f64::from(count)).count() as f64;
                    squares += (found - expected) * (found - expected) / expected;
                    bins += 1.0;
                }
                probability *= mean / f64::from(count + 1);
            }
            let limit = bins + 5.0 * (2.0 * bins).sqrt() + 5.0;
            assert!(squares < limit, "λ {mean}: χ² {squares} of {bins}");
        }
    }

    /// Successive steps and neighbouring cells are independent: their covariance is zero.
    #[test]
    fn counts_of_neighbours_in_space_and_time_are_uncorrelated() {
        let table = PoissonCounts::new(1.3);
        let (n_cells, n_steps) = (64 * 8, 400);
        let rows: Vec<Vec<f64>> = (0..n_steps)
            .map(|step| {
                let mut sums = vec![0.0; n_cells];
                table.add(draws(2, step), 64, 1.0, &mut sums, Simd::best());
                sums.iter().map(|count| count - 1.3).collect()
            })
            .collect();
        let n = (n_cells * n_steps as usize) as f64;
        for distance in [1, 2, 8, 16, 64] {
            let space: f64 = rows
                .iter()
                .map(|row| {
                    (0..n_cells)
                        .map(|c| row[c] * row[(c + distance) % n_cells])
                        .sum::<f64>()
                })
                .sum();
            assert!(
                (space / n).abs() < 5.0 * 1.3 / n.sqrt(),
                "distance {distance}: {}",
                space / n
            );
        }
        let time: f64 = rows
            .windows(2)
            .map(|pair| pair[0].iter().zip(&pair[1]).map(|(a, b)| a * b).sum::<f64>())
            .sum();
        assert!((time / n).abs() < 5.0 * 1.3 / n.sqrt());
    }

    /// All cells on an edge decided: the same numbers as inversion of all 64 bits.
    #[test]
    fn sixteen_bits_and_the_edges_give_what_sixty_four_bits_give() {
        for mean in [0.0, 0.4, 2.3, 100.0] {
            let table = PoissonCounts::new(mean);
            let (mut doubtful, mut n) = (0, 0);
            for tile in 0..4000 {
                let (mut counts, mut bits) = ([0; LANES], [0; LANES]);
                table.tile(draws(3, 77), tile, &mut counts, Simd::best());
                tile_of_any(&table, draws(3, 77), tile, &mut bits, &mut [0; LANES]);
                for (lane, (&bits, &count)) in bits.iter().zip(&counts).enumerate() {
                    let whole = table.decide(draws(3, 77), tile * LANES as u32 + lane as u32, bits);
                    assert_eq!(count, whole);
                    doubtful += u32::from(table.doubtful.contains(&bits));
                    n += 1;
                }
            }
            let expected = f64::from(n) * table.doubtful.len() as f64 / 65_536.0;
            assert!((f64::from(doubtful) - expected).abs() < 6.0 * expected.sqrt() + 1.0);
        }
    }

    #[test]
    fn widths_and_cuts_change_nothing() {
        let table = PoissonCounts::new(1.9);
        let whole = |simd| {
            let mut sums = vec![0.25; 300];
            table.add(draws(4, 1 << 40), 37, 0.5, &mut sums, simd);
            sums
        };
        let reference = whole(Simd::Scalar);
        for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
            assert_eq!(whole(simd), reference, "{simd}");
        }
        let mut pieces = vec![0.25; 300];
        let (left, right) = pieces.split_at_mut(101);
        table.add(draws(4, 1 << 40), 37, 0.5, left, Simd::best());
        table.add(draws(4, 1 << 40), 37 + 101, 0.5, right, Simd::best());
        assert_eq!(pieces, reference);
    }
}
