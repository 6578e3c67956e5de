//! Threshold, reset, refractoriness: the end of every step.

use super::frame::{Frame, Into};
use crate::model::{Expr, Symbol, System};
use crate::program::{BinaryOp, ColumnId, Role, UnaryOp, ValueId};

/// Column of the refractory steps left; not 0 means that this step is refractory.
pub const REFRACTORY_LEFT: &str = "refractory.left";
/// Column of the refractory time, ms, as it is at the start of a run.
pub const REFRACTORY_DURATION: &str = "refractory.duration";

/// Refractoriness within a step.
pub(super) struct Hold {
    /// Column that counts the refractory steps left.
    left: Option<ColumnId>,
    /// Not 0 where the cell is refractory in this step.
    refractory: Option<ValueId>,
    /// Which states stay as they are meanwhile.
    held: Vec<bool>,
    /// The state that a clamp holds, and what is not 0 where it does.
    clamp: Option<(usize, ValueId)>,
}

impl Hold {
    /// The moved value, or the old one where the state is held.
    pub(super) fn apply(&self, frame: &mut Frame<'_>, state: usize, moved: ValueId, old: ValueId) -> ValueId {
        let moved = match self.refractory {
            Some(refractory) if self.held[state] => frame.step.select(refractory, old, moved),
            _ => moved,
        };
        match self.clamp {
            Some((clamped, held)) if clamped == state => frame.step.select(held, old, moved),
            _ => moved,
        }
    }
}

/// Reads the refractory counter, and keeps the duration for executors that end refractoriness off the grid.
pub(super) fn hold(frame: &mut Frame<'_>, initial: &[ValueId]) -> Hold {
    let mut held = vec![false; frame.system.states.len()];
    let clamp = frame.system.clamp.as_ref().map(|clamp| {
        let input = frame.emit(Into::Step, &[], &Expr::Symbol(Symbol::Input(clamp.held)));
        (clamp.state, input)
    });
    let Some(rule) = &frame.system.refractory else {
        return Hold {
            left: None,
            refractory: None,
            held,
            clamp,
        };
    };
    for &state in &rule.holding {
        held[state] = true;
    }
    let duration = frame.system.expanded(&rule.duration);
    let duration = frame.emit(Into::Init, initial, &duration);
    let column = frame.internal(REFRACTORY_DURATION.to_string());
    frame.init.store(column, duration);
    let left = frame.internal(REFRACTORY_LEFT.to_string());
    let none = frame.init.constant(0.0);
    frame.init.store(left, none);
    let counter = frame.step.load(left);
    let zero = frame.step.constant(0.0);
    let refractory = frame.step.binary(BinaryOp::Less, zero, counter);
    Hold {
        left: Some(left),
        refractory: Some(refractory),
        held,
        clamp,
    }
}

/// Detects threshold crossings, resets, and stores all states.
pub(super) fn finish(
    frame: &mut Frame<'_>,
    initial: &[ValueId],
    before: &[ValueId],
    mut after: Vec<ValueId>,
    hold: &Hold,
) {
    let system = frame.system;
    for state in 0..after.len() {
        after[state] = hold.apply(frame, state, after[state], before[state]);
    }
    if let Some(threshold) = &system.threshold {
        let distance = system.expanded(&threshold.distance);
        let at_start = frame.emit(Into::Step, before, &distance);
        let at_end = frame.emit(Into::Step, &after, &distance);
        let mut above = above(frame, Into::Step, at_end, threshold.inclusive);
        // Where chance decides, the condition holds for the step as a whole and has no crossing within it.
        let draws = distance.draws();
        if spikes_move(system, &distance) && !draws {
            // What arrives may lift the cell over its threshold at the start of the step; by its end it may have sunk
            // below again.
            let at_once = self::above(frame, Into::Step, at_start, threshold.inclusive);
            above = frame.step.binary(BinaryOp::Or, above, at_once);
        }
        let mut fired = match hold.refractory {
            Some(refractory) => {
                let ready = frame.step.unary(UnaryOp::Not, refractory);
                frame.step.binary(BinaryOp::And, above, ready)
            }
            None => above,
        };
        if threshold.rearm.is_some() || system.reset.is_empty() {
            fired = detector(frame, initial, &after, above, fired, None);
        } else if hold.clamp.is_some() {
            fired = detector(frame, initial, &after, above, fired, hold.clamp);
        }
        let crossing = if draws {
            (frame.step.constant(-1.0), frame.step.constant(0.0))
        } else {
            (at_start, at_end)
        };
        for (role, value) in [
            (Role::Fired, fired),
            (Role::CrossingBefore, crossing.0),
            (Role::CrossingAfter, crossing.1),
        ] {
            let column = frame
                .column_with(role)
                .expect("a system with a threshold has these columns");
            frame.step.store(column, value);
        }
        count_refractory(frame, &after, fired, hold);
        let resets: Vec<(usize, ValueId)> = system
            .reset
            .iter()
            .map(|(state, value)| (*state, frame.emit(Into::Step, &after, &system.expanded(value))))
            .collect();
        for (state, value) in resets {
            let reset = match hold.clamp {
                Some((clamped, held)) if clamped == state => {
                    let free = frame.step.unary(UnaryOp::Not, held);
                    frame.step.binary(BinaryOp::And, fired, free)
                }
                _ => fired,
            };
            after[state] = frame.step.select(reset, value, after[state]);
        }
    }
    for (state, value) in after.into_iter().enumerate() {
        let column = frame.state_column(state);
        frame.step.store(column, value);
    }
}

