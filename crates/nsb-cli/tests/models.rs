//! `nsb models` and `nsb check`: what there is, and what is wrong.

use crate::sandbox::{PROJECT, Sandbox};

const BUILT_IN: [&str; 4] = [
    "hodgkin_huxley",
    "lif",
    "exponential_conductance",
    "exponential_current",
];

#[test]
fn the_list_names_every_model_with_kind_and_title() {
    let list = Sandbox::new().nsb(["models"]).success();
    for name in BUILT_IN {
        let line = list
            .lines()
            .find(|line| line.split_whitespace().next() == Some(name))
            .expect(name);
        assert!(line.split_whitespace().count() > 3, "no title: {line}");
    }
    let neurons = list.split("receptors").next().unwrap();
    assert!(
        neurons.contains("hodgkin_huxley") && neurons.contains("lif") && !neurons.contains("exponential_current"),
        "{list}"
    );
}

#[test]
fn a_page_shows_equations_parameters_and_references() {
    let sandbox = Sandbox::new();
    let page = sandbox.nsb(["models", "hodgkin_huxley"]).success();
    for part in [
        "dV/dt",
        "alpha_m(v) =",
        "threshold: V > V_spike",
        "uF/cm^2",
        "-54.387",
        "maximal sodium conductance",
        "Hodgkin AL, Huxley AF (1952)",
        "strang",
        "0.05 ms",
    ] {
        assert!(page.contains(part), "`{part}` is missing in:\n{page}");
    }
    for name in BUILT_IN {
        let page = sandbox.nsb(["models", name]).success();
        for heading in ["equations", "variables", "parameters", "references"] {
            assert!(
                page.lines().any(|line| line == heading),
                "{heading} is missing in:\n{page}"
            );
        }
    }
}

#[test]
fn an_unknown_model_is_refused_with_the_nearest_name() {
    let sandbox = Sandbox::new();
    sandbox
        .nsb(["models", "hodgkin_huxly"])
        .refusal(2, &["hodgkin_huxly", "did you mean `hodgkin_huxley`?"]);
    sandbox.nsb(["models", "zebra"]).refusal(2, &["zebra", "nsb models"]);
}

#[test]
fn the_text_of_every_model_passes_its_own_check() {
    let sandbox = Sandbox::new();
    for name in BUILT_IN {
        let file = format!("{name}.model");
        sandbox.write(&file, sandbox.nsb(["models", name, "--source"]).success());
        let report = sandbox.nsb(["check", &file]).success();
        assert!(report.contains(name), "{report}");
    }
}

#[test]
fn a_good_project_is_checked_without_being_run() {
    let sandbox = Sandbox::with_project();
    let report = sandbox.nsb(["check", "project.toml"]).success();
    for part in ["cells", "hodgkin_huxley", "4", "strang", "1 ms"] {
        assert!(report.contains(part), "`{part}` is missing in:\n{report}");
    }
    assert_eq!(sandbox.names(), ["project.toml"], "check leaves nothing behind");
}

#[test]
fn check_reports_all_mistakes_of_a_project_at_once() {
    let sandbox = Sandbox::new();
    let broken = PROJECT
        .replace("\"20 ms\"", "20")
        .replace("g_K =", "g_k =")
        .replace("\"10 nS\"", "\"10 mV\"")
        .replace("kind = \"step\"", "kind = \"stpe\"");
    sandbox.write("broken.toml", &broken);
    let report = sandbox
        .nsb(["check", "broken.toml"])
        .refusal(2, &["`g_k`", "not a voltage", "stpe", "bare number"]);
    assert!(report.matches("error[").count() >= 4, "{report}");
}

#[test]
fn check_reports_all_mistakes_of_a_model_at_once() {
    let sandbox = Sandbox::new();
    let text = sandbox.nsb(["models", "lif", "--source"]).success();
    let broken = text
        .replace("= 200 pF", "= 200 pFF")
        .replace("E_L     = -65 mV", "E_L     = -65 ms")
        .replace("V = V_reset", "V = V_rset");
    sandbox.write("broken.model", &broken);
    let report = sandbox
        .nsb(["check", "broken.model"])
        .refusal(2, &["pFF", "broken.model:", "`V_rset`"]);
    assert!(report.matches("error[").count() >= 3, "{report}");
}
