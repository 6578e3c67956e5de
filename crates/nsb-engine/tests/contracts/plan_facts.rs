//! What a plan knows about the network: counts, memory, warnings, and its printed form.

use nsb_engine::{CellSet, Connector, Network, Plan, PlanWarning, Settings, Value, Waveform};
use nsb_lang::lower::Method;

use crate::models::{
    connection, constant, hodgkin_huxley, kick, lif, projection, quantity, run, settings, watch, watch_spikes,
};

fn all_to_all() -> Connector {
    Connector::AllToAll {
        self_connections: false,
    }
}

fn network() -> Network {
    Network {
        populations: vec![lif("excitatory", 1000), hodgkin_huxley("inhibitory", 100)],
        projections: vec![
            projection("out", ("excitatory", "inhibitory"), all_to_all(), "5 nS", "1.5 ms"),
            projection("back", ("inhibitory", "excitatory"), all_to_all(), "-5 pA", "0.3 ms"),
            projection("self", ("inhibitory", "inhibitory"), all_to_all(), "1 nS", "2 ms"),
        ],
        stimuli: vec![
            constant("drive", "excitatory", CellSet::Range(0, 10), "0.2 nA"),
            kick("kick", "excitatory", &[3], 40),
        ],
        monitors: vec![
            watch_spikes("spikes", "excitatory"),
            watch("trace", "inhibitory", &["V", "synapse.g"]),
        ],
        ..Network::default()
    }
}

#[test]
fn plans_count_cells_synapses_and_threads() {
    let plan = Plan::new(
        &network(),
        &Settings {
            threads: 64,
            ..settings()
        },
    )
    .unwrap();
    assert_eq!(plan.n_cells(), 1100);
    assert_eq!(plan.n_synapses(), 100_000 + 100_000 + 100 * 99);
    let facts: Vec<(&str, usize, Method)> = plan
        .populations()
        .iter()
        .map(|p| (p.name(), p.size(), p.method()))
        .collect();
    assert_eq!(
        facts,
        [("excitatory", 1000, Method::Exact), ("inhibitory", 100, Method::Strang)]
    );
    assert_eq!(plan.n_threads(), 3);
    assert_eq!(plan.projections()[0].delays(), [15]);
    assert_eq!(plan.warnings(), []);
}

#[test]
fn plans_print_themselves() {
    let settings = Settings {
        threads: 2,
        simd: nsb_kernels::Simd::Scalar,
        ..settings()
    };
    let text = Plan::new(&network(), &settings).unwrap().to_string();
    let (facts, memory) = text.rsplit_once('\n').unwrap();
    assert_eq!(
        facts,
        "1100 cells, 209900 synapses; dt 0.1 ms, seed 1, 2 threads, scalar
populations
  excitatory: 1000 cells of lif, method exact; receptors synapse (exponential_current)
  inhibitory: 100 cells of hodgkin_huxley, method strang; receptors synapse (exponential_conductance)
projections
  out: excitatory to inhibitory.synapse, 100000 synapses, delay 1.5 ms
  back: inhibitory to excitatory.synapse, 100000 synapses, delay 0.3 ms
  self: inhibitory to inhibitory.synapse, 9900 synapses, delay 2 ms
stimuli
  drive: 0.2 nA into 10 cells of excitatory, from 0 ms to the end
  kick: 100 nA into 1 cell of excitatory, from 4 ms to 4.1 ms
monitors
  spikes: spikes, 1000 cells of excitatory
  trace: V, synapse.g every 0.1 ms, 100 cells of inhibitory"
    );
    assert!(
        memory.starts_with("memory: about ") && memory.contains(" (cells ") && memory.contains("kB"),
        "{memory}"
    );
}

/// Static synapses take at most 8 bytes each, their directory included.
#[test]
fn synapses_are_compact() {
    let cells = |size| vec![lif("cells", size)];
    let bytes = |connector| {
        let projections = vec![projection("p", ("cells", "cells"), connector, "1 pA", "1 ms")];
        let plan = |projections| {
            let network = Network {
                populations: cells(2000),
                projections,
                ..Network::default()
            };
            Plan::new(&network, &settings()).unwrap()
        };
        let connected = plan(projections);
        (connected.synapse_bytes() - plan(Vec::new()).synapse_bytes()) as f64 / connected.n_synapses() as f64
    };
    let probability = |probability| Connector::PairwiseProbability {
        probability,
        self_connections: true,
    };
    assert!(bytes(probability(0.1)) < 2.5);
    assert!(bytes(probability(0.01)) < 4.0);
    let list = (0..40_000)
        .map(|n| nsb_engine::Connection {
            weight: Some(quantity(&format!("{} pA", n % 7))),
            ..connection(n % 2000, (n * 7919) % 2000)
        })
        .collect();
    assert!(bytes(Connector::ExplicitList(list)) < 8.0);
}

