//! The order of work in time, and why results do not depend on it. Read this first.
//!
//! # Why the order of work does not matter
//!
//! Let L be the number of steps of an epoch, D the shortest delay in steps, and L ≤ D + 1. Step n leads from grid
//! point n to grid point n + 1. A cell that fires in step n has grid point s = n + 1, and its spike reaches a target over a
//! synapse of delay d at grid point s + d: it is added to the target's arrivals at the beginning of step s + d, and
//! changes the synaptic variable exactly then.
//!
//! 1. *An epoch needs no spikes of its own.* The epoch that begins at step a computes the steps a … a + L − 1. What
//!    arrives there was fired at grid points s = n − d ≤ a + L − 1 − D ≤ a, that is, in steps up to a − 1: in earlier
//!    epochs. All spikes of earlier epochs are in the calendar of each domain before the epoch begins.
//! 2. *Domains do not see each other during an epoch.* A domain reads and writes its own columns, calendar and outbox,
//!    and reads the plan. So domains may go through an epoch in any order and at the same time. There are two outboxes
//!    for each domain: one is written while the other, of the epoch before, is read by all, so that one barrier at the
//!    end of each epoch is enough. Gap junctions need the potentials of other cells: with them an epoch is one step,
//!    and each domain has a copy of the potentials of its beginning.
//! 3. *Sums have one order.* What a cell receives in a step is added up by the thread that owns its domain, in the
//!    order of (longest delay first, source population, source cell, bundle, projection, synapse) over all static
//!    projections, then over each plastic one in the order of the network, then spike sources in the order of the network. Calendars get their spikes in order of (step, population, cell), and a row lists
//!    its synapses in the order of the store. None of this depends on how cells are cut into domains and blocks or
//!    domains are dealt to threads.
//! 4. *What leaves an epoch is sorted.* Each thread merges the spikes of all domains by (step, population, cell), which
//!    is a total order, since a cell fires at most once in a step. Samples go to rows and columns that are fixed by
//!    time and cell.
//!
//! 5. *Plastic synapses belong to the domain of their target*, and what happens to one depends on its own variables, its
//!    row and its target cell only (`plasticity/mod.rs`). Its own target may fire in the very epoch in which a row
//!    arrives; that is why a domain with plastic synapses gathers step by step.
//!
//! 6. *Rewards come later than what they are for.* Each domain sees all spikes at the end of an epoch and decides by itself,
//!    in the same way as all others, what is due in later epochs (`rewards/mod.rs`).
//!
//! Hence the state at the end of an epoch is a function of the state at its beginning, and so of the network, the seed
//! and dt alone. The length of epochs does not matter either, as long as L ≤ D + 1; so a run may be cut at any step.

use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use nsb_kernels::Scratch;

use super::barrier::Barrier;
use super::block::Machine;
use super::domain::{self, Domain, Outboxes};
use super::plasticity::PlasticMachine;
use crate::index::Step;
use crate::plan::Plan;

/// States are remembered at the first epoch that begins so many steps after the last time.
///
/// Remembering at every epoch would cost as much as a step where delays, and so epochs, are one step long.
pub(super) const KEEP_INTERVAL: u64 = 64;

/// The steps `first..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Epoch {
    pub(super) first: Step,
    pub(super) end: Step,
}

/// Why a thread has left the loop before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// A state became non-finite in this epoch.
    Failed(Epoch),
    /// A weight or variable of this plastic projection, by its position among those, became non-finite in this epoch.
    Diverged(Epoch, usize),
    /// Somebody asked for it.
    Stopped,
    /// Another thread panicked.
    Broken,
}

/// What all threads of a run share.
pub(super) struct Run<'s> {
    pub(super) plan: &'s Plan,
    pub(super) machines: &'s [Machine],
    pub(super) plastic: &'s [PlasticMachine],
    pub(super) outboxes: &'s [Outboxes],
    pub(super) begin: Step,
    pub(super) end: Step,
    /// The number of the epoch after which all leave; known to all before it ends.
    pub(super) last_epoch: &'s AtomicU64,
}

impl Run<'_> {
    /// Asks all threads to leave at the end of the epoch that has begun meanwhile.
    pub(super) fn stop_after(&self, epoch: u64) {
        self.last_epoch.store(epoch, Ordering::Release);
    }

    /// Takes domains through all epochs. `done` is called after each with its number, its steps, and what all domains
    /// handed over.
    pub(super) fn epochs(
        &self,
        own: &mut [&mut Domain],
        barrier: &Barrier,
        mut done: impl FnMut(u64, Epoch, &domain::Handed<'_>),
    ) -> Result<(), Left> {
        let mut scratch: Vec<Scratch> = self.machines.iter().map(Machine::scratch).collect();
        let epoch_steps = self.plan.epoch_steps();
        let mut first = self.begin;
        for number in 0u64.. {
            if first >= self.end {
                break;
            }
            let end = self.end.min(Step((first.0 / epoch_steps + 1) * epoch_steps));
            let (epoch, parity) = (Epoch { first, end }, number as usize % 2);
            for domain in own.iter_mut() {
                let outbox = &self.outboxes[domain.index()][parity];
                let mut outbox = outbox.write().unwrap_or_else(PoisonError::into_inner);
                let machines = (self.machines, self.plastic);
                domain.advance(epoch, self.plan, machines, &mut scratch, &mut outbox);
            }
            barrier.wait().map_err(|_| Left::Broken)?;
            let outboxes = domain::read(self.outboxes, parity);
            if outboxes.iter().any(|outbox| outbox.failed) {
                return Err(Left::Failed(epoch));
            }
            if let Some(projection) = outboxes.iter().filter_map(|outbox| outbox.broken).min() {
                return Err(Left::Diverged(epoch, projection));
            }
            for domain in own.iter_mut() {
                domain.take_in(self.plan, &outboxes, end);
            }
            let first_own = own.first();
            let spikes = first_own.map_or(&[][..], |domain| domain.spikes());
            let met = first_own.map_or(&[][..], |domain| domain.met());
            done(
                number,
                epoch,
                &domain::Handed {
                    spikes,
                    met,
                    outboxes: &outboxes,
                },
            );
            if self.last_epoch.load(Ordering::Acquire) == number {
                return Err(Left::Stopped);
            }
            first = end;
        }
        Ok(())
    }
}
