//! What the text of a model says beside declarations and equations: functions, threshold, reset and the like, as they
//! are written there.

use nsb_lang::Model;

/// Sections that are shown.
const RULES: [&str; 15] = [
    "functions",
    "initial",
    "threshold",
    "rearm",
    "reset",
    "refractory",
    "on spike",
    "current",
    "bounds",
    "on pre",
    "on post",
    "on reward",
    "on update",
    "update every",
    "update where",
];
/// Sections that are shown elsewhere, and what else begins a part of a model.
const OTHERS: [&str; 8] = [
    "parameters",
    "inputs",
    "equations",
    "presets",
    "algebraic",
    "per source",
    "per target",
    "per synapse",
];

/// The rules of a model, line by line; lines that belong to a section are indented by two spaces.
pub fn rules(model: &Model) -> Vec<String> {
    let mut rules = Vec::new();
    let (mut own, mut shown) = (false, false);
    for line in model.source.text.lines().map(str::trim_end) {
        let text = line.trim_start();
        let mut words = text.split_whitespace();
        if let (Some("neuron" | "receptor" | "synapse"), Some(name)) = (words.next(), words.next()) {
            (own, shown) = (name == model.name, false);
            continue;
        }
        let keyword = text.split_once(':').map(|(keyword, _)| keyword);
        let begins = |sections: &[&str]| keyword.is_some_and(|keyword| sections.contains(&keyword));
        if begins(&RULES) {
            shown = true;
            if own {
                rules.push(text.to_owned());
            }
        } else if begins(&OTHERS) || line == text {
            shown = false;
        } else if own && shown && !text.is_empty() {
            rules.push(format!("  {text}"));
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_models;
    use nsb_kernels::Catalogue;
    use nsb_lang::Source;

    #[test]
    fn rules_are_those_of_the_model_and_no_declarations() {
        let catalogue = Catalogue::builtin();
        let text = rules(catalogue.get("hodgkin_huxley").unwrap()).join("\n");
        for part in ["alpha_m(v) = ", "threshold: V > V_spike", "rearm: ", "initial:\n  "] {
            assert_eq!(text.matches(part).count(), 1, "{part}\n{text}");
        }
        assert!(!rules(catalogue.get("lif").unwrap()).concat().contains("pF"));
        let receptor = rules(catalogue.get("exponential_conductance").unwrap());
        assert!(
            receptor.iter().any(|line| line == "current: g * (E_rev - V)"),
            "{receptor:?}"
        );
    }

    #[test]
    fn of_two_models_in_one_indented_text_each_has_its_own() {
        let one = |name: &str, level: &str| {
            format!(
                "  neuron {name} \"x\"\n    equations:\n      dV/dt = -V / (1 ms) : mV \"v\"\n    initial:\n      V = 1 mV\n    \
                 threshold: V > {level}\n    reset:\n      V = 0 mV\n"
            )
        };
        let text = one("first", "5 mV") + &one("second", "7 mV");
        let (models, findings) = check_models(&Source::new("two.model", text));
        assert!(!findings.has_errors(), "{findings}");
        let of = |name: &str| rules(models.iter().find(|model| model.name == name).unwrap());
        let expected = |level| vec!["initial:", "  V = 1 mV", level, "reset:", "  V = 0 mV"];
        assert_eq!(of("first"), expected("threshold: V > 5 mV"));
        assert_eq!(of("second"), expected("threshold: V > 7 mV"));
    }
}
