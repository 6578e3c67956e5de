//! Spike trains: the spikes of each recorded cell in the order of time, silent cells included.

use nsb_engine::network::{CellSet, Monitor, Network, Population};
use nsb_engine::{Recording, SpikeRecording};

/// Spike trains of some cells over one period that begins at 0.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trains {
    /// End of the period, ms.
    pub duration_ms: f64,
    /// Spike times of each cell, ms, ascending.
    pub times_ms: Vec<Vec<f64>>,
}

impl Trains {
    /// Trains, sorted here.
    pub fn new(duration_ms: f64, mut times_ms: Vec<Vec<f64>>) -> Trains {
        times_ms.iter_mut().for_each(|train| train.sort_by(f64::total_cmp));
        Trains { duration_ms, times_ms }
    }

    /// Number of cells, silent ones included.
    pub fn n_cells(&self) -> usize {
        self.times_ms.len()
    }

    /// Spikes of all cells.
    pub fn n_spikes(&self) -> usize {
        self.times_ms.iter().map(Vec::len).sum()
    }
}

/// The trains of every population that a spike monitor watches, in the order of the network. Cells that several
/// monitors watch count once.
pub fn of_recording(network: &Network, recording: &Recording) -> Vec<(String, Trains)> {
    let mut all = Vec::new();
    for population in &network.populations {
        let recordings: Vec<&SpikeRecording> = recording
            .spikes
            .iter()
            .filter(|r| r.population == population.name)
            .collect();
        let mut watched = vec![false; population.size];
        for recording in &recordings {
            mark_watched(network, recording, &mut watched);
        }
        // Of several monitors that watch a cell, the first gives its spikes.
        let mut trains: Vec<Vec<f64>> = vec![Vec::new(); population.size];
        for recording in &recordings {
            let mut fresh: Vec<Vec<f64>> = vec![Vec::new(); population.size];
            for (time, cell) in recording.times_ms.iter().zip(&recording.cells) {
                if let Some(train) = fresh.get_mut(*cell as usize) {
                    train.push(*time);
                }
            }
            for (train, fresh) in trains.iter_mut().zip(fresh) {
                if train.is_empty() {
                    *train = fresh;
                }
            }
        }
        if watched.contains(&true) {
            let kept = trains.into_iter().zip(&watched).filter(|(_, watched)| **watched);
            all.push((
                population.name.clone(),
                Trains::new(recording.simulated_ms, kept.map(|(train, _)| train).collect()),
            ));
        }
    }
    all
}

/// Which cells of a population spike monitors watch, by their description.
pub(crate) fn watched(network: &Network, population: &Population) -> Vec<bool> {
    let mut watched = vec![false; population.size];
    for monitor in &network.monitors {
        if let Monitor::Spikes {
            population: name,
            cells,
            ..
        } = monitor
            && *name == population.name
        {
            mark_described(Some(cells), &mut watched);
        }
    }
    watched
}

/// Marks the cells of a monitor. A cell that fired was watched whatever the description says.
fn mark_watched(network: &Network, recording: &SpikeRecording, watched: &mut [bool]) {
    let described = network.monitors.iter().find_map(|monitor| match monitor {
        Monitor::Spikes { name, cells, .. } if *name == recording.monitor => Some(cells),
        _ => None,
    });
    mark_described(described, watched);
    recording.cells.iter().for_each(|&cell| mark(watched, cell as usize));
}

fn mark_described(cells: Option<&CellSet>, watched: &mut [bool]) {
    match cells {
        Some(CellSet::Range(start, end)) => (*start..*end).for_each(|cell| mark(watched, cell)),
        Some(CellSet::List(cells)) => cells.iter().for_each(|&cell| mark(watched, cell)),
        Some(CellSet::All) | None => watched.fill(true),
    }
}

fn mark(watched: &mut [bool], cell: usize) {
    if let Some(watched) = watched.get_mut(cell) {
        *watched = true;
    }
}
