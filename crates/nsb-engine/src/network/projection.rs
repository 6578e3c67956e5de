//! Spike-driven connections between populations.

use super::{CellSet, Connector, PairValue, Plasticity};

/// Spike-driven connections from one population to a receptor of another.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Unique name.
    pub name: String,
    /// The population whose spikes are sent.
    pub source: String,
    /// Those of its cells that take part. The connector, its lists and functions of the pair see them as a population of
    /// their own, numbered from 0.
    pub source_cells: CellSet,
    /// The population that receives.
    pub target: String,
    /// Those of its cells that take part, in the same way.
    pub target_cells: CellSet,
    /// The receptor of the target population.
    pub receptor: String,
    /// Which cells are connected.
    pub connector: Connector,
    /// Strength, in the unit of the receptor's weight. May be left out if the connector lists weights.
    pub weight: Option<PairValue>,
    /// Total delay from spike to arrival, at least one step and rounded to whole steps. May be left out if the connector lists delays.
    pub delay: Option<PairValue>,
    /// How the synapses change.
    pub plasticity: Plasticity,
}
