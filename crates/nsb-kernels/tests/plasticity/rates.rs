//! Rules that know rates or rewards: inhibition, reward, scaling, sliding thresholds.

use nsb_kernels::Draws;

use crate::assert_close;
use crate::bench::{Bench, builtin};

#[test]
fn inhibition_counts_pairs_and_subtracts_a_constant() {
    let mut bench = Bench::new(&builtin("inhibitory_stdp"), 0.1, 1, &[("w_max", "10 weight")]);
    bench.set("w", 5.0);
    let change = bench.play(&[100.0, 130.0], &[110.0]) - 5.0;
    let e = |time: f64| (-time / 20.0_f64).exp();
    // Twice 2 · 3 Hz · 20 ms at the arrivals, and both pairs potentiate, whatever their order.
    let expected = 0.01 * (e(10.0) + e(20.0) - 2.0 * 0.12);
    assert_close(change, expected, 2e-15, "two pairs");
    // At 3 Hz without correlation: potentiation x · r_post and y · r_pre make up for r_pre · alpha.
    let rate = 3e-3;
    assert_close(2.0 * rate * rate * 20.0 - rate * 0.12, 0.0, 1e-18, "balance");
}

/// One pairing at 0, one reward at T: Δw = c₀ · D · e^(−T/τ_c) / (1/τ_c + 1/τ_d).
#[test]
fn a_late_reward_counts_less() {
    let model = builtin("reward_stdp");
    let change = |wait: f64, at: f64| {
        let mut bench = Bench::new(&model, 0.1, 1, &[]);
        bench.set("w", 0.2);
        bench.play(&[100.0], &[110.0]);
        bench.pass(110.0 + wait);
        bench.reward(0.5);
        bench.pass(110.0 + wait + at);
        bench.get("w") - 0.2
    };
    let mark = 0.1 * (-0.5_f64).exp();
    let expected = |wait: f64| mark * 0.5e-3 * (-wait / 1000.0).exp() / (1e-3 + 1.0 / 200.0);
    for wait in [0.0, 200.0, 1000.0, 3000.0] {
        assert_close(change(wait, 20_000.0), expected(wait), 1e-15, &format!("{wait} ms"));
    }
    // On the way, and looked at in between or not.
    let part = 1.0 - (-300.0 * 6e-3_f64).exp();
    assert_close(change(1000.0, 300.0), expected(1000.0) * part, 1e-15, "on the way");
    let ratio = change(1000.0, 20_000.0) / change(3000.0, 20_000.0);
    assert_close(ratio, 2.0_f64.exp(), 1e-10, "ratio");
    // What is left undone does not depend on how often one looks.
    let mut bench = Bench::new(&model, 0.1, 1, &[]);
    bench.set("w", 0.2);
    bench.play(&[100.0], &[110.0]);
    for n in 1..=100 {
        bench.pass(110.0 + 10.0 * f64::from(n));
    }
    bench.reward(0.5);
    for n in 101..=1000 {
        bench.pass(110.0 + 10.0 * f64::from(n));
    }
    let whole = expected(1000.0) * (1.0 - (-9000.0 * 6e-3_f64).exp());
    assert_close(bench.get("w") - 0.2, whole, 1e-15, "in a thousand parts");
}

#[test]
fn a_reward_before_the_pair_counts_as_long_as_dopamine_lasts() {
    let mut bench = Bench::new(&builtin("reward_stdp"), 0.1, 1, &[]);
    bench.set("w", 0.2);
    bench.reward(1.0);
    bench.play(&[100.0], &[110.0]);
    bench.pass(30_000.0);
    let dopamine = 1e-3 * (-110.0_f64 / 200.0).exp();
    let expected = 0.1 * (-0.5_f64).exp() * dopamine / (1e-3 + 5e-3);
    // Dopamine goes by steps of the exact solution.
    assert_close(bench.get("w") - 0.2, expected, 1e-14, "reward first");
}

#[test]
fn scaling_keeps_the_ratios_of_weights() {
    let given = [("acceleration", "1000"), ("rate", "4 Hz")];
    let mut bench = Bench::new(&builtin("synaptic_scaling"), 1.0, 3, &given);
    let weights = [0.25, 1.0, 3.7];
    bench.set_each("w", &weights);
    // A silent second, then a busy one.
    let mut logarithm = 0.0;
    for tenth in 0..20 {
        bench.step_targets_for(100.0);
        if tenth >= 10 {
            bench.spikes(false, true);
        }
        logarithm += 1000.0 * (1.0 - bench.get("r") / 4e-3) * 100.0 / 36e6;
        bench.update(100.0);
    }
    let found = bench.all("w").to_vec();
    for (found, weight) in found.iter().zip(weights) {
        assert_close(found / weight, logarithm.exp(), 1e-13, "growth");
    }
    assert_close(found[2] / found[0], 3.7 / 0.25, 1e-12 * 14.8, "ratio");
    assert!(logarithm.abs() > 1e-3);
}

