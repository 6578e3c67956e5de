//! The contracts of the whole simulator, one module each.

// Tests may unwrap; clippy knows test functions, but not the functions they share.
#![allow(missing_docs, clippy::unwrap_used)]

mod accuracy;
mod architecture;
mod examples;
mod learning_output;
mod level1;
mod level2;
mod model_option;
mod precision;
mod project_errors;
mod project_networks;
mod project_parts;
mod recordings;
mod rewards;
mod run_folder;
mod spike_timing;
mod statistics;
mod training;
