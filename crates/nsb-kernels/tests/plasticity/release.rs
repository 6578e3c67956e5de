//! Short-term plasticity, alone and with learning.

use crate::assert_close;
use crate::bench::{Bench, builtin};

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
