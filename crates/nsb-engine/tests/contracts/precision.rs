//! Numbers of 32 bits: what is rounded, how far it leads from closed forms, and that it depends on nothing else.

use nsb_engine::network::SpikeTiming;
use nsb_engine::{
    CellSet, Connector, Course, Distribution, GapJunctions, Network, Plan, PlanError, Population, Precision, Rate,
    Recording, Settings, Shape, SimulationError, SourceSpikes, SpikeSource, Stimulus, Value, VoltageClamp, Waveform,
};
use nsb_kernels::{Executor, Simd};

use crate::models::{
    built_in, constant, hodgkin_huxley, kick, lif, model, projection, quantity, run, settings, simulation, watch,
    watch_spikes,
};

/// Those whose states have 32 bits.
const SINGLE: [Precision; 2] = [Precision::Single, Precision::Compact];

/// Half the distance between neighbours, relative.
const ROUNDING: f64 = f32::EPSILON as f64 / 2.0;

fn of(precision: Precision) -> Settings {
    Settings {
        precision,
        ..settings()
    }
}

fn uniform(low: &str, high: &str) -> Value {
    Value::Random(Distribution::new(Shape::Uniform {
        low: quantity(low),
        high: quantity(high),
    }))
}

fn probability(probability: f64) -> Connector {
    Connector::PairwiseProbability {
        probability,
        self_connections: false,
    }
}

/// All that writes into states or sums: synapses, gap junctions, sources of spikes, noise, a clamp, parameters of each
/// cell, equations with chance.
#[allow(clippy::needless_update, reason = "networks may come to have more parts")]
fn everything() -> Network {
    let mut leaky = lif("leaky", 1300);
    leaky.initial.insert("V".to_owned(), uniform("-65 mV", "-50 mV"));
    leaky.parameters.insert("tau_m".to_owned(), uniform("10 ms", "20 ms"));
    let mut coupled = hodgkin_huxley("coupled", 700);
    coupled.initial.insert("V".to_owned(), uniform("-70 mV", "-55 mV"));
    let mut chance = Population::new("chance", 600, built_in("gif"));
    chance
        .initial
        .insert("V".to_owned(), Value::Uniform(quantity("-40 mV")));
    let stimulus = |name: &str, population: &str, cells, waveform| Stimulus {
        name: name.to_owned(),
        population: population.to_owned(),
        cells,
        receptor: None,
        waveform,
    };
    let noise = Waveform::Varying {
        course: Course::Noise {
            mean: quantity("0.3 nA"),
            sd: quantity("0.1 nA"),
            tau: quantity("2 ms"),
        },
        start: None,
        stop: None,
    };
    let ramp = Waveform::Varying {
        course: Course::Ramp {
            from: quantity("0 uA/cm^2"),
            to: quantity("12 uA/cm^2"),
        },
        start: None,
        stop: Some(quantity("12 ms")),
    };
    let source = |name: &str, population: &str, weight: &str, cells, rate: &str| SpikeSource {
        name: name.to_owned(),
        population: population.to_owned(),
        receptor: "synapse".to_owned(),
        weight: quantity(weight),
        spikes: SourceSpikes::Poisson {
            cells,
            rate: Rate::Constant(quantity(rate)),
            start: None,
            stop: None,
        },
    };
    let third = CellSet::List((0..1300).step_by(3).collect());
    Network {
        populations: vec![leaky, coupled, chance],
        projections: vec![
            projection("near", ("leaky", "leaky"), probability(0.02), "20.3 pA", "0.1 ms"),
            projection("far", ("leaky", "coupled"), probability(0.01), "0.7 nS", "1.3 ms"),
        ],
        gap_junctions: vec![GapJunctions {
            name: "gap".to_owned(),
            source: "coupled".to_owned(),
            source_cells: CellSet::All,
            target: "coupled".to_owned(),
            target_cells: CellSet::All,
            connector: probability(0.005),
            conductance: Some(quantity("0.3 nS").into()),
        }],
        stimuli: vec![
            stimulus("noise", "leaky", CellSet::Range(100, 1200), noise),
            stimulus("ramp", "coupled", CellSet::All, ramp),
            constant("drive", "chance", CellSet::All, "1 nA"),
        ],
        spike_sources: vec![
            source("some", "leaky", "21.7 pA", third, "900 Hz"),
            source("all", "coupled", "0.9 nS", CellSet::All, "300 Hz"),
        ],
        voltage_clamps: vec![VoltageClamp {
            name: "clamp".to_owned(),
            population: "coupled".to_owned(),
            cells: CellSet::Range(3, 40),
            command: Waveform::Step {
                amplitude: quantity("-20.1 mV"),
                start: quantity("2 ms"),
                stop: Some(quantity("7 ms")),
            },
        }],
        monitors: vec![
            watch("leaky", "leaky", &["V", "synapse.I_syn"]),
            watch("coupled", "coupled", &["V", "m", "I_Na"]),
            watch_spikes("spikes", "leaky"),
        ],
        ..Network::default()
    }
}

