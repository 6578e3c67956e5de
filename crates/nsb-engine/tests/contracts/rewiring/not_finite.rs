//! A run that fails after a rewiring still says where and when: steps are done again with what was under way then.

use nsb_engine::{
    Connector, Deletion, Insertion, Learning, Network, Plasticity, ProjectionId, Rewiring, SimulationError,
};

use super::{rule, started, threads};
use crate::models::{connection, kick, lif, projection};
use crate::not_finite::{poison, population};

/// Cell 0 has a synapse of 0.9 pA onto cell 6, harmless alone, and gets another one while a spike is under way; the
/// first spike must not find it, neither in the run nor when steps are done again.
fn network(plastic: bool, kicks: &[u32], poisoned: Option<u32>) -> Network {
    // Others make the population large enough for several domains.
    let list = vec![
        connection(0, 6),
        connection(0, 7),
        connection(1, 3),
        connection(1, 1100),
    ];
    let mut forward = projection(
        "p",
        ("source", "cells"),
        Connector::ExplicitList(list),
        "0.9 pA",
        "15 ms",
    );
    if plastic {
        forward.plasticity = Plasticity {
            rules: vec![rule("pair_stdp", &[("w_max", "2 pA")])],
            learning: Learning::During(Vec::new()),
            ..Plasticity::default()
        };
    }
    let mut stimuli: Vec<_> = kicks
        .iter()
        .map(|&step| kick(&format!("kick {step}"), "source", &[0], step))
        .collect();
    stimuli.extend(poisoned.map(|step| poison("poison", "cells", &[9], step)));
    Network {
        populations: vec![lif("source", 2), population("cells", 1200)],
        projections: vec![forward],
        stimuli,
        ..Network::default()
    }
}

fn failure(network: &Network, n_threads: usize, rewired_ms: f64) -> (u32, f64, String) {
    let mut simulation = started(network, &threads(n_threads));
    simulation.run_for(rewired_ms, &mut ()).unwrap();
    let rewiring = Rewiring {
        deletions: vec![Deletion {
            projection: ProjectionId(0),
            source: 0,
            target: 7,
            number: 0,
        }],
        insertions: vec![Insertion {
            projection: ProjectionId(0),
            source: 0,
            target: 6,
            weight: 0.9,
            delay_ms: 15.0,
        }],
    };
    simulation.rewire(&rewiring).unwrap();
    let error = simulation.run_for(40.0, &mut ()).unwrap_err();
    let refused = simulation.rewire(&rewiring).unwrap_err();
    assert!(refused.to_string().contains("cannot go on"), "{refused}");
    match &error {
        SimulationError::NotFinite { cell, time_ms, .. } => (*cell, *time_ms, error.to_string()),
        _ => panic!("{error}"),
    }
}

#[test]
fn a_failure_after_a_rewiring_is_found_at_its_place_and_time() {
    for plastic in [false, true] {
        // At both steps of a window of delivery.
        for (n_threads, rewired_ms) in [(1, 10.0), (1, 10.1), (2, 10.0), (3, 10.1)] {
            // Fired at grid point 4, due at 154, with a rewiring at 100 or 101. The failure of another cell makes the steps
            // from there on be done again: the second synapse, on top of the first, would fail earlier.
            let (cell, time_ms, text) = failure(&network(plastic, &[3], Some(156)), n_threads, rewired_ms);
            assert_eq!(cell, 9, "{text}");
            assert!((time_ms - 15.7).abs() < 1e-9, "{text}");
            // A spike after the rewiring, grid point 121, finds both: added at 271, seen a step later.
            let (cell, time_ms, text) = failure(&network(plastic, &[3, 120], None), n_threads, rewired_ms);
            assert_eq!(cell, 6, "{text}");
            assert!((time_ms - 27.2).abs() < 1e-9, "{text}");
        }
    }
}
