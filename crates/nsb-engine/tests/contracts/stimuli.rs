//! Currents from outside: when they are on, where, and in which unit.

use nsb_engine::{CellSet, Network, Stimulus, Waveform};

use crate::models::{constant, hodgkin_huxley, lif, quantity, run, settings, watch};

fn step(name: &str, amplitude: &str, start: &str, stop: Option<&str>) -> Stimulus {
    Stimulus {
        name: name.to_owned(),
        population: "cells".to_owned(),
        cells: CellSet::All,
        receptor: None,
        waveform: Waveform::Step {
            amplitude: quantity(amplitude),
            start: quantity(start),
            stop: stop.map(quantity),
        },
    }
}

/// V is continuous from the left and the input from the right: at a grid point one sees the state that has been
/// reached and the input that holds from there on.
#[test]
fn a_step_is_on_from_start_to_stop_and_stimuli_add_up() {
    let mut population = lif("cells", 1);
    // Without leak and threshold, V integrates the current: 1 mV per pA and ms with 1 pF.
    population
        .parameters
        .insert("C".to_owned(), nsb_engine::Value::Uniform(quantity("1 pF")));
    population
        .parameters
        .insert("tau_m".to_owned(), nsb_engine::Value::Uniform(quantity("1e5 ms")));
    population
        .parameters
        .insert("V_th".to_owned(), nsb_engine::Value::Uniform(quantity("200 mV")));
    let network = Network {
        populations: vec![population],
        projections: Vec::new(),
        stimuli: vec![
            step("first", "2 pA", "0.5 ms", Some("1 ms")),
            step("second", "0.003 nA", "0.8 ms", None),
            constant("third", "cells", CellSet::All, "-1 pA"),
        ],
        monitors: vec![watch("trace", "cells", &["I", "V"])],
        ..Network::default()
    };
    let recording = run(&network, &settings(), 2.0);
    let [input, voltage] = &recording.variables[0].series[..] else {
        panic!("two series")
    };
    let expected = |n: usize| -1.0 + if (5..10).contains(&n) { 2.0 } else { 0.0 } + if n >= 8 { 3.0 } else { 0.0 };
    let mut reached = -65.0;
    for n in 0..=20 {
        assert_eq!(input.values[n], expected(n), "input at grid point {n}");
        assert!(
            (voltage.values[n] - reached).abs() < 1e-4,
            "V at grid point {n}: {}",
            voltage.values[n]
        );
        reached += 0.1 * expected(n);
    }
}

#[test]
fn a_stimulus_reaches_the_selected_cells_only() {
    let cells = CellSet::List(vec![1100, 3, 511, 512]);
    let network = Network {
        populations: vec![lif("cells", 1200)],
        stimuli: vec![constant("drive", "cells", cells, "10 pA")],
        monitors: vec![watch("trace", "cells", &["I"])],
        ..Network::default()
    };
    let recording = run(&network, &settings(), 0.1);
    for (cell, &input) in recording.variables[0].series[0].values[..1200].iter().enumerate() {
        assert_eq!(
            input,
            if [3, 511, 512, 1100].contains(&cell) { 10.0 } else { 0.0 },
            "cell {cell}"
        );
    }
}

/// 10 µA/cm² over 1000 µm² are 100 pA.
#[test]
fn a_density_and_the_equal_current_do_the_same() {
    let response = |amplitude| {
        let network = Network {
            populations: vec![hodgkin_huxley("cells", 1)],
            stimuli: vec![constant("drive", "cells", CellSet::All, amplitude)],
            monitors: vec![watch("trace", "cells", &["V"])],
            ..Network::default()
        };
        let recording = run(
            &network,
            &nsb_engine::Settings {
                dt_ms: 0.025,
                ..settings()
            },
            20.0,
        );
        recording.variables[0].series[0].values.clone()
    };
    let (density, absolute) = (response("10 uA/cm^2"), response("100 pA"));
    assert!(density.iter().any(|&v| v > 30.0), "the cell fires");
    let difference = density
        .iter()
        .zip(&absolute)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max);
    assert!(difference < 1e-6, "voltages differ by {difference} mV");
}
