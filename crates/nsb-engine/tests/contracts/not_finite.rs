//! A state that is NaN or infinite stops the run, with the place, the time and the last good values.

use std::sync::Arc;

use nsb_engine::{
    CellSet, Connector, Network, Plan, Population, Receptor, Settings, Simulation, SimulationError, Stimulus, Value,
    Waveform,
};
use nsb_lang::Model;

use crate::models::{
    built_in, connection, constant, kick, lif, model, projection, quantity, settings, simulation, watch_spikes,
};

/// V grows by 1 mV per ms until the input exceeds 1 pA; then its slope is the root of a negative number.
fn fragile() -> Arc<Model> {
    model(
        "neuron fragile \"fails when its input exceeds 1 pA\"
method euler

parameters:
    one = 1 pA \"the largest input\"
    slope = 1 mV/ms \"slope without input\"

inputs:
    I : pA \"input\"

equations:
    dV/dt = slope * sqrt(1 - I / one) : mV \"voltage\"
    dW/dt = slope * (1 - I / one) : mV \"another\"

initial:
    V = 0 mV
    W = 0 mV

threshold: V > 1000 mV
reset:
    V = 0 mV
",
    )
}

/// Cells that fail when their input exceeds 1 pA, with a current receptor.
pub(crate) fn population(name: &str, size: usize) -> Population {
    let receptors = vec![Receptor::new("synapse", built_in("exponential_current"))];
    Population {
        receptors,
        ..Population::new(name, size, fragile())
    }
}

fn failure(network: &Network, settings: &Settings, duration_ms: f64) -> (SimulationError, Simulation) {
    let mut simulation = simulation(network, settings);
    (simulation.run_for(duration_ms, &mut ()).unwrap_err(), simulation)
}

/// An input of 2 pA for one step.
pub(crate) fn poison(name: &str, population: &str, cells: &[usize], step: u32) -> Stimulus {
    let mut stimulus = kick(name, population, cells, step);
    if let Waveform::Step { amplitude, .. } = &mut stimulus.waveform {
        *amplitude = quantity("2 pA");
    }
    stimulus
}

/// With an input of 2 pA from step 37 on, that step makes V NaN; its end is grid point 38.
#[test]
fn the_first_failing_step_and_cell_are_found_for_any_number_of_threads() {
    let network = Network {
        populations: vec![population("early", 300), population("late", 1400)],
        stimuli: vec![
            poison("a", "early", &[7], 38),
            poison("b", "late", &[1300, 900, 901], 37),
            poison("c", "late", &[5], 39),
        ],
        monitors: vec![watch_spikes("spikes", "late")],
        ..Network::default()
    };
    for threads in [1, 2, 4] {
        let (error, mut simulation) = failure(&network, &Settings { threads, ..settings() }, 20.0);
        let SimulationError::NotFinite {
            population,
            cell,
            variable,
            value,
            last_good,
            ..
        } = &error
        else {
            panic!("{error}")
        };
        assert_eq!((population.as_str(), *cell, variable.as_str()), ("late", 900, "V"));
        assert!(value.is_nan());
        let SimulationError::NotFinite {
            time_ms, last_good_ms, ..
        } = error
        else {
            panic!("{error}")
        };
        assert!(
            (time_ms - 3.8).abs() < 1e-9 && (last_good_ms - 3.7).abs() < 1e-9,
            "{time_ms}, {last_good_ms}"
        );
        let names: Vec<&str> = last_good.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["V", "W", "synapse.I_syn"]);
        // V and W have grown by 1 mV per ms for 37 steps.
        assert!(
            (last_good[0].1 - 3.7).abs() < 1e-9 && (last_good[1].1 - 3.7).abs() < 1e-9,
            "{last_good:?}"
        );
        assert!(
            error.to_string().contains("V of cell 900 of `late` is NaN at 3.800 ms"),
            "{error}"
        );
        assert!(
            error.to_string().contains("at 3.700 ms it was V = 3.700000 mV"),
            "{error}"
        );
        // A failed simulation stays failed.
        assert_eq!(
            simulation.run_for(1.0, &mut ()).unwrap_err().to_string(),
            error.to_string()
        );
    }
}

