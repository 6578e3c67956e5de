//! Strang splitting (Strang 1968, SIAM J Numer Anal 5:506): every variable but the voltage half a step by its exact
//! flow, the voltage a whole step by the trapezoidal rule (Crank–Nicolson), the others half a step in reverse order.
//!
//! Second order and symmetric. The flow of a gate depends on the voltage only, so the flow that ends one step also
//! begins the next: it is carried over, and a step costs about as much as one of exponential Euler.
//!
//! Variables that drive each other linearly, such as the rise and the decay of a synapse, are moved together by their
//! exact propagator, so that their time course does not depend on the step.

use super::Unfit;
use super::exact::{self, Row};
use super::frame::{Flow, Frame, Into};
use super::spike::Hold;
use crate::model::{Linear, Symbol};
use crate::program::{ColumnId, ValueId};

/// A variable other than the voltage.
struct Part {
    state: usize,
    linear: Linear,
    /// Columns of (factor, offset) where the flow is carried from step to step.
    carried: Option<(Option<ColumnId>, Option<ColumnId>)>,
}

pub(super) fn step(
    frame: &mut Frame<'_>,
    initial: &[ValueId],
    before: &[ValueId],
    hold: &Hold,
) -> Result<Vec<ValueId>, Unfit> {
    let pivot = pivot(frame);
    let pivot_linear = frame.linear(pivot)?;
    let block = Block::new(frame, pivot);
    let parts = parts(frame, pivot, &block)?;
    let half = half_step(frame, Into::Step);
    let mut states = before.to_vec();

    block.advance(frame, &mut states, half, hold);
    for part in &parts {
        let flow = match part.carried {
            Some((factor, offset)) => Flow {
                factor: factor.map(|column| frame.step.load(column)),
                offset: offset.map(|column| frame.step.load(column)),
            },
            None => flow(frame, Into::Step, &states, &part.linear, half),
        };
        let moved = flow.apply(&mut frame.step, states[part.state]);
        states[part.state] = hold.apply(frame, part.state, moved, before[part.state]);
    }

    let rest = frame.emit_part(Into::Step, &states, &pivot_linear.rest);
    let slope = frame.emit_part(Into::Step, &states, &pivot_linear.slope);
    let moved = crank_nicolson(frame, states[pivot], rest, slope);
    states[pivot] = hold.apply(frame, pivot, moved, before[pivot]);

    for part in parts.iter().rev() {
        let flow = flow(frame, Into::Step, &states, &part.linear, half);
        if let Some(columns) = part.carried {
            store(frame, Into::Step, columns, flow);
            let first_half = half_step(frame, Into::Init);
            let first = self::flow(frame, Into::Init, initial, &part.linear, first_half);
            store(frame, Into::Init, columns, first);
        }
        let moved = flow.apply(&mut frame.step, states[part.state]);
        states[part.state] = hold.apply(frame, part.state, moved, before[part.state]);
    }
    block.advance(frame, &mut states, half, hold);
    Ok(states)
}

/// The variables that drive each other by linear equations with constant coefficients, free of the voltage.
struct Block {
    rows: Vec<Option<Row>>,
    /// Per member the chains that lead to it.
    members: Vec<Vec<Vec<usize>>>,
}

impl Block {
    fn new(frame: &Frame<'_>, pivot: usize) -> Block {
        let n = frame.system.states.len();
        let rows: Vec<Option<Row>> = (0..n)
            .map(|state| exact::row(frame, state).ok().filter(|_| state != pivot))
            .collect();
        let paths: Vec<Option<Vec<Vec<usize>>>> = (0..n).map(|state| exact::paths(&rows, state).ok()).collect();
        let mut member = vec![false; n];
        // A variable on its own is a part like all others.
        for path in paths.iter().flatten().filter(|paths| paths.len() > 1).flatten() {
            for &state in path {
                member[state] = true;
            }
        }
        let members = paths
            .into_iter()
            .flatten()
            .filter(|paths| member[paths[0][0]])
            .collect();
        Block { rows, members }
    }

    fn contains(&self, state: usize) -> bool {
        self.members.iter().any(|paths| paths[0][0] == state)
    }

