//! What a chain of linear equations hands on in a time h: for dx₀/dt = λ₀·x₀ + x₁, …, dxₙ/dt = λₙ·xₙ, the factor with
//! which xₙ enters x₀. It is hⁿ times the divided difference of the exponential at λ₀·h … λₙ·h.
//!
//! The textbook quotients of differences fail where two rates come close, as in an alpha function. Two links have a
//! regular closed form. Longer chains are computed for h/1024 by a Taylor series and then doubled ten times,
//!
//!   D(i…j, 2h) = Σₖ D(i…k, h)·D(k…j, h),
//!
//! with the closed forms for one and two members at each level. Divided differences of the exponential are positive,
//! so nothing cancels: each doubling adds a few roundings, and the relative error stays below 1e-13 as long as no two
//! rates differ by more than 1024/h. All of this depends on parameters and dt only and is done once, before the run.

use crate::program::{BinaryOp, Builder, UnaryOp, ValueId};

/// Doublings; the series is then used up to a difference of rates times time of 1.
const DOUBLINGS: i32 = 10;
/// Degree of the series: the remainder at 1 is 1/19! of the first term.
const DEGREE: usize = 18;

/// The factor for a chain with these rates (1/ms) and a time (ms).
pub(super) fn factor(b: &mut Builder, rates: &[ValueId], time: ValueId) -> ValueId {
    match *rates {
        [] => b.constant(0.0),
        [rate] => exponential(b, rate, time),
        [first, second] => two(b, first, second, time),
        _ => many(b, rates, time),
    }
}

fn exponential(b: &mut Builder, rate: ValueId, time: ValueId) -> ValueId {
    let exponent = b.multiply(rate, time);
    b.unary(UnaryOp::Exp, exponent)
}

/// ∫₀^h e^(a·(h−s))·e^(c·s) ds = h·e^(max(a, c)·h)·exprel(−|a − c|·h), regular where a = c.
fn two(b: &mut Builder, first: ValueId, second: ValueId, time: ValueId) -> ValueId {
    let larger = b.binary(BinaryOp::Max, first, second);
    let difference = b.subtract(first, second);
    let distance = b.unary(UnaryOp::Absolute, difference);
    let decay = exponential(b, larger, time);
    let spread = b.multiply(distance, time);
    let spread = b.unary(UnaryOp::Negate, spread);
    let spread = b.unary(UnaryOp::Exprel, spread);
    let product = b.multiply(decay, spread);
    b.multiply(time, product)
}

fn many(b: &mut Builder, rates: &[ValueId], time: ValueId) -> ValueId {
    let n = rates.len();
    let scale = |b: &mut Builder, level: i32| {
        let factor = b.constant(f64::from(1 << level) / f64::from(1 << DOUBLINGS));
        b.multiply(time, factor)
    };
    let shortest = scale(b, 0);
    let mut table = series(b, rates, shortest);
    for level in 0..DOUBLINGS {
        let h = scale(b, level);
        for i in 0..n {
            table[i][i] = exponential(b, rates[i], h);
            if i + 1 < n {
                table[i][i + 1] = two(b, rates[i], rates[i + 1], h);
            }
        }
        let mut doubled = table.clone();
        for i in 0..n {
            for j in i + 2..n {
                let mut sum = b.multiply(table[i][i], table[i][j]);
                for (k, row) in table.iter().enumerate().take(j + 1).skip(i + 1) {
                    sum = b.fma(table[i][k], row[j], sum);
                }
                doubled[i][j] = sum;
            }
        }
        table = doubled;
    }
    table[0][n - 1]
}

