//! Poisson counts for many cells at once.
//!
//! The count of a cell in a step is a function of (seed, source, cell, step) alone. It is drawn by inversion: of 64
//! random bits, the first 16 decide unless they lie on the edge between two counts, which happens about once in
//! 65,536 draws per edge; only then the other 48 are drawn. So the distribution is exact to 2⁻⁶⁴, at the cost of 16 bits.
//!
//! Philox gives 128 bits a call: eight calls, side by side in the lanes of a vector, serve the 64 cells of a tile.

#![allow(unsafe_code)]

use nsb_lang::random::{PHILOX_FACTORS, PHILOX_WEYL, philox4x32, philox4x32_lanes};
use nsb_lang::{Real, math};

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
    pub fn add<R: Real>(&self, draws: PoissonDraws, first_cell: u32, weight: R, sums: &mut [R], simd: Simd) {
        // SAFETY: asked for.
        unsafe {
            match simd {
                #[cfg(target_arch = "x86_64")]
                Simd::Avx2 | Simd::Avx512 if Simd::Avx2.is_available() => {
                    add_avx2(self, draws, first_cell, weight, sums);
                }
                _ => add_of_any(self, draws, first_cell, weight, sums, tile_of_any),
            }
        }
    }

    /// The counts of the cells of a tile, that is of the [`LANES`] cells from `tile · LANES` on.
    pub fn tile(&self, draws: PoissonDraws, tile: u32, counts: &mut [u16; LANES], simd: Simd) {
        let mut bits = [0; LANES];
        // SAFETY: asked for.
        let is_doubtful = unsafe {
            match simd {
                #[cfg(target_arch = "x86_64")]
                Simd::Avx2 | Simd::Avx512 if Simd::Avx2.is_available() => {
                    tile_avx2(self, draws, tile, &mut bits, counts)
                }
                _ => tile_of_any(self, draws, tile, &mut bits, counts),
            }
        };
        if is_doubtful {
            self.decide_all(draws, tile, &bits, counts);
        }
    }

    /// Corrects the counts of all cells that lie on an edge.
    #[cold]
    fn decide_all(&self, draws: PoissonDraws, tile: u32, bits: &[u16; LANES], counts: &mut [u16; LANES]) {
        for (lane, (&bits, count)) in bits.iter().zip(counts).enumerate() {
            if self.doubtful.binary_search(&bits).is_ok() {
                *count = self.decide(draws, tile * LANES as u32 + lane as u32, bits);
            }
        }
    }

    /// The count of a cell whose first 16 bits lie on an edge.
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

/// Draws the bits and counts of a tile; tells whether any cell lies on an edge.
type Tile = unsafe fn(&PoissonCounts, PoissonDraws, u32, &mut [u16; LANES], &mut [u16; LANES]) -> bool;

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
        if unsafe { draw_tile(table, draws, tile, &mut bits, &mut counts) } {
            table.decide_all(draws, tile, &bits, &mut counts);
        }
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
) -> bool {
    bits_of_tile(draws, tile, bits);
    let mut on_edge = false;
    for (&bits, count) in bits.iter().zip(counts) {
        *count = table.coarse.iter().map(|&edge| u16::from(bits > edge)).sum();
        on_edge |= table.doubtful.contains(&bits);
    }
    on_edge
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn add_avx2<R: Real>(table: &PoissonCounts, draws: PoissonDraws, first_cell: u32, weight: R, sums: &mut [R]) {
    // SAFETY: this function needs the same.
    unsafe { add_of_any(table, draws, first_cell, weight, sums, tile_avx2) }
}

/// The bits of all 64 cells are drawn in four registers, one for each word, and stay there while the edges go by.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn tile_avx2(
    table: &PoissonCounts,
    draws: PoissonDraws,
    tile: u32,
    bits: &mut [u16; LANES],
    counts: &mut [u16; LANES],
) -> bool {
    use std::arch::x86_64::*;
    let all = |x: u64| _mm256_set1_epi64x(x as i64);
    let first = _mm256_add_epi64(all(u64::from(tile) * CALLS as u64), _mm256_set_epi64x(3, 2, 1, 0));
    let [_, step, source, purpose] = counter(draws, 0, PURPOSE).map(all);
    // Calls 0 to 3 and 4 to 7, each with four words. Only the lower halves of lanes count: a multiplication ignores the
    // upper ones, and nothing but sums modulo 2³² and exclusive ors comes before it.
    let mut words = [
        [first, step, source, purpose],
        [_mm256_add_epi64(first, all(4)), step, source, purpose],
    ];
    let mut key = [all(draws.seed), all(draws.seed >> 32)];
    let (factors, weyl) = (PHILOX_FACTORS.map(all), PHILOX_WEYL.map(all));
    for _ in 0..10 {
        for words in &mut words {
            let a = _mm256_mul_epu32(words[0], factors[0]);
            let b = _mm256_mul_epu32(words[2], factors[1]);
            *words = [
                _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64::<32>(b), words[1]), key[0]),
                b,
                _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64::<32>(a), words[3]), key[1]),
                a,
            ];
        }
        key = [_mm256_add_epi64(key[0], weyl[0]), _mm256_add_epi64(key[1], weyl[1])];
    }
    // Comparisons are of signed numbers: turning the upper bit keeps the order.
    let turn = _mm256_set1_epi16(i16::MIN);
    let mut cells = [turn; 4];
    for (n, (cells, bits)) in cells.iter_mut().zip(bits.chunks_exact_mut(16)).enumerate() {
        let upper = _mm256_slli_epi64::<32>(words[1][n]);
        let drawn = _mm256_blend_epi32::<0b1010_1010>(words[0][n], upper);
        // SAFETY: sixteen numbers of 16 bits.
        unsafe { _mm256_storeu_si256(bits.as_mut_ptr().cast::<__m256i>(), drawn) };
        *cells = _mm256_xor_si256(drawn, turn);
    }
    let mut sums = [_mm256_setzero_si256(); 4];
    for &edge in &table.coarse {
        let edge = _mm256_set1_epi16((edge ^ 0x8000) as i16);
        for (sum, &cells) in sums.iter_mut().zip(&cells) {
            *sum = _mm256_sub_epi16(*sum, _mm256_cmpgt_epi16(cells, edge));
        }
    }
    let mut on_edge = [_mm256_setzero_si256(); 4];
    for &edge in &table.doubtful {
        let edge = _mm256_set1_epi16((edge ^ 0x8000) as i16);
        for (on_edge, &cells) in on_edge.iter_mut().zip(&cells) {
            *on_edge = _mm256_or_si256(*on_edge, _mm256_cmpeq_epi16(cells, edge));
        }
    }
    for (counts, &sum) in counts.chunks_exact_mut(16).zip(&sums) {
        // SAFETY: sixteen numbers of 16 bits.
        unsafe { _mm256_storeu_si256(counts.as_mut_ptr().cast::<__m256i>(), sum) };
    }
    let any = _mm256_or_si256(
        _mm256_or_si256(on_edge[0], on_edge[1]),
        _mm256_or_si256(on_edge[2], on_edge[3]),
    );
    _mm256_testz_si256(any, any) == 0
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
