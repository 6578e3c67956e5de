//! Changes of who is connected to whom, while a network runs.

use crate::index::ProjectionId;

/// A batch of changes: synapses that die, and synapses that are born. It takes effect as a whole or not at all, and the
/// order of its entries does not matter: deletions come first, whatever is inserted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rewiring {
    /// Synapses to be removed.
    pub deletions: Vec<Deletion>,
    /// Synapses to be added. A pair of cells may have several.
    pub insertions: Vec<Insertion>,
}

/// A synapse to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deletion {
    /// The projection.
    pub projection: ProjectionId,
    /// Cell of the source population.
    pub source: u32,
    /// Cell of the target population.
    pub target: u32,
    /// Which of the synapses of this pair, counted from 0 as [`Simulation::connections`](crate::Simulation::connections)
    /// gives them before the batch.
    pub number: u32,
}

/// A synapse to be added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Insertion {
    /// The projection.
    pub projection: ProjectionId,
    /// Cell of the source population.
    pub source: u32,
    /// Cell of the target population.
    pub target: u32,
    /// Weight, engine units of the receptor's weight; kept in 32 bits, or as the weights of the projection are.
    pub weight: f64,
    /// Delay, ms: whole steps, and no shorter than [`Plan::shortest_new_delay_ms`](crate::Plan::shortest_new_delay_ms).
    pub delay_ms: f64,
}
