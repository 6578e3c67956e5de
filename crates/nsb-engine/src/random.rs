//! Random numbers without state: each is a function of (seed, entity, index, purpose).
//!
//! The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw (2011) "Parallel random numbers: as easy as 1, 2, 3",
//! SC'11). Because nothing is carried from draw to draw, a draw does not depend on the number of threads, on the
//! order of work, or on what else is drawn.

use nsb_kernels::Simd;
use nsb_kernels::draws::Counter;
pub use nsb_lang::random::philox4x32;

/// 2⁻⁵³, the distance between uniform draws.
const UNIT: f64 = 1.0 / (1u64 << 53) as f64;

/// What a draw is for, so that two uses of the same entity and index do not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Which cells a projection connects.
    Connect = 1,
    /// Weights of a projection.
    Weight = 2,
    /// Delays of a projection.
    Delay = 3,
    /// Parameters and initial states of a population.
    Parameter = 4,
    /// A noise current.
    Noise = 5,
    /// Spikes from outside.
    Spikes = 6,
    /// How long a reward is on its way.
    RewardDelay = 8,
    // 7 is taken by the draws of models, `nsb_lang::random::Draws`.
    /// Which cells belong to a pattern.
    Pattern = 16,
    /// In which order patterns are shown.
    Presentation = 17,
    /// When rewards are given that depend on nothing.
    RewardTime = 18,
}

/// The stream of one entity (such as a projection) for one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    seed: u64,
    entity: u32,
    purpose: Purpose,
    attempt: u32,
}

impl Stream {
    /// The stream of an entity for a purpose.
    pub fn new(seed: u64, entity: u32, purpose: Purpose) -> Stream {
        Stream {
            seed,
            entity,
            purpose,
            attempt: 0,
        }
    }

    /// The stream for the n-th attempt (below 2²⁴) at the same draws, for those that are rejected.
    pub fn attempt(self, n: u32) -> Stream {
        Stream { attempt: n, ..self }
    }

    /// 32 random bits.
    pub fn u32(self, index: u64) -> u32 {
        self.block(index)[0]
    }

    /// 64 random bits.
    pub fn u64(self, index: u64) -> u64 {
        let [low, high, ..] = self.block(index);
        u64::from(high) << 32 | u64::from(low)
    }

    /// Evenly distributed in [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(self, index: u64) -> f64 {
        (self.u64(index) >> 11) as f64 * UNIT
    }

    /// Evenly distributed whole number from 0 to n − 1, for n up to 2⁵³: of 2⁶⁴ draws no number has more than one
    /// too many or too few.
    pub fn below(self, index: u64, n: u64) -> u64 {
        ((u128::from(self.u64(index)) * u128::from(n)) >> 64) as u64
    }

    /// Normally distributed with mean 0 and standard deviation 1 (Box and Muller 1958), at most 8.6 in size.
    pub fn normal(self, index: u64) -> f64 {
        // By the code for many: it has the instructions of this CPU.
        let mut number = [0.0];
        self.normals(index, &mut number);
        number[0]
    }

    /// The same for the indices `first`, `first` + 1, …, all at once.
    pub fn normals(self, first: u64, numbers: &mut [f64]) {
        self.counter().normals(first, numbers, Simd::best());
    }

    /// As [`Stream::below`] for the indices `first`, `first` + 1, …, all at once.
    pub fn all_below(self, first: u64, n: u32, numbers: &mut [u32]) {
        self.counter().below(first, n, numbers, Simd::best());
    }

    fn counter(self) -> Counter {
        Counter {
            seed: self.seed,
            stream: [self.entity, self.purpose as u32 | self.attempt << 8],
        }
    }

    fn block(self, index: u64) -> [u32; 4] {
        philox4x32(
            [
                low(index),
                high(index),
                self.entity,
                self.purpose as u32 | self.attempt << 8,
            ],
            [low(self.seed), high(self.seed)],
        )
    }
}

