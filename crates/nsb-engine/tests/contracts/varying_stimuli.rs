//! Currents that vary: courses are what was said, noise has its statistics.

use nsb_engine::{CellSet, Course, Monitor, Network, Plan, Recording, Settings, Stimulus, Waveform};

use crate::models::{lif, quantity, run, settings, simulation, watch_spikes};

const DT_MS: f64 = 0.1;

fn varying(course: Course, start: Option<&str>, stop: Option<&str>) -> Stimulus {
    Stimulus {
        name: "drive".to_owned(),
        population: "cells".to_owned(),
        cells: CellSet::All,
        receptor: None,
        waveform: Waveform::Varying {
            course,
            start: start.map(quantity),
            stop: stop.map(quantity),
        },
    }
}

fn network(size: usize, stimulus: Stimulus, variable: &str) -> Network {
    Network {
        populations: vec![lif("cells", size)],
        stimuli: vec![stimulus],
        monitors: vec![Monitor::Variables {
            name: "trace".to_owned(),
            population: "cells".to_owned(),
            variables: vec![variable.to_owned()],
            cells: CellSet::All,
            interval: None,
        }],
        ..Network::default()
    }
}

fn input(course: Course, start: Option<&str>, stop: Option<&str>, duration_ms: f64) -> Vec<f64> {
    let recording = run(&network(1, varying(course, start, stop), "I"), &settings(), duration_ms);
    recording.variables[0].series[0].values.clone()
}

#[track_caller]
fn assert_course(found: &[f64], expected: impl Fn(f64) -> f64) {
    assert!(found.len() > 100);
    for (step, &value) in found.iter().enumerate() {
        let expected = expected((step as f64 + 0.5) * DT_MS);
        assert!(
            (value - expected).abs() < 1e-9,
            "step {step}: {value}, expected {expected}"
        );
    }
}

#[test]
#[allow(clippy::disallowed_methods)] // the platform's sine is the independent truth
fn smooth_courses_take_the_value_of_the_middle_of_each_step() {
    use std::f64::consts::TAU;
    let (from, to) = (quantity("10 pA"), quantity("-20 pA"));
    let ramp = input(Course::Ramp { from, to }, Some("5 ms"), Some("15 ms"), 20.0);
    let on = |t: f64| (5.0..15.0).contains(&t);
    assert_course(&ramp, |t| if on(t) { 10.0 - 3.0 * (t - 5.0) } else { 0.0 });

    let course = Course::Sine {
        mean: quantity("3 pA"),
        amplitude: quantity("0.01 nA"),
        frequency: quantity("100 Hz"),
        phase: 0.25,
    };
    assert_course(&input(course, None, None, 50.0), |t| {
        3.0 + 10.0 * (TAU * (0.1 * t + 0.25)).sin()
    });

    let (from, to) = (quantity("0 Hz"), quantity("1 kHz"));
    let chirp = input(
        Course::Chirp {
            amplitude: quantity("2 pA"),
            from,
            to,
        },
        None,
        Some("20 ms"),
        19.9,
    );
    // The frequency rises by 1/20 per ms², its integral is t²/40.
    assert_course(&chirp, |t| 2.0 * (TAU * t * t / 40.0).sin());
}

#[test]
fn pulses_and_patterns_switch_on_the_grid() {
    let course = Course::Pulses {
        amplitude: quantity("7 pA"),
        width: quantity("0.3 ms"),
        interval: quantity("1 ms"),
    };
    let pulses = input(course, Some("2 ms"), Some("12.2 ms"), 20.0);
    for (step, &value) in pulses.iter().enumerate() {
        let is_on = (20..122).contains(&step) && (step - 20) % 10 < 3;
        assert_eq!(value, if is_on { 7.0 } else { 0.0 }, "step {step}");
    }
    let times = ["1 ms", "2 ms", "4 ms"].map(quantity).to_vec();
    let levels = ["5 pA", "-1 pA", "0 pA"].map(quantity).to_vec();
    let pattern = input(Course::Pattern { times, levels }, Some("1 ms"), None, 10.0);
    for (step, &value) in pattern.iter().enumerate() {
        let expected = match step {
            20..30 => 5.0,
            30..50 => -1.0,
            _ => 0.0,
        };
        assert_eq!(value, expected, "step {step}");
    }
}

/// A passive membrane under a sine has a closed form; halving the step must divide the error by four.
#[test]
#[allow(clippy::disallowed_methods)] // the platform's functions are the independent truth
fn a_sine_is_right_to_second_order() {
    use std::f64::consts::TAU;
    let error = |dt_ms: f64| {
        let course = Course::Sine {
            mean: quantity("0 pA"),
            amplitude: quantity("100 pA"),
            frequency: quantity("50 Hz"),
            phase: 0.0,
        };
        let settings = Settings { dt_ms, ..settings() };
        let recording = run(&network(1, varying(course, None, None), "V"), &settings, 40.0);
        let found = recording.variables[0].series[0].values.last().unwrap() + 65.0;
        // C = 200 pF, τ = 20 ms; V' = −V/τ + (A/C) sin ωt.
        let (omega, tau, gain, t) = (TAU * 0.05, 20.0, 0.5, 40.0);
        let factor: f64 = gain * tau / (1.0 + omega * omega * tau * tau);
        let exact = factor * ((omega * t).sin() - omega * tau * (omega * t).cos() + omega * tau * (-t / tau).exp());
        (found - exact).abs()
    };
    let (coarse, fine) = (error(0.4), error(0.2));
    assert!(
        coarse < 0.02 && (3.6..4.4).contains(&(coarse / fine)),
        "{coarse} {fine}"
    );
}

