//! NumPy archives: `spikes.npz`, `traces.npz`, `rates.npz` and `weights.npz`, opened in Python with `numpy.load`.
//!
//! `spikes.npz` holds `time_ms`, `population` (an index into `population_names`) and `cell`, one entry a spike.
//! `traces.npz` holds for each recording `NAME.time_ms`, `NAME.cells`, and for each variable `NAME.VARIABLE` (one row
//! a time, one column a cell) and `NAME.VARIABLE.unit`. `rates.npz` holds `NAME.time_ms` (beginnings of bins),
//! `NAME.rate_hz` and `NAME.bin_ms`; `weights.npz` holds `NAME.source`, `NAME.target`, `NAME.weight`,
//! `NAME.weight.unit` and `NAME.delay_ms`, and with an interval `NAME.snapshot_time_ms` and `NAME.snapshots` (one row a
//! time, one column a connection).
//!
//! An array says at its beginning how long it is. So each grows in a file of its own, and all are packed at the end.

use std::io::Write;
use std::path::{Path, PathBuf};

use nsb_engine::monitor::{RateRecording, Recording, VariableRecording, WeightRecording};

use super::npy::{self, Content, Element, Entry, Kind};
use super::part::Part;
use super::table::{ConnectionRow, SpikeRow};
use super::{DataFormat, Table};
use crate::error::Error;

struct Npz {
    folder: PathBuf,
    populations: Vec<String>,
    /// Time, population, cell.
    spikes: [Column; 3],
    traces: Vec<Traces>,
    rates: Vec<Rates>,
    weights: Vec<Weights>,
}

struct Rates {
    monitor: String,
    bin_ms: f64,
    times: Column,
    rates: Column,
}

struct Weights {
    monitor: String,
    unit: String,
    /// Source, target.
    cells: [Column; 2],
    /// Weight, delay.
    values: [Column; 2],
    /// Times and weights of snapshots.
    snapshots: [Column; 2],
}

struct Traces {
    monitor: String,
    cells: Vec<u32>,
    times: Column,
    series: Vec<Series>,
}

struct Series {
    variable: String,
    unit: String,
    values: Column,
}

/// One growing array.
struct Column {
    name: String,
    kind: Kind,
    part: Part,
    length: u64,
}

/// Begins all arrays.
pub(super) fn open(folder: &Path, recording: &Recording) -> Result<Box<dyn DataFormat>, Error> {
    let spikes = folder.join("spikes.npz");
    Ok(Box::new(Npz {
        folder: folder.to_owned(),
        populations: recording.populations.iter().map(|p| p.name.clone()).collect(),
        spikes: [
            Column::create(&spikes, "time_ms".to_owned(), Kind::F64)?,
            Column::create(&spikes, "population".to_owned(), Kind::U32)?,
            Column::create(&spikes, "cell".to_owned(), Kind::U32)?,
        ],
        traces: recording
            .variables
            .iter()
            .map(|r| Traces::create(&folder.join("traces.npz"), r))
            .collect::<Result<_, Error>>()?,
        rates: recording
            .rates
            .iter()
            .map(|r| Rates::create(&folder.join("rates.npz"), r))
            .collect::<Result<_, Error>>()?,
        weights: recording
            .weights
            .iter()
            .map(|r| Weights::create(&folder.join("weights.npz"), r))
            .collect::<Result<_, Error>>()?,
    }))
}

impl DataFormat for Npz {
    fn append(&mut self, piece: Table<'_>) -> Result<(), Error> {
        match piece {
            Table::Spikes(rows) => self.append_spikes(rows),
            Table::Traces(n, recording) => self.traces[n].append(recording),
            Table::Rates(n, recording) => self.rates[n].append(recording),
            Table::Weights(n, rows) => self.weights[n].append(rows),
            // Few and without cells: the CSV says it all.
            Table::Rewards(_) => Ok(()),
            Table::Snapshots(n, recording) => self.weights[n].append_snapshots(recording),
        }
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, Error> {
        let names = npy::bytes(self.populations.iter().map(String::as_str));
        let mut spikes: Vec<Entry> = self.spikes.into_iter().map(|column| column.entry(None)).collect();
        spikes.push(Entry {
            name: "population_names".to_owned(),
            kind: Kind::Text,
            shape: vec![self.populations.len() as u64],
            content: Content::Bytes(names),
        });
        let mut written = vec![npy::pack(self.folder.join("spikes.npz"), spikes)?];
        let others: [(&str, Vec<Entry>); 3] = [
            (
                "traces.npz",
                self.traces.into_iter().flat_map(Traces::entries).collect(),
            ),
            ("rates.npz", self.rates.into_iter().flat_map(Rates::entries).collect()),
            (
                "weights.npz",
                self.weights.into_iter().flat_map(Weights::entries).collect(),
            ),
        ];
        for (name, entries) in others {
            if !entries.is_empty() {
                written.push(npy::pack(self.folder.join(name), entries)?);
            }
        }
        Ok(written)
    }
}

impl Npz {
    fn append_spikes(&mut self, rows: &[SpikeRow]) -> Result<(), Error> {
        let [times, populations, cells] = &mut self.spikes;
        times.append(rows.iter().map(|row| row.0))?;
        populations.append(rows.iter().map(|row| row.1))?;
        cells.append(rows.iter().map(|row| row.2))
    }
}

impl Traces {
    fn create(path: &Path, recording: &VariableRecording) -> Result<Traces, Error> {
        let name = &recording.monitor;
        let series = recording.series.iter().map(|series| {
            Ok(Series {
                variable: series.variable.clone(),
                unit: series.unit.symbol().to_owned(),
                values: Column::create(path, format!("{name}.{}", series.variable), Kind::F64)?,
            })
        });
        Ok(Traces {
            monitor: name.clone(),
            cells: recording.cells.clone(),
            times: Column::create(path, format!("{name}.time_ms"), Kind::F64)?,
            series: series.collect::<Result<_, Error>>()?,
        })
    }