fn bits(recording: &Recording) -> Vec<u64> {
    let series = recording.variables.iter().flat_map(|v| &v.series);
    let times = recording.spikes.iter().flat_map(|s| &s.times_ms);
    let values = series.flat_map(|s| &s.values).chain(times);
    values.map(|x| x.to_bits()).collect()
}

#[test]
fn results_of_each_precision_do_not_depend_on_threads_widths_or_executors() {
    let network = everything();
    let mut hashes = Vec::new();
    for precision in Precision::ALL {
        let fine = Settings {
            dt_ms: 0.05,
            ..of(precision)
        };
        let reference = run(&network, &fine, 12.0);
        for population in &reference.populations {
            let (name, spikes) = (&population.name, population.spikes);
            assert!(spikes as usize > population.size / 4, "{name}: {spikes} spikes");
        }
        let mut others = Vec::new();
        for threads in [2, 3, 7] {
            others.push(Settings { threads, ..fine });
        }
        for executor in Executor::ALL {
            for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
                others.push(Settings { executor, simd, ..fine });
            }
        }
        for settings in others {
            let other = run(&network, &settings, 12.0);
            assert_eq!(reference.spike_hash, other.spike_hash, "{settings:?}");
            assert!(bits(&reference) == bits(&other), "{settings:?}");
        }
        let mut pieces = simulation(&network, &fine);
        for duration_ms in [0.05, 4.95, 7.0] {
            pieces.run_for(duration_ms, &mut ()).unwrap();
        }
        assert!(bits(&reference) == bits(pieces.recording()), "pieces");
        hashes.push(reference.spike_hash);
    }
    // Here all weights of a projection are equal, so that there are none of 16 bits.
    assert!(hashes[0] != hashes[1] && hashes[1] == hashes[2], "{hashes:?}");
}

/// What is recorded are states, and these have 32 bits.
#[test]
fn sums_and_states_have_the_numbers_of_the_precision() {
    let network = Network {
        populations: vec![lif("source", 3), lif("target", 1)],
        projections: vec![projection(
            "p",
            ("source", "target"),
            Connector::AllToAll { self_connections: true },
            "0.1 pA",
            "0.1 ms",
        )],
        stimuli: vec![kick("kick", "source", &[0, 1, 2], 0)],
        monitors: vec![watch("current", "target", &["synapse.I_syn"])],
        ..Network::default()
    };
    let current = |precision| run(&network, &of(precision), 1.0).variables[0].series[0].values[3];
    let double = current(Precision::Double);
    assert_ne!(double, f64::from(double as f32));
    for precision in SINGLE {
        let single = current(precision);
        assert_eq!(single, f64::from(single as f32));
        // Three sums and one product, each rounded once.
        assert!((single / double - 1.0).abs() <= 4.0 * ROUNDING, "{single} and {double}");
    }
}

