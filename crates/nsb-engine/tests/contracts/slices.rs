//! Projections and gap junctions between some cells of populations: the connector sees them as populations of their own.

use std::collections::BTreeMap;

use nsb_engine::{
    CellSet, Connection, Connector, GapJunctions, Network, PairFunction, PairPredicate, PairValue, Plan, PlanError,
    Projection,
};
use nsb_lang::Unit;

use crate::models::{connection, kick, lif, projection, quantity, run, settings, watch};

/// Who arrives where, measured: every source fires alone, the summed weights in the receptor of each target are read.
fn weights(projection: Projection, size: usize) -> BTreeMap<(usize, usize), f64> {
    let mut network = Network {
        populations: vec![lif("cells", size)],
        projections: vec![projection],
        monitors: vec![watch("current", "cells", &["synapse.I_syn"])],
        ..Network::default()
    };
    let mut found = BTreeMap::new();
    for source in 0..size {
        network.stimuli = vec![kick("kick", "cells", &[source], 5)];
        let recording = run(&network, &settings(), 2.0);
        let values = &recording.variables[0].series[0].values;
        // Fired at 0.6 ms and 1 ms later the jump is complete; no cell fires again within 2 ms.
        let last = &values[values.len() - size..];
        for (target, &current) in last.iter().enumerate().filter(|(_, current)| **current != 0.0) {
            found.insert((source, target), current);
        }
    }
    found
}

fn slices(mut projection: Projection, source: CellSet, target: CellSet) -> Projection {
    projection.source_cells = source;
    projection.target_cells = target;
    projection
}

fn recurrent(connector: Connector) -> Projection {
    projection("p", ("cells", "cells"), connector, "1 pA", "1 ms")
}

fn pairs_of(projection: Projection, size: usize) -> Vec<(usize, usize)> {
    weights(projection, size).into_keys().collect()
}

