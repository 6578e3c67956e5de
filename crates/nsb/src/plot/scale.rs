//! From values to positions and to ticks: a linear scale, and ticks at 1, 2 or 5 times a power of ten.
//!
//! Tick values and labels come from integers and decimal exponents, so a label is exactly the value that is drawn.

use std::ops::Range;

/// Maps values linearly to positions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    domain: (f64, f64),
    positions: (f64, f64),
}

impl Scale {
    /// `domain.start` is drawn at `start`, `domain.end` at `end`. The domain must be a [`tidy_range`].
    pub(crate) fn new(domain: &Range<f64>, start: f64, end: f64) -> Self {
        Self {
            domain: (domain.start, domain.end),
            positions: (start, end),
        }
    }

    /// Where `value` is drawn. Values far outside stay finite and on their side.
    pub(crate) fn position(&self, value: f64) -> f64 {
        let (low, high) = self.domain;
        let part = ((value - low) / (high - low)).clamp(-20.0, 21.0);
        self.positions.0 + part * (self.positions.1 - self.positions.0)
    }

    /// Where `value` is drawn, or the end of the domain nearest to it.
    pub(crate) fn within(&self, value: f64) -> f64 {
        self.position(value.clamp(self.domain.0, self.domain.1))
    }

    /// Distance between the positions of the two ends.
    pub(crate) fn length(&self) -> f64 {
        (self.positions.1 - self.positions.0).abs()
    }

    /// Whether a step from `from` up to `to` passes over the whole domain or over one of its ends.
    pub(crate) fn crosses(&self, from: f64, to: f64) -> bool {
        from <= self.domain.1 && to >= self.domain.0
    }

    /// Whether `value` lies in the domain, both ends included.
    pub(crate) fn contains(&self, value: f64) -> bool {
        value >= self.domain.0 && value <= self.domain.1
    }
}

/// Largest magnitude an axis shows, so that a span never overflows.
const LARGEST: f64 = 1e300;

/// A range with two finite ends in ascending order that differ by enough for distinct ticks; widened when the ends
/// coincide.
pub(crate) fn tidy_range(range: &Range<f64>) -> Option<Range<f64>> {
    if range.start.is_nan() || range.end.is_nan() || range.start > range.end {
        return None;
    }
    let (low, high) = (range.start.clamp(-LARGEST, LARGEST), range.end.clamp(-LARGEST, LARGEST));
    let magnitude = low.abs().max(high.abs());
    if high - low > magnitude * 1e-9 && high - low > 1e-290 {
        return Some(low..high);
    }
    let centre = low + (high - low) / 2.0;
    let half = if magnitude > 1e-280 { magnitude * 0.1 } else { 1.0 };
    Some(centre - half..centre + half)
}

/// The range an axis needs for `values`: all finite ones with a margin, from zero when they are non-negative and start
/// near it.
pub(crate) fn fitted_range(values: impl Iterator<Item = f64>) -> Range<f64> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.filter(|value| value.is_finite()) {
        low = low.min(value);
        high = high.max(value);
    }
    if low > high {
        return 0.0..1.0;
    }
    let range = tidy_range(&(low..high)).expect("finite ends in order");
    if range.start < low || range.end > high {
        return range;
    }
    let span = range.end - range.start;
    let start = if range.start >= 0.0 && range.start <= 0.3 * span {
        0.0
    } else {
        range.start - 0.05 * span
    };
    let end = if range.end <= 0.0 && range.end >= -0.3 * span {
        0.0
    } else {
        range.end + 0.05 * span
    };
    start..end
}

/// Ticks of an axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ticks {
    /// Where they are, ascending, all inside the range.
    pub(crate) values: Vec<f64>,
    /// Their labels, already divided by ten to the power of `exponent`.
    pub(crate) labels: Vec<String>,
    /// The axis label must say "times ten to this power"; 0 for plain numbers.
    pub(crate) exponent: i32,
    /// Where the lines of the grid are, if not at the ticks.
    pub(crate) lines: Option<Vec<f64>>,
}

impl Ticks {
    /// Where the lines of the grid are.
    pub(crate) fn grid(&self) -> &[f64] {
        self.lines.as_deref().unwrap_or(&self.values)
    }
}

/// At most `most` ticks in `range`, which must be a [`tidy_range`]; fewer than three are not asked for,
/// since two steps may be longer than the range and leave no tick at all.
pub(crate) fn ticks(range: &Range<f64>, most: usize) -> Ticks {
    let (multiples, exponent) = round_multiples(range, most, i32::MIN);
    labelled(&multiples, exponent, true)
}

/// As [`ticks`], with whole labels: no power of ten moves to the axis label.
pub(crate) fn plain_ticks(range: &Range<f64>, most: usize) -> Ticks {
    let (multiples, exponent) = round_multiples(range, most, i32::MIN);
    labelled(&multiples, exponent, false)
}

