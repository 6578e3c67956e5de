//! Repeating patterns, checked and in steps.

use nsb_lang::Quantity;

use super::PlanError;
use super::checker::Checker;
use super::signal::rate;
use crate::network::RepeatingPattern;

/// A repeating pattern on a time grid; rates in 1/ms.
#[derive(Debug, Clone)]
pub(crate) struct PlannedRepeating {
    pub(crate) described: RepeatingPattern,
    /// The cells of the pattern.
    pub(crate) cells: Vec<u32>,
    /// Of the population.
    pub(crate) n_cells: usize,
    pub(crate) dt_ms: f64,
    pub(crate) pattern_steps: u64,
    /// In so many steps the pattern comes once.
    pub(crate) period_steps: u64,
    pub(crate) change_steps: u64,
    pub(crate) jitter_steps: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) noise: f64,
}

pub(super) fn check(
    path: &str,
    given: &RepeatingPattern,
    n_cells: usize,
    checker: &mut Checker<'_>,
) -> Option<PlannedRepeating> {
    let before = checker.errors.len();
    let dt_ms = checker.dt_ms()?;
    let wrong = |key: &str, reason: String, hint: &str, checker: &mut Checker<'_>| {
        checker.error(PlanError::Unfit {
            path: format!("{path}.{key}"),
            reason,
            hint: hint.to_owned(),
        });
    };
    if given.size == 0 || given.size > n_cells {
        let reason = format!("a pattern of {} cells in a population of {n_cells}", given.size);
        wrong(
            "size",
            reason,
            "choose at least one cell, and no more than there are",
            checker,
        );
    }
    if !(given.share > 0.0 && given.share < 1.0) {
        let reason = format!("the pattern cannot take {} of the time", given.share);
        wrong(
            "share",
            reason,
            "choose a part above 0 and below 1, such as 0.25",
            checker,
        );
    }
    let time = |key: &'static str, time: &Quantity, checker: &mut Checker<'_>| {
        checker
            .grid_point(&format!("{path}.{key}"), key, time)
            .map(|step| step.0)
    };
    let pattern_steps = time("duration", &given.duration, checker);
    let change_steps = time("change", &given.change, checker);
    for (key, steps) in [("duration", pattern_steps), ("change", change_steps)] {
        if steps == Some(0) {
            let reason = "the time is shorter than half a step".to_owned();
            wrong(key, reason, "choose at least one step", checker);
        }
    }
    let jitter_ms = checker.time_ms(&format!("{path}.jitter"), &given.jitter);
    if jitter_ms.is_some_and(|jitter| jitter < 0.0) {
        let reason = format!("{} is negative", given.jitter);
        wrong("jitter", reason, "choose \"0 ms\" or more", checker);
    }
    let low = rate(&format!("{path}.low"), &given.low, checker);
    let high = rate(&format!("{path}.high"), &given.high, checker);
    let noise = rate(&format!("{path}.noise"), &given.noise, checker);
    let (low, high, noise) = (low?, high?, noise?);
    if low > high {
        let reason = format!("{} is above `high`, {}", given.low, given.high);
        wrong("low", reason, "choose a rate up to `high`", checker);
    }
    if (high + noise) * dt_ms > 1.0 {
        let reason = format!("{} spikes in a step; a cell has at most one", (high + noise) * dt_ms);
        wrong("high", reason, "choose lower rates or a smaller dt", checker);
    }
    let (pattern_steps, change_steps, jitter_ms) = (pattern_steps?, change_steps?, jitter_ms?);
    if checker.errors.len() > before {
        return None;
    }
    Some(PlannedRepeating {
        cells: given.cells(n_cells, checker.settings.seed),
        n_cells,
        dt_ms,
        pattern_steps,
        period_steps: given.steps(dt_ms).1,
        change_steps,
        jitter_steps: jitter_ms / dt_ms,
        low,
        high,
        noise,
        described: given.clone(),
    })
}
