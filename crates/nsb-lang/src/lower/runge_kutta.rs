//! Explicit Runge–Kutta methods, given by their tableaux (Butcher 2016, Numerical Methods for ODEs, §23).

use super::Unfit;
use super::frame::{Frame, Into};
use crate::model::{Expr, Symbol};
use crate::program::ValueId;

/// A method with stages k₁…k_s; entry n of `stages` lists what multiplies dt·k₁…k_n to reach stage n + 2.
pub(super) struct Tableau {
    stages: &'static [&'static [f64]],
    weights: &'static [f64],
}

/// Explicit Euler.
pub(super) const EULER: Tableau = Tableau {
    stages: &[],
    weights: &[1.0],
};
/// Explicit midpoint rule, second order.
pub(super) const MIDPOINT: Tableau = Tableau {
    stages: &[&[0.5]],
    weights: &[0.0, 1.0],
};
/// The classical method, fourth order.
pub(super) const CLASSICAL: Tableau = Tableau {
    stages: &[&[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
    weights: &[1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
};

pub(super) fn step(frame: &mut Frame<'_>, before: &[ValueId], tableau: &Tableau) -> Result<Vec<ValueId>, Unfit> {
    let mut slopes = vec![slopes_at(frame, before)];
    for row in tableau.stages {
        let at = combine(frame, before, &slopes, row);
        let next = slopes_at(frame, &at);
        slopes.push(next);
    }
    Ok(combine(frame, before, &slopes, tableau.weights))
}

fn slopes_at(frame: &mut Frame<'_>, states: &[ValueId]) -> Vec<ValueId> {
    let mut derivatives = frame.derivatives.clone();
    // Stages within the step must see a potential that is held.
    if let Some(clamp) = &frame.system.clamp {
        let free = std::mem::replace(&mut derivatives[clamp.state], Expr::Constant(0.0));
        let (held, still) = (Expr::Symbol(Symbol::Input(clamp.held)), Expr::Constant(0.0));
        derivatives[clamp.state] = Expr::Select(Box::new(held), Box::new(still), Box::new(free));
    }
    derivatives.iter().map(|d| frame.emit(Into::Step, states, d)).collect()
}

/// before + dt·Σ factor·slope
fn combine(frame: &mut Frame<'_>, before: &[ValueId], slopes: &[Vec<ValueId>], factors: &[f64]) -> Vec<ValueId> {
    let b = &mut frame.step;
    let dt = b.dt();
    before
        .iter()
        .enumerate()
        .map(|(state, &start)| {
            factors
                .iter()
                .zip(slopes)
                .filter(|(factor, _)| **factor != 0.0)
                .fold(start, |sum, (&factor, slopes)| {
                    let factor = b.constant(factor);
                    let step = b.multiply(dt, factor);
                    b.fma(step, slopes[state], sum)
                })
        })
        .collect()
}
