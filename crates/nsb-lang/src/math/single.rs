//! The elementary functions in 32 bits. Those of every rate function (e^x and what follows from it) are computed in 32
//! bits; the others, which are rare, in 64 and rounded.

use super::LOG2_E;

const LN_2_HI: f32 = std::f32::consts::LN_2;
const LN_2_LO: f32 = -1.904_654_2e-9;
/// Adding and subtracting this rounds to the nearest integer and leaves that integer in the low bits.
const ROUND: f32 = 12_582_912.0;
/// A little above the largest x with a finite e^x: what is computed there overflows by itself.
const EXP_MAX: f32 = 89.0;
/// Here the scale 2^(k−1) has left the normal numbers and its bits are those of 0, so that e^x comes out as 0.
const EXP_MIN: f32 = -87.3;

/// Returns (2^(k−1), e^r − 1) with x = k·ln 2 + r, |r| ≤ ln 2 / 2.
#[inline(always)]
fn exp_parts(x: f32) -> (f32, f32) {
    let x = if x > EXP_MAX { EXP_MAX } else { x };
    let x = if x < EXP_MIN { EXP_MIN } else { x };
    let shifted = x.mul_add(LOG2_E as f32, ROUND);
    let k = shifted - ROUND;
    let r = k.mul_add(-LN_2_LO, k.mul_add(-LN_2_HI, x));
    let half_scale = f32::from_bits((shifted.to_bits().wrapping_add(126)) << 23);
    let r2 = r * r;
    let q01 = r.mul_add(0.166_666_67, 0.5);
    let q23 = r.mul_add(0.008_333_310_5, 0.041_666_463);
    let q45 = r.mul_add(1.989_108e-4, 1.393_373_1e-3);
    let q = (r2 * r2).mul_add(q45, r2.mul_add(q23, q01));
    (half_scale, r2.mul_add(q, r))
}

/// e^x, within 1.1 units in the last place, or 1.5 below x = −86.6. 0 below −86.98 (no subnormal results), infinite above
/// 88.72.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let (half_scale, p) = exp_parts(x);
    half_scale.mul_add(p, half_scale) * 2.0
}

/// e^x − 1, within 1.5 units in the last place.
#[inline(always)]
pub fn expm1(x: f32) -> f32 {
    let (half_scale, p) = exp_parts(x);
    half_scale.mul_add(p, half_scale - 0.5) * 2.0
}

/// (e^x − 1) / x, 1 at 0.
#[inline(always)]
pub fn exprel(x: f32) -> f32 {
    let y = expm1(x) / x;
    // Of numbers below the normal ones half has no place for the last digit.
    if x.abs() < f32::MIN_POSITIVE { 1.0 } else { y }
}

/// x / (e^x − 1), 1 at 0.
#[inline(always)]
pub fn bernoulli(x: f32) -> f32 {
    let y = x / expm1(x);
    if x.abs() < f32::MIN_POSITIVE { 1.0 } else { y }
}

/// Hyperbolic tangent, within 3 units in the last place.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let clamped = if x > 10.0 { 10.0 } else { x };
    let clamped = if clamped < -10.0 { -10.0 } else { clamped };
    let e = expm1(clamped + clamped);
    e / (e + 2.0)
}

/// Natural logarithm; −∞ at 0, NaN below.
#[inline(always)]
pub fn log(x: f32) -> f32 {
    super::log(f64::from(x)) as f32
}

/// a^b for a ≥ 0; NaN for a < 0.
#[inline(always)]
pub fn pow(a: f32, b: f32) -> f32 {
    super::pow(f64::from(a), f64::from(b)) as f32
}

/// Sine; full precision up to |x| ≈ 10⁶.
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    super::sin(f64::from(x)) as f32
}

