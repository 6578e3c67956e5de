//! CSV: `spikes.csv`, and `traces_NAME.csv` for each recording of variables. Numbers are the shortest decimals that
//! read back as the same double.

use std::io;

use nsb_engine::monitor::VariableRecording;

use super::table::{SpikeTable, column_title};
use super::{OutputFile, Sink};
use crate::project::Project;
use crate::run::Run;

pub(super) fn files<'a>(_project: &'a Project, run: &'a Run) -> Vec<OutputFile<'a>> {
    let spikes = OutputFile {
        name: "spikes.csv".to_owned(),
        write: Box::new(|sink| write_spikes(run, sink)),
    };
    let traces = run.recording.variables.iter().map(|recording| OutputFile {
        name: format!("traces_{}.csv", recording.monitor),
        write: Box::new(|sink| write_traces(recording, sink)),
    });
    std::iter::once(spikes).chain(traces).collect()
}

fn write_spikes(run: &Run, sink: &mut dyn Sink) -> io::Result<()> {
    let table = SpikeTable::new(&run.recording);
    writeln!(sink, "time_ms,population,cell")?;
    for ((time, population), cell) in table.times_ms.iter().zip(&table.population).zip(&table.cells) {
        // Names of populations are identifiers: no quotes are needed.
        writeln!(sink, "{time:?},{},{cell}", table.names[*population as usize])?;
    }
    Ok(())
}

fn write_traces(recording: &VariableRecording, sink: &mut dyn Sink) -> io::Result<()> {
    write!(sink, "time_ms,cell")?;
    for series in &recording.series {
        write!(sink, ",{}", column_title(series))?;
    }
    writeln!(sink)?;
    let cells = recording.cells.len();
    for (row, time) in recording.times_ms.iter().enumerate() {
        for (column, cell) in recording.cells.iter().enumerate() {
            write!(sink, "{time:?},{cell}")?;
            for series in &recording.series {
                write!(
                    sink,
                    ",{:?}",
                    series.unit.from_engine(series.values[row * cells + column])
                )?;
            }
            writeln!(sink)?;
        }
    }
    Ok(())
}
