//! Watching a simulation from outside.

use std::ops::ControlFlow;

use crate::monitor::Recording;

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

    /// Called before each [`progress`](Observer::progress) with what was recorded and not taken yet: whole epochs, up
    /// to `simulated_ms`. To take it, read it and call [`Recording::clear`]; memory then does not grow with the
    /// duration. What is not taken stays with the simulation. `Break` stops the simulation here.
    ///
    /// The simulation still holds what was recorded after the last call.
    fn recorded(&mut self, _held: &mut Recording) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Nobody watches; everything recorded is kept.
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
