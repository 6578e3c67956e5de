//! Elementary functions that give the same bits on every machine.
//!
//! Executors, constant folding and random draws all use these; the platform's versions differ between systems.
//! Each function is branch-free, so that a loop over it becomes vector code, and uses only operations that IEEE 754
//! rounds correctly (`+ − × ÷`, fused multiply-add, `sqrt`). Polynomials were fitted in Chebyshev points with 40
//! digits. NaN goes in, NaN comes out. Where the CPU has no fused multiply-add the same bits come from a slower call.

#![allow(clippy::excessive_precision)] // coefficients stand as they were fitted

pub mod single;

const LOG2_E: f64 = std::f64::consts::LOG2_E;
const LN_2_HI: f64 = std::f64::consts::LN_2;
const LN_2_LO: f64 = 2.319_046_813_846_299_6e-17;
/// Adding and subtracting this rounds to the nearest integer and leaves that integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// A little above the largest x with a finite e^x: what is computed there overflows by itself.
const EXP_MAX: f64 = 710.0;
/// Here the scale 2^(k−1) has left the normal numbers and its bits are those of 0, so that e^x comes out as 0.
const EXP_MIN: f64 = -708.3;

/// Returns (2^(k−1), e^r − 1) with x = k·ln 2 + r, |r| ≤ ln 2 / 2.
#[inline(always)]
fn exp_parts(x: f64) -> (f64, f64) {
    let x = if x > EXP_MAX { EXP_MAX } else { x };
    let x = if x < EXP_MIN { EXP_MIN } else { x };
    let shifted = x.mul_add(LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = k.mul_add(-LN_2_LO, k.mul_add(-LN_2_HI, x));
    let half_scale = f64::from_bits((shifted.to_bits().wrapping_add(1022)) << 52);
    let r2 = r * r;
    let r4 = r2 * r2;
    // Estrin's scheme: short dependency chains.
    let q01 = r.mul_add(0.166_666_666_666_666_674_53, 0.500_000_000_000_000_102_21);
    let q23 = r.mul_add(0.008_333_333_333_330_061_832_5, 0.041_666_666_666_624_127_873);
    let q45 = r.mul_add(1.984_126_986_305_361_687_8e-4, 1.388_888_891_721_371_690_1e-3);
    let q67 = r.mul_add(2.755_726_845_999_706_477_2e-6, 2.480_152_129_595_437_513_1e-5);
    let q89 = r.mul_add(2.510_038_549_551_031_907_8e-8, 2.762_008_844_540_974_816_1e-7);
    let low = r2.mul_add(q23, q01);
    let high = r4.mul_add(q89, r2.mul_add(q67, q45));
    let q = r4.mul_add(high, low);
    (half_scale, r2.mul_add(q, r))
}

/// e^x, within 1.1 units in the last place. 0 below −708.05 (no subnormal results), infinite above 709.78.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let (half_scale, p) = exp_parts(x);
    half_scale.mul_add(p, half_scale) * 2.0
}

/// e^x − 1 with full relative precision near 0.
#[inline(always)]
pub fn expm1(x: f64) -> f64 {
    let (half_scale, p) = exp_parts(x);
    half_scale.mul_add(p, half_scale - 0.5) * 2.0
}

/// (e^x − 1) / x, 1 at 0.
#[inline(always)]
pub fn exprel(x: f64) -> f64 {
    let y = expm1(x) / x;
    if x == 0.0 { 1.0 } else { y }
}

/// x / (e^x − 1), 1 at 0: the Bernoulli function, the regular part of many rate functions.
#[inline(always)]
pub fn bernoulli(x: f64) -> f64 {
    let y = x / expm1(x);
    if x == 0.0 { 1.0 } else { y }
}