    fn append(&mut self, recording: &VariableRecording) -> Result<(), Error> {
        self.times.append(recording.times_ms.iter().copied())?;
        for (own, series) in self.series.iter_mut().zip(&recording.series) {
            own.values
                .append(series.values.iter().map(|value| series.unit.from_engine(*value)))?;
        }
        Ok(())
    }

    fn entries(self) -> Vec<Entry> {
        let width = self.cells.len() as u64;
        let mut entries = vec![
            self.times.entry(None),
            Entry {
                name: format!("{}.cells", self.monitor),
                kind: Kind::U32,
                shape: vec![width],
                content: Content::Bytes(npy::bytes(self.cells)),
            },
        ];
        for series in self.series {
            entries.push(series.values.entry(Some(width)));
            entries.push(Entry {
                name: format!("{}.{}.unit", self.monitor, series.variable),
                kind: Kind::Text,
                shape: Vec::new(),
                content: Content::Bytes(npy::bytes([series.unit.as_str()])),
            });
        }
        entries
    }
}

impl Rates {
    fn create(path: &Path, recording: &RateRecording) -> Result<Rates, Error> {
        let name = &recording.monitor;
        Ok(Rates {
            monitor: name.clone(),
            bin_ms: recording.bin_ms,
            times: Column::create(path, format!("{name}.time_ms"), Kind::F64)?,
            rates: Column::create(path, format!("{name}.rate_hz"), Kind::F64)?,
        })
    }

    fn append(&mut self, recording: &RateRecording) -> Result<(), Error> {
        self.times.append(recording.times_ms.iter().copied())?;
        self.rates.append(recording.rates_hz.iter().copied())
    }

    fn entries(self) -> Vec<Entry> {
        let bin = Entry {
            name: format!("{}.bin_ms", self.monitor),
            kind: Kind::F64,
            shape: Vec::new(),
            content: Content::Bytes(npy::bytes([self.bin_ms])),
        };
        vec![self.times.entry(None), self.rates.entry(None), bin]
    }
}

impl Weights {
    fn create(path: &Path, recording: &WeightRecording) -> Result<Weights, Error> {
        let column = |what, kind| Column::create(path, format!("{}.{what}", recording.monitor), kind);
        Ok(Weights {
            monitor: recording.monitor.clone(),
            unit: recording.unit.symbol().to_owned(),
            cells: [column("source", Kind::U32)?, column("target", Kind::U32)?],
            values: [column("weight", Kind::F64)?, column("delay_ms", Kind::F64)?],
            snapshots: [column("snapshot_time_ms", Kind::F64)?, column("snapshots", Kind::F64)?],
        })
    }

    fn append(&mut self, rows: &[ConnectionRow]) -> Result<(), Error> {
        let ([sources, targets], [weights, delays]) = (&mut self.cells, &mut self.values);
        sources.append(rows.iter().map(|row| row.0))?;
        targets.append(rows.iter().map(|row| row.1))?;
        weights.append(rows.iter().map(|row| row.2))?;
        delays.append(rows.iter().map(|row| row.3))
    }

    fn append_snapshots(&mut self, recording: &WeightRecording) -> Result<(), Error> {
        let [times, weights] = &mut self.snapshots;
        times.append(recording.times_ms.iter().copied())?;
        weights.append(
            recording
                .weights
                .iter()
                .map(|weight| recording.unit.from_engine(*weight)),
        )
    }

    fn entries(self) -> Vec<Entry> {
        let unit = Entry {
            name: format!("{}.weight.unit", self.monitor),
            kind: Kind::Text,
            shape: Vec::new(),
            content: Content::Bytes(npy::bytes([self.unit.as_str()])),
        };
        let width = self.cells[0].length;
        let columns = self.cells.into_iter().chain(self.values);
        let [times, weights] = self.snapshots;
        let taken = times.length > 0;
        let snapshots = [times.entry(None), weights.entry(Some(width))];
        let entries = columns.map(|column| column.entry(None)).chain([unit]);
        entries.chain(snapshots.into_iter().filter(|_| taken)).collect()
    }
}

impl Column {
    fn create(archive: &Path, name: String, kind: Kind) -> Result<Column, Error> {
        Ok(Column {
            part: Part::of(archive.to_owned(), &name)?,
            name,
            kind,
            length: 0,
        })
    }

    fn append<T: Element>(&mut self, elements: impl ExactSizeIterator<Item = T>) -> Result<(), Error> {
        self.length += elements.len() as u64;
        let bytes = npy::bytes(elements);
        self.part.write(|file| file.write_all(&bytes))
    }

    /// The array, in rows of this width if it has any.
    fn entry(self, width: Option<u64>) -> Entry {
        let shape = match width {
            None => vec![self.length],
            Some(width) => vec![self.length / width.max(1), width],
        };
        Entry {
            name: self.name,
            kind: self.kind,
            shape,
            content: Content::File(self.part),
        }
    }
}
