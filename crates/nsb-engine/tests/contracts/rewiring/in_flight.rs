//! A synapse delivers a spike if it exists when the spike is fired and when it arrives.

use nsb_engine::{
    CellSet, Connector, Deletion, Insertion, Learning, Monitor, Network, Plasticity, Precision, ProjectionId, Rewiring,
    Settings,
};
use nsb_lang::math;
use proptest::prelude::*;

use super::{List, Synapse, Wish, batch, connections, puppets, rule, started, strings, threads};
use crate::models::{connection, lif, projection, quantity, settings, watch};

const STEPS: u64 = 160;
/// Some cells of three domains' worth; of the sources, some of two chunks.
const SOURCES: [u32; 5] = [0, 1, 1023, 1024, 1299];
const TARGETS: [u32; 6] = [0, 1, 511, 512, 700, 1499];
const OTHERS: [u32; 3] = [0, 3, 39];

/// What synapses are like at the beginning.
#[derive(Debug, Clone, Copy)]
struct Kind {
    /// All weights are 1 pA, and said once.
    uniform: bool,
    /// They have a rule, which never learns; so all weights have one sign and lie within bounds.
    plastic: bool,
}

/// Two projections from the same cells: where they are static, they lie in the same chunks.
fn network(lists: &[List], fired: &[(u32, u64)], kind: Kind) -> Network {
    let mut projections = Vec::new();
    for (name, target, list) in [("forward", "targets", &lists[0]), ("aside", "others", &lists[1])] {
        let mut explicit = list.explicit();
        if kind.uniform {
            explicit.iter_mut().for_each(|connection| connection.weight = None);
        }
        let ends = ("sources", target);
        let mut projection = projection(name, ends, Connector::ExplicitList(explicit), "1 pA", "1 ms");
        if !kind.uniform {
            projection.weight = None;
        }
        if kind.plastic {
            projection.plasticity = Plasticity {
                rules: vec![rule("pair_stdp", &[("w_max", "2 pA")])],
                learning: Learning::During(Vec::new()),
                ..Plasticity::default()
            };
        }
        projections.push(projection);
    }
    let watch = |name: &str, cells: &[u32]| Monitor::Variables {
        name: format!("of_{name}"),
        population: name.to_owned(),
        variables: vec!["synapse.I_syn".to_owned()],
        cells: CellSet::List(cells.iter().map(|&cell| cell as usize).collect()),
        interval: Some(quantity("0.1 ms")),
    };
    Network {
        populations: vec![puppets("sources", 1300), lif("targets", 1500), lif("others", 40)],
        projections,
        spike_sources: vec![strings("sources", fired)],
        monitors: vec![watch("targets", &TARGETS), watch("others", &OTHERS)],
        ..Network::default()
    }
}

/// The current of a cell at all grid points: what arrives at one is added there, and decays from then on.
fn expected(list: &List, fired: &[(u32, u64)], target: u32) -> Vec<f64> {
    let mut arriving = vec![0.0; STEPS as usize + 100];
    for &(source, at) in fired {
        for synapse in &list.synapses {
            if (synapse.source, synapse.target) == (source, target) && synapse.delivers(at) {
                arriving[(at + u64::from(synapse.delay)) as usize] += synapse.weight;
            }
        }
    }
    let decay = math::exp(-0.1 / 5.0);
    let mut currents = vec![0.0];
    for step in 0..STEPS as usize {
        currents.push((currents[step] + arriving[step]) * decay);
    }
    currents
}

fn assert_currents(recording: &nsb_engine::Recording, lists: &[List], fired: &[(u32, u64)]) {
    for ((variables, list), cells) in recording.variables.iter().zip(lists).zip([&TARGETS[..], &OTHERS]) {
        for (column, &cell) in cells.iter().enumerate() {
            let values = variables.series[0].values.iter().skip(column).step_by(cells.len());
            let expected = expected(list, fired, cell);
            assert_eq!(values.len(), expected.len());
            for (step, (&found, &expected)) in values.zip(&expected).enumerate() {
                // Sums of a few numbers of size 1 to 10.
                assert!(
                    (found - expected).abs() < 1e-11,
                    "{} cell {cell} at grid point {step}: {found}, expected {expected}",
                    variables.population
                );
            }
        }
    }
}

