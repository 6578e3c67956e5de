//! The leaky integrate-and-fire neuron and its receptors against closed forms.

mod support;

use nsb_lang::lower::Method;
use support::Cells;

/// Steps between spikes of a grid simulation: refractory steps plus the charging time rounded up to whole steps.
fn expected_steps(drive_mv: f64, dt: f64) -> u64 {
    #[allow(clippy::disallowed_methods)] // the closed form is evaluated independently
    let charging = 20.0 * (drive_mv / (drive_mv - 15.0)).ln();
    (2.0 / dt).round() as u64 + (charging / dt).ceil() as u64
}

#[test]
fn grid_periods_equal_the_closed_form_rounded_up_to_whole_steps() {
    for (drive, current) in [(16.0, "160 pA"), (20.0, "200 pA"), (30.0, "300 pA")] {
        for dt in [0.1, 0.05, 0.025] {
            let mut cells = Cells::builtin("lif", Method::Auto, dt, 1, &[]);
            cells.set("I", current);
            let mut grid = Vec::new();
            while grid.len() < 12 {
                if !cells.step().is_empty() {
                    grid.push(cells.steps);
                }
            }
            for pair in grid.windows(2) {
                assert_eq!(
                    pair[1] - pair[0],
                    expected_steps(drive, dt),
                    "RI = {drive} mV, dt = {dt} ms"
                );
            }
        }
    }
}

#[test]
fn charging_follows_the_exponential_to_round_off() {
    let dt = 0.1;
    let mut cells = Cells::builtin("lif", Method::Exact, dt, 1, &[]);
    cells.set("I", "100 pA");
    for step in 1..=1000 {
        cells.step();
        #[allow(clippy::disallowed_methods)]
        let expected = -65.0 + 10.0 * (1.0 - (-(f64::from(step) * dt) / 20.0).exp());
        let found = cells.value("V", 0);
        assert!(
            (found - expected).abs() < 2e-12,
            "step {step}: {found} against {expected}"
        );
    }
}

#[test]
fn held_potential_stays_at_reset_for_the_refractory_time() {
    let mut cells = Cells::builtin("lif", Method::Auto, 0.1, 1, &[("t_ref", "5 ms")]);
    cells.set("I", "400 pA");
    while cells.step().is_empty() {}
    for _ in 0..50 {
        assert_eq!(cells.value("V", 0), -65.0);
        cells.step();
    }
    cells.step();
    assert!(cells.value("V", 0) > -65.0);
}

const LIF_WITH_CURRENT: &str = r#"
neuron cell "passive"
parameters:
    C = 250 pF
    tau = 10 ms
inputs:
    I : pA "input"
equations:
    dV/dt = -V / tau + I / C : mV
initial:
    V = 0 mV
receptor pulse "exponential current"
parameters:
    tau = 0.5 ms
equations:
    dI_syn/dt = -I_syn / tau : pA
initial:
    I_syn = 0 pA
on spike:
    I_syn += weight
current: I_syn
"#;

#[test]
fn a_synaptic_current_gives_the_closed_form_potential_to_round_off() {
    let dt = 0.1;
    for (tau_text, tau) in [("0.5 ms", 0.5), ("10 ms", 10.0), ("3 ms", 3.0)] {
        let text = LIF_WITH_CURRENT.replace("tau = 0.5 ms", &format!("tau = {tau_text}"));
        let mut cells = Cells::text(&text, Method::Exact, dt, 1);
        cells.set("pulse.arrivals", "100 pA");
        for step in 1..=200 {
            cells.step();
            cells.set("pulse.arrivals", "0 pA");
            let t = f64::from(step) * dt;
            #[allow(clippy::disallowed_methods)]
            let expected = if tau == 10.0 {
                100.0 / 250.0 * t * (-t / 10.0).exp()
            } else {
                100.0 / 250.0 * ((-t / 10.0).exp() - (-t / tau).exp()) / (1.0 / tau - 0.1)
            };
            let found = cells.value("V", 0);
            assert!(
                (found - expected).abs() < 1e-13 * (1.0 + t),
                "tau {tau}, t {t}: {found} against {expected}"
            );
        }
    }
}

#[test]
fn coincident_spikes_add_up() {
    let run = |weight: &str| {
        let mut cells = Cells::text(LIF_WITH_CURRENT, Method::Exact, 0.1, 1);
        cells.set("pulse.arrivals", weight);
        cells.step();
        cells.value("V", 0)
    };
    assert!((run("300 pA") - 3.0 * run("100 pA")).abs() < 1e-15);
}
