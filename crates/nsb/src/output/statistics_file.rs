//! `statistics.json`: what the spikes of each population say; measures that need more spikes are `null`.

use std::path::Path;

use nsb_engine::monitor::Recording;

use super::run_data::{self, SpikeData};
use super::{OutputFile, Sink};
use crate::error::Error;
use crate::project::Project;
use crate::statistics::{PopulationSpikes, Statistics, Trains, chi_of_rows, trains, voltage_of_most_cells};

pub(super) fn file(statistics: &Statistics) -> OutputFile<'static> {
    let text = format!("{:#}\n", statistics.to_json());
    OutputFile {
        name: "statistics.json".to_owned(),
        write: Box::new(move |sink: &mut dyn Sink| sink.write_all(text.as_bytes())),
    }
}

/// Statistics of the data of a run folder.
pub(super) fn measure(
    project: &Project,
    folder: &Path,
    recording: &Recording,
    spikes: &SpikeData,
) -> Result<Statistics, Error> {
    let from_ms = spikes.period_ms.start;
    let mut all = Vec::new();
    for population in &project.network.populations {
        let Some(number) = recording.populations.iter().position(|p| p.name == population.name) else {
            continue;
        };
        let mut watched = trains::watched(&project.network, population);
        let counts = &spikes.counts[number];
        watched
            .iter_mut()
            .zip(counts)
            .for_each(|(watched, n)| *watched |= *n > 0);
        if !watched.contains(&true) {
            continue;
        }
        let mut times_ms = vec![Vec::new(); population.size];
        for (time_ms, _, cell) in spikes.last.iter().filter(|row| row.1 as usize == number) {
            times_ms[*cell as usize].push(time_ms - from_ms);
        }
        let kept = |n: usize| watched[n];
        let times_ms = times_ms.into_iter().enumerate().filter(|(n, _)| kept(*n));
        let counts = counts.iter().enumerate().filter(|(n, _)| kept(*n));
        let chi_voltage = match voltage_of_most_cells(&population.name, recording) {
            None => None,
            Some((variables, series)) => chi_of_rows(variables.cells.len(), |visit| {
                run_data::rows(folder, variables, series, &mut |_, _, row| visit(row))
            })?,
        };
        all.push(PopulationSpikes {
            name: population.name.clone(),
            trains: Trains::new(
                spikes.period_ms.end - from_ms,
                times_ms.map(|(_, train)| train).collect(),
            ),
            counts: counts.map(|(_, n)| *n).collect(),
            chi_voltage,
        });
    }
    Ok(Statistics::of_spikes(
        recording.simulated_ms,
        spikes.period_ms.clone(),
        all,
    ))
}
