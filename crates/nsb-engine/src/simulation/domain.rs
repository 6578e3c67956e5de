//! The state of a domain: its blocks, what is on its way to them, and what they hand over.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use nsb_kernels::Scratch;

use super::block::{Block, Failure, Machine};
use super::delivery::Delivery;
use super::epoch::{Epoch, KEEP_INTERVAL};
use super::gathered::{Detector, Gathered};
use super::plasticity::{Plastic, PlasticMachine};
use super::rewards::{Met, Rewards};
use super::spike::Spike;
use super::voltages::Voltages;
use crate::index::Step;
use crate::monitor::{Snapshot, Snapshots, snapshots};
use crate::plan::{Plan, WINDOW};

/// Arrivals of several steps are gathered before blocks go through these steps, as long as they stay in the cache:
/// bytes.
const GATHERED: usize = 1 << 18;

/// So many steps are always gathered, if the epoch has as many: those of a window, whose rows lie side by side.
const LEAST_GATHERED: usize = WINDOW as usize;

/// What a domain hands over at the end of an epoch.
#[derive(Default)]
pub(super) struct Outbox {
    /// Sorted by (step, population, cell).
    pub(super) spikes: Vec<Spike>,
    /// For each block of the domain and each of its taps: samples in order of time, variable, cell.
    pub(super) samples: Vec<Vec<Vec<f64>>>,
    /// For each block of the domain: the potentials at the end, if there are gap junctions.
    pub(super) voltages: Vec<Vec<f64>>,
    /// Weights of plastic projections, in order of time, then monitor.
    pub(super) snapshots: Vec<Snapshot>,
    /// Whether a state is not finite.
    pub(super) failed: bool,
    /// The first plastic projection with a weight or a variable that is not finite.
    pub(super) broken: Option<usize>,
}

/// What all domains handed over at the end of an epoch.
pub(super) struct Handed<'o> {
    /// The spikes of all, sorted by (step, population, cell).
    pub(super) spikes: &'o [Spike],
    /// The conditions of rewards that were met.
    pub(super) met: &'o [Met],
    /// The outboxes of all domains.
    pub(super) outboxes: &'o [RwLockReadGuard<'o, Outbox>],
}

/// Two for each domain: one is written in an epoch while the other, of the epoch before, is read.
pub(super) type Outboxes = [RwLock<Outbox>; 2];

/// What one thread works on.
pub(super) struct Domain {
    index: usize,
    pub(super) blocks: Vec<Block>,
    pub(super) delivery: Delivery,
    pub(super) plastic: Vec<Plastic>,
    rewards: Rewards,
    snapshots: Vec<Snapshots>,
    /// What arrives in some successive steps.
    arrivals: Vec<Gathered>,
    voltages: Voltages,
    detector: Detector,
    /// Spikes of all domains, being merged.
    merged: Vec<Spike>,
}

impl Domain {
    /// The cells at time 0.
    pub(super) fn new(
        plan: &Plan,
        index: usize,
        (machines, plastic): (&[Machine], &[PlasticMachine]),
        scratch: &mut [Scratch],
    ) -> Domain {
        let planned = &plan.domains()[index];
        let blocks = planned.blocks.iter().map(|&n| {
            let population = plan.blocks()[n].population.index();
            Block::new(plan, n, &machines[population], &mut scratch[population])
        });
        let float = plan.settings().precision.float();
        let bytes_of_step = float.bytes() * planned.n_slots.max(1) as usize;
        // What plastic synapses deliver depends on what their targets did a step ago.
        let most = if plastic.is_empty() {
            plan.epoch_steps() as usize
        } else {
            1
        };
        let fitting = GATHERED / bytes_of_step;
        let whole_windows = fitting - fitting % LEAST_GATHERED;
        let n_gathered = whole_windows.max(LEAST_GATHERED).min(most);
        Domain {
            index,
            blocks: blocks.collect(),
            delivery: Delivery::new(plan, index, n_gathered),
            plastic: Plastic::of_domain(plan, index, plastic),
            rewards: Rewards::new(plan),
            snapshots: snapshots(plan),
            arrivals: (0..n_gathered).map(|_| Gathered::new(float)).collect(),
            voltages: Voltages::new(plan),
            detector: Detector::new(float),
            merged: Vec::new(),
        }
    }

