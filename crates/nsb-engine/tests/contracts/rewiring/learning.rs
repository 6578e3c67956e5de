//! Plastic synapses that come and go: survivors keep weights and variables, newborn ones begin as their rule says and
//! share the variables of their row and of their target cell. Against the definition of the rule, spike by spike.

use nsb_engine::random::{Purpose, Stream};
use nsb_engine::{Connector, Insertion, Network, Plasticity, ProjectionId, Rewiring};
use nsb_lang::math;

use super::{List, Synapse, Wish, batch, connections, puppets, rule, started, strings, threads};
use crate::models::{model, projection, quantity, settings, watch};
use nsb_engine::{Deletion, SynapseRule};

const STEPS: u64 = 3000;
const W_MAX: f64 = 2.0;
const BEFORE: usize = 6;
/// In three domains' worth of cells.
const AFTER: [u32; 7] = [0, 1, 2, 511, 700, 1000, 1499];

/// Spikes of some cells at random grid points, at least 30 apart.
fn trains(cells: &[u32], seed: u64) -> Vec<(u32, u64)> {
    let stream = Stream::new(seed, 0, Purpose::Parameter);
    let mut index = 0..;
    let mut all = Vec::new();
    for &cell in cells {
        let mut at = 1 + stream.below(index.next().unwrap(), 200);
        while at < STEPS - 10 {
            all.push((cell, at));
            at += 30 + stream.below(index.next().unwrap(), 300);
        }
    }
    all
}

/// The synapses of a row, at each time: from when until when, and again.
fn lives_of_row(list: &List, source: u32, delay: u32) -> Vec<(Option<u64>, Option<u64>)> {
    let of_row = |synapse: &&Synapse| (synapse.source, synapse.delay) == (source, delay);
    let mut lives: Vec<_> = list.synapses.iter().filter(of_row).map(|s| (s.born, s.died)).collect();
    lives.sort_unstable();
    let mut rows: Vec<(Option<u64>, Option<u64>)> = Vec::new();
    for (born, died) in lives {
        match rows.last_mut() {
            // One that dies as another is born leaves it what it has.
            Some(last) if last.1.is_none() || born.is_none() || last.1 >= born => {
                last.1 = last.1.zip(died).map(|(a, b)| a.max(b));
            }
            _ => rows.push((born, died)),
        }
    }
    rows
}

/// The weight of a synapse at the end, or when it died.
fn expected(list: &List, synapse: &Synapse, before: &[(u32, u64)], after: &[(u32, u64)]) -> f64 {
    let (plus, minus, tau) = (0.05, 0.06, 20.0);
    let delay = u64::from(synapse.delay);
    let fired = |trains: &[(u32, u64)], cell: u32| -> Vec<u64> {
        trains.iter().filter(|(c, _)| *c == cell).map(|&(_, at)| at).collect()
    };
    let trace = |spikes: &[u64], at: u64| -> f64 {
        let earlier = spikes.iter().filter(|&&spike| spike < at);
        earlier
            .map(|&spike| math::exp(-((at - spike) as f64) * 0.1 / tau))
            .sum()
    };
    let rows = lives_of_row(list, synapse.source, synapse.delay);
    let row = rows.into_iter().find(|(born, died)| {
        *born <= synapse.born && died.is_none_or(|died| synapse.died.is_some_and(|own| own <= died))
    });
    let (row_born, row_died) = row.unwrap();
    let of_row: Vec<u64> = fired(before, synapse.source)
        .into_iter()
        .filter(|&at| row_born.is_none_or(|born| at > born) && row_died.is_none_or(|died| at + delay < died))
        .map(|at| at + delay)
        .collect();
    let pre: Vec<u64> = fired(before, synapse.source)
        .into_iter()
        .filter(|&at| synapse.delivers(at))
        .map(|at| at + delay)
        .collect();
    let post = fired(after, synapse.target);
    let lives =
        |at: u64| at < STEPS && synapse.born.is_none_or(|born| at >= born) && synapse.died.is_none_or(|died| at < died);
    let mut events: Vec<u64> = pre.iter().chain(&post).copied().filter(|&at| lives(at)).collect();
    events.sort_unstable();
    events.dedup();
    let mut weight = synapse.weight;
    for at in events {
        if pre.contains(&at) {
            weight = (weight - minus * W_MAX * trace(&post, at)).clamp(0.0, W_MAX);
        }
        if post.contains(&at) {
            weight = (weight + plus * W_MAX * trace(&of_row, at)).clamp(0.0, W_MAX);
        }
    }
    weight
}

fn network(list: &List, before: &[(u32, u64)], after: &[(u32, u64)]) -> Network {
    let ends = ("before", "after");
    let explicit = Connector::ExplicitList(list.explicit());
    let mut learning = projection("learning", ends, explicit, "1 pA", "1 ms");
    let parameters = [("w_max", "2 pA"), ("A_plus", "0.05"), ("A_minus", "0.06")];
    learning.plasticity = Plasticity {
        rules: vec![rule("pair_stdp", &parameters)],
        ..Plasticity::default()
    };
    Network {
        populations: vec![puppets("before", BEFORE), puppets("after", 1500)],
        projections: vec![learning],
        spike_sources: vec![strings("before", before), strings("after", after)],
        ..Network::default()
    }
}

