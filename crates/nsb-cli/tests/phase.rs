//! `nsb phase`: fixed points and their stability against the algebra of the FitzHugh-Nagumo equations.

use serde_json::Value;

use crate::sandbox::{PLANE, Sandbox, names_in};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("plane.model", PLANE);
    sandbox
}

fn plane(arguments: &[&str]) -> Value {
    sandbox()
        .nsb([&["phase", "plane.model", "--json"], arguments].concat())
        .json()
}

#[test]
fn the_fixed_point_solves_the_equations_and_has_their_eigenvalues() {
    for current in ["0", "0.5", "1.0"] {
        let object = plane(&["--current", current]);
        let points = object["fixed_points"].as_array().unwrap();
        assert_eq!(points.len(), 1, "{object:#}");
        let (v, w) = (points[0]["v"].as_f64().unwrap(), points[0]["w"].as_f64().unwrap());
        let input: f64 = current.parse().unwrap();
        assert!(
            (v - v * v * v / 3.0 - w + input).abs() < 1e-8 && (v + 0.7 - 0.8 * w).abs() < 1e-8,
            "{v} {w}"
        );
        // Jacobian: [1 − v², −1; 0.08, −0.064].
        let (trace, determinant) = (1.0 - v * v - 0.064, -0.064 * (1.0 - v * v) + 0.08);
        let eigenvalues = &points[0]["eigenvalues_per_ms"];
        let part = |n: usize, m: usize| eigenvalues[n][m].as_f64().unwrap();
        assert!((part(0, 0) + part(1, 0) - trace).abs() < 1e-6, "{eigenvalues}");
        let product = part(0, 0) * part(1, 0) - part(0, 1) * part(1, 1);
        assert!((product - determinant).abs() < 1e-6, "{eigenvalues}");
    }
}

#[test]
fn stability_is_lost_and_won_at_the_hopf_points() {
    // v² = 1 − 0.8 · 0.08 gives 0.3313 and 1.4187.
    for (current, stable) in [("0.32", true), ("0.34", false), ("1.41", false), ("1.43", true)] {
        let object = plane(&["--current", current, "--duration", "50 ms"]);
        let point = &object["fixed_points"][0];
        assert_eq!(point["stable"], stable, "{current}: {object:#}");
        assert!(point["kind"].as_str().unwrap().ends_with("focus"), "{object:#}");
    }
}

#[test]
fn three_fixed_points_are_found_and_the_middle_one_is_a_saddle() {
    // With b = 2 and a = 0 the line w = v / 2 meets the cubic at 0 and ±√1.5.
    let object = plane(&["--set", "a=0", "--set", "b=2"]);
    let points = object["fixed_points"].as_array().unwrap();
    let places: Vec<f64> = points.iter().map(|point| point["v"].as_f64().unwrap()).collect();
    let expected = [-(1.5_f64.sqrt()), 0.0, 1.5_f64.sqrt()];
    assert_eq!(places.len(), 3, "{object:#}");
    assert!(
        places.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-8),
        "{places:?}"
    );
    assert_eq!(points[1]["kind"], "saddle");
    assert_eq!(
        (&points[0]["stable"], &points[2]["stable"]),
        (&Value::Bool(true), &Value::Bool(true))
    );
}

#[test]
fn a_folder_has_the_figure_with_nullclines_and_trajectories() {
    let sandbox = sandbox();
    let arguments = [
        "phase",
        "plane.model",
        "--out",
        "here",
        "--start",
        "v=-1, w=1",
        "--start",
        "v=2, w=0",
    ];
    let told = sandbox.nsb(arguments).success();
    assert!(told.contains("stable") && told.contains("here"), "{told}");
    assert_eq!(names_in(&sandbox.path("here/figures")), ["phase.png", "phase.svg"]);
    for name in ["project.toml", "report.html", "summary.json", "traces.npz"] {
        assert!(sandbox.path("here").join(name).is_file(), "{name}");
    }
    let svg = sandbox.read("here/figures/phase.svg");
    for text in ["v nullcline", "w nullcline", "trajectories", "fixed point"] {
        assert!(svg.contains(text), "{text}");
    }
    let table = sandbox.read("here/traces_trajectory.csv");
    assert!(table.contains("\n0.0,0,-1.0,1.0\n0.0,1,2.0,0.0\n"), "{}", &table[..200]);
}

#[test]
fn what_does_not_fit_is_refused_with_a_hint_and_leaves_no_folder() {
    let sandbox = sandbox();
    let cases: [(&[&str], &str); 7] = [
        (&["hodgkin_huxley"], "4 states (V, m, h, n)"),
        (&["lif"], "1 state (V)"),
        (&["plane.model", "--start", "v=1, q=2"], "no state `q`"),
        (&["plane.model", "--start", "v=1 mV"], "not a voltage"),
        (&["plane.model", "--x", "3..-3"], "empty"),
        (&["plane.model", "--x", "3"], "no range"),
        (&["plane.model", "--current", "1 pA"], "pA"),
    ];
    for (arguments, part) in cases {
        sandbox
            .nsb([&["phase"], arguments].concat())
            .refusal(2, &["error", part, "help"]);
    }
    assert_eq!(sandbox.names(), ["plane.model"]);
}

#[test]
fn built_in_models_with_two_states_have_the_fixed_points_of_their_literature() {
    let sandbox = Sandbox::new();
    let points = |arguments: &[&str]| {
        let object = sandbox
            .nsb([&["phase"], arguments, &["--json", "--duration", "20 ms"]].concat())
            .json();
        object["fixed_points"].as_array().unwrap().clone()
    };
    // FitzHugh-Nagumo: Hopf points at 0.3313 and 1.4187. Morris-Lecar, Hopf set: rests at 88, fires from rest at 90.
    assert_eq!(points(&["fitzhugh_nagumo", "--current", "0.3"])[0]["stable"], true);
    assert_eq!(points(&["fitzhugh_nagumo", "--current", "1"])[0]["stable"], false);
    assert_eq!(points(&["morris_lecar", "--current", "0 uA/cm^2"])[0]["stable"], true);
    assert_eq!(
        points(&["morris_lecar", "--current", "150 uA/cm^2"])[0]["stable"],
        false
    );
}

/// A trajectory that stays where it starts cannot be seen, and the legend does not name it.
#[test]
fn a_trajectory_at_rest_is_not_listed() {
    let sandbox = Sandbox::new();
    let object = sandbox
        .nsb(["phase", "fitzhugh_nagumo", "--json", "--out", "first"])
        .json();
    let point = &object["fixed_points"][0];
    let names: Vec<&str> = object["states"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_str().unwrap())
        .collect();
    let start: Vec<String> = names.iter().map(|name| format!("{name}={}", point[*name])).collect();
    let start = start.join(", ");
    sandbox
        .nsb([
            "phase",
            "fitzhugh_nagumo",
            "--start",
            &start,
            "--out",
            "rest",
            "--quiet",
        ])
        .success();
    sandbox
        .nsb([
            "phase",
            "fitzhugh_nagumo",
            "--start",
            "V=-2, w=1",
            "--out",
            "far",
            "--quiet",
        ])
        .success();
    let (rest, far) = (
        sandbox.read("rest/figures/phase.svg"),
        sandbox.read("far/figures/phase.svg"),
    );
    let listed = |svg: &str| {
        (
            svg.contains(">trajectory<"),
            svg.contains(">start<"),
            svg.contains("is not drawn"),
        )
    };
    assert_eq!(listed(&rest), (false, false, true));
    assert_eq!(listed(&far), (true, true, false));
}
