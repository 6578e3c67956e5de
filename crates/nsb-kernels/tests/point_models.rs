//! Models with two variables against published behaviour, closed forms and an independent integration.

mod support;

use nsb_lang::lower::Method;
use nsb_lang::math;
use support::{Cells, Setting, intervals};

/// Above its lower bound the cell is that of `lif`; a current that would take it below holds it there; from below it
/// returns by e^(−t/τ_min).
#[test]
fn a_bounded_cell_leaks_above_its_bound_and_returns_to_it_from_below() {
    let cell = |parameters: &'static [(&'static str, &'static str)]| {
        let setting = Setting {
            model: "bounded_lif",
            dt: 0.01,
            parameters,
        };
        setting.cells(1)
    };
    let mut above = cell(&[]);
    above.set("I", "-80 pA");
    let mut below = cell(&[("tau_min", "0.5 ms")]);
    below.set("V", "-95 mV");
    let mut held = cell(&[]);
    held.set("I", "-400 pA");
    for step in 1..=5000 {
        let t = f64::from(step) * 0.01;
        for cells in [&mut above, &mut below, &mut held] {
            assert!(cells.step().is_empty());
        }
        // −80 pA · 20 ms / 200 pF = −8 mV. The second order leaves (dt/τ)² / 6 of the slope.
        let expected = -65.0 - 8.0 * (1.0 - math::exp(-t / 20.0));
        assert!((above.value("V", 0) - expected).abs() < 1e-6, "{t} ms");
        if t <= 2.0 {
            let expected = -75.0 - 20.0 * math::exp(-t / 0.5);
            assert!(
                (below.value("V", 0) - expected).abs() < 2e-3,
                "{t} ms: {}",
                below.value("V", 0)
            );
        }
    }
    // Alone the current would take it to −105 mV. A step moves it by 0.02 mV.
    assert!((held.value("V", 0) + 75.0).abs() < 0.03, "{}", held.value("V", 0));
    // It fires as `lif` does: after τ_m ln(20/5) = 27.73 ms at 200 pA, then with the refractory time.
    let times = Setting {
        model: "bounded_lif",
        dt: 0.01,
        parameters: &[],
    }
    .spikes(&["200 pA"], 100.0)
    .remove(0);
    let period = 20.0 * math::log(4.0);
    assert!(
        (times[0] - period).abs() < 0.01 && (times[1] - times[0] - period - 2.0).abs() < 0.011,
        "{times:?}"
    );
}

const ADEX: Setting<'static> = Setting {
    model: "adex",
    dt: 0.025,
    parameters: &[],
};

#[test]
fn an_adaptive_exponential_cell_slows_down_as_the_reference_does() {
    for dt in [0.1, 0.025] {
        let times = Setting { dt, ..ADEX }.spikes(&["1000 pA"], 500.0).remove(0);
        assert_eq!(times.len(), 17);
        let found = intervals(&times);
        let steady = found[found.len() - 1];
        for (found, expected) in [found[0], found[1], found[2], steady]
            .iter()
            .zip([13.59, 15.83, 18.58, 36.07])
        {
            assert!(
                (found / expected - 1.0).abs() < 0.01,
                "dt {dt}: {found} ms, expected {expected}"
            );
        }
    }
    let rates = ADEX.rates(&["600 pA", "650 pA"], 2000.0);
    assert!(rates[0] == 0.0 && rates[1] > 0.0, "{rates:?}");
}

#[test]
fn the_upstroke_stays_finite_and_leaves_the_adaptation_alone() {
    for dt in [0.1, 0.05, 0.025] {
        let mut cells = Setting { dt, ..ADEX }.cells(1);
        cells.set("I", "1000 pA");
        let mut before = cells.value("w", 0);
        let mut spikes = 0;
        while spikes < 5 {
            spikes += cells.step().len();
            let (v, w) = (cells.value("V", 0), cells.value("w", 0));
            assert!(v < 0.0, "{v} mV is kept after a step");
            // b at a spike, and dt·a·(V_peak − E_L)/τ_w at most otherwise.
            assert!(
                w - before < 80.5 + dt * 4.0 * 70.6 / 144.0 + 1e-9,
                "w jumps by {}",
                w - before
            );
            before = w;
        }
    }
}

/// Rates of the published integration, explicit Euler in plain arithmetic.
fn izhikevich_by_hand(dt: f64, end: f64) -> Vec<f64> {
    let (mut v, mut u, mut times) = (-65.0, -13.0, Vec::new());
    for step in 1..=(end / dt).round() as usize {
        let dv = 0.04 * v * v + 5.0 * v + 140.0 - u + 10.0;
        let du = 0.02 * (0.2 * v - u);
        v += dt * dv;
        u += dt * du;
        if v >= 30.0 {
            times.push(step as f64 * dt);
            (v, u) = (-65.0, u + 8.0);
        }
    }
    times
}

