//! Receptors against the closed forms of their kernels, and the order of whole cells that have them.

#![allow(clippy::disallowed_methods)] // closed forms are evaluated independently

mod support;

use std::f64::consts::E;

use nsb_lang::lower::Method;
use support::Cells;

/// (rise, decay) of the double exponentials that are tested, ms.
const DOUBLE: [(f64, f64); 3] = [(0.5, 5.0), (0.2, 2.0), (3.0, 3.5)];

fn alpha(t: f64, tau: f64) -> f64 {
    t / tau * (1.0 - t / tau).exp()
}

/// Normaliser and time of the peak of a double exponential.
fn peak(rise: f64, decay: f64) -> (f64, f64) {
    let time = rise * decay / (decay - rise) * (decay / rise).ln();
    (1.0 / ((-time / decay).exp() - (-time / rise).exp()), time)
}

fn double(t: f64, rise: f64, decay: f64) -> f64 {
    peak(rise, decay).0 * ((-t / decay).exp() - (-t / rise).exp())
}

/// A leaky cell (200 pF, 20 ms, no threshold in reach) with a receptor.
fn cell(receptor: &str, method: Method, dt: f64, parameters: &[(&str, &str)]) -> Cells {
    let mut parameters = parameters.to_vec();
    parameters.push(("V_th", "1 V"));
    Cells::with_receptors("lif", &[receptor], method, dt, &parameters)
}

/// A variable on the grid after one spike at time 0.
fn response(mut cells: Cells, receptor: &str, variable: &str, weight: &str, steps: usize) -> Vec<(f64, f64)> {
    (1..=steps)
        .map(|step| {
            match step {
                1 => cells.step_with(receptor, weight),
                _ => cells.step().first().map(|(_, time)| *time),
            };
            (step as f64 * cells.dt, cells.value(variable, 0))
        })
        .collect()
}

fn assert_follows(found: &[(f64, f64)], expected: impl Fn(f64) -> f64, tolerance: f64) {
    for (t, found) in found {
        let expected = expected(*t);
        assert!(
            (found - expected).abs() < tolerance,
            "t = {t} ms: {found}, expected {expected}"
        );
    }
}

fn quantity(value: f64, unit: &str) -> String {
    format!("{value} {unit}")
}

#[test]
fn alpha_kernels_are_exact_at_every_step_and_method() {
    for dt in [0.1, 0.5] {
        let current = cell("alpha_current", Method::Auto, dt, &[]);
        assert_eq!(current.program.method(), Method::Exact);
        let found = response(current, "alpha_current", "alpha_current.I_syn", "100 pA", 200);
        assert_follows(&found, |t| 100.0 * alpha(t, 2.0), 1e-12 * 100.0);
        let conductance = cell("alpha_conductance", Method::Auto, dt, &[]);
        assert_eq!(conductance.program.method(), Method::Strang);
        let found = response(conductance, "alpha_conductance", "alpha_conductance.g", "10 nS", 200);
        assert_follows(&found, |t| 10.0 * alpha(t, 2.0), 1e-12 * 10.0);
        let highest = found
            .iter()
            .copied()
            .fold((0.0, 0.0), |a, b| if b.1 > a.1 { b } else { a });
        assert!(
            (highest.0 - 2.0).abs() < 1e-9 && (highest.1 - 10.0).abs() < 1e-11,
            "{highest:?}"
        );
    }
}

#[test]
fn double_exponential_kernels_have_the_weight_as_their_peak() {
    for (rise, decay) in DOUBLE {
        let (rise_text, decay_text) = (quantity(rise, "ms"), quantity(decay, "ms"));
        let (_, time) = peak(rise, decay);
        let dt = time / 10.0;
        for (receptor, variable, method) in [
            ("double_exponential_current", "I_syn", Method::Exact),
            ("double_exponential_conductance", "g", Method::Strang),
        ] {
            let parameters = [
                (format!("{receptor}.tau_rise"), rise_text.as_str()),
                (format!("{receptor}.tau_decay"), decay_text.as_str()),
            ];
            let parameters: Vec<(&str, &str)> = parameters.iter().map(|(n, v)| (n.as_str(), *v)).collect();
            let cells = cell(receptor, Method::Auto, dt, &parameters);
            assert_eq!(cells.program.method(), method);
            let weight = if variable == "g" { "1 nS" } else { "1 pA" };
            let found = response(cells, receptor, &format!("{receptor}.{variable}"), weight, 100);
            assert_follows(&found, |t| double(t, rise, decay), 1e-12);
            let highest = found
                .iter()
                .copied()
                .fold((0.0, 0.0), |a, b| if b.1 > a.1 { b } else { a });
            assert!(
                (highest.0 - time).abs() < 1e-9 && (highest.1 - 1.0).abs() < 1e-12,
                "{highest:?}"
            );
        }
    }
}

