//! `cargo xtask rates`: runs the reference networks with five seeds, renews the page of their rates, and fails if a mean
//! is outside its range.

use crate::cargo;

/// Runs the example in a release build; other builds take minutes.
pub(crate) fn run() -> Result<(), String> {
    cargo::run(&["run", "--release", "--package", "nsb", "--example", "rates"])
}
