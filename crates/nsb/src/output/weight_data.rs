//! The weights of a run folder, read back for figures piece by piece: before and after, and the snapshots between.

use std::path::{Path, PathBuf};

use nsb_engine::Simulation;
use nsb_engine::monitor::WeightRecording;

use super::npy::Kind;
use super::npy_read::{Npz, unreadable};
use crate::error::Error;
use crate::project::Project;
use crate::run::RunOptions;

/// Elements read at a time.
const PIECE: usize = 8192;

/// The recorded weights of a projection.
pub(super) struct WeightData<'a> {
    path: PathBuf,
    recording: &'a WeightRecording,
    /// Weights at the beginning in the unit of the recording, if no snapshot has them.
    initial: Vec<f64>,
}

/// A synapse at the beginning and at the end of a run; weights in the unit of the recording.
pub(super) struct Synapse {
    pub(super) source: u32,
    pub(super) target: u32,
    pub(super) before: f64,
    pub(super) after: f64,
}

impl<'a> WeightData<'a> {
    /// Opens `weights.npz`. If no snapshot shows the weights at the beginning, the network is built once more to have them.
    pub(super) fn open(
        project: &Project,
        folder: &Path,
        recording: &'a WeightRecording,
    ) -> Result<WeightData<'a>, Error> {
        let mut data = WeightData {
            path: folder.join("weights.npz"),
            recording,
            initial: Vec::new(),
        };
        if !Npz::open(&data.path)?.has(&data.name("snapshots")) {
            let mut simulation = Simulation::new(project.plan(&RunOptions::default())?)?;
            let unit = &recording.unit;
            simulation.connections(recording.id, &mut |connection| {
                data.initial.push(unit.from_engine(connection.weight));
            });
        }
        Ok(data)
    }

    /// Whether there are snapshots.
    pub(super) fn has_snapshots(&self) -> bool {
        self.initial.is_empty()
    }

    fn name(&self, what: &str) -> String {
        format!("{}.{what}", self.recording.monitor)
    }

    /// Gives all synapses in their order.
    pub(super) fn each(&self, visit: &mut dyn FnMut(Synapse)) -> Result<(), Error> {
        let open = || Npz::open(&self.path);
        let (mut a, mut b, mut c, mut d) = (open()?, open()?, open()?, open()?);
        let mut sources = a.array(&self.name("source"), Kind::U32)?;
        let mut targets = b.array(&self.name("target"), Kind::U32)?;
        let mut weights = c.array(&self.name("weight"), Kind::F64)?;
        let mut first = if self.has_snapshots() {
            Some(d.array(&self.name("snapshots"), Kind::F64)?)
        } else {
            None
        };
        let n = weights.shape.first().copied().unwrap_or_default();
        let width = first.as_ref().map_or(Some(self.initial.len() as u64), |array| {
            array.shape.get(1).copied().filter(|_| array.shape[0] > 0)
        });
        if sources.shape != [n] || targets.shape != [n] || width != Some(n) {
            return Err(self.misshapen());
        }
        let mut piece = (
            vec![0_u32; PIECE],
            vec![0_u32; PIECE],
            vec![0.0; PIECE],
            vec![0.0; PIECE],
        );
        let mut at = 0;
        while at < n as usize {
            let length = PIECE.min(n as usize - at);
            sources.read(&mut piece.0[..length])?;
            targets.read(&mut piece.1[..length])?;
            weights.read(&mut piece.2[..length])?;
            match &mut first {
                Some(first) => first.read(&mut piece.3[..length])?,
                None => piece.3[..length].copy_from_slice(&self.initial[at..at + length]),
            }
            for i in 0..length {
                visit(Synapse {
                    source: piece.0[i],
                    target: piece.1[i],
                    before: piece.3[i],
                    after: piece.2[i],
                });
            }
            at += length;
        }
        Ok(())
    }

    /// Gives the snapshots in the order of time: their number, time in ms, and the weights of all synapses. Of many only
    /// some are given, evenly, the first one among them.
    pub(super) fn snapshots(&self, most: u64, visit: &mut dyn FnMut(f64, &[f64])) -> Result<(), Error> {
        let (mut a, mut b) = (Npz::open(&self.path)?, Npz::open(&self.path)?);
        let mut times = a.array(&self.name("snapshot_time_ms"), Kind::F64)?;
        let mut weights = b.array(&self.name("snapshots"), Kind::F64)?;
        let &[n, width] = weights.shape.as_slice() else {
            return Err(self.misshapen());
        };
        if times.shape != [n] {
            return Err(self.misshapen());
        }
        let every = n.div_ceil(most).max(1);
        let (mut time, mut row) = ([0.0], vec![0.0; width as usize]);
        for number in 0..n {
            times.read(&mut time)?;
            weights.read(&mut row)?;
            if number % every == 0 {
                visit(time[0], &row);
            }
        }
        Ok(())
    }

    fn misshapen(&self) -> Error {
        let reason = format!("the arrays of `{}` do not fit each other", self.recording.monitor);
        unreadable(&self.path, &reason)
    }
}