#[test]
fn all_to_all_connects_the_slices_and_nobody_else_and_no_cell_to_itself() {
    let all = Connector::AllToAll {
        self_connections: false,
    };
    let found = pairs_of(
        slices(recurrent(all), CellSet::Range(2, 5), CellSet::List(vec![8, 4, 0])),
        10,
    );
    let expected: Vec<_> = (2..5)
        .flat_map(|source| [0, 4, 8].map(|target| (source, target)))
        .filter(|(source, target)| source != target)
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn lists_functions_and_one_to_one_count_from_the_beginning_of_the_slice() {
    let sliced = |connector| slices(recurrent(connector), CellSet::Range(3, 6), CellSet::Range(6, 9));
    assert_eq!(pairs_of(sliced(Connector::OneToOne), 10), [(3, 6), (4, 7), (5, 8)]);
    let list = Connector::ExplicitList(vec![connection(0, 2), connection(2, 0)]);
    assert_eq!(pairs_of(sliced(list), 10), [(3, 8), (5, 6)]);
    let function = Connector::Function(PairPredicate::new(|source, target| source + target == 2));
    assert_eq!(pairs_of(sliced(function), 10), [(3, 8), (4, 7), (5, 6)]);
    let mut weighted = sliced(Connector::AllToAll { self_connections: true });
    let function = |source, target| (10 * source + target + 1) as f64;
    weighted.weight = Some(PairValue::Function(PairFunction::new(
        Unit::parse("pA").unwrap(),
        function,
    )));
    let found = weights(weighted, 10);
    assert_eq!(found.len(), 9);
    let one = found[&(3, 6)];
    for (&(source, target), weight) in &found {
        let expected = (10 * (source - 3) + (target - 6) + 1) as f64;
        assert!(
            (weight / one - expected).abs() < 1e-6,
            "{weight} at ({source}, {target})"
        );
    }
}

#[test]
fn degrees_are_those_within_the_slices() {
    let (sources, targets) = (CellSet::Range(10, 25), CellSet::Range(20, 40));
    let rules = [
        (
            "in",
            Connector::FixedInDegree {
                degree: 14,
                multapses: false,
                self_connections: false,
            },
        ),
        (
            "out",
            Connector::FixedOutDegree {
                degree: 19,
                multapses: false,
                self_connections: false,
            },
        ),
        (
            "total",
            Connector::FixedTotalNumber {
                number: 15 * 20 - 5,
                multapses: false,
                self_connections: false,
            },
        ),
    ];
    for (name, rule) in rules {
        let found = pairs_of(slices(recurrent(rule), sources.clone(), targets.clone()), 50);
        assert!(
            found
                .iter()
                .all(|(s, t)| (10..25).contains(s) && (20..40).contains(t) && s != t),
            "{name}"
        );
        match name {
            "in" => (20..40).for_each(|target| assert_eq!(found.iter().filter(|p| p.1 == target).count(), 14)),
            "out" => (10..25).for_each(|source| assert_eq!(found.iter().filter(|p| p.0 == source).count(), 19)),
            // As many as there are pairs of different cells: each of them once.
            _ => assert_eq!(found.len(), 295),
        }
    }
}

#[test]
fn what_slices_cannot_give_is_refused_with_its_place() {
    let errors = |projection: Projection| {
        let network = Network {
            populations: vec![lif("cells", 10)],
            projections: vec![projection],
            ..Network::default()
        };
        Plan::new(&network, &settings()).unwrap_err().0
    };
    let in_degree = Connector::FixedInDegree {
        degree: 4,
        multapses: false,
        self_connections: true,
    };
    let found = errors(slices(recurrent(in_degree), CellSet::Range(0, 3), CellSet::All));
    assert!(
        matches!(&found[..], [PlanError::Unfit { path, reason, .. }]
            if path == "projections.p.connector.degree" && reason.contains("there are 3 to choose from")),
        "{found:?}"
    );
    let found = errors(slices(
        recurrent(Connector::OneToOne),
        CellSet::Range(0, 3),
        CellSet::All,
    ));
    assert!(
        matches!(&found[..], [PlanError::Unfit { reason, .. }] if reason.contains("not 3 and 10")),
        "{found:?}"
    );
    let list = Connector::ExplicitList(vec![connection(3, 0)]);
    let found = errors(slices(recurrent(list), CellSet::Range(0, 3), CellSet::All));
    assert!(
        matches!(&found[..], [PlanError::CellOutOfRange { cell: 3, size: 3, .. }]),
        "{found:?}"
    );
    let beyond = errors(slices(
        recurrent(Connector::OneToOne),
        CellSet::All,
        CellSet::Range(5, 15),
    ));
    assert!(
        matches!(&beyond[..], [PlanError::CellOutOfRange { path, .. }] if path == "projections.p.target_cells"),
        "{beyond:?}"
    );
}

#[test]
fn gap_junctions_between_slices_join_each_pair_once() {
    let plan = |source, target, connector| {
        let network = Network {
            populations: vec![lif("cells", 10)],
            gap_junctions: vec![GapJunctions {
                name: "gap".to_owned(),
                source: "cells".to_owned(),
                source_cells: source,
                target: "cells".to_owned(),
                target_cells: target,
                connector,
                conductance: Some(quantity("1 nS").into()),
            }],
            ..Network::default()
        };
        Plan::new(&network, &settings())
    };
    let n = |source, target| {
        let all = Connector::AllToAll {
            self_connections: false,
        };
        plan(source, target, all).unwrap().gap_junctions()[0].n_junctions()
    };
    assert_eq!(n(CellSet::Range(0, 4), CellSet::Range(0, 4)), 6);
    assert_eq!(n(CellSet::Range(0, 4), CellSet::Range(6, 10)), 16);
    assert_eq!(n(CellSet::Range(6, 10), CellSet::Range(0, 4)), 16);
    // 0..4 with 2..6: 4 · 4 pairs less the two of a cell with itself, and 2–3 is met from both sides.
    assert_eq!(n(CellSet::Range(0, 4), CellSet::Range(2, 6)), 13);
    assert_eq!(n(CellSet::Range(2, 6), CellSet::Range(0, 4)), 13);
    let own = Connector::ExplicitList(vec![Connection { ..connection(2, 0) }]);
    let found = plan(CellSet::Range(0, 4), CellSet::Range(2, 6), own).unwrap_err().0;
    assert!(
        matches!(&found[..], [PlanError::Unfit { reason, .. }] if reason.contains("connected to itself")),
        "{found:?}"
    );
}
