//! Embeds every model under `models/`, after checking it (a model with errors stops the build with file and reason),
//! and generates fused kernels for neurons alone and with the usual receptors.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use nsb_lang::lower::{Method, lower};
use nsb_lang::{Float, Model, ModelKind, System, emit, model, syntax};

/// Receptors with which each neuron gets a kernel of its own. Names of receptors do not matter, their equations do:
/// AMPA and GABA-A of a project are two exponential conductances. Other sets run in the interpreter.
const RECEPTOR_SETS: &[&[&str]] = &[
    &[],
    &["exponential_conductance"],
    &["exponential_conductance", "exponential_conductance"],
    &["exponential_current"],
    &["exponential_current", "exponential_current"],
];

/// Neurons with kernels in 32 bits too: those whose steps are so cheap that memory decides. Others are run by the
/// interpreter, which takes about as long in 32 bits as a kernel in 64.
const SINGLE: &[&str] = &["lif"];

fn main() {
    println!("cargo::rerun-if-changed=models");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut files = Vec::new();
    collect(&root.join("models"), &mut files);
    files.sort();
    let mut embedded = String::from("const BUILTIN_MODELS: &[(&str, &str)] = &[\n");
    let mut problems = String::new();
    let mut models: Vec<Arc<Model>> = Vec::new();
    for file in &files {
        let content = fs::read_to_string(file).unwrap_or_else(|e| panic!("cannot read {}: {e}", file.display()));
        let name = file.strip_prefix(&root).unwrap_or(file).display().to_string();
        let source = nsb_lang::Source::new(&name, content);
        let (tree, found) = syntax::parse(&source);
        let (checked, findings) = model::check(&tree, &source);
        for diagnostic in found.0.iter().chain(&findings.0) {
            line(&mut problems, &diagnostic.to_string());
        }
        models.extend(checked);
        line(
            &mut embedded,
            &format!("    ({name:?}, include_str!({:?})),", file.display().to_string()),
        );
    }
    assert!(problems.is_empty(), "built-in models have problems:\n{problems}");
    embedded.push_str("];\n");
    write(&out.join("models.rs"), &embedded);
    write(&out.join("generated.rs"), &generate(&models));
}

/// One module a kernel, and the table that finds them by fingerprint.
fn generate(models: &[Arc<Model>]) -> String {
    let mut modules = String::new();
    let mut table = String::from("pub(super) static KERNELS: &[Entry] = &[\n");
    let mut seen = BTreeSet::new();
    for neuron in models.iter().filter(|m| m.kind == ModelKind::Neuron) {
        for set in RECEPTOR_SETS {
            let receptors: Vec<(String, Arc<Model>)> = set
                .iter()
                .enumerate()
                .filter_map(|(n, name)| Some((format!("r{n}"), Arc::clone(models.iter().find(|m| m.name == *name)?))))
                .collect();
            // A neuron without a current input takes no receptors.
            let Ok(system) = System::join(neuron, &receptors, &[]) else {
                continue;
            };
            for method in methods(neuron, set) {
                let Ok(program) = lower(&system, method) else { continue };
                let fingerprint = program.step_fingerprint();
                if !seen.insert(fingerprint) {
                    continue;
                }
                let floats = Float::ALL.into_iter();
                let is_single = SINGLE.contains(&neuron.name.as_str());
                for float in floats.filter(|float| *float == Float::Double || is_single) {
                    let number = seen.len();
                    let module =
                        format!("{}_{}_{number}_{float:?}", neuron.name, program.method().name()).to_lowercase();
                    modules.push_str(&emit::rust_simd(&program, &module, float));
                    let functions = ["scalar", "fma", "avx2", "avx512"]
                        .map(|f| format!("{f}: {module}::{f}"))
                        .join(", ");
                    line(
                        &mut table,
                        &format!(
                            "    Entry {{ fingerprint: {fingerprint:#018x}, float: Float::{float:?}, {functions} }},"
                        ),
                    );
                }
            }
        }
    }
    format!("{modules}{table}];\n")
}

/// The default method, and for the squid axon alone the ones that are compared with it.
fn methods(neuron: &Model, receptors: &[&str]) -> Vec<Method> {
    let mut methods = vec![Method::Auto];
    if neuron.name == "hodgkin_huxley" && receptors.is_empty() {
        methods.extend([Method::ExponentialEuler, Method::Rk2, Method::Rk4]);
    }
    methods
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a string works");
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|e| panic!("cannot write {}: {e}", path.display()));
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
