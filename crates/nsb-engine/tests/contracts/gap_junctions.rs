//! Gap junctions conserve charge, couple as strongly as they should, and depend on nothing but the network.

use nsb_engine::{
    CellSet, Connector, Distribution, GapJunctions, Network, PairValue, Plan, Recording, Settings, Shape, Simulation,
    SimulationError, Value,
};

use crate::models::{connection, constant, hodgkin_huxley, lif, quantity, run, settings, watch, watch_spikes};

fn junctions(ends: (&str, &str), connector: Connector, conductance: &str) -> GapJunctions {
    GapJunctions {
        name: "gap".to_owned(),
        source: ends.0.to_owned(),
        source_cells: CellSet::All,
        target: ends.1.to_owned(),
        target_cells: CellSet::All,
        connector,
        conductance: Some(quantity(conductance).into()),
    }
}

fn uniform(low: &str, high: &str) -> Distribution {
    Distribution::new(Shape::Uniform {
        low: quantity(low),
        high: quantity(high),
    })
}

/// Row by row the values of the only variable.
fn rows(recording: &Recording) -> Vec<&[f64]> {
    let n = recording.variables[0].cells.len();
    recording.variables[0].series[0].values.chunks(n).collect()
}

/// In the steady state the cell without current follows with g_gap / (g_gap + g_L), where g_L = C / τ = 10 nS.
#[test]
fn the_steady_coupling_coefficient_is_that_of_the_circuit() {
    for (gap, coefficient) in [("2.5 nS", 0.2), ("10 nS", 0.5), ("0 nS", 0.0)] {
        let network = Network {
            populations: vec![lif("a", 1), lif("b", 1)],
            gap_junctions: vec![junctions(("a", "b"), Connector::OneToOne, gap)],
            stimuli: vec![constant("drive", "a", CellSet::All, "50 pA")],
            monitors: vec![watch("driven", "a", &["V"]), watch("follower", "b", &["V"])],
            ..Network::default()
        };
        let recording = run(&network, &settings(), 800.0);
        let last = |n: usize| recording.variables[n].series[0].values.last().unwrap() + 65.0;
        assert!(last(0) > 2.0, "{}", last(0));
        assert!(
            (last(1) / last(0) - coefficient).abs() < 1e-9,
            "{gap}: {}",
            last(1) / last(0)
        );
        // The driven cell sees the leak and, behind the junction, the follower.
        let gap = quantity(gap).engine();
        let conductance = 10.0 + gap * 10.0 / (gap + 10.0);
        assert!((last(0) - 50.0 / conductance).abs() < 1e-9, "{}", last(0));
    }
}

