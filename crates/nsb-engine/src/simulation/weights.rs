//! Weights as they are now.

use xxhash_rust::xxh3::Xxh3;

use super::Simulation;
use super::plasticity::{self, Moved};
use crate::index::ProjectionId;
use crate::plan::PlannedConnection;

/// What the weights of a projection have done since the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightChanges {
    /// Whether any has risen.
    pub rose: bool,
    /// Whether any has fallen.
    pub fell: bool,
    /// Synapses whose weight is at the lower bound.
    pub at_lower_bound: u64,
    /// Synapses whose weight is at the upper bound.
    pub at_upper_bound: u64,
}

impl Simulation {
    /// Gives the connections of a projection with the weights that they have now, sorted by source, target, delay. What
    /// would happen at this very time has not happened yet.
    pub fn connections(&mut self, projection: ProjectionId, visit: &mut dyn FnMut(PlannedConnection)) {
        if self.plan.projections()[projection.0 as usize].plasticity().is_none() {
            return self.plan.connections(projection, visit);
        }
        let weights = self.weights(projection);
        self.plan.plastic_connections(projection, &weights, visit);
    }

    /// What the weights of a plastic projection have done; none of a static one.
    pub fn weight_changes(&mut self, projection: ProjectionId) -> Option<WeightChanges> {
        let plasticity = self.plan.projections()[projection.0 as usize].plasticity()?;
        let (low, high) = plasticity.bounds();
        let parts = self.domains.iter().flat_map(|domain| &domain.plastic);
        let parts = parts.filter(|part| part.projection() == projection);
        let moved = parts.map(plasticity::Plastic::moved).reduce(Moved::and)?;
        let mut changes = WeightChanges {
            rose: moved.rose,
            fell: moved.fell,
            at_lower_bound: 0,
            at_upper_bound: 0,
        };
        for weight in self.weights(projection).iter().flatten() {
            changes.at_lower_bound += u64::from(weight.abs() <= low);
            changes.at_upper_bound += u64::from(weight.abs() >= high);
        }
        Some(changes)
    }

    /// One number for all weights of projections whose rules change weights or whose synapses have come or gone: XXH3-64 in 16 hexadecimal digits over
    /// little-endian (projection index u32, source u32, target u32, delay in steps u32, bits of the weight as f64), in
    /// the order of [`Simulation::connections`]. None if there is no such projection.
    pub fn weight_hash(&mut self) -> Option<String> {
        let mut state: Option<Xxh3> = None;
        for projection in (0..self.plan.projections().len() as u32).map(ProjectionId) {
            let planned = self.plan.projections()[projection.0 as usize].plasticity();
            let learns = planned.is_some_and(crate::plan::PlannedPlasticity::changes_weights);
            if !learns && !self.rewirings.has_changed(projection) {
                continue;
            }
            let state = state.get_or_insert_with(Xxh3::new);
            self.connections(projection, &mut |connection| {
                let PlannedConnection {
                    source,
                    target,
                    weight,
                    delay,
                } = connection;
                for number in [projection.0, source, target, delay] {
                    state.update(&number.to_le_bytes());
                }
                state.update(&weight.to_bits().to_le_bytes());
            });
        }
        state.map(|state| format!("{:016x}", state.digest()))
    }

    /// For each domain the weights of a plastic projection, in the order of the store.
    fn weights(&mut self, projection: ProjectionId) -> Vec<Vec<f64>> {
        let now = self.now;
        let (plan, machines) = (&self.plan, &self.plastic);
        let parts = self.domains.iter_mut().flat_map(|domain| &mut domain.plastic);
        let parts = parts.filter(|part| part.projection() == projection);
        parts
            .map(|part| part.weights(plan, &machines[part.index()], now))
            .collect()
    }
}
