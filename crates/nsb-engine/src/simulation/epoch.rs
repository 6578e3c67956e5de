//! The hot loop: one block of cells through one epoch. Read this first.
//!
//! # Why the order of work does not matter
//!
//! Let L be the number of steps of an epoch, D the shortest delay in steps, and L ≤ D. Step n leads from grid point n
//! to grid point n + 1. A cell that fires in step n has grid point s = n + 1, and its spike reaches a target over a
//! synapse of delay d at grid point s + d: it is added to the target's arrivals at the beginning of step s + d, and
//! changes the synaptic variable exactly then.
//!
//! 1. *An epoch needs no spikes of its own.* The epoch that begins at step a computes the steps a … a + L − 1. What
//!    arrives there was fired at grid points s = n − d ≤ a + L − 1 − D ≤ a − 1, that is, in steps up to a − 2: in
//!    earlier epochs. All spikes of earlier epochs are in the [`Exchange`] before the epoch begins, and nobody writes
//!    to it during the epoch.
//! 2. *Blocks do not see each other during an epoch.* A step of a block reads and writes the block's own columns and
//!    reads the plan and the exchange. So blocks may go through an epoch in any order and at the same time.
//!    Gap junctions need the potentials of other blocks: with them an epoch is one step, and the exchange has the
//!    potentials of its beginning.
//! 3. *Sums have one order.* What a cell receives in a step is added up by the thread that owns its block, in the
//!    order of (projection, delay, source cell, synapse), then spike sources in the order of the network: the agenda lists deliveries by projection and delay, a
//!    volley lists its cells in ascending order, and a row lists its synapses in the order of the store. None of the
//!    four depends on how cells are cut into blocks or blocks are dealt to threads.
//! 4. *What leaves an epoch is sorted.* One thread merges the spikes of all blocks by (step, population, cell), which
//!    is a total order, since a cell fires at most once in a step. Samples go to rows and columns that are fixed by
//!    time and cell.
//!
//! Hence the state at the end of an epoch is a function of the state at its beginning, and so of the network, the seed
//! and dt alone. The length of epochs does not matter either, as long as L ≤ D; so a run may be cut at any step.
//!
//! [`Exchange`]: super::exchange::Exchange

use nsb_kernels::Scratch;

use super::block::{Block, Machine};
use super::exchange::{Exchange, Spike};
use crate::index::Step;
use crate::plan::Plan;

/// States are remembered at the first epoch that begins so many steps after the last time.
///
/// Remembering at every epoch would cost as much as a step where delays, and so epochs, are one step long.
pub(crate) const KEEP_INTERVAL: u64 = 64;

/// The steps `first..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch {
    pub(crate) first: Step,
    pub(crate) end: Step,
}

/// What a block hands over at the end of an epoch.
#[derive(Default)]
pub(crate) struct Outbox {
    /// Sorted by (step, cell).
    pub(crate) spikes: Vec<Spike>,
    /// For each tap of the block: samples in order of time, variable, cell.
    pub(crate) samples: Vec<Vec<f64>>,
    /// The potentials at the end, if there are gap junctions.
    pub(crate) voltages: Vec<f64>,
    /// Whether a state is not finite.
    pub(crate) failed: bool,
}

/// Takes a block through an epoch. The exchange must have been prepared for it.
pub(crate) fn advance(
    block: &mut Block,
    epoch: Epoch,
    plan: &Plan,
    machine: &Machine,
    exchange: &Exchange,
    scratch: &mut Scratch,
    outbox: &mut Outbox,
) {
    let dt_ms = plan.settings().dt_ms;
    // Potentials of others are known for one step only, so with gap junctions no more than that can be done again.
    let has_junctions = !plan.gap_junctions().is_empty();
    block.keep(machine, epoch.first, if has_junctions { 1 } else { KEEP_INTERVAL });
    for step in (epoch.first.0..epoch.end.0).map(Step) {
        block.deliver(plan, machine, exchange, step);
        block.feed(plan, machine, step);
        block.integrate(machine, exchange, step, scratch);
        block.collect_spikes(machine, step, dt_ms, &mut outbox.spikes);
        // The inputs of the next step are those that hold from its grid point on, and samples show them so.
        block.refresh_inputs(plan, machine, step.after(1));
        block.sample(machine, step.after(1), scratch, &mut outbox.samples);
    }
    outbox.failed = !block.is_finite(machine);
    if let Some(voltages) = block.voltages(plan) {
        outbox.voltages.clear();
        outbox.voltages.extend_from_slice(voltages);
    }
}
