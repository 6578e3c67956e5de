//! The folder of a run: chosen and created before the simulation, filled after it.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::part::Part;
use super::{
    ExtraFile, OutputFile, OutputOptions, Stream, extra_file, figures, project_file, report_file, run_data,
    statistics_file, summary_file,
};
use crate::error::Error;
use crate::plot::Figure;
use crate::project::Project;
use crate::run::Run;
use crate::statistics::Statistics;
use nsb_engine::PlannedConnection;

/// Where runs go if nothing is said.
const DEFAULT_PARENT: &str = "runs";

/// A new or empty folder for one run. If nothing is written into it, it is removed again.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Folders that `create` made, innermost first.
    made: Vec<PathBuf>,
}

impl RunFolder {
    /// Creates `out`, or `runs/NAME-N` with the first free N. An existing folder must be empty.
    pub fn create(out: Option<&Path>, name: &str) -> Result<RunFolder, Error> {
        match out {
            Some(path) => RunFolder::at(path),
            None => RunFolder::numbered(Path::new(DEFAULT_PARENT), name),
        }
    }

    fn at(path: &Path) -> Result<RunFolder, Error> {
        let shown = path.display().to_string();
        match fs::read_dir(path) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    let message = format!("the output folder `{shown}` exists and is not empty");
                    return Err(Error::about(
                        "E0530",
                        "--out",
                        message,
                        "choose a new folder, or empty this one; nothing was written",
                    ));
                }
                let folder = RunFolder {
                    path: path.to_owned(),
                    made: Vec::new(),
                };
                folder.try_writing()?;
                Ok(folder)
            }
            Err(reason) if reason.kind() == ErrorKind::NotFound => {
                let mut folder = RunFolder {
                    path: path.to_owned(),
                    made: Vec::new(),
                };
                folder.make(path)?;
                Ok(folder)
            }
            Err(_) if path.is_file() => Err(Error::about(
                "E0530",
                "--out",
                format!("the output folder `{shown}` is a file"),
                "choose a new folder",
            )),
            Err(reason) => Err(unusable(path, &reason)),
        }
    }

    fn numbered(parent: &Path, name: &str) -> Result<RunFolder, Error> {
        let mut folder = RunFolder {
            path: parent.to_owned(),
            made: Vec::new(),
        };
        if !parent.is_dir() {
            folder.make(parent)?;
        }
        // Beyond the highest number in use, so that numbers follow time even if old runs were removed.
        let prefix = format!("{name}-");
        let numbers = fs::read_dir(parent).map_err(|reason| unusable(parent, &reason))?;
        let used = numbers
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.strip_prefix(&prefix)?.parse::<u64>().ok());
        let mut number = used.max().unwrap_or(0) + 1;
        loop {
            let path = parent.join(format!("{prefix}{number}"));
            match fs::create_dir(&path) {
                Ok(()) => {
                    folder.made.insert(0, path.clone());
                    folder.path = path;
                    return Ok(folder);
                }
                // Another run was quicker.
                Err(reason) if reason.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(reason) => return Err(unusable(&path, &reason)),
            }
        }
    }

    /// Creates a folder and its missing parents, and remembers which.
    fn make(&mut self, path: &Path) -> Result<(), Error> {
        let missing: Vec<&Path> = path
            .ancestors()
            .take_while(|p| !p.as_os_str().is_empty() && !p.exists())
            .collect();
        for path in missing.into_iter().rev() {
            fs::create_dir(path).map_err(|reason| unusable(path, &reason))?;
            self.made.insert(0, path.to_owned());
        }
        Ok(())
    }

    /// Finds out before the simulation whether files can be created.
    fn try_writing(&self) -> Result<(), Error> {
        let probe = self.path.join(".nsb-probe");
        File::create(&probe)
            .and_then(|_| fs::remove_file(&probe))
            .map_err(|reason| unusable(&self.path, &reason))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes everything that is not there yet and returns the files, `summary.json` last. Files appear under their
    /// names only when they are whole. Fills in `out_dir` and `total_s` of the summary.
    pub fn write(&self, project: &Project, run: &mut Run, options: &OutputOptions) -> Result<Vec<PathBuf>, Error> {
        run.summary.out_dir = Some(self.path.display().to_string());
        let mut written = self.write_data(project, run)?;
        if let Some(learned) = &run.summary.learning {
            let ExtraFile(table) = extra_file("learning.csv", learned.to_csv());
            written.push(self.write_file(&table)?);
            if let Some(text) = learned.confusion_csv() {
                let ExtraFile(table) = extra_file("confusion.csv", text);
                written.push(self.write_file(&table)?);
            }
        }
        if let Some(detected) = &run.summary.detection {
            let ExtraFile(table) = extra_file("detection.csv", detected.to_csv());
            written.push(self.write_file(&table)?);
        }
        if let Some(conditioned) = &run.summary.conditioning {
            let ExtraFile(table) = extra_file("conditioning.csv", conditioned.to_csv());
            written.push(self.write_file(&table)?);
        }
        written.extend(self.write_findings(project, run, options.figures)?);
        run.summary.total_s = run.opened.elapsed().as_secs_f64();
        written.push(self.write_file(&summary_file::file(run))?);
        Ok(written)
    }

    /// As [`RunFolder::write`] for an analysis, which brings its own figures, more files, and its own summary.
    pub(crate) fn write_analysis(
        &self,
        project: &Project,
        run: &Run,
        files: Vec<ExtraFile>,
        figures: Vec<Figure>,
        summary: String,
    ) -> Result<Vec<PathBuf>, Error> {
        let mut written = self.write_data(project, run)?;
        for ExtraFile(file) in &files {
            written.push(self.write_file(file)?);
        }
        for file in figures::files(&figures)? {
            written.push(self.write_file(&file)?);
        }
        written.push(self.write_file(&report_file::file(project, run, &Statistics::default(), figures))?);
        let ExtraFile(summary) = extra_file("summary.json", summary);
        written.push(self.write_file(&summary)?);
        Ok(written)
    }

    /// An existing run folder, to redraw what is in it.
    pub(super) fn existing(path: &Path) -> RunFolder {
        RunFolder {
            path: path.to_owned(),
            made: Vec::new(),
        }
    }

    /// Statistics, figures and report, in place of those that are there.
    pub(super) fn rewrite(&self, project: &Project, run: &Run) -> Result<Vec<PathBuf>, Error> {
        self.write_findings(project, run, true)
    }

    /// The project and the data, unless those were written while the run went on.
    fn write_data(&self, project: &Project, run: &Run) -> Result<Vec<PathBuf>, Error> {
        let mut written = vec![self.write_file(&project_file::file(project))?];
        if run.written.is_empty() {
            let mut stream = Stream::open(&self.path, &run.recording, project.dt_ms)?;
            stream.append(&run.recording)?;
            let mut connections = |n: usize, visit: &mut dyn FnMut(PlannedConnection)| {
                run.connections[n].iter().copied().for_each(visit);
            };
            stream.append_weights(&run.recording.weights, project.dt_ms, &mut connections)?;
            written.extend(stream.finish()?);
        } else {
            written.extend_from_slice(&run.written);
        }
        Ok(written)
    }

    /// What is found in the data: statistics, and if wanted figures and the report that holds them.
    fn write_findings(&self, project: &Project, run: &Run, with_figures: bool) -> Result<Vec<PathBuf>, Error> {
        let spikes = run_data::spikes(&self.path, &run.recording, run.recording.simulated_ms)?;
        let statistics = statistics_file::measure(project, &self.path, &run.recording, &spikes)?;
        let mut written = vec![self.write_file(&statistics_file::file(&statistics))?];
        if with_figures {
            let figures = figures::draw(project, run, &self.path, &spikes, &statistics)?;
            for file in figures::files(&figures)? {
                written.push(self.write_file(&file)?);
            }
            written.push(self.write_file(&report_file::file(project, run, &statistics, figures))?);
        }
        Ok(written)
    }

    fn write_file(&self, file: &OutputFile<'_>) -> Result<PathBuf, Error> {
        let mut part = Part::create(self.path.join(&file.name))?;
        part.write(|sink| (file.write)(sink))?;
        part.finish()
    }
}

