//! `nsb protocol`: windows against closed forms, frequencies against an independent program, files, and refusals.

use serde_json::Value;

use crate::sandbox::{Sandbox, names_in};

fn numbers(value: &Value) -> Vec<f64> {
    let all = value.as_array().unwrap().iter();
    all.map(|number| number.as_f64().unwrap()).collect()
}

/// Pairs a minute apart do not see each other, up to exp(-60).
#[test]
#[allow(clippy::disallowed_methods)] // the platform's exponential is a truth of its own
fn the_window_of_pairs_is_exponential_on_both_sides() {
    let sandbox = Sandbox::new();
    let arguments = [
        "protocol",
        "pair_stdp",
        "--pairs",
        "3",
        "--spacing",
        "10 ms",
        "--frequencies",
        "1 Hz",
        "--json",
    ];
    let object = sandbox.nsb(arguments).json();
    let distances = numbers(&object["dt_ms"]);
    assert_eq!(distances.len(), 20);
    assert_eq!(object["relative_to"], "w_max");
    for (dt, change) in distances.iter().zip(numbers(&object["change"])) {
        let one = if *dt > 0.0 {
            0.01 * (-dt / 20.0).exp()
        } else {
            -0.0105 * (dt / 20.0).exp()
        };
        // Pairs a second apart see each other by exp(-1000 / 20 + 100 / 20).
        assert!((change - 3.0 * one).abs() < 1e-14, "{dt}: {change}");
    }
    assert!((numbers(&object["change_plus"])[0] - 0.03 * (-0.5f64).exp()).abs() < 1e-14);
    assert!((numbers(&object["change_minus"])[0] + 0.0315 * (-0.5f64).exp()).abs() < 1e-14);
}

/// The sums over all triplets of Pfister and Gerstner (2006), pair by pair.
#[test]
#[allow(clippy::disallowed_methods)]
fn triplets_depend_on_frequency_as_their_sums() {
    let sandbox = Sandbox::new();
    let arguments = [
        "protocol",
        "triplet_stdp",
        "--pairs",
        "20",
        "--spacing",
        "50 ms",
        "--frequencies",
        "10 Hz, 50 Hz",
        "--json",
    ];
    let object = sandbox.nsb(arguments).json();
    assert_eq!(numbers(&object["frequency_hz"]), [10.0, 50.0]);
    for (n, period) in [100.0, 20.0].into_iter().enumerate() {
        for (key, distance) in [("change_plus", 10.0), ("change_minus", -10.0)] {
            let before: Vec<f64> = (0..20).map(|n| 1000.0 + period * f64::from(n)).collect();
            let after: Vec<f64> = before.iter().map(|time| time + distance).collect();
            let sum = |spikes: &[f64], at: f64, tau: f64| -> f64 {
                let earlier = spikes.iter().filter(|spike| **spike < at - 1e-6);
                earlier.map(|spike| ((spike - at) / tau).exp()).sum()
            };
            let mut due = 0.0;
            for &at in &before {
                due -= sum(&after, at, 33.7) * (7e-3 + 2.3e-4 * sum(&before, at, 101.0));
            }
            for &at in &after {
                due += sum(&before, at, 16.8) * (5e-10 + 6.2e-3 * sum(&after, at, 125.0));
            }
            let got = numbers(&object[key])[n];
            assert!((got - due).abs() < 1e-13, "{period} {key}: {got}, not {due}");
        }
    }
    assert_eq!(object["at_bound"], 0);
}

