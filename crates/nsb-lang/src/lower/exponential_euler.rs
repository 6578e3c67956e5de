//! Exponential Euler: each equation, linear in its own variable, is solved with all others as they were.
//!
//! First order. The usual method for Hodgkin–Huxley equations elsewhere, offered for comparison.

use super::Unfit;
use super::frame::{Flow, Frame, Into};
use crate::program::ValueId;

pub(super) fn step(frame: &mut Frame<'_>, before: &[ValueId]) -> Result<Vec<ValueId>, Unfit> {
    let dt = frame.step.dt();
    (0..before.len())
        .map(|state| {
            let linear = frame.linear(state)?;
            let rest = frame.emit_part(Into::Step, before, &linear.rest);
            let slope = frame.emit_part(Into::Step, before, &linear.slope);
            let flow = Flow::new(&mut frame.step, rest, slope, dt);
            Ok(flow.apply(&mut frame.step, before[state]))
        })
        .collect()
}