fn wish() -> impl Strategy<Value = Wish> {
    (
        any::<bool>(),
        0..2usize,
        0..5usize,
        0..6usize,
        1..9u32,
        -8..9i32,
        0..1000usize,
    )
        .prop_map(|(deletes, projection, source, target, delay, quarters, which)| Wish {
            deletes,
            projection,
            source,
            target,
            delay,
            quarters,
            which,
        })
}

fn beginning() -> impl Strategy<Value = Vec<Wish>> {
    prop::collection::vec(wish(), 0..25)
}

fn batches() -> impl Strategy<Value = Vec<(u64, Vec<Wish>)>> {
    prop::collection::btree_map(0..STEPS - 40, prop::collection::vec(wish(), 1..12), 1..6)
        .prop_map(|batches| batches.into_iter().collect())
}

/// The lists at the beginning. Weights of both signs are there where both may come, and a delay of one step.
fn lists(wishes: &[Wish], kind: Kind) -> Vec<List> {
    let mut lists = vec![List::default(), List::default()];
    for (n, list) in lists.iter_mut().enumerate() {
        let cells = [&TARGETS[..], &OTHERS][n];
        for wish in wishes.iter().filter(|wish| wish.projection == n) {
            list.synapses.push(Synapse {
                source: SOURCES[wish.source],
                target: cells[wish.target % cells.len()],
                delay: wish.delay,
                weight: if kind.uniform {
                    1.0
                } else {
                    f64::from(wish.quarters) / 4.0
                },
                born: None,
                died: None,
            });
        }
        // A delay of one step, so that any may come.
        let signs: &[f64] = if kind.uniform || kind.plastic {
            &[1.0]
        } else {
            &[-0.25, 0.25]
        };
        for &weight in signs {
            list.synapses.push(Synapse {
                source: 2,
                target: 0,
                delay: 1,
                weight,
                born: None,
                died: None,
            });
        }
    }
    lists
}

