//! What rounding does: weights of the precision `compact` are the nearest of 16 bits, and a network whose weights are
//! so rounded fires as one whose weights are not.

use nsb::{Overrides, Project, RunOptions, Source};
use nsb_engine::ProjectionId;

/// A balanced network after Brunel N (2000) J Comput Neurosci 8:183-208: 2,500 integrate-and-fire cells, a tenth of
/// them connected, inhibition eight times as strong as excitation, each synapse of its own weight and delay.
const NETWORK: &str = r#"
duration = "1.2 s"
dt = "0.1 ms"

[populations.excitatory]
model = "lif"
size = 2000
parameters = { C = "250 pF", tau_m = "10 ms", E_L = "-65 mV", V_reset = "-65 mV", V_th = "-50 mV", t_ref = "2 ms" }
initial = { V = { distribution = "uniform", low = "-65 mV", high = "-50 mV" } }
receptors.synapse = { model = "exponential_current", parameters = { tau = "0.5 ms" } }

[populations.inhibitory]
model = "lif"
size = 500
parameters = { C = "250 pF", tau_m = "10 ms", E_L = "-65 mV", V_reset = "-65 mV", V_th = "-50 mV", t_ref = "2 ms" }
initial = { V = { distribution = "uniform", low = "-65 mV", high = "-50 mV" } }
receptors.synapse = { model = "exponential_current", parameters = { tau = "0.5 ms" } }

[projections.ee]
source = "excitatory"
target = "excitatory"
receptor = "synapse"
connect = { rule = "fixed_in_degree", degree = 200 }
weight = { distribution = "normal", mean = "175.6 pA", sd = "17.56 pA" }
delay = { distribution = "uniform", low = "0.5 ms", high = "2.5 ms" }

[projections.ei]
source = "excitatory"
target = "inhibitory"
receptor = "synapse"
connect = { rule = "fixed_in_degree", degree = 200 }
weight = { distribution = "normal", mean = "175.6 pA", sd = "17.56 pA" }
delay = { distribution = "uniform", low = "0.5 ms", high = "2.5 ms" }

[projections.ie]
source = "inhibitory"
target = "excitatory"
receptor = "synapse"
connect = { rule = "fixed_in_degree", degree = 50 }
weight = { distribution = "normal", mean = "-1404.8 pA", sd = "140.48 pA" }
delay = { distribution = "uniform", low = "0.5 ms", high = "2.5 ms" }

[projections.ii]
source = "inhibitory"
target = "inhibitory"
receptor = "synapse"
connect = { rule = "fixed_in_degree", degree = 50 }
weight = { distribution = "normal", mean = "-1404.8 pA", sd = "140.48 pA" }
delay = { distribution = "uniform", low = "0.5 ms", high = "2.5 ms" }

[stimuli.background_e]
population = "excitatory"
kind = "poisson"
receptor = "synapse"
weight = "175.6 pA"
rate = "6400 Hz"

[stimuli.background_i]
population = "inhibitory"
kind = "poisson"
receptor = "synapse"
weight = "175.6 pA"
rate = "6400 Hz"

[recordings.spikes_e]
population = "excitatory"
kind = "spikes"

[recordings.spikes_i]
population = "inhibitory"
kind = "spikes"
"#;

/// What comes before is the start, ms.
const FROM_MS: f64 = 200.0;

const SEEDS: [u64; 6] = [1, 2, 3, 4, 5, 6];

/// Means of two groups of six runs differ by more than this, in units of the standard error of their difference, once
/// in a thousand sets of four comparisons if both groups are drawn from the same distribution: Student's t with 10
/// degrees of freedom at 1 − 0.001 / 8.
const CRITICAL_T: f64 = 5.533;

fn open(text: &str, precision: &str, seed: u64) -> Project {
    let overrides = Overrides {
        precision: Some(precision.to_owned()),
        seed: Some(seed),
        ..Overrides::default()
    };
    Project::from_source(&Source::new("balanced.toml", text), "balanced", None, &overrides).unwrap()
}

