//! `cargo xtask accuracy`: measures work and precision of all methods and renews the page that shows them.

use crate::cargo;

/// Runs the example in a release build: times of other builds would mislead.
pub(crate) fn run() -> Result<(), String> {
    cargo::run(&["run", "--release", "--package", "nsb", "--example", "accuracy"])
}
