//! CSV: `spikes.csv`, and `traces_NAME.csv` for each recording of variables. Numbers are the shortest decimals that
//! read back as the same double.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use nsb_engine::monitor::{Recording, VariableRecording};

use super::part::Part;
use super::table::{SpikeRow, column_title};
use super::{DataFormat, Table};
use crate::error::Error;

struct Csv {
    /// Names of the populations.
    populations: Vec<String>,
    spikes: Part,
    traces: Vec<Part>,
}

/// Begins all files with their headers.
pub(super) fn open(folder: &Path, recording: &Recording) -> Result<Box<dyn DataFormat>, Error> {
    let begin = |name: String, header: String| {
        let mut part = Part::create(folder.join(name))?;
        part.write(|file| writeln!(file, "{header}"))?;
        Ok(part)
    };
    let header = |recording: &VariableRecording| {
        let titles = recording
            .series
            .iter()
            .map(|series| format!(",{}", column_title(series)));
        format!("time_ms,cell{}", titles.collect::<String>())
    };
    Ok(Box::new(Csv {
        populations: recording.populations.iter().map(|p| p.name.clone()).collect(),
        spikes: begin("spikes.csv".to_owned(), "time_ms,population,cell".to_owned())?,
        traces: recording
            .variables
            .iter()
            .map(|r| begin(format!("traces_{}.csv", r.monitor), header(r)))
            .collect::<Result<_, Error>>()?,
    }))
}

impl DataFormat for Csv {
    fn append(&mut self, piece: Table<'_>) -> Result<(), Error> {
        let part = match piece {
            Table::Spikes(rows) => {
                let populations = &self.populations;
                self.spikes.write(|file| write_spikes(rows, populations, file))?;
                &mut self.spikes
            }
            Table::Traces(n, recording) => {
                self.traces[n].write(|file| write_traces(recording, file))?;
                &mut self.traces[n]
            }
        };
        // So that those who look on see whole pieces.
        part.flush()
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, Error> {
        std::iter::once(self.spikes)
            .chain(self.traces)
            .map(Part::finish)
            .collect()
    }

    fn keep(self: Box<Self>) {
        std::iter::once(self.spikes).chain(self.traces).for_each(Part::keep);
    }
}

fn write_spikes(rows: &[SpikeRow], populations: &[String], file: &mut impl Write) -> io::Result<()> {
    for (time, population, cell) in rows {
        // Names of populations are identifiers: no quotes are needed.
        writeln!(file, "{time:?},{},{cell}", populations[*population as usize])?;
    }
    Ok(())
}

fn write_traces(recording: &VariableRecording, file: &mut impl Write) -> io::Result<()> {
    let cells = recording.cells.len();
    for (row, time) in recording.times_ms.iter().enumerate() {
        for (column, cell) in recording.cells.iter().enumerate() {
            write!(file, "{time:?},{cell}")?;
            for series in &recording.series {
                let value = series.unit.from_engine(series.values[row * cells + column]);
                write!(file, ",{value:?}")?;
            }
            writeln!(file)?;
        }
    }
    Ok(())
}
