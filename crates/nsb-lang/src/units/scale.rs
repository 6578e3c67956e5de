//! The factor between a unit and its engine unit, kept as whole exponents so that it is never rounded.

/// The factor 10^tens · 6^sixes. Sixes come from minutes (6·10⁴ ms) and hours (36·10⁵ ms).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Scale {
    pub(super) tens: i32,
    pub(super) sixes: i32,
}

impl Scale {
    pub(super) const fn new(tens: i32, sixes: i32) -> Scale {
        Scale { tens, sixes }
    }

    pub(super) fn multiply(self, other: Scale) -> Scale {
        Scale {
            tens: self.tens.saturating_add(other.tens),
            sixes: self.sixes.saturating_add(other.sixes),
        }
    }

    pub(super) fn power(self, exponent: i32) -> Scale {
        Scale {
            tens: self.tens.saturating_mul(exponent),
            sixes: self.sixes.saturating_mul(exponent),
        }
    }

    /// `value` times this factor.
    pub(super) fn apply(self, value: f64) -> f64 {
        times_sixes(shift(value, self.tens), self.sixes)
    }

    /// `value` divided by this factor.
    pub(super) fn remove(self, value: f64) -> f64 {
        shift(
            times_sixes(value, self.sixes.saturating_neg()),
            self.tens.saturating_neg(),
        )
    }
}

/// Powers of ten that f64 holds exactly.
const EXACT_TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// Below this every whole number is held exactly.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// Moves the decimal point: the f64 nearest to (`value` as it prints) · 10^`by`.
///
/// Multiplying would round what was rounded already: 0.57 · 100 gives 56.99999999999999 in f64, and 7 · 0.01 · 100 is
/// not 7. Whole numbers need one operation with an exact power of ten, which rounds once and gives the same result.
fn shift(value: f64, by: i32) -> f64 {
    if by == 0 || value == 0.0 || !value.is_finite() {
        return value;
    }
    let whole = value.abs() < WHOLE && value.trunc() == value;
    if let Some(ten) = EXACT_TENS.get(by.unsigned_abs() as usize).filter(|_| whole) {
        return if by > 0 { value * ten } else { value / ten };
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').expect("scientific notation has an exponent");
    let exponent: i32 = exponent.parse().expect("the exponent of an f64 is a small number");
    format!("{digits}e{}", exponent.saturating_add(by))
        .parse()
        .expect("digits and exponent make a number")
}

/// `value` · 6^`sixes`.
fn times_sixes(value: f64, sixes: i32) -> f64 {
    // 6^400 is beyond every f64, so more rounds change nothing.
    let mut power = 1.0;
    for _ in 0..sixes.unsigned_abs().min(400) {
        power *= 6.0;
    }
    if sixes >= 0 { value * power } else { value / power }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifting_there_and_back_restores_decimals_of_fifteen_digits() {
        let mut bits: u64 = 0x9E37_79B9_7F4A_7C15;
        for _ in 0..20_000 {
            bits = bits
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let digits = bits % 1_000_000_000_000_000;
            let value: f64 = format!("{digits}e-{}", bits >> 60).parse().unwrap();
            for by in [-8, -2, 1, 6, 18] {
                assert_eq!(shift(shift(value, by), -by), value, "{value:e} shifted by {by}");
            }
        }
    }

    #[test]
    fn the_quick_way_for_whole_numbers_agrees_with_the_decimal_way() {
        for whole in [1.0, 3.0, 7.0, 20.0, 1_000.0, 123_456_789.0, -65.0] {
            for by in -22..=22 {
                let decimal: f64 = format!("{whole}e{by}").parse().unwrap();
                assert_eq!(shift(whole, by), decimal);
            }
        }
    }

    #[test]
    fn fractions_are_decimally_exact_where_multiplication_is_not() {
        #[allow(clippy::eq_op)]
        {
            assert_ne!(0.57 * 100.0, 57.0);
        }
        assert_eq!(shift(0.57, 2), 57.0);
        assert_eq!(shift(shift(7.0, -2), 2), 7.0);
    }

    #[test]
    fn extremes_neither_panic_nor_turn_into_other_numbers() {
        assert_eq!(shift(1.0, i32::MAX), f64::INFINITY);
        assert_eq!(shift(1.0, i32::MIN + 1), 0.0);
        assert_eq!(shift(0.5, i32::MAX), f64::INFINITY);
        assert_eq!(shift(f64::INFINITY, -3), f64::INFINITY);
        assert!(shift(f64::NAN, 3).is_nan());
        assert_eq!(shift(-0.0, 3).to_bits(), (-0.0f64).to_bits());
        assert_eq!(times_sixes(1.0, i32::MAX), f64::INFINITY);
    }

    #[test]
    fn minutes_and_hours_are_exact() {
        let (minute, hour) = (Scale::new(4, 1), Scale::new(5, 2));
        assert_eq!(minute.apply(1.0), 60_000.0);
        assert_eq!(hour.apply(1.0), 3_600_000.0);
        assert_eq!(hour.remove(hour.apply(10.0)), 10.0);
    }
}
