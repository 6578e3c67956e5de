//! What a domain brings along: rows that are under way, and a state from which steps can be done again.

use std::collections::BTreeMap;

use super::super::block::Machine;
use super::super::calendar::Calendar;
use super::super::domain::Domain;
use super::super::plasticity::Plastic;
use crate::index::Step;
use crate::plan::{Edits, Plan, Row};

/// Rows that were under way when synapses last changed.
///
/// Steps are done again with spikes of the past. Of those that were fired before synapses changed, the store no longer
/// knows what they bring.
pub(in crate::simulation) struct UnderWay {
    /// When synapses last changed.
    pub(in crate::simulation) since: Step,
    /// When each is due, in the order of arrival.
    rows: Vec<(Step, Row)>,
}

impl UnderWay {
    /// None, at time 0.
    pub(in crate::simulation) fn none() -> UnderWay {
        UnderWay {
            since: Step(0),
            rows: Vec::new(),
        }
    }

    /// Enters them.
    pub(in crate::simulation) fn enter(&self, calendar: &mut Calendar<Row>) {
        self.rows.iter().for_each(|&(due, row)| calendar.push(due, row));
    }
}

impl Domain {
    /// Takes note of new chunks. From now on steps can be done again from this grid point only.
    pub(super) fn rewire(&mut self, plan: &Plan, machines: &[Machine], edits: &BTreeMap<u32, Edits>, now: Step) {
        let mut rows = Vec::new();
        for (due, row) in self.calendar.entries() {
            match edits.get(&row.chunk()) {
                None => rows.push((due, row)),
                Some(edits) => row.pieces(edits, |piece| rows.push((due, piece))),
            }
        }
        self.under_way = UnderWay { since: now, rows };
        // Delays may have become longer.
        self.calendar = Calendar::new(plan.longest_delay(), plan.epoch_steps());
        self.calendar.reset(now);
        self.under_way.enter(&mut self.calendar);
        for block in &mut self.blocks {
            block.keep(&machines[block.population.index()], now, 0);
        }
        self.plastic.iter_mut().for_each(Plastic::keep);
    }
}
