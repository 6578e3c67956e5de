//! The plastic synapses of one projection that end in a domain: weights, and what happens to them at each grid point.
//!
//! Time is counted as presynaptic spikes arrive at the cell body. A rule sees them a dendritic delay earlier, and
//! postsynaptic spikes a dendritic delay after they were fired; counting everything a dendritic delay later changes no
//! order and no distance, so a postsynaptic spike counts twice the dendritic delay after it was fired.
//!
//! At a grid point: rows that arrive act on their synapses and are delivered, then cells that have fired act on theirs,
//! then rewards, then cells that are updated; only then do the variables of rows and of target cells change. So of a pair of spikes
//! at the same time neither sees the other's trace.

mod machine;
mod rule;
mod targets;

pub(super) use machine::{PlasticMachine, projections};
pub(super) use rule::RowVariables;

use std::collections::VecDeque;

use nsb_lang::rule::Event;

use super::block::Block;
use super::calendar::Calendar;
use super::gathered::Gathered;
use super::rewire::Partials;
use super::spike::Spike;
use crate::index::{PopulationId, ProjectionId, Step};
use crate::plan::{Arrivals, Plan, PlannedPlasticity, PlasticSynapses};
use rule::RuleState;

/// A grid point.
#[derive(Debug, Clone, Copy)]
struct Now {
    step: Step,
    dt_ms: f64,
    /// Whether weights may change.
    learns: bool,
    /// What is given; 0 where nothing is.
    reward: f64,
}

/// What weights have done so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moved {
    /// Whether any has risen.
    pub(crate) rose: bool,
    /// Whether any has fallen.
    pub(crate) fell: bool,
    /// Whether all are finite.
    pub(crate) finite: bool,
}

impl Moved {
    /// Of two parts of a projection together.
    pub(crate) fn and(self, other: Moved) -> Moved {
        Moved {
            rose: self.rose | other.rose,
            fell: self.fell | other.fell,
            finite: self.finite & other.finite,
        }
    }
}

/// The weights of the synapses of one projection that end in a domain.
pub(super) struct Weights {
    /// Their sizes, engine units, in the order of the store.
    pub(super) sizes: Vec<f64>,
    moved: Moved,
}

/// The plastic synapses of one projection that end in a domain.
pub(super) struct Plastic {
    /// Position among the plastic projections.
    index: usize,
    domain: usize,
    projection: ProjectionId,
    source: PopulationId,
    target: PopulationId,
    pub(super) weights: Weights,
    pub(super) rules: Vec<RuleState>,
    pub(super) calendar: Calendar<u32>,
    /// Rows that are under way and do not reach all of their synapses.
    pub(super) partials: Partials,
    /// Postsynaptic spikes that have not been noticed yet, in order: when they will be, and the number of the cell.
    posts: VecDeque<(Step, u32)>,
    /// What was delivered since states were last remembered, so that steps can be done again: for each step, how many
    /// deliveries there were by its end.
    log: Vec<(u16, f64)>,
    log_ends: Vec<(Step, usize)>,
    /// Working memory.
    rows: Vec<u32>,
    cells: Vec<u32>,
    factors: Vec<f64>,
}

impl Plastic {
    /// The plastic projections of a domain at time 0, in the order of the network.
    pub(super) fn of_domain(plan: &Plan, domain: usize, machines: &[PlasticMachine]) -> Vec<Plastic> {
        let stores = plan.plastic()[domain].iter().enumerate();
        stores
            .map(|(index, store)| {
                let planned = &plan.projections()[store.projection().0 as usize];
                let rules = machines[index].rules.iter();
                let mut part = Plastic {
                    index,
                    domain,
                    projection: store.projection(),
                    source: planned.source(),
                    target: planned.target(),
                    weights: Weights {
                        sizes: store.initial(),
                        moved: Moved {
                            rose: false,
                            fell: false,
                            finite: true,
                        },
                    },
                    rules: rules.map(|machine| RuleState::new(machine, store)).collect(),
                    calendar: Calendar::new(plan.longest_delay() + plan.epoch_steps()),
                    partials: Partials::default(),
                    posts: VecDeque::new(),
                    log: Vec::new(),
                    log_ends: Vec::new(),
                    rows: Vec::new(),
                    cells: Vec::new(),
                    factors: Vec::new(),
                };
                part.normalise(plan);
                part
            })
            .collect()
    }