/// Whether an arriving spike changes the expression at once.
fn spikes_move(system: &System, value: &Expr) -> bool {
    let moved = system
        .receptors
        .iter()
        .flat_map(|r| &r.on_spike)
        .map(|(state, _)| *state);
    moved
        .into_iter()
        .any(|state| value.mentions(|symbol| symbol == Symbol::State(state)))
}

fn above(frame: &mut Frame<'_>, into: Into, distance: ValueId, inclusive: bool) -> ValueId {
    let builder = frame.builder(into);
    let zero = builder.constant(0.0);
    builder.binary(
        if inclusive { BinaryOp::LessEqual } else { BinaryOp::Less },
        zero,
        distance,
    )
}

/// A detector that fires once per upward crossing: it is armed again where `rearm` holds, by default below threshold.
/// Of a model that is reset only the cells that are held need it: their potential stays above threshold.
fn detector(
    frame: &mut Frame<'_>,
    initial: &[ValueId],
    after: &[ValueId],
    above: ValueId,
    fired: ValueId,
    only_held: Option<(usize, ValueId)>,
) -> ValueId {
    let system = frame.system;
    let Some(threshold) = &system.threshold else {
        return fired;
    };
    let armed_column = frame.internal("detector.armed".to_string());
    let distance = system.expanded(&threshold.distance);
    let at_first = frame.emit(Into::Init, initial, &distance);
    let above_at_first = self::above(frame, Into::Init, at_first, threshold.inclusive);
    let armed_at_first = frame.init.unary(UnaryOp::Not, above_at_first);
    frame.init.store(armed_column, armed_at_first);

    let armed = frame.step.load(armed_column);
    let ready = match only_held {
        Some((_, held)) => {
            let free = frame.step.unary(UnaryOp::Not, held);
            frame.step.binary(BinaryOp::Or, armed, free)
        }
        None => armed,
    };
    let fired = frame.step.binary(BinaryOp::And, fired, ready);
    let rearmed = match &threshold.rearm {
        Some(rearm) => frame.emit(Into::Step, after, &system.expanded(rearm)),
        None => frame.step.unary(UnaryOp::Not, above),
    };
    let (zero, one) = (frame.step.constant(0.0), frame.step.constant(1.0));
    let kept = frame.step.select(rearmed, one, armed);
    let next = frame.step.select(fired, zero, kept);
    frame.step.store(armed_column, next);
    fired
}

/// A spike at the end of this step makes the next round(duration / dt) steps refractory.
fn count_refractory(frame: &mut Frame<'_>, after: &[ValueId], fired: ValueId, hold: &Hold) {
    let (Some(left), Some(rule)) = (hold.left, &frame.system.refractory) else {
        return;
    };
    let duration = frame.emit(Into::Step, after, &frame.system.expanded(&rule.duration));
    let b = &mut frame.step;
    let dt = b.dt();
    let steps = b.divide(duration, dt);
    let half = b.constant(0.5);
    let steps = b.add(steps, half);
    let steps = b.unary(UnaryOp::Floor, steps);
    let counter = b.load(left);
    let one = b.constant(1.0);
    let zero = b.constant(0.0);
    let less = b.subtract(counter, one);
    let less = b.binary(BinaryOp::Max, less, zero);
    let next = b.select(fired, steps, less);
    b.store(left, next);
}
