//! Embeds every model under `models/`, after checking it: a model with errors stops the build with file and reason.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=models");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut files = Vec::new();
    collect(&root.join("models"), &mut files);
    files.sort();
    let mut text = String::from("const BUILTIN_MODELS: &[(&str, &str)] = &[\n");
    let mut problems = String::new();
    for file in &files {
        let content = fs::read_to_string(file).unwrap_or_else(|e| panic!("cannot read {}: {e}", file.display()));
        let name = file.strip_prefix(&root).unwrap_or(file).display().to_string();
        let source = nsb_lang::Source::new(&name, content);
        let (syntax, found) = nsb_lang::syntax::parse(&source);
        let (_, checked) = nsb_lang::model::check(&syntax, &source);
        for diagnostic in found.0.iter().chain(&checked.0) {
            writeln!(problems, "{diagnostic}").expect("writing to a string works");
        }
        writeln!(text, "    ({name:?}, include_str!({:?})),", file.display().to_string())
            .expect("writing to a string works");
    }
    assert!(problems.is_empty(), "built-in models have problems:\n{problems}");
    text.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("models.rs");
    fs::write(&out, text).unwrap_or_else(|e| panic!("cannot write {}: {e}", out.display()));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("cannot read {}: {e}", folder.display()));
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "model") {
            files.push(path);
        }
    }
}
