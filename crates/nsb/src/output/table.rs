//! What all formats write: spikes of the whole network, and the names and units of recorded variables.

use nsb_engine::monitor::{Recording, Series};

/// Spikes of all populations in the order of time, then population, then cell; none twice.
#[derive(Debug, Default)]
pub(super) struct SpikeTable {
    /// Names of the populations; `population` counts in it.
    pub(super) names: Vec<String>,
    pub(super) times_ms: Vec<f64>,
    pub(super) population: Vec<u32>,
    pub(super) cells: Vec<u32>,
}

impl SpikeTable {
    pub(super) fn new(recording: &Recording) -> SpikeTable {
        let names: Vec<String> = recording.populations.iter().map(|p| p.name.clone()).collect();
        let mut rows: Vec<(f64, u32, u32)> = Vec::new();
        for monitor in &recording.spikes {
            let population = names.iter().position(|n| *n == monitor.population).unwrap_or_default() as u32;
            rows.extend(
                monitor
                    .times_ms
                    .iter()
                    .zip(&monitor.cells)
                    .map(|(time, cell)| (*time, population, *cell)),
            );
        }
        rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        // Several recordings may watch the same cell.
        rows.dedup();
        let mut table = SpikeTable {
            names,
            ..SpikeTable::default()
        };
        for (time, population, cell) in rows {
            table.times_ms.push(time);
            table.population.push(population);
            table.cells.push(cell);
        }
        table
    }
}

/// `V (mV)`; the bare name for a pure number.
pub(super) fn column_title(series: &Series) -> String {
    if series.unit.is_one() {
        series.variable.clone()
    } else {
        format!("{} ({})", series.variable, series.unit)
    }
}
