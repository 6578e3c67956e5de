//! Rewiring keeps the contract: equal bits for threads, executors, widths, cuts, and orders of a batch.

use nsb_engine::random::{Purpose, Stream};
use nsb_engine::{
    CellSet, Connector, Deletion, Distribution, Insertion, Network, PairValue, PlannedConnection, Plasticity,
    Population, Precision, ProjectionId, Rate, Rewiring, Settings, Shape, Simulation, SourceSpikes, SpikeSource,
    SynapseChange,
};
use nsb_kernels::{Executor, Simd};

use super::{connections, rule, started};
use crate::models::{lif, projection, quantity, settings};

const CELLS: u32 = 1400;

fn between(low: &str, high: &str) -> PairValue {
    PairValue::Random(Distribution::new(Shape::Uniform {
        low: quantity(low),
        high: quantity(high),
    }))
}

/// Cells of two populations, driven by noise; a static projection with weights of its own, one with equal weights, and
/// two that learn.
fn network() -> Network {
    let probability = |probability| Connector::PairwiseProbability {
        probability,
        self_connections: false,
    };
    let population = |name: &str| Population {
        ..lif(name, CELLS as usize)
    };
    let mut spread = projection("spread", ("left", "right"), probability(0.01), "30 pA", "1 ms");
    spread.weight = Some(between("10 pA", "50 pA"));
    spread.delay = Some(between("0.5 ms", "4 ms"));
    let mut equal = projection("equal", ("right", "left"), probability(0.01), "-20 pA", "0.7 ms");
    equal.delay = Some(between("0.5 ms", "2 ms"));
    let mut learning = projection("learning", ("left", "left"), probability(0.01), "30 pA", "1 ms");
    learning.delay = Some(between("0.5 ms", "1.5 ms"));
    learning.plasticity = Plasticity {
        rules: vec![
            rule(
                "pair_stdp",
                &[("w_max", "60 pA"), ("A_plus", "0.05"), ("A_minus", "0.05")],
            ),
            rule("tsodyks_markram", &[]),
        ],
        ..Plasticity::default()
    };
    let mut inhibiting = projection("inhibiting", ("right", "right"), probability(0.01), "-20 pA", "0.5 ms");
    inhibiting.plasticity.rules = vec![rule("triplet_stdp", &[("w_max", "40 pA")])];
    let noise = |population: &str| SpikeSource {
        name: format!("noise_{population}"),
        population: population.to_owned(),
        receptor: "synapse".to_owned(),
        weight: quantity("120 pA"),
        spikes: SourceSpikes::Poisson {
            cells: CellSet::All,
            rate: Rate::Constant(quantity("800 Hz")),
            start: None,
            stop: None,
        },
    };
    Network {
        populations: vec![population("left"), population("right")],
        projections: vec![spread, equal, learning, inhibiting],
        spike_sources: vec![noise("left"), noise("right")],
        ..Network::default()
    }
}

/// Some hundred changes of each projection, drawn from what is there; `shuffled` gives them in another order.
fn changes(simulation: &mut Simulation, round: u64, shuffled: bool) -> Rewiring {
    let mut rewiring = Rewiring::default();
    for n in 0..4u32 {
        let stream = Stream::new(round, n, Purpose::Connect);
        let mut index = 0..;
        let mut below = |n: u64| stream.below(index.next().unwrap(), n) as u32;
        let there = connections(simulation, n);
        let pair = |c: &PlannedConnection| (c.source, c.target);
        for _ in 0..300 {
            let place = below(there.len() as u64) as usize;
            let before = there[..place].iter().rev();
            let number = before.take_while(|c| pair(c) == pair(&there[place])).count();
            let deletion = Deletion {
                projection: ProjectionId(n),
                source: there[place].source,
                target: there[place].target,
                number: number as u32,
            };
            if !rewiring.deletions.contains(&deletion) {
                rewiring.deletions.push(deletion);
            }
        }
        let sign = if n % 2 == 0 { 1.0 } else { -1.0 };
        for _ in 0..300 {
            rewiring.insertions.push(Insertion {
                projection: ProjectionId(n),
                // Few sources, so that several are born in one row.
                source: 100 * below(14),
                target: below(u64::from(CELLS)),
                weight: sign * f64::from(1 + below(39)),
                delay_ms: f64::from(5 + below(30)) / 10.0,
            });
        }
    }
    if shuffled {
        rewiring.deletions.reverse();
        rewiring.insertions.reverse();
        rewiring.insertions.rotate_left(77);
    }
    rewiring
}

struct Found {
    spikes: u64,
    hash: String,
    weights: String,
    bytes: u64,
    log: Vec<SynapseChange>,
}

