//! The connections of a projection, read out of the store of synapses.

use super::{Plan, PlasticSynapses};
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

impl PlannedConnection {
    /// The delay in ms for a step of `dt_ms`, without the noise of the last digits.
    pub fn delay_ms(&self, dt_ms: f64) -> f64 {
        super::checker::without_noise(Step(u64::from(self.delay)).time_ms(dt_ms))
    }
}

impl Plan {
    /// Gives the connections of a projection as they are at the beginning, sorted by source, target, delay, weight.
    pub fn connections(&self, projection: ProjectionId, visit: &mut dyn FnMut(PlannedConnection)) {
        let planned = &self.projections[projection.0 as usize];
        if planned.plasticity.is_some() {
            let initial = |store: &PlasticSynapses| {
                let sizes = store.initial().into_iter();
                sizes.map(|size| store.sign() * size).collect()
            };
            let weights: Vec<Vec<f64>> = self.plastic_of(projection).map(initial).collect();
            return self.plastic_connections(projection, &weights, visit);
        }
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

    /// The stores of a plastic projection, one for each domain.
    pub(crate) fn plastic_of(&self, projection: ProjectionId) -> impl Iterator<Item = &PlasticSynapses> {
        let stores = self.plastic.iter().flatten();
        stores.filter(move |store| store.projection() == projection)
    }

    /// Where the connections of a plastic projection are, in their order: sorted by source, target, delay, and then as
    /// they were sorted by weight at the beginning. For each, the domain and the position in its store.
    pub(crate) fn plastic_order(&self, projection: ProjectionId) -> Vec<(u32, u32)> {
        let mut order = Vec::new();
        self.plastic_places(projection, &mut |_, _, domain, position| {
            order.push((domain, position as u32))
        });
        order
    }

    /// Gives the connections of a plastic projection with the weights that they have now: for each domain a list in
    /// the order of its store.
    pub(crate) fn plastic_connections(
        &self,
        projection: ProjectionId,
        weights: &[Vec<f64>],
        visit: &mut dyn FnMut(PlannedConnection),
    ) {
        let stores: Vec<&PlasticSynapses> = self.plastic_of(projection).collect();
        self.plastic_places(projection, &mut |source, delay, domain, position| {
            let store = stores[domain as usize];
            visit(PlannedConnection {
                source,
                target: store.cells().cell(u32::from(store.targets()[position])),
                weight: weights[domain as usize][position],
                delay,
            });
        });
    }

    /// Gives source, delay, domain and position of each connection, in order.
    fn plastic_places(&self, projection: ProjectionId, visit: &mut dyn FnMut(u32, u32, u32, usize)) {
        let source_population = self.projections[projection.0 as usize].source;
        let mut row = Vec::new();
        for source in 0..self.populations[source_population.index()].size {
            for (domain, store) in (0u32..).zip(self.plastic_of(projection)) {
                for (delay, synapses) in store.rows_of(source).map(|(delay, row)| (delay, store.row(row))) {
                    row.extend(synapses.map(|position| {
                        let target = store.cells().cell(u32::from(store.targets()[position]));
                        (target, delay, domain, position)
                    }));
                }
            }
            row.sort_by_key(|&(target, delay, ..)| (target, delay));
            for (_, delay, domain, position) in row.drain(..) {
                visit(source, delay, domain, position);
            }
        }
    }
}
