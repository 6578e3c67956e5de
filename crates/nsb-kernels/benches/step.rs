//! Nanoseconds per neuron-step of uncoupled populations: `cargo bench -p nsb-kernels`.
//!
//! Each iteration is one step of 1,000 cells, so the printed throughput is the inverse of the time per neuron-step.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nsb_kernels::{Catalogue, Columns, Draws, Executor, Float, Simd};
use nsb_lang::System;
use nsb_lang::lower::{Method, lower};
use nsb_lang::program::{ColumnId, PhaseKind, Role};

const CELLS: usize = 1000;
const DT_MS: f64 = 0.025;

fn step(criterion: &mut Criterion) {
    let catalogue = Catalogue::builtin();
    let mut group = criterion.benchmark_group("step");
    group.throughput(Throughput::Elements(CELLS as u64));
    for (model, method) in [
        ("hodgkin_huxley", Method::Strang),
        ("hodgkin_huxley", Method::ExponentialEuler),
        ("hodgkin_huxley", Method::Rk4),
        ("izhikevich", Method::Auto),
        ("lif", Method::Exact),
    ] {
        let neuron = catalogue.get(model).expect("built-in model");
        let system = System::join(neuron, &[], &[]).expect("a neuron alone joins");
        let general = lower(&system, method).expect("the method fits");
        let uniform: Vec<(ColumnId, f64)> = general
            .columns_with(Role::Parameter)
            .map(|id| (id, general.columns()[id.0 as usize].default))
            .collect();
        let widths = Simd::ALL.into_iter().filter(|simd| simd.is_available());
        let executors = widths.flat_map(|simd| Executor::ALL.map(|executor| (simd, executor)));
        for (simd, executor, float) in executors.flat_map(|(s, e)| Float::ALL.map(|float| (s, e, float))) {
            let (program, kernel) = executor.prepare(&general, DT_MS, &uniform, float, simd);
            let mut columns = Columns::new(program.columns().len(), CELLS);
            let mut scratch = kernel.scratch();
            kernel.run(PhaseKind::Init, &mut columns, Draws::default(), &mut scratch);
            // Currents from silence to fast firing, so that no lane is idle for long: up to 20 µA/cm² or 500 pA.
            let input = program.column("I").expect("the input is called I");
            let largest = if model == "hodgkin_huxley" { 0.2 } else { 500.0 };
            for (cell, current) in columns.column_mut(input).iter_mut().enumerate() {
                *current = largest * cell as f64 / CELLS as f64;
            }
            let mut columns = columns.rounded_to(float);
            let id = BenchmarkId::new(format!("{model}/{}/{executor}/{float:?}", method.name()), simd);
            group.bench_function(id, |bencher| {
                bencher.iter(|| kernel.run(PhaseKind::Step, &mut columns, Draws::default(), &mut scratch));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, step);
criterion_main!(benches);
