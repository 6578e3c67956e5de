//! What a run leaves behind. One file per format; [`run_folder`] writes them all.
//!
//! A format is a function that writes one file. To add one, write its file and name it in `FORMATS`.

mod csv;
mod figures;
mod npz;
mod project_file;
mod read_back;
mod report_file;
mod run_folder;
mod statistics_figures;
mod statistics_file;
mod summary_file;
mod table;

use std::io::{self, Seek, Write};

use crate::project::Project;
use crate::run::Run;

pub use read_back::redraw;
pub use run_folder::RunFolder;

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputOptions {
    /// Figures and the report; data are always written.
    pub figures: bool,
}

impl Default for OutputOptions {
    fn default() -> OutputOptions {
        OutputOptions { figures: true }
    }
}

/// A place to write a file to.
trait Sink: Write + Seek {}

impl<T: Write + Seek> Sink for T {}

/// Writes the content of one file.
type Content<'a> = Box<dyn Fn(&mut dyn Sink) -> io::Result<()> + 'a>;

/// A file of a run folder: its name, and how its content is written.
struct OutputFile<'a> {
    name: String,
    write: Content<'a>,
}

/// Gives the files of one format for a run.
type Format = for<'a> fn(&'a Project, &'a Run) -> Vec<OutputFile<'a>>;

/// All data formats, in the order of writing.
const FORMATS: [Format; 3] = [project_file::files, csv::files, npz::files];

/// A text file beside the data, such as the table of an analysis.
pub(crate) fn extra_file(name: &str, text: String) -> ExtraFile {
    ExtraFile(OutputFile {
        name: name.to_owned(),
        write: Box::new(move |sink| sink.write_all(text.as_bytes())),
    })
}

/// A file that an analysis adds to its run folder.
pub(crate) struct ExtraFile(OutputFile<'static>);