    /// An outbox as blocks fill it.
    pub(super) fn outbox(&self) -> Outbox {
        Outbox {
            samples: self
                .blocks
                .iter()
                .map(|block| vec![Vec::new(); block.n_taps()])
                .collect(),
            voltages: vec![Vec::new(); self.blocks.len()],
            ..Outbox::default()
        }
    }

    /// Position in the plan.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// Goes through an epoch. All spikes of earlier ones must have been taken in.
    pub(super) fn advance(
        &mut self,
        epoch: Epoch,
        plan: &Plan,
        (machines, plastic): (&[Machine], &[PlasticMachine]),
        scratch: &mut [Scratch],
        outbox: &mut Outbox,
    ) {
        outbox.spikes.clear();
        outbox.snapshots.clear();
        outbox.failed = false;
        outbox.samples.iter_mut().flatten().for_each(Vec::clear);
        // Potentials of others are known for one step only, so with gap junctions no more than that can be done again.
        let interval = if plan.gap_junctions().is_empty() {
            KEEP_INTERVAL
        } else {
            1
        };
        for block in &mut self.blocks {
            block.keep(&machines[block.population.index()], epoch.first, interval);
        }
        if self.blocks.first().is_some_and(|block| block.kept_at() == epoch.first) {
            self.plastic.iter_mut().for_each(Plastic::keep);
        }
        let mut first = epoch.first;
        while first < epoch.end {
            let end = epoch.end.min(first.after(self.arrivals.len() as u64));
            let n_steps = (end.0 - first.0) as usize;
            self.delivery.gather(plan, first, &mut self.arrivals[..n_steps]);
            for part in &mut self.plastic {
                let gathered = &mut self.arrivals[0];
                let reward = self.rewards.of(plan.rewards(), part.projection(), first);
                part.step(plan, &plastic[part.index()], (first, reward), &self.blocks, gathered);
            }
            let n_before = outbox.spikes.len();
            for (block, samples) in self.blocks.iter_mut().zip(&mut outbox.samples) {
                let population = block.population.index();
                let (machine, scratch) = (&machines[population], &mut scratch[population]);
                for (n, gathered) in self.arrivals[..n_steps].iter_mut().enumerate() {
                    let step = first.after(n as u64);
                    let memory = (&mut *scratch, &mut self.detector);
                    let spikes = &mut outbox.spikes;
                    block.step(plan, machine, step, gathered, &self.voltages, memory, spikes);
                    // The inputs of the next step are those that hold from its grid point on, and samples show them so.
                    block.refresh_inputs(plan, machine, step.after(1));
                    block.sample(machine, step.after(1), scratch, samples);
                }
                // What the block has just computed is still in the cache.
                outbox.failed |= !block.is_finite(machine);
            }
            self.delivery.clear(plan, first, &mut self.arrivals[..n_steps]);
            for part in &mut self.plastic {
                part.note(plan, &outbox.spikes[n_before..]);
            }
            first = end;
            self.take_snapshots(plan, plastic, first, &mut outbox.snapshots);
        }
        outbox.broken = self
            .plastic
            .iter()
            .position(|part| !part.is_finite(&plastic[part.index()]));
        outbox
            .spikes
            .sort_by_key(|spike| (spike.step, spike.population, spike.cell));
        self.hand_over_voltages(plan, outbox);
    }

    /// Takes the snapshots of weights that are due at a grid point, before anything happens there.
    fn take_snapshots(&mut self, plan: &Plan, machines: &[PlasticMachine], at: Step, taken: &mut Vec<Snapshot>) {
        for wanted in self
            .snapshots
            .iter()
            .filter(|wanted| at.0.is_multiple_of(wanted.interval))
        {
            let mut parts = self.plastic.iter_mut();
            let part = parts.find(|part| part.projection() == wanted.projection);
            let part = part.expect("a domain has a part of each plastic projection");
            taken.push(Snapshot {
                monitor: wanted.monitor,
                step: at,
                weights: part.weights(plan, &machines[part.index()], at),
            });
        }
    }