/// The cell is silent between spikes; a higher reset brings the voltage-based rule to potentiation.
#[test]
fn a_rule_that_reads_the_voltage_and_one_of_a_file_work() {
    let sandbox = Sandbox::new();
    let short = ["--pairs", "5", "--spacing", "50 ms", "--frequencies", "50 Hz", "--json"];
    let plus = |more: &[&str]| {
        let all: Vec<&str> = ["protocol"].iter().chain(more).chain(&short).copied().collect();
        numbers(&sandbox.nsb(all).json()["change_plus"])[0]
    };
    let resting = plus(&["clopath"]);
    assert!(
        plus(&["clopath", "--cell", "V_reset=-55 mV"]) > resting + 1e-4,
        "{resting}"
    );
    let text = sandbox.nsb(["models", "pair_stdp", "--source"]).success();
    sandbox.write("own.model", text.replace("synapse pair_stdp", "synapse own"));
    assert_eq!(plus(&["own.model"]), plus(&["pair_stdp"]));
    assert!(plus(&["own.model", "--set", "A_plus=0.02"]) > plus(&["own.model"]));
    assert_eq!(plus(&["pair_stdp", "--set", "w_max=3 pA"]), plus(&["pair_stdp"]));
    assert_eq!(
        plus(&["pair_stdp", "--threads", "2", "--executor", "interpreter"]),
        plus(&["pair_stdp"])
    );
}

#[test]
fn a_folder_has_tables_figures_and_the_project() {
    let sandbox = Sandbox::new();
    let arguments = [
        "protocol",
        "pair_stdp",
        "--pairs",
        "60",
        "--rate",
        "20 Hz",
        "--spacing",
        "20 ms",
        "--frequencies",
        "20 Hz",
        "--out",
        "here",
        "--set",
        "A_plus=0.05",
    ];
    let told = sandbox.nsb(arguments).success();
    assert!(told.contains("at a bound"), "{told}");
    let files = names_in(&sandbox.path("here"));
    for name in [
        "window.csv",
        "frequency.csv",
        "project.toml",
        "report.html",
        "summary.json",
    ] {
        assert!(files.iter().any(|n| n == name), "{name}");
    }
    assert!(!files.iter().any(|n| n.starts_with("traces")), "{files:?}");
    let figures = ["frequency.png", "frequency.svg", "window.png", "window.svg"];
    assert_eq!(names_in(&sandbox.path("here/figures")), figures);
    let summary: Value = serde_json::from_str(&sandbox.read("here/summary.json")).unwrap();
    let again = sandbox
        .nsb(["run", "here/project.toml", "--json", "--no-figures"])
        .json();
    assert_eq!(summary["spike_hash"], again["spike_hash"]);
}

#[test]
fn what_does_not_fit_is_refused_with_a_hint_and_leaves_no_folder() {
    let sandbox = Sandbox::new();
    for (arguments, parts) in [
        (&["tsodyks_markram"][..], &["E0542", "changes no weight"][..]),
        (&["synaptic_scaling"], &["E0542", "presynaptic"]),
        (
            &["reward_stdp", "--pairs", "2", "--frequencies", "10 Hz"],
            &["E0542", "reward"],
        ),
        (&["lif"], &["E0508", "synapse"]),
        (&["pair_std"], &["E0508", "pair_stdp"]),
        (&["pair_stdp", "--pairs", "0"], &["E0542", "--pairs"]),
        (&["pair_stdp", "--window", "100"], &["E0505", "unit"]),
        (&["pair_stdp", "--window", "100 mV"], &["E0542", "100 ms"]),
        (&["pair_stdp", "--spacing", "0.01 ms"], &["E0542", "step"]),
        (&["pair_stdp", "--frequencies", "10 Hz,"], &["--frequencies"]),
        (&["pair_stdp", "--rate", "9000 Hz"], &["E0542", "--rate"]),
        (&["pair_stdp", "--weight", "2"], &["E0542", "--weight"]),
        (&["pair_stdp", "--preset", "minimal"], &["E0542", "--preset"]),
        (&["triplet_stdp", "--preset", "minimall"], &["E0542", "`minimal`"]),
        (&["pair_stdp", "--set", "tau_pluss=10 ms"], &["E0509", "tau_plus"]),
        (&["pair_stdp", "--cell", "V_rest=-60 mV"], &["E0509", "help"]),
        (&["missing.model"], &["missing.model"]),
    ] {
        sandbox.nsb(["protocol"].iter().chain(arguments)).refusal(2, parts);
    }
    assert!(sandbox.names().is_empty(), "{:?}", sandbox.names());
}