/// Rate (Hz) and mean CV of the intervals of each population.
fn measures(text: &str, precision: &str, seed: u64) -> [f64; 4] {
    let run = open(text, precision, seed)
        .run(&RunOptions::default(), &mut ())
        .unwrap();
    let mut found = [0.0; 4];
    for (n, recorded) in run.recording.spikes.iter().enumerate() {
        let mut trains = vec![Vec::new(); recorded.population_size];
        for (&time, &cell) in recorded.times_ms.iter().zip(&recorded.cells) {
            if time >= FROM_MS {
                trains[cell as usize].push(time);
            }
        }
        let spikes: usize = trains.iter().map(Vec::len).sum();
        let seconds = (run.recording.simulated_ms - FROM_MS) / 1000.0;
        let cvs: Vec<f64> = trains
            .iter()
            .filter(|train| train.len() > 3)
            .map(|train| cv(train))
            .collect();
        found[2 * n] = spikes as f64 / recorded.population_size as f64 / seconds;
        found[2 * n + 1] = cvs.iter().sum::<f64>() / cvs.len() as f64;
    }
    found
}

fn cv(train: &[f64]) -> f64 {
    let intervals: Vec<f64> = train.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (mean, variance) = moments(&intervals);
    variance.sqrt() / mean
}

/// Mean and variance (of the population from which these are drawn).
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (
        mean,
        values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0),
    )
}

/// Student's t of each measure.
fn differences(one: &[[f64; 4]], other: &[[f64; 4]]) -> [f64; 4] {
    std::array::from_fn(|n| {
        let moments = |group: &[[f64; 4]]| moments(&group.iter().map(|run| run[n]).collect::<Vec<_>>());
        let ((a, a_variance), (b, b_variance)) = (moments(one), moments(other));
        (a - b) / ((a_variance + b_variance) / SEEDS.len() as f64).sqrt()
    })
}

#[test]
fn rates_and_irregularity_of_compact_are_those_of_double() {
    let group = |text: &str, precision: &str| SEEDS.map(|seed| measures(text, precision, seed));
    let double = group(NETWORK, "double");
    let compact = group(NETWORK, "compact");
    for run in double {
        // The irregular state, else there would be little to compare.
        assert!((2.0..60.0).contains(&run[0]) && (0.5..1.3).contains(&run[1]), "{run:?}");
    }
    // The networks are not the same: chance takes other ways.
    assert!(double.iter().zip(&compact).all(|(a, b)| a[0] != b[0]));
    let found = differences(&compact, &double);
    assert!(
        found.iter().all(|t| t.abs() < CRITICAL_T),
        "{found:?}\n{double:?}\n{compact:?}"
    );
    // What this can see: a background that is 5 % stronger.
    let stronger = group(&NETWORK.replace("6400 Hz", "6720 Hz"), "compact");
    let found = differences(&stronger, &double);
    assert!(found[0] > CRITICAL_T && found[2] > CRITICAL_T, "{found:?}");
}

/// Of the two neighbours with 8 significant bits the nearer one; the connections are the same.
#[test]
fn weights_of_compact_are_the_nearest_of_16_bits() {
    let plan = |precision: &str| open(NETWORK, precision, 1).plan(&RunOptions::default()).unwrap();
    let (double, compact) = (plan("double"), plan("compact"));
    for n in 0..4 {
        let connections = |plan: &nsb::Plan| {
            let mut all = Vec::new();
            plan.connections(ProjectionId(n), &mut |connection| all.push(connection));
            all
        };
        let (exact, rounded) = (connections(&double), connections(&compact));
        assert_eq!(exact.len(), rounded.len());
        assert!(exact.len() >= 25_000);
        let mut changed = 0;
        for (exact, rounded) in exact.iter().zip(&rounded) {
            assert_eq!(
                (exact.source, exact.target, exact.delay),
                (rounded.source, rounded.target, rounded.delay)
            );
            let bits = (exact.weight as f32).to_bits();
            let towards_zero = f64::from(f32::from_bits(bits & 0xffff_0000));
            let away = f64::from(f32::from_bits((bits & 0xffff_0000) + 0x1_0000));
            let nearest = (exact.weight - towards_zero).abs().min((exact.weight - away).abs());
            assert!(rounded.weight == towards_zero || rounded.weight == away);
            assert_eq!((rounded.weight - exact.weight).abs(), nearest, "{exact:?} {rounded:?}");
            assert!(nearest <= exact.weight.abs() / 256.0);
            changed += usize::from(nearest > 0.0);
        }
        // Of random weights nearly none has 16 zeros at its end.
        assert!(changed > exact.len() * 9 / 10, "{changed} of {}", exact.len());
    }
}
