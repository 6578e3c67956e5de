//! Spikes arrive when, where and as strong as they should.

use nsb_engine::{Connection, Connector, Network, Recording};
use nsb_lang::math;

use crate::models::{connection, kick, lif, projection, quantity, run, settings, watch, watch_spikes};

const TAU_MS: f64 = 5.0;
const DT_MS: f64 = 0.1;

/// What is left of a unit of synaptic current after some steps.
fn decayed(steps: u32) -> f64 {
    math::exp(-f64::from(steps) * DT_MS / TAU_MS)
}

fn assert_close(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs(),
        "{what}: {found}, expected {expected}"
    );
}

/// The values of the first variable of the first monitor of variables, for one cell.
fn trace(recording: &Recording, cell: usize) -> Vec<f64> {
    let width = recording.variables[0].cells.len();
    recording.variables[0].series[0]
        .values
        .iter()
        .skip(cell)
        .step_by(width)
        .copied()
        .collect()
}

/// A spike of step 4 has grid point 5. With a delay of d steps the current is 0 up to and including grid point 5 + d,
/// where the weight is added; one step later it has decayed by exactly one step.
#[test]
fn a_spike_arrives_exactly_its_delay_after_the_end_of_its_step() {
    for delay in 1..=20u32 {
        let ms = format!("{} ms", f64::from(delay) / 10.0);
        let network = Network {
            populations: vec![lif("source", 1), lif("target", 1)],
            projections: vec![projection(
                "p",
                ("source", "target"),
                Connector::AllToAll { self_connections: true },
                "3 pA",
                &ms,
            )],
            stimuli: vec![kick("kick", "source", &[0], 4)],
            monitors: vec![
                watch("current", "target", &["synapse.I_syn"]),
                watch_spikes("spikes", "source"),
            ],
            ..Network::default()
        };
        let recording = run(&network, &settings(), 4.0);
        assert_eq!(recording.populations[0].spikes, 1);
        let time = recording.spikes[0].times_ms[0];
        assert!(0.4 < time && time <= 0.5, "fired at {time}");
        for (n, &current) in trace(&recording, 0).iter().enumerate() {
            let arrival = 5 + delay;
            if n as u32 <= arrival {
                assert_eq!(current, 0.0, "delay {delay}, grid point {n}");
            } else {
                let expected = 3.0 * decayed(n as u32 - arrival);
                assert_close(current, expected, &format!("delay {delay}, grid point {n}"));
            }
        }
    }
}

/// Delays of a tenth of a second and more wait elsewhere than short ones.
#[test]
fn long_and_short_delays_keep_their_time_and_their_order() {
    let delays = [1u32, 700, 4095, 4096, 4097, 9000];
    let list = delays.iter().enumerate().map(|(target, &delay)| Connection {
        delay: Some(quantity(&format!("{} ms", f64::from(delay) / 10.0))),
        ..connection(0, target)
    });
    let mut far = projection(
        "p",
        ("source", "target"),
        Connector::ExplicitList(list.collect()),
        "3 pA",
        "1 ms",
    );
    far.delay = None;
    let network = Network {
        populations: vec![lif("source", 1), lif("target", delays.len())],
        projections: vec![far],
        stimuli: vec![kick("kick", "source", &[0], 4)],
        monitors: vec![watch("current", "target", &["synapse.I_syn"])],
        ..Network::default()
    };
    let recording = run(&network, &settings(), 910.0);
    for (cell, delay) in delays.into_iter().enumerate() {
        let current = trace(&recording, cell);
        let arrival = (5 + delay) as usize;
        assert!(
            current[..=arrival].iter().all(|&current| current == 0.0),
            "delay {delay}"
        );
        assert_close(current[arrival + 1], 3.0 * decayed(1), &format!("delay {delay}"));
    }
}

/// Three cells fire together, one of them through two synapses; a fourth fires a step later.
#[test]
fn coincident_and_successive_spikes_add_up() {
    let list = vec![
        Connection {
            weight: Some(quantity("1 pA")),
            ..connection(0, 0)
        },
        Connection {
            weight: Some(quantity("2 pA")),
            ..connection(1, 0)
        },
        Connection {
            weight: Some(quantity("4 pA")),
            ..connection(2, 0)
        },
        Connection {
            weight: Some(quantity("8 pA")),
            ..connection(2, 0)
        },
        Connection {
            weight: Some(quantity("16 pA")),
            ..connection(3, 0)
        },
        Connection {
            weight: Some(quantity("-64 pA")),
            ..connection(3, 1)
        },
    ];
    let mut arrives = projection(
        "p",
        ("source", "target"),
        Connector::ExplicitList(list),
        "0 pA",
        "0.3 ms",
    );
    arrives.weight = None;
    let network = Network {
        populations: vec![lif("source", 4), lif("target", 2)],
        projections: vec![arrives],
        stimuli: vec![
            kick("first", "source", &[0, 1, 2], 2),
            kick("second", "source", &[3], 3),
        ],
        monitors: vec![watch("current", "target", &["synapse.I_syn"])],
        ..Network::default()
    };
    let recording = run(&network, &settings(), 2.0);
    // Grid points 3 and 4, and three steps on the way.
    let (first, second) = (3 + 3, 4 + 3);
    let current = trace(&recording, 0);
    assert_eq!(current[first], 0.0);
    assert_close(current[first + 1], 15.0 * decayed(1), "after the first volley");
    for (n, &current) in current.iter().enumerate().skip(second + 1) {
        let expected = 15.0 * decayed((n - first) as u32) + 16.0 * decayed((n - second) as u32);
        assert_close(current, expected, &format!("grid point {n}"));
    }
    let other = trace(&recording, 1);
    assert_eq!(other[second], 0.0);
    assert_close(other[second + 1], -64.0 * decayed(1), "the other target");
}

