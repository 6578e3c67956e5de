//! Which kernel runs a program.

use std::fmt;

use nsb_lang::program::ColumnId;
use nsb_lang::{Float, Program};

use crate::generated::Generated;
use crate::interpreter::Interpreter;
use crate::kernel::Kernel;
use crate::simd::Simd;

/// How programs are run. Results do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Executor {
    /// Kernels compiled at build time where there is one for the equations, the interpreter elsewhere.
    #[default]
    Generated,
    /// The block interpreter for everything.
    Interpreter,
}

impl Executor {
    /// All executors.
    pub const ALL: [Executor; 2] = [Executor::Generated, Executor::Interpreter];

    /// The name used on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Executor::Generated => "generated",
            Executor::Interpreter => "interpreter",
        }
    }

    /// The executor of that name.
    pub fn from_name(name: &str) -> Option<Executor> {
        Executor::ALL.into_iter().find(|e| e.name() == name)
    }

    /// The specialised program and a kernel that runs it. `program` is the result of `lower`, `uniform` gives the
    /// parameters that all cells share, in engine units. The columns to run on are those of the specialised program;
    /// `float` is the kind of number in which they are stepped. The phase `init` may be run on columns of either kind.
    pub fn prepare(
        self,
        program: &Program,
        dt_ms: f64,
        uniform: &[(ColumnId, f64)],
        float: Float,
        simd: Simd,
    ) -> (Program, Box<dyn Kernel>) {
        let specialised = program.specialise(dt_ms, uniform);
        let generated = match self {
            Executor::Generated => Generated::new(program, dt_ms, uniform, float, simd),
            Executor::Interpreter => None,
        };
        let kernel: Box<dyn Kernel> = match generated {
            Some(kernel) => Box::new(kernel),
            None => Box::new(Interpreter::new(&specialised, simd)),
        };
        (specialised, kernel)
    }
}

impl fmt::Display for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
