//! Fused kernels that the build script makes from built-in models: one loop a step, compiled once per vector width.
//!
//! They compute what the interpreter computes, bit for bit. A kernel is found by the fingerprint of a program's step
//! phase, so it serves every population with the same equations, whatever its receptors are called. Parameters must
//! be uniform; `init` and `derive` run in the interpreter.

#![allow(unsafe_code)]

mod kernels;

use nsb_lang::Program;
use nsb_lang::program::{ColumnId, Op, PhaseKind, Role};
use nsb_lang::random::Draws;

use crate::columns::Columns;
use crate::interpreter::Interpreter;
use crate::kernel::{Kernel, Scratch};
use crate::simd::Simd;
use kernels::Function;

/// Columns that a step touches at most; programs with more are left to the interpreter.
const MAX_TOUCHED: usize = 64;

/// The [`Kernel`] for a program whose step phase was compiled at build time.
#[derive(Debug, Clone)]
pub struct Generated {
    step: Function,
    /// The columns that the step touches.
    touched: Vec<ColumnId>,
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
        // Parameters that only the initial state needs may differ between cells.
        let all_uniform = program.phase(PhaseKind::Step).ops.iter().all(|op| match op {
            Op::Load(id) if program.columns()[id.0 as usize].role == Role::Parameter => {
                uniform.iter().any(|(given, _)| given == id)
            }
            _ => true,
        });
        let touched: Vec<ColumnId> = program.step_columns().into_iter().map(|(column, _)| column).collect();
        if !all_uniform || touched.len() > MAX_TOUCHED {
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
            touched,
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
        let data = columns.data_mut();
        let mut places = [std::ptr::null_mut(); MAX_TOUCHED];
        for (place, column) in places.iter_mut().zip(&self.touched) {
            *place = data[column.0 as usize * stride..].as_mut_ptr();
        }
        // SAFETY: all columns that the kernel touches are there, each once; the blocks lie within the stride, a multiple
        // of LANES; `find` chose a vector width that this CPU has.
        unsafe { (self.step)(&places[..self.touched.len()], blocks, &self.uniforms, draws) }
    }

    fn scratch(&self) -> Scratch {
        self.interpreter.scratch()
    }
}
