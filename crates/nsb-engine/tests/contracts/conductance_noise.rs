//! Conductances from outside: noise has the moments and the autocorrelation of its closed form, and acts on the potential
//! as a conductance does.

#![allow(
    clippy::disallowed_methods,
    reason = "the platform's functions are the independent truth"
)]

use nsb_engine::{CellSet, Course, Network, Plan, PlanError, Population, Receptor, Settings, Stimulus, Waveform};

use crate::models::{built_in, lif, projection, quantity, run, settings, watch, watch_spikes};

/// Leaky cells with the conductance receptors `e` and `i`.
fn cells(size: usize) -> Population {
    let receptors = vec![
        Receptor::new("e", built_in("conductance_input")),
        Receptor::new("i", built_in("conductance_input")),
    ];
    Population {
        receptors,
        ..Population::new("cells", size, built_in("lif"))
    }
}

fn stimulus(receptor: &str, waveform: Waveform) -> Stimulus {
    Stimulus {
        name: format!("drive {receptor}"),
        population: "cells".to_owned(),
        cells: CellSet::All,
        receptor: Some(receptor.to_owned()),
        waveform,
    }
}

fn noise(receptor: &str, [mean, sd, tau]: [&str; 3]) -> Stimulus {
    let course = Course::Noise {
        mean: quantity(mean),
        sd: quantity(sd),
        tau: quantity(tau),
    };
    let (start, stop) = (None, None);
    stimulus(receptor, Waveform::Varying { course, start, stop })
}

fn network(size: usize, stimuli: Vec<Stimulus>, variables: &[&str]) -> Network {
    Network {
        populations: vec![cells(size)],
        stimuli,
        monitors: vec![watch("all", "cells", variables)],
        ..Network::default()
    }
}

#[test]
fn mean_deviation_and_autocorrelation_are_those_of_the_process() {
    let n = 1000;
    // The published excitation and a tamed inhibition; both stay positive.
    let stimuli = vec![
        noise("e", ["12 nS", "2 nS", "2.7 ms"]),
        noise("i", ["57 nS", "6.6 nS", "10.5 ms"]),
    ];
    let recording = run(&network(n, stimuli, &["e.g", "i.g"]), &settings(), 60.0);
    for (series, mean, sd, tau) in [(0, 12.0, 2.0, 2.7), (1, 57.0, 6.6, 10.5)] {
        let rows: Vec<&[f64]> = recording.variables[0].series[series].values.chunks(n).collect();
        // Cells are independent, so rows far apart and all cells are independent samples: at least n of them.
        let product = |lag: usize| {
            let at = |row: usize, cell: usize| rows[row][cell] - mean;
            let starts: Vec<usize> = (0..400).step_by(100).collect();
            let sum: f64 = starts
                .iter()
                .map(|&row| (0..n).map(|cell| at(row, cell) * at(row + lag, cell)).sum::<f64>())
                .sum();
            sum / (starts.len() * n) as f64
        };
        let average = rows[0].iter().sum::<f64>() / n as f64;
        assert!((average - mean).abs() < 5.0 * sd / (n as f64).sqrt(), "mean {average}");
        for lag in [0, 10, 27, 105, 200] {
            let closed = sd * sd * (-(lag as f64) * 0.1 / tau).exp();
            // Variance of a product of normal numbers: sd⁴ + cov², at most 2 sd⁴; correlation in time leaves at least n.
            let error = 5.0 * (2.0 / n as f64).sqrt() * sd * sd;
            assert!(
                (product(lag) - closed).abs() < error,
                "lag {lag}: {} of {closed}",
                product(lag)
            );
        }
    }
}

#[test]
fn what_would_be_negative_acts_as_nothing() {
    let n = 4000;
    let recording = run(
        &network(n, vec![noise("e", ["0 nS", "4 nS", "3 ms"])], &["e.g"]),
        &settings(),
        0.2,
    );
    let values = &recording.variables[0].series[0].values[..n];
    assert!(values.iter().all(|g| *g >= 0.0));
    let mean = values.iter().sum::<f64>() / n as f64;
    let square = values.iter().map(|g| g * g).sum::<f64>() / n as f64;
    // Half of a normal distribution: mean sd/√(2π), mean square sd²/2, of variance 5/4 sd⁴.
    let closed = 4.0 / std::f64::consts::TAU.sqrt();
    assert!(
        (mean - closed).abs() < 5.0 * (8.0 - closed * closed).sqrt() / (n as f64).sqrt(),
        "{mean} of {closed}"
    );
    assert!(
        (square - 8.0).abs() < 5.0 * (1.25f64.sqrt() * 16.0) / (n as f64).sqrt(),
        "{square}"
    );
    let half = values.iter().filter(|g| **g == 0.0).count() as f64;
    assert!((half - 2000.0).abs() < 5.0 * 1000f64.sqrt(), "{half}");
}

