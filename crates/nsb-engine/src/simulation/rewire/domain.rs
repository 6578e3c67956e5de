//! What a domain brings along: rows that are under way, and a state from which steps can be done again.

use std::collections::BTreeMap;

use super::super::block::Machine;
use super::super::delivery::Delivery;
use super::super::domain::Domain;
use super::super::plasticity::Plastic;
use super::super::spike::Spike;
use crate::index::Step;
use crate::plan::{Edits, Plan, RowPair, WINDOW};

/// What was under way when synapses last changed.
///
/// Steps are done again with spikes of the past. Of those that were fired before synapses changed, the store no longer
/// knows what they bring.
pub(in crate::simulation) struct UnderWay {
    /// When synapses last changed.
    since: Step,
    /// When each is due, in the order of arrival: numbers of windows.
    pairs: Vec<(u64, RowPair)>,
}

impl UnderWay {
    /// Nothing, at time 0.
    pub(in crate::simulation) fn none() -> UnderWay {
        UnderWay {
            since: Step(0),
            pairs: Vec::new(),
        }
    }
}

impl Delivery {
    /// Takes note of new chunks. What is under way reaches those of its synapses that survive.
    fn rewire(&mut self, plan: &Plan, edits: &BTreeMap<u32, Edits>, now: Step) {
        let window = now.0 / WINDOW;
        let mut old = Vec::new();
        if window < self.calendar.now() {
            // A run that is cut within a window has taken it out of the calendar for its first step.
            let taken = &self.windows[(window - self.first_window) as usize];
            old.extend(taken.iter().map(|&pair| (window, pair)));
        }
        old.append(&mut self.calendar.entries());
        let mut pairs = Vec::with_capacity(old.len());
        for (due, pair) in old {
            match edits.get(&pair.chunk()) {
                None => pairs.push((due, pair)),
                Some(edits) => pair.pieces(edits, |piece| pairs.push((due, piece))),
            }
        }
        self.under_way = UnderWay { since: now, pairs };
        // Delays may have become longer.
        self.calendar = Delivery::calendar(plan);
        self.reset(now);
        self.enter_again(plan, &[]);
    }

    /// Enters what is under way again after a reset to a step that is not before the last change of synapses. `history`
    /// has all spikes since, and may have earlier ones, in order.
    pub(in crate::simulation) fn enter_again(&mut self, plan: &Plan, history: &[Spike]) {
        for &(due, pair) in &self.under_way.pairs {
            self.calendar.push(due, pair);
        }
        let later = history.partition_point(|spike| spike.step <= self.under_way.since);
        self.enter(plan, &history[later..]);
    }
}

impl Domain {
    /// Takes note of new chunks. From now on steps can be done again from this grid point only.
    pub(super) fn rewire(&mut self, plan: &Plan, machines: &[Machine], edits: &BTreeMap<u32, Edits>, now: Step) {
        self.delivery.rewire(plan, edits, now);
        for block in &mut self.blocks {
            block.keep(&machines[block.population.index()], now, 0);
        }
        self.plastic.iter_mut().for_each(Plastic::keep);
    }
}