    pub(super) fn store<'p>(&self, plan: &'p Plan) -> &'p PlasticSynapses {
        &plan.plastic()[self.domain][self.index]
    }

    fn planned<'p>(&self, plan: &'p Plan) -> &'p PlannedPlasticity {
        let planned = plan.projections()[self.projection.0 as usize].plasticity();
        planned.expect("a projection with plastic synapses is plastic")
    }

    /// Position among the plastic projections.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The projection.
    pub(super) fn projection(&self) -> ProjectionId {
        self.projection
    }

    /// What weights have done so far.
    pub(super) fn moved(&self) -> Moved {
        self.weights.moved
    }

    /// Enters what a spike will bring.
    pub(super) fn enter(&mut self, plan: &Plan, spike: &Spike) {
        if spike.population != self.source {
            return;
        }
        for (delay, row) in self.store(plan).rows_of(spike.cell.0) {
            self.calendar.push(spike.step.0 + u64::from(delay), row);
        }
    }

    /// Notes spikes that cells of the domain have just fired.
    pub(super) fn note(&mut self, plan: &Plan, spikes: &[Spike]) {
        let (store, lag) = (self.store(plan), self.planned(plan).lag());
        for spike in spikes.iter().filter(|spike| spike.population == self.target) {
            if let Some(cell) = store.cells().number(spike.cell.0) {
                self.posts.push_back((spike.step.after(lag), cell));
            }
        }
    }

    /// Forgets deliveries before the states that are remembered now.
    pub(super) fn keep(&mut self) {
        self.log.clear();
        self.log_ends.clear();
    }

    /// Does what happens at a grid point, with what is given there, if anything, and adds what arrives. Blocks must not have gone beyond it yet.
    pub(super) fn step(
        &mut self,
        plan: &Plan,
        machine: &PlasticMachine,
        (step, reward): (Step, Option<f64>),
        blocks: &[Block],
        gathered: &mut Gathered,
    ) {
        let planned = self.planned(plan);
        if planned
            .normalisation()
            .is_some_and(|(_, interval)| step.0.is_multiple_of(interval))
            && planned.learns(step)
        {
            self.normalise(plan);
        }
        let now = Now {
            reward: reward.unwrap_or(0.0),
            ..self.now(plan, step)
        };
        self.read(plan, machine, blocks);
        self.arrive(plan, machine, now, gathered);
        self.act(plan, machine, now, reward.is_some());
        for (state, machine) in self.rules.iter_mut().zip(&machine.rules) {
            if let (Some(targets), Some(machine)) = (&mut state.targets, &machine.targets) {
                targets.advance(machine);
            }
        }
        self.log_ends.push((step, self.log.len()));
    }

    /// Scales the weights onto each cell. They are added up in the order of their sources, whatever domain they lie in.
    fn normalise(&mut self, plan: &Plan) {
        let planned = self.planned(plan);
        let Some((total, _)) = planned.normalisation() else {
            return;
        };
        let (low, high) = planned.bounds();
        let store = self.store(plan);
        for cell in 0..store.cells().len() as u32 {
            let incoming = store.incoming(cell);
            let sizes = incoming
                .iter()
                .map(|synapse| self.weights.sizes[synapse.position as usize]);
            let sum: f64 = sizes.sum();
            if sum > 0.0 {
                let factor = total / sum;
                for synapse in incoming {
                    let size = &mut self.weights.sizes[synapse.position as usize];
                    *size = (*size * factor).clamp(low, high);
                }
            }
        }
    }

    fn now(&self, plan: &Plan, step: Step) -> Now {
        Now {
            step,
            dt_ms: plan.settings().dt_ms,
            learns: self.planned(plan).learns(step),
            reward: 0.0,
        }
    }

    /// Reads the variables of neurons.
    fn read(&mut self, plan: &Plan, machine: &PlasticMachine, blocks: &[Block]) {
        let (store, planned, target) = (self.store(plan), self.planned(plan), self.target);
        let rules = self.rules.iter_mut().zip(&machine.rules).zip(planned.rules());
        for ((state, machine), planned) in rules.filter(|(_, planned)| !planned.reads().is_empty()) {
            if let (Some(targets), Some(machine)) = (&mut state.targets, &machine.targets) {
                targets.read(machine, planned.reads(), (target, blocks), store);
            }
        }
    }

    /// Rows that arrive: what they do to their synapses, and their delivery.
    fn arrive(&mut self, plan: &Plan, machine: &PlasticMachine, now: Now, gathered: &mut Gathered) {
        let store = self.store(plan);
        std::mem::swap(&mut self.rows, self.calendar.take());
        // For those that do not reach all of their synapses: number among those that arrive, ranges.
        let mut partials = Vec::new();
        for (n, entry) in self.rows.iter_mut().enumerate() {
            if let Some(partial) = self.partials.get(*entry, store) {
                *entry = partial.row;
                partials.push((n, partial.pieces.as_slice()));
            }
        }
        let mut partials = partials.into_iter().peekable();
        let rules = self.rules.iter_mut().zip(&machine.rules);
        rules.for_each(|(state, machine)| state.arrive(machine, &self.rows, now));
        let (slots, targets, sign) = (store.cells().slots(), store.targets(), store.sign());
        for (n, &row) in self.rows.iter().enumerate() {
            let whole = store.row(row);
            let whole = whole.start as u32..whole.end as u32;
            let pieces = partials.next_if(|(partial, _)| *partial == n);
            let pieces = pieces.map_or(std::slice::from_ref(&whole), |(_, pieces)| pieces);
            for range in pieces.iter().map(|range| range.start as usize..range.end as usize) {
                self.factors.clear();
                self.factors.resize(range.len(), sign);
                for (state, machine) in self.rules.iter_mut().zip(&machine.rules) {
                    let (weights, factors) = (&mut self.weights, &mut self.factors);
                    state.pre(machine, store, (n, row, range.clone()), now, weights, factors);
                }
                let begin = self.log.len();
                let synapses = targets[range.clone()]
                    .iter()
                    .zip(&self.weights.sizes[range])
                    .zip(&self.factors);
                let arriving =
                    synapses.map(|((&target, weight), factor)| (slots[usize::from(target)], factor * weight));
                self.log.extend(arriving);
                add(&self.log[begin..], gathered);
            }
        }
        if !self.rows.is_empty() {
            gathered.is_empty = false;
            gathered.is_sparse = false;
        }
    }

    /// What cells do to their synapses, and then how the variables of rows and cells change.
    fn act(&mut self, plan: &Plan, machine: &PlasticMachine, now: Now, is_rewarded: bool) {
        let store = self.store(plan);
        let mut fired = std::mem::take(&mut self.cells);
        fired.clear();
        while let Some(&(_, cell)) = self.posts.front().filter(|(due, _)| *due <= now.step) {
            fired.push(cell);
            self.posts.pop_front();
        }
        let mut updated = Vec::new();
        // A reward reaches all cells.
        let n_rewarded = if is_rewarded { store.cells().len() as u32 } else { 0 };
        let rewarded: Vec<u32> = (0..n_rewarded).collect();
        for (state, machine) in self.rules.iter_mut().zip(&machine.rules) {
            for &cell in &fired {
                state.on_cell(machine, Event::Post, store, cell, now, &mut self.weights);
            }
            for &cell in &rewarded {
                state.on_cell(machine, Event::Reward, store, cell, now, &mut self.weights);
            }
            state.updated(machine, now, store.cells().len(), &mut updated);
            for &cell in &updated {
                state.on_cell(machine, Event::Update, store, cell, now, &mut self.weights);
            }
            state.after_pre(machine, &self.rows, now);
            state.after(machine, Event::AfterPost, &fired, now);
            state.after(machine, Event::AfterReward, &rewarded, now);
            state.after(machine, Event::AfterUpdate, &updated, now);
        }
        self.rows.clear();
        self.cells = fired;
    }

    /// Adds again what was delivered at a grid point since states were remembered.
    pub(super) fn deliver_again(&self, step: Step, gathered: &mut Gathered) {
        let at = self.log_ends.partition_point(|(logged, _)| *logged < step);
        let Some(&(_, end)) = self.log_ends.get(at).filter(|(logged, _)| *logged == step) else {
            return;
        };
        let begin = at.checked_sub(1).map_or(0, |before| self.log_ends[before].1);
        add(&self.log[begin..end], gathered);
        if begin < end {
            gathered.is_empty = false;
            gathered.is_sparse = false;
        }
    }

    /// Whether all weights and variables are finite.
    pub(super) fn is_finite(&self, machine: &PlasticMachine) -> bool {
        let rules = || self.rules.iter().zip(&machine.rules);
        self.weights.moved.finite && rules().all(|(state, machine)| state.is_finite(machine))
    }

    /// Weights with their signs as they are at a grid point, in the order of the store.
    pub(super) fn weights(&mut self, plan: &Plan, machine: &PlasticMachine, step: Step) -> Vec<f64> {
        let now = self.now(plan, step);
        let mut weights = self.weights.sizes.clone();
        for (state, machine) in self.rules.iter_mut().zip(&machine.rules) {
            state.weights_now(machine, now, &mut weights);
        }
        let sign = self.store(plan).sign();
        weights.iter_mut().for_each(|weight| *weight *= sign);
        weights
    }
}

/// Adds what arrives at slots, in order.
fn add(arriving: &[(u16, f64)], gathered: &mut Gathered) {
    match gathered.all() {
        Arrivals::Double(sums) => arriving
            .iter()
            .for_each(|&(slot, size)| sums[usize::from(slot)] += size),
        Arrivals::Single(sums) => arriving
            .iter()
            .for_each(|&(slot, size)| sums[usize::from(slot)] += size as f32),
    }
}
