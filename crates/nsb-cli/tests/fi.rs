//! `nsb fi`: rates against published and closed-form values, files, and refusals.

use serde_json::Value;

use crate::sandbox::{Sandbox, names_in};

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect()
}

#[test]
fn hodgkin_huxley_cells_fire_at_the_rates_of_the_reference() {
    let sandbox = Sandbox::new();
    // Runge-Kutta of order 4 at 0.01 ms, mean interval in the second half of 2 s.
    for (current, reference_hz) in [(6.3, 52.37), (10.0, 68.32), (20.0, 86.47)] {
        let (from, to) = (format!("{current} uA/cm^2"), format!("{} uA/cm^2", 2.0 * current));
        let arguments = [
            "fi",
            "hodgkin_huxley",
            "--from",
            &from,
            "--to",
            &to,
            "--steps",
            "2",
            "--json",
        ];
        let object = sandbox.nsb(arguments).json();
        assert_eq!(numbers(&object["current"]), [current, 2.0 * current]);
        let rate_hz = numbers(&object["rate_hz"])[0];
        assert!(
            (rate_hz / reference_hz - 1.0).abs() < 0.005,
            "{current}: {rate_hz} Hz, not {reference_hz}"
        );
    }
}

#[test]
fn the_curve_of_a_hodgkin_huxley_cell_jumps_at_its_onset() {
    let sandbox = Sandbox::new();
    let range = ["--from", "0 uA/cm^2", "--to", "10 uA/cm^2", "--steps", "11"];
    let object = sandbox
        .nsb(["fi", "hodgkin_huxley", "--json"].iter().chain(&range))
        .json();
    let rates = numbers(&object["rate_hz"]);
    // One spike at the onset of a current below threshold is no rate.
    assert!(rates[..7].iter().all(|rate| *rate == 0.0), "{rates:?}");
    assert!(rates[7] > 50.0, "{rates:?}");
    assert_eq!(object["spikes"][4], 1);
}

#[test]
#[allow(clippy::disallowed_methods)] // the platform's logarithm is a truth of its own
fn leaky_integrate_and_fire_cells_follow_the_closed_form() {
    let sandbox = Sandbox::new();
    let arguments = [
        "fi", "lif", "--from", "160 pA", "--to", "300 pA", "--steps", "8", "--json", "--dt", "0.01 ms",
    ];
    let object = sandbox.nsb(arguments).json();
    let (tau_ms, threshold_mv, refractory_ms, resistance) = (20.0_f64, 15.0, 2.0, 0.1);
    for (current, rate_hz) in numbers(&object["current"]).into_iter().zip(numbers(&object["rate_hz"])) {
        let drive_mv = resistance * current;
        let exact_hz = 1000.0 / (refractory_ms + tau_ms * (drive_mv / (drive_mv - threshold_mv)).ln());
        // Spikes end on the grid: at most one step an interval is lost.
        assert!(
            (rate_hz / exact_hz - 1.0).abs() < 1.2e-5 * exact_hz,
            "{current} pA: {rate_hz} Hz, not {exact_hz}"
        );
    }
}

#[test]
fn a_parameter_and_a_model_of_ones_own_change_the_curve() {
    let sandbox = Sandbox::new();
    let rates = |arguments: &[&str]| {
        let range = [
            "--from",
            "200 pA",
            "--to",
            "300 pA",
            "--steps",
            "3",
            "--json",
            "--duration",
            "500 ms",
        ];
        numbers(&sandbox.nsb([&["fi"], arguments, &range].concat()).json()["rate_hz"])
    };
    let plain = rates(&["lif"]);
    let changed = rates(&["lif", "--set", "t_ref=10 ms"]);
    assert!(
        plain.iter().zip(&changed).all(|(plain, changed)| changed < plain),
        "{plain:?} {changed:?}"
    );
    let text = sandbox.nsb(["models", "lif", "--source"]).success();
    sandbox.write(
        "own.model",
        text.replace("neuron lif", "neuron own")
            .replace("t_ref   = 2 ms", "t_ref = 10 ms"),
    );
    assert_eq!(rates(&["own.model"]), changed);
}