    /// Takes in what all domains handed over at the end of an epoch, which is a grid point.
    pub(super) fn take_in(&mut self, plan: &Plan, outboxes: &[RwLockReadGuard<'_, Outbox>], end: Step) {
        merge(outboxes, &mut self.merged);
        self.delivery.enter(plan, &self.merged);
        for part in &mut self.plastic {
            self.merged.iter().for_each(|spike| part.enter(plan, spike));
        }
        self.rewards.take_in(plan.rewards(), &self.merged, end);
        self.voltages.take_in(plan, outboxes);
    }

    /// The conditions of rewards that were met in the epoch that was last taken in.
    pub(super) fn met(&self) -> &[Met] {
        self.rewards.met()
    }

    /// The spikes of all domains that were last taken in, in order.
    pub(super) fn spikes(&self) -> &[Spike] {
        &self.merged
    }

    /// Does the steps from the remembered state to `end` again, one by one, to find where a state first became
    /// non-finite. `history` has all spikes that can still arrive in these steps, in order. Gives the failure and the
    /// position of its block.
    pub(super) fn replay(
        &mut self,
        plan: &Plan,
        machines: &[Machine],
        scratch: &mut [Scratch],
        end: Step,
        history: &[Spike],
    ) -> Option<(usize, Failure)> {
        let begin = self.blocks.first()?.kept_at();
        self.delivery.reset(begin);
        self.delivery.enter_again(plan, history);
        let machine = |block: &Block| &machines[block.population.index()];
        self.blocks.iter_mut().for_each(|block| block.restore(machine(block)));
        for step in (begin.0..end.0).map(Step) {
            self.delivery.gather(plan, step, &mut self.arrivals[..1]);
            for part in &self.plastic {
                part.deliver_again(step, &mut self.arrivals[0]);
            }
            for (n, block) in self.blocks.iter_mut().enumerate() {
                let machine = machine(block);
                let before = block.states(machine);
                let memory = (&mut scratch[block.population.index()], &mut self.detector);
                let gathered = &mut self.arrivals[0];
                block.step(plan, machine, step, gathered, &self.voltages, memory, &mut Vec::new());
                block.refresh_inputs(plan, machine, step.after(1));
                if let Some(failure) = block.failure(machine, step.after(1)) {
                    let last_good = before.iter().map(|column| column[failure.cell]).collect();
                    // Blocks are in order of population and cell, so of those that fail in this step it is the first.
                    return Some((n, Failure { last_good, ..failure }));
                }
            }
            self.delivery.clear(plan, step, &mut self.arrivals[..1]);
        }
        None
    }

    /// Hands over what there is at time 0.
    pub(super) fn record_initial_state(
        &mut self,
        plan: &Plan,
        (machines, plastic): (&[Machine], &[PlasticMachine]),
        scratch: &mut [Scratch],
        outbox: &mut Outbox,
    ) {
        self.take_snapshots(plan, plastic, Step(0), &mut outbox.snapshots);
        for (block, samples) in self.blocks.iter_mut().zip(&mut outbox.samples) {
            let population = block.population.index();
            block.sample(&machines[population], Step(0), &mut scratch[population], samples);
        }
        self.hand_over_voltages(plan, outbox);
    }

    fn hand_over_voltages(&self, plan: &Plan, outbox: &mut Outbox) {
        for (block, kept) in self.blocks.iter().zip(&mut outbox.voltages) {
            if let Some(voltages) = block.voltages(plan) {
                kept.clear();
                kept.extend(voltages.iter());
            }
        }
    }

    /// The first cell with a state that is not finite, as of grid point `at`, and the position of its block.
    pub(super) fn failure(&self, machines: &[Machine], at: Step) -> Option<(usize, Failure)> {
        let of_block = |(n, block): (usize, &Block)| Some((n, block.failure(&machines[block.population.index()], at)?));
        self.blocks.iter().enumerate().find_map(of_block)
    }
}

/// All spikes of all domains, in order.
fn merge(outboxes: &[RwLockReadGuard<'_, Outbox>], merged: &mut Vec<Spike>) {
    merged.clear();
    outboxes
        .iter()
        .for_each(|outbox| merged.extend_from_slice(&outbox.spikes));
    if outboxes.len() > 1 {
        // Domains bring sorted runs, which this sort merges.
        merged.sort_by_key(|spike| (spike.step, spike.population, spike.cell));
    }
}

/// The outboxes of an epoch, to be read.
pub(super) fn read(outboxes: &[Outboxes], parity: usize) -> Vec<RwLockReadGuard<'_, Outbox>> {
    outboxes
        .iter()
        .map(|pair| pair[parity].read().unwrap_or_else(PoisonError::into_inner))
        .collect()
}
