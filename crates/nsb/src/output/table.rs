//! What all formats write: spikes of the whole network in one order, and the names and units of recorded variables.

use nsb_engine::monitor::{Recording, Series};
use nsb_lang::Unit;

/// A spike: time in ms, number of the population, cell.
pub(super) type SpikeRow = (f64, u32, u32);

/// A connection: source, target, weight in the unit of the recording, delay in ms. Where weights change, a time will
/// stand before them.
pub(super) type ConnectionRow = (u32, u32, f64, f64);

/// Brings spikes, which come in pieces, into the order of time, then population, then cell; none twice.
pub(super) struct SpikeOrder {
    /// The population of each spike recording.
    populations: Vec<u32>,
    dt_ms: f64,
    /// Spikes that later ones may precede.
    held: Vec<SpikeRow>,
}

impl SpikeOrder {
    pub(super) fn new(recording: &Recording, dt_ms: f64) -> SpikeOrder {
        let number = |name: &str| recording.populations.iter().position(|p| p.name == name);
        let monitors = recording.spikes.iter();
        SpikeOrder {
            populations: monitors
                .map(|m| number(&m.population).unwrap_or_default() as u32)
                .collect(),
            dt_ms,
            held: Vec::new(),
        }
    }

    /// Adds a piece and gives what is certain to come before all that follows.
    pub(super) fn take(&mut self, recording: &Recording) -> Vec<SpikeRow> {
        for (monitor, &population) in recording.spikes.iter().zip(&self.populations) {
            let spikes = monitor.times_ms.iter().zip(&monitor.cells);
            self.held.extend(spikes.map(|(time, cell)| (*time, population, *cell)));
        }
        // A spike lies in the step before its grid point: those of the next piece come half a step later at least.
        let certain_ms = recording.simulated_ms - 0.5 * self.dt_ms;
        self.sort();
        let certain = self.held.partition_point(|row| row.0 < certain_ms);
        self.held.drain(..certain).collect()
    }

    /// The last spikes.
    pub(super) fn rest(&mut self) -> Vec<SpikeRow> {
        std::mem::take(&mut self.held)
    }

    fn sort(&mut self) {
        self.held
            .sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        // Several recordings may watch the same cell.
        self.held.dedup();
    }
}

/// `V (mV)`; the bare name for a pure number.
pub(super) fn column_title(series: &Series) -> String {
    with_unit(&series.variable, &series.unit)
}

pub(super) fn with_unit(name: &str, unit: &Unit) -> String {
    if unit.is_one() {
        name.to_owned()
    } else {
        format!("{name} ({unit})")
    }
}
