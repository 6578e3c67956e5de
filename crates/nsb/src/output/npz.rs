//! NumPy archives: `spikes.npz` and `traces.npz`, opened in Python with `numpy.load`.
//!
//! `spikes.npz` holds `time_ms`, `population` (an index into `population_names`) and `cell`, one entry a spike.
//! `traces.npz` holds for each recording `NAME.time_ms`, `NAME.cells`, and for each variable `NAME.VARIABLE` (one row
//! a time, one column a cell) and `NAME.VARIABLE.unit`.

use std::io;

use ndarray::{Array1, Array2, arr0, aview1};
use ndarray_npy::{NpzWriter, WritableElement, WriteDataError, WriteNpzError};
use py_literal::Value as PyValue;

use super::table::SpikeTable;
use super::{OutputFile, Sink};
use crate::project::Project;
use crate::run::Run;

pub(super) fn files<'a>(_project: &'a Project, run: &'a Run) -> Vec<OutputFile<'a>> {
    let file = |name: &str, write: fn(&Run, &mut dyn Sink) -> Result<(), WriteNpzError>| OutputFile {
        name: name.to_owned(),
        write: Box::new(move |sink| write(run, sink).map_err(into_io)),
    };
    let mut files = vec![file("spikes.npz", write_spikes)];
    if !run.recording.variables.is_empty() {
        files.push(file("traces.npz", write_traces));
    }
    files
}

fn write_spikes(run: &Run, sink: &mut dyn Sink) -> Result<(), WriteNpzError> {
    let table = SpikeTable::new(&run.recording);
    let mut npz = NpzWriter::new(sink);
    npz.add_array("time_ms", &aview1(&table.times_ms))?;
    npz.add_array("population", &aview1(&table.population))?;
    npz.add_array("cell", &aview1(&table.cells))?;
    npz.add_array(
        "population_names",
        &table.names.iter().map(|name| Text::new(name)).collect::<Array1<_>>(),
    )?;
    npz.finish()?;
    Ok(())
}

fn write_traces(run: &Run, sink: &mut dyn Sink) -> Result<(), WriteNpzError> {
    let mut npz = NpzWriter::new(sink);
    for recording in &run.recording.variables {
        let name = &recording.monitor;
        npz.add_array(format!("{name}.time_ms"), &aview1(&recording.times_ms))?;
        npz.add_array(format!("{name}.cells"), &aview1(&recording.cells))?;
        for series in &recording.series {
            let values: Vec<f64> = series.values.iter().map(|v| series.unit.from_engine(*v)).collect();
            let shape = (recording.times_ms.len(), recording.cells.len());
            let values = Array2::from_shape_vec(shape, values).expect("a series has one value per time and cell");
            npz.add_array(format!("{name}.{}", series.variable), &values)?;
            npz.add_array(
                format!("{name}.{}.unit", series.variable),
                &arr0(Text::new(series.unit.symbol())),
            )?;
        }
    }
    npz.finish()?;
    Ok(())
}

fn into_io(error: WriteNpzError) -> io::Error {
    match error {
        WriteNpzError::Npy(ndarray_npy::WriteNpyError::Io(error)) => error,
        other => io::Error::other(other),
    }
}

/// Characters that a [`Text`] can hold.
const TEXT_LENGTH: usize = 64;

/// A text as NumPy stores it (`<U64`): UTF-32, filled up with zeros.
#[derive(Clone, Copy)]
struct Text([u32; TEXT_LENGTH]);

impl Text {
    fn new(text: &str) -> Text {
        let mut characters = [0; TEXT_LENGTH];
        for (slot, character) in characters.iter_mut().zip(text.chars()) {
            *slot = character.into();
        }
        Text(characters)
    }
}

impl WritableElement for Text {
    fn type_descriptor() -> PyValue {
        PyValue::String(format!("<U{TEXT_LENGTH}"))
    }

    fn write<W: io::Write>(&self, mut writer: W) -> Result<(), WriteDataError> {
        let bytes: Vec<u8> = self.0.iter().flat_map(|c| c.to_le_bytes()).collect();
        writer.write_all(&bytes).map_err(WriteDataError::from)
    }

    fn write_slice<W: io::Write>(slice: &[Self], mut writer: W) -> Result<(), WriteDataError> {
        slice.iter().try_for_each(|text| text.write(&mut writer))
    }
}
