//! Recording: what monitors have seen, gathered between epochs by one thread.

mod rates;
mod recording;
mod spikes;
mod variables;

pub use recording::{
    PopulationCount, RateRecording, Recording, Series, SpikeRecording, VariableRecording, WeightRecording,
};

pub(crate) use rates::RateRecorder;
pub(crate) use spikes::SpikeRecorder;
pub(crate) use variables::VariableRecorder;

use crate::plan::{MonitorKind, Plan};

/// What monitors of weights watch.
pub(crate) fn weights(plan: &Plan) -> Vec<WeightRecording> {
    let watched = plan.monitors().iter().filter_map(|monitor| match monitor.kind() {
        MonitorKind::Weights { projection, unit } => Some(WeightRecording {
            monitor: monitor.name().to_owned(),
            projection: plan.projections()[projection.0 as usize].name().to_owned(),
            id: *projection,
            unit: unit.clone(),
        }),
        _ => None,
    });
    watched.collect()
}
