//! The right-hand sides of a model at any states: what dx/dt is there.
//!
//! An explicit Euler step adds dt · dx/dt whatever dt is, so one step of 1 ms, without threshold, reset and
//! refractoriness, gives the derivative in units per ms, computed by the same program and kernel as a simulation.

use nsb_kernels::{Columns, Draws, Interpreter, Kernel, Simd};
use nsb_lang::lower::{self, Method};
use nsb_lang::model::System;
use nsb_lang::program::{ColumnId, PhaseKind, Program, Role};
use nsb_lang::{Model, Quantity};

use crate::error::Error;

/// The vector field of a model with fixed parameters and input.
pub(crate) struct Field {
    program: Program,
    kernel: Interpreter,
    states: Vec<ColumnId>,
    /// Columns that do not change, with their values in engine units.
    fixed: Vec<(ColumnId, f64)>,
}

impl Field {
    /// The field at these parameters (name and value) and constant input.
    pub(crate) fn new(
        model: &std::sync::Arc<Model>,
        parameters: &[(String, Quantity)],
        input: Option<&Quantity>,
    ) -> Result<Field, Error> {
        let mut system = System::join(model, &[], &[])?;
        system.threshold = None;
        system.reset.clear();
        system.refractory = None;
        let program = lower::lower(&system, Method::Euler)?.specialise(1.0, &[]);
        let mut fixed = Vec::new();
        for (index, column) in program.columns().iter().enumerate() {
            let id = ColumnId(index as u32);
            match column.role {
                Role::Parameter => {
                    let given = parameters.iter().rev().find(|(name, _)| *name == column.name);
                    fixed.push((id, given.map_or(column.default, |(_, value)| value.engine())));
                }
                Role::Input => {
                    let given = input.filter(|input| input.dimension() == column.unit.dimension());
                    fixed.push((id, given.map_or(0.0, Quantity::engine)));
                }
                _ => {}
            }
        }
        let states = model
            .states
            .iter()
            .map(|s| program.column(&s.name).expect("each state has a column"));
        Ok(Field {
            states: states.collect(),
            kernel: Interpreter::new(&program, Simd::best()),
            program,
            fixed,
        })
    }

    /// dx/dt of the first two states at many places at once, engine units per ms.
    pub(crate) fn at(&self, places: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let mut columns = Columns::new(self.program.columns().len(), places.len());
        for (id, value) in &self.fixed {
            columns.fill(*id, *value);
        }
        let mut scratch = self.kernel.scratch();
        self.kernel
            .run(PhaseKind::Init, &mut columns, Draws::default(), &mut scratch);
        let [x, y] = [self.states[0], self.states[1]];
        for (lane, place) in places.iter().enumerate() {
            columns.column_mut(x)[lane] = place.0;
            columns.column_mut(y)[lane] = place.1;
        }
        self.kernel
            .run(PhaseKind::Step, &mut columns, Draws::default(), &mut scratch);
        let (after_x, after_y) = (columns.column(x), columns.column(y));
        let ends = after_x.iter().zip(after_y);
        places
            .iter()
            .zip(ends)
            .map(|(place, end)| (end.0 - place.0, end.1 - place.1))
            .collect()
    }
}
