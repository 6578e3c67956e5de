//! From the path of a problem (`projections.recurrent.delay`) back to the line that says it.

use nsb_engine::{PlanError, PlanErrors, PlanWarning};
use nsb_lang::{Diagnostic, Diagnostics};

use super::node::{Kind, Node, Place};

/// Problems of a plan as findings in the project text. Findings that point into a model keep their place.
pub(crate) fn errors(root: &Node, errors: &PlanErrors) -> Diagnostics {
    let mut findings = Diagnostics::default();
    for error in &errors.0 {
        match error {
            PlanError::Model(inside) => findings.0.extend(inside.0.iter().cloned()),
            error => findings.push(
                place_of(root, error.path())
                    .error(code(error), error.to_string())
                    .hint(error.hint()),
            ),
        }
    }
    // Several sources of a training may have the same fault at the same place.
    let mut once = Diagnostics::default();
    for finding in findings.0 {
        if !once.0.contains(&finding) {
            once.push(finding);
        }
    }
    once
}

/// What a plan warns of, in the project text.
pub(crate) fn warnings(root: &Node, warnings: &[PlanWarning]) -> Diagnostics {
    let place = |warning: &PlanWarning| place_of(root, warning.path());
    let convert = |warning: &PlanWarning| {
        let place = place(warning);
        Diagnostic::warning(warning_code(warning), &place.source, place.span, warning.to_string()).hint(warning.hint())
    };
    Diagnostics(warnings.iter().map(convert).collect())
}

fn code(error: &PlanError) -> &'static str {
    match error {
        PlanError::EmptyName { .. } | PlanError::DuplicateName { .. } => "E0601",
        PlanError::UnknownName { .. } | PlanError::WrongModelKind { .. } => "E0602",
        PlanError::EmptyPopulation { .. } | PlanError::TooManyCells { .. } => "E0603",
        PlanError::WrongDimension { .. } | PlanError::NotANumber { .. } | PlanError::NoSuchInput { .. } => "E0604",
        PlanError::OutOfRange { .. } | PlanError::WeightTooLarge { .. } => "E0605",
        PlanError::WrongLength { .. } => "E0606",
        PlanError::Missing { .. } => "E0607",
        PlanError::Probability { .. } => "E0608",
        PlanError::DelayBelowStep { .. } | PlanError::DelayTooLong { .. } => "E0609",
        PlanError::CellOutOfRange { .. } | PlanError::DuplicateCell { .. } | PlanError::NoCells { .. } => "E0610",
        PlanError::Time { .. } | PlanError::StimulusNeverOn { .. } => "E0611",
        PlanError::NoVariables { .. } | PlanError::IntervalBelowStep { .. } => "E0612",
        PlanError::Dt { .. } | PlanError::DtTooLarge { .. } => "E0613",
        PlanError::Threads { .. } | PlanError::Simd { .. } => "E0614",
        PlanError::Memory { .. } => "E0615",
        PlanError::Unfit { .. } => "E0616",
        _ => "E0600",
    }
}

fn warning_code(warning: &PlanWarning) -> &'static str {
    match warning {
        PlanWarning::Rounded { .. } => "W0601",
        PlanWarning::NoSynapses { .. } => "W0602",
        PlanWarning::NegativeConductance { .. } => "W0603",
        _ => "W0600",
    }
}

/// The place of the value at a path. Where the path leads nowhere, the place of the last part that exists:
/// the value if it is a plain one, the name of the table if not.
pub(crate) fn place_of(root: &Node, path: &str) -> Place {
    let mut node = root;
    let mut place = &root.place;
    let path = path.replace('[', ".").replace(']', "");
    // The sources of a training stand in its own table.
    let path = path
        .strip_prefix("stimuli.")
        .filter(|rest| rest.starts_with("training."))
        .unwrap_or(&path);
    for part in path.split('.') {
        match &node.kind {
            Kind::Table(_) => {
                // The network's words for what the project file calls otherwise.
                let key = match part {
                    "monitors" => "recordings",
                    "connector" => "connect",
                    "waveform" => continue,
                    other => other,
                };
                let Some(entry) = node.get(key) else { break };
                node = &entry.value;
                place = if matches!(node.kind, Kind::Table(_)) {
                    &entry.key_place
                } else {
                    &node.place
                };
            }
            Kind::Array(items) => {
                let Some(item) = part.parse::<usize>().ok().and_then(|n| items.get(n)) else {
                    break;
                };
                node = item;
                place = &item.place;
            }
            _ => break,
        }
    }
    place.clone()
}

#[cfg(test)]
mod tests {
    use nsb_lang::Source;

    use super::super::node::parse_document;
    use super::*;

    #[test]
    fn a_path_leads_to_its_value_or_to_the_nearest_parent() {
        let text = "duration = \"1 ms\"\n[populations.c]\nsize = 3\nparameters = { g = \"1 nS\" }\n[projections.p]\nconnect = { pairs = [[0, 1], [7, 8]] }\n";
        let root = parse_document(&Source::new("p.toml", text)).unwrap();
        let at = |path: &str| {
            let place = place_of(&root, path);
            text[place.span.start..place.span.end].to_owned()
        };
        assert_eq!(at("duration"), "\"1 ms\"");
        assert_eq!(at("populations.c.parameters.g"), "\"1 nS\"");
        assert_eq!(at("populations.c.parameters.missing"), "parameters");
        assert_eq!(at("populations.c.size"), "3");
        assert_eq!(at("populations.c"), "c");
        assert_eq!(at("projections.p.connector.pairs[1]"), "[7, 8]");
        assert_eq!(at("projections.p.connector.pairs.1.0"), "7");
        assert_eq!(at("projections.p.delay"), "p");
        assert_eq!(at("nothing.at.all"), "");
    }
}
