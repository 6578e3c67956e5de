//! Round numbers.

/// The next of 1, 2, 5, 10, … (and their decimal fractions down to a thousandth) that is not smaller.
pub(crate) fn up(width: f64) -> f64 {
    let mut scale = 1e-3;
    loop {
        for digit in [1.0, 2.0, 5.0] {
            if digit * scale >= width * (1.0 - 1e-9) || scale > 1e12 {
                return digit * scale;
            }
        }
        scale *= 10.0;
    }
}

/// Without the last bits of a sum or product: nine decimals.
pub(crate) fn decimals(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_round_numbers() {
        assert_eq!(up(2.0), 2.0);
        assert_eq!(up(2.1), 5.0);
        assert_eq!(up(12.0), 20.0);
        assert!((up(0.003) - 0.005).abs() < 1e-12);
        assert!(up(f64::INFINITY).is_finite());
    }
}
