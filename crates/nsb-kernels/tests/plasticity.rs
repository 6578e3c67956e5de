//! The built-in synapse models against closed forms and published numbers, event by event.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // the closed forms are evaluated independently

#[path = "support/plasticity.rs"]
mod support;

use support::{Bench, builtin};

/// Pre- and postsynaptic times of pairs at a frequency (Hz), the second spike `distance` ms after the first.
fn pairs(count: usize, hertz: f64, distance: f64) -> (Vec<f64>, Vec<f64>) {
    let first = 200.0;
    let pre: Vec<f64> = (0..count).map(|n| first + 1000.0 / hertz * n as f64).collect();
    let post = pre.iter().map(|t| t + distance).collect();
    (pre, post)
}

#[test]
fn a_pair_changes_the_weight_by_an_exponential_of_its_distance() {
    let model = builtin("pair_stdp");
    for mu in [0.0, 1.0, 0.4] {
        for distance in [-100.0, -20.0, -7.5, -0.1, 0.1, 3.0, 20.0, 100.0] {
            let mut bench = Bench::new(&model, 0.1, 1, &[("mu", &mu.to_string()), ("w_max", "2 weight")]);
            bench.set("w", 0.8);
            let w = bench.play(&[150.0], &[150.0 + distance]);
            let expected: f64 = if distance > 0.0 {
                0.01 * 2.0 * (1.0_f64 - 0.4).powf(mu) * (-distance / 20.0_f64).exp()
            } else {
                -0.0105 * 2.0 * 0.4_f64.powf(mu) * (distance / 20.0).exp()
            };
            let found = w - 0.8;
            assert!(
                (found - expected).abs() < 3e-16 + 2e-14 * expected.abs(),
                "{distance}: {found} {expected}"
            );
        }
    }
}

#[test]
fn tsodyks_markram_gives_the_published_ratios() {
    let model = builtin("tsodyks_markram");
    let depressing = [1.0, 0.5303, 0.3097, 0.2060];
    let facilitating = [1.0, 1.8668, 2.5822, 3.1611];
    for (preset, expected, steady) in [
        ("depressing", depressing, 0.11425),
        ("facilitating", facilitating, 6.73494),
    ] {
        let mut bench = Bench::preset(&model, preset, 0.1, &[]);
        bench.set("w", 3.0);
        let mut sent = Vec::new();
        for n in 0..400 {
            bench.pass(100.0 + 50.0 * f64::from(n));
            sent.push(bench.spikes(true, false)[0]);
        }
        for (n, expected) in expected.iter().enumerate() {
            assert!(
                (sent[n] / sent[0] - expected).abs() < 5e-5,
                "{preset} {n}: {}",
                sent[n] / sent[0]
            );
        }
        assert!(
            (sent[399] / sent[0] - steady).abs() < 1e-5,
            "{preset}: {}",
            sent[399] / sent[0]
        );
    }
}
