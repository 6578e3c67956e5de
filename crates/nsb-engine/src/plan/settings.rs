//! How a network is simulated: step, seed, threads, vector width, executor.

use nsb_kernels::{Executor, Float, Simd};

use super::{PlanError, checker::Checker};

/// More threads than this are a slip of the finger.
pub(crate) const MAX_THREADS: usize = 1024;

/// How exactly numbers are kept. Results differ between precisions, but within each they do not depend on threads,
/// vector width or executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// States and sums in 64 bits, weights of static synapses in 32.
    #[default]
    Double,
    /// States, sums and weights in 32 bits (24 significant bits, a relative error of at most 2⁻²⁴ in each operation).
    /// Initial values, and what follows from step and parameters alone, are computed in 64 bits and rounded once.
    Single,
    /// As `Single`, but weights that differ between synapses are rounded to 16 bits (bfloat16: 8 significant bits,
    /// a relative error of at most 2⁻⁸), so that a synapse takes 4 bytes.
    Compact,
}

impl Precision {
    /// All precisions.
    pub const ALL: [Precision; 3] = [Precision::Double, Precision::Single, Precision::Compact];

    /// The name used in projects and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Precision::Double => "double",
            Precision::Single => "single",
            Precision::Compact => "compact",
        }
    }

    /// The numbers of states and sums.
    pub(crate) fn float(self) -> Float {
        match self {
            Precision::Double => Float::Double,
            Precision::Single | Precision::Compact => Float::Single,
        }
    }

    /// The precision of that name.
    pub fn from_name(name: &str) -> Option<Precision> {
        Precision::ALL.into_iter().find(|precision| precision.name() == name)
    }
}

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
    /// How exactly numbers are kept.
    pub precision: Precision,
    /// Bytes of memory that the network may need; a larger one is refused before it is built. The engine cannot see
    /// the machine: without a limit only what no allocation could ever give is refused.
    pub memory_limit: Option<u64>,
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
