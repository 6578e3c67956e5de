//! Everything that can be wrong with a network is said, with its place and its fix.

mod populations;
mod projections;
mod settings;
mod stimuli;

use nsb_engine::{
    CellSet, Connection, Connector, Distribution, Monitor, Network, PairValue, Plan, PlanError, Population, Precision,
    Receptor, Settings, Shape, Stimulus, Value, Waveform,
};
use nsb_kernels::Simd;
use nsb_lang::Quantity;
use nsb_lang::lower::Method;

use crate::models::{
    built_in, connection, constant, hodgkin_huxley, lif, model, projection, quantity, settings, watch,
};

/// A network without a mistake: each test makes one.
fn network() -> Network {
    Network {
        populations: vec![hodgkin_huxley("cells", 10), lif("others", 5)],
        projections: vec![projection(
            "recurrent",
            ("cells", "cells"),
            Connector::PairwiseProbability {
                probability: 0.3,
                self_connections: false,
            },
            "5 nS",
            "1 ms",
        )],
        stimuli: vec![constant("drive", "cells", CellSet::Range(0, 3), "20 uA/cm^2")],
        monitors: vec![watch("trace", "cells", &["V"])],
        ..Network::default()
    }
}

fn fine() -> Settings {
    Settings {
        dt_ms: 0.025,
        ..settings()
    }
}

fn all_errors(network: &Network, settings: &Settings) -> Vec<PlanError> {
    Plan::new(network, settings).map_or_else(|errors| errors.0, |_| Vec::new())
}

/// The error of a network with one mistake, with its place, message and hint.
fn the_error(mistake: impl FnOnce(&mut Network)) -> (PlanError, String) {
    let mut network = network();
    mistake(&mut network);
    let mut errors = all_errors(&network, &fine());
    assert_eq!(errors.len(), 1, "{errors:?}");
    let error = errors.remove(0);
    let text = format!("{}: {error}; {}", error.path(), error.hint());
    (error, text)
}

#[track_caller]
fn assert_says(mistake: impl FnOnce(&mut Network), expected: &str) {
    assert_eq!(the_error(mistake).1, expected);
}

fn parameter(network: &mut Network, name: &str, value: &str) {
    network.populations[0]
        .parameters
        .insert(name.to_owned(), Value::Uniform(quantity(value)));
}

fn not_a_number(unit: &str) -> Quantity {
    Quantity::new(f64::NAN, quantity(&format!("1 {unit}")).unit().clone())
}

#[test]
fn the_reference_network_has_no_errors() {
    assert_eq!(all_errors(&network(), &fine()), []);
}

#[test]
fn all_errors_are_found_in_one_go() {
    let mut network = network();
    network.populations[1].size = 0;
    parameter(&mut network, "g_Naa", "1 mS/cm^2");
    parameter(&mut network, "g_K", "3 mV");
    network.projections[0].delay = Some(quantity("0 ms").into());
    network.projections[0].weight = Some(quantity("5 pA").into());
    network.stimuli[0].population = "cell".to_owned();
    network.monitors[0] = watch("trace", "cells", &["U", "V"]);
    let errors = all_errors(&network, &Settings { threads: 0, ..fine() });
    let paths: Vec<&str> = errors.iter().map(PlanError::path).collect();
    assert_eq!(
        paths,
        [
            "threads",
            "populations.cells.parameters.g_K",
            "populations.cells.parameters.g_Naa",
            "populations.others.size",
            "projections.recurrent.weight",
            "projections.recurrent.delay",
            "stimuli.drive.population",
            "monitors.trace.variables",
        ]
    );
    assert!(errors.iter().all(|error| !error.hint().is_empty()));
}

#[test]
fn names_must_be_there_and_differ() {
    assert_says(
        |n| n.populations.push(lif("others", 1)),
        "populations.others: the name `others` occurs twice; rename one of the two",
    );
    assert_says(
        |n| n.populations[1].name.clear(),
        "populations[1].name: the name is empty; give it a name",
    );
    assert_says(
        |n| n.projections.push(n.projections[0].clone()),
        "projections.recurrent: the name `recurrent` occurs twice; rename one of the two",
    );
    assert_says(
        |n| n.stimuli[0].name.clear(),
        "stimuli[0].name: the name is empty; give it a name",
    );
    assert_says(
        |n| n.monitors.push(watch("trace", "cells", &["V"])),
        "monitors.trace: the name `trace` occurs twice; rename one of the two",
    );
    assert_says(
        |n| {
            n.populations[1]
                .receptors
                .push(Receptor::new("synapse", built_in("exponential_current")))
        },
        "populations.others.receptors.synapse: the name `synapse` occurs twice; rename one of the two",
    );
    assert_says(
        |n| n.monitors[0] = watch("trace", "cells", &["V", "m", "V"]),
        "monitors.trace.variables.V: the name `V` occurs twice; rename one of the two",
    );
}

#[test]
fn names_must_refer_to_something() {
    assert_says(
        |n| n.projections[0].source = "cels".to_owned(),
        "projections.recurrent.source: there is no population `cels`; did you mean `cells`?",
    );
    assert_says(
        |n| n.stimuli[0].population = "unlike".to_owned(),
        "stimuli.drive.population: there is no population `unlike`; choose from cells, others",
    );
    assert_says(
        |n| n.monitors[0] = watch("trace", "other", &["V"]),
        "monitors.trace.population: there is no population `other`; did you mean `others`?",
    );
    assert_says(
        |n| n.projections[0].receptor = "synapses".to_owned(),
        "projections.recurrent.receptor: there is no receptor `synapses` in population `cells`; \
         did you mean `synapse`?",
    );
    assert_says(
        |n| parameter(n, "g_na", "100 mS/cm^2"),
        "populations.cells.parameters.g_na: there is no parameter `g_na` in `hodgkin_huxley`; did you mean `g_Na`?",
    );
    assert_says(
        |n| {
            n.populations[0].receptors[0]
                .parameters
                .insert("tao".to_owned(), Value::Uniform(quantity("1 ms")));
        },
        "populations.cells.receptors.synapse.parameters.tao: there is no parameter `tao` in \
         `exponential_conductance`; did you mean `tau`?",
    );
    assert_says(
        |n| {
            n.populations[0]
                .initial
                .insert("synapse.h".to_owned(), Value::Uniform(quantity("1 nS")));
        },
        "populations.cells.initial.synapse.h: there is no state `synapse.h` in `hodgkin_huxley`; \
         did you mean `synapse.g`?",
    );
    let (error, text) = the_error(|n| n.monitors[0] = watch("trace", "cells", &["V", "Zzz"]));
    assert!(
        text.contains("there is no variable `Zzz` in population `cells`; choose from "),
        "{text}"
    );
    let PlanError::UnknownName { known, .. } = error else {
        panic!("{text}")
    };
    for name in ["V", "m", "h", "n", "I_Na", "I", "I.absolute", "synapse.g"] {
        assert!(known.iter().any(|k| k == name), "{name} is known: {known:?}");
    }
}

#[test]
fn errors_print_with_place_and_fix() {
    let mut network = network();
    network.projections[0].delay = None;
    network.populations[0].size = 0;
    let errors = Plan::new(&network, &fine()).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "populations.cells.size: the population has no cells (fix: give it at least 1 cell, or leave the population \
         out)\nprojections.recurrent.delay: the delay is missing (fix: add delay = \"1 ms\")\n\
         stimuli.drive.cells: there is no cell 2 in `cells`, which has 0 cells (fix: cells are counted from 0 to 0)"
    );
}
