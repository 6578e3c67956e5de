//! Recording: what monitors have seen, gathered between epochs by one thread.

mod rates;
mod recording;
mod spikes;
mod variables;
mod weights;

pub use recording::{
    PopulationCount, RateRecording, Recording, RewardRecording, Series, SpikeRecording, VariableRecording,
    WeightRecording,
};

pub(crate) use rates::RateRecorder;
pub(crate) use spikes::SpikeRecorder;
pub(crate) use variables::VariableRecorder;
pub(crate) use weights::{Snapshot, Snapshots, WeightRecorder, snapshots};
