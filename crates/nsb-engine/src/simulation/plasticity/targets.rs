//! The variables that a rule has for each target cell: advanced with the clock, as neurons are.

use nsb_kernels::{Columns, Draws, Scratch};
use nsb_lang::program::{ColumnId, PhaseKind};

use super::super::block::Block;
use super::machine::TargetMachine;
use crate::index::PopulationId;
use crate::plan::PlasticSynapses;

/// The variables of the target cells of a domain.
pub(super) struct Targets {
    pub(super) columns: Columns,
    scratch: Scratch,
}

impl Targets {
    pub(super) fn new(machine: &TargetMachine, n_cells: usize) -> Targets {
        let mut columns = Columns::new(machine.program.columns().len(), n_cells);
        let mut scratch = machine.kernel.scratch();
        machine
            .kernel
            .run(PhaseKind::Init, &mut columns, no_draws(), &mut scratch);
        Targets { columns, scratch }
    }

    /// Reads the variables of the neurons as they are now.
    pub(super) fn read(
        &mut self,
        machine: &TargetMachine,
        columns: &[ColumnId],
        (population, blocks): (PopulationId, &[Block]),
        store: &PlasticSynapses,
    ) {
        for (&from, &to) in columns.iter().zip(&machine.inputs) {
            for block in blocks.iter().filter(|block| block.population == population) {
                let Some(first) = store.cells().number(block.first) else {
                    continue;
                };
                let values = block.column(from);
                let to = &mut self.columns.column_mut(to)[first as usize..][..values.len()];
                to.iter_mut().zip(values.iter()).for_each(|(to, value)| *to = value);
            }
        }
    }

    /// Goes on by a step.
    pub(super) fn advance(&mut self, machine: &TargetMachine) {
        let Targets { columns, scratch } = self;
        machine.kernel.run(PhaseKind::Step, columns, no_draws(), scratch);
    }
}

/// Rules draw nothing.
pub(super) fn no_draws() -> Draws {
    Draws {
        seed: 0,
        population: 0,
        first_cell: 0,
        step: Draws::INITIAL,
    }
}