/// Exactly integrated cells with one time constant: Σ C (V − E_L) decays by e^(−dt/τ) in each step if, and only if,
/// the currents through all junctions sum to 0 in that step.
#[test]
#[allow(clippy::disallowed_methods)] // the platform's exponential is the independent truth
fn currents_through_junctions_sum_to_zero_in_every_step() {
    let n = 700;
    let mut cells = lif("cells", n);
    cells
        .initial
        .insert("V".to_owned(), Value::Random(uniform("-90 mV", "-51 mV")));
    cells
        .parameters
        .insert("C".to_owned(), Value::Random(uniform("100 pF", "300 pF")));
    let mut gap = junctions(
        ("cells", "cells"),
        Connector::PairwiseProbability {
            probability: 0.05,
            self_connections: false,
        },
        "1 nS",
    );
    gap.conductance = Some(PairValue::Random(uniform("0.1 nS", "2 nS")));
    let network = Network {
        populations: vec![cells],
        gap_junctions: vec![gap],
        monitors: vec![watch("v", "cells", &["V"])],
        ..Network::default()
    };
    let plan = Plan::new(&network, &settings()).unwrap();
    // Of 700 · 699 / 2 pairs 5 %, five deviations.
    let expected = 244_650.0 * 0.05;
    assert!((plan.gap_junctions()[0].n_junctions() as f64 - expected).abs() < 5.0 * 108.0);
    let recording = run(&network, &settings(), 30.0);
    // Capacitances are recovered from a plan without junctions: the current that they answer to.
    let mut probe = network.clone();
    probe.gap_junctions.clear();
    probe.populations[0].initial.clear();
    probe.stimuli = vec![constant("probe", "cells", CellSet::All, "1 pA")];
    let answer = run(&probe, &settings(), 0.1);
    let kept = f64::exp(-0.1 / 20.0);
    let capacitance: Vec<f64> = rows(&answer)[1]
        .iter()
        .map(|v| 20.0 * (1.0 - kept) / (v + 65.0))
        .collect();
    assert!(capacitance.iter().all(|c| (99.9..300.1).contains(c)));
    let rows = rows(&recording);
    let charge = |row: &[f64]| row.iter().zip(&capacitance).map(|(v, c)| (v + 65.0) * c).sum::<f64>();
    let spread = |row: &[f64]| {
        let mean = row.iter().sum::<f64>() / row.len() as f64;
        row.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>()
    };
    assert!(spread(rows[300]) < 0.1 * spread(rows[0]), "currents have flown");
    let magnitude: f64 = rows[0]
        .iter()
        .zip(&capacitance)
        .map(|(v, c)| (v + 65.0).abs() * c)
        .sum();
    for (step, pair) in rows.windows(2).enumerate() {
        let created = charge(pair[1]) - kept * charge(pair[0]);
        assert!(
            created.abs() < 1e-9 * magnitude,
            "step {step}: {created} of {magnitude}"
        );
    }
}

#[test]
fn two_cells_exchange_exactly_opposite_currents() {
    let mut cells = lif("cells", 2);
    let voltages = ["-80 mV", "-60 mV"].map(quantity).to_vec();
    cells.initial.insert("V".to_owned(), Value::List(voltages));
    let list = Connector::ExplicitList(vec![connection(1, 0)]);
    let network = Network {
        populations: vec![cells],
        gap_junctions: vec![junctions(("cells", "cells"), list, "3 nS")],
        monitors: vec![watch("v", "cells", &["V"])],
        ..Network::default()
    };
    let recording = run(&network, &settings(), 100.0);
    let kept = nsb_lang::math::exp(-0.1 / 20.0);
    for pair in rows(&recording).windows(2) {
        let sum = |row: &[f64]| row[0] + row[1] + 130.0;
        assert!(
            (sum(pair[1]) - kept * sum(pair[0])).abs() < 1e-12,
            "{} after {}",
            sum(pair[1]),
            sum(pair[0])
        );
    }
    let last = *rows(&recording).last().unwrap();
    // The difference decays with 1/τ + 2 g/C = 0.08 per ms: 20 e^−8 = 0.00671 mV, less the error of explicit steps.
    assert!((0.0064..0.0068).contains(&(last[1] - last[0])), "{last:?}");
}

/// Cells of two populations in several blocks that fire because of their junctions.
fn coupled() -> Network {
    let mut cells = lif("cells", 1100);
    cells
        .initial
        .insert("V".to_owned(), Value::Random(uniform("-65 mV", "-50 mV")));
    let ring = Connector::Ring {
        neighbours: 3,
        periodic: true,
    };
    let mut gap = junctions(("cells", "cells"), ring, "1 nS");
    gap.conductance = Some(PairValue::Random(uniform("0 nS", "3 nS")));
    let some = Connector::FixedTotalNumber {
        number: 500,
        multapses: false,
        self_connections: false,
    };
    let across = GapJunctions {
        name: "across".to_owned(),
        ..junctions(("cells", "hh"), some, "0.2 nS")
    };
    Network {
        populations: vec![cells, hodgkin_huxley("hh", 20)],
        gap_junctions: vec![gap, across],
        stimuli: vec![constant("drive", "cells", CellSet::Range(0, 600), "300 pA")],
        monitors: vec![watch_spikes("spikes", "cells"), watch("v", "hh", &["V"])],
        ..Network::default()
    }
}

