//! Writes what a run records while it goes on, piece by piece, in all formats.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nsb_engine::monitor::Recording;
use nsb_engine::{Observer, PlannedConnection, Progress, Simulation, WeightRecording};

use super::table::SpikeOrder;
use super::{DATA_FORMATS, DataFormat, Table};
use crate::error::Error;

/// A piece is written when it is this large, bytes …
const PIECE_BYTES: usize = 4 << 20;
/// … or this old, so that those who look on see a slow run grow.
const PATIENCE: Duration = Duration::from_secs(1);

/// Connections that are written at a time.
const CONNECTIONS: usize = 65_536;

/// Takes connections one by one.
pub(crate) type Visit<'v> = &'v mut dyn FnMut(PlannedConnection);

/// The data files of a run in the making. Dropped before [`Stream::finish`] it leaves nothing behind.
pub(crate) struct Stream {
    order: SpikeOrder,
    formats: Vec<Box<dyn DataFormat>>,
}

impl Stream {
    /// Begins the files of a recording in a folder.
    pub(crate) fn open(folder: &Path, recording: &Recording, dt_ms: f64) -> Result<Stream, Error> {
        Ok(Stream {
            order: SpikeOrder::new(recording, dt_ms),
            formats: DATA_FORMATS
                .iter()
                .map(|open| open(folder, recording))
                .collect::<Result<_, Error>>()?,
        })
    }

    /// Writes what came after the last piece.
    pub(crate) fn append(&mut self, piece: &Recording) -> Result<(), Error> {
        let rows = self.order.take(piece);
        self.write(Table::Spikes(&rows))?;
        for (n, recording) in piece.variables.iter().enumerate() {
            self.write(Table::Traces(n, recording))?;
        }
        for (n, recording) in piece.rates.iter().enumerate() {
            self.write(Table::Rates(n, recording))?;
        }
        if piece.rewards.iter().any(|reward| !reward.earned_ms.is_empty()) {
            self.write(Table::Rewards(&piece.rewards))?;
        }
        for (n, recording) in piece.weights.iter().enumerate().filter(|(_, r)| !r.times_ms.is_empty()) {
            self.write(Table::Snapshots(n, recording))?;
        }
        Ok(())
    }

    /// Writes the connections of all recordings of weights, which `connections` gives for each.
    pub(crate) fn append_weights(
        &mut self,
        recordings: &[WeightRecording],
        dt_ms: f64,
        connections: &mut dyn FnMut(usize, Visit<'_>),
    ) -> Result<(), Error> {
        for (n, weights) in recordings.iter().enumerate() {
            let mut rows = Vec::new();
            let mut result = Ok(());
            connections(n, &mut |connection| {
                let weight = weights.unit.from_engine(connection.weight);
                let delay_ms = connection.delay_ms(dt_ms);
                rows.push((connection.source, connection.target, weight, delay_ms));
                if rows.len() == CONNECTIONS {
                    result = std::mem::replace(&mut result, Ok(())).and_then(|()| self.write(Table::Weights(n, &rows)));
                    rows.clear();
                }
            });
            result?;
            self.write(Table::Weights(n, &rows))?;
        }
        Ok(())
    }

    /// Gives all files their names; returns them in the order of writing.
    pub(crate) fn finish(mut self) -> Result<Vec<PathBuf>, Error> {
        let rows = self.order.rest();
        if let Err(error) = self.write(Table::Spikes(&rows)) {
            return Err(self.keep(error));
        }
        let mut written = Vec::new();
        for format in self.formats {
            written.extend(format.finish()?);
        }
        Ok(written)
    }

    /// Gives up, but leaves behind what can be read. The error tells of it.
    pub(crate) fn keep(mut self, error: Error) -> Error {
        // The last formats first: what they give free is room for the rest of the others.
        while let Some(format) = self.formats.pop() {
            format.keep();
        }
        error.with_partial_files()
    }

    fn write(&mut self, piece: Table<'_>) -> Result<(), Error> {
        self.formats.iter_mut().try_for_each(|format| format.append(piece))
    }
}

/// Takes what is recorded to a [`Stream`], and lets another observer watch.
pub(crate) struct Recorder<'a> {
    stream: Stream,
    observer: &'a mut dyn Observer,
    piece_bytes: usize,
    taken: Instant,
    /// Time spent writing.
    pub(crate) busy: Duration,
    #[cfg(test)]
    largest_piece: usize,
    failed: Option<Error>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(stream: Stream, observer: &'a mut dyn Observer) -> Recorder<'a> {
        Recorder {
            stream,
            observer,
            piece_bytes: PIECE_BYTES,
            taken: Instant::now(),
            busy: Duration::ZERO,
            #[cfg(test)]
            largest_piece: 0,
            failed: None,
        }
    }

    /// Takes the rest and gives all files their names.
    pub(crate) fn finish(mut self, simulation: &mut Simulation, rest: &mut Recording) -> Result<Vec<PathBuf>, Error> {
        if self.failed.is_none() {
            self.take(rest);
        }
        if self.failed.is_none() {
            let recordings = simulation.recording().weights.clone();
            let dt_ms = simulation.plan().settings().dt_ms;
            let mut connections = |n: usize, visit: Visit<'_>| {
                simulation.connections(recordings[n].id, visit);
            };
            let written = self.stream.append_weights(&recordings, dt_ms, &mut connections);
            self.failed = written.err();
        }
        match self.failed {
            None => self.stream.finish(),
            Some(error) => Err(self.stream.keep(error)),
        }
    }