impl Drop for RunFolder {
    /// Leaves no empty folder behind if the plan or the simulation failed. Only empty folders can be removed so.
    fn drop(&mut self) {
        for path in &self.made {
            if fs::remove_dir(path).is_err() {
                return;
            }
        }
    }
}

fn unusable(path: &Path, reason: &std::io::Error) -> Error {
    let message = format!("cannot write into `{}`: {reason}", path.display());
    Error::about(
        "E0530",
        "--out",
        message,
        "choose a folder that you may write to, with --out DIR",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_stays_empty_is_removed_with_the_parents_made_for_it() {
        let base = tempfile::tempdir().unwrap();
        let out = base.path().join("a/b/c");
        let folder = RunFolder::create(Some(&out), "x").unwrap();
        assert!(out.is_dir());
        drop(folder);
        assert!(!base.path().join("a").exists() && base.path().exists());
    }

    #[test]
    fn an_empty_folder_of_the_user_is_kept() {
        let base = tempfile::tempdir().unwrap();
        drop(RunFolder::create(Some(base.path()), "x").unwrap());
        assert!(base.path().is_dir());
    }

    #[test]
    fn numbers_go_on_after_the_highest() {
        let base = tempfile::tempdir().unwrap();
        for taken in ["x-1", "x-7", "x-old", "y-9"] {
            fs::create_dir(base.path().join(taken)).unwrap();
        }
        let folder = RunFolder::numbered(base.path(), "x").unwrap();
        assert_eq!(folder.path().file_name().unwrap(), "x-8");
    }

    #[test]
    fn a_folder_with_content_or_a_file_is_refused() {
        let base = tempfile::tempdir().unwrap();
        let file = base.path().join("notes.txt");
        fs::write(&file, "mine").unwrap();
        for out in [base.path(), file.as_path()] {
            let error = RunFolder::create(Some(out), "x").unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("E0530"), "{error}");
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }

    #[test]
    fn a_file_that_fails_half_way_leaves_nothing() {
        let base = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(Some(&base.path().join("run")), "x").unwrap();
        let file = OutputFile {
            name: "data/spikes.csv".to_owned(),
            write: Box::new(|sink| {
                writeln!(sink, "half")?;
                Err(ErrorKind::StorageFull.into())
            }),
        };
        let error = folder.write_file(&file).unwrap_err();
        assert_eq!(error.exit_code(), 1);
        assert!(
            error.to_string().contains("spikes.csv") && error.hint().is_some(),
            "{error}"
        );
        assert_eq!(fs::read_dir(folder.path().join("data")).unwrap().count(), 0);
    }
}