#[test]
fn a_double_exponential_with_equal_constants_is_an_alpha_function() {
    for (rise, tolerance) in [("2 ms", 1e-12), ("2.000000001 ms", 1e-9)] {
        let parameters = [
            ("double_exponential_current.tau_rise", rise),
            ("double_exponential_current.tau_decay", "2 ms"),
        ];
        let cells = cell("double_exponential_current", Method::Auto, 0.1, &parameters);
        let variable = "double_exponential_current.I_syn";
        let found = response(cells, "double_exponential_current", variable, "1 pA", 200);
        assert_follows(&found, |t| alpha(t, 2.0), tolerance);
    }
}

/// What a current e^(−t/τ) of 1 pA adds to the potential of the leaky cell.
fn potential(t: f64, tau: f64) -> f64 {
    ((-t / 20.0).exp() - (-t / tau).exp()) / (1.0 / tau - 1.0 / 20.0) / 200.0
}

#[test]
fn currents_with_a_rise_give_the_closed_form_potential_to_round_off() {
    let found = response(
        cell("alpha_current", Method::Auto, 0.1, &[]),
        "alpha_current",
        "V",
        "100 pA",
        500,
    );
    let (a, b) = (1.0 / 20.0, 1.0 / 2.0);
    let expected = |t: f64| {
        let both = ((-a * t).exp() - (-b * t).exp()) / (b - a) - t * (-b * t).exp();
        -65.0 + 100.0 * E / 2.0 / 200.0 * both / (b - a)
    };
    assert_follows(&found, expected, 1e-12);

    let name = "double_exponential_current";
    let found = response(cell(name, Method::Auto, 0.1, &[]), name, "V", "100 pA", 500);
    let scale = 100.0 * peak(0.5, 5.0).0;
    let expected = |t: f64| -65.0 + scale * (potential(t, 5.0) - potential(t, 0.5));
    assert_follows(&found, expected, 1e-12);
}

/// Simpson's rule over a grid that begins with 0 at time 0.
fn area(found: &[(f64, f64)]) -> f64 {
    let dt = found[0].0;
    let sum: f64 = found[..found.len() - 1]
        .iter()
        .enumerate()
        .map(|(n, (_, value))| if n % 2 == 0 { 4.0 * value } else { 2.0 * value })
        .sum();
    (sum + found[found.len() - 1].1) * dt / 3.0
}

#[test]
fn areas_are_those_of_the_kernels() {
    let (scale, _) = peak(0.5, 5.0);
    for (receptor, variable, weight, expected) in [
        ("alpha_current", "I_syn", "1 pA", E * 2.0),
        ("alpha_conductance", "g", "1 nS", E * 2.0),
        ("double_exponential_current", "I_syn", "1 pA", scale * 4.5),
        ("double_exponential_conductance", "g", "1 nS", scale * 4.5),
    ] {
        let cells = cell(receptor, Method::Auto, 0.02, &[]);
        let found = area(&response(
            cells,
            receptor,
            &format!("{receptor}.{variable}"),
            weight,
            10_000,
        ));
        assert!(
            (found / expected - 1.0).abs() < 1e-6,
            "{receptor}: {found}, expected {expected}"
        );
    }
    // These begin with their peak.
    for (receptor, variable, weight) in [
        ("exponential_current", "I_syn", "1 pA"),
        ("exponential_conductance", "g", "1 nS"),
    ] {
        let cells = cell(receptor, Method::Auto, 0.02, &[]);
        let found = response(cells, receptor, &format!("{receptor}.{variable}"), weight, 10_000);
        let found = area(&found) + 0.02 / 3.0;
        assert!((found / 5.0 - 1.0).abs() < 1e-6, "{receptor}: {found}");
    }
}

