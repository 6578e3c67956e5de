//! A population without a network: drives a kernel step by step.

#![allow(dead_code)] // each test file uses a part of it

use std::sync::Arc;

use nsb_kernels::{Catalogue, Columns, Draws, Interpreter, Kernel, Scratch, Simd};
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
    pub(crate) seed: u64,
}

impl Cells {
    /// `n` cells of a built-in model; parameters such as `("tau_m", "10 ms")` are uniform.
    pub(crate) fn builtin(model: &str, method: Method, dt: f64, n: usize, parameters: &[(&str, &str)]) -> Cells {
        let catalogue = Catalogue::builtin();
        let neuron = catalogue.get(model).expect("built-in model");
        let system = System::join(neuron, &[], &[]).expect("joins");
        Cells::from_system(&system, method, dt, n, parameters, Simd::best())
    }

    /// `n` cells of a preset of a built-in model, by the model's method.
    pub(crate) fn preset(model: &str, preset: &str, dt: f64, n: usize) -> Cells {
        let catalogue = Catalogue::builtin();
        let neuron = catalogue.get(model).expect("built-in model");
        let preset = neuron
            .preset(preset)
            .unwrap_or_else(|| panic!("{model} has no preset {preset}"));
        let system = System::join(neuron, &[], &[]).expect("joins");
        Cells::from_values(&system, Method::Auto, dt, n, &preset.values, Simd::best())
    }

    /// `n` cells of a built-in neuron with built-in receptors under their own names.
    pub(crate) fn with_receptors(
        neuron: &str,
        receptors: &[&str],
        method: Method,
        dt: f64,
        parameters: &[(&str, &str)],
    ) -> Cells {
        let catalogue = Catalogue::builtin();
        let model = |name: &str| Arc::clone(catalogue.get(name).expect("built-in model"));
        let receptors: Vec<_> = receptors.iter().map(|name| (name.to_string(), model(name))).collect();
        let system = System::join(&model(neuron), &receptors, &[]).expect("joins");
        Cells::from_system(&system, method, dt, 1, parameters, Simd::best())
    }

    /// One step in which a weight arrives at a receptor; returns the time of a spike.
    pub(crate) fn step_with(&mut self, receptor: &str, weight: &str) -> Option<f64> {
        let column = format!("{receptor}.arrivals");
        self.set(&column, weight);
        let spikes = self.step();
        let id = self.id(&column);
        self.columns.fill(id, 0.0);
        spikes.first().map(|(_, time)| *time)
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
        let values: Vec<(String, f64)> = parameters
            .iter()
            .map(|(name, text)| ((*name).to_string(), Quantity::parse(text).expect("quantity").engine()))
            .collect();
        Cells::from_values(system, method, dt, n, &values, simd)
    }