#[test]
fn weights_follow_the_rule_from_birth_on() {
    let sources: Vec<u32> = (0..BEFORE as u32).collect();
    let (before, after) = (trains(&sources, 3), trains(&AFTER, 4));
    for (seed, n_threads) in [(1u64, 1), (2, 3), (3, 2), (4, 3)] {
        let stream = Stream::new(seed, 7, Purpose::Connect);
        let mut index = 0..;
        let mut below = |n: u64| stream.below(index.next().unwrap(), n);
        let mut wish = |deletes: bool| Wish {
            deletes,
            projection: 0,
            source: below(BEFORE as u64) as usize,
            target: below(AFTER.len() as u64) as usize,
            // Few delays, so that newborn synapses meet rows that are there, and rows that were.
            delay: 5 + 20 * below(3) as u32,
            quarters: 1 + below(7) as i32,
            which: below(1000) as usize,
        };
        let mut list = List::default();
        let start: Vec<Wish> = (0..25).map(|_| wish(false)).collect();
        let ends = [(&sources[..], &AFTER[..])];
        let born = batch(&start, std::slice::from_ref(&list), &ends).insertions;
        list.synapses.extend(born.iter().map(|insertion| Synapse {
            source: insertion.source,
            target: insertion.target,
            delay: (insertion.delay_ms * 10.0).round() as u32,
            weight: insertion.weight,
            born: None,
            died: None,
        }));
        let mut simulation = started(&network(&list, &before, &after), &threads(n_threads));
        let (mut now, mut died) = (0, Vec::new());
        for at in [333u64, 334, 790, 1200, 1210, 1800, 2400] {
            simulation.run_for((at - now) as f64 * 0.1, &mut ()).unwrap();
            now = at;
            // Weights of those that are about to die.
            let weights = connections(&mut simulation, 0);
            let living = list.living();
            let wishes: Vec<Wish> = (0..18).map(|n| wish(n % 2 == 0)).collect();
            let rewiring = batch(&wishes, std::slice::from_ref(&list), &ends);
            simulation.rewire(&rewiring).unwrap();
            list.apply(ProjectionId(0), &rewiring, at, 0.1);
            for (n, connection) in living.into_iter().zip(weights) {
                if list.synapses[n].died == Some(at) {
                    died.push((n, connection.weight));
                }
            }
        }
        simulation.run_for((STEPS - now) as f64 * 0.1, &mut ()).unwrap();
        let found = connections(&mut simulation, 0);
        let living = list.living();
        assert_eq!(found.len(), living.len());
        let last = living.into_iter().zip(found.iter().map(|connection| connection.weight));
        let (mut moved, mut newborn) = (0, 0);
        for (n, weight) in last.chain(died) {
            let synapse = &list.synapses[n];
            let expected = expected(&list, synapse, &before, &after);
            assert!(
                (weight - expected).abs() < 1e-11,
                "seed {seed}, {synapse:?}: {weight}, expected {expected}"
            );
            moved += usize::from((weight - synapse.weight).abs() > 0.01);
            newborn += usize::from(synapse.born.is_some());
        }
        assert!(moved > 40 && newborn > 40, "{moved} moved, {newborn} newborn");
    }
}

/// A rule with a variable of its own for each synapse, which the weight follows: a newborn begins with its initial value,
/// a survivor keeps what it has.
#[test]
fn variables_of_synapses_live_as_long_as_they_do() {
    let counter = model(
        "synapse counter \"counts what it has seen\"
reference \"none\"

parameters:
    step_size = 1 weight \"how much a spike adds\"
    tau       = 50 ms    \"how fast it is forgotten\"

per synapse:
    dn/dt = -n / tau : 1 \"recent spikes\"

initial:
    n = 3

bounds: [0 weight, 1000 * step_size]

on pre:
    n += 1
    w = n * step_size
",
    );
    let mut counting = SynapseRule::new("counter", counter);
    counting.parameters.insert("step_size".to_owned(), quantity("1 pA"));
    let ends = ("before", "after");
    let mut network = Network {
        populations: vec![puppets("before", 1), puppets("after", 3)],
        projections: vec![projection(
            "p",
            ends,
            Connector::AllToAll { self_connections: true },
            "1 pA",
            "1 ms",
        )],
        // Arrive at 110, 210, 310.
        spike_sources: vec![strings("before", &[(0, 100), (0, 200), (0, 300)])],
        monitors: vec![watch("current", "after", &["synapse.I_syn"])],
        ..Network::default()
    };
    network.projections[0].plasticity.rules = vec![counting];
    let mut simulation = started(&network, &settings());
    simulation.run_for(15.0, &mut ()).unwrap();
    let rewiring = Rewiring {
        deletions: vec![Deletion {
            projection: ProjectionId(0),
            source: 0,
            target: 1,
            number: 0,
        }],
        insertions: vec![Insertion {
            projection: ProjectionId(0),
            source: 0,
            target: 1,
            weight: 7.0,
            delay_ms: 1.0,
        }],
    };
    simulation.rewire(&rewiring).unwrap();
    let weights = |simulation: &mut _| connections(simulation, 0).iter().map(|c| c.weight).collect::<Vec<_>>();
    let decay = |steps: f64| math::exp(-steps * 0.1 / 50.0);
    let first = 3.0 * decay(110.0) + 1.0;
    let close = |found: &[f64], expected: [f64; 3]| {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
        }
    };
    close(&weights(&mut simulation), [first, 7.0, first]);
    simulation.run_for(20.0, &mut ()).unwrap();
    let of_old = (first * decay(100.0) + 1.0) * decay(100.0) + 1.0;
    // Born at 150 with 3.
    let of_new = (3.0 * decay(60.0) + 1.0) * decay(100.0) + 1.0;
    close(&weights(&mut simulation), [of_old, of_new, of_old]);
}