#[test]
fn spikes_add_up_whenever_they_come() {
    let spikes = [(0, 1.0), (3, 2.5), (3, 0.5), (17, 4.0)];
    for (receptor, variable, unit) in [
        ("alpha_current", "I_syn", "pA"),
        ("double_exponential_conductance", "g", "nS"),
        ("nmda", "g", "nS"),
    ] {
        let run = |spikes: &[(usize, f64)]| {
            let mut cells = cell(receptor, Method::Auto, 0.1, &[]);
            for step in 0..100 {
                let weight: f64 = spikes.iter().filter(|(at, _)| *at == step).map(|(_, w)| w).sum();
                cells.step_with(receptor, &quantity(weight, unit));
            }
            cells.value(&format!("{receptor}.{variable}"), 0)
        };
        let together = run(&spikes);
        let apart: f64 = spikes.iter().map(|spike| run(&[*spike])).sum();
        assert!(
            (together / apart - 1.0).abs() < 1e-12,
            "{receptor}: {together} and {apart}"
        );
    }
}

#[test]
fn a_delta_synapse_lifts_the_potential_by_the_weight() {
    let mut cells = cell("delta", Method::Auto, 0.1, &[]);
    assert_eq!(cells.program.method(), Method::Exact);
    cells.step_with("delta", "5 mV");
    let expected = -65.0 + 5.0 * (-0.1_f64 / 20.0).exp();
    assert!((cells.value("V", 0) - expected).abs() < 1e-12);
    cells.step_with("delta", "-8 mV");
    assert!(cells.value("V", 0) < -67.9);

    let mut squid = Cells::with_receptors("hodgkin_huxley", &["delta"], Method::Auto, 0.001, &[]);
    assert_eq!(squid.program.method(), Method::Strang);
    let before = squid.value("V", 0);
    squid.step_with("delta", "5 mV");
    let jump = squid.value("V", 0) - before;
    assert!((jump - 5.0).abs() < 0.02, "{jump} mV");
}

#[test]
fn a_delta_synapse_fires_the_cell_at_once_or_not_at_all() {
    let cells = || Cells::with_receptors("lif", &["delta"], Method::Auto, 0.1, &[]);
    // 15 mV reach the threshold; the leak takes 0.07 mV of them within the step.
    for (weight, fires) in [
        ("14.99 mV", false),
        ("15 mV", true),
        ("15.01 mV", true),
        ("40 mV", true),
    ] {
        let mut cells = cells();
        cells.step();
        let spike = cells.step_with("delta", weight);
        assert_eq!(spike, fires.then_some(0.1), "{weight}");
        assert_eq!(cells.value("V", 0) == -65.0, fires);
    }
    // Held at reset, the potential does not take the jump.
    let mut held = cells();
    assert!(held.step_with("delta", "20 mV").is_some());
    assert_eq!(held.step_with("delta", "20 mV"), None);
    assert_eq!(held.value("V", 0), -65.0);
}

#[test]
fn magnesium_blocks_nmda_receptors_as_measured() {
    let mut cells = cell("nmda", Method::Auto, 0.1, &[]);
    for (v, expected) in [
        ("-80 mV", 0.0244),
        ("-65 mV", 0.0597),
        ("-40 mV", 0.2302),
        ("-20 mV", 0.5081),
        ("0 mV", 0.7812),
    ] {
        cells.set("V", v);
        let found = cells.derived("nmda.block", 0);
        assert!((found - expected).abs() < 5e-5, "{v}: {found}, expected {expected}");
    }
}

#[test]
fn nmda_conductances_rise_in_eight_milliseconds_and_decay_in_a_hundred() {
    let (_, time) = peak(2.0, 100.0);
    let found = response(cell("nmda", Method::Auto, 0.05, &[]), "nmda", "nmda.g", "1 nS", 4000);
    // An explicit method of second order: the rise of 2 ms has an error of (dt / rise)²/6.
    assert_follows(&found, |t| double(t, 2.0, 100.0), 2e-4);
    let highest = found
        .iter()
        .copied()
        .fold((0.0, 0.0), |a, b| if b.1 > a.1 { b } else { a });
    assert!((highest.0 - time).abs() < 0.1, "{highest:?}, expected {time} ms");
}

