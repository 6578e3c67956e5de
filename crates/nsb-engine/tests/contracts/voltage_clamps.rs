//! Held cells follow closed forms: gates relax exponentially, the clamp current is the ionic current.

#![allow(
    clippy::disallowed_methods,
    reason = "the platform's functions are the independent truth"
)]

use nsb_engine::network::SpikeTiming;
use nsb_engine::{
    CellSet, Course, Network, Plan, PlanError, Population, Receptor, Recording, Settings, VoltageClamp, Waveform,
};
use nsb_lang::lower::Method;

use crate::models::{built_in, constant, hodgkin_huxley, lif, model, quantity, run, settings, watch};

fn clamp(population: &str, cells: CellSet, command: Waveform) -> VoltageClamp {
    VoltageClamp {
        name: "clamp".to_owned(),
        population: population.to_owned(),
        cells,
        command,
    }
}

fn from(start: &str, stop: Option<&str>, voltage: &str) -> Waveform {
    Waveform::Step {
        amplitude: quantity(voltage),
        start: quantity(start),
        stop: stop.map(quantity),
    }
}

/// Each row of samples by variable: `series(0)[row][cell]`.
fn series(recording: &Recording, variable: usize) -> Vec<Vec<f64>> {
    let n = recording.variables[0].cells.len();
    let values = &recording.variables[0].series[variable].values;
    values.chunks(n).map(<[f64]>::to_vec).collect()
}

/// Rates of Hodgkin and Huxley (1952) in their modern form, written down anew: (α, β) of m, h, n per ms.
fn rates(v: f64) -> [(f64, f64); 3] {
    let vtrap = |x: f64, y: f64| if x.abs() < 1e-9 { y } else { x / ((x / y).exp() - 1.0) };
    [
        (0.1 * vtrap(-(v + 40.0), 10.0), 4.0 * (-(v + 65.0) / 18.0).exp()),
        (
            0.07 * (-(v + 65.0) / 20.0).exp(),
            1.0 / (1.0 + (-(v + 35.0) / 10.0).exp()),
        ),
        (0.01 * vtrap(-(v + 55.0), 10.0), 0.125 * (-(v + 65.0) / 80.0).exp()),
    ]
}

fn gate((alpha, beta): (f64, f64), start: f64, t: f64) -> f64 {
    let rest = alpha / (alpha + beta);
    rest + (start - rest) * (-(alpha + beta) * t).exp()
}

/// Densities in µA/cm² at 0 mV and time t after a jump from the resting gates of −65 mV: sodium, potassium, leak.
fn after_the_jump(v: f64, t: f64) -> [f64; 3] {
    let at = |n: usize| {
        let (alpha, beta) = rates(-65.0)[n];
        gate(rates(v)[n], alpha / (alpha + beta), t)
    };
    let (m, h, n) = (at(0), at(1), at(2));
    [
        120.0 * m * m * m * h * (v - 50.0),
        36.0 * n * n * n * n * (v + 77.0),
        0.3 * (v + 54.387),
    ]
}

#[test]
fn hodgkin_huxley_currents_after_a_jump_are_those_of_the_closed_form_with_every_method() {
    for method in [Method::Strang, Method::ExponentialEuler, Method::Rk4] {
        let mut cells = Population {
            method,
            ..Population::new("cells", 2, built_in("hodgkin_huxley"))
        };
        cells
            .initial
            .insert("V".to_owned(), nsb_engine::Value::Uniform(quantity("-65 mV")));
        let network = Network {
            populations: vec![cells],
            voltage_clamps: vec![
                VoltageClamp {
                    name: "before".to_owned(),
                    ..clamp("cells", CellSet::List(vec![1]), from("0 ms", Some("2 ms"), "-65 mV"))
                },
                clamp("cells", CellSet::List(vec![1]), from("2 ms", None, "0 mV")),
            ],
            monitors: vec![watch("all", "cells", &["V", "I_Na", "I_K", "I_L", "voltage_clamp.I"])],
            ..Network::default()
        };
        let dt_ms = 0.025;
        let recording = run(&network, &Settings { dt_ms, ..settings() }, 12.0);
        let all: Vec<_> = (0..5).map(|n| series(&recording, n)).collect();
        // Runge-Kutta approximates the exponentials; the other methods solve a gate at a fixed potential exactly. In
        // engine units 1 µA/cm² is 0.01 pA/µm².
        let tolerance = if method == Method::Rk4 { 1e-4 } else { 1e-9 };
        let at = |variable: usize, row: usize| &all[variable][row];
        for row in 80..all[0].len() {
            let expected = after_the_jump(0.0, (row as f64 - 80.0) * dt_ms);
            assert_eq!(at(0, row)[1], 0.0, "{method:?}: the potential stays");
            for (n, expected) in expected.iter().enumerate() {
                let found = at(n + 1, row)[1] * 100.0;
                assert!(
                    (found - expected).abs() < tolerance * 1000.0,
                    "{method:?} at row {row}: current {n} is {found}, not {expected}"
                );
            }
            let (found, sum) = (at(4, row)[1] * 100.0, expected.iter().sum::<f64>());
            assert!(
                (found - sum).abs() < tolerance * 3000.0,
                "{method:?}: {found} is not {sum}"
            );
            assert_eq!(at(4, row)[0], 0.0, "a free cell has no clamp current");
        }
    }
}