fn noise() -> Course {
    Course::Noise {
        mean: quantity("20 pA"),
        sd: quantity("8 pA"),
        tau: quantity("2 ms"),
    }
}

#[test]
fn noise_has_its_mean_deviation_and_correlation_from_the_first_step_on() {
    let n = 700;
    let recording = run(&network(n, varying(noise(), None, None), "I"), &settings(), 200.0);
    let values = &recording.variables[0].series[0].values;
    let n_steps = values.len() / n;
    let at = |step: usize, cell: usize| values[step * n + cell] - 20.0;
    // Effectively independent samples: T / (2 τ) of each cell.
    let independent = n as f64 * 200.0 / 4.0;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    assert!((mean - 20.0).abs() < 5.0 * 8.0 / independent.sqrt(), "mean {mean}");
    let moment = |lag: usize, shift: usize| {
        let products = (0..n_steps - lag).flat_map(|step| (0..n).map(move |cell| (step, cell)));
        let sum: f64 = products
            .map(|(step, cell)| at(step, cell) * at(step + lag, (cell + shift) % n))
            .sum();
        sum / ((n_steps - lag) * n) as f64
    };
    let error = 5.0 * 64.0 * (2.0 / independent).sqrt();
    // e^(−lag/τ) at lags of 0, 0.1, 1, 2 and 6 ms.
    for (lag, kept) in [
        (0, 1.0),
        (1, 0.951_229),
        (10, 0.606_531),
        (20, 0.367_879),
        (60, 0.049_787),
    ] {
        let found = moment(lag, 0);
        assert!(
            (found - 64.0 * kept).abs() < error,
            "lag {lag}: {found}, expected {}",
            64.0 * kept
        );
    }
    // Neighbouring cells, also across the border of blocks, have nothing in common.
    assert!(moment(0, 1).abs() < error, "{}", moment(0, 1));
    let first = (0..n).map(|cell| at(0, cell) * at(0, cell)).sum::<f64>() / n as f64;
    assert!(
        (first - 64.0).abs() < 5.0 * 64.0 * (2.0 / n as f64).sqrt(),
        "first variance {first}"
    );
}

#[test]
fn noise_does_not_depend_on_threads_or_pieces_but_on_the_seed() {
    let course = Course::Noise {
        mean: quantity("150 pA"),
        sd: quantity("100 pA"),
        tau: quantity("5 ms"),
    };
    let mut network = network(1100, varying(course, Some("3 ms"), None), "V");
    network.monitors = vec![watch_spikes("spikes", "cells")];
    let with = |threads, seed| -> Recording {
        run(
            &network,
            &Settings {
                threads,
                seed,
                ..settings()
            },
            60.0,
        )
    };
    let one = with(1, 1);
    assert!(one.populations[0].spikes > 300, "{}", one.populations[0].spikes);
    assert_eq!(one, with(3, 1));
    assert_ne!(one.spike_hash, with(1, 2).spike_hash);
    let mut pieces = simulation(&network, &settings());
    for duration in [0.1, 30.0, 0.7, 29.2] {
        pieces.run_for(duration, &mut ()).unwrap();
    }
    let whole = run(&network, &settings(), 60.0);
    assert_eq!(pieces.recording().spike_hash, whole.spike_hash);
}

#[test]
fn courses_that_cannot_be_are_refused_with_their_place() {
    let error = |course: Course, stop: Option<&str>| {
        let network = network(1, varying(course, None, stop), "V");
        let errors = Plan::new(&network, &settings()).expect_err("there is a mistake").0;
        assert_eq!(errors.len(), 1, "{errors:?}");
        format!("{}: {}; {}", errors[0].path(), errors[0], errors[0].hint())
    };
    let q = quantity;
    let ramp = |to| Course::Ramp {
        from: q("1 pA"),
        to: q(to),
    };
    assert_eq!(
        error(ramp("2 pA"), None),
        "stimuli.drive.stop: the stop is missing; add stop = \"100 ms\""
    );
    assert!(error(ramp("2 mV"), Some("1 ms")).starts_with("stimuli.drive.to: expected a current"));
    let sine = Course::Sine {
        mean: q("0 pA"),
        amplitude: q("1 pA"),
        frequency: q("-1 Hz"),
        phase: 0.0,
    };
    assert!(error(sine, None).contains("stimuli.drive.frequency: -1 Hz is negative"));
    let pulses = Course::Pulses {
        amplitude: q("1 pA"),
        width: q("2 ms"),
        interval: q("2 ms"),
    };
    assert!(error(pulses, None).contains("end before the next begins"));
    let pattern = |times: &[&str]| Course::Pattern {
        times: times.iter().map(|t| q(t)).collect(),
        levels: vec![q("1 pA"), q("2 pA")],
    };
    assert!(error(pattern(&["1 ms"]), None).contains("there are 1 times and 2 levels"));
    assert!(
        error(pattern(&["2 ms", "1 ms"]), None).starts_with("stimuli.drive.times[1]: 1 ms does not come after 2 ms")
    );
    let noise = |sd, tau| Course::Noise {
        mean: q("0 pA"),
        sd: q(sd),
        tau: q(tau),
    };
    assert!(error(noise("-1 pA", "1 ms"), None).contains("stimuli.drive.sd: -1 pA is not 0 or more"));
    assert!(error(noise("1 pA", "0 ms"), None).contains("stimuli.drive.tau: 0 ms is not more than 0"));
    assert!(error(noise("1 mV", "1 ms"), None).contains("stimuli.drive.sd: expected a current"));
}
