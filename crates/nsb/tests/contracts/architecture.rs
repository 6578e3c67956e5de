//! The rules of the house that a machine can check: who may use whom, and how files look.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which crates of the workspace each crate may use. This is the architecture diagram.
const ALLOWED: &[(&str, &[&str])] = &[
    ("nsb-lang", &[]),
    ("nsb-kernels", &["nsb-lang"]),
    ("nsb-engine", &["nsb-lang", "nsb-kernels"]),
    ("nsb", &["nsb-lang", "nsb-kernels", "nsb-engine"]),
    ("nsb-cli", &["nsb"]),
    ("xtask", &[]),
];

/// Files longer than this must be split.
const MOST_LINES: usize = 1000;

fn repository() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .canonicalize()
        .unwrap()
}

fn direct_dependencies(package: &str) -> Vec<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = [
        "tree",
        "--offline",
        "--depth",
        "1",
        "-e",
        "normal,build",
        "--all-features",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "-p",
        package,
    ];
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo tree -p {package}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn crates_use_only_what_the_architecture_allows() {
    let members: Vec<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    for (package, allowed) in ALLOWED {
        let dependencies = direct_dependencies(package);
        for used in dependencies.iter().filter(|name| members.contains(&name.as_str())) {
            assert!(allowed.contains(&used.as_str()), "{package} must not depend on {used}");
        }
    }
}

#[test]
fn every_crate_has_its_place_in_the_architecture() {
    let crates = fs::read_dir(repository().join("crates"))
        .unwrap()
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned());
    for name in crates {
        assert!(
            ALLOWED.iter().any(|(known, _)| *known == name),
            "add {name} to the table of allowed dependencies"
        );
    }
}

#[test]
fn the_core_reads_no_file_and_prints_nothing() {
    let banned = [
        "std::fs",
        "std::net",
        "std::process",
        "std::env",
        "std::time",
        "println!",
        "eprintln!",
        "print!",
        "static mut",
    ];
    for name in ["nsb-lang", "nsb-kernels", "nsb-engine"] {
        for path in files(&repository().join("crates").join(name).join("src"), &["rs"]) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            // How long a thread looks for the others before it sleeps changes no result.
            let may_wait = path.ends_with("nsb-engine/src/simulation/barrier.rs");
            for word in banned {
                assert!(
                    !code.contains(word) || (may_wait && word == "std::time"),
                    "{} uses {word}; the core does no input or output",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn every_module_says_what_it_is_for_and_none_is_too_long() {
    for path in files(&repository(), &["rs"]) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("//!"),
            "{} must begin with a `//!` comment that says what it is for",
            path.display()
        );
        let lines = text.lines().count();
        assert!(lines < MOST_LINES, "{} has {lines} lines; split it", path.display());
    }
}

#[test]
fn no_file_is_called_after_nothing() {
    for path in files(&repository(), &["rs"]) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            !["utils", "util", "helpers", "common", "misc", "manager"].contains(&name.as_str()),
            "{}: name it after what is in it",
            path.display()
        );
    }
}

#[test]
fn nothing_is_left_undone_and_no_text_names_a_machine() {
    // Put together here, so that this file does not contain them.
    let undone = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("unimple", "mented!"),
        concat!("to", "do!("),
    ];
    let machine = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/tm", "p/"),
    ];
    for path in files(&repository(), &["rs", "md", "toml", "model"]) {
        let text = fs::read_to_string(&path).unwrap();
        for word in undone.into_iter().chain(machine) {
            assert!(!text.contains(word), "{} contains `{word}`", path.display());
        }
    }
}

/// All files below a folder with one of the endings, build outputs and runs left out.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && !name.starts_with("target") && name != "runs" {
                found.extend(files(&path, endings));
            }
        } else if path
            .extension()
            .is_some_and(|e| endings.iter().any(|ending| e == *ending))
        {
            found.push(path);
        }
    }
    found
}