#[test]
fn the_clamp_current_of_a_leaky_cell_is_its_leak_less_what_stimuli_give_and_lif_stays_exact() {
    let network = Network {
        populations: vec![Population::new("cells", 1, built_in("lif"))],
        stimuli: vec![constant("drive", "cells", CellSet::All, "100 pA")],
        voltage_clamps: vec![clamp("cells", CellSet::All, from("0 ms", None, "-55 mV"))],
        monitors: vec![watch("all", "cells", &["V", "voltage_clamp.I"])],
        ..Network::default()
    };
    let plan = Plan::new(&network, &settings()).unwrap();
    assert_eq!(plan.populations()[0].method(), Method::Exact);
    let program = plan.populations()[0].program();
    let default = |name: &str| program.columns()[program.column(name).unwrap().0 as usize].default;
    let leak = default("C") / default("tau_m") * (-55.0 - default("E_L"));
    let recording = run(&network, &settings(), 5.0);
    for row in series(&recording, 1) {
        assert!(
            (row[0] - (leak - 100.0)).abs() < 1e-9 * leak.abs(),
            "{} of {leak}",
            row[0]
        );
    }
}

#[test]
fn what_follows_the_potential_sees_it_held_even_where_the_model_asks_for_its_exact_propagator() {
    let follower = model(
        "neuron follower \"f\"\nmethod exact\nparameters:\n    tau = 10 ms \"a\"\n    tau_w = 5 ms \"b\"\n    C = 100 pF \"c\"\n\
         inputs:\n    I : pA \"i\"\nequations:\n    dV/dt = -V / tau + I / C : mV \"v\"\n    \
         dw/dt = (V - w) / tau_w : mV \"w\"\ninitial:\n    V = 0 mV\n    w = 0 mV\n",
    );
    let mut network = Network {
        populations: vec![Population::new("cells", 1, follower)],
        monitors: vec![watch("w", "cells", &["w"])],
        ..Network::default()
    };
    let method = |network: &Network| Plan::new(network, &settings()).unwrap().populations()[0].method();
    assert_eq!(method(&network), Method::Exact);
    network.voltage_clamps = vec![clamp("cells", CellSet::All, from("0 ms", None, "10 mV"))];
    assert_eq!(method(&network), Method::Strang);
    let recording = run(&network, &settings(), 20.0);
    for (row, w) in series(&recording, 0).iter().enumerate() {
        let closed = 10.0 * (1.0 - (-(row as f64) * 0.1 / 5.0).exp());
        assert!((w[0] - closed).abs() < 1e-9, "{} of {closed} at row {row}", w[0]);
    }
}

#[test]
fn cells_that_are_not_held_do_the_same_as_without_a_clamp() {
    for population in [lif("cells", 40), hodgkin_huxley("cells", 40)] {
        let amplitude = if population.model.name == "lif" {
            "400 pA"
        } else {
            "100 pA"
        };
        let mut network = Network {
            populations: vec![population],
            stimuli: vec![constant("drive", "cells", CellSet::All, amplitude)],
            monitors: vec![watch("v", "cells", &["V"])],
            ..Network::default()
        };
        let free = run(&network, &settings(), 100.0);
        network.voltage_clamps = vec![clamp(
            "cells",
            CellSet::List(vec![7]),
            from("20 ms", Some("50 ms"), "-65 mV"),
        )];
        let held = run(&network, &settings(), 100.0);
        let n = free.populations[0].spikes;
        assert!(n > 40, "{n}");
        for (a, b) in series(&free, 0).iter().zip(series(&held, 0)) {
            for cell in (0..40).filter(|cell| *cell != 7) {
                assert_eq!(a[cell].to_bits(), b[cell].to_bits(), "cell {cell}");
            }
        }
        let rows = series(&held, 0);
        assert!(rows[200..500].iter().all(|row| row[7] == -65.0));
        assert!(
            rows[501..].iter().any(|row| row[7] != -65.0),
            "set free, it moves again"
        );
    }
}

