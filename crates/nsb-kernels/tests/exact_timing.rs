//! Spikes off the grid against the closed form of the leaky integrate-and-fire neuron.

#![allow(clippy::unwrap_used)] // tests may

use nsb_kernels::{Catalogue, Columns, Draws, ExactTiming, Executor, Float, Simd};
use nsb_lang::lower::{Method, lower};
use nsb_lang::program::{ColumnId, PhaseKind, Role};
use nsb_lang::{Quantity, System};

/// Spike times of one cell with a constant current.
fn spikes(current: &str, dt: f64, end: f64, parameters: &[(&str, &str)]) -> Vec<f64> {
    let catalogue = Catalogue::builtin();
    let system = System::join(catalogue.get("lif").unwrap(), &[], &[]).unwrap();
    let general = lower(&system, Method::Exact).unwrap();
    let uniform: Vec<(ColumnId, f64)> = general
        .columns_with(Role::Parameter)
        .map(|id| {
            let column = &general.columns()[id.0 as usize];
            let given = parameters.iter().find(|(name, _)| *name == column.name);
            let value = given.map_or(column.default, |(_, text)| Quantity::parse(text).unwrap().engine());
            (id, value)
        })
        .collect();
    let (program, kernel) = Executor::Generated.prepare(&general, dt, &uniform, Float::Double, Simd::best());
    let mut columns = Columns::new(program.columns().len(), 1);
    let mut scratch = kernel.scratch();
    kernel.run(PhaseKind::Init, &mut columns, Draws::default(), &mut scratch);
    columns.fill(program.column("I").unwrap(), Quantity::parse(current).unwrap().engine());
    let mut timing = ExactTiming::new(&general, dt, &uniform, 1).unwrap();
    let mut times = Vec::new();
    for step in 0..(end / dt).round() as u64 {
        timing.before_step(&mut columns);
        kernel.run(PhaseKind::Step, &mut columns, Draws::default(), &mut scratch);
        timing.after_step(&mut columns);
        times.extend(
            timing
                .spikes()
                .iter()
                .map(|(_, fraction)| (step as f64 + fraction) * dt),
        );
    }
    times
}

/// Time from reset to threshold, τ·ln(RI / (RI − 15 mV)), with R = τ/C = 0.1 mV/pA.
#[allow(clippy::disallowed_methods)] // the closed form is evaluated independently
fn charging(drive_mv: f64) -> f64 {
    20.0 * (drive_mv / (drive_mv - 15.0)).ln()
}

#[test]
fn rates_equal_the_closed_form_at_any_step() {
    for (current, drive, rate) in [
        ("160 pA", 16.0, 17.406),
        ("200 pA", 20.0, 33.641),
        ("300 pA", 30.0, 63.040),
    ] {
        for dt in [0.1, 0.37, 1.0] {
            let times = spikes(current, dt, 1000.0, &[]);
            let period = (times[times.len() - 1] - times[0]) / (times.len() - 1) as f64;
            let expected = 2.0 + charging(drive);
            assert!(
                (period / expected - 1.0).abs() < 1e-12,
                "{current}, dt {dt}: {period} against {expected}"
            );
            assert!(
                (1000.0 / period - rate).abs() < 1e-3,
                "{current}: {} Hz",
                1000.0 / period
            );
        }
    }
}

#[test]
fn every_spike_stands_where_the_closed_form_puts_it() {
    let times = spikes("200 pA", 0.1, 200.0, &[]);
    assert_eq!(times.len(), 6);
    for (n, found) in times.iter().enumerate() {
        let expected = charging(20.0) + n as f64 * (2.0 + charging(20.0));
        assert!(
            (found - expected).abs() < 1e-11,
            "spike {n}: {found} against {expected}"
        );
    }
}

#[test]
fn several_spikes_may_fall_into_one_step() {
    // Without a refractory time and with a strong current the period is much shorter than the step.
    let times = spikes("100000 pA", 1.0, 3.0, &[("t_ref", "0 ms")]);
    let period = charging(10_000.0);
    let expected = (3.0 / period).floor() as usize;
    assert!(
        (times.len() as i64 - expected as i64).abs() <= 1,
        "{} against {expected}",
        times.len()
    );
    for pair in times.windows(2) {
        assert!((pair[1] - pair[0] - period).abs() < 1e-11);
    }
}