/// As [`plain_ticks`], on whole numbers only.
pub(crate) fn integer_ticks(range: &Range<f64>, most: usize) -> Ticks {
    let (multiples, exponent) = round_multiples(range, most, 0);
    labelled(&multiples, exponent, false)
}

/// The tick values divided by ten to the power of the exponent, which comes second.
fn round_multiples(range: &Range<f64>, most: usize, smallest_exponent: i32) -> (Vec<i64>, i32) {
    let most = most.max(3);
    let (mut factor, mut exponent) = step_at_least((range.end - range.start) / most as f64);
    if exponent < smallest_exponent {
        (factor, exponent) = (1, smallest_exponent);
    }
    loop {
        let multiples = multiples_inside(range, factor, exponent);
        // The step is at least span / most, which still allows most + 1 ticks when they fall on both ends.
        if multiples.len() <= most {
            return (multiples, exponent);
        }
        (factor, exponent) = match factor {
            1 => (2, exponent),
            2 => (5, exponent),
            _ => (1, exponent + 1),
        };
    }
}

/// The smallest 1, 2 or 5 times a power of ten not below `least`, as factor and exponent.
fn step_at_least(least: f64) -> (i64, i32) {
    let text = format!("{least:e}");
    let (mantissa, exponent) = text.split_once('e').expect("`{:e}` writes an exponent");
    let mantissa: f64 = mantissa.parse().expect("`{:e}` writes a number");
    let exponent: i32 = exponent.parse().expect("`{:e}` writes an integer exponent");
    let rounding = 1.0 + 1e-9;
    match mantissa {
        m if m <= rounding => (1, exponent),
        m if m <= 2.0 * rounding => (2, exponent),
        m if m <= 5.0 * rounding => (5, exponent),
        _ => (1, exponent + 1),
    }
}

/// All multiples of `factor` × 10^`exponent` in the range, each divided by 10^`exponent`.
fn multiples_inside(range: &Range<f64>, factor: i64, exponent: i32) -> Vec<i64> {
    let step = decimal(factor, exponent);
    let slack = 1e-9;
    let first = (range.start / step - slack).ceil() as i64;
    let last = (range.end / step + slack).floor() as i64;
    (first..=last).map(|multiple| multiple * factor).collect()
}

fn labelled(multiples: &[i64], step_exponent: i32, may_scale: bool) -> Ticks {
    let values: Vec<f64> = multiples
        .iter()
        .map(|&multiple| decimal(multiple, step_exponent))
        .collect();
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let scaled = may_scale && largest > 0.0 && !(1e-3..1e5).contains(&largest);
    let exponent = if scaled { engineering_exponent(largest) } else { 0 };
    let labels = multiples
        .iter()
        .map(|&multiple| decimal_text(multiple, step_exponent - exponent))
        .collect();
    Ticks {
        values,
        labels,
        exponent,
        lines: None,
    }
}

/// The multiple of three that leaves one to three digits before the point.
fn engineering_exponent(value: f64) -> i32 {
    let text = format!("{value:e}");
    let exponent: i32 = text
        .split_once('e')
        .expect("`{:e}` writes an exponent")
        .1
        .parse()
        .expect("an integer");
    exponent.div_euclid(3) * 3
}

/// `digits` × 10^`exponent`, correctly rounded.
fn decimal(digits: i64, exponent: i32) -> f64 {
    format!("{digits}e{exponent}")
        .parse()
        .expect("digits and an exponent are a number")
}