/// When cells fire: every 31 steps, each with a phase of its own.
fn trains(phases: &[u64]) -> Vec<(u32, u64)> {
    let train = |(&cell, &phase): (&u32, &u64)| {
        let steps = (phase..STEPS - 5).step_by(31);
        steps.map(move |at| (cell, at)).collect::<Vec<_>>()
    };
    SOURCES.iter().zip(phases).flat_map(train).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// A network that has been rewired at the beginning is the network whose list is the result: the same rows, as much
    /// memory, the same bits from then on.
    #[test]
    fn rewiring_makes_the_network_that_would_be_built(
        start in beginning(),
        batches in prop::collection::vec(prop::collection::vec(wish(), 1..20), 1..4),
        phases in prop::collection::vec(1..31u64, 5),
        (uniform, plastic) in any::<(bool, bool)>(),
        precision in prop::sample::select(vec![Precision::Double, Precision::Single, Precision::Compact]),
        n_threads in 1..4usize,
    ) {
        let kind = Kind { uniform, plastic };
        let fit = |wishes: &[Wish]| {
            let mut wishes = wishes.to_vec();
            for wish in &mut wishes {
                // The first weight decides whether a projection excites; another sign is refused.
                wish.quarters = if uniform { 4 } else { wish.quarters.abs() };
            }
            wishes
        };
        let settings = Settings { precision, ..threads(n_threads) };
        let (mut lists, fired) = (lists(&fit(&start), kind), trains(&phases));
        let mut rewired = started(&network(&lists, &fired, kind), &settings);
        for wishes in batches {
            let ends = [(&SOURCES[..], &TARGETS[..]), (&SOURCES[..], &OTHERS[..])];
            let rewiring = batch(&fit(&wishes), &lists, &ends);
            rewired.rewire(&rewiring).unwrap();
            (0u32..).zip(&mut lists).for_each(|(n, list)| list.apply(ProjectionId(n), &rewiring, 0, 0.1));
        }
        let mut built = started(&network(&lists, &fired, kind), &settings);
        prop_assert_eq!(rewired.plan().synapse_bytes(), built.plan().synapse_bytes());
        prop_assert_eq!(rewired.plan().n_synapses(), built.plan().n_synapses());
        for n in 0..2 {
            prop_assert_eq!(connections(&mut rewired, n), connections(&mut built, n));
        }
        for simulation in [&mut rewired, &mut built] {
            simulation.run_for(STEPS as f64 * 0.1, &mut ()).unwrap();
        }
        prop_assert_eq!(rewired.recording(), built.recording());
    }

    /// Random batches at random times, spikes under way at all of them.
    #[test]
    fn what_arrives_is_what_the_list_of_synapses_says(
        start in beginning(),
        batches in batches(),
        phases in prop::collection::vec(1..31u64, 5),
        (uniform, plastic) in any::<(bool, bool)>(),
        n_threads in 1..4usize,
    ) {
        let kind = Kind { uniform, plastic };
        // The first weight decides whether a projection excites; another sign is refused.
        let excite = |wishes: &[Wish]| {
            let mut wishes = wishes.to_vec();
            wishes.iter_mut().for_each(|wish| wish.quarters = wish.quarters.abs());
            wishes
        };
        let mut lists = lists(&excite(&start), kind);
        let fired = trains(&phases);
        let mut simulation = started(&network(&lists, &fired, kind), &threads(n_threads));
        let mut now = 0;
        for (at, wishes) in batches {
            simulation.run_for((at - now) as f64 * 0.1, &mut ()).unwrap();
            now = at;
            let ends = [(&SOURCES[..], &TARGETS[..]), (&SOURCES[..], &OTHERS[..])];
            let rewiring = batch(&excite(&wishes), &lists, &ends);
            let done = simulation.rewire(&rewiring).unwrap();
            prop_assert_eq!(done.born as usize, rewiring.insertions.len());
            prop_assert_eq!(done.died as usize, rewiring.deletions.len());
            for (n, list) in (0u32..).zip(&mut lists) {
                list.apply(ProjectionId(n), &rewiring, at, 0.1);
                prop_assert_eq!(connections(&mut simulation, n), list.connections());
                let planned = &simulation.plan().projections()[n as usize];
                prop_assert_eq!(planned.n_synapses() as usize, list.connections().len());
            }
        }
        simulation.run_for((STEPS - now) as f64 * 0.1, &mut ()).unwrap();
        assert_currents(simulation.recording(), &lists, &fired);
    }
}