#[test]
fn a_held_cell_fires_once_where_its_command_crosses_the_threshold() {
    for population in [
        Population::new("cells", 1, built_in("lif")),
        Population::new("cells", 1, built_in("adex")),
    ] {
        let name = population.model.name.clone();
        let command = Waveform::Varying {
            course: Course::Pattern {
                times: ["0 ms", "10 ms", "20 ms", "30 ms"].map(quantity).to_vec(),
                levels: ["-70 mV", "60 mV", "-70 mV", "60 mV"].map(quantity).to_vec(),
            },
            start: None,
            stop: None,
        };
        let network = Network {
            populations: vec![population],
            voltage_clamps: vec![clamp("cells", CellSet::All, command)],
            monitors: vec![watch("v", "cells", &["V"])],
            ..Network::default()
        };
        let recording = run(&network, &settings(), 50.0);
        assert_eq!(recording.populations[0].spikes, 2, "{name}");
        assert!(
            series(&recording, 0)[100..200].iter().all(|row| row[0] == 60.0),
            "{name} is not reset"
        );
    }
}

#[test]
fn held_cells_do_not_depend_on_threads_or_widths() {
    let noise = Waveform::Varying {
        course: Course::Noise {
            mean: quantity("-10 mV"),
            sd: quantity("20 mV"),
            tau: quantity("5 ms"),
        },
        start: Some(quantity("3 ms")),
        stop: None,
    };
    let network = Network {
        populations: vec![hodgkin_huxley("cells", 1500)],
        voltage_clamps: vec![clamp("cells", CellSet::Range(100, 1400), noise)],
        ..Network::default()
    };
    let hash = |settings: Settings| {
        let recording = run(&network, &settings, 20.0);
        (recording.spike_hash, recording.populations[0].spikes)
    };
    let reference = hash(settings());
    assert!(reference.1 > 1000, "{}", reference.1);
    for threads in [2, 3] {
        assert_eq!(hash(Settings { threads, ..settings() }), reference);
    }
    for simd in nsb_kernels::Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
        assert_eq!(hash(Settings { simd, ..settings() }), reference);
    }
}

#[test]
fn what_cannot_be_held_is_refused() {
    let errors = |population: Population, clamps: Vec<VoltageClamp>| {
        let network = Network {
            populations: vec![population],
            voltage_clamps: clamps,
            ..Network::default()
        };
        Plan::new(&network, &settings()).unwrap_err().0
    };
    let no_voltage = model(
        "neuron phase \"p\"\nparameters:\n    w = 1/ms \"speed\"\nequations:\n    dx/dt = w : 1 \"phase\"\ninitial:\n    x = 0\n",
    );
    let one = || vec![clamp("cells", CellSet::All, from("0 ms", None, "-55 mV"))];
    let found = errors(Population::new("cells", 1, no_voltage), one());
    assert!(
        matches!(&found[..], [PlanError::Unfit { path, reason, .. }]
            if path == "stimuli.clamp.population" && reason.contains("no state `V`")),
        "{found:?}"
    );
    let twice = |second: Waveform| {
        let other = VoltageClamp {
            name: "other".to_owned(),
            ..clamp("cells", CellSet::List(vec![3, 2]), second)
        };
        vec![
            clamp("cells", CellSet::Range(0, 3), from("0 ms", Some("10 ms"), "-55 mV")),
            other,
        ]
    };
    let found = errors(lif("cells", 4), twice(from("5 ms", None, "0 mV")));
    assert!(
        matches!(&found[..], [PlanError::Unfit { path, reason, .. }]
            if path == "stimuli.other.cells" && reason == "cell 2 is held by the voltage clamp `clamp` already"),
        "{found:?}"
    );
    let network = Network {
        populations: vec![lif("cells", 4)],
        voltage_clamps: twice(from("10 ms", None, "0 mV")),
        ..Network::default()
    };
    assert!(Plan::new(&network, &settings()).is_ok(), "one after the other is fine");
    let found = errors(
        lif("cells", 1),
        vec![clamp("cells", CellSet::All, from("0 ms", None, "5 pA"))],
    );
    assert!(
        matches!(&found[..], [PlanError::WrongDimension { path, .. }] if path == "stimuli.clamp.command"),
        "{found:?}"
    );
    let exact = Population {
        spike_timing: SpikeTiming::Exact,
        receptors: vec![Receptor::new("synapse", built_in("exponential_current"))],
        ..Population::new("cells", 1, built_in("lif"))
    };
    let found = errors(exact, one());
    assert!(matches!(&found[..], [PlanError::Unfit { reason, .. }] if reason.contains("exact spike timing")));
}
