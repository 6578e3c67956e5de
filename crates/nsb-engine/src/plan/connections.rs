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
        // Blocks hold the projections onto their population in the order of the network.
        let before = self.projections[..projection.0 as usize].iter();
        let incoming = before.filter(|p| p.target == planned.target).count();
        let blocks: Vec<_> = self.blocks.iter().filter(|b| b.population == planned.target).collect();
        let mut row = Vec::new();
        for source in 0..self.populations[planned.source.index()].size {
            for block in &blocks {
                row.clear();
                block.incoming[incoming].row(source, &mut |delay_index, position, weight| {
                    row.push(PlannedConnection {
                        source,
                        target: block.first + position,
                        weight: f64::from(weight),
                        delay: planned.delays[delay_index],
                    });
                });
                row.sort_by(|a, b| {
                    let place = (a.target, a.delay).cmp(&(b.target, b.delay));
                    place.then(a.weight.total_cmp(&b.weight))
                });
                row.iter().copied().for_each(&mut *visit);
            }
        }
    }
}
