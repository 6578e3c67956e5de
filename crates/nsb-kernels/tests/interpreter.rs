//! The interpreter against the meaning of each operation, and against itself at other widths.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // tests may

mod support;

use std::sync::Arc;

use nsb_kernels::{Catalogue, Columns, Interpreter, Kernel, Simd};
use nsb_lang::lower::{Method, lower};
use nsb_lang::program::{ColumnId, Op, Phase, PhaseKind, Role};
use nsb_lang::{Program, System};
use support::Cells;

/// Runs a phase one lane at a time with the functions that define the operations.
fn by_definition(phase: &Phase, lane: &mut [f64]) {
    let mut values = Vec::with_capacity(phase.ops.len());
    for op in &phase.ops {
        let get = |v: nsb_lang::program::ValueId| values[v.0 as usize];
        values.push(match *op {
            Op::Constant(value) => value,
            Op::Dt => unreachable!("specialised"),
            Op::Load(column) => lane[column.0 as usize],
            Op::Unary(op, a) => op.apply(get(a)),
            Op::Binary(op, a, b) => op.apply(get(a), get(b)),
            Op::Fma(a, b, c) => f64::mul_add(get(a), get(b), get(c)),
            Op::Select {
                condition,
                then,
                otherwise,
            } => {
                if get(condition) != 0.0 {
                    get(then)
                } else {
                    get(otherwise)
                }
            }
        });
    }
    for &(column, value) in &phase.stores {
        lane[column.0 as usize] = values[value.0 as usize];
    }
}

fn joined(neuron: &str, receptors: &[&str], method: Method) -> Program {
    let catalogue = Catalogue::builtin();
    let receptors: Vec<_> = receptors
        .iter()
        .map(|name| ((*name).to_string(), Arc::clone(catalogue.get(name).unwrap())))
        .collect();
    let system = System::join(catalogue.get(neuron).unwrap(), &receptors, &[]).unwrap();
    lower(&system, method).unwrap()
}

fn programs() -> Vec<Program> {
    let both = ["exponential_current", "exponential_conductance"];
    vec![
        joined("hodgkin_huxley", &both, Method::Strang),
        joined("hodgkin_huxley", &both, Method::ExponentialEuler),
        joined("hodgkin_huxley", &[], Method::Rk4),
        joined("lif", &["exponential_current"], Method::Exact),
        joined("lif", &both, Method::Auto),
    ]
}

#[test]
fn every_width_gives_the_bits_of_the_definition() {
    for general in programs() {
        // Half of the parameters differ from cell to cell, so that both kinds are covered.
        let uniform: Vec<(ColumnId, f64)> = general
            .columns_with(Role::Parameter)
            .enumerate()
            .filter(|(n, _)| n % 2 == 0)
            .map(|(_, id)| (id, general.columns()[id.0 as usize].default))
            .collect();
        let program = general.specialise(0.025, &uniform);
        for simd in Simd::ALL.into_iter().filter(|simd| {
            if !simd.is_available() {
                eprintln!("skipped: this CPU has no {simd}");
            }
            simd.is_available()
        }) {
            let n = 150;
            let kernel = Interpreter::new(&program, simd);
            let mut columns = Columns::new(program.columns().len(), n);
            for (id, column) in program.columns().iter().enumerate() {
                if column.role == Role::Parameter {
                    let id = ColumnId(id as u32);
                    columns.fill(id, column.default);
                    for (cell, value) in columns.column_mut(id).iter_mut().enumerate() {
                        *value *= 1.0 + cell as f64 * 1e-4;
                    }
                }
            }
            let mut lanes: Vec<Vec<f64>> = (0..n).map(|cell| lane(&columns, cell)).collect();
            let mut scratch = kernel.scratch();
            kernel.run(PhaseKind::Init, &mut columns, &mut scratch);
            lanes
                .iter_mut()
                .for_each(|lane| by_definition(program.phase(PhaseKind::Init), lane));
            for step in 0..300 {
                for (id, column) in program.columns().iter().enumerate() {
                    let value = match column.role {
                        Role::Input if column.unit.symbol() == "pA" => 100.0,
                        Role::Input => 0.1,
                        Role::Arrivals { .. } if step % 50 == 0 => 3.0,
                        Role::Arrivals { .. } => 0.0,
                        _ => continue,
                    };
                    columns.fill(ColumnId(id as u32), value);
                    lanes.iter_mut().for_each(|lane| lane[id] = value);
                }
                kernel.run(PhaseKind::Step, &mut columns, &mut scratch);
                lanes
                    .iter_mut()
                    .for_each(|lane| by_definition(program.phase(PhaseKind::Step), lane));
            }
            kernel.run(PhaseKind::Derive, &mut columns, &mut scratch);
            lanes
                .iter_mut()
                .for_each(|lane| by_definition(program.phase(PhaseKind::Derive), lane));
            for (cell, expected) in lanes.iter().enumerate() {
                let found = lane(&columns, cell);
                for (id, column) in program.columns().iter().enumerate() {
                    assert_eq!(
                        found[id].to_bits(),
                        expected[id].to_bits(),
                        "{} {:?} {simd}: column {} of cell {cell}: {} against {}",
                        program.name(),
                        program.method(),
                        column.name,
                        found[id],
                        expected[id]
                    );
                }
            }
        }
    }
}

fn lane(columns: &Columns, cell: usize) -> Vec<f64> {
    (0..columns.count())
        .map(|id| columns.column(ColumnId(id as u32))[cell])
        .collect()
}

#[test]
fn uniform_and_per_cell_parameters_give_the_same_bits() {
    let general = joined("hodgkin_huxley", &["exponential_conductance"], Method::Strang);
    let defaults: Vec<(ColumnId, f64)> = general
        .columns_with(Role::Parameter)
        .map(|id| (id, general.columns()[id.0 as usize].default))
        .collect();
    let run = |uniform: &[(ColumnId, f64)]| {
        let program = general.specialise(0.025, uniform);
        let kernel = Interpreter::new(&program, Simd::best());
        let mut columns = Columns::new(program.columns().len(), 3);
        for &(id, value) in &defaults {
            columns.fill(id, value);
        }
        let mut scratch = kernel.scratch();
        kernel.run(PhaseKind::Init, &mut columns, &mut scratch);
        columns.fill(general.column("I").unwrap(), 0.1);
        for _ in 0..2000 {
            kernel.run(PhaseKind::Step, &mut columns, &mut scratch);
        }
        columns.column(general.column("V").unwrap()).to_vec()
    };
    assert_eq!(run(&defaults), run(&[]));
}

#[test]
fn a_cell_does_not_depend_on_its_neighbours() {
    let mut one = Cells::builtin("hodgkin_huxley", Method::Auto, 0.025, 1, &[]);
    let mut many = Cells::builtin("hodgkin_huxley", Method::Auto, 0.025, 200, &[]);
    for cells in [&mut one, &mut many] {
        cells.set("I", "10 uA/cm^2");
        for _ in 0..1000 {
            cells.step();
        }
    }
    for cell in 0..200 {
        assert_eq!(one.value("V", 0).to_bits(), many.value("V", cell).to_bits());
    }
}