/// `size` of `n_cells` cells under a label, each set of them as likely as any other. What is drawn depends on the seed,
/// the label, `n_cells` and the round (below 2²⁴) only, and more cells begin with fewer.
pub fn chosen(seed: u64, label: &str, size: usize, n_cells: usize, round: u32) -> Vec<u32> {
    let hash = fnv1a(label.as_bytes());
    let stream = Stream::new(seed, hash as u32, Purpose::Pattern).attempt(round);
    let mut cells: Vec<u32> = (0..n_cells as u32).collect();
    let size = size.min(n_cells);
    for n in 0..size {
        let index = (hash >> 32) << 32 | n as u64;
        let other = n + stream.below(index, (n_cells - n) as u64) as usize;
        cells.swap(n, other);
    }
    cells.truncate(size);
    cells
}

/// FNV-1a, 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

fn low(value: u64) -> u32 {
    value as u32
}

fn high(value: u64) -> u32 {
    (value >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_the_key_changes_the_draw() {
        let draw = |seed, entity, index| Stream::new(seed, entity, Purpose::Connect).u64(index);
        let reference = draw(1, 2, 3);
        assert_eq!(reference, draw(1, 2, 3));
        for other in [
            draw(2, 2, 3),
            draw(1, 3, 3),
            draw(1, 2, 4),
            draw(1 << 32, 2, 3),
            draw(1, 2, 3 << 32),
        ] {
            assert_ne!(reference, other);
        }
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // Fowler, Noll, Vo, Eastlake, "The FNV Non-Cryptographic Hash Algorithm", test vectors.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn uniform_draws_fill_the_unit_interval_evenly() {
        let stream = Stream::new(7, 0, Purpose::Connect);
        let n = 100_000;
        let mut bins = [0u32; 10];
        let mut sum = 0.0;
        for index in 0..n {
            let u = stream.uniform(index);
            assert!((0.0..1.0).contains(&u));
            bins[(u * 10.0) as usize] += 1;
            sum += u;
        }
        // Standard error of the mean is 1/√(12 n) = 0.0009; of a bin √(n · 0.1 · 0.9) = 95. Five of each.
        assert!((sum / n as f64 - 0.5).abs() < 0.0046, "mean {}", sum / n as f64);
        assert!(
            bins.iter().all(|&count| (i64::from(count) - 10_000).abs() < 475),
            "bins {bins:?}"
        );
    }

    #[test]
    fn whole_numbers_are_even_and_attempts_differ() {
        let stream = Stream::new(7, 0, Purpose::Weight);
        let mut bins = [0u32; 7];
        (0..70_000).for_each(|index| bins[stream.below(index, 7) as usize] += 1);
        // Deviation √(70,000 · 6/49) = 93.
        assert!(bins.iter().all(|&count| count.abs_diff(10_000) < 465), "bins {bins:?}");
        assert_ne!(stream.u64(1), stream.attempt(1).u64(1));
        assert_eq!(stream.u64(1), stream.attempt(0).u64(1));
    }

    #[test]
    fn normal_draws_have_the_moments_and_tails_of_the_normal_distribution() {
        let stream = Stream::new(7, 0, Purpose::Weight);
        let n = 200_000;
        let draws: Vec<f64> = (0..n).map(|index| stream.normal(index)).collect();
        let moment = |power: i32| draws.iter().map(|x| (0..power).fold(1.0, |p, _| p * x)).sum::<f64>() / n as f64;
        // Standard errors: 1/√n, √(2/n), √(15/n), √(96/n); five of each.
        let error = 5.0 / (n as f64).sqrt();
        assert!(moment(1).abs() < error, "mean {}", moment(1));
        assert!((moment(2) - 1.0).abs() < 1.42 * error, "variance {}", moment(2));
        assert!(moment(3).abs() < 3.9 * error, "third {}", moment(3));
        assert!((moment(4) - 3.0).abs() < 9.8 * error, "fourth {}", moment(4));
        // P(|x| > 1.959964) = 0.05, P(|x| > 3.290527) = 0.001.
        let beyond = |limit: f64| draws.iter().filter(|x| x.abs() > limit).count() as f64;
        assert!((beyond(1.959964) - 10_000.0).abs() < 5.0 * 97.5, "{}", beyond(1.959964));
        assert!((beyond(3.290527) - 200.0).abs() < 5.0 * 14.2, "{}", beyond(3.290527));
    }
}
