//! Correlated Poisson sources, checked and in steps.

use nsb_lang::Quantity;

use super::PlanError;
use super::checker::Checker;
use super::spike_source::{PlannedRate, poisson_rate};
use super::stimulus::times;
use crate::index::Step;
use crate::network::{CellSet, Rate};

/// Longest jitter, steps: all mother spikes of so many steps are looked at in each step.
const MAX_JITTER_STEPS: u64 = 10_000;

/// Copies of the spikes of one mother process.
#[derive(Debug, Clone)]
pub(crate) struct CorrelatedPoisson {
    /// The cells that share the mother process.
    pub(crate) cells: Vec<u32>,
    /// The mother process.
    pub(crate) mother: PlannedRate,
    /// Probability that a cell gets a copy of a mother spike.
    pub(crate) correlation: f64,
    /// A copy comes from 0 to so many steps after its mother spike.
    pub(crate) jitter_steps: u64,
    pub(crate) start: Step,
    pub(crate) stop: Option<Step>,
}

/// What a user says of a correlated source.
pub(super) struct Given<'a> {
    pub(super) cells: &'a CellSet,
    pub(super) rate: &'a Rate,
    pub(super) correlation: f64,
    pub(super) jitter: Option<&'a Quantity>,
    pub(super) start: Option<&'a Quantity>,
    pub(super) stop: Option<&'a Quantity>,
}

/// `cells` are those of the source, if they are right.
pub(super) fn check(
    path: &str,
    given: &Given<'_>,
    cells: Option<Vec<u32>>,
    checker: &mut Checker<'_>,
) -> Option<CorrelatedPoisson> {
    let correlation = given.correlation;
    // Not `<= 0`, so that NaN is refused too.
    if !(correlation > 0.0 && correlation <= 1.0) {
        checker.error(PlanError::Unfit {
            path: format!("{path}.correlation"),
            reason: format!("the correlation {correlation} is not above 0 and at most 1"),
            hint: "write a number such as 0.1, or leave the correlation out for independent spikes".to_owned(),
        });
        return None;
    }
    let zero = Quantity::parse("0 ms").expect("a time");
    let (start, stop) = times(path, given.start.unwrap_or(&zero), given.stop, checker);
    let jitter = match given.jitter {
        Some(jitter) => checker.grid_point(&format!("{path}.jitter"), "jitter", jitter)?.0,
        None => 0,
    };
    if jitter > MAX_JITTER_STEPS {
        checker.error(PlanError::Unfit {
            path: format!("{path}.jitter"),
            reason: format!("a jitter of {jitter} steps is longer than {MAX_JITTER_STEPS} steps"),
            hint: "choose a shorter jitter, or a larger dt".to_owned(),
        });
        return None;
    }
    let mother = poisson_rate(
        &format!("{path}.rate"),
        given.rate,
        1.0 / correlation,
        (start?, stop),
        checker,
    );
    Some(CorrelatedPoisson {
        cells: cells?,
        mother: mother?,
        correlation,
        jitter_steps: jitter,
        start: start?,
        stop,
    })
}
