//! The reference pages say what the code does.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use nsb_lang::{Source, Unit, model, syntax};

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

#[test]
fn the_models_on_the_language_page_have_no_findings() {
    let page = fs::read_to_string(path("../../docs/reference/language.md")).unwrap();
    let mut count = 0;
    for block in page.split("\n```model\n").skip(1) {
        count += 1;
        let text = block.split("\n```").next().unwrap();
        let source = Source::new(format!("block {count} of language.md"), text);
        let (file, findings) = syntax::parse(&source);
        assert_eq!(findings.to_string(), "");
        let (models, findings) = model::check(&file, &source);
        assert_eq!((models.len(), findings.to_string().as_str()), (1, ""));
    }
    assert!(count >= 3, "{count} blocks");
}

#[test]
fn the_units_on_the_language_page_exist() {
    let page = fs::read_to_string(path("../../docs/reference/language.md")).unwrap();
    let section = page.split("## Units").nth(1).unwrap().split("\n- ").next().unwrap();
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|l| l.starts_with("| "))
        .map(|l| l.split('|').collect())
        .collect();
    assert!(rows.len() > 8);
    for row in &rows[1..] {
        for symbol in row[2].split('`').skip(1).step_by(2) {
            assert!(Unit::parse(symbol).is_ok(), "{symbol}");
        }
    }
}

/// The codes `E…` in double quotes in the files below a folder.
fn codes_in(folder: &Path) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes.extend(codes_in(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let quoted = text.split('"').filter(|q| q.len() == 5 && q.starts_with('E'));
            codes.extend(
                quoted
                    .filter(|q| q[1..].bytes().all(|b| b.is_ascii_digit()))
                    .map(str::to_owned),
            );
        }
    }
    codes
}

#[test]
fn every_error_about_form_and_units_is_explained_and_every_explanation_is_used() {
    let page = fs::read_to_string(path("../../docs/reference/errors.md")).unwrap();
    let ours = |code: &&String| code.starts_with("E01") || code.starts_with("E03");
    let explained: BTreeSet<String> = page
        .lines()
        .filter_map(|l| l.strip_prefix("| ")?.get(..5))
        .filter(|c| c.starts_with('E'))
        .map(str::to_owned)
        .collect();
    let used = codes_in(&path("src"));
    assert!(used.len() > 20);
    let used: Vec<&String> = used.iter().filter(ours).collect();
    let explained: Vec<&String> = explained.iter().filter(ours).collect();
    assert_eq!(used, explained);
}