/// Natural logarithm, within 1.5 units in the last place; −∞ at 0, NaN below.
#[inline(always)]
pub fn log(x: f64) -> f64 {
    // Subnormals are scaled up first.
    let tiny = x < f64::MIN_POSITIVE;
    let scaled = if tiny { x * 18_014_398_509_481_984.0 } else { x };
    let offset = if tiny { -54.0 } else { 0.0 };
    // Split off the exponent so that the mantissa lies in [√½, √2).
    let bits = scaled.to_bits();
    let adjusted = bits.wrapping_add(0x3ff0_0000_0000_0000 - 0x3fe6_a09e_667f_3bcd);
    let exponent_bits = adjusted >> 52;
    let mantissa_bits = (adjusted & 0x000f_ffff_ffff_ffff).wrapping_add(0x3fe6_a09e_667f_3bcd);
    // Integer to float without a conversion instruction, which narrow vectors lack.
    let exponent = f64::from_bits(exponent_bits | 0x4330_0000_0000_0000) - 4_503_599_627_370_496.0 - 1023.0 + offset;
    let m = f64::from_bits(mantissa_bits);
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z.mul_add(0.146_167_211_798_618_157_49, 0.153_316_996_335_438_587_19);
    let r = z.mul_add(r, 0.181_828_897_861_910_424_83);
    let r = z.mul_add(r, 0.222_222_111_257_228_089_38);
    let r = z.mul_add(r, 0.285_714_286_260_310_667_65);
    let r = z.mul_add(r, 0.399_999_999_998_993_819_39);
    let r = z.mul_add(r, 0.666_666_666_666_666_969_05);
    // log(1+f) = f − f²/2 + s·(f²/2 + s²·r): the small terms are added first.
    let half_square = 0.5 * f * f;
    let small = s.mul_add(z.mul_add(r, half_square), exponent * LN_2_LO);
    let y = exponent.mul_add(LN_2_HI, f - (half_square - small));
    let y = if x == f64::INFINITY { f64::INFINITY } else { y };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    let y = if x < 0.0 { f64::NAN } else { y };
    if x.is_nan() { x } else { y }
}

/// a^b for a ≥ 0 as e^(b·log a): relative error about |b·log a| units in the last place. Exact for b = 0, which gives 1
/// for every a, and for b = 1; 0 for a = 0 and b > 0. NaN for a < 0 and any other b.
#[inline(always)]
pub fn pow(a: f64, b: f64) -> f64 {
    let y = exp(b * log(a));
    let y = if b == 1.0 { a } else { y };
    if b == 0.0 { 1.0 } else { y }
}

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    let clamped = if x > 20.0 { 20.0 } else { x };
    let clamped = if clamped < -20.0 { -20.0 } else { clamped };
    let e = expm1(clamped + clamped);
    e / (e + 2.0)
}

/// sin and cos of the remainder of x in units of π/2, and the quadrant.
#[inline(always)]
fn quadrant(x: f64) -> (f64, f64, u64) {
    const PI_2_HI: f64 = std::f64::consts::FRAC_PI_2;
    const PI_2_MID: f64 = 6.123_233_995_736_766e-17;
    const PI_2_LO: f64 = -1.497_384_905_065_873e-33;
    let shifted = x.mul_add(std::f64::consts::FRAC_2_PI, ROUND);
    let k = shifted - ROUND;
    let r = k.mul_add(-PI_2_LO, k.mul_add(-PI_2_MID, k.mul_add(-PI_2_HI, x)));
    let z = r * r;
    let s = z.mul_add(-7.586_685_070_091_267_159_6e-13, 1.605_853_141_458_901_075_7e-10);
    let s = z.mul_add(s, -2.505_210_623_115_790_548_7e-8);
    let s = z.mul_add(s, 2.755_731_921_933_545_342_9e-6);
    let s = z.mul_add(s, -1.984_126_984_126_506_017_4e-4);
    let s = z.mul_add(s, 0.008_333_333_333_333_331_489_9);
    let s = z.mul_add(s, -0.166_666_666_666_666_666_66);
    let sin = (r * z).mul_add(s, r);
    let c = z.mul_add(-1.138_261_486_855_632_457_6e-11, 2.087_614_602_468_974_660_1e-9);
    let c = z.mul_add(c, -2.755_731_727_056_032_406_5e-7);
    let c = z.mul_add(c, 2.480_158_729_876_343_316_4e-5);
    let c = z.mul_add(c, -1.388_888_888_888_739_574_6e-3);
    let c = z.mul_add(c, 0.041_666_666_666_666_665_387);
    let cos = (z * z).mul_add(c, z.mul_add(-0.5, 1.0));
    (sin, cos, shifted.to_bits())
}

/// Sine; full precision up to |x| ≈ 10⁶.
#[inline(always)]
pub fn sin(x: f64) -> f64 {
    let (s, c, k) = quadrant(x);
    let y = if k & 1 == 0 { s } else { c };
    if k & 2 == 0 { y } else { -y }
}

/// Cosine; full precision up to |x| ≈ 10⁶.
#[inline(always)]
pub fn cos(x: f64) -> f64 {
    let (s, c, k) = quadrant(x);
    let y = if k & 1 == 0 { c } else { s };
    if k.wrapping_add(1) & 2 == 0 { y } else { -y }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)] // the platform's functions are the independent truth here
