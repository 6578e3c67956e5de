//! Spikes from outside arrive when, where and as often as they should.

use nsb_engine::{CellSet, Course, Network, Plan, Rate, Recording, Settings, SourceSpikes, SpikeSource, Value};

use crate::models::{lif, quantity, run, settings, simulation, watch, watch_spikes};

/// The largest time constant of the receptor: next to nothing decays, so differences of the current are weights.
const TAU_MS: f64 = 1e5;

fn source(spikes: SourceSpikes, weight: &str) -> SpikeSource {
    SpikeSource {
        name: "background".to_owned(),
        population: "cells".to_owned(),
        receptor: "synapse".to_owned(),
        weight: quantity(weight),
        spikes,
    }
}

pub(crate) fn network(size: usize, spikes: SourceSpikes) -> Network {
    let mut cells = lif("cells", size);
    let tau = Value::Uniform(quantity("1e5 ms"));
    cells.receptors[0].parameters.insert("tau".to_owned(), tau);
    Network {
        populations: vec![cells],
        spike_sources: vec![source(spikes, "1 fA")],
        monitors: vec![watch("current", "cells", &["synapse.I_syn"])],
        ..Network::default()
    }
}

fn poisson(rate: Rate) -> SourceSpikes {
    SourceSpikes::Poisson {
        cells: CellSet::All,
        rate,
        start: None,
        stop: None,
    }
}

/// The number of spikes that arrived at each step (rows) in each cell (columns).
#[allow(clippy::disallowed_methods)] // the platform's exponential is the independent truth
pub(crate) fn counts(network: &Network, duration_ms: f64) -> Vec<Vec<f64>> {
    let recording = run(network, &settings(), duration_ms);
    let n = network.populations[0].size;
    let rows: Vec<&[f64]> = recording.variables[0].series[0].values.chunks(n).collect();
    let kept = f64::exp(-0.1 / TAU_MS);
    let count = |before: f64, after: f64| {
        let count = (after / kept - before) * 1000.0;
        assert!((count - count.round()).abs() < 1e-6, "{count} is no number of spikes");
        count.round()
    };
    rows.windows(2)
        .map(|pair| {
            pair[0]
                .iter()
                .zip(pair[1])
                .map(|(&before, &after)| count(before, after))
                .collect()
        })
        .collect()
}

fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    values.clone().sum::<f64>() / values.count() as f64
}

#[test]
fn poisson_counts_have_mean_and_variance_of_the_rate_and_are_independent() {
    let (n, steps) = (600, 1000);
    // 3 spikes per ms: 0.3 in each step.
    let counts = counts(&network(n, poisson(Rate::Constant(quantity("3000 Hz")))), 100.0);
    assert_eq!(counts.len(), steps);
    let samples = (n * steps) as f64;
    let all = || counts.iter().flatten().copied();
    let average = mean(all());
    assert!((average - 0.3).abs() < 5.0 * (0.3 / samples).sqrt(), "mean {average}");
    let variance = mean(all().map(|count| (count - 0.3) * (count - 0.3)));
    assert!(
        (variance - 0.3).abs() < 5.0 * ((0.3 + 0.18) / samples).sqrt(),
        "variance {variance}"
    );
    // Products of independent deviations have mean 0 and deviation 0.3.
    let error = 5.0 * 0.3 / samples.sqrt();
    for (lag, shift) in [(1, 0), (0, 1), (3, 0), (0, 512), (1, 1)] {
        let pairs = (0..steps - lag).flat_map(|step| (0..n).map(move |cell| (step, cell)));
        let product =
            |(step, cell): (usize, usize)| (counts[step][cell] - 0.3) * (counts[step + lag][(cell + shift) % n] - 0.3);
        let covariance = mean(pairs.map(product));
        assert!(covariance.abs() < error, "lag {lag}, shift {shift}: {covariance}");
    }
}

#[test]
#[allow(clippy::disallowed_methods)] // the platform's sine is the independent truth
fn varying_rates_are_followed() {
    let times = ["0 ms", "10 ms", "20 ms"].map(quantity).to_vec();
    let levels = ["1 kHz", "0 Hz", "4 kHz"].map(quantity).to_vec();
    let n = 1000;
    let found = counts(
        &network(n, poisson(Rate::Varying(Course::Pattern { times, levels }))),
        30.0,
    );
    for (range, expected) in [(0..100, 0.1), (100..200, 0.0), (200..300, 0.4)] {
        let average = mean(found[range].iter().flatten().copied());
        assert!(
            (average - expected).abs() <= 5.0 * (expected / 1e5).sqrt(),
            "{average} of {expected}"
        );
    }
    // A sine that goes below 0 is cut off there.
    let sine = Course::Sine {
        mean: quantity("0 Hz"),
        amplitude: quantity("5 kHz"),
        frequency: quantity("50 Hz"),
        phase: 0.0,
    };
    let found = counts(&network(n, poisson(Rate::Varying(sine))), 20.0);
    for (step, row) in found.iter().enumerate() {
        let expected = (0.5 * (std::f64::consts::TAU * (step as f64 + 0.5) / 200.0).sin()).max(0.0);
        let average = mean(row.iter().copied());
        let error = 5.0 * (expected / n as f64).sqrt() + 2.0 / n as f64;
        assert!(
            (average - expected).abs() <= error,
            "step {step}: {average} of {expected}"
        );
    }
}

