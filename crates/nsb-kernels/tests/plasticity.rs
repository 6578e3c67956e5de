//! The built-in synapse models against closed forms and published numbers, event by event.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // the closed forms are evaluated independently

#[path = "support/plasticity.rs"]
mod support;

use std::path::Path;

use nsb_kernels::{Catalogue, Columns, Draws, Executor, Simd};
use nsb_lang::program::{ColumnId, PhaseKind, Role};
use nsb_lang::{Event, ModelKind, Rule, Transmits};
use support::{Bench, builtin};

/// Pre- and postsynaptic times of pairs at a frequency (Hz), the postsynaptic spike `distance` ms after the other.
fn pairs(count: usize, hertz: f64, distance: f64) -> (Vec<f64>, Vec<f64>) {
    let pre: Vec<f64> = (0..count).map(|n| 200.0 + 1000.0 / hertz * n as f64).collect();
    let post = pre.iter().map(|t| t + distance).collect();
    (pre, post)
}

fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{what}: {found}, expected {expected}"
    );
}

/// Rounding of a weight near 1, and of a change computed in a handful of operations.
fn rounding(change: f64) -> f64 {
    3e-16 + 2e-14 * change.abs()
}

#[test]
fn a_pair_changes_the_weight_by_an_exponential_of_its_distance() {
    for name in ["pair_stdp", "pair_stdp_nearest"] {
        let model = builtin(name);
        for mu in [0.0, 1.0, 0.4] {
            for distance in [-100.0, -20.0, -7.5, -0.1, 0.1, 3.0, 20.0, 100.0] {
                let mut bench = Bench::new(&model, 0.1, 1, &[("mu", &mu.to_string()), ("w_max", "2 weight")]);
                bench.set("w", 0.8);
                let change = bench.play(&[150.0], &[150.0 + distance]) - 0.8;
                let expected: f64 = if distance > 0.0 {
                    0.01 * 2.0 * 0.6_f64.powf(mu) * (-distance / 20.0_f64).exp()
                } else {
                    -0.0105 * 2.0 * 0.4_f64.powf(mu) * (distance / 20.0).exp()
                };
                assert_close(
                    change,
                    expected,
                    rounding(expected),
                    &format!("{name}, mu {mu}, {distance} ms"),
                );
            }
        }
    }
}

#[test]
fn sixty_pairs_add_up() {
    let model = builtin("pair_stdp");
    for (distance, expected) in [
        (10.0, 60.0 * 0.005 * (-0.5_f64).exp()),
        (-10.0, -60.0 * 0.00525 * (-0.5_f64).exp()),
    ] {
        let mut bench = Bench::new(&model, 0.1, 1, &[("A_plus", "0.005"), ("A_minus", "0.00525")]);
        bench.set("w", 0.5);
        let (pre, post) = pairs(60, 1.0, distance);
        let change = bench.play(&pre, &post) - 0.5;
        // Pairs of different cycles are 990 ms apart: e^-49.5.
        assert_close(change, expected, 60.0 * rounding(0.01), &format!("{distance} ms"));
    }
}

/// All pairs, or the nearest ones, summed one by one: w of the additive rule with hard bounds.
#[test]
fn a_random_train_gives_the_sum_over_its_pairs() {
    let random = Draws {
        seed: 11,
        ..Draws::default()
    };
    let times = |stream: u64| -> Vec<f64> {
        let draws = Draws { step: stream, ..random };
        let mut times: Vec<f64> = (0..200)
            .map(|n| (draws.uniform((n % 256) as u8, 0) * 20_000.0).round() * 0.1)
            .collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        times
    };
    let (pre, post) = (times(1), times(2));
    assert!(pre.iter().any(|t| post.contains(t)), "a tie is part of the test");
    for nearest in [false, true] {
        let name = if nearest { "pair_stdp_nearest" } else { "pair_stdp" };
        let mut bench = Bench::new(&builtin(name), 0.1, 1, &[]);
        bench.set("w", 0.5);
        let found = bench.play(&pre, &post);
        let trace = |of: &[f64], at: f64| -> f64 {
            let before: Vec<f64> = of.iter().copied().filter(|t| *t < at - 1e-6).collect();
            let counted = if nearest {
                &before[before.len().saturating_sub(1)..]
            } else {
                &before[..]
            };
            counted.iter().map(|t| (-(at - t) / 20.0).exp()).sum()
        };
        let expected: f64 = post.iter().map(|t| 0.01 * trace(&pre, *t)).sum::<f64>()
            - pre.iter().map(|t| 0.0105 * trace(&post, *t)).sum::<f64>();
        assert!(expected.abs() > 0.01, "{expected}");
        assert_close(found - 0.5, expected, 1e-12, name);
    }
}

