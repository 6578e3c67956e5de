//! Random numbers without state: each is a function of a counter and a key.
//!
//! The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw (2011) "Parallel random numbers: as easy as 1, 2, 3",
//! SC'11). The draws of a model are a function of (seed, population, cell, step, number of the draw), so they do not
//! depend on threads, blocks, vector width, or on what else is drawn, and a step done again draws the same. Everything
//! here is free of branches and works on 64-bit lanes, so that a loop over cells becomes vector code.

use crate::math;

const LOW: u64 = 0xffff_ffff;
/// The multipliers of Philox.
pub const PHILOX_FACTORS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// What its keys grow by from round to round, Weyl sequences: the golden ratio and √3 − 1.
pub const PHILOX_WEYL: [u64; 2] = [0x9E37_79B9, 0xBB67_AE85];
/// The bits of 1.0.
const ONE: u64 = 0x3ff0_0000_0000_0000;
/// The largest number below 1.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;
/// Keeps the draws of models apart from other uses of the same counters: the next after those of the engine.
const PURPOSE: u64 = 7;

/// Which random numbers a run of a phase draws. All parts are those of the whole network, whatever block is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Draws {
    /// The seed of the run.
    pub seed: u64,
    /// Position of the population in its network.
    pub population: u32,
    /// Position of the first cell of the block in its population.
    pub first_cell: u32,
    /// The step (below 2⁴⁸), or [`Draws::INITIAL`].
    pub step: u64,
}

impl Draws {
    /// The step for the phase that computes initial values.
    pub const INITIAL: u64 = u64::MAX;

    /// Evenly distributed in (0, 1): an odd multiple of 2⁻⁵³, so neither 0 nor 1.
    #[inline(always)]
    pub fn uniform(self, number: u8, lane: u64) -> f64 {
        let [a, b, _, _] = self.bits(number, lane);
        unit(a, b)
    }

    /// Normally distributed with mean 0 and standard deviation 1 (Box and Muller 1958), at most 8.6 in size.
    #[inline(always)]
    pub fn normal(self, number: u8, lane: u64) -> f64 {
        normal(self.bits(number, lane))
    }

    /// [`Draws::uniform`] rounded to 32 bits, where those above all numbers below 1 are rounded to the largest of these:
    /// neither 0 nor 1, and small numbers keep their relative precision.
    #[inline(always)]
    pub fn uniform_single(self, number: u8, lane: u64) -> f32 {
        single_below_one(self.uniform(number, lane))
    }

    /// [`Draws::normal`] rounded to 32 bits.
    #[inline(always)]
    pub fn normal_single(self, number: u8, lane: u64) -> f32 {
        self.normal(number, lane) as f32
    }

    #[inline(always)]
    fn bits(self, number: u8, lane: u64) -> [u64; 4] {
        let purpose = PURPOSE | u64::from(number) << 8 | (self.step >> 32 & 0xffff) << 16;
        let cell = (u64::from(self.first_cell) + lane) & LOW;
        philox4x32_lanes(
            [cell, self.step & LOW, u64::from(self.population), purpose],
            [self.seed & LOW, self.seed >> 32],
        )
    }
}

/// Normally distributed with mean 0 and standard deviation 1 (Box and Muller 1958), at most 8.6 in size, from four
/// words of 32 bits.
#[inline(always)]
pub fn normal([a, b, c, d]: [u64; 4]) -> f64 {
    let radius = (-2.0 * math::log(unit(a, b))).sqrt();
    radius * math::cos(std::f64::consts::TAU * unit(c, d))
}

/// A number in (0, 1) from two words of 32 bits.
#[inline(always)]
fn unit(low: u64, high: u64) -> f64 {
    // Bits put into a number from 1 to 2: a conversion that narrow vectors have, too. The difference is exact.
    f64::from_bits((high << 32 | low) >> 12 | ONE) - BELOW_ONE
}

#[inline(always)]
fn single_below_one(x: f64) -> f32 {
    const LARGEST: f32 = 1.0 - f32::EPSILON / 2.0;
    let x = x as f32;
    if x > LARGEST { LARGEST } else { x }
}

/// Ten rounds of Philox: 128 random bits for a counter and a key.
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    philox4x32_lanes(counter.map(u64::from), key.map(u64::from)).map(|word| word as u32)
}

/// The same on words of 32 bits in lanes of 64, for loops that are to become vector code.
#[inline(always)]
pub fn philox4x32_lanes(mut counter: [u64; 4], mut key: [u64; 2]) -> [u64; 4] {
    for _ in 0..10 {
        // Only the lower halves of lanes count; a vector multiplication ignores the upper ones by itself.
        let a = (counter[0] & LOW) * PHILOX_FACTORS[0];
        let b = (counter[2] & LOW) * PHILOX_FACTORS[1];
        counter = [b >> 32 ^ counter[1] ^ key[0], b, a >> 32 ^ counter[3] ^ key[1], a];
        key = [(key[0] + PHILOX_WEYL[0]) & LOW, (key[1] + PHILOX_WEYL[1]) & LOW];
    }
    counter.map(|word| word & LOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `philox4x32 10` of the `kat_vectors` file of Random123.
    #[test]
    fn philox_gives_the_reference_vectors() {
        assert_eq!(
            philox4x32([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox4x32([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        // Digits of pi.
        assert_eq!(
            philox4x32(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn uniform_draws_reach_neither_end() {
        assert_eq!(unit(0, 0), f64::EPSILON / 2.0);
        assert_eq!(unit(LOW, LOW), BELOW_ONE);
        assert_eq!(unit(0, 1 << 31), 0.5 + f64::EPSILON / 2.0);
        assert_eq!(
            single_below_one(f64::EPSILON / 2.0),
            f32::EPSILON * f32::EPSILON / 128.0
        );
        assert!(single_below_one(BELOW_ONE) < 1.0 && single_below_one(BELOW_ONE) > 0.999_999_9);
    }

    #[test]
    fn each_part_of_the_key_changes_the_draw_and_blocks_do_not() {
        let reference = Draws {
            seed: 1,
            population: 2,
            first_cell: 64,
            step: 4,
        };
        let draw = |draws: Draws, number, lane| draws.uniform(number, lane).to_bits();
        let first = draw(reference, 0, 5);
        let block = Draws {
            first_cell: 0,
            ..reference
        };
        assert_eq!(first, draw(block, 0, 69));
        let others = [
            Draws { seed: 2, ..reference },
            Draws {
                seed: 1 << 32,
                ..reference
            },
            Draws {
                population: 3,
                ..reference
            },
            Draws {
                first_cell: 65,
                ..reference
            },
            Draws { step: 5, ..reference },
            Draws {
                step: 4 | 1 << 32,
                ..reference
            },
            Draws {
                step: Draws::INITIAL,
                ..reference
            },
        ];
        for other in others {
            assert_ne!(first, draw(other, 0, 5), "{other:?}");
        }
        assert_ne!(first, draw(reference, 1, 5));
        assert_ne!(first, draw(reference, 0, 6));
    }
}
