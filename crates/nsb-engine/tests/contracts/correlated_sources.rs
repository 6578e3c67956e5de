//! Correlated Poisson sources have the rate and the covariances of their closed forms.

#![allow(
    clippy::disallowed_methods,
    reason = "the platform's functions are the independent truth"
)]

use nsb_engine::{CellSet, Network, Plan, PlanError, Rate, Settings, SourceSpikes};

use crate::models::{quantity, run, settings, watch_spikes};
use crate::sources::{counts, network};

fn correlated(cells: CellSet, rate: &str, correlation: f64, jitter: Option<&str>) -> SourceSpikes {
    SourceSpikes::CorrelatedPoisson {
        cells,
        rate: Rate::Constant(quantity(rate)),
        correlation,
        jitter: jitter.map(quantity),
        start: None,
        stop: None,
    }
}

/// E[Bᵏ] of a binomial number of n and p.
fn binomial_moment(n: u32, p: f64, k: i32) -> f64 {
    let mut probability = (1.0 - p).powi(n as i32);
    (0..=n)
        .map(|b| {
            let term = probability * f64::from(b).powi(k);
            probability *= f64::from(n - b) / f64::from(b + 1) * p / (1.0 - p);
            term
        })
        .sum()
}

/// The covariance of the sums over all cells, `lag` steps apart.
fn covariance(sums: &[f64], mean: f64, lag: usize) -> f64 {
    let pairs = sums.iter().zip(&sums[lag..]);
    pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / (sums.len() - lag) as f64
}

#[test]
fn rate_variance_and_pairwise_correlation_are_those_asked_for() {
    let (n, steps) = (40u32, 20_000);
    for c in [0.05, 0.3, 0.9] {
        // 0.1 spikes per cell and step.
        let counts = counts(&network(n as usize, correlated(CellSet::All, "1 kHz", c, None)), 2000.0);
        assert_eq!(counts.len(), steps);
        let p = 0.1;
        let sums: Vec<f64> = counts.iter().map(|row| row.iter().sum()).collect();
        // The sum is a compound Poisson number: λ = p / c mother spikes, each with a binomial number of copies. Its
        // cumulants are λ E[Bᵏ]; five standard errors of mean and variance follow.
        let cumulant = |k| p / c * binomial_moment(n, c, k);
        let average = sums.iter().sum::<f64>() / steps as f64;
        let expected = f64::from(n) * p;
        let error = 5.0 * (cumulant(2) / steps as f64).sqrt();
        assert!(
            (average - expected).abs() < error,
            "c {c}: mean {average} of {expected}"
        );
        let variance = covariance(&sums, expected, 0);
        // n cells of variance p, and n (n − 1) ordered pairs of covariance c p.
        let pairs = f64::from(n * (n - 1));
        let closed = expected + pairs * c * p;
        assert!((closed - cumulant(2)).abs() < 1e-9 * closed, "two closed forms agree");
        let error = 5.0 * ((cumulant(4) + 2.0 * closed * closed) / steps as f64).sqrt();
        assert!(
            (variance - closed).abs() < error,
            "c {c}: variance {variance} of {closed} ± {error}"
        );
        // The error is small enough to tell the correlation.
        assert!(error < 0.4 * pairs * c * p, "{error}");
        // Each cell alone is a Poisson process: variance p.
        let own = |cell: usize| counts.iter().map(|row| (row[cell] - p) * (row[cell] - p)).sum::<f64>() / steps as f64;
        let error = 5.0 * ((p + 2.0 * p * p) / steps as f64).sqrt();
        for cell in [0, 17, 39] {
            assert!((own(cell) - p).abs() < error, "c {c}, cell {cell}: {}", own(cell));
        }
        // Nothing is left one step later.
        let error = 5.0 * closed / (steps as f64).sqrt();
        assert!(covariance(&sums, expected, 1).abs() < error, "c {c}");
    }
}

