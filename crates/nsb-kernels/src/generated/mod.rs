//! Fused kernels that the build script makes from built-in models: one loop a step, compiled once per vector width.
//!
//! They compute what the interpreter computes, bit for bit. A kernel is found by the fingerprint of a program's step
//! phase, so it serves every population with the same equations, whatever its receptors are called. Parameters must
//! be uniform; `init` and `derive` run in the interpreter.

#![allow(unsafe_code)]

mod kernels;

use nsb_lang::Program;
use nsb_lang::program::{ColumnId, PhaseKind};
use nsb_lang::random::Draws;

use crate::columns::Columns;
use crate::interpreter::Interpreter;
use crate::kernel::{Kernel, Scratch};
use crate::simd::Simd;
use kernels::Function;

/// The [`Kernel`] for a program whose step phase was compiled at build time.
#[derive(Debug, Clone)]
pub struct Generated {
    step: Function,
    uniforms: Vec<f64>,
    interpreter: Interpreter,
}

impl Generated {
    /// The kernel of a program, if one was generated for its equations and all its parameters are uniform.
    ///
    /// `program` is the result of `lower`; `uniform` gives parameters in engine units. A width that the CPU lacks is
    /// replaced by the best it has.
    pub fn new(program: &Program, dt_ms: f64, uniform: &[(ColumnId, f64)], simd: Simd) -> Option<Generated> {
        let simd = if simd.is_available() { simd } else { Simd::best() };
        let step = kernels::find(program.step_fingerprint(), simd)?;
        let all_uniform = program
            .columns_with(nsb_lang::program::Role::Parameter)
            .all(|id| uniform.iter().any(|(given, _)| *given == id));
        if !all_uniform {
            return None;
        }
        let value = |id| {
            uniform
                .iter()
                .find(|(given, _)| *given == id)
                .map_or(f64::NAN, |(_, value)| *value)
        };
        let uniforms = program.uniform_invariants(dt_ms, value);
        Some(Generated {
            step,
            uniforms,
            interpreter: Interpreter::new(&program.specialise(dt_ms, uniform), simd),
        })
    }
}

impl Kernel for Generated {
    fn run(&self, phase: PhaseKind, columns: &mut Columns, draws: Draws, scratch: &mut Scratch) {
        if phase != PhaseKind::Step {
            return self.interpreter.run(phase, columns, draws, scratch);
        }
        assert_eq!(
            columns.count(),
            self.interpreter.n_columns(),
            "the columns belong to another program"
        );
        let (stride, blocks) = (columns.stride(), columns.blocks());
        // SAFETY: the kernel touches only columns of the program it was generated from, which has as many as there
        // are here; the blocks lie within the stride, a multiple of LANES; `find` chose a vector width that this CPU has.
        unsafe { (self.step)(columns.data_mut().as_mut_ptr(), stride, blocks, &self.uniforms, draws) }
    }

    fn scratch(&self) -> Scratch {
        self.interpreter.scratch()
    }
}
