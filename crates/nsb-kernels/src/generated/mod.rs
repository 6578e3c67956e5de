//! Fused kernels that the build script makes from built-in models: one loop a step, compiled once per vector width.
//!
//! They compute what the interpreter computes, bit for bit. A kernel is found by the fingerprint of a program's step
//! phase, so it serves every population with the same equations, whatever its receptors are called. Parameters must
//! be uniform; `init` and `derive` run in the interpreter.

#![allow(unsafe_code)]

mod kernels;

use nsb_lang::program::{ColumnId, Op, PhaseKind, Role};
use nsb_lang::random::Draws;
use nsb_lang::{Float, Program};

use crate::columns::{Columns, LANES};
use crate::interpreter::Interpreter;
use crate::kernel::{Kernel, Lent, Scratch};
use crate::simd::Simd;
use kernels::Function;

/// Where a column of the step lies when the caller lends those that live for one step only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Own,
    Arrivals(u32),
    Fired,
    Before,
    After,
}

/// Columns that a step touches at most; programs with more are left to the interpreter.
const MAX_TOUCHED: usize = 64;

/// The [`Kernel`] for a program whose step phase was compiled at build time.
#[derive(Debug, Clone)]
pub struct Generated {
    step: Function,
    float: Float,
    /// The columns that the step touches.
    touched: Vec<(ColumnId, Place)>,
    borrows: bool,
    uniforms: Vec<f64>,
    interpreter: Interpreter,
}

impl Generated {
    /// The kernel of a program for columns of a kind, if one was generated for its equations and all its parameters are
    /// uniform.
    ///
    /// `program` is the result of `lower`; `uniform` gives parameters in engine units. A width that the CPU lacks is
    /// replaced by the best it has.
    pub fn new(
        program: &Program,
        dt_ms: f64,
        uniform: &[(ColumnId, f64)],
        float: Float,
        simd: Simd,
    ) -> Option<Generated> {
        let simd = if simd.is_available() { simd } else { Simd::best() };
        let step = kernels::find(program.step_fingerprint(), float, simd)?;
        // Parameters that only the initial state needs may differ between cells.
        let all_uniform = program.phase(PhaseKind::Step).ops.iter().all(|op| match op {
            Op::Load(id) if program.columns()[id.0 as usize].role == Role::Parameter => {
                uniform.iter().any(|(given, _)| given == id)
            }
            _ => true,
        });
        let place = |column: ColumnId| match program.columns()[column.0 as usize].role {
            Role::Arrivals { receptor } => Place::Arrivals(receptor),
            Role::Fired => Place::Fired,
            Role::CrossingBefore => Place::Before,
            Role::CrossingAfter => Place::After,
            _ => Place::Own,
        };
        let columns = program.step_columns();
        let touched: Vec<(ColumnId, Place)> = columns.iter().map(|&(column, _)| (column, place(column))).collect();
        let loads = |column| program.phase(PhaseKind::Step).ops.contains(&Op::Load(column));
        // Arrivals are only read and the others only written; a column that keeps something cannot be lent.
        let borrows = columns.iter().all(|&(column, is_written)| match place(column) {
            Place::Own => true,
            Place::Arrivals(_) => !is_written,
            Place::Fired | Place::Before | Place::After => !loads(column),
        });
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
            float,
            touched,
            borrows,
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
        assert_eq!(columns.float(), self.float, "the columns are of another kind");
        let (stride, blocks) = (columns.stride(), columns.blocks());
        let mut data = columns.data_mut();
        let mut places = [std::ptr::null_mut(); MAX_TOUCHED];
        for (place, (column, _)) in places.iter_mut().zip(&self.touched) {
            let start = column.0 as usize * stride;
            *place = data.part(start..start + blocks * LANES).as_mut_ptr();
        }
        // SAFETY: all columns that the kernel touches are there, each once and long enough, and of the kind that `find`
        // was asked for; it chose a vector width that this CPU has.
        unsafe { (self.step)(&places[..self.touched.len()], blocks, &self.uniforms, draws) }
    }

    fn borrows(&self) -> bool {
        self.borrows
    }

    fn step(&self, columns: &mut Columns, lent: &mut Lent<'_>, draws: Draws) {
        assert!(self.borrows && columns.count() == self.interpreter.n_columns());
        let lent_kinds = [
            lent.fired.float(),
            lent.before.float(),
            lent.after.float(),
            columns.float(),
        ];
        let kinds = lent.arrivals.iter().map(|arrivals| arrivals.float()).chain(lent_kinds);
        assert!(
            kinds.into_iter().all(|float| float == self.float),
            "numbers of another kind"
        );
        let (stride, blocks) = (columns.stride(), columns.blocks());
        let padded = blocks * LANES;
        let mut data = columns.data_mut();
        let mut places = [std::ptr::null_mut(); MAX_TOUCHED];
        for (pointer, &(column, place)) in places.iter_mut().zip(&self.touched) {
            let start = column.0 as usize * stride;
            *pointer = match place {
                Place::Own => data.part(start..start + padded).as_mut_ptr(),
                // Never written, as `borrows` says.
                Place::Arrivals(receptor) => lent.arrivals[receptor as usize].part(0..padded).as_ptr().cast_mut(),
                Place::Fired => lent.fired.part(0..padded).as_mut_ptr(),
                Place::Before => lent.before.part(0..padded).as_mut_ptr(),
                Place::After => lent.after.part(0..padded).as_mut_ptr(),
            };
        }
        // SAFETY: all columns that the kernel touches are there, each once and long enough, and of the kind that `find`
        // was asked for; what is only lent for reading is only read; `find` chose a vector width that this CPU has.
        unsafe { (self.step)(&places[..self.touched.len()], blocks, &self.uniforms, draws) }
    }

    fn scratch(&self) -> Scratch {
        self.interpreter.scratch()
    }
}
