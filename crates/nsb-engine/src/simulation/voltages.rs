//! The potentials at the beginning of an epoch, of populations with gap junctions.

use std::sync::RwLockReadGuard;

use super::domain::Outbox;
use crate::index::PopulationId;
use crate::plan::Plan;

/// Each domain has its own copy, which nobody else writes.
pub(super) struct Voltages(Vec<Vec<f64>>);

impl Voltages {
    pub(super) fn new(plan: &Plan) -> Voltages {
        let of_population = |population: &crate::plan::PlannedPopulation| {
            vec![0.0; population.coupling().map_or(0, |_| population.size())]
        };
        Voltages(plan.populations().iter().map(of_population).collect())
    }

    /// The potential of a cell, mV.
    pub(super) fn of(&self, population: PopulationId, cell: u32) -> f64 {
        self.0[population.index()][cell as usize]
    }

    /// Takes over what all domains say.
    pub(super) fn take_in(&mut self, plan: &Plan, outboxes: &[RwLockReadGuard<'_, Outbox>]) {
        for (domain, outbox) in plan.domains().iter().zip(outboxes) {
            for (&block, voltages) in domain.blocks.iter().zip(&outbox.voltages) {
                let block = &plan.blocks()[block];
                if !voltages.is_empty() {
                    let begin = block.first as usize;
                    self.0[block.population.index()][begin..begin + voltages.len()].copy_from_slice(voltages);
                }
            }
        }
    }
}
