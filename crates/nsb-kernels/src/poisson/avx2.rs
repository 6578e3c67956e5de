//! Tiles of counts in vectors of 256 bits. The numbers are those of the other paths.

use std::arch::x86_64::*;

use nsb_lang::Real;
use nsb_lang::random::{PHILOX_FACTORS, PHILOX_WEYL};

use super::alias::{Alias, TAIL};
use super::edges::Edges;
use super::{CALLS, Method, PURPOSE, PoissonCounts, PoissonDraws, add_of_any, counter};
use crate::columns::LANES;

/// A number of 16 bits for each cell of a tile.
type Numbers = [__m256i; 4];

#[target_feature(enable = "avx2,fma")]
pub(super) fn add<R: Real>(table: &PoissonCounts, draws: PoissonDraws, first_cell: u32, weight: R, sums: &mut [R]) {
    // SAFETY: this function needs the same.
    unsafe { add_of_any(table, draws, first_cell, weight, sums, tile) }
}

/// The bits of all 64 cells stay in four registers until their counts are known.
#[target_feature(enable = "avx2,fma")]
pub(super) fn tile(
    table: &PoissonCounts,
    draws: PoissonDraws,
    tile: u32,
    bits: &mut [u16; LANES],
    counts: &mut [u16; LANES],
) -> u64 {
    let drawn = draw(draws, tile);
    let (guessed, doubtful) = match &table.method {
        Method::Alias(alias) => by_alias(alias, drawn),
        Method::Edges(edges) => by_edges(edges, drawn),
    };
    store(guessed, counts);
    let any = doubtful
        .into_iter()
        .fold(_mm256_setzero_si256(), |a, b| _mm256_or_si256(a, b));
    if _mm256_testz_si256(any, any) == 1 {
        return 0;
    }
    store(drawn, bits);
    let mut flags = [0; LANES];
    store(doubtful, &mut flags);
    let flags = flags.iter().enumerate();
    flags.fold(0, |mask, (lane, &flag)| mask | u64::from(flag & 1) << lane)
}

#[target_feature(enable = "avx2,fma")]
fn store(numbers: Numbers, to: &mut [u16; LANES]) {
    for (to, number) in to.chunks_exact_mut(16).zip(numbers) {
        // SAFETY: sixteen numbers of 16 bits.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast::<__m256i>(), number) };
    }
}

/// Of the eight calls for a tile, each word of four calls in a register.
#[target_feature(enable = "avx2,fma")]
fn draw(draws: PoissonDraws, tile: u32) -> Numbers {
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
    let mut drawn = [_mm256_setzero_si256(); 4];
    for (n, drawn) in drawn.iter_mut().enumerate() {
        *drawn = _mm256_blend_epi32::<0b1010_1010>(words[0][n], _mm256_slli_epi64::<32>(words[1][n]));
    }
    drawn
}

/// Counts and doubts: tables of sixteen bytes are looked up by shuffling.
#[target_feature(enable = "avx2,fma")]
fn by_alias(alias: &Alias, drawn: Numbers) -> (Numbers, Numbers) {
    let table = |bytes: &[u8; 16]| {
        // SAFETY: sixteen bytes.
        let half = unsafe { _mm_loadu_si128(bytes.as_ptr().cast::<__m128i>()) };
        _mm256_broadcastsi128_si256(half)
    };
    let [low, high] = [table(&alias.coarse[0]), table(&alias.coarse[1])];
    let seconds = table(&alias.seconds);
    let of_column = _mm256_set1_epi16(0x000f);
    // A byte with its upper bit set looks up 0.
    let (upper_none, lower_none) = (_mm256_set1_epi16(0x8000_u16 as i16), _mm256_set1_epi16(0x0080));
    let tail = _mm256_set1_epi16(TAIL as i16);
    let (mut counts, mut doubts) = (drawn, drawn);
    for ((&drawn, count), doubt) in drawn.iter().zip(&mut counts).zip(&mut doubts) {
        let column = _mm256_and_si256(drawn, of_column);
        let in_lower = _mm256_or_si256(column, upper_none);
        let in_upper = _mm256_or_si256(_mm256_slli_epi16::<8>(column), lower_none);
        let edge = _mm256_or_si256(_mm256_shuffle_epi8(low, in_lower), _mm256_shuffle_epi8(high, in_upper));
        let part = _mm256_srli_epi16::<4>(drawn);
        let is_first = _mm256_cmpgt_epi16(edge, part);
        *count = _mm256_blendv_epi8(_mm256_shuffle_epi8(seconds, in_lower), column, is_first);
        *doubt = _mm256_or_si256(_mm256_cmpeq_epi16(edge, part), _mm256_cmpeq_epi16(*count, tail));
    }
    (counts, doubts)
}

/// Counts and doubts: every edge goes by all cells.
#[target_feature(enable = "avx2,fma")]
fn by_edges(edges: &Edges, drawn: Numbers) -> (Numbers, Numbers) {
    // Comparisons are of signed numbers: turning the upper bit keeps the order.
    let turn = _mm256_set1_epi16(i16::MIN);
    let (mut counts, mut doubts) = ([_mm256_setzero_si256(); 4], [_mm256_setzero_si256(); 4]);
    let mut turned = drawn;
    for (turned, drawn) in turned.iter_mut().zip(drawn) {
        *turned = _mm256_xor_si256(drawn, turn);
    }
    for &edge in &edges.coarse {
        let edge = _mm256_set1_epi16((edge ^ 0x8000) as i16);
        for (count, &bits) in counts.iter_mut().zip(&turned) {
            *count = _mm256_sub_epi16(*count, _mm256_cmpgt_epi16(bits, edge));
        }
    }
    for &edge in &edges.doubtful {
        let edge = _mm256_set1_epi16((edge ^ 0x8000) as i16);
        for (doubt, &bits) in doubts.iter_mut().zip(&turned) {
            *doubt = _mm256_or_si256(*doubt, _mm256_cmpeq_epi16(bits, edge));
        }
    }
    (counts, doubts)
}
