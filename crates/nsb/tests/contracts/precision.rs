//! What rounding does: weights of the precision `compact` are the nearest of 16 bits, and networks whose weights, states
//! and sums are rounded fire as those fire whose numbers have 64 bits.

use nsb::workloads::{Bench, BenchRequest};
use nsb::{Overrides, Project, Run, RunOptions, Source};
use nsb_engine::{ProjectionId, SpikeRecording};

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
    let run = open(text, precision, seed).run(&RunOptions::default(), &mut ());
    measures_of(&run.unwrap())
}

fn measures_of(run: &Run) -> [f64; 4] {
    let spikes = &run.recording.spikes;
    let [first, second] = [0, 1].map(|n| rate_and_cv(run.recording.simulated_ms, &trains(&spikes[n])));
    [first[0], first[1], second[0], second[1]]
}

/// The spikes of each cell that come after the start.
fn trains(recorded: &SpikeRecording) -> Vec<Vec<f64>> {
    let mut trains = vec![Vec::new(); recorded.population_size];
    for (&time, &cell) in recorded.times_ms.iter().zip(&recorded.cells) {
        if time >= FROM_MS {
            trains[cell as usize].push(time);
        }
    }
    trains
}

fn rate_and_cv(simulated_ms: f64, trains: &[Vec<f64>]) -> [f64; 2] {
    let spikes: usize = trains.iter().map(Vec::len).sum();
    let seconds = (simulated_ms - FROM_MS) / 1000.0;
    let long = trains.iter().filter(|train| train.len() > 3);
    let cvs: Vec<f64> = long.map(|train| cv(train)).collect();
    let cv = cvs.iter().sum::<f64>() / cvs.len() as f64;
    [spikes as f64 / trains.len() as f64 / seconds, cv]
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
fn differences<const N: usize>(one: &[[f64; N]], other: &[[f64; N]]) -> [f64; N] {
    std::array::from_fn(|n| {
        let moments = |group: &[[f64; N]]| moments(&group.iter().map(|run| run[n]).collect::<Vec<_>>());
        let ((a, a_variance), (b, b_variance)) = (moments(one), moments(other));
        (a - b) / ((a_variance + b_variance) / SEEDS.len() as f64).sqrt()
    })
}

#[test]
fn rates_and_irregularity_of_single_and_compact_are_those_of_double() {
    let group = |text: &str, precision: &str| SEEDS.map(|seed| measures(text, precision, seed));
    let double = group(NETWORK, "double");
    for run in double {
        // The irregular state, else there would be little to compare.
        assert!((2.0..60.0).contains(&run[0]) && (0.5..1.3).contains(&run[1]), "{run:?}");
    }
    for precision in ["single", "compact"] {
        let rounded = group(NETWORK, precision);
        // The networks are not the same: chance takes other ways.
        assert!(double.iter().zip(&rounded).all(|(a, b)| a[0] != b[0]));
        let found = differences(&rounded, &double);
        assert!(
            found.iter().all(|t| t.abs() < CRITICAL_T),
            "{precision}: {found:?}\n{double:?}\n{rounded:?}"
        );
    }
    // What this can see: a background that is 5 % stronger.
    let stronger = group(&NETWORK.replace("6400 Hz", "6720 Hz"), "compact");
    let found = differences(&stronger, &double);
    assert!(found[0] > CRITICAL_T && found[2] > CRITICAL_T, "{found:?}");
}

/// Rate (Hz) and mean CV of the intervals of all cells of a benchmark network.
fn of_workload((name, scale, seconds): (&str, f64, f64), precision: &str, seed: u64) -> [f64; 2] {
    let request = BenchRequest {
        workload: name.to_owned(),
        scale,
        threads: 1,
        seconds: Some(seconds),
        dt_ms: None,
        delay_ms: None,
        transient_ms: Some(0.0),
        seed,
        precision: precision.to_owned(),
        options: RunOptions::default(),
    };
    let project = Bench::prepare(&request).unwrap().project;
    let run = project.run(&RunOptions::default(), &mut ()).unwrap();
    let all: Vec<Vec<f64>> = run.recording.spikes.iter().flat_map(trains).collect();
    rate_and_cv(run.recording.simulated_ms, &all)
}

/// Networks of leaky cells with currents and with conductances, of Hodgkin–Huxley cells, and the small microcircuit.
#[test]
fn benchmark_networks_fire_in_single_and_compact_as_in_double() {
    for network in [
        ("cuba", 0.5, 1.2),
        ("coba", 0.5, 0.6),
        ("cobahh", 0.25, 0.6),
        ("microcircuit", 0.05, 1.2),
    ] {
        let group = |precision: &str| SEEDS.map(|seed| of_workload(network, precision, seed));
        let double = group("double");
        let fine = |run: &[f64; 2]| run[0] > 1.0 && (0.2..3.0).contains(&run[1]);
        assert!(double.iter().all(fine), "{network:?}: {double:?}");
        for precision in ["single", "compact"] {
            let rounded = group(precision);
            assert_ne!(rounded, double, "{network:?}: nothing is rounded");
            let found = differences(&rounded, &double);
            assert!(
                found.iter().all(|t| t.abs() < CRITICAL_T),
                "{network:?} {precision}: {found:?}\n{double:?}\n{rounded:?}"
            );
        }
    }
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
