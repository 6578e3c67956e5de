//! The engine's contracts: one binary, one module per contract.

#![allow(
    clippy::unwrap_used,
    reason = "a test that finds nothing must fail, in its helpers too"
)]

mod conductance_noise;
mod connectors;
mod correlated_sources;
mod delivery;
mod determinism;
mod gap_junctions;
mod learning;
mod models;
mod monitors;
mod normalisation;
mod not_finite;
mod pictures;
mod plan_errors;
mod plan_facts;
mod plasticity;
mod precision;
mod repeating_patterns;
mod rewards;
mod rewiring;
mod slices;
mod sources;
mod stimuli;
mod varying_stimuli;
mod voltage_clamps;
