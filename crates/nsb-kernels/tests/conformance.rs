//! Every executor at every width against the meaning of each operation: one suite, exact to the bit.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // tests may

mod support;

use std::sync::Arc;

use nsb_kernels::{Catalogue, Columns, Draws, Executor, Float, Generated, Interpreter, Kernel, Real, Simd};
use nsb_lang::lower::{Method, lower};
use nsb_lang::program::{ColumnId, Phase, PhaseKind, Role};
use nsb_lang::{ModelKind, Program, Source, System};
use support::Cells;

/// Runs a phase with the functions that define the operations, cell by cell.
fn by_definition<R: Real>(phase: &Phase, draws: Draws, lanes: &mut [Vec<R>]) {
    for (lane, first_cell) in lanes.iter_mut().zip(draws.first_cell..) {
        phase.evaluate(f64::NAN, Draws { first_cell, ..draws }, lane, &mut Vec::new());
    }
}

/// The draws of a block in the middle of a population.
fn draws(step: u64) -> Draws {
    Draws {
        seed: 0x1234_5678_9abc_def0,
        population: 3,
        first_cell: 256,
        step,
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

/// Chance at every place where it may be; about every third step fires.
const DRAWING: &str = r#"
neuron drawing "draws"
inputs:
    I : pA "unused but for the sum"
equations:
    dx/dt = I / (1 pA) / (1 ms) : 1
    dy/dt = -y / (2 ms) : 1
initial:
    x = 0
    y = 0
threshold: uniform() + uniform() < dt / (0.025 ms)
rearm: normal() < 0.4
reset:
    x = normal() - uniform()
    y += uniform()
"#;

fn from_text(text: &str) -> Program {
    let (models, findings) = Catalogue::default().add(&Source::new("test.model", text)).unwrap();
    assert_eq!(findings.to_string(), "");
    lower(&System::join(&models[0], &[], &[]).unwrap(), Method::Auto).unwrap()
}

fn programs() -> Vec<Program> {
    let conductances = ["exponential_conductance", "exponential_conductance"];
    let mixed = ["exponential_current", "exponential_conductance"];
    let mut programs = vec![
        joined("hodgkin_huxley", &conductances, Method::Strang),
        joined("hodgkin_huxley", &mixed, Method::Strang),
        joined("hodgkin_huxley", &mixed, Method::ExponentialEuler),
        joined("hodgkin_huxley", &[], Method::ExponentialEuler),
        joined("hodgkin_huxley", &[], Method::Rk2),
        joined("hodgkin_huxley", &[], Method::Rk4),
        joined("lif", &["exponential_current"], Method::Exact),
        joined("lif", &mixed, Method::Auto),
        from_text(DRAWING),
    ];
    // Every built-in neuron as it comes, so that a new model is covered without an edit here.
    let catalogue = Catalogue::builtin();
    let neurons = catalogue.models().filter(|m| m.kind == ModelKind::Neuron);
    programs.extend(neurons.map(|m| joined(&m.name, &[], Method::Auto)));
    programs
}

fn widths() -> impl Iterator<Item = Simd> {
    Simd::ALL.into_iter().filter(|simd| {
        if !simd.is_available() {
            eprintln!("skipped: this CPU has no {simd}");
        }
        simd.is_available()
    })
}

/// The parameters that are the same for all cells: all of them, or every second.
fn uniform(program: &Program, every: usize) -> Vec<(ColumnId, f64)> {
    let parameters = program.columns_with(Role::Parameter).enumerate();
    parameters
        .filter(|(n, _)| n % every == 0)
        .map(|(_, id)| (id, program.columns()[id.0 as usize].default))
        .collect()
}

#[test]
fn every_executor_and_width_gives_the_bits_of_the_definition() {
    for general in programs() {
        for every in [1, 2] {
            for simd in widths() {
                for executor in Executor::ALL {
                    check::<f64>(&general, &uniform(&general, every), executor, simd);
                    check::<f32>(&general, &uniform(&general, every), executor, simd);
                }
            }
        }
    }
}

fn check<R: Real>(general: &Program, uniform: &[(ColumnId, f64)], executor: Executor, simd: Simd) {
    let n = 150;
    let (program, kernel) = executor.prepare(general, 0.025, uniform, R::FLOAT, simd);
    let mut columns = Columns::new(program.columns().len(), n);
    for (id, column) in program.columns().iter().enumerate() {
        let id = ColumnId(id as u32);
        if column.role == Role::Parameter {
            columns.fill(id, column.default);
            if !uniform.iter().any(|(given, _)| *given == id) {
                for (cell, value) in columns.column_mut(id).iter_mut().enumerate() {
                    *value *= 1.0 + cell as f64 * 1e-4;
                }
            }
        }
    }
    let mut lanes: Vec<Vec<f64>> = (0..n).map(|cell| lane(&columns, cell)).collect();
    let mut scratch = kernel.scratch();
    kernel.run(PhaseKind::Init, &mut columns, draws(Draws::INITIAL), &mut scratch);
    by_definition(program.phase(PhaseKind::Init), draws(Draws::INITIAL), &mut lanes);
    assert_same::<f64>(&program, &columns, &lanes, (executor, simd));
    // From here on in numbers of the kind.
    let mut columns = columns.rounded_to(R::FLOAT);
    let round = |lane: &Vec<f64>| lane.iter().map(|&x| R::from_f64(x)).collect();
    let mut lanes: Vec<Vec<R>> = lanes.iter().map(round).collect();
    for step in 0..200 {
        for (id, column) in program.columns().iter().enumerate() {
            // Inputs differ from cell to cell, so that some cells fire and others do not.
            let value = match column.role {
                Role::Input if column.unit.symbol() == "pA" => 500.0,
                Role::Input => 0.2,
                Role::Arrivals { .. } if step % 50 == 0 => 3.0,
                Role::Arrivals { .. } => 0.0,
                _ => continue,
            };
            for (cell, lane) in lanes.iter_mut().enumerate() {
                let value = value * cell as f64 / n as f64;
                columns.numbers_mut(ColumnId(id as u32)).set(cell, value);
                lane[id] = R::from_f64(value);
            }
        }
        kernel.run(PhaseKind::Step, &mut columns, draws(step), &mut scratch);
        by_definition(program.phase(PhaseKind::Step), draws(step), &mut lanes);
    }
    kernel.run(PhaseKind::Derive, &mut columns, draws(0), &mut scratch);
    by_definition(program.phase(PhaseKind::Derive), draws(0), &mut lanes);
    assert_same(&program, &columns, &lanes, (executor, simd));
}

fn assert_same<R: Real>(program: &Program, columns: &Columns, lanes: &[Vec<R>], (executor, simd): (Executor, Simd)) {
    for (cell, expected) in lanes.iter().enumerate() {
        let found = lane(columns, cell);
        for (id, column) in program.columns().iter().enumerate() {
            let expected = expected[id].to_f64();
            assert!(
                found[id].to_bits() == expected.to_bits() || (found[id].is_nan() && expected.is_nan()),
                "{} {} {executor} {simd} {:?}: column {} of cell {cell}: {} against {}",
                program.name(),
                program.method().name(),
                R::FLOAT,
                column.name,
                found[id],
                expected
            );
        }
    }
}

#[test]
fn every_builtin_neuron_has_a_generated_kernel_at_its_default_method() {
    let catalogue = Catalogue::builtin();
    for neuron in catalogue.models().filter(|m| m.kind == ModelKind::Neuron) {
        let program = joined(&neuron.name, &[], Method::Auto);
        let found = Generated::new(&program, 0.025, &uniform(&program, 1), Float::Double, Simd::best());
        assert!(found.is_some(), "{}", neuron.name);
    }
}

#[test]
fn receptors_of_any_name_find_the_generated_kernel() {
    let catalogue = Catalogue::builtin();
    let receptor = catalogue.get("exponential_conductance").unwrap();
    let receptors = ["ampa", "gaba_a"].map(|name| (name.to_string(), Arc::clone(receptor)));
    let system = System::join(catalogue.get("hodgkin_huxley").unwrap(), &receptors, &[]).unwrap();
    let program = lower(&system, Method::Auto).unwrap();
    assert!(Generated::new(&program, 0.025, &uniform(&program, 1), Float::Double, Simd::best()).is_some());
    assert!(
        Generated::new(&program, 0.025, &uniform(&program, 2), Float::Double, Simd::best()).is_none(),
        "per-cell parameters"
    );
}

#[test]
fn leaky_cells_have_a_kernel_in_32_bits_and_others_are_interpreted() {
    for (neuron, receptors) in [
        ("lif", &[][..]),
        ("lif", &["exponential_current"]),
        ("lif", &["exponential_current", "exponential_current"]),
        ("lif", &["exponential_conductance", "exponential_conductance"]),
    ] {
        let program = joined(neuron, receptors, Method::Auto);
        let kernel = Generated::new(&program, 0.1, &uniform(&program, 1), Float::Single, Simd::best());
        assert!(kernel.is_some_and(|kernel| kernel.borrows()), "{neuron} {receptors:?}");
    }
    let program = joined("hodgkin_huxley", &[], Method::Auto);
    assert!(Generated::new(&program, 0.025, &uniform(&program, 1), Float::Single, Simd::best()).is_none());
}

fn lane(columns: &Columns, cell: usize) -> Vec<f64> {
    (0..columns.count())
        .map(|id| columns.numbers(ColumnId(id as u32)).get(cell))
        .collect()
}

#[test]
fn uniform_and_per_cell_parameters_give_the_same_bits() {
    let general = joined("hodgkin_huxley", &["exponential_conductance"], Method::Strang);
    let defaults: Vec<(ColumnId, f64)> = general
        .columns_with(Role::Parameter)
        .map(|id| (id, general.columns()[id.0 as usize].default))
        .collect();
    let run = |float, uniform: &[(ColumnId, f64)]| {
        let program = general.specialise(0.025, uniform);
        let kernel = Interpreter::new(&program, Simd::best());
        let mut columns = Columns::new(program.columns().len(), 3);
        for &(id, value) in &defaults {
            columns.fill(id, value);
        }
        let mut scratch = kernel.scratch();
        kernel.run(PhaseKind::Init, &mut columns, draws(Draws::INITIAL), &mut scratch);
        // What is constant is computed in 64 bits and rounded once, in either way.
        let mut columns = columns.rounded_to(float);
        columns.fill(general.column("I").unwrap(), 0.1);
        for _ in 0..2000 {
            kernel.run(PhaseKind::Step, &mut columns, draws(0), &mut scratch);
        }
        let voltages = columns.numbers(general.column("V").unwrap()).iter();
        voltages.collect::<Vec<_>>()
    };
    let [double, single] = Float::ALL.map(|float| {
        assert_eq!(run(float, &defaults), run(float, &[]));
        run(float, &[])
    });
    assert_ne!(double, single);
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
