//! Runs any program: one operation at a time over a block of [`LANES`] cells.
//!
//! `compile` turns each phase into instructions with registers allocated, `run` holds their inner loops. The loops are
//! compiled once per vector width and kind of number and chosen at run time; results do not depend on the width.

mod compile;
mod run;

use nsb_lang::program::PhaseKind;
use nsb_lang::random::Draws;
use nsb_lang::{Float, Program};

use crate::columns::{Columns, LANES};
use crate::kernel::{Kernel, Scratch};
use crate::numbers::{Numbers, SliceMut};
use crate::simd::Simd;
use compile::Code;
use run::Shape;

/// The [`Kernel`] for any program.
#[derive(Debug, Clone)]
pub struct Interpreter {
    init: Code,
    step: Code,
    derive: Code,
    n_columns: usize,
    simd: Simd,
}

impl Interpreter {
    /// Prepares a specialised program for a vector width. A width that the CPU lacks is replaced by the best it has.
    ///
    /// # Panics
    /// If the program still refers to dt: only the result of `Program::specialise` can be run.
    pub fn new(program: &Program, simd: Simd) -> Interpreter {
        let code = |kind| Code::compile(program.phase(kind));
        Interpreter {
            init: code(PhaseKind::Init),
            step: code(PhaseKind::Step),
            derive: code(PhaseKind::Derive),
            n_columns: program.columns().len(),
            simd: if simd.is_available() { simd } else { Simd::best() },
        }
    }

    /// Number of columns of the program.
    pub(crate) fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// The most that a phase needs.
    fn n_registers(&self) -> usize {
        let phases = [&self.init, &self.step, &self.derive];
        phases.map(|code| code.n_registers).into_iter().max().unwrap_or(0)
    }

    /// Number of instructions that one step runs.
    pub fn step_instructions(&self) -> usize {
        self.step.instructions.len()
    }
}

impl Kernel for Interpreter {
    fn run(&self, phase: PhaseKind, columns: &mut Columns, draws: Draws, scratch: &mut Scratch) {
        let code = match phase {
            PhaseKind::Init => &self.init,
            PhaseKind::Step => &self.step,
            PhaseKind::Derive => &self.derive,
        };
        assert_eq!(columns.count(), self.n_columns, "the columns belong to another program");
        let registers = &mut scratch.registers;
        if registers.float() != columns.float() || registers.len() < code.n_registers * LANES {
            *registers = Numbers::new(columns.float(), self.n_registers() * LANES);
        }
        let shape = Shape {
            stride: columns.stride(),
            n_columns: columns.count(),
            n_blocks: columns.blocks(),
        };
        match (columns.data_mut(), registers.as_mut_slice()) {
            (SliceMut::Double(data), SliceMut::Double(registers)) => {
                run::run(code, self.simd, shape, data, draws, registers);
            }
            (SliceMut::Single(data), SliceMut::Single(registers)) => {
                run::run(code, self.simd, shape, data, draws, registers);
            }
            _ => unreachable!("registers are of the kind of the columns"),
        }
    }

    fn scratch(&self) -> Scratch {
        Scratch {
            registers: Numbers::new(Float::Double, self.n_registers() * LANES),
        }
    }
}
