//! Draws the figures and the report of a run folder again: after a run without figures, after a change of the data by
//! hand, or with a newer version of the program.
//!
//! The project says what was recorded: its plan is built, and gives names and units. Numbers of the run come from
//! `summary.json`, data from the archives. Data, project and summary are left as they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use nsb_engine::Simulation;

use super::RunFolder;
use super::npy_read::unreadable;
use crate::error::Error;
use crate::project::{Overrides, Project};
use crate::run::{Run, RunOptions};
use crate::summary::Summary;
use crate::weights;

/// Draws figures and report of a run folder again and returns the files.
pub fn redraw(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let summary = summary(folder)?;
    let project_path = folder.join("project.toml");
    let project = Project::open(&project_path.to_string_lossy(), &Overrides::default())?;
    let plan = project.plan(&RunOptions::default())?;
    let warnings = project.all_warnings(&plan);
    let weight_bounds = weights::bounds(&plan);
    let methods = plan.populations().iter().map(|p| p.method()).collect();
    let mut recording = Simulation::new(plan)?.into_recording();
    recording.simulated_ms = summary.sim_ms;
    recording.spike_hash.clone_from(&summary.spike_hash);
    for (counted, kept) in recording.populations.iter_mut().zip(&summary.populations) {
        counted.spikes = kept.spikes;
    }
    recording.clear();
    let run = Run {
        interrupted: summary.interrupted,
        summary,
        recording,
        methods,
        warnings,
        weight_bounds,
        written: Vec::new(),
        connections: Vec::new(),
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