#[test]
fn adjacent_spikes_pair_once() {
    let play = |pre: &[f64], post: &[f64]| {
        let mut bench = Bench::new(&builtin("pair_stdp_adjacent"), 0.1, 1, &[]);
        bench.set("w", 0.5);
        bench.play(pre, post) - 0.5
    };
    let gain = |distance: f64| 0.03125 * (-distance / 16.8).exp();
    let loss = |distance: f64| -0.0265625 * (-distance / 33.7).exp();
    // Of two arrivals the last, and of two spikes after it the first.
    assert_close(
        play(&[100.0, 104.0], &[110.0, 113.0]),
        gain(6.0),
        1e-15,
        "pre pre post post",
    );
    // The first arrival after a spike, not the second.
    assert_close(
        play(&[110.0, 115.0], &[100.0, 107.0]),
        loss(3.0),
        1e-15,
        "post post pre pre",
    );
    let both = gain(2.0) + loss(5.0) + gain(1.0);
    assert_close(play(&[100.0, 107.0], &[102.0, 108.0]), both, 2e-15, "pre post pre post");
    // At the same time neither sees the other, and both are used up.
    assert_close(play(&[100.0, 120.0], &[100.0, 105.0]), loss(15.0), 1e-15, "tie");
}

#[test]
fn recent_inputs_gain_and_silent_ones_lose() {
    for (pre, last, all) in [
        (vec![], 0.0, 0.0),
        (vec![90.0], (-0.5_f64).exp(), (-0.5_f64).exp()),
        (vec![80.0, 90.0], (-0.5_f64).exp(), (-0.5_f64).exp() + (-1.0_f64).exp()),
    ] {
        for (x_max, trace) in [("1", last), ("1000", all)] {
            let given = [("x_max", x_max), ("w_max", "3 weight")];
            let mut bench = Bench::new(&builtin("post_triggered_stdp"), 0.1, 1, &given);
            bench.set("w", 1.5);
            let change = bench.play(&pre, &[100.0]) - 1.5;
            let expected = 0.03 * (trace - 0.4) * 0.5_f64.powf(0.2);
            assert_close(
                change,
                expected,
                1e-15,
                &format!("{} arrivals, at most {x_max}", pre.len()),
            );
        }
    }
}

/// The benchmark `stdp_pair`, computed by an independent program: w₀ = 0.5, additive and multiplicative.
#[test]
fn triplets_quadruplets_and_trains_of_pairs_are_those_of_the_benchmark() {
    let train = |first: f64| -> Vec<f64> { (0..60).map(|n| first + 16.7 * f64::from(n)).collect() };
    for (pre, post, additive, multiplicative) in [
        (
            vec![200.0, 210.0],
            vec![205.0],
            -0.00038940039153567696,
            -0.00022654305540281694,
        ),
        (
            vec![205.0],
            vec![200.0, 210.0],
            -0.00038940039153573247,
            -0.00016285733613297104,
        ),
        (
            vec![200.0, 240.0],
            vec![220.0],
            -0.00018393972058577956,
            -9.907496266275961e-05,
        ),
        (
            vec![200.0, 220.0],
            vec![205.0, 215.0],
            -0.0006255836679062154,
            -0.00041312869403870023,
        ),
        (
            vec![205.0, 255.0],
            vec![200.0, 260.0],
            -0.0004213643221390728,
            -0.00017067572040163626,
        ),
        (train(200.0), train(210.0), -0.13800038850810714, -0.03684467342068304),
        (train(200.0), train(190.0), 0.06947873250012526, 0.018336038470837424),
    ] {
        for (mu, expected) in [("0", additive), ("1", multiplicative)] {
            let mut bench = Bench::new(&builtin("pair_stdp"), 0.1, 1, &[("mu", mu)]);
            bench.set("w", 0.5);
            let change = bench.play(&pre, &post) - 0.5;
            let what = format!("{} and {} spikes, mu {mu}", pre.len(), post.len());
            assert_close(change, expected, 2e-15 * (pre.len() + post.len()) as f64, &what);
        }
    }
}

