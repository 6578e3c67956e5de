//! The determinism contract: one result for any number of threads, any vector width, recorded or not, in one run or
//! several.

use std::ops::ControlFlow;

use nsb_engine::{
    CellSet, Connector, Distribution, Monitor, Network, Observer, Outcome, Outside, PairValue, Population, Precision,
    Progress, Receptor, Recording, Settings, Shape, Value, random,
};
use nsb_kernels::{Executor, Simd};
use nsb_lang::Quantity;

use crate::models::{
    built_in, connection, constant, hodgkin_huxley, kick, lif, projection, quantity, run, settings, simulation,
    watch_spikes,
};

/// Voltages spread over some range, so that cells do not fire together.
fn spread(size: usize, low: f64, high: f64) -> Value {
    let stream = random::Stream::new(99, 0, random::Purpose::Connect);
    let unit = quantity("1 mV").unit().clone();
    let voltage = |n| Quantity::new(low + (high - low) * stream.uniform(n as u64), unit.clone());
    Value::List((0..size).map(voltage).collect())
}

fn probability(probability: f64) -> Connector {
    Connector::PairwiseProbability {
        probability,
        self_connections: false,
    }
}

fn traces(name: &str, population: &str, variables: &[&str], cells: CellSet, interval: &str) -> Monitor {
    Monitor::Variables {
        name: name.to_owned(),
        population: population.to_owned(),
        variables: variables.iter().map(|&v| v.to_owned()).collect(),
        cells,
        interval: Some(quantity(interval)),
    }
}

/// Excitatory and inhibitory integrate-and-fire cells in six blocks, recurrent, with delays from 1 step to 1.7 ms.
fn integrate_and_fire() -> Network {
    let (mut excitatory, mut inhibitory) = (lif("excitatory", 2000), lif("inhibitory", 600));
    excitatory.initial.insert("V".to_owned(), spread(2000, -65.0, -50.0));
    inhibitory.initial.insert("V".to_owned(), spread(600, -65.0, -50.0));
    Network {
        populations: vec![excitatory, inhibitory],
        projections: vec![
            projection("ee", ("excitatory", "excitatory"), probability(0.02), "20 pA", "1.7 ms"),
            projection(
                "ee_far",
                ("excitatory", "excitatory"),
                probability(0.01),
                "11.3 pA",
                "0.4 ms",
            ),
            projection(
                "ei",
                ("excitatory", "inhibitory"),
                probability(0.05),
                "17.1 pA",
                "0.7 ms",
            ),
            projection(
                "ie",
                ("inhibitory", "excitatory"),
                probability(0.05),
                "-30.7 pA",
                "0.3 ms",
            ),
        ],
        stimuli: vec![
            constant("drive", "excitatory", CellSet::All, "450 pA"),
            constant("more", "inhibitory", CellSet::Range(100, 560), "255 pA"),
        ],
        monitors: vec![
            watch_spikes("spikes", "excitatory"),
            traces(
                "cells",
                "excitatory",
                &["V", "synapse.I_syn"],
                CellSet::List(vec![3, 1999, 511, 512]),
                "0.3 ms",
            ),
            Monitor::Spikes {
                name: "some".to_owned(),
                population: "inhibitory".to_owned(),
                cells: CellSet::Range(500, 600),
            },
        ],
        ..Network::default()
    }
}

/// Hodgkin–Huxley cells in three blocks, driven by a density, with conductances and delays of 1 step and more.
fn conductances() -> Network {
    let mut cells = hodgkin_huxley("cells", 1300);
    cells.initial.insert("V".to_owned(), spread(1300, -70.0, -55.0));
    Network {
        populations: vec![cells],
        projections: vec![
            projection("near", ("cells", "cells"), probability(0.01), "0.5 nS", "0.025 ms"),
            projection("far", ("cells", "cells"), probability(0.01), "0.7 nS", "1.3 ms"),
        ],
        stimuli: vec![constant("drive", "cells", CellSet::Range(0, 700), "10 uA/cm^2")],
        monitors: vec![
            watch_spikes("spikes", "cells"),
            traces(
                "gates",
                "cells",
                &["V", "m", "I_Na"],
                CellSet::Range(505, 520),
                "0.25 ms",
            ),
        ],
        ..Network::default()
    }
}

