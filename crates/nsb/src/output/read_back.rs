//! Reads a run folder back and draws its figures and report again: after a run without figures, after a change of the
//! data by hand, or with a newer version of the program.
//!
//! The project says what was recorded: its plan is built, and its empty recording is filled from `spikes.npz` and
//! `traces.npz`. Numbers of the run come from `summary.json`. Data, project and summary are left as they are.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use ndarray::{Array1, Array2};
use ndarray_npy::NpzReader;
use nsb_engine::Simulation;
use nsb_engine::monitor::Recording;

use super::RunFolder;
use crate::error::Error;
use crate::project::{Overrides, Project};
use crate::run::{Run, RunOptions};
use crate::summary::Summary;

type Archive = NpzReader<File>;

/// Draws figures and report of a run folder again and returns the files.
pub fn redraw(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let summary = summary(folder)?;
    let project_path = folder.join("project.toml");
    let project = Project::open(&project_path.to_string_lossy(), &Overrides::default())?;
    let plan = project.plan(&RunOptions::default())?;
    let warnings = project.all_warnings(&plan);
    let methods = plan.populations().iter().map(|p| p.method()).collect();
    let mut recording = Simulation::new(plan)?.into_recording();
    recording.simulated_ms = summary.sim_ms;
    recording.spike_hash.clone_from(&summary.spike_hash);
    for (counted, kept) in recording.populations.iter_mut().zip(&summary.populations) {
        counted.spikes = kept.spikes;
    }
    read_spikes(folder, &mut recording)?;
    if !recording.variables.is_empty() {
        read_traces(folder, &mut recording)?;
    }
    let run = Run {
        interrupted: summary.interrupted,
        summary,
        recording,
        methods,
        warnings,
        opened: Instant::now(),
    };
    RunFolder::existing(folder).rewrite(&project, &run)
}

fn summary(folder: &Path) -> Result<Summary, Error> {
    let shown = folder.display().to_string();
    let whole = "`nsb run` leaves such folders; summary.json comes last, so a run that was cut off has none";
    if !folder.is_dir() {
        let message = if folder.exists() {
            format!("`{shown}` is a file")
        } else {
            format!("there is no folder `{shown}`")
        };
        return Err(Error::about(
            "E0531",
            &shown,
            message,
            "name a run folder, such as runs/level1-1",
        ));
    }
    let path = folder.join("summary.json");
    for name in ["project.toml", "spikes.npz", "summary.json"] {
        if !folder.join(name).is_file() {
            let message = format!("`{shown}` is no complete run folder: it has no {name}");
            return Err(Error::about("E0531", &shown, message, whole));
        }
    }
    let text = fs::read_to_string(&path).map_err(|reason| unreadable(&path, &reason))?;
    let value = serde_json::from_str(&text).map_err(|reason| unreadable(&path, &reason))?;
    Summary::from_json(&value).ok_or_else(|| {
        let hint = "folders of `nsb fi` and `nsb phase` are drawn again by those commands";
        Error::about("E0531", &shown, format!("`{shown}` was not left by `nsb run`"), hint)
    })
}

fn read_spikes(folder: &Path, recording: &mut Recording) -> Result<(), Error> {
    let path = folder.join("spikes.npz");
    let mut archive = open(&path)?;
    let times_ms: Vec<f64> = list(&mut archive, &path, "time_ms")?;
    let populations: Vec<u32> = list(&mut archive, &path, "population")?;
    let cells: Vec<u32> = list(&mut archive, &path, "cell")?;
    if times_ms.len() != populations.len() || times_ms.len() != cells.len() {
        return Err(unreadable(&path, &"its arrays have different lengths"));
    }
    for monitor in &mut recording.spikes {
        monitor.times_ms.clear();
        monitor.cells.clear();
    }
    for ((time, population), cell) in times_ms.into_iter().zip(populations).zip(cells) {
        let Some(of) = recording.populations.get(population as usize) else {
            return Err(unreadable(
                &path,
                &format!("the project has no population {population}"),
            ));
        };
        if cell as usize >= of.size {
            return Err(unreadable(&path, &format!("`{}` has no cell {cell}", of.name)));
        }
        // Which of several monitors saw it does not matter to any figure.
        if let Some(monitor) = recording
            .spikes
            .iter_mut()
            .find(|monitor| monitor.population == of.name)
        {
            monitor.times_ms.push(time);
            monitor.cells.push(cell);
        }
    }
    Ok(())
}

fn read_traces(folder: &Path, recording: &mut Recording) -> Result<(), Error> {
    let path = folder.join("traces.npz");
    let mut archive = open(&path)?;
    for variables in &mut recording.variables {
        let name = &variables.monitor;
        variables.times_ms = list(&mut archive, &path, &format!("{name}.time_ms"))?;
        variables.cells = list(&mut archive, &path, &format!("{name}.cells"))?;
        for series in &mut variables.series {
            let array = format!("{name}.{}", series.variable);
            let values: Array2<f64> = archive
                .by_name(&array)
                .map_err(|reason| missing(&path, &array, &reason))?;
            if values.dim() != (variables.times_ms.len(), variables.cells.len()) {
                return Err(unreadable(
                    &path,
                    &format!("`{array}` does not fit its times and cells"),
                ));
            }
            series.values = values.iter().map(|value| series.unit.to_engine(*value)).collect();
        }
    }
    Ok(())
}

fn open(path: &Path) -> Result<Archive, Error> {
    let file = File::open(path).map_err(|reason| unreadable(path, &reason))?;
    NpzReader::new(file).map_err(|reason| unreadable(path, &reason))
}

fn list<T: Clone + ndarray_npy::ReadableElement>(
    archive: &mut Archive,
    path: &Path,
    name: &str,
) -> Result<Vec<T>, Error> {
    let array: Array1<T> = archive.by_name(name).map_err(|reason| missing(path, name, &reason))?;
    Ok(array.to_vec())
}

fn missing(path: &Path, array: &str, reason: &dyn std::fmt::Display) -> Error {
    unreadable(path, &format!("array `{array}`: {reason}"))
}

fn unreadable(path: &Path, reason: &dyn std::fmt::Display) -> Error {
    let name = path.display().to_string();
    let message = format!("`{name}` cannot be read: {reason}");
    Error::about("E0531", &name, message, "run the project again: nsb run project.toml")
}
