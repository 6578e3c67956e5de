//! Watching a simulation from outside.

use std::ops::ControlFlow;

/// Where a simulation is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Simulated time since the beginning, ms.
    pub time_ms: f64,
    /// Where this call of `run_for` will end, ms.
    pub end_ms: f64,
    /// Spikes of all populations so far.
    pub spikes: u64,
}

/// Someone who is told how far a simulation is, and may stop it.
pub trait Observer {
    /// Called by the thread that called `run_for`, after each epoch (at most 64 steps, often one). Should be quick.
    /// `Break` stops the simulation at the end of the next epoch, which has begun already; what was recorded until then
    /// is whole.
    fn progress(&mut self, now: Progress) -> ControlFlow<()>;
}

/// Nobody watches.
impl Observer for () {
    fn progress(&mut self, _now: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// How a call of `run_for` ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The whole duration was simulated.
    Completed,
    /// The observer stopped it.
    Interrupted,
}