#[test]
fn given_spikes_arrive_at_the_nearest_grid_point_of_their_cells() {
    let trains = [
        (3, "0.2 ms"),
        (1, "1.04 ms"),
        (1, "0.96 ms"),
        (2, "0 ms"),
        (599, "1.5 ms"),
    ];
    let trains = trains.map(|(cell, time)| (cell, quantity(time))).to_vec();
    let found = counts(&network(600, SourceSpikes::Trains(trains)), 3.0);
    let times = ["1 ms", "2.5 ms"].map(quantity).to_vec();
    let cells = CellSet::List(vec![0, 5]);
    let same = counts(&network(10, SourceSpikes::Times { cells, times }), 3.0);
    let total = |counts: &[Vec<f64>]| counts.iter().flatten().sum::<f64>();
    assert_eq!(
        [found[2][3], found[10][1], found[0][2], found[15][599], total(&found)],
        [1.0, 2.0, 1.0, 1.0, 5.0]
    );
    assert_eq!(
        [same[10][0], same[10][5], same[25][0], same[25][5], total(&same)],
        [1.0, 1.0, 1.0, 1.0, 4.0]
    );
}

/// Driven by background alone, so that every spike depends on the draws.
fn driven() -> Network {
    let mut network = network(1100, poisson(Rate::Constant(quantity("4 kHz"))));
    network.populations[0].receptors[0].parameters.clear();
    network.spike_sources = vec![source(poisson(Rate::Constant(quantity("4 kHz"))), "12 pA")];
    network.monitors = vec![watch_spikes("spikes", "cells")];
    network
}

#[test]
fn sources_do_not_depend_on_threads_or_pieces_but_on_the_seed_and_are_no_cells() {
    let network = driven();
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
    assert_eq!(one.populations.len(), 1);
    assert_eq!(Plan::new(&network, &settings()).unwrap().n_cells(), 1100);
    assert_eq!(one, with(3, 1));
    assert_ne!(one.spike_hash, with(1, 2).spike_hash);
    let mut pieces = simulation(&network, &settings());
    for duration in [0.1, 30.0, 0.7, 29.2] {
        pieces.run_for(duration, &mut ()).unwrap();
    }
    assert_eq!(
        pieces.recording().spike_hash,
        run(&network, &settings(), 60.0).spike_hash
    );
}

#[test]
fn sources_that_cannot_be_are_refused_with_their_place() {
    let error = |change: fn(&mut SpikeSource)| {
        let mut network = driven();
        change(&mut network.spike_sources[0]);
        let errors = Plan::new(&network, &settings()).expect_err("there is a mistake").0;
        assert_eq!(errors.len(), 1, "{errors:?}");
        format!("{}: {}; {}", errors[0].path(), errors[0], errors[0].hint())
    };
    assert!(error(|s| s.receptor = "synaps".to_owned()).contains("did you mean `synapse`?"));
    assert!(error(|s| s.weight = quantity("1 nS")).starts_with("stimuli.background.weight: expected a current"));
    assert!(
        error(|s| s.spikes = poisson(Rate::Constant(quantity("5 ms")))).contains("stimuli.background.rate: expected")
    );
    assert!(error(|s| s.spikes = poisson(Rate::Constant(quantity("-5 Hz")))).contains("-5 Hz is negative"));
    assert!(error(|s| s.spikes = poisson(Rate::Constant(quantity("1e7 Hz")))).contains("1000 spikes in a step"));
    assert!(
        error(|s| s.spikes = SourceSpikes::Trains(vec![(0, quantity("1 ms")), (1100, quantity("1 ms"))]))
            .starts_with("stimuli.background.trains[1]: there is no cell 1100")
    );
    assert!(
        error(|s| {
            s.spikes = SourceSpikes::Times {
                cells: CellSet::All,
                times: vec![quantity("-1 ms")],
            }
        })
        .contains("stimuli.background.times[0]: the time -1 ms is negative")
    );
}