    fn advance(&self, frame: &mut Frame<'_>, states: &mut [ValueId], time: ValueId, hold: &Hold) {
        let before = states.to_vec();
        for paths in &self.members {
            let state = paths[0][0];
            let moved = exact::moved(frame, &self.rows, paths, &before, time);
            states[state] = hold.apply(frame, state, moved, before[state]);
        }
    }
}

/// The variable that is solved between the half steps: the first that the threshold looks at, else the first.
fn pivot(frame: &Frame<'_>) -> usize {
    let mut pivot = None;
    if let Some(threshold) = &frame.system.threshold {
        frame.system.expanded(&threshold.distance).visit_symbols(&mut |symbol| {
            if let Symbol::State(n) = symbol {
                pivot.get_or_insert(n);
            }
        });
    }
    pivot.unwrap_or(0)
}

fn parts(frame: &mut Frame<'_>, pivot: usize, block: &Block) -> Result<Vec<Part>, Unfit> {
    let system = frame.system;
    // A jump of the voltage between two steps would make a carried flow stale.
    let pivot_jumps = system.clamp.as_ref().is_some_and(|clamp| clamp.state == pivot)
        || system.reset.iter().any(|(state, _)| *state == pivot)
        || system
            .receptors
            .iter()
            .flat_map(|r| &r.on_spike)
            .any(|(state, _)| *state == pivot);
    (0..system.states.len())
        .filter(|&state| state != pivot && !block.contains(state))
        .map(|state| {
            let linear = frame.linear(state)?;
            let mut on_pivot = false;
            let mut on_others = false;
            for part in linear.rest.iter().chain(&linear.slope) {
                part.visit_symbols(&mut |symbol| match symbol {
                    Symbol::State(n) if n == pivot => on_pivot = true,
                    Symbol::State(_) | Symbol::Input(_) => on_others = true,
                    _ => {}
                });
            }
            // A flow that depends on nothing that changes is invariant anyway.
            let carried = (on_pivot && !on_others && !pivot_jumps).then(|| {
                let name = &system.states[state].name;
                let factor = linear
                    .slope
                    .is_some()
                    .then(|| frame.internal(format!("{name}.flow.factor")));
                let offset = linear
                    .rest
                    .is_some()
                    .then(|| frame.internal(format!("{name}.flow.offset")));
                (factor, offset)
            });
            Ok(Part { state, linear, carried })
        })
        .collect()
}

fn half_step(frame: &mut Frame<'_>, into: Into) -> ValueId {
    let builder = frame.builder(into);
    let dt = builder.dt();
    let half = builder.constant(0.5);
    builder.multiply(dt, half)
}

fn flow(frame: &mut Frame<'_>, into: Into, states: &[ValueId], linear: &Linear, time: ValueId) -> Flow {
    let rest = frame.emit_part(into, states, &linear.rest);
    let slope = frame.emit_part(into, states, &linear.slope);
    Flow::new(frame.builder(into), rest, slope, time)
}

fn store(frame: &mut Frame<'_>, into: Into, columns: (Option<ColumnId>, Option<ColumnId>), flow: Flow) {
    for (column, value) in [(columns.0, flow.factor), (columns.1, flow.offset)] {
        if let (Some(column), Some(value)) = (column, value) {
            frame.builder(into).store(column, value);
        }
    }
}

/// x + dt·(rest + slope·(x + x′)/2), solved for x′.
fn crank_nicolson(frame: &mut Frame<'_>, x: ValueId, rest: Option<ValueId>, slope: Option<ValueId>) -> ValueId {
    let half = half_step(frame, Into::Step);
    let b = &mut frame.step;
    let dt = b.dt();
    let gain = rest.map(|rest| b.multiply(rest, dt));
    let Some(slope) = slope else {
        return match gain {
            Some(gain) => b.add(x, gain),
            None => x,
        };
    };
    let half_slope = b.multiply(slope, half);
    let one = b.constant(1.0);
    let moved = b.fma(half_slope, x, x);
    let numerator = match gain {
        Some(gain) => b.add(moved, gain),
        None => moved,
    };
    let denominator = b.subtract(one, half_slope);
    b.divide(numerator, denominator)
}