/// One row with a spike under way: a synapse in its middle dies, one stays, others are born on both sides.
#[test]
fn a_spike_under_way_reaches_what_was_there_and_still_is() {
    let list = [(0, 0), (0, 2), (0, 4)].map(|(source, target)| connection(source, target));
    let network = Network {
        populations: vec![puppets("sources", 1), lif("targets", 5)],
        projections: vec![projection(
            "p",
            ("sources", "targets"),
            Connector::ExplicitList(list.to_vec()),
            "3 pA",
            "2 ms",
        )],
        // Fired at grid point 10, 20 steps under way; and again at 50.
        spike_sources: vec![strings("sources", &[(0, 10), (0, 50)])],
        monitors: vec![watch("current", "targets", &["synapse.I_syn"])],
        ..Network::default()
    };
    let insertion = |target, weight| Insertion {
        projection: ProjectionId(0),
        source: 0,
        target,
        weight,
        delay_ms: 2.0,
    };
    let rewiring = Rewiring {
        deletions: vec![Deletion {
            projection: ProjectionId(0),
            source: 0,
            target: 2,
            number: 0,
        }],
        insertions: vec![insertion(1, 3.0), insertion(3, 5.0), insertion(4, 7.0)],
    };
    // In the step in which it is fired, while it is under way, and at the grid point at which it arrives.
    for rewired_at in [10u64, 17, 30] {
        let mut simulation = started(&network, &settings());
        simulation.run_for(rewired_at as f64 * 0.1, &mut ()).unwrap();
        simulation.rewire(&rewiring).unwrap();
        simulation.run_for(10.0 - rewired_at as f64 * 0.1, &mut ()).unwrap();
        let values = &simulation.recording().variables[0].series[0].values;
        let at = |step: usize| &values[5 * step..][..5];
        assert_eq!(at(30), [0.0; 5]);
        let decay = math::exp(-0.1 / 5.0);
        assert_eq!(
            at(31),
            [3.0 * decay, 0.0, 0.0, 0.0, 3.0 * decay],
            "rewired at {rewired_at}"
        );
        // The second spike finds all that are there now.
        let left: Vec<f64> = at(70).to_vec();
        let grown: Vec<f64> = at(71).iter().zip(left).map(|(now, left)| now / decay - left).collect();
        for (found, expected) in grown.iter().zip([3.0, 3.0, 0.0, 5.0, 10.0]) {
            assert!((found - expected).abs() < 1e-12, "{grown:?}");
        }
    }
    // A step earlier the spike was not fired yet, a step later it has arrived.
    for (rewired_at, first) in [(9u64, [3.0, 3.0, 0.0, 5.0, 10.0]), (31, [3.0, 0.0, 3.0, 0.0, 3.0])] {
        let mut simulation = started(&network, &settings());
        simulation.run_for(rewired_at as f64 * 0.1, &mut ()).unwrap();
        simulation.rewire(&rewiring).unwrap();
        simulation.run_for(4.0, &mut ()).unwrap();
        let values = &simulation.recording().variables[0].series[0].values;
        let decay = math::exp(-0.1 / 5.0);
        let expected = first.map(|weight: f64| weight * decay);
        for (found, expected) in values[5 * 31..][..5].iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "rewired at {rewired_at}: {values:?}");
        }
    }
}

/// Delays longer than any at the beginning, beyond what calendars hold in their ring.
#[test]
fn newborn_synapses_may_have_the_longest_delays() {
    let network = Network {
        populations: vec![puppets("sources", 1), lif("targets", 2)],
        projections: vec![projection(
            "p",
            ("sources", "targets"),
            Connector::ExplicitList(vec![connection(0, 0)]),
            "3 pA",
            "0.3 ms",
        )],
        spike_sources: vec![strings("sources", &[(0, 40), (0, 100)])],
        monitors: vec![watch("current", "targets", &["synapse.I_syn"])],
        ..Network::default()
    };
    let mut simulation = started(&network, &Settings { ..settings() });
    simulation.run_for(5.0, &mut ()).unwrap();
    let born = |delay_ms| Insertion {
        projection: ProjectionId(0),
        source: 0,
        target: 1,
        weight: 3.0,
        delay_ms,
    };
    let rewiring = Rewiring {
        insertions: vec![born(700.0), born(0.4)],
        ..Rewiring::default()
    };
    simulation.rewire(&rewiring).unwrap();
    simulation.run_for(300.0, &mut ()).unwrap();
    // What is far away is brought along by a batch that has nothing to do with it.
    let other = Rewiring {
        insertions: vec![Insertion { target: 0, ..born(0.5) }],
        ..Rewiring::default()
    };
    simulation.rewire(&other).unwrap();
    simulation.run_for(410.0, &mut ()).unwrap();
    let values = &simulation.recording().variables[0].series[0].values;
    let of_1 = |step: usize| values[2 * step + 1];
    let decay = math::exp(-0.1 / 5.0);
    assert_eq!((of_1(104), of_1(105)), (0.0, 3.0 * decay));
    assert!(of_1(7100) < 1e-50);
    assert!((of_1(7101) - 3.0 * decay).abs() < 1e-12);
}
