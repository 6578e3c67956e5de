//! `cargo xtask bench`: the micro-benchmarks, from a single step to the building of a network.

use crate::cargo;

/// Runs them in a release build, one crate after the other. Whole networks are timed by `nsb bench`, other simulators
/// by `benches/peers`.
pub(crate) fn run() -> Result<(), String> {
    cargo::run(&["bench", "--package", "nsb-kernels"])?;
    cargo::run(&["bench", "--package", "nsb-engine"])
}
