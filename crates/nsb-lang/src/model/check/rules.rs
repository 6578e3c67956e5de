//! Second pass: equations, initial values, and what happens at spikes.

use super::{Checker, ModelKind};
use crate::model::{Expr, Refractory, Symbol, Threshold};
use crate::program::{BinaryOp, UnaryOp};
use crate::source::{Span, Spanned};
use crate::syntax::{
    AssignmentOperator, AssignmentSyntax, BinaryOperator, EquationSyntax, Expression, ExpressionKind, Item,
    VariableSyntax,
};
use crate::units::{Dimension, Unit};

impl<'a> Checker<'a> {
    /// Checks every item that holds expressions over the declared names.
    pub(super) fn rules(&mut self) {
        let mut initialised = vec![false; self.model.states.len()];
        let mut rearm: Option<(&'a Expression, Span)> = None;
        for item in &self.syntax.items {
            if let Some((what, span)) = self.misplaced(item) {
                self.misplaced_section(what, span);
                continue;
            }
            match item {
                Item::Equation(equation) => self.derivative(equation),
                Item::Derived(equation) => self.derived(equation),
                Item::Initial(assignment) => self.initial(assignment, &mut initialised),
                Item::Threshold(condition) => self.deciding(|checker| checker.threshold(condition)),
                Item::Rearm(condition) => rearm = Some((condition, condition.span)),
                Item::Reset(assignment) => {
                    if let Some((state, value)) = self.deciding(|checker| checker.assignment(assignment)) {
                        self.model.reset.push((state, value));
                    }
                }
                Item::Refractory { duration, holding } => self.refractory(duration, holding),
                Item::OnSpike(assignment) => self.on_spike(assignment),
                Item::Preset(preset) => self.preset(preset),
                Item::Per(_, VariableSyntax::Equation(equation)) => self.derivative(equation),
                Item::Per(_, VariableSyntax::Derived(equation)) => self.derived(equation),
                Item::Bounds(low, high) => self.bounds(low, high),
                Item::On(trigger, assignment) => self.statement(*trigger, assignment),
                Item::UpdateEvery(duration) => self.update_every(duration),
                Item::UpdateWhere(condition) => self.update_where(condition),
                Item::Current(value) => self.model.current = self.expression_of(value, &Dimension::CURRENT),
                _ => {}
            }
        }
        if let Some((condition, span)) = rearm {
            let condition = self.deciding(|checker| checker.condition(condition));
            let written = self.has(|item| matches!(item, Item::Threshold(_)));
            match &mut self.model.threshold {
                Some(threshold) => threshold.rearm = condition,
                None if written => {}
                None => self.error("E0207", span, "`rearm` needs a threshold", "add `threshold: V > 0 mV`"),
            }
        }
        // What a synapse does not say begins at 0: most of its variables are traces.
        let needs_value = self.model.kind != ModelKind::Synapse;
        for (n, done) in initialised.iter().enumerate() {
            if needs_value && !done {
                let (name, span) = (self.model.states[n].name.clone(), self.model.states[n].span);
                let unit = self.model.states[n].unit.dimension().usual_unit();
                let example = if unit == "1" {
                    "0".to_string()
                } else {
                    format!("0 {unit}")
                };
                self.error(
                    "E0208",
                    span,
                    format!("`{name}` has no initial value"),
                    format!("add under `initial:` the line `{name} = {example}` with the value you want"),
                );
            }
        }
    }

    /// The section and its place if the kind of model does not have it.
    fn misplaced(&self, item: &Item) -> Option<(&'static str, Span)> {
        use ModelKind::{Neuron, Receptor, Synapse};
        let (section, span, kinds): (_, _, &[ModelKind]) = match item {
            Item::Input(i) => ("inputs", i.name.span, &[Neuron, Receptor]),
            Item::Equation(e) | Item::Derived(e) => ("equations", e.name.span, &[Neuron, Receptor]),
            Item::Threshold(e) => ("threshold", e.span, &[Neuron]),
            Item::Rearm(e) => ("rearm", e.span, &[Neuron]),
            Item::Reset(a) => ("reset", a.name.span, &[Neuron]),
            Item::Refractory { duration, .. } => ("refractory", duration.span, &[Neuron]),
            Item::OnSpike(a) => ("on spike", a.name.span, &[Receptor]),
            Item::Current(e) => ("current", e.span, &[Receptor]),
            Item::Per(owner, VariableSyntax::Equation(e) | VariableSyntax::Derived(e)) => {
                (owner.section(), e.name.span, &[Synapse])
            }
            Item::Per(owner, VariableSyntax::Read(r)) => (owner.section(), r.name.span, &[Synapse]),
            Item::Bounds(low, high) => ("bounds", low.span.to(high.span), &[Synapse]),
            Item::On(trigger, a) => (trigger.section(), a.name.span, &[Synapse]),
            Item::UpdateEvery(e) => ("update every", e.span, &[Synapse]),
            Item::UpdateWhere(e) => ("update where", e.span, &[Synapse]),
            _ => return None,
        };
        (!kinds.contains(&self.model.kind)).then_some((section, span))
    }

    /// Reports variables that stand in sections of another kind of model. The rest may refer to them.
    pub(super) fn misplaced_declarations(&mut self) -> bool {
        let declares = |item: &&Item| {
            matches!(
                item,
                Item::Input(_) | Item::Equation(_) | Item::Derived(_) | Item::Per(..)
            )
        };
        let found = self.syntax.items.iter().filter(declares);
        let found: Vec<_> = found.filter_map(|item| self.misplaced(item)).collect();
        let mut sections: Vec<&str> = Vec::new();
        for (what, span) in &found {
            if !sections.contains(what) {
                sections.push(what);
                self.misplaced_section(what, *span);
            }
        }
        !found.is_empty()
    }

    fn misplaced_section(&mut self, what: &str, span: Span) {
        let hint = match (self.model.kind, what) {
            (ModelKind::Synapse, "equations") => {
                "say whose the variables are: put them under `per synapse`, `per source` or `per target`"
            }
            (ModelKind::Synapse, "inputs") => "declare variables of the target neuron under `per target`",
            (_, "per source" | "per target" | "per synapse") => "put equations under `equations`",
            _ => "remove this section",
        };
        let kind = self.model.kind;
        self.error("E0207", span, format!("a {kind} has no `{what}`"), hint);
    }

    /// Checks a part of the model that decides about a spike.
    fn deciding<T>(&mut self, check: impl FnOnce(&mut Self) -> T) -> T {
        self.decides = true;
        let checked = check(self);
        self.decides = false;
        checked
    }

    pub(super) fn index_of_state(&mut self, name: &Spanned<String>) -> Option<usize> {
        match self.names.get(&name.value).map(|n| n.symbol) {
            Some(Symbol::State(n)) => Some(n),
            Some(Symbol::Input(_)) if self.model.kind == ModelKind::Synapse => {
                self.error(
                    "E0209",
                    name.span,
                    format!(
                        "`{}` is a variable of the neuron, which a synapse can only read",
                        name.value
                    ),
                    "set a variable with an equation of its own under `per target`",
                );
                None
            }
            Some(_) => {
                self.error(
                    "E0209",
                    name.span,
                    format!("`{}` is no state variable and cannot be set", name.value),
                    "only variables with an equation `d…/dt` can be set",
                );
                None
            }
            None => {
                self.unknown_name(&name.value, name.span);
                None
            }
        }
    }

    /// The dimension of a declared variable, unless its unit could not be read.
    pub(super) fn dimension_of(&self, name: &str) -> Option<Dimension> {
        self.names.get(name).and_then(|n| n.dimension)
    }

    fn derivative(&mut self, equation: &'a EquationSyntax) {
        let Some(Symbol::State(n)) = self.names.get(&equation.name.value).map(|n| n.symbol) else {
            return;
        };
        let Some(dimension) = self.dimension_of(&equation.name.value) else {
            return;
        };
        let dimension = dimension.divide(Dimension::TIME);
        if let Some(value) = self.expression_of(&equation.value, &dimension) {
            self.model.states[n].derivative = value;
        }
    }

    fn derived(&mut self, equation: &'a EquationSyntax) {
        let Some(Symbol::Derived(n)) = self.names.get(&equation.name.value).map(|n| n.symbol) else {
            return;
        };
        let Some(dimension) = self.dimension_of(&equation.name.value) else {
            return;
        };
        if let Some(value) = self.expression_of(&equation.value, &dimension) {
            self.model.derived[n].value = value;
        }
    }

    fn initial(&mut self, assignment: &'a AssignmentSyntax, initialised: &mut [bool]) {
        if assignment.operator != AssignmentOperator::Set {
            self.error(
                "E0209",
                assignment.name.span,
                "an initial value is set with `=`",
                "write `=`",
            );
            return;
        }
        let Some(n) = self.index_of_state(&assignment.name) else {
            return;
        };
        if self.model.kind == ModelKind::Synapse && n == 0 {
            self.error(
                "E0209",
                assignment.name.span,
                "the projection says with which weight a synapse begins",
                "remove this line",
            );
            return;
        }
        if std::mem::replace(&mut initialised[n], true) {
            self.error(
                "E0202",
                assignment.name.span,
                format!("`{}` has two initial values", assignment.name.value),
                "remove one",
            );
        }
        let Some(dimension) = self.dimension_of(&assignment.name.value) else {
            return;
        };
        if let Some(value) = self.expression_of(&assignment.value, &dimension) {
            if value.mentions(|s| matches!(s, Symbol::Input(_) | Symbol::Membrane)) {
                self.error(
                    "E0209",
                    assignment.value.span,
                    "an initial value can depend only on parameters and on other initial values",
                    "replace the input by a number",
                );
            }
            self.model.states[n].initial = value;
        }
    }

    fn threshold(&mut self, condition: &'a Expression) {
        let wrong = |checker: &mut Checker<'a>| {
            checker.error(
                "E0304",
                condition.span,
                "a threshold compares two values with `>` or `>=`",
                "write for example `threshold: V > -50 mV`",
            );
        };
        let ExpressionKind::Binary(operator, left, right) = &condition.kind else {
            if condition.kind != ExpressionKind::Error {
                wrong(self);
            }
            return;
        };
        let (high, low, inclusive) = match operator {
            BinaryOperator::Greater => (left, right, false),
            BinaryOperator::GreaterEqual => (left, right, true),
            BinaryOperator::Less => (right, left, false),
            BinaryOperator::LessEqual => (right, left, true),
            _ => return wrong(self),
        };
        // Checking the whole comparison reports differing dimensions once.
        let draws = self.draws;
        if self.condition(condition).is_none() {
            return;
        }
        self.draws = draws;
        if let (Some((high, _)), Some((low, _))) = (self.expression(high, &[]), self.expression(low, &[])) {
            let distance = Expr::binary(BinaryOp::Subtract, high, low);
            self.model.threshold = Some(Threshold {
                distance,
                inclusive,
                rearm: None,
            });
        }
    }

