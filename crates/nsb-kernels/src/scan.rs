//! Looking through columns at the width of the vectors.

#![allow(unsafe_code)]

use crate::columns::LANES;
use crate::simd::Simd;

/// Whether all numbers are finite.
pub fn all_finite(numbers: &[f64], simd: Simd) -> bool {
    // SAFETY: asked for.
    unsafe {
        match simd {
            #[cfg(target_arch = "x86_64")]
            Simd::Avx2 | Simd::Avx512 if Simd::Avx2.is_available() => all_finite_avx2(numbers),
            _ => all_finite_of_any(numbers),
        }
    }
}

/// Appends the positions of all numbers that are not 0 (nor −0), ascending.
pub fn nonzero(numbers: &[f64], simd: Simd, positions: &mut Vec<u32>) {
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
fn all_finite_of_any(numbers: &[f64]) -> bool {
    const WIDTH: usize = 16;
    // Nothing times a finite number is 0, times any other NaN, which no sum gets rid of.
    let mut sums = [0.0; WIDTH];
    let mut chunks = numbers.chunks_exact(WIDTH);
    for chunk in &mut chunks {
        for (sum, x) in sums.iter_mut().zip(chunk) {
            *sum = x.mul_add(0.0, *sum);
        }
    }
    chunks.remainder().iter().all(|x| x.is_finite()) && sums.iter().all(|&sum| sum == 0.0)
}

/// What is looked for is rare, so that most chunks are done with one comparison.
#[inline(always)]
fn nonzero_of_any(numbers: &[f64], positions: &mut Vec<u32>) {
    for (n, chunk) in numbers.chunks(LANES).enumerate() {
        if chunk.iter().fold(0, |bits, x| bits | x.to_bits()) == 0 {
            continue;
        }
        let found = chunk.iter().enumerate().filter(|(_, x)| **x != 0.0);
        positions.extend(found.map(|(m, _)| (n * LANES + m) as u32));
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn all_finite_avx2(numbers: &[f64]) -> bool {
    all_finite_of_any(numbers)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn nonzero_avx2(numbers: &[f64], positions: &mut Vec<u32>) {
    nonzero_of_any(numbers, positions);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_looked_at_at_every_width() {
        for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
            for length in [0, 1, 15, 16, 64, 131] {
                let numbers = vec![0.0; length];
                assert!(all_finite(&numbers, simd));
                for place in 0..length {
                    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                        let mut numbers = numbers.clone();
                        numbers[place] = bad;
                        assert!(!all_finite(&numbers, simd));
                        let mut found = Vec::new();
                        nonzero(&numbers, simd, &mut found);
                        assert_eq!(found, [place as u32]);
                    }
                    let mut numbers = vec![-0.0; length];
                    numbers[place] = f64::MAX;
                    let mut found = vec![7];
                    nonzero(&numbers, simd, &mut found);
                    assert!(all_finite(&numbers, simd) && found == [7, place as u32]);
                }
            }
        }
    }
}
