//! Ctrl-C: the run stops, what was simulated is kept.
#![cfg(unix)]

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::sandbox::{Ended, PROJECT, Sandbox, ended};

/// A run of days, that records spikes only.
fn start(sandbox: &Sandbox, more: &[&str]) -> Child {
    let project = PROJECT.replace("\"20 ms\"", "\"1000000 s\"");
    let (project, _) = project.split_once("[recordings.voltage]").unwrap();
    sandbox.write(
        "long.toml",
        format!("{project}[recordings.spikes]\nkind = \"spikes\"\npopulation = \"cells\"\n"),
    );
    let mut arguments = vec!["run", "long.toml", "--out", "here"];
    arguments.extend(more);
    let child = sandbox.start(arguments);
    let patience = Instant::now() + Duration::from_secs(60);
    while !sandbox.path("here").exists() {
        assert!(Instant::now() < patience, "the run does not begin");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(300));
    child
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(status.unwrap().success(), "the run had ended before the signal");
}

fn wait(mut child: Child) -> Ended {
    let patience = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > patience {
            child.kill().unwrap();
            panic!("the run does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    ended(child.wait_with_output().unwrap())
}

#[test]
fn an_interrupted_run_keeps_what_was_simulated() {
    let sandbox = Sandbox::new();
    let child = start(&sandbox, &[]);
    signal(&child, "-INT");
    let ended = wait(child);
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.stdout.contains("interrupted"), "{}", ended.stdout);

    let summary: serde_json::Value = serde_json::from_str(&sandbox.read("here/summary.json")).unwrap();
    assert_eq!(summary["interrupted"], true);
    let simulated_ms = summary["sim_ms"].as_f64().unwrap();
    assert!(simulated_ms > 0.0 && simulated_ms < 1e9, "{simulated_ms}");
    assert!(summary["spikes"].as_u64().unwrap() > 0);
    for name in ["report.html", "project.toml", "spikes.csv"] {
        assert!(sandbox.path("here").join(name).is_file(), "{name}");
    }
}

#[test]
fn a_killed_run_leaves_nothing_that_looks_complete() {
    let sandbox = Sandbox::new();
    let child = start(&sandbox, &[]);
    signal(&child, "-KILL");
    wait(child);
    let names = crate::sandbox::names_in(&sandbox.path("here"));
    assert!(!names.is_empty());
    assert!(names.iter().all(|name| name.ends_with(".partial")), "{names:?}");
}

#[test]
fn an_interrupted_run_still_prints_its_object() {
    let sandbox = Sandbox::new();
    let child = start(&sandbox, &["--json", "--no-figures"]);
    signal(&child, "-TERM");
    let ended = wait(child);
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    let object: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(object["interrupted"], true);
}

#[test]
fn an_interrupted_benchmark_prints_nothing_that_looks_like_a_result() {
    let sandbox = Sandbox::new();
    let child = sandbox.start([
        "bench",
        "--workload",
        "hh_population",
        "--scale",
        "0.01",
        "--seconds",
        "1000000",
    ]);
    // Long enough to be in the loop; before it, the signal would take effect at its first step.
    std::thread::sleep(Duration::from_millis(500));
    signal(&child, "-INT");
    wait(child).refusal(130, &["interrupted"]);
}