mod tests {
    use super::*;

    fn ulps(a: f64, b: f64) -> f64 {
        if a == b {
            return 0.0;
        }
        let spacing = f64::from_bits(b.abs().max(f64::MIN_POSITIVE).to_bits() + 1) - b.abs().max(f64::MIN_POSITIVE);
        ((a - b) / spacing).abs()
    }

    fn worst(range: (f64, f64), ours: fn(f64) -> f64, truth: fn(f64) -> f64) -> (f64, f64) {
        let n = 200_001;
        let mut worst = (0.0, 0.0);
        for k in 0..n {
            let x = range.0 + (range.1 - range.0) * f64::from(k) / f64::from(n - 1);
            let error = ulps(ours(x), truth(x));
            if error.is_nan() || error > worst.0 {
                worst = (error, x);
            }
        }
        worst
    }

    // Tolerances: our error plus up to one ulp of the platform's own.
    #[test]
    fn exp_is_within_two_ulps_of_the_platform() {
        for range in [(-700.0, 700.0), (-1.0, 1.0), (-40.0, 20.0)] {
            let (error, x) = worst(range, exp, f64::exp);
            assert!(error <= 2.0, "exp({x}): {error} ulp");
        }
    }

    #[test]
    fn expm1_keeps_relative_precision_near_zero() {
        for range in [(-700.0, 700.0), (-1.0, 1.0), (-1e-9, 1e-9)] {
            let (error, x) = worst(range, expm1, f64::exp_m1);
            assert!(error <= 3.0, "expm1({x}): {error} ulp");
        }
    }

    #[test]
    fn log_is_within_two_ulps_of_the_platform() {
        for range in [(1e-300, 1e-290), (1e-5, 3.0), (0.9, 1.1), (1.0, 1e9), (1e-310, 1e-308)] {
            let (error, x) = worst(range, log, f64::ln);
            assert!(error <= 2.5, "log({x}): {error} ulp");
        }
    }

    #[test]
    fn tanh_sin_and_cos_agree_with_the_platform() {
        let (error, x) = worst((-25.0, 25.0), tanh, f64::tanh);
        assert!(error <= 4.0, "tanh({x}): {error} ulp");
        for (ours, truth) in [(sin as fn(f64) -> f64, f64::sin as fn(f64) -> f64), (cos, f64::cos)] {
            for k in 0..100_000 {
                let x = (f64::from(k) - 50_000.0) * 0.37;
                assert!(
                    (ours(x) - truth(x)).abs() < 2.3e-16,
                    "at {x}: {} against {}",
                    ours(x),
                    truth(x)
                );
            }
        }
    }

    #[test]
    fn edges_and_not_a_number_are_right() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(1000.0), f64::INFINITY);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(-1000.0), 0.0);
        assert!(ulps(exp(709.78), 709.78_f64.exp()) <= 2.0);
        assert_eq!(exp(709.79), f64::INFINITY);
        assert!(ulps(exp(-708.0), (-708.0_f64).exp()) <= 2.0);
        for x in [-708.1, -708.3, -709.0, -745.0, -1e6] {
            assert_eq!(exp(x), 0.0);
            assert_eq!(expm1(x), -1.0);
        }
        assert_eq!(expm1(709.79), f64::INFINITY);
        assert_eq!(expm1(f64::INFINITY), f64::INFINITY);
        assert_eq!(expm1(-1000.0), -1.0);
        assert_eq!(expm1(0.0), 0.0);
        assert_eq!(bernoulli(0.0), 1.0);
        assert_eq!(bernoulli(1e-300), 1.0);
        assert_eq!(bernoulli(1000.0), 0.0);
        assert_eq!(bernoulli(-1000.0), 1000.0);
        assert_eq!(exprel(0.0), 1.0);
        assert_eq!(log(0.0), f64::NEG_INFINITY);
        assert_eq!(log(1.0), 0.0);
        assert_eq!(log(f64::INFINITY), f64::INFINITY);
        assert_eq!(pow(0.0, 0.0), 1.0);
        assert_eq!(pow(0.0, 2.5), 0.0);
        assert_eq!((pow(0.3, 1.0), pow(-0.3, 1.0), pow(-0.3, 0.0)), (0.3, -0.3, 1.0));
        assert!(ulps(pow(3.0, 4.0), 81.0) < 8.0);
        for f in [exp, expm1, exprel, bernoulli, log, tanh, sin, cos] {
            assert!(f(f64::NAN).is_nan());
        }
        assert!(log(-1.0).is_nan());
    }
}
