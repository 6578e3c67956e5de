//! Rules of pairs and triplets of spikes.

use nsb_kernels::Draws;

use crate::bench::{Bench, builtin};
use crate::{assert_close, pairs, rounding};

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

/// Independent Poisson trains: E[dw/dt] = r_pre · r_post · (A₊ τ₊ − A₋ τ₋), within 5 %. With 20 Hz for 50 s the standard
/// error of one synapse is as large as the drift; of 4096 it is 1.6 % of it.
#[test]
fn uncorrelated_spikes_drift_as_expected() {
    let synapses = 4096;
    let (rate, duration) = (0.02, 50_000);
    let given = [("A_plus", "0.005"), ("A_minus", "0.00525")];
    let mut bench = Bench::new(&builtin("pair_stdp"), 1.0, synapses, &given);
    bench.set("w", 0.5);
    for step in 0..duration {
        bench.pass(step as f64);
        let fires = |side: u8| -> Vec<bool> {
            let draws = Draws {
                seed: 3,
                step,
                ..Draws::default()
            };
            (0..synapses as u64).map(|n| draws.uniform(side, n) < rate).collect()
        };
        bench.spikes_each(&fires(0), &fires(1));
        bench.step_targets();
    }
    let mean = bench.all("w").iter().map(|w| w - 0.5).sum::<f64>() / synapses as f64;
    // On a grid of 1 ms the sum over the steps between two spikes takes the place of the time constant.
    let sum = 1.0 / (0.05_f64.exp() - 1.0);
    let expected = rate * rate * duration as f64 * sum * (0.005 - 0.00525);
    assert_close(mean / expected, 1.0, 0.05, "drift");
}
