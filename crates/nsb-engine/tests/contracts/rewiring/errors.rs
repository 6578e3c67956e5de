//! What cannot be rewired is refused with place, reason and way out, and nothing has changed then.

use nsb_engine::{
    CellSet, Connector, Deletion, GapJunctions, Insertion, Monitor, Network, Plasticity, Projection, ProjectionId,
    RewireError, Rewiring, Simulation,
};

use super::{connections, rule, started};
use crate::models::{connection, lif, projection, quantity, settings};

const STATIC: u32 = 0;
const LEARNING: u32 = 1;
const INHIBITING: u32 = 2;
const WATCHED: u32 = 3;

fn network() -> Network {
    let list = || Connector::ExplicitList(vec![connection(0, 0), connection(0, 0), connection(1, 2)]);
    let plastic = |projection: Projection| Projection {
        plasticity: Plasticity {
            rules: vec![rule("pair_stdp", &[("w_max", "20 pA")])],
            dendritic_delay: Some(quantity("0.8 ms")),
            ..Plasticity::default()
        },
        ..projection
    };
    let mut fixed = projection("static", ("before", "after"), list(), "1 pA", "0.5 ms");
    fixed.source_cells = CellSet::Range(0, 3);
    Network {
        populations: vec![lif("before", 4), lif("after", 3)],
        projections: vec![
            fixed,
            plastic(projection("learning", ("before", "after"), list(), "1 pA", "1 ms")),
            plastic(projection("inhibiting", ("before", "after"), list(), "-1 pA", "1 ms")),
            plastic(projection("watched", ("before", "after"), list(), "1 pA", "1 ms")),
        ],
        monitors: vec![Monitor::Weights {
            name: "weights".to_owned(),
            projection: "watched".to_owned(),
            interval: Some(quantity("10 ms")),
        }],
        ..Network::default()
    }
}

fn insertion(projection: u32) -> Insertion {
    Insertion {
        projection: ProjectionId(projection),
        source: 2,
        target: 1,
        weight: 1.0,
        delay_ms: 1.0,
    }
}

fn deletion(projection: u32) -> Deletion {
    Deletion {
        projection: ProjectionId(projection),
        source: 0,
        target: 0,
        number: 0,
    }
}

fn inserting(insertion: Insertion) -> Rewiring {
    Rewiring {
        insertions: vec![insertion],
        ..Rewiring::default()
    }
}

fn deleting(deletions: &[Deletion]) -> Rewiring {
    Rewiring {
        deletions: deletions.to_vec(),
        ..Rewiring::default()
    }
}

/// Refuses the batch, together with entries that are in order, and gives the text and the hint.
fn refused(simulation: &mut Simulation, mut rewiring: Rewiring) -> (String, String) {
    rewiring.insertions.push(Insertion {
        target: 0,
        ..insertion(STATIC)
    });
    rewiring.deletions.push(Deletion {
        source: 1,
        target: 2,
        ..deletion(STATIC)
    });
    let before: Vec<_> = (0..4).map(|n| connections(simulation, n)).collect();
    let error = simulation.rewire(&rewiring).unwrap_err();
    let after: Vec<_> = (0..4).map(|n| connections(simulation, n)).collect();
    assert_eq!(before, after);
    assert!(simulation.synapse_changes().is_empty());
    (error.to_string(), error.hint())
}

