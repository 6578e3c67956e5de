//! The connections of a projection, read out of the store of synapses.

use super::Plan;
use crate::index::{ProjectionId, Step};

/// One connection of a projection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlannedConnection {
    /// Cell of the source population.
    pub source: u32,
    /// Cell of the target population.
    pub target: u32,
    /// Weight, engine units of the receptor's weight.
    pub weight: f64,
    /// Delay, steps.
    pub delay: u32,
}

impl Plan {
    /// A delay in ms, without the noise of the last digits.
    pub fn delay_ms(&self, steps: u32) -> f64 {
        super::checker::without_noise(Step(u64::from(steps)).time_ms(self.settings.dt_ms))
    }

    /// Gives the connections of a projection, sorted by source, target, delay, weight.
    pub fn connections(&self, projection: ProjectionId, visit: &mut dyn FnMut(PlannedConnection)) {
        let planned = &self.projections[projection.0 as usize];
        let pieces = &self.layout.pieces[planned.target.index()];
        let mut row = Vec::new();
        for source in 0..self.populations[planned.source.index()].size {
            for (domain, synapses) in self.synapses.iter().enumerate() {
                synapses.row((planned.source, planned.bundle), source, |delay, slot, weight| {
                    // Other projections may share the bundle, but not the slots.
                    let target = pieces.iter().find_map(|piece| {
                        let offset = u32::from(slot).checked_sub(piece.slots[planned.receptor_index as usize])?;
                        (piece.domain as usize == domain && offset < piece.len).then_some(piece.first + offset)
                    });
                    row.extend(target.map(|target| PlannedConnection {
                        source,
                        target,
                        weight: f64::from(weight),
                        delay,
                    }));
                });
            }
            row.sort_by(|a, b| {
                let place = (a.target, a.delay).cmp(&(b.target, b.delay));
                place.then(a.weight.total_cmp(&b.weight))
            });
            row.drain(..).for_each(&mut *visit);
        }
    }
}
