//! A population without a network: drives a kernel step by step.

#![allow(dead_code)] // each test file uses a part of it

use std::sync::Arc;

use nsb_kernels::{Catalogue, Columns, Interpreter, Kernel, Scratch, Simd};
use nsb_lang::lower::{Method, lower};
use nsb_lang::program::{ColumnId, PhaseKind, Role};
use nsb_lang::{Program, Quantity, Source, System, model, syntax};

pub(crate) struct Cells {
    pub(crate) program: Program,
    pub(crate) columns: Columns,
    kernel: Interpreter,
    scratch: Scratch,
    pub(crate) dt: f64,
    pub(crate) steps: u64,
}

impl Cells {
    /// `n` cells of a built-in model; parameters such as `("tau_m", "10 ms")` are uniform.
    pub(crate) fn builtin(model: &str, method: Method, dt: f64, n: usize, parameters: &[(&str, &str)]) -> Cells {
        let catalogue = Catalogue::builtin();
        let neuron = catalogue.get(model).expect("built-in model");
        let system = System::join(neuron, &[], &[]).expect("joins");
        Cells::from_system(&system, method, dt, n, parameters, Simd::best())
    }

    /// Cells of a model given as text.
    pub(crate) fn text(text: &str, method: Method, dt: f64, n: usize) -> Cells {
        let source = Source::new("test.model", text);
        let (file, diagnostics) = syntax::parse(&source);
        assert!(!diagnostics.has_errors(), "{diagnostics}");
        let (models, diagnostics) = model::check(&file, &source);
        assert!(!diagnostics.has_errors(), "{diagnostics}");
        let neuron = Arc::clone(&models[0]);
        let receptors: Vec<_> = models[1..].iter().map(|m| (m.name.clone(), Arc::clone(m))).collect();
        let system = System::join(&neuron, &receptors, &[]).expect("joins");
        Cells::from_system(&system, method, dt, n, &[], Simd::best())
    }

    pub(crate) fn from_system(
        system: &System,
        method: Method,
        dt: f64,
        n: usize,
        parameters: &[(&str, &str)],
        simd: Simd,
    ) -> Cells {
        let general = lower(system, method).unwrap_or_else(|d| panic!("{d}"));
        let uniform: Vec<(ColumnId, f64)> = general
            .columns_with(Role::Parameter)
            .map(|id| {
                let column = &general.columns()[id.0 as usize];
                let given = parameters.iter().find(|(name, _)| *name == column.name);
                (
                    id,
                    given.map_or(column.default, |(_, text)| {
                        Quantity::parse(text).expect("quantity").engine()
                    }),
                )
            })
            .collect();
        let program = general.specialise(dt, &uniform);
        let kernel = Interpreter::new(&program, simd);
        let mut columns = Columns::new(program.columns().len(), n);
        let mut scratch = kernel.scratch();
        kernel.run(PhaseKind::Init, &mut columns, &mut scratch);
        Cells {
            program,
            columns,
            kernel,
            scratch,
            dt,
            steps: 0,
        }
    }

    pub(crate) fn id(&self, name: &str) -> ColumnId {
        self.program.column(name).unwrap_or_else(|| panic!("no column {name}"))
    }

    /// Sets a column of all cells to a quantity.
    pub(crate) fn set(&mut self, name: &str, quantity: &str) {
        let value = Quantity::parse(quantity).expect("quantity").engine();
        let id = self.id(name);
        self.columns.fill(id, value);
    }

    pub(crate) fn value(&self, name: &str, cell: usize) -> f64 {
        self.columns.column(self.id(name))[cell]
    }

    /// Steps once and returns the (cell, time) of spikes, time interpolated between the grid points.
    pub(crate) fn step(&mut self) -> Vec<(usize, f64)> {
        self.kernel.run(PhaseKind::Step, &mut self.columns, &mut self.scratch);
        let start = self.steps as f64 * self.dt;
        self.steps += 1;
        let column = |role| self.program.columns_with(role).next();
        let Some(fired) = column(Role::Fired) else {
            return Vec::new();
        };
        let before = self
            .columns
            .column(column(Role::CrossingBefore).expect("comes with fired"));
        let after = self
            .columns
            .column(column(Role::CrossingAfter).expect("comes with fired"));
        let fired = self.columns.column(fired);
        (0..self.columns.len())
            .filter(|&cell| fired[cell] != 0.0)
            .map(|cell| {
                let fraction = (before[cell] / (before[cell] - after[cell])).clamp(0.0, 1.0);
                (cell, start + self.dt * fraction)
            })
            .collect()
    }

    /// Runs until a time and returns the spike times of cell 0.
    pub(crate) fn spikes_until(&mut self, end: f64) -> Vec<f64> {
        let mut times = Vec::new();
        while (self.steps as f64) * self.dt < end - 0.5 * self.dt {
            times.extend(self.step().into_iter().filter(|(cell, _)| *cell == 0).map(|(_, t)| t));
        }
        times
    }
}
