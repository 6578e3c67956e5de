//! `cargo xtask lint`: formatting and clippy over every target of the workspace.

use std::process::{Command, Stdio};

use crate::cargo;

/// Checks formatting, then clippy with warnings as errors. Installs the two tools when rustup can.
pub(crate) fn run() -> Result<(), String> {
    require("fmt", "rustfmt")?;
    require("clippy", "clippy")?;
    cargo::run(&["fmt", "--all", "--check"]).map_err(|reason| format!("{reason}; run `cargo fmt --all`"))?;
    cargo::run(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

/// Makes sure that `cargo <subcommand>` works, adding the rustup component when it does not.
fn require(subcommand: &str, component: &str) -> Result<(), String> {
    if works(subcommand) {
        return Ok(());
    }
    let added = Command::new("rustup").args(["component", "add", component]).status();
    if added.is_ok_and(|status| status.success()) && works(subcommand) {
        return Ok(());
    }
    Err(format!(
        "`cargo {subcommand}` is missing and rustup could not add it; install the component `{component}`"
    ))
}

fn works(subcommand: &str) -> bool {
    let mut command = cargo::command(&[subcommand, "--version"]);
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