/// Three batches, at 20, 40 and 60 ms of 80; with `cuts` the run stops in between, too.
fn run(settings: &Settings, cuts: bool, shuffled: bool) -> Found {
    let mut simulation = started(&network(), settings);
    for round in 0..4 {
        let pieces: &[f64] = if cuts { &[0.1, 7.3, 12.5, 0.1] } else { &[20.0] };
        for &piece in pieces {
            simulation.run_for(piece, &mut ()).unwrap();
        }
        if round < 3 {
            let rewiring = changes(&mut simulation, round, shuffled);
            simulation.rewire(&rewiring).unwrap();
        }
    }
    Found {
        spikes: simulation.recording().populations.iter().map(|p| p.spikes).sum(),
        hash: simulation.recording().spike_hash.clone(),
        weights: simulation.weight_hash().unwrap(),
        bytes: simulation.plan().n_synapses(),
        log: simulation.take_synapse_changes(),
    }
}

fn assert_same(found: &Found, reference: &Found, what: &str) {
    assert_eq!(found.hash, reference.hash, "{what}");
    assert_eq!(found.weights, reference.weights, "{what}");
    assert_eq!(found.bytes, reference.bytes, "{what}");
    assert!(found.log == reference.log, "{what}: another log");
}

#[test]
fn rewired_runs_do_not_depend_on_threads_executors_widths_cuts_or_orders() {
    let reference = run(&settings(), false, false);
    assert!(reference.spikes > 1000, "{} spikes", reference.spikes);
    for threads in [2, 3, 5] {
        let found = run(&Settings { threads, ..settings() }, false, false);
        assert_same(&found, &reference, &format!("{threads} threads"));
    }
    let executor = Executor::Interpreter;
    let found = run(&Settings { executor, ..settings() }, false, false);
    assert_same(&found, &reference, "interpreter");
    for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
        let found = run(&Settings { simd, ..settings() }, false, false);
        assert_same(&found, &reference, &simd.to_string());
    }
    let threads = 3;
    let found = run(&Settings { threads, ..settings() }, true, true);
    assert_same(&found, &reference, "cut and in another order");
    // It does depend on what is rewired.
    let mut still = started(&network(), &settings());
    still.run_for(80.0, &mut ()).unwrap();
    assert_ne!(still.recording().spike_hash, reference.hash);
}

#[test]
fn less_precise_runs_do_not_depend_on_threads_either() {
    for precision in [Precision::Single, Precision::Compact] {
        let of = |threads| Settings {
            precision,
            threads,
            ..settings()
        };
        let reference = run(&of(1), false, false);
        for threads in [2, 3] {
            let found = run(&of(threads), true, true);
            assert_same(&found, &reference, &format!("{precision:?}, {threads} threads"));
        }
    }
}

/// Every change in order: time, deaths before births, projection, source, target, delay; and nothing else.
#[test]
fn the_log_tells_what_came_and_went() {
    let mut simulation = started(&network(), &settings());
    let before: Vec<_> = (0..4).map(|n| connections(&mut simulation, n)).collect();
    let mut expected = Vec::new();
    for round in 0..2 {
        simulation.run_for(1.7, &mut ()).unwrap();
        let rewiring = changes(&mut simulation, round, false);
        let done = simulation.rewire(&rewiring).unwrap();
        assert_eq!((done.born, done.died), (1200, rewiring.deletions.len() as u64));
        expected.push((17 * (round + 1), rewiring));
    }
    let log = simulation.synapse_changes().to_vec();
    assert!(log.is_sorted());
    for (step, rewiring) in &expected {
        let of_step = || log.iter().filter(|change| change.step.0 == *step);
        assert_eq!(
            of_step().filter(|change| change.born).count(),
            rewiring.insertions.len()
        );
        assert_eq!(
            of_step().filter(|change| !change.born).count(),
            rewiring.deletions.len()
        );
        for insertion in &rewiring.insertions {
            let delay = (insertion.delay_ms * 10.0).round() as u32;
            let born = |c: &SynapseChange| {
                c.born
                    && (c.projection, c.source, c.target, c.delay)
                        == (insertion.projection, insertion.source, insertion.target, delay)
            };
            assert!(of_step().any(born), "{insertion:?}");
        }
    }
    // What was there, with the changes applied, is what is there.
    for (n, before) in (0u32..).zip(before) {
        let mut there: Vec<(u32, u32, u32)> = before.iter().map(|c| (c.source, c.target, c.delay)).collect();
        for change in log.iter().filter(|change| change.projection.0 == n) {
            let of = (change.source, change.target, change.delay);
            if change.born {
                there.push(of);
            } else {
                let place = there.iter().position(|other| *other == of).unwrap();
                there.swap_remove(place);
            }
        }
        there.sort_unstable();
        let now = connections(&mut simulation, n);
        let mut now: Vec<_> = now.iter().map(|c| (c.source, c.target, c.delay)).collect();
        now.sort_unstable();
        assert_eq!(there, now);
    }
    assert_eq!(simulation.take_synapse_changes(), log);
    assert!(simulation.synapse_changes().is_empty());
}
