//! The built-in synapse models against closed forms and published numbers, event by event.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // the closed forms are evaluated independently

mod bench;
mod pairs;
mod programs;
mod rates;
mod release;
mod voltage;

/// Pre- and postsynaptic times of pairs at a frequency (Hz), the postsynaptic spike `distance` ms after the other.
pub(crate) fn pairs(count: usize, hertz: f64, distance: f64) -> (Vec<f64>, Vec<f64>) {
    let pre: Vec<f64> = (0..count).map(|n| 200.0 + 1000.0 / hertz * n as f64).collect();
    let post = pre.iter().map(|t| t + distance).collect();
    (pre, post)
}

pub(crate) fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{what}: {found}, expected {expected}"
    );
}

/// Rounding of a weight near 1, and of a change computed in a handful of operations.
pub(crate) fn rounding(change: f64) -> f64 {
    3e-16 + 2e-14 * change.abs()
}