fn fine() -> Settings {
    Settings {
        dt_ms: 0.025,
        ..settings()
    }
}

/// Equal in every bit; plain equality would let 0 pass for −0.
fn assert_identical(a: &Recording, b: &Recording, what: &str) {
    assert_eq!(a.spike_hash, b.spike_hash, "{what}");
    assert!(a == b, "{what}: the recordings differ");
    let bits = |recording: &Recording| -> Vec<u64> {
        let series = recording
            .variables
            .iter()
            .flat_map(|v| &v.series)
            .flat_map(|s| &s.values);
        let times = recording.spikes.iter().flat_map(|s| &s.times_ms);
        series.chain(times).map(|x| x.to_bits()).collect()
    };
    assert!(bits(a) == bits(b), "{what}: the recordings differ in some bits");
}

fn assert_busy(recording: &Recording) {
    for population in &recording.populations {
        let (name, spikes) = (&population.name, population.spikes);
        assert!(spikes as usize > population.size / 2, "{name}: {spikes} spikes");
    }
}

#[test]
fn spikes_and_traces_do_not_depend_on_thread_count() {
    for (network, settings, duration_ms) in [(integrate_and_fire(), settings(), 60.0), (conductances(), fine(), 12.0)] {
        let reference = run(&network, &settings, duration_ms);
        assert_busy(&reference);
        for threads in [2, 3, 7] {
            let other = run(&network, &Settings { threads, ..settings }, duration_ms);
            assert_identical(&reference, &other, &format!("{threads} threads"));
        }
    }
}

/// Weights drawn one by one, delays from one step to seven: rows of every length, cut into other domains by every number
/// of threads, so that some are cleared row by row and others block by block.
fn drawn() -> Network {
    let mut network = integrate_and_fire();
    let drawn = |mean: &str, sd: &str, least: &str| Distribution {
        shape: Shape::Normal {
            mean: quantity(mean),
            sd: quantity(sd),
        },
        min: Some(quantity(least)),
        max: None,
        outside: Outside::Redraw,
    };
    for projection in network.projections.iter_mut().take(2) {
        projection.weight = Some(PairValue::Random(drawn("15 pA", "5 pA", "0 pA")));
        projection.delay = Some(PairValue::Random(drawn("0.3 ms", "0.2 ms", "0.1 ms")));
    }
    network
}

#[test]
fn each_precision_has_one_result_for_any_number_of_threads_and_any_width() {
    let hash = |precision, threads, simd| {
        let settings = Settings {
            threads,
            simd,
            precision,
            ..settings()
        };
        let recording = run(&drawn(), &settings, 60.0);
        assert_busy(&recording);
        recording.spike_hash
    };
    let of_each = Precision::ALL.map(|precision| {
        let reference = hash(precision, 1, Simd::best());
        for threads in [2, 3, 5] {
            assert_eq!(hash(precision, threads, Simd::best()), reference, "{threads} threads");
        }
        assert_eq!(hash(precision, 2, Simd::Scalar), reference);
        reference
    });
    assert_ne!(of_each[0], of_each[1], "rounded weights give other spikes");
}

#[test]
fn spikes_and_traces_do_not_depend_on_vector_width() {
    let reference = run(
        &conductances(),
        &Settings {
            simd: Simd::Scalar,
            ..fine()
        },
        6.0,
    );
    for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
        assert_identical(
            &reference,
            &run(&conductances(), &Settings { simd, ..fine() }, 6.0),
            simd.name(),
        );
    }
}

/// Cells that fire by chance, in three blocks and a second population of the same kind.
fn by_chance() -> Network {
    let cells = |name: &str, size| {
        let mut cells = Population::new(name, size, built_in("gif"));
        cells.receptors = vec![Receptor::new("synapse", built_in("exponential_current"))];
        cells.initial.insert("V".to_owned(), Value::Uniform(quantity("-40 mV")));
        cells
    };
    Network {
        populations: vec![cells("one", 1200), cells("two", 1200)],
        projections: vec![projection("near", ("one", "two"), probability(0.01), "20 pA", "0.3 ms")],
        stimuli: vec![
            constant("drive", "one", CellSet::All, "152 pA"),
            constant("drive_two", "two", CellSet::All, "152 pA"),
        ],
        monitors: vec![
            watch_spikes("spikes", "one"),
            traces("V", "one", &["V", "lambda"], CellSet::Range(0, 3), "1 ms"),
        ],
        ..Network::default()
    }
}

