//! The models of `docs/dev/language-sketch.md` are what their status lines say.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use nsb_lang::{Diagnostics, Source, model, syntax};

/// (line of the block, status, text)
fn blocks() -> Vec<(usize, String, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/dev/language-sketch.md");
    let text = fs::read_to_string(page).unwrap();
    let mut blocks: Vec<(usize, String, String)> = Vec::new();
    let mut status = String::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        match line {
            "```" if inside => inside = false,
            "```model" => {
                inside = true;
                blocks.push((number + 2, std::mem::take(&mut status), String::new()));
            }
            _ if inside => {
                let (_, _, body) = blocks.last_mut().unwrap();
                body.push_str(line);
                body.push('\n');
            }
            _ if line.starts_with("Status: ") => status = line["Status: ".len()..].to_owned(),
            _ => {}
        }
    }
    blocks
}

fn findings(line: usize, text: &str) -> (usize, Diagnostics) {
    let source = Source::new(format!("language-sketch.md from line {line}"), text);
    let (file, mut findings) = syntax::parse(&source);
    let (models, further) = model::check(&file, &source);
    findings.0.extend(further.0);
    (models.len(), findings)
}

#[test]
fn implemented_models_have_no_findings() {
    let implemented: Vec<_> = blocks()
        .into_iter()
        .filter(|(_, status, _)| status == "implemented")
        .collect();
    assert!(implemented.len() >= 4, "{} implemented models", implemented.len());
    for (line, _, text) in implemented {
        let (models, findings) = findings(line, &text);
        assert_eq!((models, findings.to_string().as_str()), (1, ""));
    }
}

#[test]
fn planned_models_are_refused_as_not_implemented_yet() {
    let planned: Vec<_> = blocks()
        .into_iter()
        .filter(|(_, status, _)| status == "planned")
        .collect();
    assert!(planned.len() >= 3, "{} planned models", planned.len());
    for (line, _, text) in planned {
        let (models, findings) = findings(line, &text);
        assert_eq!(models, 0, "the model from line {line} was accepted");
        assert!(findings.has_errors(), "line {line}");
        let said = findings.0.iter().any(|d| d.message.contains("not implemented yet"));
        assert!(said, "{findings}");
        let form = findings.0.iter().filter(|d| d.code.starts_with("E01")).count();
        assert_eq!(form, 0, "a planned model is refused for its form: {findings}");
    }
}

#[test]
fn every_model_has_a_status() {
    for (line, status, _) in blocks() {
        assert!(
            ["implemented", "planned"].contains(&status.as_str()),
            "line {line}: `{status}`"
        );
    }
}