#[test]
fn each_synapse_of_a_list_has_its_own_delay() {
    let delays = ["0.1 ms", "0.2 ms", "1.5 ms", "12.8 ms"];
    let list = delays.iter().enumerate();
    let list = list
        .map(|(n, delay)| Connection {
            delay: Some(quantity(delay)),
            ..connection(0, n)
        })
        .collect();
    let mut delayed = projection("p", ("source", "target"), Connector::ExplicitList(list), "1 pA", "1 ms");
    delayed.delay = None;
    let network = Network {
        populations: vec![lif("source", 1), lif("target", 4)],
        projections: vec![delayed],
        stimuli: vec![kick("kick", "source", &[0], 0)],
        monitors: vec![watch("current", "target", &["synapse.I_syn"])],
        ..Network::default()
    };
    let recording = run(&network, &settings(), 15.0);
    for (cell, steps) in [1, 2, 15, 128].into_iter().enumerate() {
        let first = trace(&recording, cell).iter().position(|&current| current != 0.0);
        assert_eq!(first, Some(1 + steps + 1), "delay of {steps} steps");
    }
}

/// A chain of cells, each of which makes the next one fire: the spike travels at delay plus one step per cell.
#[test]
fn spikes_travel_along_a_chain() {
    let n = 30;
    let list = (1..n).map(|cell| connection(cell - 1, cell)).collect();
    let network = Network {
        populations: vec![lif("chain", n)],
        projections: vec![projection(
            "next",
            ("chain", "chain"),
            Connector::ExplicitList(list),
            "1000 nA",
            "0.2 ms",
        )],
        stimuli: vec![kick("kick", "chain", &[0], 0)],
        monitors: vec![watch_spikes("spikes", "chain")],
        ..Network::default()
    };
    let recording = run(&network, &settings(), 12.0);
    // The driving current outlasts the refractory time, so that cells fire again; their first spikes count.
    for cell in 0..n {
        let spikes = &recording.spikes[0];
        let first = spikes.cells.iter().position(|&c| c as usize == cell).unwrap();
        let step = (spikes.times_ms[first] / DT_MS).ceil() as usize;
        assert_eq!(step, 1 + 3 * cell, "cell {cell}");
    }
}

/// Weights are stored as 32-bit numbers and summed as 64-bit ones.
#[test]
fn weights_have_single_precision_and_sums_double() {
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
    let current = trace(&run(&network, &settings(), 1.0), 0)[3];
    assert_close(current, 3.0 * f64::from(0.1f32) * decayed(1), "three weights of 0.1");
}

/// Projections to the same receptor add up, and a projection feeds only the receptor it names.
#[test]
fn projections_share_a_receptor_and_leave_others_alone() {
    let mut target = lif("target", 1);
    let mut other = target.receptors[0].clone();
    other.name = "other".to_owned();
    target.receptors.push(other);
    let all = || Connector::AllToAll { self_connections: true };
    let mut elsewhere = projection("c", ("source", "target"), all(), "7 pA", "0.1 ms");
    elsewhere.receptor = "other".to_owned();
    let network = Network {
        populations: vec![lif("source", 1), target],
        projections: vec![
            projection("a", ("source", "target"), all(), "1 pA", "0.1 ms"),
            projection("b", ("source", "target"), all(), "2 pA", "0.1 ms"),
            elsewhere,
        ],
        stimuli: vec![kick("kick", "source", &[0], 0)],
        monitors: vec![watch("current", "target", &["synapse.I_syn", "other.I_syn"])],
        ..Network::default()
    };
    let recording = run(&network, &settings(), 1.0);
    assert_close(recording.variables[0].series[0].values[3], 3.0 * decayed(1), "synapse");
    assert_close(recording.variables[0].series[1].values[3], 7.0 * decayed(1), "other");
}
