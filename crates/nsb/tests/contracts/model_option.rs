//! `--model FILE`: models of one's own in place of those of a project.

use nsb::{Error, Overrides, Project, RunOptions, Source};

const MORRIS_LECAR: &str = "neuron my_cell \"two states\"
parameters:
    C = 20 uF/cm^2 \"capacitance\"
    area = 1000 um^2 \"membrane area\"
inputs:
    I : uA/cm^2 \"injected current density\"
equations:
    dV/dt = (I - 2 mS/cm^2 * (V + 60 mV)) / C : mV \"membrane potential\"
    dw/dt = -w / (10 ms) : 1 \"gate\"
initial:
    V = -60 mV
    w = 0.5
threshold: V > -55 mV
rearm: V < -57 mV
";

fn with_model(text: &str, set: &[(&str, &str)]) -> Result<Project, Error> {
    let set = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Project::open(
        "level1",
        &Overrides {
            model: Some(Source::new("my.model", text)),
            set,
            ..Overrides::default()
        },
    )
}

fn codes(result: Result<Project, Error>) -> Vec<(&'static str, String)> {
    match result {
        Err(Error::User(found)) => found
            .0
            .iter()
            .map(|d| (d.code, format!("{} {}", d.label, d.hints.join(" "))))
            .collect(),
        other => panic!("a user error is expected, not {other:?}"),
    }
}

#[test]
fn the_only_neuron_model_of_a_file_becomes_that_of_every_population() {
    let project = with_model(MORRIS_LECAR, &[("recordings.channels.variables", "[\"V\", \"w\"]")]).unwrap();
    assert_eq!(project.network.populations[0].model.name, "my_cell");
    let run = project.run(&RunOptions::default(), &mut ()).unwrap();
    assert!(run.summary.spikes > 0);
    // The text of the model is part of the effective project.
    let again = Project::from_source(
        &Source::new("project.toml", project.text.as_str()),
        "x",
        None,
        &Overrides::default(),
    )
    .unwrap();
    assert_eq!(
        again.run(&RunOptions::default(), &mut ()).unwrap().recording,
        run.recording
    );
}

#[test]
fn what_the_new_model_does_not_know_is_reported_with_the_way_out() {
    let found = codes(with_model(MORRIS_LECAR, &[]));
    assert_eq!(
        found.iter().map(|(code, _)| *code).collect::<Vec<_>>(),
        ["E0512"; 6],
        "{found:?}"
    );
    assert!(
        found[0].1.contains("--set recordings.channels.variables='[\"V\"]'"),
        "{found:?}"
    );
    let found = codes(with_model(
        MORRIS_LECAR,
        &[("recordings", "{}"), ("populations.cells.parameters.g_Na", "1 mS/cm^2")],
    ));
    assert_eq!(found[0].0, "E0509");
    assert!(
        found[0].1.contains("--set populations.cells.parameters={}"),
        "{found:?}"
    );
}

#[test]
fn a_model_of_a_name_in_use_takes_its_place() {
    let text = MORRIS_LECAR.replace("my_cell", "hodgkin_huxley");
    let project = with_model(&text, &[("recordings", "{}")]).unwrap();
    assert_eq!(project.network.populations[0].model.title, "two states");
    let receptor = "receptor exponential_conductance \"slower\"
parameters:
    tau = 5 ms \"decay\"
    E_rev = 0 mV \"reversal potential\"
equations:
    dg/dt = -g / (2 * tau) : nS \"conductance\"
initial:
    g = 0 nS
on spike:
    g += weight
current: g * (E_rev - V)
";
    let project = with_model(receptor, &[]).unwrap();
    assert_eq!(project.network.populations[0].model.name, "hodgkin_huxley");
    assert_eq!(project.network.populations[0].receptors[0].model.title, "slower");
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let two = format!("{MORRIS_LECAR}\n{}", MORRIS_LECAR.replace("my_cell", "my_other_cell"));
    let found = codes(with_model(&two, &[]));
    assert!(
        found
            .iter()
            .any(|(code, fix)| *code == "E0520" && fix.contains("populations.NAME.model=my_cell")),
        "{found:?}"
    );
    let broken = codes(with_model(&MORRIS_LECAR.replace("/ C", "/ D"), &[]));
    assert!(
        broken
            .iter()
            .all(|(code, _)| code.starts_with("E02") || *code == "E0512"),
        "{broken:?}"
    );
}