    /// The state and its new value.
    pub(super) fn assignment(&mut self, assignment: &'a AssignmentSyntax) -> Option<(usize, Expr)> {
        let state = self.index_of_state(&assignment.name)?;
        let dimension = self.dimension_of(&assignment.name.value)?;
        let old = Expr::Symbol(Symbol::State(state));
        let value = match assignment.operator {
            AssignmentOperator::Multiply => self.expression_of(&assignment.value, &Dimension::DIMENSIONLESS)?,
            _ => self.expression_of(&assignment.value, &dimension)?,
        };
        let new = match assignment.operator {
            AssignmentOperator::Set => value,
            AssignmentOperator::Add => Expr::binary(BinaryOp::Add, old, value),
            AssignmentOperator::Subtract => Expr::binary(BinaryOp::Subtract, old, value),
            AssignmentOperator::Multiply => Expr::binary(BinaryOp::Multiply, old, value),
        };
        Some((state, new))
    }

    fn refractory(&mut self, duration: &'a Expression, holding: &'a [Spanned<String>]) {
        let duration = self.expression_of(duration, &Dimension::TIME);
        let holding = holding.iter().filter_map(|name| self.index_of_state(name)).collect();
        if let Some(duration) = duration {
            self.model.refractory = Some(Refractory { duration, holding });
        }
    }

