//! Runs every section of `tests/cases/*.model` through parser and checker and compares the diagnostics with those
//! written beside the lines.
//!
//! A line `# === title` starts a section, which is a text of its own. `#! E0104 words` at the end of a line expects
//! a diagnostic of that code on that line whose message or hint contains the words; `#!^` expects it one line above.
//! A section without such marks expects none. A section that expects only mistakes of form (E01…) is not checked
//! further, so that it need not be a complete model.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use nsb_lang::{Source, model, syntax};

#[derive(Debug)]
struct Expected {
    line: usize,
    code: String,
    words: String,
}

#[test]
fn every_case_gives_exactly_the_diagnostics_written_beside_it() {
    let mut failures = Vec::new();
    let mut sections = 0;
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")) {
        let text = fs::read_to_string(&file).unwrap();
        for (title, section) in split(&text) {
            sections += 1;
            let name = format!("{} === {title}", file.file_name().unwrap().to_string_lossy());
            failures.extend(compare(&name, &section));
        }
    }
    assert!(sections > 20, "only {sections} sections were found");
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

#[test]
fn the_built_in_models_are_free_of_findings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../nsb-kernels/models");
    let files = files(&folder);
    assert!(
        files.len() >= 4,
        "{} built-in models in {}",
        files.len(),
        folder.display()
    );
    for file in files {
        let source = Source::new(file.display().to_string(), fs::read_to_string(&file).unwrap());
        let (tree, syntax_findings) = syntax::parse(&source);
        assert_eq!(syntax_findings.to_string(), "");
        let (models, findings) = model::check(&tree, &source);
        assert_eq!(findings.to_string(), "");
        assert_eq!(models.len(), tree.models.len());
        assert_eq!(
            Some(models[0].name.as_str()),
            file.file_stem().and_then(|stem| stem.to_str())
        );
    }
}

/// All `.model` files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "model") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn split(text: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("# === "), sections.last_mut()) {
            (Some(title), _) => sections.push((title.to_owned(), String::new())),
            (None, Some((_, body))) => {
                body.push_str(line);
                body.push('\n');
            }
            // What stands before the first section is for people.
            (None, None) => {}
        }
    }
    sections
}

fn expectations(text: &str) -> Vec<Expected> {
    let mut expected = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for mark in line.split("#!").skip(1) {
            let (mark, line) = match mark.strip_prefix('^') {
                Some(mark) => (mark, number),
                None => (mark, number + 1),
            };
            let (code, words) = mark.trim().split_once(' ').unwrap_or((mark.trim(), ""));
            expected.push(Expected {
                line,
                code: code.to_owned(),
                words: words.trim().to_owned(),
            });
        }
    }
    expected
}

/// What differs, as text.
fn compare(name: &str, text: &str) -> Vec<String> {
    let source = Source::new(name, text);
    let (tree, mut found) = syntax::parse(&source);
    let mut failures = Vec::new();
    let mut missing = expectations(text);
    if missing.is_empty() || missing.iter().any(|e| !e.code.starts_with("E01")) {
        found.0.extend(model::check(&tree, &source).1.0);
    }
    for diagnostic in &found.0 {
        let (line, _) = source.line_column(diagnostic.span.start);
        let said = format!("{} {}", diagnostic.message, diagnostic.hints.join(" "));
        let meant = missing
            .iter()
            .position(|e| e.line == line && e.code == diagnostic.code && said.contains(&e.words));
        match meant {
            Some(index) => drop(missing.remove(index)),
            None => failures.push(format!("{name}: unexpected in line {line}: {diagnostic}")),
        }
        if diagnostic.hints.is_empty() || diagnostic.message.is_empty() {
            failures.push(format!("{name}: this says no reason or no fix: {diagnostic}"));
        }
    }
    failures.extend(
        missing
            .iter()
            .map(|e| format!("{name}: missing in line {}: {} {}", e.line, e.code, e.words)),
    );
    failures
}