    fn take(&mut self, held: &mut Recording) {
        let start = Instant::now();
        #[cfg(test)]
        {
            self.largest_piece = self.largest_piece.max(held.held_bytes());
        }
        self.failed = self.stream.append(held).err();
        held.clear();
        self.taken = Instant::now();
        self.busy += self.taken - start;
    }
}

impl Observer for Recorder<'_> {
    fn progress(&mut self, now: Progress) -> ControlFlow<()> {
        self.observer.progress(now)
    }

    fn recorded(&mut self, held: &mut Recording) -> ControlFlow<()> {
        let bytes = held.held_bytes();
        if bytes >= self.piece_bytes || (bytes > 0 && self.taken.elapsed() >= PATIENCE) {
            self.take(held);
        }
        match self.failed {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Overrides, Project, RunOptions};
    use nsb_engine::Simulation;

    fn level1(duration: &str) -> Project {
        let overrides = Overrides {
            duration: Some(duration.to_owned()),
            ..Overrides::default()
        };
        Project::open("level1", &overrides).unwrap()
    }

    /// Writes pieces of this size, and gives the size of the largest and all files.
    fn streamed(project: &Project, piece_bytes: usize) -> (usize, Vec<(String, Vec<u8>)>) {
        let folder = tempfile::tempdir().unwrap();
        let plan = project.plan(&RunOptions::default()).unwrap();
        let mut simulation = Simulation::new(plan).unwrap();
        let stream = Stream::open(folder.path(), simulation.recording(), project.dt_ms).unwrap();
        let mut nobody = ();
        let mut recorder = Recorder::new(stream, &mut nobody);
        recorder.piece_bytes = piece_bytes;
        simulation.run_for(project.duration_ms, &mut recorder).unwrap();
        let largest_piece = recorder.largest_piece;
        let mut rest = simulation.recording().clone();
        let written = recorder.finish(&mut simulation, &mut rest).unwrap();
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let files = written.iter().map(|path| (name(path), std::fs::read(path).unwrap()));
        (largest_piece, files.collect())
    }

    #[test]
    fn many_small_pieces_make_the_same_files_as_one() {
        let project = level1("60 ms");
        let (_, whole) = streamed(&project, usize::MAX);
        assert_eq!(whole.len(), 5);
        for piece_bytes in [1, 10_000] {
            let (_, pieces) = streamed(&project, piece_bytes);
            for ((name, one), (_, other)) in whole.iter().zip(&pieces) {
                assert!(one == other, "{name} differs with pieces of {piece_bytes} bytes");
            }
        }
    }

    #[test]
    fn what_is_held_does_not_grow_with_the_duration() {
        let largest = |duration| streamed(&level1(duration), 20_000).0;
        let (short, long) = (largest("20 ms"), largest("200 ms"));
        // An epoch is a step longer than the delay of 40 steps, and brings fewer than 20 values a step.
        assert!(short >= 20_000 && long < 20_000 + 41 * 20 * 8, "{short} {long}");
    }
}