/// G protein (uM) after spikes at 200 Hz, by the classical Runge-Kutta method in plain arithmetic.
fn g_protein_by_hand(spikes: usize, end: f64) -> f64 {
    let slope = |[t, r, s]: [f64; 3]| [-t / 0.3, 0.09 * t * (1.0 - r) - 0.0012 * r, 0.18 * r - 0.034 * s];
    let ahead = |y: [f64; 3], k: [f64; 3], h: f64| -> [f64; 3] { std::array::from_fn(|i| y[i] + h * k[i]) };
    let (mut y, h) = ([0.0; 3], 0.005);
    for step in 0..(end / h).round() as usize {
        if step % 1000 == 0 && step / 1000 < spikes {
            y[0] += 0.5;
        }
        let k1 = slope(y);
        let k2 = slope(ahead(y, k1, h / 2.0));
        let k3 = slope(ahead(y, k2, h / 2.0));
        let k4 = slope(ahead(y, k3, h));
        y = std::array::from_fn(|i| y[i] + h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]));
    }
    y[2]
}

#[test]
fn gaba_b_needs_a_burst() {
    let run = |spikes: usize| {
        let mut cells = cell("gaba_b", Method::Auto, 0.025, &[]);
        assert_eq!(cells.program.method(), Method::Strang);
        let (mut highest, mut at_100_ms) = (0.0_f64, 0.0);
        for step in 0..20_000 {
            match step % 200 == 0 && step / 200 < spikes {
                true => cells.step_with("gaba_b", "0.5 mM"),
                false => cells.step().first().map(|(_, time)| *time),
            };
            if step % 40 == 39 {
                highest = highest.max(cells.derived("gaba_b.g", 0));
            }
            if step == 3999 {
                at_100_ms = 1000.0 * cells.value("gaba_b.s", 0);
            }
        }
        let expected = g_protein_by_hand(spikes, 100.0);
        assert!(
            (at_100_ms / expected - 1.0).abs() < 2e-3,
            "{at_100_ms} uM, expected {expected} uM"
        );
        highest
    };
    let (one, ten) = (run(1), run(10));
    assert!(ten / one > 10.0, "{ten} nS and {one} nS");
}

/// Potential of a cell 4 ms after a spike at each receptor, without a spike of its own.
fn potential_after(neuron: &str, receptors: &[(&str, &str)], method: Method, dt: f64) -> f64 {
    let names: Vec<&str> = receptors.iter().map(|(name, _)| *name).collect();
    let mut cells = Cells::with_receptors(neuron, &names, method, dt, &[]);
    for (name, weight) in receptors {
        cells.set(&format!("{name}.arrivals"), weight);
    }
    cells.step();
    for (name, _) in receptors {
        let id = cells.id(&format!("{name}.arrivals"));
        cells.columns.fill(id, 0.0);
    }
    for _ in 1..(4.0 / dt).round() as usize {
        assert!(
            cells.step().is_empty(),
            "{neuron} {receptors:?} {method:?}: the stretch is smooth"
        );
    }
    cells.value("V", 0)
}

#[test]
fn whole_cells_with_conductances_converge_with_second_order() {
    let fast = [
        ("double_exponential_conductance", "0.1 nS"),
        ("alpha_conductance", "0.06 nS"),
        ("exponential_conductance", "0.06 nS"),
        ("gaba_b", "0.5 mM"),
    ];
    let slow = [("nmda", "40 nS"), ("alpha_conductance", "1 nS")];
    let strong = [
        ("double_exponential_conductance", "4 nS"),
        ("alpha_conductance", "2 nS"),
    ];
    for (neuron, receptors, expected) in [
        ("hodgkin_huxley", &fast[..], Method::Strang),
        ("lif", &strong[..], Method::Strang),
        ("lif", &slow[..], Method::Rk2),
    ] {
        let resolved = Cells::with_receptors(
            neuron,
            &receptors.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            Method::Auto,
            0.02,
            &[],
        );
        assert_eq!(resolved.program.method(), expected);
        let truth = potential_after(neuron, receptors, Method::Rk4, 0.001);
        let coarse = (potential_after(neuron, receptors, Method::Auto, 0.04) - truth).abs();
        let fine = (potential_after(neuron, receptors, Method::Auto, 0.02) - truth).abs();
        let order = (coarse / fine).log2();
        assert!(
            (1.9..2.6).contains(&order),
            "{neuron} {receptors:?}: order {order}, {coarse:e} {fine:e}"
        );
    }
}