/// `digits` × 10^`exponent` as written on an axis: no trailing digits beyond the step, U+2212 as the minus sign.
fn decimal_text(digits: i64, exponent: i32) -> String {
    let sign = if digits < 0 { "\u{2212}" } else { "" };
    let digits_text = digits.unsigned_abs().to_string();
    if digits == 0 && exponent >= 0 {
        return "0".to_owned();
    }
    if exponent >= 0 {
        return format!("{sign}{digits_text}{}", "0".repeat(exponent as usize));
    }
    let decimals = exponent.unsigned_abs() as usize;
    let padded = format!("{digits_text:0>width$}", width = decimals + 1);
    let (whole, fraction) = padded.split_at(padded.len() - decimals);
    if digits == 0 {
        "0".to_owned()
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

/// A length with at most four digits after the point and no trailing zeros.
pub(crate) fn short(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(range: Range<f64>, most: usize) -> (Vec<String>, i32) {
        let ticks = ticks(&range, most);
        assert!(
            ticks
                .values
                .iter()
                .all(|value| range.contains(value) || *value == range.end),
            "{ticks:?}"
        );
        assert_eq!(ticks.values.len(), ticks.labels.len());
        assert!(ticks.values.is_sorted_by(|a, b| a < b));
        for (value, label) in ticks.values.iter().zip(&ticks.labels) {
            let written: f64 = format!("{}e{}", label.replace('\u{2212}', "-"), ticks.exponent)
                .parse()
                .unwrap();
            assert_eq!(written, *value, "the label {label} is not the value {value}");
        }
        (ticks.labels, ticks.exponent)
    }

    #[test]
    fn a_scale_maps_its_ends_and_its_middle() {
        let scale = Scale::new(&(-80.0..40.0), 200.0, 0.0);
        assert_eq!(scale.position(-80.0), 200.0);
        assert_eq!(scale.position(40.0), 0.0);
        assert_eq!(scale.position(-20.0), 100.0);
        assert!(scale.position(1e300).is_finite() && scale.position(1e300) < 0.0);
        assert!(scale.contains(40.0) && !scale.contains(40.1));
    }

    #[test]
    fn ticks_are_round_numbers_with_a_true_minus_sign() {
        assert_eq!(shown(0.0..100.0, 6).0, ["0", "20", "40", "60", "80", "100"]);
        assert_eq!(shown(-80.0..45.0, 5).0, ["\u{2212}50", "0"]);
        assert_eq!(
            shown(-80.0..45.0, 7).0,
            ["\u{2212}80", "\u{2212}60", "\u{2212}40", "\u{2212}20", "0", "20", "40"]
        );
        assert_eq!(shown(0.0..1.0, 6).0, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(shown(0.0..1.0, 3).0, ["0", "0.5", "1.0"]);
    }

    #[test]
    fn there_are_never_more_ticks_than_allowed_and_at_least_one() {
        for most in 3..12 {
            for range in [
                0.0..1.0,
                0.5..4.6,
                -3.7..9.1,
                1e-12..9e-12,
                1e6..1e6 + 3.0,
                -1.0..1e9,
                0.0..7.0,
            ] {
                let count = ticks(&range, most).values.len();
                assert!(
                    count >= 1 && count <= most,
                    "{count} ticks of at most {most} in {range:?}"
                );
            }
        }
    }

    #[test]
    fn huge_and_tiny_values_move_their_power_of_ten_to_the_axis_label() {
        assert_eq!(
            shown(0.0..4e-12, 5),
            (vec!["0".into(), "1".into(), "2".into(), "3".into(), "4".into()], -12)
        );
        assert_eq!(shown(0.0..1e6, 3), (vec!["0".into(), "0.5".into(), "1.0".into()], 6));
        assert_eq!(shown(0.0..50_000.0, 3).1, 0);
    }

    #[test]
    fn a_small_step_on_a_large_value_keeps_labels_apart() {
        let (labels, _) = shown(-65.000_002..-65.000_001, 3);
        assert_eq!(
            labels,
            ["\u{2212}65.0000020", "\u{2212}65.0000015", "\u{2212}65.0000010"]
        );
    }

    #[test]
    fn integer_ticks_skip_fractions() {
        assert_eq!(integer_ticks(&(-0.5..2.5), 9).labels, ["0", "1", "2"]);
        assert_eq!(integer_ticks(&(-0.5..0.5), 9).labels, ["0"]);
        assert_eq!(integer_ticks(&(-0.5..999_999.5), 3).labels, ["0", "500000"]);
    }

    #[test]
    fn equal_values_get_a_range_around_them() {
        let range = fitted_range([5.0, 5.0].into_iter());
        assert!(range.start < 5.0 && range.end > 5.0);
        let range = fitted_range([0.0].into_iter());
        assert!(range.start < 0.0 && range.end > 0.0);
        let range = fitted_range([1e-12].into_iter());
        assert!(range.start > 0.0 && range.end < 1e-11 && range.contains(&1e-12));
    }

    #[test]
    fn values_that_are_not_finite_do_not_decide_the_range() {
        assert_eq!(fitted_range([f64::NAN, f64::INFINITY].into_iter()), 0.0..1.0);
        assert_eq!(fitted_range(std::iter::empty()), 0.0..1.0);
        let range = fitted_range([f64::NAN, -1.0, f64::NEG_INFINITY, 1.0].into_iter());
        assert!(range.start < -1.0 && range.start > -1.5 && range.end > 1.0 && range.end < 1.5);
    }

    #[test]
    fn non_negative_values_near_zero_start_at_zero() {
        assert_eq!(fitted_range([0.1, 10.0].into_iter()).start, 0.0);
        assert!(fitted_range([9.0, 10.0].into_iter()).start > 8.0);
        assert_eq!(fitted_range([-0.1, -10.0].into_iter()).end, 0.0);
    }

    #[test]
    fn extreme_ranges_stay_finite() {
        let range = fitted_range([f64::MAX, f64::MIN].into_iter());
        assert!((range.end - range.start).is_finite());
        assert!(!ticks(&range, 5).values.is_empty());
        assert_eq!(tidy_range(&(2.0..1.0)), None);
        assert_eq!(tidy_range(&(f64::NAN..1.0)), None);
    }
}
