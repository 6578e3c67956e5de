//! Many random numbers at once: the same as drawing them one by one by counter.

#![allow(unsafe_code)]

use nsb_lang::random::{normal, philox4x32_lanes};

use crate::simd::Simd;

const LOW: u64 = 0xffff_ffff;

/// A stream of draws, each of which is a function of the stream and its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// The key of the generator.
    pub seed: u64,
    /// The upper half of the counter; the index is the lower half.
    pub stream: [u32; 2],
}

impl Counter {
    /// Normally distributed numbers with mean 0 and standard deviation 1, those of the indices `first`, `first` + 1, ….
    pub fn normals(self, first: u64, numbers: &mut [f64], simd: Simd) {
        // SAFETY: the CPU has the width, as is asked by `usable`.
        unsafe {
            match usable(simd) {
                #[cfg(target_arch = "x86_64")]
                Simd::Avx512 => normals_avx512(self, first, numbers),
                #[cfg(target_arch = "x86_64")]
                Simd::Avx2 => normals_avx2(self, first, numbers),
                _ => normals_of_any(self, first, numbers),
            }
        }
    }

    /// Evenly distributed whole numbers from 0 to `n` − 1, those of the indices `first`, `first` + 1, ….
    pub fn below(self, first: u64, n: u32, numbers: &mut [u32], simd: Simd) {
        // SAFETY: the CPU has the width, as is asked by `usable`.
        unsafe {
            match usable(simd) {
                #[cfg(target_arch = "x86_64")]
                Simd::Avx512 => below_avx512(self, first, n, numbers),
                #[cfg(target_arch = "x86_64")]
                Simd::Avx2 => below_avx2(self, first, n, numbers),
                _ => below_of_any(self, first, n, numbers),
            }
        }
    }

    #[inline(always)]
    fn words(self, index: u64) -> [u64; 4] {
        let [c, d] = self.stream.map(u64::from);
        philox4x32_lanes([index & LOW, index >> 32, c, d], [self.seed & LOW, self.seed >> 32])
    }
}

fn usable(simd: Simd) -> Simd {
    if simd.is_available() { simd } else { Simd::best() }
}

#[inline(always)]
fn normals_of_any(counter: Counter, first: u64, numbers: &mut [f64]) {
    for (index, number) in (first..).zip(numbers) {
        *number = normal(counter.words(index));
    }
}

#[inline(always)]
fn below_of_any(counter: Counter, first: u64, n: u32, numbers: &mut [u32]) {
    let n = u64::from(n);
    for (index, number) in (first..).zip(numbers) {
        // The upper half of the product of 64 bits and n.
        let [low, high, ..] = counter.words(index);
        *number = ((high * n + ((low * n) >> 32)) >> 32) as u32;
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn normals_avx2(counter: Counter, first: u64, numbers: &mut [f64]) {
    normals_of_any(counter, first, numbers);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
fn normals_avx512(counter: Counter, first: u64, numbers: &mut [f64]) {
    normals_of_any(counter, first, numbers);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn below_avx2(counter: Counter, first: u64, n: u32, numbers: &mut [u32]) {
    below_of_any(counter, first, n, numbers);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
fn below_avx512(counter: Counter, first: u64, n: u32, numbers: &mut [u32]) {
    below_of_any(counter, first, n, numbers);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_the_same_as_one_by_one_at_every_width() {
        let counter = Counter {
            seed: 0x1234_5678_9abc_def0,
            stream: [3, 2],
        };
        // Across the end of the lower half of the index.
        let first = (1 << 32) - 37;
        let draw = |simd| {
            let (mut normals, mut below) = (vec![0.0; 101], vec![0; 101]);
            counter.normals(first, &mut normals, simd);
            counter.below(first, 1000, &mut below, simd);
            (normals, below)
        };
        let one_by_one: (Vec<f64>, Vec<u32>) = (0..101)
            .map(|n| {
                let (mut number, mut whole) = ([0.0], [0]);
                counter.normals(first + n, &mut number, Simd::Scalar);
                counter.below(first + n, 1000, &mut whole, Simd::Scalar);
                (number[0], whole[0])
            })
            .unzip();
        assert!(one_by_one.1.iter().all(|&n| n < 1000));
        for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
            assert_eq!(draw(simd), one_by_one, "{simd}");
        }
    }
}
