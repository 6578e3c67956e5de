//! Looking through columns at the width of the vectors.

#![allow(unsafe_code)]

use nsb_lang::Real;

use crate::columns::LANES;
use crate::numbers::Slice;
use crate::simd::Simd;

/// Whether all numbers are finite.
pub fn all_finite(numbers: Slice<'_>, simd: Simd) -> bool {
    match numbers {
        Slice::Double(numbers) => all_finite_at(numbers, simd),
        Slice::Single(numbers) => all_finite_at(numbers, simd),
    }
}

/// Appends the positions of all numbers that are not 0 (nor −0), ascending.
pub fn nonzero(numbers: Slice<'_>, simd: Simd, positions: &mut Vec<u32>) {
    match numbers {
        Slice::Double(numbers) => nonzero_at(numbers, simd, positions),
        Slice::Single(numbers) => nonzero_at(numbers, simd, positions),
    }
}

fn all_finite_at<R: Real>(numbers: &[R], simd: Simd) -> bool {
    // SAFETY: asked for.
    unsafe {
        match simd {
            #[cfg(target_arch = "x86_64")]
            Simd::Avx2 | Simd::Avx512 if Simd::Avx2.is_available() => all_finite_avx2(numbers),
            _ => all_finite_of_any(numbers),
        }
    }
}

fn nonzero_at<R: Real>(numbers: &[R], simd: Simd, positions: &mut Vec<u32>) {
    // SAFETY: asked for.
    unsafe {
        match simd {
            #[cfg(target_arch = "x86_64")]
            Simd::Avx2 | Simd::Avx512 if Simd::Avx2.is_available() => nonzero_avx2(numbers, positions),
            _ => nonzero_of_any(numbers, positions),
        }
    }
}

#[inline(always)]
fn all_finite_of_any<R: Real>(numbers: &[R]) -> bool {
    const WIDTH: usize = 16;
    // Nothing times a finite number is 0, times any other NaN, which no sum gets rid of.
    let mut sums = [R::ZERO; WIDTH];
    let mut chunks = numbers.chunks_exact(WIDTH);
    for chunk in &mut chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum = x.mul_add(R::ZERO, *sum);
        }
    }
    chunks.remainder().iter().all(|x| x.is_finite()) && sums.iter().all(|&sum| sum == R::ZERO)
}

/// What is looked for is rare, so that most chunks are done with one comparison.
#[inline(always)]
fn nonzero_of_any<R: Real>(numbers: &[R], positions: &mut Vec<u32>) {
    for (n, chunk) in numbers.chunks(LANES).enumerate() {
        if !chunk.iter().fold(false, |any, x| any | (*x != R::ZERO)) {
            continue;
        }
        let found = chunk.iter().enumerate().filter(|(_, x)| **x != R::ZERO);
        positions.extend(found.map(|(m, _)| (n * LANES + m) as u32));
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn all_finite_avx2<R: Real>(numbers: &[R]) -> bool {
    all_finite_of_any(numbers)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn nonzero_avx2<R: Real>(numbers: &[R], positions: &mut Vec<u32>) {
    nonzero_of_any(numbers, positions);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_looked_at_at_every_width() {
        let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        check(bad, f64::MAX, |numbers| Slice::Double(numbers));
        check(bad.map(|x| x as f32), f32::MAX, |numbers| Slice::Single(numbers));
    }

    fn check<R: Real>(bad: [R; 3], largest: R, slice: fn(&[R]) -> Slice<'_>) {
        for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
            for length in [0, 1, 15, 16, 64, 131] {
                let numbers = vec![R::ZERO; length];
                assert!(all_finite(slice(&numbers), simd));
                for place in 0..length {
                    for bad in bad {
                        let mut numbers = numbers.clone();
                        numbers[place] = bad;
                        assert!(!all_finite(slice(&numbers), simd));
                        let mut found = Vec::new();
                        nonzero(slice(&numbers), simd, &mut found);
                        assert_eq!(found, [place as u32]);
                    }
                    let mut numbers = vec![-R::ZERO; length];
                    numbers[place] = largest;
                    let mut found = vec![7];
                    nonzero(slice(&numbers), simd, &mut found);
                    assert!(all_finite(slice(&numbers), simd) && found == [7, place as u32]);
                }
            }
        }
    }
}
