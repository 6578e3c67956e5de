//! Noise currents in time: one value for each cell.

use crate::index::Step;
use crate::plan::Noise;
use crate::random::{Purpose, Stream};

/// Bits of a step number in the index of a draw; 2²³ cells take the others.
pub(super) const STEP_BITS: u32 = 41;

/// The noise of the cells of a block that one stimulus reaches.
pub(super) struct NoiseState {
    noise: Noise,
    values: Vec<f64>,
    kept: Vec<f64>,
}

impl NoiseState {
    pub(super) fn new(noise: Noise, n_cells: usize) -> NoiseState {
        NoiseState {
            noise,
            values: vec![0.0; n_cells],
            kept: vec![0.0; n_cells],
        }
    }

    /// What acts on each cell.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> {
        self.values.iter().map(|value| value.max(self.noise.least))
    }

    pub(super) fn keep(&mut self) {
        self.kept.copy_from_slice(&self.values);
    }

    pub(super) fn restore(&mut self) {
        self.values.copy_from_slice(&self.kept);
    }

    /// Goes to a step from the one before, or begins. What is drawn for a cell and step depends on the seed, the
    /// stimulus, the cell and the step alone. `cells` are positions in the block that begins at cell `first`.
    pub(super) fn advance(&mut self, seed: u64, (stimulus, first): (u32, u32), cells: &[u32], step: Step, start: Step) {
        let stream = Stream::new(seed, stimulus, Purpose::Noise);
        let Noise {
            mean, sd, kept, fresh, ..
        } = self.noise;
        for (value, cell) in self.values.iter_mut().zip(cells) {
            let normal = stream.normal(u64::from(first + cell) << STEP_BITS | step.0);
            *value = if step == start {
                mean + sd * normal
            } else {
                mean + (*value - mean) * kept + fresh * normal
            };
        }
    }
}