#[test]
fn chance_does_not_depend_on_threads_widths_executors_or_pieces() {
    let network = by_chance();
    let reference = run(&network, &settings(), 60.0);
    assert_busy(&reference);
    let drawn = |settings: Settings| run(&network, &settings, 60.0);
    for executor in Executor::ALL {
        for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
            let other = drawn(Settings {
                executor,
                simd,
                threads: 2,
                ..settings()
            });
            assert_identical(&reference, &other, &format!("{executor} {simd}"));
        }
    }
    let mut pieces = simulation(&network, &settings());
    for duration_ms in [0.1, 29.9, 30.0] {
        assert_eq!(pieces.run_for(duration_ms, &mut ()), Ok(Outcome::Completed));
    }
    assert_identical(&reference, pieces.recording(), "three pieces");
    // Another seed, and another population, draw other numbers.
    let other = drawn(Settings {
        seed: settings().seed + 1,
        ..settings()
    });
    assert_ne!(reference.spike_hash, other.spike_hash);
    let mut apart = network.clone();
    apart.projections.clear();
    apart.monitors.push(watch_spikes("spikes_two", "two"));
    let apart = run(&apart, &settings(), 60.0);
    assert_ne!(apart.spikes[0].times_ms, apart.spikes[1].times_ms);
}

#[test]
fn recording_does_not_change_spikes() {
    let mut network = conductances();
    let recorded = run(&network, &fine(), 10.0);
    network.monitors.clear();
    let silent = run(&network, &fine(), 10.0);
    assert_eq!(recorded.spike_hash, silent.spike_hash);
    assert_eq!(recorded.populations, silent.populations);
}

#[test]
fn a_run_in_pieces_is_the_same_run() {
    let network = integrate_and_fire();
    let whole = run(&network, &settings(), 40.0);
    let mut pieces = simulation(
        &network,
        &Settings {
            threads: 2,
            ..settings()
        },
    );
    for duration_ms in [0.1, 13.3, 0.0, 6.5, 20.1] {
        assert_eq!(pieces.run_for(duration_ms, &mut ()), Ok(Outcome::Completed));
    }
    assert_eq!(pieces.time_ms(), 40.0);
    assert_identical(&whole, pieces.recording(), "five pieces");
}

#[test]
fn seeds_change_the_network() {
    let hash = |seed| run(&integrate_and_fire(), &Settings { seed, ..settings() }, 30.0).spike_hash;
    assert_eq!(hash(1), hash(1));
    assert_ne!(hash(1), hash(2));
}

#[test]
fn names_do_not_change_spikes() {
    let network = integrate_and_fire();
    let mut renamed = network.clone();
    for projection in &mut renamed.projections {
        projection.name.insert_str(0, "renamed_");
    }
    assert_eq!(
        run(&network, &settings(), 20.0).spike_hash,
        run(&renamed, &settings(), 20.0).spike_hash
    );
}

/// Synapses of the same pair are summed in an order of their own: 10¹⁰ − 10¹⁰ + 10⁻⁸ depends on it.
#[test]
fn the_order_of_parallel_synapses_does_not_matter() {
    let current = |weights: [&str; 3]| {
        let list = weights.map(|weight| nsb_engine::Connection {
            weight: Some(quantity(weight)),
            ..connection(0, 0)
        });
        let connector = Connector::ExplicitList(list.to_vec());
        let network = Network {
            populations: vec![lif("source", 1), lif("target", 1)],
            projections: vec![projection("p", ("source", "target"), connector, "1 pA", "0.1 ms")],
            stimuli: vec![kick("kick", "source", &[0], 0)],
            monitors: vec![traces("t", "target", &["synapse.I_syn"], CellSet::All, "0.1 ms")],
            ..Network::default()
        };
        run(&network, &settings(), 0.3).variables[0].series[0].values[3].to_bits()
    };
    let reference = current(["1e10 pA", "-1e10 pA", "1e-8 pA"]);
    for weights in [["1e10 pA", "1e-8 pA", "-1e10 pA"], ["-1e10 pA", "1e-8 pA", "1e10 pA"]] {
        assert_eq!(current(weights), reference);
    }
}