/// A cell that is driven below its threshold for a second comes as close to V = E_L + I τ / C as the last digit of V lets
/// it: a step adds a part dt / τ of the distance that is left, which is lost when it is less than half a digit.
#[test]
fn a_leaky_cell_follows_the_closed_form_as_far_as_its_digits_reach() {
    let network = Network {
        populations: vec![lif("cell", 1)],
        stimuli: vec![constant("drive", "cell", CellSet::All, "130 pA")],
        monitors: vec![watch("v", "cell", &["V"])],
        ..Network::default()
    };
    let kept = nsb_lang::math::exp(-0.1 / 20.0);
    for (precision, digit) in [
        (Precision::Double, f64::EPSILON),
        (Precision::Single, f64::from(f32::EPSILON)),
    ] {
        let recording = run(&network, &of(precision), 1000.0);
        let bound = 64.0 * digit / (1.0 - kept);
        let (mut left, mut worst) = (13.0, 0.0f64);
        for v in &recording.variables[0].series[0].values {
            worst = worst.max((v - (-65.0 + 13.0 - left)).abs());
            left *= kept;
        }
        assert!(worst <= bound, "{precision:?}: {worst:e} mV, at most {bound:e}");
    }
}

/// Spike times of a regularly firing squid axon over half a second: rounding moves them far less than the step does
/// (0.012 ms at 0.025 ms, docs/reference/accuracy.md).
#[test]
fn spike_times_of_the_squid_axon_are_those_of_double() {
    let network = Network {
        populations: vec![hodgkin_huxley("cell", 1)],
        stimuli: vec![constant("drive", "cell", CellSet::All, "10 uA/cm^2")],
        monitors: vec![watch_spikes("spikes", "cell")],
        ..Network::default()
    };
    let times = |precision| {
        let fine = Settings {
            dt_ms: 0.025,
            ..of(precision)
        };
        run(&network, &fine, 500.0).spikes[0].times_ms.clone()
    };
    let (double, single) = (times(Precision::Double), times(Precision::Single));
    assert!(double.len() > 30 && double.len() == single.len());
    let pairs = double.iter().zip(&single);
    let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst > 0.0 && worst < 0.005, "{worst} ms");
}

#[test]
fn exact_spike_timing_needs_double() {
    let network = Network {
        populations: vec![Population {
            spike_timing: SpikeTiming::Exact,
            ..lif("cells", 3)
        }],
        ..Network::default()
    };
    assert!(Plan::new(&network, &of(Precision::Double)).is_ok());
    for precision in SINGLE {
        let errors = Plan::new(&network, &of(precision)).unwrap_err().0;
        let [PlanError::Unfit { path, reason, hint }] = &errors[..] else {
            panic!("{errors:?}")
        };
        assert_eq!(path, "populations.cells.spike_timing");
        assert!(
            reason.contains(precision.name()) && hint.contains("precision = \"double\""),
            "{reason}; {hint}"
        );
    }
}

/// A state that grows beyond the largest number of 32 bits, 3.4 · 10³⁸, ends the run where it happens.
#[test]
fn numbers_beyond_the_range_are_reported_with_their_place() {
    let growing = model(
        "neuron growing \"a hundred times more in each step\"
method euler
equations:
    dx/dt = 99 * x / (0.1 ms) : 1
initial:
    x = 1
",
    );
    let network = Network {
        populations: vec![Population::new("cells", 700, growing)],
        ..Network::default()
    };
    let mut double = simulation(&network, &of(Precision::Double));
    assert!(double.run_for(3.0, &mut ()).is_ok());
    for threads in [1, 2] {
        let settings = Settings {
            threads,
            ..of(Precision::Single)
        };
        let error = simulation(&network, &settings).run_for(3.0, &mut ()).unwrap_err();
        let SimulationError::NotFinite {
            cell,
            time_ms,
            value,
            last_good,
            ..
        } = error
        else {
            panic!("{error}")
        };
        assert_eq!((cell, value), (0, f64::INFINITY));
        // 100¹⁸ is within the range; its slope, 990 times as large, is not.
        assert!((time_ms - 1.9).abs() < 1e-9, "{time_ms} ms");
        assert!((last_good[0].1 / 1e36 - 1.0).abs() < 1e-5, "{last_good:?}");
    }
}
