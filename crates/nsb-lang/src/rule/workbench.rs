//! Where the programs of a rule find what they work on.

use crate::model::Model;
use crate::model::Synapse;
use crate::program::{Column, ColumnId, Role};
use crate::syntax::Owner;
use crate::units::Unit;

/// The columns that all programs of [`Rule::program`](super::Rule::program) share: variables of the synapse (`w` is the
/// first), of the source, of the target, what is read of the neuron, parameters, and five for the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workbench {
    source: usize,
    target: usize,
    reads: usize,
    parameters: usize,
    rest: usize,
}

impl Workbench {
    pub(super) fn new(model: &Model, synapse: &Synapse) -> Workbench {
        let reads = model.states.len();
        let parameters = reads + model.inputs.len();
        Workbench {
            source: synapse.states(Owner::Source).start,
            target: synapse.states(Owner::Target).start,
            reads,
            parameters,
            rest: parameters + model.parameters.len(),
        }
    }

    pub(super) fn columns(&self, model: &Model) -> Vec<Column> {
        let column = |name: &str, role: Role, unit: &Unit, default: f64| Column {
            name: name.to_owned(),
            role,
            unit: unit.clone(),
            default,
        };
        let ms = Unit::from_symbol("ms").unwrap_or_else(Unit::one);
        let one = Unit::one();
        let mut columns = Vec::with_capacity(self.count());
        columns.extend(model.states.iter().map(|s| column(&s.name, Role::State, &s.unit, 0.0)));
        columns.extend(model.inputs.iter().map(|i| column(&i.name, Role::Input, &i.unit, 0.0)));
        columns.extend(
            model
                .parameters
                .iter()
                .map(|p| column(&p.name, Role::Parameter, &p.unit, p.default)),
        );
        // No variable can have these names: they are no single words.
        columns.push(column("event.elapsed", Role::Input, &ms, 0.0));
        columns.push(column("event.reward", Role::Input, &one, 0.0));
        columns.push(column("event.interval", Role::Input, &ms, 0.0));
        columns.push(column("event.transmitted", Role::Internal, &one, 1.0));
        columns.push(column("event.holds", Role::Internal, &one, 1.0));
        columns
    }

    /// Variable `n` of the synapse; 0 is the weight.
    pub fn synapse(&self, n: usize) -> ColumnId {
        id(n)
    }

    /// Variable `n` of the source.
    pub fn source(&self, n: usize) -> ColumnId {
        id(self.source + n)
    }

    /// Variable `n` of the target.
    pub fn target(&self, n: usize) -> ColumnId {
        id(self.target + n)
    }

    /// Variable `n` of those read of the target neuron, as it is at the beginning of the step.
    pub fn read(&self, n: usize) -> ColumnId {
        id(self.reads + n)
    }

    /// Parameter `n`.
    pub fn parameter(&self, n: usize) -> ColumnId {
        id(self.parameters + n)
    }

    /// Read by the passing programs: the time since the variables were last computed, ms.
    pub fn elapsed(&self) -> ColumnId {
        id(self.rest)
    }

    /// Read by the reward programs: how much reward is given.
    pub fn reward(&self) -> ColumnId {
        id(self.rest + 1)
    }

    /// Read by the update programs: the time since the last update, ms.
    pub fn interval(&self) -> ColumnId {
        id(self.rest + 2)
    }

    /// Written by [`Event::Pre`](super::Event::Pre) or [`Event::Transmit`](super::Event::Transmit): the factor by which
    /// the arriving spike counts.
    pub fn transmitted(&self) -> ColumnId {
        id(self.rest + 3)
    }

    /// Written by [`Event::Where`](super::Event::Where): 1 where the update acts, else 0.
    pub fn holds(&self) -> ColumnId {
        id(self.rest + 4)
    }

    /// Number of columns.
    pub fn count(&self) -> usize {
        self.rest + 5
    }
}

fn id(n: usize) -> ColumnId {
    ColumnId(n as u32)
}