/// A cell that is silent grows e-fold in the time constant, at any interval.
#[test]
fn a_silent_cell_grows_exponentially() {
    for interval in [1.0, 100.0] {
        let given = [("acceleration", "360000"), ("tau_rate", "10 ms")];
        let mut bench = Bench::new(&builtin("synaptic_scaling"), 1.0, 1, &given);
        bench.set("w", 2.0);
        bench.step_targets_for(1000.0);
        for _ in 0..(100.0 / interval) as usize {
            bench.update(interval);
        }
        assert_close(bench.get("w"), 2.0 * 1.0_f64.exp(), 1e-12, "after 10 h / 360000");
    }
}

#[test]
fn bcm_depresses_below_and_potentiates_above_its_threshold() {
    let given = [("tau_theta", "1e5 s"), ("w_max", "4 weight")];
    for (rate, expected) in [(2.0, -1.0), (9.9, -1.0), (10.0, 0.0), (30.0, 1.0)] {
        let mut bench = Bench::new(&builtin("bcm"), 0.1, 1, &given);
        bench.set("w", 2.0);
        bench.set("y", rate * 1e-3);
        bench.spikes(true, false);
        let change = bench.get("w") - 2.0;
        let value = 1e-4 * 4.0 * rate * (rate - 10.0) / 100.0;
        assert_close(change, value, 1e-15, &format!("{rate} Hz"));
        assert!(expected == 0.0 || change * expected > 0.0);
    }
}

#[test]
fn the_threshold_of_bcm_follows_the_square_of_the_rate() {
    let mut bench = Bench::new(&builtin("bcm"), 0.1, 1, &[("tau_theta", "50 ms"), ("tau_y", "1e5 ms")]);
    bench.set("y", 0.02);
    bench.step_targets_for(1000.0);
    let y = 0.02 * (-0.01_f64).exp();
    // The rate falls by 1 % meanwhile, and the threshold is behind it by 50 ms.
    let expected = 0.02 * 0.02 / 0.01 * (-0.02_f64).exp() / (1.0 - 2.0 * 50.0 / 1e5);
    assert_close(bench.get("y"), y, 1e-12, "rate");
    assert_close(bench.get("theta"), expected, 1e-8, "threshold");
}

/// Two orthogonal inputs in turn: one weight wins.
#[test]
fn bcm_makes_a_cell_selective() {
    for seed in 0..3 {
        let given = [
            ("eta", "3e-3"),
            ("tau_theta", "1 s"),
            ("tau_y", "100 ms"),
            ("rate_0", "20 Hz"),
        ];
        let mut bench = Bench::new(&builtin("bcm"), 1.0, 2, &given);
        let mut weights = [0.5, 0.5];
        let draws = |step: u64| Draws {
            seed,
            step,
            ..Draws::default()
        };
        // The active input fires at 40 Hz; the cell fires at 60 Hz times its weight.
        for step in 0..400_000_u64 {
            let active = (step / 500 % 2) as usize;
            bench.step_targets();
            let pre = draws(step).uniform(0, 0) < 0.04;
            let post = draws(step).uniform(1, 0) < 0.06 * weights[active];
            if pre || post {
                bench.set_each("w", &weights);
                bench.spikes(pre, post);
                weights[active] = bench.all("w")[active];
            }
        }
        let mean = 0.5 * (weights[0] + weights[1]);
        let largest = weights[0].max(weights[1]);
        let selectivity = (largest - mean) / largest;
        assert!(selectivity >= 0.4, "seed {seed}: {weights:?}");
    }
}

/// A pair of spikes after a past of known rate.
#[test]
fn depression_slides_with_the_square_of_the_past_rate() {
    for past in [0.0, 5.0, 10.0, 20.0] {
        let mut bench = Bench::new(&builtin("metaplastic_stdp"), 0.1, 1, &[]);
        bench.set("w", 0.5);
        bench.set("past", past * 1e-3);
        bench.spikes(false, true);
        bench.step_targets_for(5.0);
        bench.pass(5.0);
        bench.spikes(true, false);
        bench.step_targets_for(7.0);
        bench.pass(12.0);
        let depression = bench.get("w") - 0.5;
        // The spike itself belongs to the past by the time of the next one: 1 in 10 s is 0.1 Hz.
        let rate = (past + 0.1) * (-5.0_f64 / 10_000.0).exp();
        let expected = -7.1e-3 * (rate / 10.0).powi(2) * (-5.0_f64 / 33.7).exp();
        assert_close(depression, expected, 1e-13, &format!("past {past} Hz"));
        bench.spikes(false, true);
        let potentiation = bench.get("w") - 0.5 - depression;
        let expected = 6.5e-3 * (-7.0_f64 / 16.8).exp() * (-12.0_f64 / 114.0).exp();
        assert_close(potentiation, expected, 1e-13, &format!("past {past} Hz"));
    }
}
