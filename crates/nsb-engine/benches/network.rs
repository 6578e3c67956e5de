//! What a network costs besides its equations: delivering spikes, drawing Poisson input, building and rewiring synapses.
//! `cargo bench -p nsb-engine`.
//!
//! Only the public interface is used: a network is described, planned and simulated. What one part costs is the
//! difference of two runs, with and without it; each group holds both.

#![allow(missing_docs)] // criterion's macros make public items

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nsb_engine::network::{
    CellSet, Connector, Distribution, Network, Outside, PairValue, Plasticity, Population, Projection, Rate, Receptor,
    Shape, SourceSpikes, SpikeSource, Stimulus, SynapseRule, Value, Waveform,
};
use nsb_engine::{Deletion, Insertion, Plan, Precision, ProjectionId, Rewiring, Settings, Simulation};
use nsb_kernels::{Catalogue, Executor, Simd};
use nsb_lang::Quantity;

const SENDERS: usize = 2000;
const RECEIVERS: usize = 4000;
const SYNAPSES: usize = 1_000_000;
const DT_MS: f64 = 0.1;
/// Simulated time of one iteration, ms.
const PIECE_MS: f64 = 10.0;

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).expect("a quantity")
}

fn settings() -> Settings {
    Settings {
        dt_ms: DT_MS,
        seed: 1,
        threads: 1,
        simd: Simd::best(),
        executor: Executor::default(),
        precision: Precision::default(),
        memory_limit: None,
    }
}

fn normal(mean: &str, sd: &str) -> Distribution {
    Distribution {
        outside: Outside::Redraw,
        ..Distribution::new(Shape::Normal {
            mean: quantity(mean),
            sd: quantity(sd),
        })
    }
}

/// Cells that fire at about 100 Hz, out of step, and cells that listen and stay silent.
fn cells() -> Network {
    let catalogue = Catalogue::builtin();
    let model = |name: &str| Arc::clone(catalogue.get(name).expect("a built-in model"));
    let mut senders = Population::new("senders", SENDERS, model("lif"));
    let start = Distribution::new(Shape::Uniform {
        low: quantity("-65 mV"),
        high: quantity("-50 mV"),
    });
    senders.initial.insert("V".to_owned(), Value::Random(start));
    let mut receivers = Population::new("receivers", RECEIVERS, model("lif"));
    receivers
        .receptors
        .push(Receptor::new("synaptic", model("exponential_current")));
    let drive = Stimulus {
        name: "drive".to_owned(),
        population: "senders".to_owned(),
        receptor: None,
        cells: CellSet::All,
        waveform: Waveform::Constant {
            amplitude: quantity("455 pA"),
        },
    };
    Network {
        populations: vec![senders, receivers],
        stimuli: vec![drive],
        ..Network::default()
    }
}

fn projection(connector: Connector, weight: PairValue, delay: PairValue) -> Projection {
    Projection {
        name: "forward".to_owned(),
        source: "senders".to_owned(),
        source_cells: CellSet::All,
        target: "receivers".to_owned(),
        target_cells: CellSet::All,
        receptor: "synaptic".to_owned(),
        connector,
        weight: Some(weight),
        delay: Some(delay),
        plasticity: Plasticity::default(),
    }
}

/// A million synapses: all alike, or each with a weight and a delay of its own.
fn synapses(spread: bool) -> Projection {
    let connector = Connector::FixedTotalNumber {
        number: SYNAPSES,
        multapses: true,
        self_connections: true,
    };
    if spread {
        let (weight, delay) = (normal("0.01 pA", "0.001 pA"), normal("1.5 ms", "0.75 ms"));
        return projection(connector, PairValue::Random(weight), PairValue::Random(delay));
    }
    projection(connector, quantity("0.01 pA").into(), quantity("1.5 ms").into())
}

fn simulation(network: &Network) -> Simulation {
    let plan = Plan::new(network, &settings()).expect("the network is sound");
    let mut simulation = Simulation::new(plan).expect("its states are finite");
    // Past the start, and with all delays under way.
    simulation.run_for(100.0, &mut ()).expect("it stays finite");
    simulation
}

fn spikes(simulation: &Simulation) -> u64 {
    simulation
        .recording()
        .populations
        .iter()
        .map(|population| population.spikes)
        .sum()
}