#[test]
fn weights_stop_at_their_bounds() {
    let model = builtin("pair_stdp");
    for mu in ["0", "0.5", "1"] {
        // A largest weight whose reciprocal rounds.
        let mut bench = Bench::new(
            &model,
            0.1,
            1,
            &[("mu", mu), ("w_max", "0.3 weight"), ("A_plus", "2"), ("A_minus", "3")],
        );
        bench.set("w", 0.29);
        let (pre, post) = pairs(50, 20.0, 1.0);
        let w = bench.play(&pre, &post);
        assert_eq!(w, 0.3, "mu {mu}");
        let mut bench = Bench::new(&model, 0.1, 1, &[("mu", mu), ("w_max", "0.3 weight"), ("A_minus", "5")]);
        bench.set("w", 0.1);
        let w = bench.play(&post, &pre);
        assert_eq!(w, 0.0, "mu {mu}");
    }
}

#[test]
fn a_weight_that_is_no_number_is_not_made_one() {
    let mut bench = Bench::new(&builtin("pair_stdp"), 0.1, 1, &[]);
    bench.set("w", f64::NAN);
    assert!(bench.play(&[10.0], &[12.0]).is_nan());
}

/// Table of Pfister and Gerstner's full rule for 60 pairs, all-to-all, by an independent program.
#[test]
fn triplets_depress_at_low_and_potentiate_at_high_frequency() {
    let hertz = [0.1, 1.0, 5.0, 10.0, 20.0, 40.0, 50.0];
    let after = [0.0000, 0.0001, 0.0493, 0.1321, 0.2470, 0.5337, 0.7409];
    let before = [-0.3122, -0.3122, -0.3146, -0.3336, -0.3516, 0.1548, 0.7272];
    let model = builtin("triplet_stdp");
    for (distance, expected) in [(10.0, after), (-10.0, before)] {
        for (hertz, expected) in hertz.into_iter().zip(expected) {
            // A tenth of the amplitudes, so that no bound is met.
            let tenth = [
                ("A2_plus", 5e-11),
                ("A3_plus", 6.2e-4),
                ("A2_minus", 7e-4),
                ("A3_minus", 2.3e-5),
            ];
            let mut bench = Bench::preset(&model, "visual_cortex", 0.1, &tenth);
            bench.set("w", 0.5);
            let (pre, post) = pairs(60, hertz, distance);
            let change = (bench.play(&pre, &post) - 0.5) * 10.0;
            assert_close(change, expected, 1e-4, &format!("{distance} ms at {hertz} Hz"));
        }
    }
}

/// Isolated triplets have closed forms.
#[test]
fn the_minimal_triplet_rule_agrees_with_closed_forms() {
    let model = builtin("triplet_stdp");
    let play = |pre: &[f64], post: &[f64]| {
        let mut bench = Bench::preset(&model, "minimal", 0.1, &[]);
        bench.set("w", 0.5);
        bench.play(pre, post) - 0.5
    };
    let e = |time: f64, tau: f64| (-time / tau).exp();
    // post at 0, pre at 5, post at 12: depression by the pair, potentiation by the triplet.
    let expected = -7.1e-3 * e(5.0, 33.7) + 6.5e-3 * e(7.0, 16.8) * e(12.0, 114.0);
    assert_close(play(&[105.0], &[100.0, 112.0]), expected, 1e-15, "post-pre-post");
    // pre at 0, post at 8, pre at 20: depression alone.
    assert_close(
        play(&[100.0, 120.0], &[108.0]),
        -7.1e-3 * e(12.0, 33.7),
        1e-15,
        "pre-post-pre",
    );
}

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
fn tsodyks_markram_gives_the_published_ratios() {
    let model = builtin("tsodyks_markram");
    let depressing = ([1.0, 0.5303, 0.3097, 0.2060], 0.11425);
    let facilitating = ([1.0, 1.8668, 2.5822, 3.1611], 6.73494);
    for (preset, (first, steady)) in [("depressing", depressing), ("facilitating", facilitating)] {
        let mut bench = Bench::preset(&model, preset, 0.1, &[]);
        bench.set("w", 3.0);
        let mut sent = Vec::new();
        for n in 0..400 {
            bench.pass(100.0 + 50.0 * f64::from(n));
            sent.push(bench.spikes(true, false)[0]);
        }
        for (n, expected) in first.into_iter().enumerate() {
            assert_close(sent[n] / sent[0], expected, 5e-5, &format!("{preset}, spike {n}"));
        }
        assert_close(sent[399] / sent[0], steady, 1e-5, preset);
        assert_eq!(bench.get("w"), 3.0);
    }
}

