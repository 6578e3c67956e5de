//! `cargo xtask fuzz`: a minute of coverage-guided fuzzing of the model language.
//!
//! The target is built with the fuzzer's sanitizer flags, which the stable compiler accepts when told to. A crash, a
//! hang of more than ten seconds or a memory peak is a failure; the input that caused it stays in `fuzz/artifacts`.

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use crate::cargo;

const SECONDS: u32 = 60;

/// What `cargo fuzz` passes to the compiler, so that nothing needs to be installed.
const FLAGS: &str = "-Zsanitizer=address -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Builds the target, fills the corpus with the built-in models and test cases, and runs it.
#[allow(clippy::print_stderr)] // tells what runs
pub(crate) fn run() -> Result<(), String> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        eprintln!("xtask: fuzz skipped: it needs Linux on x86-64");
        return Ok(());
    }
    let root = cargo::workspace_root();
    let folder = root.join("fuzz");
    let build = ["build", "--release", "--target", TARGET, "--target-dir", "target"];
    eprintln!("xtask: cargo {} (in fuzz/)", build.join(" "));
    let status = cargo::command(&build)
        .current_dir(&folder)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", FLAGS)
        .status();
    if !status.is_ok_and(|status| status.success()) {
        return Err("the fuzz target does not build".to_string());
    }
    let corpus = folder.join("corpus/model");
    let artifacts = folder.join("artifacts/model");
    let seeds = [
        "crates/nsb-kernels/models/neurons",
        "crates/nsb-kernels/models/synapses",
        "crates/nsb-lang/tests/cases",
    ];
    let filled = [&corpus, &artifacts]
        .into_iter()
        .try_for_each(fs::create_dir_all)
        .and_then(|()| seeds.iter().try_for_each(|seed| copy_models(&root.join(seed), &corpus)));
    filled.map_err(|error| format!("cannot fill {}: {error}", corpus.display()))?;
    let status = Command::new(folder.join("target").join(TARGET).join("release/model"))
        .arg(&corpus)
        .arg("-dict=model.dict")
        .arg(format!("-max_total_time={SECONDS}"))
        .arg("-timeout=10")
        .arg("-rss_limit_mb=4096")
        .arg("-max_len=8192")
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(["-print_final_stats=1", "-verbosity=0"])
        .current_dir(&folder)
        .status()
        .map_err(|error| format!("cannot start the fuzz target: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!(
            "fuzzing found a text that breaks the language; it is in {}",
            artifacts.display()
        ))
    }
}

fn copy_models(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if let (Some(name), true) = (path.file_name(), path.extension().is_some_and(|e| e == "model")) {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
