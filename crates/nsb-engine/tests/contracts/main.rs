//! The engine's contracts: one binary, one module per contract.

#![allow(
    clippy::unwrap_used,
    reason = "a test that finds nothing must fail, in its helpers too"
)]

mod delivery;
mod determinism;
mod models;
mod monitors;
mod not_finite;
mod plan_errors;
mod plan_facts;
mod stimuli;