#[test]
fn coupled_cells_do_not_depend_on_threads_or_pieces() {
    let network = coupled();
    let with = |threads| {
        run(
            &network,
            &Settings {
                threads,
                dt_ms: 0.02,
                ..settings()
            },
            40.0,
        )
    };
    let one = with(1);
    assert!(one.populations[0].spikes > 300, "{}", one.populations[0].spikes);
    assert_eq!(one, with(2));
    assert_eq!(one, with(3));
    let plan = Plan::new(
        &network,
        &Settings {
            dt_ms: 0.02,
            ..settings()
        },
    )
    .unwrap();
    assert_eq!(
        plan.gap_junctions().iter().map(|j| j.n_junctions()).collect::<Vec<_>>(),
        [3300, 500]
    );
    let mut pieces = Simulation::new(plan).unwrap();
    for duration in [0.02, 17.0, 22.98] {
        pieces.run_for(duration, &mut ()).unwrap();
    }
    assert_eq!(pieces.recording().spike_hash, one.spike_hash);
    let mut apart = network.clone();
    apart.gap_junctions.clear();
    let apart = run(
        &apart,
        &Settings {
            dt_ms: 0.02,
            ..settings()
        },
        40.0,
    );
    assert_ne!(apart.spike_hash, one.spike_hash);
}

/// A junction so strong that the explicit current overshoots in every step.
#[test]
fn junctions_that_blow_up_are_explained() {
    let mut network = coupled();
    network.gap_junctions[1].conductance = Some(quantity("1e7 nS").into());
    let plan = Plan::new(
        &network,
        &Settings {
            threads: 2,
            ..settings()
        },
    )
    .unwrap();
    let error = Simulation::new(plan).unwrap().run_for(100.0, &mut ()).unwrap_err();
    let SimulationError::NotFinite {
        last_good,
        last_good_ms,
        time_ms,
        ..
    } = error
    else {
        panic!("{error}")
    };
    assert!((time_ms - last_good_ms - 0.1).abs() < 1e-9);
    assert!(last_good.iter().all(|(_, value, _)| value.is_finite()) && !last_good.is_empty());
}

#[test]
fn junctions_that_cannot_be_are_refused_with_their_place() {
    let error = |change: fn(&mut GapJunctions)| {
        let mut network = coupled();
        change(&mut network.gap_junctions[0]);
        let errors = Plan::new(&network, &settings()).expect_err("there is a mistake").0;
        assert_eq!(errors.len(), 1, "{errors:?}");
        format!("{}: {}; {}", errors[0].path(), errors[0], errors[0].hint())
    };
    assert!(
        error(|j| j.conductance = Some(quantity("1 pA").into()))
            .contains("gap_junctions.gap.conductance: expected a cond")
    );
    assert!(error(|j| j.conductance = Some(quantity("-1 nS").into())).contains("the conductance -1 nS is negative"));
    assert!(error(|j| j.conductance = None).contains("the conductance is missing; add conductance = \"1 nS\""));
    let drawn = error(|j| j.conductance = Some(PairValue::Random(uniform("-2 nS", "-1 nS"))));
    assert!(drawn.contains("limit a distribution with min"), "{drawn}");
    assert!(
        error(|j| j.conductance = Some(PairValue::List(vec![quantity("1 nS"); 2]))).contains("the list has 2 values")
    );
    assert!(error(|j| j.target = "hhh".to_owned()).contains("did you mean `hh`?"));
    assert!(
        error(|j| j.connector = Connector::ExplicitList(vec![connection(4, 4)]))
            .contains("cell 4 is connected to itself")
    );
    assert!(
        error(|j| j.connector = Connector::Ring {
            neighbours: 900,
            periodic: true
        })
        .contains("connector.neighbours")
    );
}
