//! `--json`: one object for scripts, and nothing else.

use serde_json::Value;

use crate::sandbox::Sandbox;

#[test]
fn the_object_has_every_promised_key_and_its_numbers_agree() {
    let sandbox = Sandbox::new();
    let object = sandbox
        .nsb([
            "run",
            "level1",
            "--json",
            "--no-figures",
            "--threads",
            "2",
            "--seed",
            "5",
        ])
        .json();
    let number = |key: &str| {
        object[key]
            .as_f64()
            .unwrap_or_else(|| panic!("{key} is no number in {object:#}"))
    };
    assert_eq!(number("n_neurons"), 10.0);
    assert!(number("n_synapses") > 0.0 && number("n_synapses") <= 90.0);
    assert_eq!(number("sim_ms"), 100.0);
    assert!(number("dt_ms") > 0.0);
    assert_eq!(number("seed"), 5.0);
    // Ten cells are one block, and a block is one thread's work.
    assert_eq!(number("threads"), 1.0);
    assert_eq!(object["executor"], "generated");
    assert_eq!(object["precision"], "double");
    assert!(number("peak_rss_mb") > 0.0 || cfg!(not(target_os = "linux")));
    for key in ["build_s", "run_s", "total_s", "realtime_factor"] {
        assert!(number(key) > 0.0, "{key}");
    }
    assert!(number("total_s") >= number("run_s"));
    assert_eq!(object["version"], env!("CARGO_PKG_VERSION"));
    assert!(
        ["scalar", "avx2", "avx512"].contains(&object["simd"].as_str().unwrap()),
        "{}",
        object["simd"]
    );
    assert_eq!(object["interrupted"], false);

    let populations = object["populations"].as_object().unwrap();
    let sum = |key: &str| populations.values().map(|p| p[key].as_f64().unwrap()).sum::<f64>();
    assert_eq!(sum("size"), number("n_neurons"));
    assert_eq!(sum("spikes"), number("spikes"));
    assert!(number("spikes") > 0.0);
    for population in populations.values() {
        let rate_hz = population["spikes"].as_f64().unwrap() / population["size"].as_f64().unwrap() / 0.1;
        assert!((population["rate_hz"].as_f64().unwrap() - rate_hz).abs() < 1e-9 * rate_hz.max(1.0));
    }
    let mean_rate_hz = number("spikes") / number("n_neurons") / 0.1;
    assert!((number("mean_rate_hz") - mean_rate_hz).abs() < 1e-9 * mean_rate_hz);

    let hash = object["spike_hash"].as_str().unwrap();
    assert!(
        hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit()),
        "{hash}"
    );
    let folder = object["out_dir"].as_str().unwrap();
    assert!(sandbox.path(folder).join("summary.json").is_file(), "{folder}");
}

#[test]
fn the_object_is_that_of_the_run_folder() {
    let sandbox = Sandbox::with_project();
    let printed = sandbox.nsb(["run", "project.toml", "--json", "--out", "here"]).json();
    let written: Value = serde_json::from_str(&sandbox.read("here/summary.json")).unwrap();
    for key in [
        "n_neurons",
        "n_synapses",
        "spikes",
        "spike_hash",
        "precision",
        "seed",
        "version",
        "populations",
        "sim_ms",
        "dt_ms",
    ] {
        assert_eq!(printed[key], written[key], "{key}");
    }
}

#[test]
fn a_failure_leaves_stdout_empty() {
    let sandbox = Sandbox::with_project();
    let failures: [&[&str]; 5] = [
        &["run", "missing.toml", "--json"],
        &["run", "project.toml", "--json", "--dt", "0.025"],
        &["run", "project.toml", "--json", "--wrong"],
        &["run", "project.toml", "--json", "--set", "populations.cells.size"],
        &["run", "project.toml", "--json", "--out", "project.toml/below"],
    ];
    for arguments in failures {
        sandbox.nsb(arguments).refusal(2, &["error"]);
    }
}

#[test]
fn the_seed_changes_the_wiring_and_nothing_else_is_random() {
    let sandbox = Sandbox::new();
    let hash = |seed: &str| {
        let object = sandbox
            .nsb(["run", "level1", "--json", "--no-figures", "--seed", seed])
            .json();
        object["spike_hash"].as_str().unwrap().to_string()
    };
    let one = hash("1");
    assert_eq!(one, hash("1"));
    assert!(
        (2..6).any(|seed| hash(&seed.to_string()) != one),
        "five seeds gave the same spikes"
    );
}
