//! Rules by which synapses change: what a synapse model becomes for the engine.
//!
//! At a grid point the engine runs, in this order: the synapse part of `on pre`, the synapse part of `on post`, the
//! assignments to variables of sources, those to variables of targets. So what a synapse sees of traces is without the
//! spikes of the grid point, whichever block looks at them.

mod compile;
mod workbench;

pub use workbench::Workbench;

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::check::declarations::fold;
use crate::model::{Expr, Model, ModelKind, Parameter, Symbol};
use crate::program::Program;
use crate::source::Span;
use crate::units::Unit;

/// A variable of a synapse, a source or a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its unit, which may have the dimension weight.
    pub unit: Unit,
    /// What it means.
    pub doc: String,
}

/// What a program of a rule computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// A spike arrives: new variables of the synapse, and `transmitted` if the factor is one of the synapse.
    Pre,
    /// The target fires: new variables of the synapse.
    Post,
    /// A reward is given: new variables of the synapse.
    Reward,
    /// An update: new variables of the synapse.
    Update,
    /// A spike arrives: `transmitted` from variables of the source, as they are before [`Event::AfterPre`]. Only if the
    /// factor is [`Transmits::BySource`].
    Transmit,
    /// A spike arrives: new variables of the source.
    AfterPre,
    /// The target fires: new variables of the target.
    AfterPost,
    /// A reward is given: new variables of the target.
    AfterReward,
    /// An update: new variables of the target.
    AfterUpdate,
    /// Variables of the source after the time `elapsed`.
    SourcePassing,
    /// Variables of the synapse after the time `elapsed`.
    SynapsePassing,
    /// Whether an update acts on the synapses of a target: `holds`, from variables of the target.
    Where,
    /// Initial values of the variables of source and synapse, the weight excepted.
    Initial,
}

impl Event {
    /// All events.
    pub const ALL: [Event; 13] = [
        Event::Pre,
        Event::Post,
        Event::Reward,
        Event::Update,
        Event::Transmit,
        Event::AfterPre,
        Event::AfterPost,
        Event::AfterReward,
        Event::AfterUpdate,
        Event::SourcePassing,
        Event::SynapsePassing,
        Event::Where,
        Event::Initial,
    ];
}

/// By which factor the weight of an arriving spike counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transmits {
    /// By 1.
    Unchanged,
    /// By one that all synapses of a source share: [`Event::Transmit`] gives it.
    BySource,
    /// By one for each synapse: [`Event::Pre`] gives it.
    BySynapse,
}

/// A rule: which variables there are, and a program for each event.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    name: String,
    parameters: Vec<Parameter>,
    synapse: Vec<Variable>,
    source: Vec<Variable>,
    target: Vec<Variable>,
    reads: Vec<Variable>,
    bounds: Option<(Expr, Expr)>,
    update_every: Option<Expr>,
    max_dt: Option<f64>,
    changes_weights: bool,
    transmits: Transmits,
    workbench: Workbench,
    programs: BTreeMap<Event, Program>,
    targets: Option<Program>,
}

impl Rule {
    /// The rule of a checked synapse model.
    ///
    /// # Errors
    /// If the model is not a synapse, or if variables of source or synapse cannot be solved between events.
    pub fn new(model: &Model) -> Result<Rule, Diagnostics> {
        match &model.synapse {
            Some(synapse) => compile::rule(model, synapse),
            None => Err(Diagnostics(vec![wrong_kind(model)])),
        }
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The parameters in the order written. Dimensions may have weight
    /// ([`Dimension::with_weight`](crate::Dimension::with_weight)).
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Whether the user must give the parameter: the default of one that has the dimension weight is an example, since
    /// the unit is known only once the receptor is. 0 is the same in all units.
    pub fn must_be_given(&self, parameter: usize) -> bool {
        let parameter = &self.parameters[parameter];
        parameter.unit.dimension().has_weight() && parameter.default != 0.0
    }

    /// The variables of each synapse; the first is the weight `w`.
    pub fn synapse(&self) -> &[Variable] {
        &self.synapse
    }

    /// The variables of each source: of each presynaptic cell and delay, as seen at the synapse.
    pub fn source(&self) -> &[Variable] {
        &self.source
    }

    /// The variables of each target.
    pub fn target(&self) -> &[Variable] {
        &self.target
    }

    /// The variables of the target neuron that the rule reads, by name and unit.
    pub fn reads(&self) -> &[Variable] {
        &self.reads
    }

    /// Smallest and largest weight for parameters in engine units; (0, ∞) for a rule that gives none. Nothing else is
    /// sure: with unhappy parameters the smallest may be negative or above the largest.
    pub fn bounds(&self, parameters: &[f64]) -> (f64, f64) {
        match &self.bounds {
            Some((low, high)) => (value(low, parameters), value(high, parameters)),
            None => (0.0, f64::INFINITY),
        }
    }

    /// Time between updates, ms, for parameters in engine units; `None`: each step.
    pub fn update_interval(&self, parameters: &[f64]) -> Option<f64> {
        self.update_every.as_ref().map(|every| value(every, parameters))
    }

    /// Largest step for explicit methods of the variables of targets, ms.
    pub fn max_dt(&self) -> Option<f64> {
        self.max_dt
    }

    /// Whether any event or equation sets the weight.
    pub fn changes_weights(&self) -> bool {
        self.changes_weights
    }

    /// How the weight of an arriving spike counts. What is transmitted is the weight as [`Event::Pre`] leaves it, times
    /// the factor.
    pub fn transmits(&self) -> Transmits {
        self.transmits
    }

    /// Where the programs of [`Rule::program`] find what they work on.
    pub fn workbench(&self) -> &Workbench {
        &self.workbench
    }

    /// The program of an event, nothing where nothing happens. Its phase is `step`; [`Event::Initial`] has `init`, too,
    /// which does the same. Weights are kept within the bounds by each program that stores them.
    pub fn program(&self, event: Event) -> Option<&Program> {
        self.programs.get(&event)
    }

    /// The variables of targets as the states of an ordinary program, with the variables that are read as its inputs:
    /// `init` gives initial values, `step` advances by dt.
    pub fn targets(&self) -> Option<&Program> {
        self.targets.as_ref()
    }
}

fn wrong_kind(model: &Model) -> Diagnostic {
    let (found, due) = (model.kind, ModelKind::Synapse);
    let message = format!("`{}` is a {found}, but a {due} is due here", model.name);
    Diagnostic::error("E0212", &model.source, Span::default(), message)
        .hint("`nsb models` lists all models of the kind synapse")
}

/// The value of a formula of parameters.
fn value(formula: &Expr, parameters: &[f64]) -> f64 {
    let known = formula.substitute(&|symbol| match symbol {
        Symbol::Parameter(n) => Expr::Constant(parameters.get(n).copied().unwrap_or(f64::NAN)),
        other => Expr::Symbol(other),
    });
    fold(&known).unwrap_or(f64::NAN)
}
