//! Monitors of rates: spikes counted in bins of whole steps.

use super::RateRecording;
use crate::index::{PopulationId, Step};
use crate::plan::{MonitorKind, Plan, PlannedMonitor};
use crate::simulation::Spike;

/// Counts spikes into the recordings of those who watch.
pub(crate) struct RateRecorder {
    bins: Vec<Bin>,
}

/// The bin that is being filled.
struct Bin {
    population: PopulationId,
    /// Whether each cell is watched; `None` if all are.
    selected: Option<Vec<bool>>,
    /// Steps.
    width: u64,
    /// The grid point at its end, whose spikes still belong to it.
    end: u64,
    spikes: u64,
}

impl RateRecorder {
    /// The recorder, and what it writes: an empty recording per monitor.
    pub(crate) fn new(plan: &Plan) -> (RateRecorder, Vec<RateRecording>) {
        let (mut bins, mut recordings) = (Vec::new(), Vec::new());
        for monitor in plan.monitors() {
            let MonitorKind::Rate { bin } = *monitor.kind() else {
                continue;
            };
            let population = &plan.populations()[monitor.population().index()];
            bins.push(Bin {
                population: monitor.population(),
                selected: selected(monitor, population.size()),
                width: bin,
                end: bin,
                spikes: 0,
            });
            recordings.push(RateRecording {
                monitor: monitor.name().to_owned(),
                population: population.name().to_owned(),
                n_cells: monitor.cells().len(),
                bin_ms: Step(bin).time_ms(plan.settings().dt_ms),
                times_ms: Vec::new(),
                rates_hz: Vec::new(),
            });
        }
        (RateRecorder { bins }, recordings)
    }

    /// Adds the spikes, sorted by step, of all steps up to `last`.
    pub(crate) fn add(&mut self, spikes: &[Spike], last: Step, dt_ms: f64, recordings: &mut [RateRecording]) {
        for (bin, recording) in self.bins.iter_mut().zip(recordings) {
            let population = bin.population;
            for spike in spikes.iter().filter(|spike| spike.population == population) {
                bin.end_before(spike.step.0, dt_ms, recording);
                let watched = bin.selected.as_ref().is_none_or(|s| s[spike.cell.index()]);
                bin.spikes += u64::from(watched);
            }
            bin.end_before(last.0 + 1, dt_ms, recording);
        }
    }
}

impl Bin {
    /// Closes the bins that end before a step.
    fn end_before(&mut self, step: u64, dt_ms: f64, recording: &mut RateRecording) {
        while self.end < step {
            let cell_seconds = recording.n_cells as f64 * recording.bin_ms / 1000.0;
            recording.times_ms.push(Step(self.end - self.width).time_ms(dt_ms));
            recording.rates_hz.push(self.spikes as f64 / cell_seconds);
            self.spikes = 0;
            self.end += self.width;
        }
    }
}

/// Whether each cell of a population is watched; `None` if all are.
pub(super) fn selected(monitor: &PlannedMonitor, size: usize) -> Option<Vec<bool>> {
    (monitor.cells().len() < size).then(|| {
        let mut selected = vec![false; size];
        monitor.cells().iter().for_each(|&cell| selected[cell as usize] = true);
        selected
    })
}