/// The recursion of Maass and Markram, for the four sets of the benchmark.
#[test]
fn tsodyks_markram_follows_the_recursion() {
    for (utilisation, recovery, facilitation) in [
        (0.5, 800.0, 0.0),
        (0.5, 800.0, 20.0),
        (0.15, 50.0, 750.0),
        (0.03, 130.0, 530.0),
        (0.4, 0.0, 0.0),
    ] {
        let values = [("U", utilisation), ("tau_d", recovery), ("tau_f", facilitation)];
        let mut bench = Bench::preset(&builtin("tsodyks_markram"), "depressing", 0.1, &values);
        bench.set("w", 250.0);
        let times: Vec<f64> = (0..10).map(|n| 100.0 + 50.0 * f64::from(n)).chain([1050.0]).collect();
        let decay = |time: f64, tau: f64| if tau > 0.0 { (-time / tau).exp() } else { 0.0 };
        let (mut u, mut x) = (utilisation, 1.0);
        for (n, &time) in times.iter().enumerate() {
            if n > 0 {
                let interval = time - times[n - 1];
                let before = u;
                u = utilisation + before * (1.0 - utilisation) * decay(interval, facilitation);
                x = 1.0 + (x - before * x - 1.0) * decay(interval, recovery);
            }
            bench.pass(time);
            let sent = bench.spikes(true, false)[0];
            assert_close(sent, 250.0 * u * x, 1e-11, &format!("U {utilisation}, spike {n}"));
        }
        // Twice at the same time, and no time passes: nothing but the release changes.
        bench.pass(1050.0);
        assert!(bench.get("x").is_finite() && bench.get("u").is_finite());
    }
}

/// Long-term and short-term plasticity on the same synapse: the weight is that of the one, what arrives has the factor
/// of the other.
#[test]
fn release_is_combined_with_learning() {
    let parts = [("", "triplet_stdp"), ("release", "tsodyks_markram")];
    let rule = Rule::join(&parts.map(|(name, model)| (name.to_owned(), builtin(model)))).unwrap();
    assert_eq!((rule.transmits(), rule.source().len()), (Transmits::BySource, 4));
    let mut both = Bench::with_rule(rule, 0.1, 1, &[]);
    let mut learning = Bench::new(&builtin("triplet_stdp"), 0.1, 1, &[]);
    let mut release = Bench::new(&builtin("tsodyks_markram"), 0.1, 1, &[]);
    for (bench, weight) in [(&mut both, 0.5), (&mut learning, 0.5), (&mut release, 1.0)] {
        bench.set("w", weight);
    }
    for n in 0..50 {
        let mut sent = [&mut both, &mut learning, &mut release].map(|bench| {
            let time = 13.0 * f64::from(n);
            bench.step_targets_for(13.0);
            bench.pass(time);
            bench.spikes(n % 3 != 1, n % 4 == 0)
        });
        if n % 3 != 1 {
            let expected = sent[1].remove(0) * sent[2].remove(0);
            assert_eq!(sent[0].remove(0).to_bits(), expected.to_bits(), "spike {n}");
        }
        assert_eq!(both.get("w").to_bits(), learning.get("w").to_bits(), "spike {n}");
    }
    assert!((both.get("w") - 0.5).abs() > 0.01);
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

/// Independent Poisson trains: E[dw/dt] = r_pre · r_post · (A₊ τ₊ − A₋ τ₋), within four standard errors of the mean.
#[test]
fn uncorrelated_spikes_drift_as_expected() {
    let given = [("A_plus", "0.005"), ("A_minus", "0.006")];
    let (rate, trains, duration) = (0.02, 400, 20_000);
    let mut changes = Vec::new();
    for train in 0..trains {
        let mut bench = Bench::new(&builtin("pair_stdp"), 1.0, 1, &given);
        bench.set("w", 0.5);
        let arrivals = |side: u8| -> Vec<f64> {
            (0..duration)
                .filter(|&step| {
                    let draws = Draws {
                        seed: train,
                        step,
                        ..Draws::default()
                    };
                    draws.uniform(side, 0) < rate
                })
                .map(|step| step as f64)
                .collect()
        };
        // One large step between spikes: the traces of the target are exact at any step.
        changes.push(bench.play(&arrivals(0), &arrivals(1)) - 0.5);
    }
    let n = changes.len() as f64;
    let mean = changes.iter().sum::<f64>() / n;
    let variance = changes.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / (n - 1.0);
    // On a grid of 1 ms a pair is at least 1 ms apart: the sum over steps takes the place of the integral.
    let sum = 1.0 / (0.05_f64.exp() - 1.0);
    let expected = rate * rate * duration as f64 * sum * (0.005 - 0.006);
    let z = (mean - expected) / (variance / n).sqrt();
    assert!(z.abs() < 4.0, "{mean}, expected {expected}: {z}");
    assert!(
        expected.abs() > 4.0 * (variance / n).sqrt(),
        "the test could not tell it from 0"
    );
}

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

#[test]
fn the_page_of_the_rules_counts_their_variables() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/plasticity.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table = page
        .split("\n\n")
        .find(|part| part.starts_with("| rule | what it does"))
        .unwrap();
    let found: Vec<Vec<&str>> = table
        .lines()
        .skip(2)
        .map(|row| row.split('|').map(str::trim).collect())
        .collect();
    let mut listed: Vec<&str> = found.iter().map(|row| row[1].trim_matches('`')).collect();
    listed.sort_unstable();
    let catalogue = Catalogue::builtin();
    let rules = catalogue.models().filter(|m| m.kind == ModelKind::Synapse);
    assert_eq!(listed, rules.map(|m| m.name.as_str()).collect::<Vec<_>>());
    for row in found {
        let rule = Rule::new(&builtin(row[1].trim_matches('`'))).unwrap();
        let counts = [rule.synapse().len() - 1, rule.source().len(), rule.target().len()];
        assert_eq!(row[3..6], counts.map(|n| n.to_string()), "{}", rule.name());
    }
}