#[test]
fn rounded_times_are_reported() {
    let mut network = network();
    network.projections[0].delay = Some(quantity("1.54 ms").into());
    network.stimuli[1].waveform = Waveform::Step {
        amplitude: quantity("1 pA"),
        start: quantity("0.33 ms"),
        stop: Some(quantity("2 ms")),
    };
    if let nsb_engine::Monitor::Variables { interval, .. } = &mut network.monitors[1] {
        *interval = Some(quantity("0.25 ms"));
    }
    let plan = Plan::new(&network, &settings()).unwrap();
    assert_eq!(plan.projections()[0].delays(), [15]);
    let said: Vec<String> = plan
        .warnings()
        .iter()
        .map(|w| format!("{}: {w}; {}", w.path(), w.hint()))
        .collect();
    assert_eq!(
        said,
        [
            "projections.out.delay: the delay 1.54 ms is no multiple of dt = 0.1 ms; 1.5 ms is used; \
             write \"1.5 ms\", or choose another dt",
            "stimuli.kick.start: the start 0.33 ms is no multiple of dt = 0.1 ms; 0.3 ms is used; \
             write \"0.3 ms\", or choose another dt",
            "monitors.trace.interval: the interval 0.25 ms is no multiple of dt = 0.1 ms; 0.3 ms is used; \
             write \"0.3 ms\", or choose another dt",
        ]
    );
}

/// Multiples of dt that are no multiples in binary are multiples all the same.
#[test]
fn exact_multiples_are_not_reported() {
    let mut network = network();
    for steps in 1..200 {
        network.projections[0].delay = Some(quantity(&format!("{} ms", f64::from(steps) / 10.0)).into());
        let plan = Plan::new(&network, &settings()).unwrap();
        assert_eq!(plan.projections()[0].delays(), [steps]);
        assert_eq!(plan.warnings(), []);
    }
}

#[test]
fn projections_without_synapses_and_negative_conductances_are_reported() {
    let mut network = network();
    network.projections[0].connector = Connector::PairwiseProbability {
        probability: 0.0,
        self_connections: true,
    };
    network.projections[2].weight = Some(quantity("-1 nS").into());
    let plan = Plan::new(&network, &settings()).unwrap();
    let [negative, empty] = plan.warnings() else {
        panic!("{:?}", plan.warnings())
    };
    assert!(matches!(negative, PlanWarning::NegativeConductance { path, .. } if path == "projections.self.weight"));
    assert!(matches!(empty, PlanWarning::NoSynapses { path } if path == "projections.out"));
}

/// Parameters and initial states, for all cells or one by one, of neurons and of receptors.
#[test]
fn given_numbers_reach_their_cells() {
    let mut cells = lif("cells", 700);
    let list = |text: fn(usize) -> String| Value::List((0..700).map(|n| quantity(&text(n))).collect());
    cells
        .initial
        .insert("V".to_owned(), list(|n| format!("{} mV", -65.0 + n as f64 / 100.0)));
    cells
        .initial
        .insert("synapse.I_syn".to_owned(), Value::Uniform(quantity("50 pA")));
    cells.receptors[0]
        .parameters
        .insert("tau".to_owned(), list(|n| format!("{} ms", 1 + n % 3)));
    cells
        .parameters
        .insert("E_L".to_owned(), Value::Uniform(quantity("-60 mV")));
    let network = Network {
        populations: vec![cells],
        monitors: vec![watch("trace", "cells", &["V", "synapse.I_syn"])],
        ..Network::default()
    };
    let recording = run(&network, &settings(), 0.1);
    let [voltage, current] = &recording.variables[0].series[..] else {
        panic!("two series")
    };
    for n in 0..700 {
        assert_eq!(voltage.values[n], -65.0 + n as f64 / 100.0, "cell {n}");
        assert_eq!(current.values[n], 50.0, "cell {n}");
        let decayed = 50.0 * nsb_lang::math::exp(-0.1 / (1 + n % 3) as f64);
        assert!((current.values[700 + n] - decayed).abs() < 1e-12, "cell {n}");
        assert!(
            voltage.values[700 + n] > voltage.values[n],
            "cell {n} moves towards -60 mV"
        );
    }
}
