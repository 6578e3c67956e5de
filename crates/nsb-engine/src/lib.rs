//! Networks in time: [`network`] says what there is, [`plan`] checks it and lays it out, [`simulation`] runs it.
//!
//! Reads no file, prints nothing, holds no global state. Results are bit-identical for any number of threads and any
//! vector width; `simulation/epoch.rs` says why.

pub mod index;
pub mod monitor;
pub mod network;
mod pages;
pub mod plan;
mod prefetch;
pub mod random;
pub mod simulation;

pub use index::{CellId, PopulationId, ProjectionId, Step};
pub use monitor::{
    PopulationCount, RateRecording, Recording, RewardRecording, Series, SpikeRecording, VariableRecording,
    WeightRecording,
};
pub use network::{
    CellGroup, CellSet, Connection, Connector, Course, Cues, Deletion, Distribution, Frames, GapJunctions, Insertion,
    Learning, Monitor, Network, Normalisation, Outside, PairFunction, PairPredicate, PairValue, Plasticity, Population,
    Projection, Rate, Receptor, RepeatingPattern, Reward, RewardCondition, RewardDelay, Rewiring, Shape, SourceSpikes,
    SpikeSource, Stimulus, SynapseRule, Value, VoltageClamp, Waveform,
};
pub use plan::{
    Forecast, Plan, PlanError, PlanErrors, PlanWarning, PlannedConnection, PlannedPlasticity, PlannedReward,
    PlannedRule, Precision, RewireError, Settings, SynapseChange,
};
pub use simulation::{Observer, Outcome, Progress, Rewired, Simulation, SimulationError, WeightChanges};
