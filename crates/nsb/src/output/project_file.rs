//! `project.toml`: the project with everything applied; `nsb run project.toml` re-creates the run.

use super::OutputFile;
use crate::project::Project;

pub(super) fn file(project: &Project) -> OutputFile<'_> {
    let write = |sink: &mut dyn super::Sink| sink.write_all(project.text.as_bytes());
    OutputFile {
        name: "project.toml".to_owned(),
        write: Box::new(write),
    }
}
