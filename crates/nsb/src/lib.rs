//! The Neural Simulator Builder: projects in, runs out.
//!
//! 1. [`Project::open`] reads a project file, or a built-in project, with everything the command line changes.
//! 2. [`Project::run`] plans the network, simulates it, and sums it up as a [`Run`]; [`Project::run_into`] writes what is
//!    recorded while it goes on.
//! 3. [`RunFolder`] keeps the run: data, figures, a report, and the project text that re-creates it.
//!
//! Front ends (command line, Python) depend on this crate only; what they need of the crates below is
//! re-exported here. [`render`] turns diagnostics into text with source line and caret.
//!
//! ```
//! let project = nsb::Project::open("level1", &nsb::Overrides { duration: Some("5 ms".into()), ..Default::default() })?;
//! let run = project.run(&nsb::RunOptions::default(), &mut ())?;
//! assert_eq!(run.summary.n_neurons, 10);
//! # Ok::<(), nsb::Error>(())
//! ```

pub mod analysis;
pub mod conditioning;
mod diagnostics;
mod error;
pub mod learning;
mod memory;
mod output;
pub mod plot;
mod project;
mod puppets;
pub mod report;
mod round;
mod run;
pub mod statistics;
mod summary;
mod weights;
pub mod workloads;

pub use diagnostics::render;
pub use error::Error;
pub use nsb_engine::monitor::{PopulationCount, Recording, Series, SpikeRecording, VariableRecording};
pub use nsb_engine::{
    Forecast, Observer, Outcome, Plan, Precision, Progress, Settings, Simulation, SimulationError, network,
};
pub use nsb_kernels::{Catalogue, Executor, Simd};
pub use nsb_lang::lower::Method;
pub use nsb_lang::{
    Diagnostic, Diagnostics, Dimension, Model, ModelKind, Quantity, Severity, Source, Span, Unit, model, suggest, units,
};
pub use output::{OutputOptions, RunFolder, redraw};
pub use project::{Overrides, Project, check_models, read_source};
pub use run::{Run, RunOptions};
pub use summary::{PopulationSummary, Summary};

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