    fn from_values(
        system: &System,
        method: Method,
        dt: f64,
        n: usize,
        parameters: &[(String, f64)],
        simd: Simd,
    ) -> Cells {
        for (name, _) in parameters {
            assert!(system.parameters.iter().any(|p| p.name == *name), "no parameter {name}");
        }
        let general = lower(system, method).unwrap_or_else(|d| panic!("{d}"));
        let uniform: Vec<(ColumnId, f64)> = general
            .columns_with(Role::Parameter)
            .map(|id| {
                let column = &general.columns()[id.0 as usize];
                let given = parameters.iter().find(|(name, _)| *name == column.name);
                (id, given.map_or(column.default, |(_, value)| *value))
            })
            .collect();
        let program = general.specialise(dt, &uniform);
        let kernel = Interpreter::new(&program, simd);
        let mut columns = Columns::new(program.columns().len(), n);
        let mut scratch = kernel.scratch();
        let draws = Draws {
            step: Draws::INITIAL,
            ..Draws::default()
        };
        kernel.run(PhaseKind::Init, &mut columns, draws, &mut scratch);
        Cells {
            program,
            columns,
            kernel,
            scratch,
            dt,
            steps: 0,
            seed: 0,
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

    /// Sets a column cell by cell.
    pub(crate) fn set_each<T: AsRef<str>>(&mut self, name: &str, quantities: &[T]) {
        assert_eq!(quantities.len(), self.columns.len());
        let id = self.id(name);
        for (cell, text) in quantities.iter().enumerate() {
            let value = Quantity::parse(text.as_ref()).expect("quantity").engine();
            self.columns.column_mut(id)[cell] = value;
        }
    }

    pub(crate) fn value(&self, name: &str, cell: usize) -> f64 {
        self.columns.column(self.id(name))[cell]
    }

    /// Steps once and returns the (cell, time) of spikes, time interpolated between the grid points.
    pub(crate) fn step(&mut self) -> Vec<(usize, f64)> {
        let draws = Draws {
            seed: self.seed,
            step: self.steps,
            ..Draws::default()
        };
        self.kernel
            .run(PhaseKind::Step, &mut self.columns, draws, &mut self.scratch);
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
                let fraction = match before[cell] >= 0.0 {
                    true => 0.0,
                    false => (before[cell] / (before[cell] - after[cell])).clamp(0.0, 1.0),
                };
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

    /// Runs until a time and returns the spike times of each cell.
    pub(crate) fn all_spikes_until(&mut self, end: f64) -> Vec<Vec<f64>> {
        let mut times = vec![Vec::new(); self.columns.len()];
        while (self.steps as f64) * self.dt < end - 0.5 * self.dt {
            for (cell, time) in self.step() {
                times[cell].push(time);
            }
        }
        times
    }

    /// The value of a derived variable now.
    pub(crate) fn derived(&mut self, name: &str, cell: usize) -> f64 {
        self.kernel.run(
            PhaseKind::Derive,
            &mut self.columns,
            Draws::default(),
            &mut self.scratch,
        );
        self.value(name, cell)
    }
}

/// A model at a step, with some parameters changed.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) model: &'a str,
    pub(crate) dt: f64,
    pub(crate) parameters: &'a [(&'a str, &'a str)],
}

impl Setting<'_> {
    pub(crate) fn cells(&self, n: usize) -> Cells {
        Cells::builtin(self.model, Method::Auto, self.dt, n, self.parameters)
    }

    /// Spike times per current; the current is on from the start, one cell for each.
    pub(crate) fn spikes<T: AsRef<str>>(&self, currents: &[T], duration: f64) -> Vec<Vec<f64>> {
        let mut cells = self.cells(currents.len());
        cells.set_each("I", currents);
        cells.all_spikes_until(duration)
    }

    /// The f-I curve: rate (Hz) per current from the intervals in the second half of the run.
    pub(crate) fn rates<T: AsRef<str>>(&self, currents: &[T], duration: f64) -> Vec<f64> {
        self.spikes(currents, duration)
            .iter()
            .map(|times| steady_rate(times, 0.5 * duration))
            .collect()
    }

    /// Compares an f-I curve with the expected rates; `tolerance` is relative, and 0 means silence.
    pub(crate) fn assert_rates(&self, expected: &[(&str, f64)], duration: f64, tolerance: f64) {
        let currents: Vec<&str> = expected.iter().map(|(current, _)| *current).collect();
        for ((current, expected), found) in expected.iter().zip(self.rates(&currents, duration)) {
            let close = if *expected == 0.0 {
                found == 0.0
            } else {
                (found / expected - 1.0).abs() < tolerance
            };
            assert!(close, "{} at {current}: {found} Hz, expected {expected} Hz", self.model);
        }
    }
}

/// Rate (Hz) from the intervals after a time.
pub(crate) fn steady_rate(times: &[f64], from: f64) -> f64 {
    let times: Vec<f64> = times.iter().copied().filter(|t| *t >= from).collect();
    match times.as_slice() {
        [first, .., last] => 1000.0 * (times.len() - 1) as f64 / (last - first),
        _ => 0.0,
    }
}

/// Intervals between spikes, ms.
pub(crate) fn intervals(times: &[f64]) -> Vec<f64> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}