#[test]
fn each_mistake_has_a_place_a_reason_and_a_way_out() {
    let mut simulation = started(&network(), &settings());
    simulation.run_for(3.0, &mut ()).unwrap();
    let base = insertion(STATIC);
    let with = |weight: f64, projection: u32| Insertion {
        weight,
        ..insertion(projection)
    };
    let after = |delay_ms: f64, projection: u32| Insertion {
        delay_ms,
        ..insertion(projection)
    };
    let number = |number: u32, projection: u32| Deletion {
        number,
        ..deletion(projection)
    };
    let cases = [
        (
            inserting(insertion(4)),
            "insertions[0].projection: there is no projection 4; the network has 4",
            "from 0 to 3",
        ),
        (
            deleting(&[deletion(9)]),
            "deletions[0].projection: there is no projection 9",
            "from 0 to 3",
        ),
        (
            inserting(Insertion { source: 4, ..base }),
            "insertions[0].source: there is no cell 4 in `before`, which has 4",
            "from 0 to 3",
        ),
        (
            inserting(Insertion { target: 3, ..base }),
            "insertions[0].target: there is no cell 3 in `after`, which has 3",
            "from 0 to 2",
        ),
        (
            inserting(Insertion { source: 3, ..base }),
            "insertions[0].source: cell 3 of `before` is not one of those that `static` connects",
            "source_cells",
        ),
        (
            deleting(&[deletion(STATIC), number(2, STATIC)]),
            "deletions[1]: there is no synapse number 2 from cell 0 to cell 0 in `static`; the pair has 2",
            "counted from 0",
        ),
        (
            deleting(&[number(5, LEARNING)]),
            "deletions[0]: there is no synapse number 5 from cell 0 to cell 0 in `learning`; the pair has 2",
            "counted from 0",
        ),
        (
            deleting(&[number(1, LEARNING), number(1, LEARNING)]),
            "deletions[1]: this synapse is deleted by another entry, too",
            "`number`",
        ),
        (
            inserting(with(f64::NAN, STATIC)),
            "insertions[0].weight: the weight NaN",
            "finite",
        ),
        (
            inserting(with(1e39, LEARNING)),
            "insertions[0].weight: the weight 1",
            "finite",
        ),
        (
            inserting(with(21.0, LEARNING)),
            "the weight 21 pA lies outside the bounds of the rules of `learning`, 0 pA to 20 pA",
            "other bounds",
        ),
        (
            inserting(with(-1.0, LEARNING)),
            "the weight -1 has the wrong sign: all synapses of `learning` excite",
            "two projections",
        ),
        (
            inserting(with(1.0, INHIBITING)),
            "the weight 1 has the wrong sign: all synapses of `inhibiting` inhibit",
            "two projections",
        ),
        (
            inserting(with(-1.0, STATIC)),
            "the weight -1 has the wrong sign: all synapses of `static` excite",
            "two projections",
        ),
        (
            inserting(after(1.04, STATIC)),
            "insertions[0].delay_ms: the delay 1.04 ms is no whole number of steps of 0.1 ms",
            "the nearest is 1 ms",
        ),
        (
            inserting(after(f64::NAN, STATIC)),
            "insertions[0].delay_ms: the delay NaN ms",
            "",
        ),
        (
            inserting(after(f64::INFINITY, STATIC)),
            "insertions[0].delay_ms: the delay inf ms",
            "",
        ),
        (
            inserting(after(0.4, STATIC)),
            "insertions[0].delay_ms: the delay 0.4 ms is shorter than 0.5 ms",
            "from the beginning",
        ),
        (
            inserting(after(-1.0, STATIC)),
            "the delay -1 ms is shorter than 0.5 ms",
            "longer",
        ),
        (inserting(after(3e8, STATIC)), "longer than 2^31 steps", "shorter"),
        (
            inserting(after(0.7, LEARNING)),
            "the delay 0.7 ms is shorter than the dendritic delay of `learning`, 0.8 ms",
            "a part of it",
        ),
        (
            inserting(insertion(WATCHED)),
            "insertions[0]: the monitor `weights` takes snapshots of the weights of `watched`",
            "interval",
        ),
    ];
    for (rewiring, reason, way_out) in cases {
        let (text, hint) = refused(&mut simulation, rewiring);
        assert!(text.contains(reason), "{text}\nexpected {reason}");
        assert!(hint.contains(way_out), "{text}\n{hint}");
    }
    assert_eq!(simulation.plan().shortest_new_delay_ms(), 0.5);
    simulation.rewire(&inserting(after(0.5, STATIC))).unwrap();
    simulation.run_for(3.0, &mut ()).unwrap();
}

/// An excitatory projection that has lost all of its synapses excites all the same; one that never had any is free.
#[test]
fn signs_are_those_that_a_projection_has_had() {
    let mut network = network();
    network.projections.truncate(3);
    network.monitors.clear();
    for projection in &mut network.projections[1..] {
        projection.connector = Connector::ExplicitList(Vec::new());
    }
    let mut simulation = started(&network, &settings());
    let all = [(0, 0, 0), (0, 0, 1), (1, 2, 0)].map(|(source, target, number)| Deletion {
        projection: ProjectionId(STATIC),
        source,
        target,
        number,
    });
    // What the projection was before anything changed is remembered, though nothing of it is left.
    simulation.rewire(&deleting(&all)).unwrap();
    let weight = |weight: f64, projection: u32| Insertion {
        weight,
        ..insertion(projection)
    };
    let sign = |error: RewireError| assert!(matches!(error, RewireError::Sign { .. }), "{error}");
    sign(simulation.rewire(&inserting(weight(-1.0, STATIC))).unwrap_err());
    // Said to be excitatory, but without synapses: the first decides.
    let both = Rewiring {
        insertions: vec![weight(-2.0, LEARNING), weight(1.0, LEARNING)],
        ..Rewiring::default()
    };
    sign(simulation.rewire(&both).unwrap_err());
    simulation.rewire(&inserting(weight(-2.0, LEARNING))).unwrap();
    sign(simulation.rewire(&inserting(weight(1.0, LEARNING))).unwrap_err());
    assert_eq!(connections(&mut simulation, LEARNING)[0].weight, -2.0);
}

/// Gap junctions make epochs one step long, so any delay will do.
#[test]
fn with_gap_junctions_delays_of_one_step_may_come() {
    let mut network = network();
    network.projections.truncate(1);
    network.monitors.clear();
    network.gap_junctions.push(GapJunctions {
        name: "gaps".to_owned(),
        source: "after".to_owned(),
        source_cells: CellSet::All,
        target: "after".to_owned(),
        target_cells: CellSet::All,
        connector: Connector::ExplicitList(vec![connection(0, 1)]),
        conductance: Some(quantity("1 nS").into()),
    });
    let mut simulation = started(&network, &settings());
    let short = Insertion {
        delay_ms: 0.1,
        ..insertion(STATIC)
    };
    simulation.rewire(&inserting(short)).unwrap();
    simulation.run_for(1.0, &mut ()).unwrap();
    assert_eq!(simulation.plan().projections()[0].delays(), [1, 5]);
}
