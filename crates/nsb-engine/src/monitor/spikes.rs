//! Spike monitors and spike counts.

use super::rates::selected;
use super::{PopulationCount, SpikeRecording};
use crate::index::PopulationId;
use crate::plan::{MonitorKind, Plan};
use crate::simulation::Spike;

/// Sorts spikes into the recordings of those who watch.
pub(crate) struct SpikeRecorder {
    watchers: Vec<Watcher>,
}

struct Watcher {
    population: PopulationId,
    /// Whether each cell is watched; `None` if all are.
    selected: Option<Vec<bool>>,
}

impl SpikeRecorder {
    /// The recorder, and what it writes: an empty recording per monitor and a count per population.
    pub(crate) fn new(plan: &Plan) -> (SpikeRecorder, Vec<SpikeRecording>, Vec<PopulationCount>) {
        let (mut watchers, mut recordings) = (Vec::new(), Vec::new());
        for monitor in plan
            .monitors()
            .iter()
            .filter(|monitor| matches!(monitor.kind(), MonitorKind::Spikes))
        {
            let population = &plan.populations()[monitor.population().index()];
            watchers.push(Watcher {
                population: monitor.population(),
                selected: selected(monitor, population.size()),
            });
            recordings.push(SpikeRecording {
                monitor: monitor.name().to_owned(),
                population: population.name().to_owned(),
                population_size: population.size(),
                times_ms: Vec::new(),
                cells: Vec::new(),
            });
        }
        let count = |p: &crate::plan::PlannedPopulation| PopulationCount {
            name: p.name().to_owned(),
            size: p.size(),
            spikes: 0,
        };
        (
            SpikeRecorder { watchers },
            recordings,
            plan.populations().iter().map(count).collect(),
        )
    }

    /// Adds spikes, sorted by (step, population, cell).
    pub(crate) fn add(&self, spikes: &[Spike], recordings: &mut [SpikeRecording], counts: &mut [PopulationCount]) {
        for spike in spikes {
            counts[spike.population.index()].spikes += 1;
            for (watcher, recording) in self.watchers.iter().zip(recordings.iter_mut()) {
                let selected = || {
                    watcher
                        .selected
                        .as_ref()
                        .is_none_or(|selected| selected[spike.cell.index()])
                };
                if watcher.population == spike.population && selected() {
                    recording.times_ms.push(spike.time_ms);
                    recording.cells.push(spike.cell.0);
                }
            }
        }
    }
}
