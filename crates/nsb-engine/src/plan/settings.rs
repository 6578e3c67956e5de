//! How a network is simulated: step, seed, threads, vector width, executor.

use nsb_kernels::{Executor, Simd};

use super::{PlanError, checker::Checker};

/// More threads than this are a slip of the finger.
pub(crate) const MAX_THREADS: usize = 1024;

/// How a network is simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The step, ms.
    pub dt_ms: f64,
    /// Seed of all random draws.
    pub seed: u64,
    /// Threads to use at most; results do not depend on it.
    pub threads: usize,
    /// Vector width; results do not depend on it.
    pub simd: Simd,
    /// What runs the equations; results do not depend on it.
    pub executor: Executor,
}

/// Checks what does not need the network.
pub(super) fn check(settings: &Settings, checker: &mut Checker<'_>) {
    if !(settings.dt_ms.is_finite() && settings.dt_ms > 0.0) {
        checker.error(PlanError::Dt { dt_ms: settings.dt_ms });
    }
    if !(1..=MAX_THREADS).contains(&settings.threads) {
        checker.error(PlanError::Threads {
            threads: settings.threads,
        });
    }
    if !settings.simd.is_available() {
        checker.error(PlanError::Simd {
            simd: settings.simd,
            best: Simd::best(),
        });
    }
}