/// The order in which pairs are listed is not part of the network.
#[test]
fn the_order_of_an_explicit_list_does_not_matter() {
    let stream = random::Stream::new(3, 0, random::Purpose::Connect);
    let list: Vec<_> = (0..6000u64)
        .map(|n| {
            let mut connection = connection(stream.u32(3 * n) as usize % 200, stream.u32(3 * n + 1) as usize % 200);
            connection.weight = Some(quantity(&format!("{} pA", 60.0 * stream.uniform(3 * n + 2) - 10.0)));
            connection.delay = Some(quantity(["0.2 ms", "0.5 ms", "1.1 ms"][n as usize % 3]));
            connection
        })
        .collect();
    let network = |list| Network {
        populations: vec![lif("cells", 200)],
        projections: vec![projection(
            "p",
            ("cells", "cells"),
            Connector::ExplicitList(list),
            "1 pA",
            "1 ms",
        )],
        stimuli: vec![constant("drive", "cells", CellSet::Range(0, 80), "400 pA")],
        monitors: vec![watch_spikes("spikes", "cells")],
        ..Network::default()
    };
    let reversed = list.iter().rev().cloned().collect();
    let forward = run(&network(list), &settings(), 100.0);
    assert!(
        forward.populations[0].spikes > 500,
        "{} spikes",
        forward.populations[0].spikes
    );
    assert_identical(&forward, &run(&network(reversed), &settings(), 100.0), "reversed list");
}

/// Stops at the first report at or after a time.
struct StopAt {
    time_ms: f64,
    reports: Vec<Progress>,
}

impl Observer for StopAt {
    fn progress(&mut self, now: Progress) -> ControlFlow<()> {
        self.reports.push(now);
        if now.time_ms >= self.time_ms {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

#[test]
fn an_interrupted_run_is_whole_up_to_where_it_stopped_and_can_go_on() {
    let network = integrate_and_fire();
    let whole = run(&network, &settings(), 30.0);
    for threads in [1, 3] {
        let mut simulation = simulation(&network, &Settings { threads, ..settings() });
        let mut observer = StopAt {
            time_ms: 12.0,
            reports: Vec::new(),
        };
        assert_eq!(simulation.run_for(30.0, &mut observer), Ok(Outcome::Interrupted));
        let stopped_ms = simulation.time_ms();
        assert!((12.0..13.0).contains(&stopped_ms), "stopped at {stopped_ms} ms");
        assert_identical(
            &run(&network, &settings(), stopped_ms),
            simulation.recording(),
            "up to the stop",
        );
        // Epochs are a step longer than the shortest delay, 4 steps; the run ends with the one after the 30th.
        assert_eq!(observer.reports.len(), 31);
        let last = observer.reports.last().unwrap();
        let spikes: u64 = simulation.recording().populations.iter().map(|p| p.spikes).sum();
        assert_eq!((last.time_ms, last.end_ms, last.spikes), (stopped_ms, 30.0, spikes));
        assert_eq!(simulation.run_for(30.0 - stopped_ms, &mut ()), Ok(Outcome::Completed));
        assert_identical(&whole, simulation.recording(), "to the end");
    }
}

#[test]
fn a_panic_in_the_observer_ends_all_threads() {
    struct Panics;
    impl Observer for Panics {
        fn progress(&mut self, _now: Progress) -> ControlFlow<()> {
            panic!("on purpose")
        }
    }
    let mut simulation = simulation(
        &integrate_and_fire(),
        &Settings {
            threads: 3,
            ..settings()
        },
    );
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| simulation.run_for(1.0, &mut Panics)));
    assert!(result.is_err());
}