/// The potential of a leaky cell under conductances that are constant in each step, solved exactly step by step.
#[test]
fn the_potential_follows_the_conductances_within_the_step() {
    let mut errors = Vec::new();
    for dt_ms in [0.1, 0.05] {
        let pulses = |amplitude: &str, width: &str, interval: &str| Waveform::Varying {
            course: Course::Pulses {
                amplitude: quantity(amplitude),
                width: quantity(width),
                interval: quantity(interval),
            },
            start: None,
            stop: None,
        };
        let stimuli = vec![
            stimulus("e", pulses("10 nS", "2 ms", "20 ms")),
            stimulus("i", pulses("30 nS", "5 ms", "33 ms")),
        ];
        let mut network = network(1, stimuli, &["V", "e.g", "i.g"]);
        let inhibition = nsb_engine::Value::Uniform(quantity("-75 mV"));
        network.populations[0].receptors[1]
            .parameters
            .insert("E_rev".to_owned(), inhibition);
        let plan = Plan::new(&network, &settings()).unwrap();
        let program = plan.populations()[0].program();
        let default = |name: &str| program.columns()[program.column(name).unwrap().0 as usize].default;
        let (c, tau, rest) = (default("C"), default("tau_m"), default("E_L"));
        let recording = run(&network, &Settings { dt_ms, ..settings() }, 100.0);
        let series: Vec<&[f64]> = recording.variables[0].series.iter().map(|s| &*s.values).collect();
        let (mut v, mut worst) = (rest, 0.0f64);
        for ((found, e), i) in series[0].iter().zip(series[1]).zip(series[2]) {
            worst = worst.max((found - v).abs());
            let total = c / tau + e + i;
            let end = (c / tau * rest + e * 0.0 + i * -75.0) / total;
            v = end + (v - end) * (-total * dt_ms / c).exp();
        }
        assert!(series[0].iter().any(|v| *v > rest + 2.0) && series[0].iter().any(|v| *v < rest - 2.0));
        errors.push(worst);
    }
    // Crank-Nicolson: an error of (g dt / C)³ / 12 of the distance in each step, of second order.
    assert!(errors[0] < 2e-3, "{errors:?}");
    assert!(errors[0] / errors[1] > 3.7, "{errors:?}");
}

#[test]
fn conductance_noise_does_not_depend_on_threads() {
    let stimuli = vec![
        noise("e", ["10 nS", "6 nS", "2.7 ms"]),
        noise("i", ["5 nS", "6.6 nS", "10.5 ms"]),
    ];
    let mut network = network(1200, stimuli, &["V"]);
    network.monitors = vec![watch_spikes("spikes", "cells")];
    let hash = |threads| {
        let recording = run(&network, &Settings { threads, ..settings() }, 100.0);
        (recording.spike_hash, recording.populations[0].spikes)
    };
    let reference = hash(1);
    assert!(reference.1 > 100, "{}", reference.1);
    assert_eq!(hash(2), reference);
}

#[test]
fn receptors_and_inputs_that_do_not_fit_are_refused() {
    let errors = |network: Network| Plan::new(&network, &settings()).unwrap_err().0;
    let constant = |amplitude: &str| Waveform::Constant {
        amplitude: quantity(amplitude),
    };
    let unknown = errors(network(1, vec![stimulus("x", constant("1 nS"))], &["V"]));
    assert!(
        matches!(&unknown[..], [PlanError::UnknownName { path, .. }] if path == "stimuli.drive x.receptor"),
        "{unknown:?}"
    );
    let current = errors(network(1, vec![stimulus("e", constant("1 pA"))], &["V"]));
    assert!(
        matches!(&current[..], [PlanError::NoSuchInput { inputs, .. }] if inputs.len() == 1 && inputs[0].0 == "e.g"),
        "{current:?}"
    );
    // Without the receptor a conductance fits nothing.
    let mut own = stimulus("e", constant("1 nS"));
    own.receptor = None;
    let own = errors(network(1, vec![own], &["V"]));
    assert!(
        matches!(&own[..], [PlanError::NoSuchInput { inputs, .. }] if inputs.iter().all(|i| i.0 == "I")),
        "{own:?}"
    );
    let mut spikes = lif("cells", 1);
    spikes.receptors[0].model = built_in("conductance_input");
    let pair = nsb_engine::Connector::OneToOne;
    let found = errors(Network {
        populations: vec![spikes],
        projections: vec![projection("p", ("cells", "cells"), pair, "1 nS", "1 ms")],
        ..Network::default()
    });
    assert!(
        matches!(&found[..], [PlanError::Unfit { path, reason, .. }]
            if path == "projections.p.receptor" && reason.contains("takes no spikes")),
        "{found:?}"
    );
    let mut wrong = stimulus("synapse", constant("1 nS"));
    wrong.population = "cells".to_owned();
    let found = errors(Network {
        populations: vec![lif("cells", 1)],
        stimuli: vec![wrong],
        ..Network::default()
    });
    assert!(
        matches!(&found[..], [PlanError::Unfit { reason, .. }] if reason.contains("has no input")),
        "{found:?}"
    );
}