/// Cosine; full precision up to |x| ≈ 10⁶.
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    super::cos(f64::from(x)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math;

    /// Distance in units of the last place of the truth, which is known to 64 bits; below the normal numbers those of the
    /// smallest normal one.
    fn ulps(found: f32, truth: f64) -> f64 {
        let size = (truth.abs() as f32).clamp(f32::MIN_POSITIVE, f32::MAX);
        let spacing = f64::from(f32::from_bits(size.to_bits() & 0x7f80_0000)) * f64::from(f32::EPSILON);
        (f64::from(found) - truth).abs() / spacing
    }

    /// The worst error over finite numbers of both signs whose bits are a step apart, in all of the range.
    fn worst((low, high): (f32, f32), ours: fn(f32) -> f32, truth: fn(f64) -> f64) -> (f64, f32) {
        // A prime, so that all patterns of low bits come.
        const STEP: usize = 1_009;
        let mut worst = (0.0, 0.0);
        let mut n = 0;
        for bits in (0..=u32::MAX).step_by(STEP) {
            let x = f32::from_bits(bits);
            if x >= low && x <= high {
                n += 1;
                let error = ulps(ours(x), truth(f64::from(x)));
                if error.is_nan() || error > worst.0 {
                    worst = (error, x);
                }
            }
        }
        assert!(n > 10, "only {n} numbers tried");
        worst
    }

    // The truth is right to 10⁻⁸ units.
    #[test]
    fn functions_are_within_their_bounds_over_the_whole_range() {
        const ALL: (f32, f32) = (f32::MIN, f32::MAX);
        for (range, bound) in [((-86.6, 88.72), 1.1), ((-86.98, -86.6), 1.5)] {
            let (error, x) = worst(range, exp, math::exp);
            assert!(error <= bound, "exp({x}): {error} ulp");
        }
        let (error, x) = worst((f32::MIN, 88.72), expm1, math::expm1);
        assert!(error <= 1.5, "expm1({x}): {error} ulp");
        let (error, x) = worst((-86.98, 88.72), exprel, math::exprel);
        assert!(error <= 2.5, "exprel({x}): {error} ulp");
        let (error, x) = worst((f32::MIN, 86.0), bernoulli, math::bernoulli);
        assert!(error <= 2.5, "bernoulli({x}): {error} ulp");
        let (error, x) = worst(ALL, tanh, math::tanh);
        assert!(error <= 3.0, "tanh({x}): {error} ulp");
        let (error, x) = worst((f32::MIN_POSITIVE, f32::MAX), log, math::log);
        assert!(error <= 0.51, "log({x}): {error} ulp");
        for (ours, truth) in [(sin as fn(f32) -> f32, math::sin as fn(f64) -> f64), (cos, math::cos)] {
            let (error, x) = worst((-1e6, 1e6), ours, truth);
            assert!(error <= 0.51, "sin or cos({x}): {error} ulp");
        }
        for a in [1e-20, 0.3, 1.7, 3.0, 1e20] {
            for b in [-1.5, 0.0, 0.1, 0.5, 1.8] {
                let error = ulps(pow(a, b), math::pow(f64::from(a), f64::from(b)));
                assert!(error <= 0.51, "{a}^{b}: {error} ulp");
            }
        }
    }

    #[test]
    fn edges_and_not_a_number_are_right() {
        assert_eq!(exp(0.0), 1.0);
        for x in [88.73, 1000.0, f32::INFINITY] {
            assert_eq!(exp(x), f32::INFINITY);
            assert_eq!(expm1(x), f32::INFINITY);
        }
        for x in [-87.0, -87.4, -88.0, -1e6, f32::NEG_INFINITY] {
            assert_eq!(exp(x), 0.0, "{x}");
            assert_eq!(expm1(x), -1.0);
        }
        assert_eq!((expm1(0.0), tanh(0.0)), (0.0, 0.0));
        assert_eq!((bernoulli(0.0), exprel(0.0)), (1.0, 1.0));
        assert_eq!(bernoulli(1e-30), 1.0);
        assert_eq!((bernoulli(200.0), bernoulli(-200.0)), (0.0, 200.0));
        assert_eq!((tanh(f32::MAX), tanh(f32::MIN)), (1.0, -1.0));
        assert_eq!(log(0.0), f32::NEG_INFINITY);
        assert_eq!((log(1.0), log(f32::INFINITY)), (0.0, f32::INFINITY));
        assert_eq!((pow(0.0, 0.0), pow(0.0, 2.5)), (1.0, 0.0));
        for f in [exp, expm1, exprel, bernoulli, log, tanh, sin, cos] {
            assert!(f(f32::NAN).is_nan());
        }
        assert!(log(-1.0).is_nan());
    }
}
