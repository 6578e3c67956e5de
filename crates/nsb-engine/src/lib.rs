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
    CellGroup, CellSet, Connection, Connector, Course, Cues, Distribution, GapJunctions, Learning, Monitor, Network,
    Outside, PairFunction, PairPredicate, PairValue, Plasticity, Population, Projection, Rate, Receptor, Reward,
    RewardCondition, RewardDelay, Shape, SourceSpikes, SpikeSource, Stimulus, SynapseRule, Value, VoltageClamp,
    Waveform,
};
pub use plan::{
    Forecast, Plan, PlanError, PlanErrors, PlanWarning, PlannedConnection, PlannedPlasticity, PlannedReward,
    PlannedRule, Precision, Settings,
};
pub use simulation::{Observer, Outcome, Progress, Simulation, SimulationError, WeightChanges};
