//! Cells, times, amplitudes and variables of stimuli and monitors.

use super::*;

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
