//! What a run leaves behind, and what it refuses to touch.

use crate::sandbox::{Sandbox, names_in};

#[test]
fn run_folders_are_numbered_and_never_overwritten() {
    let sandbox = Sandbox::with_project();
    for _ in 0..2 {
        sandbox.nsb(["run", "project.toml", "--no-figures"]).success();
    }
    assert_eq!(names_in(&sandbox.path("runs")), ["project-1", "project-2"]);
}

#[test]
fn a_run_folder_is_complete() {
    let sandbox = Sandbox::with_project();
    sandbox.nsb(["run", "project.toml", "--out", "new/here"]).success();
    let names = names_in(&sandbox.path("new/here"));
    for name in [
        "figures",
        "project.toml",
        "report.html",
        "spikes.csv",
        "spikes.npz",
        "summary.json",
    ] {
        assert!(names.iter().any(|n| n == name), "{name} is missing in {names:?}");
    }
    assert!(
        names
            .iter()
            .any(|name| name.starts_with("traces") && name.ends_with(".csv")),
        "{names:?}"
    );
    let figures = names_in(&sandbox.path("new/here/figures"));
    for name in ["raster.png", "raster.svg"] {
        assert!(figures.iter().any(|n| n == name), "{name} is missing in {figures:?}");
    }
    assert!(
        !names
            .iter()
            .chain(&figures)
            .any(|name| name.contains("tmp") || name.contains("part")),
        "{names:?} {figures:?}"
    );
}

#[test]
fn without_figures_everything_else_is_there() {
    let sandbox = Sandbox::with_project();
    let stdout = sandbox
        .nsb(["run", "project.toml", "--out", "here", "--no-figures"])
        .success();
    let names = names_in(&sandbox.path("here"));
    assert!(
        names.iter().any(|name| name == "summary.json") && names.iter().any(|name| name == "spikes.csv"),
        "{names:?}"
    );
    assert!(
        !names.iter().any(|name| name == "figures" || name == "report.html"),
        "{names:?}"
    );
    assert!(!stdout.contains("report.html"), "{stdout}");
}

#[test]
fn the_project_file_of_a_run_repeats_it() {
    let sandbox = Sandbox::new();
    let changed = [
        "--duration",
        "60 ms",
        "--seed",
        "9",
        "--set",
        "populations.cells.parameters.g_K=34 mS/cm^2",
    ];
    let first = sandbox
        .nsb(
            ["run", "level1", "--json", "--no-figures", "--out", "first"]
                .iter()
                .chain(&changed),
        )
        .json();
    let again = sandbox
        .nsb(["run", "first/project.toml", "--json", "--no-figures"])
        .json();
    for key in ["spike_hash", "spikes", "seed", "sim_ms", "n_synapses"] {
        assert_eq!(first[key], again[key], "{key}");
    }
    let plain = sandbox.nsb(["run", "level1", "--json", "--no-figures"]).json();
    assert_ne!(first["spike_hash"], plain["spike_hash"], "the changes changed nothing");
}

#[test]
fn a_model_from_the_command_line_is_kept_with_the_run() {
    let sandbox = Sandbox::with_project();
    let text = sandbox.nsb(["models", "hodgkin_huxley", "--source"]).success();
    sandbox.write(
        "squid.model",
        text.replace("neuron hodgkin_huxley", "neuron squid")
            .replace("= 36 mS/cm^2", "= 30 mS/cm^2"),
    );
    let arguments = [
        "run",
        "project.toml",
        "--json",
        "--no-figures",
        "--model",
        "squid.model",
        "--set",
        "populations.cells.parameters={}",
    ];
    let first = sandbox.nsb(arguments).json();
    let project = std::path::Path::new(first["out_dir"].as_str().unwrap()).join("project.toml");
    std::fs::remove_file(sandbox.path("squid.model")).unwrap();
    let again = sandbox
        .nsb(["run", project.to_str().unwrap(), "--json", "--no-figures"])
        .json();
    assert_eq!(first["spike_hash"], again["spike_hash"]);
    let plain = sandbox.nsb(["run", "project.toml", "--json", "--no-figures"]).json();
    assert_ne!(first["spike_hash"], plain["spike_hash"], "the model was not used");
}

#[test]
fn a_folder_with_something_in_it_is_refused_and_left_alone() {
    let sandbox = Sandbox::with_project();
    std::fs::create_dir(sandbox.path("full")).unwrap();
    sandbox.write("full/thesis.txt", "years of work");
    sandbox
        .nsb(["run", "project.toml", "--out", "full"])
        .refusal(2, &["full", "not empty"]);
    assert_eq!(names_in(&sandbox.path("full")), ["thesis.txt"]);
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox
        .nsb(["run", "project.toml", "--out", "empty", "--no-figures"])
        .success();
}

#[test]
fn a_place_where_no_folder_can_be_is_refused_before_anything_is_simulated() {
    let sandbox = Sandbox::with_project();
    // Days of simulation: reaching them would be noticed.
    let arguments = ["run", "project.toml", "--duration", "1000000 s", "--out"];
    sandbox
        .nsb(arguments.iter().chain(&["project.toml"]))
        .refusal(2, &["project.toml"]);
    sandbox
        .nsb(arguments.iter().chain(&["project.toml/below"]))
        .refusal(2, &["project.toml"]);
    if cfg!(target_os = "linux") {
        sandbox
            .nsb(arguments.iter().chain(&["/proc/nsb"]))
            .refusal(2, &["/proc/nsb"]);
    }
    assert_eq!(sandbox.names(), ["project.toml"]);
}
