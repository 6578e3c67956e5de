//! The exact propagator of a linear system with constant coefficients (Rotter & Diesmann 1999, Biol Cybern 81:381).
//!
//! x′ᵢ = e^(aᵢᵢ·dt)·xᵢ + Σⱼ Pᵢⱼ·xⱼ + cᵢ·(e^(aᵢᵢ·dt) − 1)/aᵢᵢ, where cᵢ (inputs, constants) is constant in a step.
//! Handled are systems in which no variable acts on itself through others and no chain is longer than one link
//! (receptor → membrane); others are refused, so that `auto` takes the next method.

use super::Unfit;
use super::frame::{Flow, Frame, Into};
use crate::model::{Expr, Linear, Symbol};
use crate::program::{Builder, UnaryOp, ValueId};

/// One row of the system: dxᵢ/dt = constant + Σ coefficients.
struct Row {
    constant: Option<Expr>,
    coefficients: Vec<Option<Expr>>,
}

pub(super) fn step(frame: &mut Frame<'_>, before: &[ValueId]) -> Result<Vec<ValueId>, Unfit> {
    let n = before.len();
    let rows = (0..n)
        .map(|state| row(frame, state, n))
        .collect::<Result<Vec<Row>, Unfit>>()?;
    for (state, row) in rows.iter().enumerate() {
        for (other, coefficient) in row.coefficients.iter().enumerate() {
            if other == state || coefficient.is_none() {
                continue;
            }
            let chained = rows[other]
                .coefficients
                .iter()
                .enumerate()
                .any(|(k, c)| k != other && c.is_some())
                || rows[other].constant.is_some();
            if chained {
                return Err(Unfit {
                    state,
                    reason: "it is driven by a variable that is itself driven",
                });
            }
        }
    }
    let dt = frame.step.dt();
    let mut after = Vec::with_capacity(n);
    for (state, row) in rows.iter().enumerate() {
        let own = frame.emit_part(Into::Step, before, &row.coefficients[state]);
        let constant = frame.emit_part(Into::Step, before, &row.constant);
        let flow = Flow::new(&mut frame.step, None, own, dt);
        let mut value = flow.apply(&mut frame.step, before[state]);
        for (other, coefficient) in row.coefficients.iter().enumerate() {
            if other == state {
                continue;
            }
            let Some(coefficient) = frame.emit_part(Into::Step, before, coefficient) else {
                continue;
            };
            let driver = frame.emit_part(Into::Step, before, &rows[other].coefficients[other]);
            let b = &mut frame.step;
            let transfer = transfer(b, own, driver, dt);
            let factor = b.multiply(coefficient, transfer);
            value = b.fma(factor, before[other], value);
        }
        if let Some(constant) = constant {
            // The part that inputs change: constant · dt · exprel(own · dt).
            let b = &mut frame.step;
            let duration = match own {
                Some(own) => {
                    let exponent = b.multiply(own, dt);
                    let relative = b.unary(UnaryOp::Exprel, exponent);
                    b.multiply(dt, relative)
                }
                None => dt,
            };
            value = b.fma(duration, constant, value);
        }
        after.push(value);
    }
    Ok(after)
}

/// ∫₀^dt e^(a·(dt−s))·e^(b·s) ds = dt·e^(max(a, b)·dt)·exprel(−|a − b|·dt), regular where a = b.
fn transfer(b: &mut Builder, own: Option<ValueId>, driver: Option<ValueId>, dt: ValueId) -> ValueId {
    let zero = b.constant(0.0);
    let (own, driver) = (own.unwrap_or(zero), driver.unwrap_or(zero));
    let larger = b.binary(crate::program::BinaryOp::Max, own, driver);
    let difference = b.subtract(own, driver);
    let distance = b.unary(UnaryOp::Absolute, difference);
    let decay = b.multiply(larger, dt);
    let decay = b.unary(UnaryOp::Exp, decay);
    let spread = b.multiply(distance, dt);
    let spread = b.unary(UnaryOp::Negate, spread);
    let spread = b.unary(UnaryOp::Exprel, spread);
    let product = b.multiply(decay, spread);
    b.multiply(dt, product)
}

fn row(frame: &Frame<'_>, state: usize, n: usize) -> Result<Row, Unfit> {
    let unfit = || Unfit {
        state,
        reason: "it is not linear with constant coefficients",
    };
    let mut rest = Some(frame.derivatives[state].clone());
    let mut coefficients = Vec::with_capacity(n);
    for other in 0..n {
        let linear = match &rest {
            Some(value) => value.linear_in(Symbol::State(other)).ok_or_else(unfit)?,
            None => Linear {
                rest: None,
                slope: None,
            },
        };
        let varies = |value: &Expr| value.mentions(|s| matches!(s, Symbol::State(_) | Symbol::Input(_)));
        if linear.slope.as_ref().is_some_and(varies) {
            return Err(unfit());
        }
        rest = linear.rest;
        coefficients.push(linear.slope);
    }
    Ok(Row {
        constant: rest,
        coefficients,
    })
}
