//! What a run leaves behind.
//!
//! Data are written while a run goes on: a [`DataFormat`] takes them piece by piece. To add one, write its file and
//! name it in `DATA_FORMATS`. Everything else is written after the run ([`run_folder`]), from the data (`run_data`).

mod conditioning_figure;
mod csv;
mod figures;
mod learning_figures;
mod npy;
mod npy_read;
mod npz;
mod part;
mod pattern_order;
mod project_file;
mod read_back;
mod recall_figure;
mod report_file;
mod report_learning;
mod run_data;
mod run_folder;
mod statistics_figures;
mod statistics_file;
mod stream;
mod summary_file;
mod table;
mod weight_data;
mod weight_evolution;
mod weight_figures;
mod weight_histogram;
mod weight_matrix;

use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use nsb_engine::monitor::{RateRecording, Recording, RewardRecording, VariableRecording, WeightRecording};

use crate::error::Error;
use table::{ConnectionRow, SpikeRow};

pub use read_back::redraw;
pub use run_folder::RunFolder;

pub(crate) use stream::{Recorder, Stream};

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

/// A format of data in the making. Dropped before it is finished it leaves nothing behind.
trait DataFormat {
    /// Adds rows to a table.
    fn append(&mut self, piece: Table<'_>) -> Result<(), Error>;

    /// Gives the files their names and returns them.
    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, Error>;

    /// Leaves behind, under temporary names, what can be read; by default nothing.
    fn keep(self: Box<Self>) {}
}

/// More rows of a table.
#[derive(Clone, Copy)]
enum Table<'a> {
    /// Spikes of all populations.
    Spikes(&'a [SpikeRow]),
    /// Samples of a recording of variables, whose number comes first.
    Traces(usize, &'a VariableRecording),
    /// Bins of a recording of rates.
    Rates(usize, &'a RateRecording),
    /// Connections of a recording of weights.
    Weights(usize, &'a [ConnectionRow]),
    /// Snapshots of a recording of weights.
    Snapshots(usize, &'a WeightRecording),
    /// Rewards that were earned, one after the other.
    Rewards(&'a [RewardRecording]),
}

/// Begins the files of a format in a folder, for the tables of a recording.
type OpenFormat = fn(&Path, &Recording) -> Result<Box<dyn DataFormat>, Error>;

/// All data formats, in the order of writing.
const DATA_FORMATS: [OpenFormat; 2] = [csv::open, npz::open];

/// A text file beside the data, such as the table of an analysis.
pub(crate) fn extra_file(name: &str, text: String) -> ExtraFile {
    ExtraFile(OutputFile {
        name: name.to_owned(),
        write: Box::new(move |sink| sink.write_all(text.as_bytes())),
    })
}

/// A file that an analysis adds to its run folder.
pub(crate) struct ExtraFile(OutputFile<'static>);
