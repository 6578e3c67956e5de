//! `summary.json`: the same object that `nsb run --json` prints. Written last: a folder without it is incomplete.

use super::OutputFile;
use crate::run::Run;

pub(super) fn file(run: &Run) -> OutputFile<'_> {
    let write = |sink: &mut dyn super::Sink| writeln!(sink, "{:#}", run.summary.to_json());
    OutputFile {
        name: "summary.json".to_owned(),
        write: Box::new(write),
    }
}
