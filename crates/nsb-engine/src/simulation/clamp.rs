//! Potentials held from outside: written where a command begins or varies.

use nsb_kernels::Columns;

use super::block::positions;
use super::noise::NoiseState;
use crate::index::Step;
use crate::plan::{Plan, PlannedBlock};

/// Streams of the noise of commands are numbered from here, beyond those of stimuli.
const FIRST_STREAM: u32 = 1 << 30;

/// The part of a voltage clamp that belongs to a block.
pub(super) struct ClampPart {
    clamp: usize,
    /// Positions in the block.
    cells: Vec<u32>,
    noise: Option<NoiseState>,
}

impl ClampPart {
    /// The clamps that hold cells of a block.
    pub(super) fn of_block(plan: &Plan, planned: &PlannedBlock) -> Vec<ClampPart> {
        let clamps = plan.voltage_clamps().iter().enumerate();
        clamps
            .filter(|(_, c)| c.command().population() == planned.population)
            .map(|(clamp, c)| {
                let cells = positions(planned, c.command().cells());
                let noise = c.command().signal().and_then(|signal| signal.noise());
                ClampPart {
                    clamp,
                    noise: noise.map(|noise| NoiseState::new(noise, cells.len())),
                    cells,
                }
            })
            .filter(|part| !part.cells.is_empty())
            .collect()
    }

    /// The steps at which it begins and ends.
    pub(super) fn switches(&self, plan: &Plan) -> impl Iterator<Item = Step> {
        let command = plan.voltage_clamps()[self.clamp].command();
        [Some(command.start()), command.stop()].into_iter().flatten()
    }

    /// Whether its command changes from step to step.
    pub(super) fn varies(&self, plan: &Plan, step: Step) -> bool {
        let command = plan.voltage_clamps()[self.clamp].command();
        command.is_varying() && command.is_on(step)
    }

    pub(super) fn noise(&mut self) -> Option<&mut NoiseState> {
        self.noise.as_mut()
    }

    /// Puts the potentials of the block that begins at cell `first` where they are held from a grid point on.
    pub(super) fn hold(&mut self, plan: &Plan, columns: &mut Columns, first: u32, step: Step) {
        let clamp = &plan.voltage_clamps()[self.clamp];
        let command = clamp.command();
        if !command.is_on(step) {
            return;
        }
        for &cell in &self.cells {
            columns.numbers_mut(clamp.held()).set(cell as usize, 1.0);
        }
        let mut voltages = columns.numbers_mut(command.column());
        if let Some(noise) = &mut self.noise {
            let entity = (FIRST_STREAM + self.clamp as u32, first);
            noise.advance(plan.settings().seed, entity, &self.cells, step, command.start());
            for (&cell, value) in self.cells.iter().zip(noise.values()) {
                voltages.set(cell as usize, value);
            }
            return;
        }
        let level = command
            .signal()
            .map_or(command.amplitude().engine(), |signal| signal.at(step));
        for &cell in &self.cells {
            voltages.set(cell as usize, level);
        }
    }
}
