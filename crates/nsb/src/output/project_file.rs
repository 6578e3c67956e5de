//! `project.toml`: the project with everything applied; `nsb run project.toml` re-creates the run.

use super::OutputFile;
use crate::project::Project;
use crate::run::Run;

pub(super) fn files<'a>(project: &'a Project, _run: &'a Run) -> Vec<OutputFile<'a>> {
    let write = |sink: &mut dyn super::Sink| sink.write_all(project.text.as_bytes());
    vec![OutputFile {
        name: "project.toml".to_owned(),
        write: Box::new(write),
    }]
}
