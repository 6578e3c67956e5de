//! Who may refer to what in a synapse: sources know nothing of targets, and neither knows its synapses.

use std::collections::BTreeSet;

use super::Checker;
use super::finish::expand;
use crate::model::{Change, Expr, Symbol, Synapse};
use crate::source::Span;
use crate::syntax::{Item, Owner, Trigger};

const OF_SOURCES: &str = "all synapses of a source share it, so it can depend on its own variables and parameters \
                          only; a variable under `per synapse` can be set from all";
const OF_TARGETS: &str = "all synapses of a target share it, so it can depend on its own variables, the neuron's, and \
                          parameters only; a variable under `per synapse` can be set from all";
const OF_SYNAPSES: &str = "between events it can depend on variables under `per synapse` and on parameters only; bring \
                           in the others in `on pre` or `on post`";

/// A formula, what it depends on, and of whom it must be.
struct Use {
    what: String,
    span: Span,
    symbols: BTreeSet<Symbol>,
    owner: Owner,
}

impl Checker<'_> {
    /// Reports formulas that depend on what their owner cannot see.
    pub(super) fn scopes(&mut self) {
        let Some(synapse) = self.model.synapse.clone() else {
            return;
        };
        for usage in self.uses(&synapse) {
            let strange = usage.symbols.iter().find(|symbol| match **symbol {
                Symbol::State(n) => synapse.owner(n) != usage.owner,
                Symbol::Input(_) => usage.owner != Owner::Target,
                _ => false,
            });
            let other = match strange {
                Some(Symbol::State(n)) => &self.model.states[*n].name,
                Some(Symbol::Input(n)) => &self.model.inputs[*n].name,
                _ => continue,
            };
            let message = format!("{} cannot depend on `{other}`", usage.what);
            let hint = match usage.owner {
                Owner::Source => OF_SOURCES,
                Owner::Target => OF_TARGETS,
                Owner::Synapse => OF_SYNAPSES,
            };
            self.error("E0215", usage.span, message, hint);
        }
    }

    fn uses(&self, synapse: &Synapse) -> Vec<Use> {
        let formulas: Vec<Expr> = self.model.derived.iter().map(|d| d.value.clone()).collect();
        let as_written = |value: &Expr| symbols(&expand(value, &formulas));
        let mut uses = Vec::new();
        for (n, state) in self.model.states.iter().enumerate() {
            let initial = self.syntax.items.iter().find_map(|item| match item {
                Item::Initial(a) if a.name.value == state.name => Some(a.value.span),
                _ => None,
            });
            for (what, span, value) in [
                ("equation", state.span, &state.derivative),
                ("initial value", initial.unwrap_or(state.span), &state.initial),
            ] {
                uses.push(Use {
                    what: format!("the {what} of `{}`", state.name),
                    span,
                    symbols: as_written(value),
                    owner: synapse.owner(n),
                });
            }
        }
        let shared = self.model.derived.iter().zip(&synapse.derived);
        // Formulas of synapses are for events, which see everything.
        for (derived, owner) in shared.filter(|(_, owner)| **owner != Owner::Synapse) {
            uses.push(Use {
                what: format!("`{}`", derived.name),
                span: derived.span,
                symbols: as_written(&derived.value),
                owner: *owner,
            });
        }
        let condition = self.syntax.items.iter().find_map(|item| match item {
            Item::UpdateWhere(condition) => Some(condition.span),
            _ => None,
        });
        if let (Some(value), Some(span)) = (&synapse.update_where, condition) {
            uses.push(Use {
                what: "`update where`".to_owned(),
                span,
                symbols: as_written(value),
                owner: Owner::Target,
            });
        }
        for trigger in Trigger::ALL {
            let mut now = unchanged(self.model.states.len());
            for statement in synapse.statements(trigger) {
                let symbols = dependencies(&expand(&statement.value, &formulas), &now);
                let Change::State(n) = statement.change else { continue };
                now[n].clone_from(&symbols);
                if synapse.owner(n) != Owner::Synapse {
                    uses.push(Use {
                        what: format!("the new value of `{}`", self.model.states[n].name),
                        span: statement.span,
                        symbols,
                        owner: synapse.owner(n),
                    });
                }
            }
        }
        uses
    }
}

fn symbols(value: &Expr) -> BTreeSet<Symbol> {
    let mut found = BTreeSet::new();
    value.visit_symbols(&mut |symbol| {
        found.insert(symbol);
    });
    found
}

/// Before the first statement of a trigger each state depends on itself.
pub(crate) fn unchanged(states: usize) -> Vec<BTreeSet<Symbol>> {
    (0..states).map(|n| BTreeSet::from([Symbol::State(n)])).collect()
}

/// What an expression depends on, given what the states depend on by now.
pub(crate) fn dependencies(value: &Expr, now: &[BTreeSet<Symbol>]) -> BTreeSet<Symbol> {
    let mut found = BTreeSet::new();
    value.visit_symbols(&mut |symbol| match symbol {
        Symbol::State(n) => found.extend(now[n].iter().copied()),
        other => {
            found.insert(other);
        }
    });
    found
}