/// The factors of all chains of three members or more within `rates`, for a short time: with rates relative to the
/// smallest one, y = (λ − λ_min)·h ≥ 0, it is hᵏ·e^(λ_min·h)·Σₘ Hₘ(y)/(m + k)!, where Hₘ is the sum of all products of
/// m of the y, repetition allowed. No term is negative.
fn series(b: &mut Builder, rates: &[ValueId], time: ValueId) -> Vec<Vec<ValueId>> {
    let n = rates.len();
    let smallest = rates[1..]
        .iter()
        .fold(rates[0], |least, &rate| b.binary(BinaryOp::Min, least, rate));
    let base = exponential(b, smallest, time);
    let relative: Vec<ValueId> = rates
        .iter()
        .map(|&rate| {
            let above = b.subtract(rate, smallest);
            b.multiply(above, time)
        })
        .collect();
    let zero = b.constant(0.0);
    let one = b.constant(1.0);
    let mut table = vec![vec![zero; n]; n];
    for (i, row) in table.iter_mut().enumerate() {
        // Hₘ of no variable, then of y_i … y_j.
        let mut homogeneous = [zero; DEGREE + 1];
        homogeneous[0] = one;
        let mut power = base;
        for j in i..n {
            for m in 1..=DEGREE {
                homogeneous[m] = b.fma(relative[j], homogeneous[m - 1], homogeneous[m]);
            }
            if j > i {
                power = b.multiply(power, time);
            }
            if j >= i + 2 {
                let mut sum = zero;
                for (m, &term) in homogeneous.iter().enumerate().rev() {
                    let inverse = b.constant(1.0 / factorial(m + j - i));
                    sum = b.fma(term, inverse, sum);
                }
                row[j] = b.multiply(power, sum);
            }
        }
    }
    table
}

fn factorial(n: usize) -> f64 {
    (1..=n).map(|k| k as f64).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rates and time are literals, so that the builder folds everything.
    fn value(rates: &[f64], time: f64) -> f64 {
        let mut b = Builder::new(Vec::new());
        let rates: Vec<ValueId> = rates.iter().map(|&rate| b.constant(rate)).collect();
        let time = b.constant(time);
        let factor = factor(&mut b, &rates, time);
        b.literal(factor).expect("constants are folded")
    }

    fn assert_close(found: f64, expected: f64) {
        assert!(
            (found / expected - 1.0).abs() < 1e-13,
            "{found:e}, expected {expected:e}"
        );
    }

    #[test]
    fn equal_rates_give_a_gamma_kernel() {
        for (rate, time) in [(-0.2, 0.1), (-5.0, 1.0), (0.5, 2.0), (-1e-9, 1.0), (0.0, 0.3)] {
            let decay = crate::math::exp(rate * time);
            assert_close(value(&[rate; 3], time), time * time / 2.0 * decay);
            assert_close(value(&[rate; 4], time), time * time * time / 6.0 * decay);
        }
    }

    /// Divided differences of the exponential in arithmetic of 80 digits.
    #[test]
    fn chains_of_any_rates_agree_with_arithmetic_of_eighty_digits() {
        for (rates, time, expected) in CASES {
            assert_close(value(rates, *time), *expected);
            // The order does not matter.
            let reversed: Vec<f64> = rates.iter().rev().copied().collect();
            assert_close(value(&reversed, *time), *expected);
        }
    }

    const CASES: &[(&[f64], f64, f64)] = &[
        (&[-0.5, -0.05, -0.1], 0.1, 0.004893079442555744),
        (&[-5.0, -0.5, -0.05], 0.1, 0.004181000320161727),
        (&[-0.5, -0.5000001, -0.05], 0.1, 0.00482829919105842),
        (&[-0.1, -0.1000000001, -0.1000000002], 1.0, 0.4524187089727379),
        (&[-1000.0, -0.1, -0.05], 1.0, 0.0009269815504617848),
        (&[-1000.0, -900.0, -0.05], 0.1, 1.1056861295675288e-06),
        (&[-5.0, -0.5, -0.25, -0.05], 0.5, 0.011067518871441672),
        (&[-2.0, -2.0000001, -0.2, -0.2000001, 0.0], 0.25, 0.00013118695510309344),
        (&[0.3, -0.7, -3.0], 1.0, 0.1997010307353122),
        (&[-1000.0, -1.0, 0.0], 1.0, 0.0006317523111396974),
    ];
}
