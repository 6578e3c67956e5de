//! `nsb plot`: figures and report again from the data of a run, and folders that it refuses.

use crate::sandbox::{Sandbox, names_in};

#[test]
fn a_run_without_figures_gets_those_that_it_would_have_had() {
    let sandbox = Sandbox::with_project();
    sandbox.nsb(["run", "project.toml", "--out", "with"]).success();
    sandbox
        .nsb(["run", "project.toml", "--out", "without", "--no-figures"])
        .success();
    let summary = sandbox.read("without/summary.json");
    let told = sandbox.nsb(["plot", "without"]).success();
    assert!(told.contains("report.html"), "{told}");
    let figures = names_in(&sandbox.path("with/figures"));
    assert_eq!(names_in(&sandbox.path("without/figures")), figures);
    assert!(figures.len() >= 6, "{figures:?}");
    for name in &figures {
        let read = |folder: &str| std::fs::read(sandbox.path(folder).join("figures").join(name)).unwrap();
        assert!(read("with") == read("without"), "{name} differs");
    }
    assert_eq!(
        sandbox.read("with/statistics.json"),
        sandbox.read("without/statistics.json")
    );
    assert_eq!(
        sandbox.read("without/summary.json"),
        summary,
        "the summary is that of the run"
    );
}

#[test]
fn figures_are_replaced_and_nothing_is_left_half_written() {
    let sandbox = Sandbox::with_project();
    sandbox.nsb(["run", "project.toml", "--out", "here"]).success();
    let before = names_in(&sandbox.path("here"));
    let raster = sandbox.read("here/figures/raster.svg");
    sandbox.write("here/figures/raster.svg", "gone");
    assert_eq!(sandbox.nsb(["plot", "here", "--quiet"]).success(), "");
    assert_eq!(sandbox.read("here/figures/raster.svg"), raster);
    assert_eq!(names_in(&sandbox.path("here")), before);
}

#[test]
fn folders_that_are_no_runs_are_refused_and_left_alone() {
    let sandbox = Sandbox::with_project();
    sandbox.nsb(["plot", "nowhere"]).refusal(2, &["nowhere", "help"]);
    sandbox.nsb(["plot", "project.toml"]).refusal(2, &["is a file"]);
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox.nsb(["plot", "empty"]).refusal(2, &["project.toml"]);
    assert!(names_in(&sandbox.path("empty")).is_empty());

    sandbox
        .nsb(["run", "project.toml", "--out", "cut", "--no-figures"])
        .success();
    for (name, content, part) in [
        ("spikes.npz", "no archive", "spikes.npz"),
        ("traces.npz", "no archive", "traces.npz"),
        ("summary.json", "{\"model\": \"lif\"}", "nsb run"),
        ("summary.json", "{", "summary.json"),
    ] {
        let good = std::fs::read(sandbox.path("cut").join(name)).unwrap();
        sandbox.write(&format!("cut/{name}"), content);
        sandbox.nsb(["plot", "cut"]).refusal(2, &[part]);
        sandbox.write(&format!("cut/{name}"), good);
    }
    std::fs::remove_file(sandbox.path("cut/summary.json")).unwrap();
    sandbox.nsb(["plot", "cut"]).refusal(2, &["complete", "summary.json"]);
    assert!(!sandbox.path("cut/figures").exists() && !sandbox.path("cut/report.html").exists());
}
