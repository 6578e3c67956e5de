//! What a synapse model says besides parameters and equations: when it changes, and how.

use std::ops::Range;

use super::Expr;
use crate::source::Span;
use crate::syntax::{Owner, Trigger};

/// The part of a [`Model`](super::Model) that only synapses have.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Synapse {
    /// How many states belong to each synapse (the weight is the first), to each source and to each target. The model
    /// lists them in this order.
    pub counts: [usize; 3],
    /// Whose the derived variables are.
    pub derived: Vec<Owner>,
    /// Smallest and largest weight; may refer to parameters.
    pub bounds: Option<(Expr, Expr)>,
    /// Time between two updates, ms; each step without it. May refer to parameters.
    pub update_every: Option<Expr>,
    /// Which targets an update acts on; all without it.
    pub update_where: Option<Expr>,
    /// What happens at spikes, rewards and updates, in the order written.
    pub statements: Vec<Statement>,
}

/// A line of `on pre`, `on post`, `on reward` or `on update`.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// When.
    pub trigger: Trigger,
    /// What.
    pub change: Change,
    /// Its new value, in terms of what earlier lines of the same trigger left.
    pub value: Expr,
    /// Where it stands.
    pub span: Span,
}

/// What a statement sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A state of the model, by index.
    State(usize),
    /// By which factor the arriving spike counts.
    Transmit,
}

impl Synapse {
    /// The states of an owner.
    pub fn states(&self, owner: Owner) -> Range<usize> {
        let [synapse, source, target] = self.counts;
        match owner {
            Owner::Synapse => 0..synapse,
            Owner::Source => synapse..synapse + source,
            Owner::Target => synapse + source..synapse + source + target,
        }
    }

    /// Whose state it is.
    pub fn owner(&self, state: usize) -> Owner {
        let owners = [Owner::Synapse, Owner::Source];
        let found = owners.into_iter().find(|&owner| self.states(owner).contains(&state));
        found.unwrap_or(Owner::Target)
    }

    /// Every formula.
    pub(super) fn formulas(&self) -> impl Iterator<Item = &Expr> {
        let bounds = self.bounds.iter().flat_map(|(low, high)| [low, high]);
        let updates = self.update_every.iter().chain(&self.update_where);
        bounds.chain(updates).chain(self.statements.iter().map(|s| &s.value))
    }

    /// The statements of a trigger, in the order written.
    pub fn statements(&self, trigger: Trigger) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(move |s| s.trigger == trigger)
    }
}
