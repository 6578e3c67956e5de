//! Everything that can be wrong with a network is said, with its place and its fix.

use nsb_engine::{
    CellSet, Connection, Connector, Monitor, Network, Plan, PlanError, Population, Receptor, Settings, Stimulus, Value,
    Waveform,
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
fn models_must_be_of_the_right_kind() {
    assert_says(
        |n| n.populations[0].receptors[0].model = built_in("lif"),
        "populations.cells.receptors.synapse.model: `lif` is a neuron model; a receptor model is needed here; \
         name a receptor model",
    );
    assert_says(
        |n| n.populations[1] = Population::new("others", 5, built_in("exponential_current")),
        "populations.others.model: `exponential_current` is a receptor model; a neuron model is needed here; \
         name a neuron model",
    );
}

#[test]
fn methods_must_fit_and_say_so_in_the_model() {
    let (error, _) = the_error(|n| n.populations[0].method = Method::Exact);
    let PlanError::Model(diagnostics) = error else {
        panic!("{error}")
    };
    assert!(diagnostics.has_errors());
}

#[test]
fn populations_need_a_possible_number_of_cells() {
    assert_says(
        |n| n.populations[1].size = 0,
        "populations.others.size: the population has no cells; \
         give it at least 1 cell, or leave the population out",
    );
    assert_says(
        |n| n.populations[1].size = 1 << 40,
        "populations.others.size: 1099511627776 cells are more than the 8388607 that a population may have; \
         split it into several populations",
    );
}

#[test]
fn parameters_must_have_the_right_dimension_value_and_length() {
    assert_says(
        |n| parameter(n, "g_Na", "100 nS"),
        "populations.cells.parameters.g_Na: expected a conductance density, found 100 nS (a conductance); \
         write a number with a unit such as \"100 mS/cm^2\"",
    );
    assert_says(
        |n| parameter(n, "E_K", "-77"),
        "populations.cells.parameters.E_K: expected a voltage, found -77 (a dimensionless number); \
         write a number with a unit such as \"-77 mV\"",
    );
    assert_says(
        |n| parameter(n, "C", "11 uF/cm^2"),
        "populations.cells.parameters.C: 11 uF/cm^2 is outside the allowed range of C, 0.1 uF/cm^2 to 10 uF/cm^2; \
         choose a value from 0.1 uF/cm^2 to 10 uF/cm^2",
    );
    let list = |n: &mut Network, values: Vec<Quantity>| {
        n.populations[0]
            .parameters
            .insert("E_L".to_owned(), Value::List(values));
    };
    assert_says(
        |n| list(n, vec![quantity("-54 mV"); 9]),
        "populations.cells.parameters.E_L: the list has 9 values, the population 10 cells; \
         give one value per cell, or one value for all",
    );
    let mut values = vec![quantity("-54 mV"); 10];
    values[4] = quantity("-540 mV");
    values[5] = quantity("-540 mV");
    assert_says(
        |n| list(n, values),
        "populations.cells.parameters.E_L[4]: -540 mV is outside the allowed range of E_L, -200 mV to 200 mV; \
         choose a value from -200 mV to 200 mV",
    );
    let nan = not_a_number("mV");
    assert_says(
        |n| {
            n.populations[0].initial.insert("V".to_owned(), Value::Uniform(nan));
        },
        "populations.cells.initial.V: NaN mV is not a finite number; write a finite number",
    );
}

#[test]
fn weights_must_fit_the_receptor() {
    assert_says(
        |n| n.projections[0].weight = Some(quantity("5 pA").into()),
        "projections.recurrent.weight: expected a conductance, found 5 pA (a current); \
         write a number with a unit such as \"5 nS\"",
    );
    assert_says(
        |n| n.projections[0].weight = None,
        "projections.recurrent.weight: the weight is missing; add weight = \"1 nS\"",
    );
    assert_says(
        |n| n.projections[0].weight = Some(not_a_number("nS").into()),
        "projections.recurrent.weight: NaN nS is not a finite number; write a finite number",
    );
    let (error, text) = the_error(|n| n.projections[0].weight = Some(quantity("1e39 nS").into()));
    assert!(matches!(error, PlanError::WeightTooLarge { .. }), "{text}");
}

#[test]
fn delays_must_be_at_least_one_step() {
    let delay = |text: &'static str| move |n: &mut Network| n.projections[0].delay = Some(quantity(text).into());
    assert_says(
        delay("0.01 ms"),
        "projections.recurrent.delay: the delay 0.01 ms is shorter than the time step dt = 0.025 ms, the smallest \
         possible delay; write \"0.025 ms\" or more, or choose dt = \"0.01 ms\" or less",
    );
    for text in ["0 ms", "-1 ms"] {
        let (error, said) = the_error(delay(text));
        assert!(matches!(error, PlanError::DelayBelowStep { .. }), "{said}");
        assert!(said.ends_with("; write \"0.025 ms\" or more"), "{said}");
    }
    assert_says(
        delay("1e9 s"),
        "projections.recurrent.delay: the delay 1e9 s is longer than 2^31 steps of 0.025 ms; \
         choose a shorter delay",
    );
    assert_says(
        delay("1 mV"),
        "projections.recurrent.delay: expected a time, found 1 mV (a voltage); \
         write a number with a unit such as \"1 ms\"",
    );
    assert_says(
        |n| n.projections[0].delay = None,
        "projections.recurrent.delay: the delay is missing; add delay = \"1 ms\"",
    );
    assert!(matches!(
        the_error(|n| n.projections[0].delay = Some(not_a_number("ms").into())).0,
        PlanError::NotANumber { .. }
    ));
}

#[test]
fn probabilities_are_from_0_to_1() {
    for probability in [-0.1, 1.5, f64::NAN, f64::INFINITY] {
        let (error, text) = the_error(|n| {
            n.projections[0].connector = Connector::PairwiseProbability {
                probability,
                self_connections: true,
            };
        });
        assert!(matches!(error, PlanError::Probability { .. }), "{text}");
        assert!(text.starts_with("projections.recurrent.probability: "), "{text}");
    }
}

#[test]
fn explicit_lists_are_checked_entry_by_entry() {
    let with =
        |list: Vec<Connection>| move |n: &mut Network| n.projections[0].connector = Connector::ExplicitList(list);
    assert_says(
        with(vec![connection(0, 1), connection(3, 10)]),
        "projections.recurrent.connections[1].target: there is no cell 10 in `cells`, which has 10 cells; \
         cells are counted from 0 to 9",
    );
    let weight = Connection {
        weight: Some(quantity("1 mV")),
        ..connection(0, 1)
    };
    assert_says(
        with(vec![weight]),
        "projections.recurrent.connections[0].weight: expected a conductance, found 1 mV (a voltage); \
         write a number with a unit such as \"1 nS\"",
    );
    let delay = Connection {
        delay: Some(quantity("-1 ms")),
        ..connection(0, 1)
    };
    assert!(matches!(
        the_error(with(vec![connection(1, 1), delay])).0,
        PlanError::DelayBelowStep { .. }
    ));
    // A long list of the same mistake is reported in part.
    let mut network = network();
    with(vec![connection(99, 0); 500])(&mut network);
    assert_eq!(all_errors(&network, &fine()).len(), 10);
    // An entry without weight or delay needs one from the projection.
    let mut listed = self::network();
    with(vec![connection(0, 1)])(&mut listed);
    (listed.projections[0].weight, listed.projections[0].delay) = (None, None);
    let errors = all_errors(&listed, &fine());
    let paths: Vec<&str> = errors.iter().map(PlanError::path).collect();
    assert_eq!(
        paths,
        [
            "projections.recurrent.connections[0].weight",
            "projections.recurrent.connections[0].delay"
        ]
    );
}

#[test]
fn cells_of_stimuli_and_monitors_must_exist() {
    let cells = |cells: CellSet| move |n: &mut Network| n.stimuli[0].cells = cells;
    assert_says(
        cells(CellSet::Range(5, 11)),
        "stimuli.drive.cells: there is no cell 10 in `cells`, which has 10 cells; cells are counted from 0 to 9",
    );
    assert_says(
        cells(CellSet::List(vec![3, 77, 4])),
        "stimuli.drive.cells: there is no cell 77 in `cells`, which has 10 cells; cells are counted from 0 to 9",
    );
    assert!(matches!(
        the_error(cells(CellSet::Range(20, usize::MAX))).0,
        PlanError::CellOutOfRange { .. }
    ));
    assert_says(
        cells(CellSet::List(vec![3, 4, 3])),
        "stimuli.drive.cells: cell 3 is listed twice; list each cell once",
    );
    for empty in [CellSet::Range(3, 3), CellSet::Range(4, 2), CellSet::List(Vec::new())] {
        assert!(matches!(the_error(cells(empty)).0, PlanError::NoCells { .. }));
    }
    let monitor = Monitor::Spikes {
        name: "s".to_owned(),
        population: "cells".to_owned(),
        cells: CellSet::List(vec![10]),
    };
    let (error, _) = the_error(|n| n.monitors.push(monitor));
    assert_eq!(error.path(), "monitors.s.cells");
}

fn stepwise(amplitude: &str, start: &str, stop: Option<&str>) -> impl FnOnce(&mut Network) {
    let (amplitude, start, stop) = (quantity(amplitude), quantity(start), stop.map(quantity));
    move |n| n.stimuli[0].waveform = Waveform::Step { amplitude, start, stop }
}

#[test]
fn stimuli_must_be_on_for_some_time() {
    assert_says(
        stepwise("1 pA", "90 ms", Some("10 ms")),
        "stimuli.drive.stop: the stimulus starts at 90 ms and stops at 10 ms, so that it is never on (dt = 0.025 ms); \
         let it stop at least one step after it starts",
    );
    assert!(matches!(
        the_error(stepwise("1 pA", "1 ms", Some("1 ms"))).0,
        PlanError::StimulusNeverOn { .. }
    ));
    assert_says(
        stepwise("1 pA", "-1 ms", Some("1 ms")),
        "stimuli.drive.start: the time -1 ms is negative; write a time of \"0 ms\" or more",
    );
    let (error, _) = the_error(stepwise("1 pA", "0 ms", Some("-1 ms")));
    assert!(matches!(error, PlanError::Time { negative: true, .. }) && error.path() == "stimuli.drive.stop");
    assert!(matches!(
        the_error(stepwise("1 pA", "1e300 ms", None)).0,
        PlanError::Time { negative: false, .. }
    ));
    assert!(matches!(
        the_error(stepwise("1 pA", "1 mV", None)).0,
        PlanError::WrongDimension { .. }
    ));
}

#[test]
fn amplitudes_must_fit_an_input() {
    let amplitude = |population: &str, text: &str| {
        let stimulus = constant("drive", population, CellSet::All, text);
        move |n: &mut Network| n.stimuli[0] = stimulus
    };
    assert_says(
        amplitude("others", "20 uA/cm^2"),
        "stimuli.drive.amplitude: the amplitude 20 uA/cm^2 (a current density) fits no input of `lif`; \
         write a current for I, such as \"20 pA\"",
    );
    assert_says(
        amplitude("cells", "20 nS"),
        "stimuli.drive.amplitude: the amplitude 20 nS (a conductance) fits no input of `hodgkin_huxley`; \
         write a current density for I, such as \"20 uA/cm^2\"; or a current for I.absolute, such as \"20 pA\"",
    );
    let waveform = Waveform::Constant {
        amplitude: not_a_number("pA"),
    };
    let stimulus = Stimulus {
        waveform,
        ..constant("drive", "cells", CellSet::All, "1 pA")
    };
    assert!(matches!(
        the_error(|n| n.stimuli[0] = stimulus).0,
        PlanError::NotANumber { .. }
    ));
    let without_input = model(
        "neuron lonely \"has no input\"

parameters:
    tau = 10 ms \"time constant\"

equations:
    dV/dt = -V / tau : mV \"voltage\"

initial:
    V = 0 mV

threshold: V > 1 mV
reset:
    V = 0 mV
",
    );
    let (_, text) = the_error(|n| {
        n.populations.push(Population::new("lonely", 1, without_input));
        n.stimuli[0] = constant("drive", "lonely", CellSet::All, "1 pA");
    });
    assert!(
        text.ends_with("`lonely` has no inputs; add one to the model, or leave the stimulus out"),
        "{text}"
    );
}

#[test]
fn monitors_need_variables_and_an_interval_of_at_least_a_step() {
    let monitor = |variables: &[&str], interval: &str| {
        let Monitor::Variables {
            name,
            population,
            variables,
            cells,
            ..
        } = watch("trace", "cells", variables)
        else {
            unreachable!("`watch` watches variables")
        };
        let interval = Some(quantity(interval));
        move |n: &mut Network| {
            n.monitors[0] = Monitor::Variables {
                name,
                population,
                variables,
                cells,
                interval,
            }
        }
    };
    assert_says(
        monitor(&["V"], "0.01 ms"),
        "monitors.trace.interval: the interval 0.01 ms is shorter than the time step dt = 0.025 ms; \
         write \"0.025 ms\" or more",
    );
    assert!(matches!(
        the_error(monitor(&["V"], "-1 ms")).0,
        PlanError::IntervalBelowStep { .. }
    ));
    assert!(matches!(
        the_error(monitor(&["V"], "1 mV")).0,
        PlanError::WrongDimension { .. }
    ));
    assert!(matches!(
        the_error(monitor(&["V"], "1e300 ms")).0,
        PlanError::Time { .. }
    ));
    assert!(matches!(
        the_error(monitor(&[], "1 ms")).0,
        PlanError::NoVariables { .. }
    ));
}

#[test]
fn settings_must_be_possible() {
    for dt_ms in [0.0, -0.1, f64::NAN, f64::INFINITY] {
        let errors = all_errors(&network(), &Settings { dt_ms, ..fine() });
        assert!(matches!(errors[..], [PlanError::Dt { .. }]), "{errors:?}");
        assert_eq!(errors[0].path(), "dt");
    }
    for threads in [0, 1025, usize::MAX] {
        let errors = all_errors(&network(), &Settings { threads, ..fine() });
        assert!(matches!(errors[..], [PlanError::Threads { .. }]), "{errors:?}");
    }
    for simd in Simd::ALL.into_iter().filter(|simd| !simd.is_available()) {
        assert!(matches!(
            all_errors(&network(), &Settings { simd, ..fine() })[..],
            [PlanError::Simd { .. }]
        ));
    }
}

/// A step above every delay is the delays' error: they are what the user can see.
#[test]
fn a_step_longer_than_a_delay_is_refused() {
    let errors = all_errors(&network(), &Settings { dt_ms: 2.0, ..fine() });
    assert!(matches!(&errors[..], [PlanError::DelayBelowStep { path, .. }] if path == "projections.recurrent.delay"));
}

#[test]
fn explicit_methods_refuse_large_steps_and_name_one_that_fits() {
    let mut network = network();
    network.populations[0].method = Method::Rk4;
    assert_eq!(all_errors(&network, &Settings { dt_ms: 0.05, ..fine() }), []);
    let errors = all_errors(&network, &Settings { dt_ms: 0.1, ..fine() });
    let [error] = &errors[..] else { panic!("{errors:?}") };
    assert_eq!(
        format!("{}: {error}; {}", error.path(), error.hint()),
        "populations.cells.method: dt = 0.1 ms is too large for the method rk4 on `hodgkin_huxley`: at most 0.05 ms; \
         choose dt = \"0.05 ms\" or less, or method = \"strang\""
    );
    network.populations[0].method = Method::Auto;
    assert_eq!(all_errors(&network, &Settings { dt_ms: 0.1, ..fine() }), []);
}

/// 8 million cells all to all are 7·10¹³ synapses.
#[test]
fn networks_beyond_the_memory_are_refused_before_they_are_built() {
    let (error, text) = the_error(|n| {
        n.populations[0].size = 8_000_000;
        n.projections[0].connector = Connector::AllToAll { self_connections: true };
    });
    assert!(matches!(error, PlanError::Memory { what: "synapses", .. }), "{text}");
    assert!(
        text.starts_with("projections.recurrent: the network needs about 128.0 TB for synapses"),
        "{text}"
    );
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