/// The cause may be a spike that arrives long after a state was remembered; finding it needs the spikes of the past.
#[test]
fn a_failure_caused_by_an_arriving_spike_is_found() {
    // With a delay of one step, states are remembered at multiples of 64. The first arrival falls into the step before
    // 512, and after it, where it must be found among the spikes of the past.
    for (delay, first_kick) in [("0.1 ms", 509), ("0.1 ms", 520), ("0.7 ms", 130), ("15 ms", 3)] {
        let steps = quantity(delay).engine() / 0.1;
        let list = vec![connection(0, 6), connection(1, 3)];
        let network = Network {
            populations: vec![lif("source", 2), population("cells", 10)],
            projections: vec![projection(
                "p",
                ("source", "cells"),
                Connector::ExplicitList(list),
                "0.9 pA",
                delay,
            )],
            // One arrival of 0.9 pA is harmless; a second one on top of it is not.
            stimuli: vec![
                kick("a", "source", &[0], first_kick),
                kick("b", "source", &[0, 1], first_kick + 30),
            ],
            ..Network::default()
        };
        let (error, simulation) = failure(&network, &settings(), 200.0);
        let SimulationError::NotFinite {
            population,
            cell,
            time_ms,
            last_good,
            ..
        } = &error
        else {
            panic!("{error}")
        };
        assert_eq!((population.as_str(), *cell), ("cells", 6), "{error}");
        // Fired in step f + 30, added at the beginning of step f + 31 + delay, seen at its end.
        let expected = (f64::from(first_kick) + 32.0 + steps) * 0.1;
        assert!((time_ms - expected).abs() < 1e-9, "at {time_ms}, expected {expected}");
        let current = last_good.iter().find(|(name, ..)| name == "synapse.I_syn").unwrap().1;
        // Euler's method takes 0.1 / 5 of the current away in each step.
        let decayed = (0..30).fold(f64::from(0.9f32), |current, _| current - 0.02 * current);
        assert!((current - decayed).abs() < 1e-9, "{current}, expected {decayed}");
        // What was recorded ends before the failure.
        assert!(simulation.recording().simulated_ms < *time_ms);
        assert_eq!(simulation.recording().populations[0].spikes, 3);
    }
}

/// A weight that arrived just before a state was remembered does not arrive again when steps are done again.
#[test]
fn doing_steps_again_does_not_deliver_twice() {
    let all = Connector::AllToAll { self_connections: true };
    let network = Network {
        populations: vec![lif("source", 1), population("cells", 1)],
        projections: vec![projection("p", ("source", "cells"), all, "0.9 pA", "0.1 ms")],
        // The spike arrives in step 511, and states are remembered at 512.
        stimuli: vec![kick("a", "source", &[0], 509), poison("b", "cells", &[0], 540)],
        ..Network::default()
    };
    let (error, _) = failure(&network, &settings(), 100.0);
    let SimulationError::NotFinite { time_ms, .. } = &error else {
        panic!("{error}")
    };
    assert!((time_ms - 54.1).abs() < 1e-9, "{error}");
}

#[test]
fn overflow_is_found_as_well_as_nan() {
    let explosive = model(
        "neuron explosive \"grows without bound\"
method euler

parameters:
    tau = 1 ms \"time constant\"
    scale = 1 mV \"scale\"

equations:
    dV/dt = V * V / scale / tau : mV \"voltage\"

initial:
    V = 1 mV

threshold: V < -1 mV
reset:
    V = 1 mV
",
    );
    let network = Network {
        populations: vec![Population::new("cells", 3, explosive)],
        ..Network::default()
    };
    let (error, _) = failure(&network, &settings(), 100.0);
    // The same recursion by hand.
    let (mut v, mut steps) = (1.0f64, 0);
    while v.is_finite() {
        v += 0.1 * (v * v);
        steps += 1;
    }
    let SimulationError::NotFinite {
        cell, value, time_ms, ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!((cell, value), (0, f64::INFINITY));
    assert!(
        (time_ms - 0.1 * f64::from(steps)).abs() < 1e-9,
        "{time_ms} ms, expected step {steps}"
    );
}

#[test]
fn initial_states_are_checked() {
    let text_model = model(
        "neuron rooted \"begins at a root\"
method euler

parameters:
    a = 1 \"its root is the initial state\"

equations:
    dV/dt = 0 mV/ms : mV \"voltage\"

initial:
    V = sqrt(a) * 1 mV

threshold: V > 1000 mV
reset:
    V = 0 mV
",
    );
    let mut cells = Population::new("cells", 700, text_model);
    let values = (0..700).map(|n| quantity(if n == 600 { "-1" } else { "1" })).collect();
    cells.parameters.insert("a".to_owned(), Value::List(values));
    let network = Network {
        populations: vec![lif("others", 3), cells],
        stimuli: vec![constant("drive", "others", CellSet::All, "1 pA")],
        ..Network::default()
    };
    let Err(error) = Simulation::new(Plan::new(&network, &settings()).unwrap()) else {
        panic!("must fail")
    };
    let SimulationError::NotFinite {
        population,
        cell,
        time_ms,
        last_good,
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!((population.as_str(), *cell, *time_ms), ("cells", 600, 0.0));
    assert!(last_good.is_empty());
    assert_eq!(error.to_string(), "V of cell 600 of `cells` is NaN at 0.000 ms");
}
