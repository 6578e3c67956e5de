//! The exact propagator of a linear system with constant coefficients (Rotter & Diesmann 1999, Biol Cybern 81:381).
//!
//! A variable takes from each chain of variables that leads to it: the value at the far end times the coefficients
//! along the chain times what the chain hands on in a step ([`chain`]). Inputs and constants are constant in a step:
//! they act like variables of rate 0 at the ends of chains. Systems in which a variable acts on itself through others
//! are refused, so that `auto` takes the next method.

use super::frame::{Flow, Frame, Into};
use super::{Unfit, chain};
use crate::model::{Expr, Linear, Symbol};
use crate::program::{UnaryOp, ValueId};

/// More chains than this are refused; their number can double with each variable.
const MOST_CHAINS: usize = 500;

/// One row of the system: dxᵢ/dt = constant + Σ coefficients.
pub(crate) struct Row {
    pub(crate) constant: Option<Expr>,
    pub(crate) coefficients: Vec<Option<Expr>>,
}

impl Row {
    /// The other states that this one takes from.
    pub(crate) fn drivers(&self, state: usize) -> impl Iterator<Item = usize> + '_ {
        self.coefficients
            .iter()
            .enumerate()
            .filter(move |(other, c)| *other != state && c.is_some())
            .map(|(other, _)| other)
    }
}

pub(super) fn step(frame: &mut Frame<'_>, before: &[ValueId]) -> Result<Vec<ValueId>, Unfit> {
    let rows = (0..before.len())
        .map(|state| row(frame, state).map(Some))
        .collect::<Result<Vec<Option<Row>>, Unfit>>()?;
    let dt = frame.step.dt();
    let paths = (0..before.len())
        .map(|state| paths(&rows, state))
        .collect::<Result<Vec<_>, Unfit>>()?;
    if let Some(clamp) = &frame.system.clamp {
        let driven = |(state, paths): &(usize, &Vec<Vec<usize>>)| {
            *state != clamp.state && paths.iter().any(|path| path.contains(&clamp.state))
        };
        if let Some((state, _)) = paths.iter().enumerate().find(driven) {
            return Err(Unfit {
                state,
                reason: "it is driven by a potential that a clamp may hold",
            });
        }
    }
    Ok(paths
        .iter()
        .map(|paths| moved(frame, &rows, paths, before, dt))
        .collect())
}

/// The chains of states that lead to a state, each from the state to the far end; the first is the state alone.
/// A row that is absent counts as one that cannot be solved.
pub(crate) fn paths(rows: &[Option<Row>], state: usize) -> Result<Vec<Vec<usize>>, Unfit> {
    let mut found = vec![vec![state]];
    let mut next = 0;
    while next < found.len() {
        let path = found[next].clone();
        next += 1;
        let end = path[path.len() - 1];
        let Some(row) = &rows[end] else {
            return Err(Unfit {
                state: end,
                reason: "it is not linear with constant coefficients",
            });
        };
        for driver in row.drivers(end) {
            let reason = if path.contains(&driver) {
                "it acts on itself through other variables"
            } else if found.len() >= MOST_CHAINS {
                "too many chains of variables lead to it"
            } else {
                found.push(path.iter().copied().chain([driver]).collect());
                continue;
            };
            return Err(Unfit { state, reason });
        }
    }
    Ok(found)
}

/// The value of the state that the paths lead to, after a time.
pub(super) fn moved(
    frame: &mut Frame<'_>,
    rows: &[Option<Row>],
    paths: &[Vec<usize>],
    before: &[ValueId],
    time: ValueId,
) -> ValueId {
    let state = paths[0][0];
    let rate = rate(frame, rows, state, before);
    let flow = Flow::new(&mut frame.step, None, rate, time);
    let alone = flow.apply(&mut frame.step, before[state]);
    driven(frame, rows, paths, before, time, alone)
}

/// As [`moved`], for any time: a value that decays keeps its sign and its digits until it vanishes.
pub(crate) fn passed(
    frame: &mut Frame<'_>,
    rows: &[Option<Row>],
    paths: &[Vec<usize>],
    before: &[ValueId],
    time: ValueId,
) -> ValueId {
    let state = paths[0][0];
    let alone = match rate(frame, rows, state, before) {
        Some(rate) => {
            let exponent = frame.step.multiply(time, rate);
            let factor = frame.step.unary(UnaryOp::Exp, exponent);
            frame.step.multiply(before[state], factor)
        }
        None => before[state],
    };
    driven(frame, rows, paths, before, time, alone)
}

/// The rate with which a state acts on itself.
fn rate(frame: &mut Frame<'_>, rows: &[Option<Row>], state: usize, before: &[ValueId]) -> Option<ValueId> {
    let own = rows[state].as_ref().and_then(|r| r.coefficients[state].clone());
    frame.emit_part(Into::Step, before, &own)
}

/// What a state would be alone, with what drives it added.
fn driven(
    frame: &mut Frame<'_>,
    rows: &[Option<Row>],
    paths: &[Vec<usize>],
    before: &[ValueId],
    time: ValueId,
    alone: ValueId,
) -> ValueId {
    let rate = rate(frame, rows, paths[0][0], before);
    let mut value = alone;
    for path in &paths[1..] {
        let rates = rates(frame, rows, path, before);
        let handed = chain::factor(&mut frame.step, &rates, time);
        let factor = weighted(frame, rows, path, before, handed);
        let end = before[path[path.len() - 1]];
        value = frame.step.fma(factor, end, value);
    }
    for path in paths {
        let end = path[path.len() - 1];
        let constant = rows[end].as_ref().and_then(|row| row.constant.clone());
        let Some(constant) = frame.emit_part(Into::Step, before, &constant) else {
            continue;
        };
        let mut rates = rates(frame, rows, path, before);
        let handed = match rates.as_slice() {
            [_] => match rate {
                // ∫₀^t e^(rate·s) ds
                Some(rate) => {
                    let b = &mut frame.step;
                    let exponent = b.multiply(rate, time);
                    let relative = b.unary(UnaryOp::Exprel, exponent);
                    b.multiply(time, relative)
                }
                None => time,
            },
            _ => {
                rates.push(frame.step.constant(0.0));
                chain::factor(&mut frame.step, &rates, time)
            }
        };
        let factor = weighted(frame, rows, path, before, handed);
        value = frame.step.fma(factor, constant, value);
    }
    value
}

/// The rates of the states of a path; 0 where a state does not act on itself.
fn rates(frame: &mut Frame<'_>, rows: &[Option<Row>], path: &[usize], before: &[ValueId]) -> Vec<ValueId> {
    path.iter()
        .map(|&state| {
            let own = rows[state].as_ref().and_then(|row| row.coefficients[state].clone());
            match frame.emit_part(Into::Step, before, &own) {
                Some(rate) => rate,
                None => frame.step.constant(0.0),
            }
        })
        .collect()
}

/// A factor times the coefficients along a path.
fn weighted(
    frame: &mut Frame<'_>,
    rows: &[Option<Row>],
    path: &[usize],
    before: &[ValueId],
    handed: ValueId,
) -> ValueId {
    path.windows(2).fold(handed, |product, link| {
        let coefficient = rows[link[0]].as_ref().and_then(|row| row.coefficients[link[1]].clone());
        match frame.emit_part(Into::Step, before, &coefficient) {
            Some(coefficient) => frame.step.multiply(coefficient, product),
            None => product,
        }
    })
}

/// The equation of a state as a row of the system.
pub(crate) fn row(frame: &Frame<'_>, state: usize) -> Result<Row, Unfit> {
    let n = frame.system.states.len();
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
