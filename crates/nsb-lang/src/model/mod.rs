//! Checked models: names resolved, dimensions right, every number in engine units.

pub(crate) mod check;
mod clamp;
mod expression;
mod synapse;
mod system;

pub use check::check;
pub use clamp::Clamp;
pub use expression::{Expr, Linear, Symbol};
pub use synapse::{Change, Statement, Synapse};
pub use system::{ReceptorPart, System};

use std::fmt;
use std::sync::Arc;

use crate::lower::Method;
use crate::source::{Source, Span};
use crate::units::Unit;

/// What a model describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModelKind {
    /// A cell: states, threshold, reset.
    Neuron,
    /// Synaptic state of a target cell that sends a current into it.
    Receptor,
    /// How the synapses of a projection change.
    Synapse,
}

impl ModelKind {
    /// The keyword of the language.
    pub fn name(self) -> &'static str {
        match self {
            ModelKind::Neuron => "neuron",
            ModelKind::Receptor => "receptor",
            ModelKind::Synapse => "synapse",
        }
    }
}

impl fmt::Display for ModelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A named constant of a model that users may change.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The unit used to print it.
    pub unit: Unit,
    /// Default, engine units.
    pub default: f64,
    /// Allowed values, both ends included, engine units.
    pub range: Option<(f64, f64)>,
    /// What it means.
    pub doc: String,
}

/// A named set of values for some parameters: one kind of cell that the model can be.
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    /// Its name, unique within the model.
    pub name: String,
    /// What it means, with the stimulus that shows it.
    pub doc: String,
    /// Parameters by name and their values in engine units, each within the parameter's range.
    pub values: Vec<(String, f64)>,
}

/// A quantity that stimuli write.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// What it means.
    pub doc: String,
}

/// A state variable.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// What it means.
    pub doc: String,
    /// Right-hand side of its differential equation, engine units per ms.
    pub derivative: Expr,
    /// Initial value; may refer to parameters and to the initial values of other states.
    pub initial: Expr,
    /// Where its equation stands.
    pub span: Span,
}

/// A variable given by a formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Derived {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// What it means.
    pub doc: String,
    /// The formula; refers to other derived variables by symbol.
    pub value: Expr,
    /// Where it stands.
    pub span: Span,
}

/// When a cell fires.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// Left minus right side of the condition: the cell fires when this is positive (or not negative).
    pub distance: Expr,
    /// Whether distance 0 fires too (`>=`).
    pub inclusive: bool,
    /// Where the detector becomes ready again. Without it and without a reset: where the condition is false.
    pub rearm: Option<Expr>,
}

/// How long a cell stays still after a spike.
#[derive(Debug, Clone, PartialEq)]
pub struct Refractory {
    /// Duration, ms; rounded to whole steps.
    pub duration: Expr,
    /// States (by index) that keep their value meanwhile.
    pub holding: Vec<usize>,
}

/// A checked model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// What it describes.
    pub kind: ModelKind,
    /// Its name.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Where equations and numbers come from.
    pub references: Vec<String>,
    /// The method it asks for.
    pub method: Option<Method>,
    /// Largest step for explicit methods, ms.
    pub max_dt: Option<f64>,
    /// Parameters in the order written.
    pub parameters: Vec<Parameter>,
    /// Presets in the order written.
    pub presets: Vec<Preset>,
    /// Inputs in the order written; of a synapse, the variables of the target neuron that it reads.
    pub inputs: Vec<Input>,
    /// States in the order written; of a synapse, those of [`Synapse::counts`].
    pub states: Vec<State>,
    /// Derived variables in the order written.
    pub derived: Vec<Derived>,
    /// Spike condition of a neuron.
    pub threshold: Option<Threshold>,
    /// New values at a spike: (state, expression).
    pub reset: Vec<(usize, Expr)>,
    /// Refractory rule of a neuron.
    pub refractory: Option<Refractory>,
    /// New values of a receptor at an arriving spike: (state, coefficient); the state grows by coefficient · weight.
    pub on_spike: Vec<(usize, Expr)>,
    /// What an arriving spike adds to the membrane potential of a receptor's cell: coefficient · weight.
    pub on_membrane: Option<Expr>,
    /// What a receptor sends into its cell, pA.
    pub current: Option<Expr>,
    /// The unit of a receptor's weight.
    pub weight_unit: Option<Unit>,
    /// What a synapse has besides.
    pub synapse: Option<Synapse>,
    /// Equations as written, for manual pages: one line each.
    pub equations: Vec<String>,
    /// The text it came from.
    pub source: Arc<Source>,
}

impl Model {
    /// The preset of that name.
    pub fn preset(&self, name: &str) -> Option<&Preset> {
        self.presets.iter().find(|preset| preset.name == name)
    }
}
