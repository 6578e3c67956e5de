//! Poisson counts for many cells at once.
//!
//! The count of a cell in a step is a function of (seed, source, cell, step) alone. Of the random bits for it, the first
//! 16 decide unless they lie on an edge between two counts, which happens in a few of 10,000 draws; only then others are
//! drawn. So the distribution is exact to 2⁻⁶⁴, at the cost of 16 bits. Small means have the method of `alias.rs`, whose
//! work does not grow with the mean; others that of `edges.rs`.
//!
//! Philox gives 128 bits a call: eight calls, side by side in the lanes of a vector, serve the 64 cells of a tile.

#![allow(unsafe_code)]

mod alias;
#[cfg(target_arch = "x86_64")]
mod avx2;
mod edges;

use alias::Alias;
use edges::Edges;
use nsb_lang::Real;
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
    method: Method,
}

/// How counts are found.
#[derive(Debug, Clone, PartialEq)]
enum Method {
    Alias(Alias),
    Edges(Edges),
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
        let method = if mean <= alias::MAX_MEAN {
            Method::Alias(Alias::new(mean))
        } else {
            Method::Edges(Edges::new(mean))
        };
        PoissonCounts { method }
    }

    /// The count of 64 random bits, and 64 more for the rare cases in which these leave several.
    pub fn count(&self, bits: u64, more: u64) -> u32 {
        let (first, rest) = ((bits >> 48) as u16, bits & ((1 << 48) - 1));
        u32::from(self.decided(first, rest, more))
    }

    /// Adds `weight` times the counts of neighbouring cells, from `first_cell` of the population on. Results do not
    /// depend on `simd`, nor on how cells are cut into calls.
    pub fn add<R: Real>(&self, draws: PoissonDraws, first_cell: u32, weight: R, sums: &mut [R], simd: Simd) {
        // SAFETY: asked for.
        unsafe {
            match simd {
                #[cfg(target_arch = "x86_64")]
                Simd::Avx2 | Simd::Avx512 if Simd::Avx2.is_available() => {
                    avx2::add(self, draws, first_cell, weight, sums);
                }
                _ => add_of_any(self, draws, first_cell, weight, sums, tile_of_any),
            }
        }
    }

    /// The counts of the cells of a tile, that is of the [`LANES`] cells from `tile · LANES` on.
    pub fn tile(&self, draws: PoissonDraws, tile: u32, counts: &mut [u16; LANES], simd: Simd) {
        let mut bits = [0; LANES];
        // SAFETY: asked for.
        let doubtful = unsafe {
            match simd {
                #[cfg(target_arch = "x86_64")]
                Simd::Avx2 | Simd::Avx512 if Simd::Avx2.is_available() => {
                    avx2::tile(self, draws, tile, &mut bits, counts)
                }
                _ => tile_of_any(self, draws, tile, &mut bits, counts),
            }
        };
        self.decide_all(draws, tile, &bits, doubtful, counts);
    }

    /// The count of the first 16 bits, and whether it is in doubt.
    fn first_guess(&self, bits: u16) -> (u16, bool) {
        match &self.method {
            Method::Alias(alias) => alias.first_guess(bits),
            Method::Edges(edges) => edges.first_guess(bits),
        }
    }

    /// Corrects the counts that are in doubt: a bit for each cell of a tile.
    fn decide_all(
        &self,
        draws: PoissonDraws,
        tile: u32,
        bits: &[u16; LANES],
        mut doubtful: u64,
        counts: &mut [u16; LANES],
    ) {
        while doubtful != 0 {
            let lane = doubtful.trailing_zeros() as usize;
            counts[lane] = self.decide(draws, tile * LANES as u32 + lane as u32, bits[lane]);
            doubtful &= doubtful - 1;
        }
    }

    /// The count of a cell of which 16 bits do not tell enough.
    #[cold]
    fn decide(&self, draws: PoissonDraws, cell: u32, bits: u16) -> u16 {
        let [_, step, source, purpose] = counter(draws, 0, EDGE_PURPOSE);
        let words = philox4x32(
            [cell, step as u32, source as u32, purpose as u32],
            [draws.seed as u32, (draws.seed >> 32) as u32],
        );
        let rest = u64::from(words[0]) << 16 | u64::from(words[1] & 0xffff);
        self.decided(bits, rest, u64::from(words[2]) << 32 | u64::from(words[3]))
    }

    fn decided(&self, first: u16, rest: u64, more: u64) -> u16 {
        match &self.method {
            Method::Alias(alias) => alias.decide(first, rest, more),
            Method::Edges(edges) => edges.decide(first, rest),
        }
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

/// Draws the bits and counts of a tile; tells which counts are in doubt, a bit for each cell.
type Tile = unsafe fn(&PoissonCounts, PoissonDraws, u32, &mut [u16; LANES], &mut [u16; LANES]) -> u64;

/// SAFETY: the CPU must have what `draw_tile` needs.
#[inline(always)]
unsafe fn add_of_any<R: Real>(
    table: &PoissonCounts,
    draws: PoissonDraws,
    first_cell: u32,
    weight: R,
    sums: &mut [R],
    draw_tile: Tile,
) {
    let mut done = 0;
    let (mut counts, mut bits) = ([0; LANES], [0; LANES]);
    while done < sums.len() {
        let cell = first_cell as usize + done;
        let (tile, begin) = ((cell / LANES) as u32, cell % LANES);
        let end = LANES.min(begin + sums.len() - done);
        // SAFETY: by the caller.
        let doubtful = unsafe { draw_tile(table, draws, tile, &mut bits, &mut counts) };
        table.decide_all(draws, tile, &bits, doubtful, &mut counts);
        let part = &mut sums[done..done + end - begin];
        for (sum, &count) in part.iter_mut().zip(&counts[begin..end]) {
            *sum += weight * R::from(count);
        }
        done += end - begin;
    }
}

/// Draws 16 bits for each cell of a tile. Of the eight calls, each word gives two numbers; the order in which they go to
/// cells is that in which vectors have them.
fn bits_of_tile(draws: PoissonDraws, tile: u32, bits: &mut [u16; LANES]) {
    const CALL: [u64; CALLS] = [0, 4, 1, 5, 2, 6, 3, 7];
    let key = [draws.seed & 0xffff_ffff, draws.seed >> 32];
    for (n, call) in CALL.into_iter().enumerate() {
        let number = u64::from(tile) * CALLS as u64 + call;
        let words = philox4x32_lanes(counter(draws, number, PURPOSE), key);
        for (word, bits) in words.into_iter().zip(bits.chunks_exact_mut(2 * CALLS)) {
            bits[2 * n] = word as u16;
            bits[2 * n + 1] = (word >> 16) as u16;
        }
    }
}

fn tile_of_any(
    table: &PoissonCounts,
    draws: PoissonDraws,
    tile: u32,
    bits: &mut [u16; LANES],
    counts: &mut [u16; LANES],
) -> u64 {
    bits_of_tile(draws, tile, bits);
    let mut doubtful = 0;
    for (lane, (&bits, count)) in bits.iter().zip(counts).enumerate() {
        let (guess, is_doubtful) = table.first_guess(bits);
        *count = guess;
        doubtful |= u64::from(is_doubtful) << lane;
    }
    doubtful
}

#[cfg(test)]
mod tests {
    use nsb_lang::math;

    use super::*;

    fn draws(source: u32, step: u64) -> PoissonDraws {
        PoissonDraws { seed: 5, source, step }
    }

    /// Counts against e^−λ λⁿ/n!, by χ² over all counts to be expected at least 10 times.
    #[test]
    fn counts_have_the_poisson_distribution() {
        for mean in [0.01, 0.3, 1.28, 3.7, 4.2, 42.0, 480.0] {
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

    /// Deciding all cells changes only those in doubt, and these are as rare as they should be.
    #[test]
    fn sixteen_bits_decide_unless_they_are_in_doubt() {
        for mean in [0.0, 0.4, 2.3, 4.0, 4.1, 100.0] {
            let table = PoissonCounts::new(mean);
            let (mut n_doubtful, mut n) = (0, 0);
            for tile in 0..4000 {
                let (mut counts, mut bits) = ([0; LANES], [0; LANES]);
                table.tile(draws(3, 77), tile, &mut counts, Simd::best());
                let doubtful = tile_of_any(&table, draws(3, 77), tile, &mut bits, &mut [0; LANES]);
                for (lane, (&bits, &count)) in bits.iter().zip(&counts).enumerate() {
                    let whole = table.decide(draws(3, 77), tile * LANES as u32 + lane as u32, bits);
                    assert_eq!(count, whole);
                    n_doubtful += u32::from(doubtful >> lane & 1 == 1);
                    n += 1;
                }
            }
            let of_65_536 = (0..=u16::MAX).filter(|&bits| table.first_guess(bits).1).count();
            let expected = f64::from(n) * of_65_536 as f64 / 65_536.0;
            assert!((f64::from(n_doubtful) - expected).abs() < 6.0 * expected.sqrt() + 1.0);
            assert!(of_65_536 < 100);
        }
    }

    #[test]
    fn widths_and_cuts_change_nothing() {
        widths_and_cuts(1.9);
        widths_and_cuts(6.5);
    }

    fn widths_and_cuts(mean: f64) {
        let table = PoissonCounts::new(mean);
        let whole = |simd| {
            let mut sums = vec![0.25; 300];
            table.add(draws(4, 1 << 40), 37, 0.5, &mut sums, simd);
            let mut single = vec![0.25_f32; 300];
            table.add(draws(4, 1 << 40), 37, 0.5, &mut single, simd);
            // Halves of small numbers have no more digits than that.
            assert_eq!(single.into_iter().map(f64::from).collect::<Vec<_>>(), sums);
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