#[test]
fn jitter_makes_the_covariance_a_triangle_of_the_same_area() {
    let (n, steps, c, p) = (60u32, 40_000, 0.5, 0.02);
    // From 0 to 0.4 ms: 5 possible delays of whole steps.
    let source = correlated(CellSet::All, "200 Hz", c, Some("0.4 ms"));
    let counts = counts(&network(n as usize, source), 4000.0);
    let sums: Vec<f64> = counts.iter().map(|row| row.iter().sum()).collect();
    let mean = f64::from(n) * p;
    // From the first step on the rate is the full one.
    let early = |range: std::ops::Range<usize>| sums[range].iter().sum::<f64>();
    assert!(early(0..400) > 0.6 * early(400..800) && early(0..400) < 1.7 * early(400..800));
    let pairs = f64::from(n * (n - 1));
    let shapes: Vec<f64> = (0..7).map(|lag| (5.0 - f64::from(lag)).max(0.0) / 25.0).collect();
    let variance = mean + pairs * c * p * shapes[0];
    // Bartlett: the variance of a covariance is about the sum of squared covariances over all lags, divided by the
    // number of steps, and a little more for numbers that are not normal.
    let squares = 2.0 * shapes.iter().map(|s| (pairs * c * p * s).powi(2)).sum::<f64>() + variance * variance;
    let kurtosis = p / c * binomial_moment(n, c, 4) / 25.0;
    let error = 5.0 * ((squares + kurtosis) / steps as f64).sqrt();
    for (lag, shape) in shapes.iter().enumerate() {
        let closed = pairs * c * p * shape + if lag == 0 { mean } else { 0.0 };
        let found = covariance(&sums, mean, lag);
        assert!(
            (found - closed).abs() < error,
            "lag {lag}: {found} of {closed} ± {error}"
        );
    }
    assert!(
        error < 0.5 * pairs * c * p / 25.0 * 2.0,
        "{error} tells neighbouring lags apart"
    );
}

#[test]
fn a_correlation_of_one_gives_all_cells_the_same_spikes_and_only_the_chosen_ones() {
    let counts = counts(
        &network(700, correlated(CellSet::Range(3, 650), "500 Hz", 1.0, None)),
        50.0,
    );
    let mut any = 0.0;
    for row in &counts {
        assert!(row[3..650].iter().all(|count| *count == row[3]));
        assert!(row[..3].iter().chain(&row[650..]).all(|count| *count == 0.0));
        any += row[3];
    }
    assert!(any > 10.0, "{any}");
}

#[test]
fn correlated_input_does_not_depend_on_threads() {
    let mut network = network(1300, correlated(CellSet::All, "4 kHz", 0.2, Some("1 ms")));
    network.spike_sources[0].weight = quantity("1 pA");
    network.monitors = vec![watch_spikes("spikes", "cells")];
    let hash = |threads| {
        let recording = run(&network, &Settings { threads, ..settings() }, 100.0);
        (recording.spike_hash, recording.populations[0].spikes)
    };
    let reference = hash(1);
    assert!(reference.1 > 100, "{}", reference.1);
    assert_eq!(hash(2), reference);
    assert_eq!(hash(3), reference);
}

#[test]
fn impossible_correlations_and_rates_are_refused() {
    let error = |rate: &str, correlation: f64, jitter: Option<&str>| -> PlanError {
        let network: Network = network(10, correlated(CellSet::All, rate, correlation, jitter));
        let mut found = Plan::new(&network, &settings()).unwrap_err().0;
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    };
    for correlation in [0.0, -0.1, 1.1, f64::NAN] {
        assert_eq!(
            error("10 Hz", correlation, None).path(),
            "stimuli.background.correlation"
        );
    }
    let found = error("1 MHz", 0.1, None);
    assert!(
        found.path() == "stimuli.background.rate" && found.to_string().contains("1000 mother spikes"),
        "{found}"
    );
    assert_eq!(error("10 Hz", 0.1, Some("-1 ms")).path(), "stimuli.background.jitter");
    assert_eq!(error("10 Hz", 0.1, Some("10 s")).path(), "stimuli.background.jitter");
}