/// Synaptic events; `without` runs the same cells with no synapse.
fn deliver(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("deliver");
    for (name, projections) in [
        ("without", vec![]),
        ("alike", vec![synapses(false)]),
        ("each_its_own", vec![synapses(true)]),
    ] {
        let mut running = simulation(&Network { projections, ..cells() });
        let before = spikes(&running);
        running.run_for(100.0, &mut ()).expect("it stays finite");
        let fired = (spikes(&running) - before) as f64 * PIECE_MS / 100.0;
        // Also for `without`, so that the numbers can be subtracted.
        group.throughput(Throughput::Elements((fired * (SYNAPSES / SENDERS) as f64) as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| running.run_for(PIECE_MS, &mut ()).expect("it stays finite"));
        });
    }
    group.finish();
}

/// Neuron-steps with a Poisson train of 0.8 spikes a step, as in the microcircuit; `without` has none.
fn poisson(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("poisson");
    for (name, rate) in [("without", None), ("8_kHz", Some("8000 Hz"))] {
        let mut network = cells();
        // The senders would only add their own cost.
        network.stimuli.clear();
        network.populations.remove(0);
        network.spike_sources.extend(rate.map(|rate| SpikeSource {
            name: "outside".to_owned(),
            population: "receivers".to_owned(),
            receptor: "synaptic".to_owned(),
            weight: quantity("0.01 pA"),
            spikes: SourceSpikes::Poisson {
                cells: CellSet::All,
                rate: Rate::Constant(quantity(rate)),
                start: None,
                stop: None,
            },
        }));
        let mut running = simulation(&network);
        group.throughput(Throughput::Elements(RECEIVERS as u64 * (PIECE_MS / DT_MS) as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| running.run_for(PIECE_MS, &mut ()).expect("it stays finite"));
        });
    }
    group.finish();
}

/// Synapses drawn and laid out.
fn build(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("build");
    group.throughput(Throughput::Elements(SYNAPSES as u64)).sample_size(10);
    let probability = Connector::PairwiseProbability {
        probability: SYNAPSES as f64 / (SENDERS * RECEIVERS) as f64,
        self_connections: true,
    };
    for (name, projection) in [
        ("fixed_total_number", synapses(false)),
        ("fixed_total_number_each_its_own", synapses(true)),
        (
            "pairwise_probability",
            projection(probability, quantity("0.01 pA").into(), quantity("1.5 ms").into()),
        ),
    ] {
        let network = Network {
            projections: vec![projection],
            ..cells()
        };
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| black_box(Plan::new(&network, &settings()).expect("the network is sound")));
        });
    }
    group.finish();
}

/// A thousand synapses of a million die and as many are born, all over the store; each batch undoes the one before.
fn rewire(criterion: &mut Criterion) {
    const CHANGES: usize = 1000;
    let mut group = criterion.benchmark_group("rewire");
    group.throughput(Throughput::Elements(SYNAPSES as u64)).sample_size(10);
    for (name, rules) in [("static", &[][..]), ("plastic", &["pair_stdp"])] {
        let mut projection = synapses(true);
        for &rule in rules {
            let model = Arc::clone(Catalogue::builtin().get(rule).expect("a built-in model"));
            let mut rule = SynapseRule::new(rule, model);
            rule.parameters.insert("w_max".to_owned(), quantity("1 pA"));
            projection.plasticity.rules.push(rule);
        }
        let network = Network {
            projections: vec![projection],
            ..cells()
        };
        let mut running = simulation(&network);
        let mut there = Vec::with_capacity(SYNAPSES);
        running.connections(ProjectionId(0), &mut |connection| there.push(connection));
        // The first of its pair, in distinct pairs.
        there.dedup_by_key(|connection| (connection.source, connection.target));
        let mut batch = Rewiring::default();
        for connection in there.chunks(there.len() / CHANGES).map(|some| some[0]) {
            batch.deletions.push(Deletion {
                projection: ProjectionId(0),
                source: connection.source,
                target: connection.target,
                number: 0,
            });
            batch.insertions.push(Insertion {
                projection: ProjectionId(0),
                source: connection.source,
                target: connection.target,
                weight: connection.weight,
                delay_ms: connection.delay_ms(DT_MS),
            });
        }
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| running.rewire(&batch).expect("the same pairs are there again"));
        });
        running.take_synapse_changes();
    }
    group.finish();
}

criterion_group!(benches, deliver, poisson, build, rewire);
criterion_main!(benches);
