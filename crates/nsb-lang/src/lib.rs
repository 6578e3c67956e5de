//! The model language: text becomes [`syntax`], then a checked [`model`], then a [`program`].
//!
//! 1. [`syntax::parse`] never fails: it returns a tree and all syntax diagnostics.
//! 2. [`model::check`] resolves names, units and dimensions; every number is in engine units afterwards.
//! 3. [`model::System::join`] puts a neuron and the receptors attached to it into one system.
//! 4. [`lower::lower`] applies an integration method and returns a validated, unit-free [`program::Program`].
//! 5. [`rule::Rule`] is what a synapse model becomes: one program for each event, all on the same columns.
//! 6. [`emit`] prints a program as source text for build-time code generation.
//!
//! This crate reads no file, prints nothing and holds no global state.

pub mod diagnostic;
pub mod emit;
pub mod lower;
pub mod math;
pub mod model;
pub mod program;
pub mod random;
pub mod real;
pub mod rule;
pub mod source;
pub mod suggest;
pub mod syntax;
pub mod units;

pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use model::{Model, ModelKind, Preset, System};
pub use program::Program;
pub use real::{Float, Real};
pub use rule::{Event, Rule, Transmits, Workbench};
pub use source::{Source, Span, Spanned};
pub use units::{Dimension, Quantity, Unit};
