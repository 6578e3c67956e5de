//! The benchmark networks that simulators are compared with: one file per family, found by name.
//!
//! A workload is an ordinary project: [`Bench::prepare`] writes its text for a scale, a step and a delay and reads it
//! like any other, [`Bench::project`] shows it, and nothing in the engine knows that it is measured. What
//! [`Bench::run`] returns is one flat JSON object; its fields are described in `docs/reference/benchmarks.md`.

mod balanced;
mod bench;
mod brunel_stdp;
mod hh_cell;
mod hh_population;
pub mod hh_truth;
mod microcircuit;
mod process;
mod request;
mod stdp_pair;
mod tsodyks_markram;

use nsb_lang::math;
use serde_json::{Map, Value};

use bench::Measured;
use request::Conditions;

pub use bench::Bench;
pub use request::BenchRequest;

/// A benchmark network.
#[derive(Debug)]
pub struct Workload {
    /// Its name on the command line and in results.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// The step if none is given, ms.
    pub dt_ms: f64,
    /// Simulated and counted time if none is given, s.
    pub seconds: f64,
    /// Simulated before anything is counted if nothing is given, ms.
    pub transient_ms: f64,
    /// The delay of all synapses if none is given, ms; `None` where there is no such delay to choose.
    pub delay_ms: Option<f64>,
    /// Whether scale, time and transient are laid down: a protocol that is compared with a truth.
    fixed: bool,
    /// The synapses whose weights are measured.
    learning: Option<Learning>,
    /// The network as a project.
    draft: fn(&Conditions) -> Result<Draft, crate::Error>,
    /// What is measured besides counts and times.
    measure: fn(&Measured<'_>) -> Map<String, Value>,
}

/// Synapses that learn.
#[derive(Debug, Clone, Copy)]
struct Learning {
    /// The projections.
    projections: &'static [&'static str],
    /// Those that end on so many first cells are measured.
    cells: u32,
}

/// A project before it is read: a text, and the values that are set in it as `--set` would.
struct Draft {
    text: String,
    set: Vec<(String, String)>,
}

/// All workloads, in the order of the manual.
pub const WORKLOADS: [Workload; 10] = [
    hh_population::HH_POPULATION,
    balanced::CUBA,
    balanced::COBA,
    balanced::COBAHH,
    brunel_stdp::BRUNEL_STDP,
    microcircuit::MICROCIRCUIT,
    hh_cell::HH_SINGLE_ACCURACY,
    hh_cell::HH_FI,
    stdp_pair::STDP_PAIR,
    tsodyks_markram::TSODYKS_MARKRAM,
];

/// Nothing besides counts and times.
fn nothing_more(_: &Measured<'_>) -> Map<String, Value> {
    Map::new()
}

/// The jump of an exponential synaptic current (pA) whose potential peaks at `peak_mv`.
fn peak_weight(peak_mv: f64, tau_synapse_ms: f64, tau_membrane_ms: f64, capacitance_pf: f64) -> f64 {
    let ratio = tau_synapse_ms / tau_membrane_ms;
    let power = |exponent: f64| math::exp(exponent * math::log(ratio));
    let rise = power(ratio / (1.0 - ratio)) - power(1.0 / (1.0 - ratio));
    peak_mv / (rise * tau_synapse_ms / (capacitance_pf * (1.0 - ratio)))
}

/// Rounded to `digits` decimals, so that lines stay readable.
fn rounded(value: f64, digits: u32) -> f64 {
    let factor = 10u64.pow(digits) as f64;
    let rounded = (value * factor).round() / factor;
    if rounded.is_finite() { rounded } else { value }
}
