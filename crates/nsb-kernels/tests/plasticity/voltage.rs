//! The voltage-based rule.

use crate::bench::{Bench, builtin};
use crate::{assert_close, pairs};

/// Clopath's rule for cells that fire at given times: after each spike the potential starts 12 mV above rest and falls
/// back with 40 ms.
fn voltage_based(hertz: f64, distance: f64, amplitude: f64, dt: f64) -> f64 {
    let model = builtin("clopath");
    let given = [
        ("A_LTD", 14e-5 * amplitude),
        ("A_LTP", 8e-5 * amplitude),
        ("w_max", 10.0),
    ];
    let given: Vec<(String, String)> = given
        .iter()
        .map(|(name, value)| {
            let unit = match *name {
                "A_LTD" => "/mV",
                "A_LTP" => "/mV^2",
                _ => " weight",
            };
            ((*name).to_owned(), format!("{value:e}{unit}"))
        })
        .collect();
    let given: Vec<(&str, &str)> = given.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let mut bench = Bench::new(&model, dt, 1, &given);
    bench.set("w", 5.0);
    let (pre, post) = pairs(60, hertz, distance);
    let grid = |times: &[f64]| -> Vec<i64> { times.iter().map(|t| (t / dt).round() as i64).collect() };
    let (pre, post) = (grid(&pre), grid(&post));
    let end = pre[59].max(post[59]) + (100.0 / dt) as i64;
    let mut last: Option<i64> = None;
    for step in 0..end {
        let since = last.map(|last| (step - last) as f64 * dt - 2.0);
        let potential = since.map_or(0.0, |since| 12.0 * (-since / 40.0).exp()) - 70.6;
        bench.set("V", potential);
        bench.pass(step as f64 * dt);
        let fires = post.binary_search(&step).is_ok();
        bench.spikes(pre.binary_search(&step).is_ok(), fires);
        if fires {
            last = Some(step);
        }
        bench.update(dt);
        bench.step_targets();
    }
    bench.get("w") - 5.0
}

/// One arrival and one update at given potentials, term by term as the paper has them.
#[test]
fn voltage_based_change_has_the_terms_of_the_paper() {
    for (homeostasis, mean, factor) in [
        ("0", 3.0, 1.0),
        ("1", 3.0, 9.0 / 60.0),
        ("0.5", 12.0, 0.5 + 0.5 * 144.0 / 60.0),
    ] {
        let given = [
            ("homeostasis", homeostasis),
            ("t_spike", "0 ms"),
            ("w_max", "10 weight"),
        ];
        let mut bench = Bench::new(&builtin("clopath"), 0.1, 1, &given);
        for (name, value) in [
            ("w", 5.0),
            ("mean", mean),
            ("low_minus", -62.6),
            ("low_plus", -60.6),
            ("V", -40.3),
        ] {
            bench.set(name, value);
        }
        bench.spikes(true, false);
        let depression = bench.get("w") - 5.0;
        assert_close(depression, -10.0 * 14e-5 * factor * 8.0, 2e-15, homeostasis);
        bench.update(0.1);
        let potentiation = bench.get("w") - 5.0 - depression;
        assert_close(potentiation, 10.0 * 8e-5 / 15.0 * 5.0 * 10.0 * 0.1, 2e-15, homeostasis);
        // Below either threshold nothing happens.
        for (name, low, again) in [("V", -45.3, -40.3), ("low_plus", -70.6, -60.6)] {
            let before = bench.get("w");
            bench.set(name, low);
            bench.update(0.1);
            assert_eq!(bench.get("w"), before, "{name}");
            bench.set(name, again);
        }
        bench.set("low_minus", -75.0);
        let before = bench.get("w");
        bench.spikes(true, false);
        assert_eq!(bench.get("w"), before, "no depression below the threshold");
    }
}

/// While a spike lasts, the rule sees its potential, and the filters as they were before it.
#[test]
fn voltage_based_plasticity_makes_the_spike_that_simple_cells_lack() {
    let mut bench = Bench::new(&builtin("clopath"), 0.1, 1, &[("w_max", "10 weight")]);
    for (name, value) in [
        ("w", 5.0),
        ("low_minus", -65.0),
        ("low_plus", -60.6),
        ("V", -70.6),
        ("x", 0.1),
    ] {
        bench.set(name, value);
    }
    bench.spikes(false, true);
    for step in 0..40 {
        let before = bench.get("w");
        bench.update(0.1);
        let expected = if step < 20 {
            10.0 * 8e-5 * 0.1 * 78.3 * 10.0 * 0.1
        } else {
            0.0
        };
        assert_close(bench.get("w") - before, expected, 2e-15, &format!("step {step}"));
        bench.step_targets();
        if step == 19 {
            let filtered = 33.0 - 93.6 * (-2.0 / 7.0_f64).exp();
            assert_close(bench.get("low_plus"), filtered, 1e-12, "the filter takes the spike in");
        }
    }
}

#[test]
fn voltage_based_change_is_proportional_to_the_amplitudes() {
    for distance in [10.0, -10.0] {
        let once = voltage_based(20.0, distance, 1.0, 0.1);
        let twice = voltage_based(20.0, distance, 2.0, 0.1);
        assert!(once.abs() > 0.01, "{once}");
        assert_close(twice, 2.0 * once, 1e-12, &format!("{distance} ms"));
    }
}

/// SciPy's `solve_ivp` (relative tolerance 1e-10) for the same potential: pre before post gains more the faster, post
/// before pre loses at low frequency and gains at high frequency.
#[test]
fn voltage_based_change_turns_with_frequency() {
    for (hertz, distance, expected) in [
        (10.0, 10.0, 0.01511901380),
        (20.0, 10.0, 0.05562547748),
        (50.0, 10.0, 0.1895556074),
        (10.0, -10.0, -0.1245806788),
        (20.0, -10.0, -0.1207355026),
        (50.0, -10.0, 0.1854336094),
    ] {
        let change = |dt: f64| voltage_based(hertz, distance, 1.0, dt) / 10.0;
        // Updates are sums over steps, of first order in the step.
        let (coarse, fine) = (change(0.1), change(0.05));
        let what = format!("{distance} ms at {hertz} Hz");
        assert_close(coarse, expected, 0.01 * expected.abs(), &what);
        assert_close(2.0 * fine - coarse, expected, 2e-5, &what);
    }
}
