//! Runs any program: one operation at a time over a block of [`LANES`] cells.
//!
//! `compile` turns each phase into instructions with registers allocated, `run` holds their inner loops. The loops are
//! compiled once per vector width and chosen at run time; results do not depend on the width.

mod compile;
mod run;

use nsb_lang::Program;
use nsb_lang::program::PhaseKind;
use nsb_lang::random::Draws;

use crate::aligned::AlignedBuffer;
use crate::columns::{Columns, LANES};
use crate::kernel::{Kernel, Scratch};
use crate::simd::Simd;
use compile::Code;

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
        if scratch.registers.as_slice().len() < code.n_registers * LANES {
            scratch.registers = AlignedBuffer::new(code.n_registers * LANES);
        }
        run::run(code, self.simd, columns, draws, scratch.registers.as_mut_slice());
    }

    fn scratch(&self) -> Scratch {
        let registers = [&self.init, &self.step, &self.derive]
            .map(|code| code.n_registers)
            .into_iter()
            .max();
        Scratch {
            registers: AlignedBuffer::new(registers.unwrap_or(0) * LANES),
        }
    }
}
