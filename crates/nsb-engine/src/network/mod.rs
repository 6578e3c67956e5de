//! What the user says: plain, cloneable data. Nothing here computes; [`plan`](crate::plan) checks it.

mod cells;
pub(crate) mod connector;
mod course;
mod distribution;
mod frames;
mod gap_junction;
mod monitor;
mod pair_value;
mod plasticity;
mod population;
mod projection;
pub(crate) mod repeating_pattern;
mod reward;
mod rewiring;
mod spike_source;
mod stimulus;
mod voltage_clamp;

pub use cells::CellSet;
pub(crate) use cells::Slice;
pub use connector::{Connection, Connector, PairPredicate};
pub use course::Course;
pub use distribution::{Distribution, Outside, Shape};
pub use frames::Frames;
pub use gap_junction::GapJunctions;
pub use monitor::Monitor;
pub use pair_value::{PairFunction, PairValue};
pub use plasticity::{Learning, Normalisation, Plasticity, SynapseRule};
pub use population::{Population, Receptor, SpikeTiming, Value};
pub use projection::Projection;
pub use repeating_pattern::RepeatingPattern;
pub use reward::{CellGroup, Cues, Reward, RewardCondition, RewardDelay};
pub use rewiring::{Deletion, Insertion, Rewiring};
pub use spike_source::{Rate, SourceSpikes, SpikeSource};
pub use stimulus::{Stimulus, Waveform};
pub use voltage_clamp::VoltageClamp;

/// A whole network. References are by name; the plan resolves them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Network {
    /// Groups of cells of one model.
    pub populations: Vec<Population>,
    /// Spike-driven connections between populations.
    pub projections: Vec<Projection>,
    /// Electrical connections between populations or within them.
    pub gap_junctions: Vec<GapJunctions>,
    /// Currents from outside.
    pub stimuli: Vec<Stimulus>,
    /// Potentials held from outside.
    pub voltage_clamps: Vec<VoltageClamp>,
    /// Spikes from outside.
    pub spike_sources: Vec<SpikeSource>,
    /// What plastic synapses get for what the network does.
    pub rewards: Vec<Reward>,
    /// What to record.
    pub monitors: Vec<Monitor>,
}
