//! Recording: what monitors have seen, gathered between epochs by one thread.

mod recording;
mod spikes;
mod variables;

pub use recording::{PopulationCount, Recording, Series, SpikeRecording, VariableRecording};

pub(crate) use spikes::SpikeRecorder;
pub(crate) use variables::VariableRecorder;