    /// `state += coefficient · weight`: the only form for which arriving spikes may be summed first. `V` is the
    /// membrane potential of the cell unless the receptor has a variable of that name.
    fn on_spike(&mut self, assignment: &'a AssignmentSyntax) {
        let membrane = assignment.name.value == "V" && !self.names.contains_key("V");
        let state = match membrane {
            true => None,
            false => match self.index_of_state(&assignment.name) {
                Some(state) => Some(state),
                None => return,
            },
        };
        let span = assignment.value.span;
        let sign = match assignment.operator {
            AssignmentOperator::Add => None,
            AssignmentOperator::Subtract => Some(UnaryOp::Negate),
            _ => {
                self.error(
                    "E0209",
                    assignment.name.span,
                    "arriving spikes add up, so a state can only grow or shrink here",
                    format!("write `{} += weight`", assignment.name.value),
                );
                return;
            }
        };
        let (unit, dimension) = match state {
            Some(state) => {
                let unit = self.model.states[state].unit.clone();
                let Some(dimension) = self.dimension_of(&assignment.name.value) else {
                    return;
                };
                (unit, dimension)
            }
            None => (Unit::parse("mV").unwrap_or_else(|_| Unit::one()), Dimension::VOLTAGE),
        };
        self.model.weight_unit.get_or_insert(unit);
        let weight_dimension = self.model.weight_unit.as_ref().map_or(dimension, |u| u.dimension());
        let name = super::Name {
            symbol: Symbol::Weight(0),
            dimension: Some(weight_dimension),
            span: assignment.name.span,
            used: true,
        };
        self.names.insert("weight".to_string(), name);
        let value = self.expression_of(&assignment.value, &dimension);
        self.names.remove("weight");
        let Some(value) = value else { return };
        let linear = value.linear_in(Symbol::Weight(0)).filter(|l| l.rest.is_none());
        let coefficient = linear
            .and_then(|l| l.slope)
            .filter(|slope| !slope.mentions(|s| !matches!(s, Symbol::Parameter(_))));
        match coefficient {
            Some(slope) => {
                let slope = match sign {
                    Some(op) => Expr::unary(op, slope),
                    None => slope,
                };
                match (state, &mut self.model.on_membrane) {
                    (Some(state), _) => self.model.on_spike.push((state, slope)),
                    (None, Some(sum)) => *sum = Expr::binary(BinaryOp::Add, sum.clone(), slope),
                    (None, none) => *none = Some(slope),
                }
            }
            None => self.error(
                "E0209",
                span,
                "what a spike adds must be proportional to `weight` and depend on parameters only",
                format!("write `{} += weight`", assignment.name.value),
            ),
        }
    }
}