/// Executors and widths give equal bits, and these are the ones that the operations define.
#[test]
fn every_program_of_every_rule_gives_equal_bits_at_every_width() {
    let catalogue = Catalogue::builtin();
    let rules = catalogue.models().filter(|m| m.kind == ModelKind::Synapse);
    let rules: Vec<Rule> = rules.map(|model| Rule::new(model).unwrap()).collect();
    assert!(rules.len() >= 10);
    let lanes = 70;
    let draws = Draws {
        seed: 5,
        ..Draws::default()
    };
    for rule in &rules {
        let programs = Event::ALL.iter().filter_map(|&event| rule.program(event));
        for program in programs.chain(rule.targets()) {
            let uniform: Vec<(ColumnId, f64)> = program
                .columns_with(Role::Parameter)
                .map(|id| (id, program.columns()[id.0 as usize].default))
                .collect();
            let value = |column: usize, lane: usize| {
                let step = (column * lanes + lane) as u64;
                draws_at(draws, step) * if column.is_multiple_of(3) { 0.9 } else { 30.0 }
            };
            let special = program.specialise(0.1, &uniform);
            let mut expected = Vec::new();
            for lane in 0..lanes {
                let mut columns: Vec<f64> = (0..special.columns().len()).map(|column| value(column, lane)).collect();
                special
                    .phase(PhaseKind::Step)
                    .evaluate(0.1, draws, &mut columns, &mut Vec::new());
                expected.push(columns);
            }
            for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
                for executor in Executor::ALL {
                    let (special, kernel) = executor.prepare(program, 0.1, &uniform, simd);
                    let mut columns = Columns::new(special.columns().len(), lanes);
                    for column in 0..special.columns().len() {
                        for (lane, cell) in columns.column_mut(ColumnId(column as u32)).iter_mut().enumerate() {
                            *cell = value(column, lane);
                        }
                    }
                    kernel.run(PhaseKind::Step, &mut columns, draws, &mut kernel.scratch());
                    for column in 0..special.columns().len() {
                        let found = columns.column(ColumnId(column as u32));
                        for (lane, expected) in expected.iter().enumerate() {
                            let what = (rule.name(), column, lane, simd, executor);
                            assert_eq!(found[lane].to_bits(), expected[column].to_bits(), "{what:?}");
                        }
                    }
                }
            }
        }
    }
}

fn draws_at(draws: Draws, step: u64) -> f64 {
    Draws { step, ..draws }.uniform(0, 0)
}