#[test]
fn a_folder_has_table_figure_report_and_the_project() {
    let sandbox = Sandbox::new();
    let range = ["--from", "160 pA", "--to", "300 pA", "--steps", "5", "--out", "here"];
    let told = sandbox.nsb(["fi", "lif"].iter().chain(&range)).success();
    assert!(told.contains("Hz") && told.contains("here"), "{told}");
    for name in [
        "fi.csv",
        "figures",
        "project.toml",
        "report.html",
        "spikes.npz",
        "summary.json",
    ] {
        assert!(names_in(&sandbox.path("here")).iter().any(|n| n == name), "{name}");
    }
    assert_eq!(names_in(&sandbox.path("here/figures")), ["fi.png", "fi.svg"]);
    let table = sandbox.read("here/fi.csv");
    assert!(
        table.starts_with("current (pA),rate_hz,first_rate_hz,spikes\n160.0,"),
        "{table}"
    );
    assert_eq!(table.lines().count(), 6);
    let summary: Value = serde_json::from_str(&sandbox.read("here/summary.json")).unwrap();
    let again = sandbox
        .nsb(["run", "here/project.toml", "--json", "--no-figures"])
        .json();
    assert_eq!(
        summary["spike_hash"], again["spike_hash"],
        "the project does not repeat the curve"
    );
    sandbox
        .nsb(["fi", "lif"].iter().chain(&range))
        .refusal(2, &["here", "not empty"]);
    assert_eq!(
        sandbox
            .nsb(["fi", "lif", "--from", "160 pA", "--to", "200 pA", "--quiet"])
            .success(),
        ""
    );
    assert!(names_in(&sandbox.path("runs")).contains(&"fi_lif-1".to_owned()));
}

#[test]
fn what_does_not_fit_is_refused_with_a_hint_and_leaves_no_folder() {
    let sandbox = Sandbox::new();
    let good = ["fi", "lif", "--from", "0 pA", "--to", "300 pA"];
    let cases: [(&[&str], &str); 11] = [
        (
            &["fi", "hodgkin_huxly", "--from", "0 pA", "--to", "1 pA"],
            "hodgkin_huxley",
        ),
        (
            &["fi", "exponential_current", "--from", "0 pA", "--to", "1 pA"],
            "receptor",
        ),
        (&["fi", "lif", "--from", "0 mV", "--to", "1 mV"], "input `I`"),
        (&["fi", "lif", "--from", "0", "--to", "5 pA"], "write \"0 pA\""),
        (&["fi", "lif", "--from", "0 pA", "--to", "5"], "write \"5 pA\""),
        (&["fi", "lif", "--from", "0 pA", "--to", "1 uA/cm^2"], "same unit"),
        (&["fi", "lif", "--from", "none", "--to", "1 pA"], "--from"),
        (&[good.as_slice(), &["--steps", "1"]].concat(), "2 to"),
        (&[good.as_slice(), &["--set", "tau=10 ms"]].concat(), "tau_m"),
        (&[good.as_slice(), &["--method", "magic"]].concat(), "magic"),
        (
            &["fi", "missing.model", "--from", "0 pA", "--to", "1 pA"],
            "missing.model",
        ),
    ];
    for (arguments, part) in cases {
        sandbox
            .nsb([arguments, &["--json"]].concat())
            .refusal(2, &["error", part, "help"]);
    }
    assert!(sandbox.names().is_empty(), "{:?}", sandbox.names());
}

/// Threads, vector width and executor change the speed and nothing else.
#[test]
fn the_curve_does_not_depend_on_how_fast_it_is_computed() {
    let sandbox = Sandbox::new();
    let arguments = [
        "--from",
        "150 pA",
        "--to",
        "400 pA",
        "--steps",
        "5",
        "--duration",
        "200 ms",
        "--json",
    ];
    let curve = |more: &[&str]| {
        let mut all = vec!["fi", "lif"];
        all.extend(arguments);
        all.extend(more);
        let mut object = sandbox.nsb(all).json();
        object["out_dir"] = serde_json::Value::Null;
        object
    };
    let plain = curve(&[]);
    assert!(plain["spike_hash"].is_string());
    assert_eq!(
        plain,
        curve(&["--executor", "interpreter", "--simd", "scalar", "--threads", "3"])
    );
    let mut wrong = vec!["fi", "lif", "--executor", "jit"];
    wrong.extend(arguments);
    sandbox.nsb(wrong).refusal(2, &["jit", "--executor"]);
}
