//! Last pass: what concerns the model as a whole.

use super::expressions::MAX_NODES;
use super::{Checker, ModelKind};
use crate::diagnostic::Diagnostic;
use crate::model::{Expr, Model, Symbol, Synapse};
use crate::syntax::Item;

/// Expressions may be nested to this depth with all derived variables written out.
const MAX_HEIGHT: usize = 1000;

impl Checker<'_> {
    /// The model, after the checks that need all of it.
    pub(super) fn finish(mut self) -> Model {
        self.no_cycles();
        if self.model.kind == ModelKind::Synapse {
            self.scopes();
        }
        self.complete();
        self.unused();
        self.model
    }

    /// Derived variables and initial values must not depend on themselves.
    fn no_cycles(&mut self) {
        let derived: Vec<Expr> = self.model.derived.iter().map(|d| d.value.clone()).collect();
        let as_derived = |s| match s {
            Symbol::Derived(n) => Some(n),
            _ => None,
        };
        if let Some(n) = cycle(&derived, as_derived) {
            let (name, span) = (self.model.derived[n].name.clone(), self.model.derived[n].span);
            self.error(
                "E0206",
                span,
                format!("`{name}` depends on itself"),
                "a derived variable is a formula; use `d…/dt` for one that has a past",
            );
            // Later passes expand derived variables and rely on there being no cycle.
            for derived in &mut self.model.derived {
                derived.value = Expr::Constant(0.0);
            }
        }
        self.bounded();
        let derived: Vec<Expr> = self.model.derived.iter().map(|d| d.value.clone()).collect();
        let initial: Vec<Expr> = self.model.states.iter().map(|s| expand(&s.initial, &derived)).collect();
        let as_state = |s| match s {
            Symbol::State(n) => Some(n),
            _ => None,
        };
        if let Some(n) = cycle(&initial, as_state) {
            let (name, span) = (self.model.states[n].name.clone(), self.model.states[n].span);
            self.error(
                "E0206",
                span,
                format!("the initial value of `{name}` depends on itself"),
                "give one of the variables involved a number",
            );
        }
    }

    /// Written out, formulas of formulas may grow exponentially; refuse them before anything writes them out.
    fn bounded(&mut self) {
        let derived: Vec<&Expr> = self.model.derived.iter().map(|d| &d.value).collect();
        let mut sizes: Vec<Option<Size>> = vec![None; derived.len()];
        let mut total = Size { nodes: 0, height: 0 };
        let formulas = self
            .model
            .states
            .iter()
            .flat_map(|s| [&s.derivative, &s.initial])
            .chain(derived.iter().copied())
            .chain(self.model.synapse.iter().flat_map(Synapse::formulas));
        for formula in formulas {
            let size = size(formula, &derived, &mut sizes);
            total = Size {
                nodes: total.nodes.saturating_add(size.nodes),
                height: total.height.max(size.height),
            };
        }
        if total.nodes > MAX_NODES || total.height > MAX_HEIGHT {
            self.error(
                "E0213",
                self.syntax.name.span,
                "with all derived variables written out, this model becomes too large",
                "use fewer formulas that build on each other",
            );
            for derived in &mut self.model.derived {
                derived.value = Expr::Constant(0.0);
            }
        }
    }

    /// Whether the text has such an item, even if it could not be understood.
    pub(super) fn has(&self, is: impl Fn(&Item) -> bool) -> bool {
        self.syntax.items.iter().any(is)
    }

    fn complete(&mut self) {
        let span = self.syntax.name.span;
        match self.model.kind {
            ModelKind::Synapse => self.complete_synapse(),
            ModelKind::Neuron => {
                if self.model.states.is_empty() {
                    self.error(
                        "E0208",
                        span,
                        "a neuron needs at least one equation",
                        "add `equations:` with `dV/dt = … : mV`",
                    );
                }
                if !self.has(|item| matches!(item, Item::Threshold(_)))
                    && (!self.model.reset.is_empty() || self.model.refractory.is_some())
                {
                    self.error(
                        "E0208",
                        span,
                        "reset and refractory need a threshold",
                        "add `threshold: V > -50 mV`",
                    );
                }
            }
            ModelKind::Receptor => {
                let moves = |item: &Item| matches!(item, Item::OnSpike(a) if a.name.value == "V");
                if !self.has(|item| matches!(item, Item::Current(_))) && !self.has(moves) {
                    self.error(
                        "E0208",
                        span,
                        "a receptor needs a current",
                        "add for example `current: g * (E_rev - V)`, or let `on spike` change `V`",
                    );
                }
                if !self.has(|item| matches!(item, Item::OnSpike(_) | Item::Input(_))) {
                    self.error(
                        "E0208",
                        span,
                        "a receptor needs `on spike` or an input",
                        "add `on spike:` with `g += weight`",
                    );
                }
            }
        }
    }

    /// A parameter that nothing uses is probably a slip.
    fn unused(&mut self) {
        if self.diagnostics.has_errors() {
            return;
        }
        for parameter in &self.model.parameters {
            let Some(name) = self.names.get(&parameter.name) else {
                continue;
            };
            // `area` may be there only to turn absolute currents into densities.
            if !name.used && parameter.name != "area" {
                self.diagnostics.0.push(
                    Diagnostic::warning(
                        "E0210",
                        self.source,
                        name.span,
                        format!("the parameter `{}` is never used", parameter.name),
                    )
                    .hint("remove it or use it in an equation"),
                );
            }
        }
    }
}

/// How large an expression is with derived variables written out.
#[derive(Clone, Copy)]
struct Size {
    nodes: usize,
    height: usize,
}

/// There must be no cycle among the derived variables. Chains of them are short of `MAX_HEIGHT` or refused.
fn size(value: &Expr, derived: &[&Expr], known: &mut Vec<Option<Size>>) -> Size {
    let mut nodes = value.nodes();
    let mut height = 0;
    let mut inner = Vec::new();
    value.visit_symbols(&mut |symbol| {
        if let Symbol::Derived(n) = symbol {
            inner.push(n);
        }
    });
    for n in inner {
        let size = match known[n] {
            Some(size) => size,
            None => {
                let size = size(derived[n], derived, known);
                known[n] = Some(size);
                size
            }
        };
        nodes = nodes.saturating_add(size.nodes);
        height = height.max(size.height);
    }
    Size {
        nodes,
        height: height + value.height(),
    }
}

/// An expression with derived variables replaced by their formulas. There must be no cycle among them.
pub(crate) fn expand(value: &Expr, derived: &[Expr]) -> Expr {
    value.substitute(&|symbol| match symbol {
        Symbol::Derived(n) => expand(&derived[n], derived),
        other => Expr::Symbol(other),
    })
}

/// A member of a cycle among expressions that refer to each other by index.
fn cycle(values: &[Expr], index: impl Fn(Symbol) -> Option<usize> + Copy) -> Option<usize> {
    /// 0 unseen, 1 on the path, 2 done.
    fn visit(
        n: usize,
        values: &[Expr],
        index: impl Fn(Symbol) -> Option<usize> + Copy,
        mark: &mut [u8],
    ) -> Option<usize> {
        if mark[n] > 0 {
            return (mark[n] == 1).then_some(n);
        }
        mark[n] = 1;
        let mut next = Vec::new();
        values[n].visit_symbols(&mut |s| next.extend(index(s)));
        for m in next {
            if let Some(found) = visit(m, values, index, mark) {
                return Some(found);
            }
        }
        mark[n] = 2;
        None
    }
    let mut mark = vec![0; values.len()];
    (0..values.len()).find_map(|n| visit(n, values, index, &mut mark))
}