#[test]
fn izhikevich_rates_depend_on_the_step_as_published_ones_do() {
    for (dt, expected) in [(1.0, 21.28), (0.5, 21.74), (0.1, 22.17), (0.01, 22.30)] {
        let cell = Setting {
            model: "izhikevich",
            dt,
            parameters: &[],
        };
        let times = cell.spikes(&["10 pA"], 5000.0).remove(0);
        let found = support::steady_rate(&times, 2500.0);
        assert!(
            (found / expected - 1.0).abs() < 0.002,
            "dt {dt}: {found} Hz, expected {expected}"
        );
        let by_hand = izhikevich_by_hand(dt, 500.0);
        let count = times.iter().filter(|t| **t <= 500.0).count();
        assert_eq!(count, by_hand.len(), "dt {dt}");
        for (found, by_hand) in times.iter().zip(by_hand) {
            // Ours is interpolated within the step that ends at the time by hand.
            assert!(
                *found <= by_hand + 1e-9 && *found >= by_hand - dt - 1e-9,
                "dt {dt}: {found} and {by_hand}"
            );
        }
    }
}

#[test]
fn a_fast_spiking_izhikevich_cell_fires_136_times_in_a_second() {
    let cell = Setting {
        model: "izhikevich",
        dt: 0.01,
        parameters: &[("a", "0.1/ms"), ("b", "0.2/ms"), ("c", "-65 mV"), ("d", "2 mV/ms")],
    };
    assert_eq!(cell.spikes(&["10 pA"], 1000.0)[0].len(), 136);
}

#[test]
fn fitzhugh_nagumo_has_the_reference_periods() {
    let cell = Setting {
        model: "fitzhugh_nagumo",
        dt: 0.1,
        parameters: &[],
    };
    for (rate, period) in cell.rates(&["0.5", "1"], 2000.0).iter().zip([39.48, 36.70]) {
        let found = 1000.0 / rate;
        assert!((found / period - 1.0).abs() < 0.005, "{found}, expected {period}");
    }
    assert_eq!(cell.rates(&["0", "0.3"], 2000.0), [0.0, 0.0]);
}

/// The fixed point of FitzHugh-Nagumo at a drive, by bisection: the left side falls in v.
fn fixed_point(drive: f64) -> (f64, f64) {
    let (mut low, mut high) = (-3.0_f64, 3.0_f64);
    for _ in 0..200 {
        let v = 0.5 * (low + high);
        if v - v * v * v / 3.0 - (v + 0.7) / 0.8 + drive > 0.0 {
            low = v;
        } else {
            high = v;
        }
    }
    (low, (low + 0.7) / 0.8)
}

#[test]
fn fitzhugh_nagumo_loses_its_rest_at_the_hopf_points() {
    // Exact: the trace 1 − v² − 0.8·0.08 vanishes.
    let v = (1.0_f64 - 0.8 * 0.08).sqrt();
    for (sign, expected) in [(-1.0, 0.3313), (1.0, 1.4187)] {
        let v = sign * v;
        let hopf = (v + 0.7) / 0.8 - v + v * v * v / 3.0;
        assert!((hopf - expected).abs() < 5e-5, "{hopf}");
        for (drive, grows) in [(hopf - 0.002 * sign, true), (hopf + 0.002 * sign, false)] {
            let (v, w) = fixed_point(drive);
            let mut cells = Cells::builtin("fitzhugh_nagumo", Method::Auto, 0.1, 1, &[]);
            cells.set("I", &format!("{drive:e}"));
            cells.set("V", &format!("{:e}", v + 1e-6));
            cells.set("w", &format!("{w:e}"));
            // The largest deviation of the last period, after growth or decay by e^±6.5.
            let mut deviation = 0.0_f64;
            for step in 0..40_000 {
                cells.step();
                if step >= 39_600 {
                    deviation = deviation.max((cells.value("V", 0) - v).abs());
                }
            }
            assert_eq!(deviation > 1e-5, grows, "drive {drive}: deviation {deviation}");
            assert_eq!(deviation < 1e-7, !grows, "drive {drive}: deviation {deviation}");
        }
    }
}

#[test]
fn morris_lecar_begins_to_fire_at_a_finite_rate_or_at_any_rate_by_its_set() {
    let hopf = Setting {
        model: "morris_lecar",
        dt: 0.05,
        parameters: &[],
    };
    let table = [("88 uA/cm^2", 0.0), ("90 uA/cm^2", 9.74), ("100 uA/cm^2", 11.73)];
    hopf.assert_rates(&table, 4000.0, 0.005);
    let snic = Setting {
        parameters: &[
            ("g_Ca", "4 mS/cm^2"),
            ("V_3", "12 mV"),
            ("V_4", "17.4 mV"),
            ("phi", "0.0666666666666666667/ms"),
        ],
        ..hopf
    };
    let table = [
        ("39 uA/cm^2", 0.0),
        ("40 uA/cm^2", 1.06),
        ("41 uA/cm^2", 5.11),
        ("45 uA/cm^2", 10.07),
    ];
    snic.assert_rates(&table, 10_000.0, 0.005);
}
