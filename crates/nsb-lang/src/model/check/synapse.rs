//! Synapses: whose the variables are, and the statements that change them.

use super::declarations::doc;
use super::{Checker, Name};
use crate::model::{Change, Expr, State, Statement, Symbol, Synapse};
use crate::source::Span;
use crate::syntax::{
    AssignmentOperator, AssignmentSyntax, EquationSyntax, Expression, Item, Owner, Trigger, VariableSyntax,
};
use crate::units::{Dimension, Unit};

/// The weight of a synapse.
const WEIGHT: &str = "w";

impl<'a> Checker<'a> {
    /// Declares the variables of synapses, sources and targets, in this order.
    pub(super) fn declare_variables(&mut self) {
        let unit = Unit::from_symbol("weight").unwrap_or_else(Unit::one);
        let weight = Name {
            symbol: Symbol::State(0),
            dimension: Some(unit.dimension()),
            span: self.syntax.name.span,
            used: true,
        };
        if let Some(other) = self.names.insert(WEIGHT.to_owned(), weight) {
            self.weight_twice(other.span);
        }
        self.model.states.push(State {
            name: WEIGHT.to_owned(),
            unit,
            doc: "weight of the synapse".to_owned(),
            derivative: Expr::Constant(0.0),
            initial: Expr::Constant(0.0),
            span: self.syntax.name.span,
        });
        let mut counts = [0; 3];
        let mut before = 0;
        for (count, owner) in counts.iter_mut().zip([Owner::Synapse, Owner::Source, Owner::Target]) {
            for item in &self.syntax.items {
                match item {
                    Item::Per(of, variable) if *of == owner => self.declare_variable(owner, variable),
                    _ => {}
                }
            }
            *count = self.model.states.len() - before;
            before = self.model.states.len();
        }
        self.model.synapse = Some(Synapse {
            counts,
            derived: std::mem::take(&mut self.derived_owners),
            bounds: None,
            update_every: None,
            update_where: None,
            statements: Vec::new(),
        });
    }

    fn declare_variable(&mut self, owner: Owner, variable: &'a VariableSyntax) {
        let name = match variable {
            VariableSyntax::Equation(e) | VariableSyntax::Derived(e) => &e.name,
            VariableSyntax::Read(read) => &read.name,
        };
        match variable {
            VariableSyntax::Equation(equation) if name.value == WEIGHT && owner == Owner::Synapse => {
                self.equation_of_weight(equation);
            }
            _ if name.value == WEIGHT => self.weight_twice(name.span),
            VariableSyntax::Equation(equation) => self.declare_state(equation),
            VariableSyntax::Derived(equation) => {
                self.declare_derived(equation);
                self.derived_owners.push(owner);
            }
            VariableSyntax::Read(read) => self.declare_input(read),
        }
    }

    fn weight_twice(&mut self, span: Span) {
        self.error(
            "E0202",
            span,
            "`w` is the weight, which every synapse has",
            "choose another name; the weight may have an equation under `per synapse`: `dw/dt = … : weight`",
        );
    }

    fn equation_of_weight(&mut self, equation: &'a EquationSyntax) {
        let span = equation.name.span.to(equation.value.span);
        let Some(unit) = self.unit(&equation.unit) else { return };
        if unit.dimension() != Dimension::WEIGHT {
            let found = unit.dimension().with_article();
            self.error(
                "E0303",
                equation.unit.span,
                format!("the unit of `w` is `weight`, this is {found}"),
                "write `: weight`",
            );
            return;
        }
        let weight = &self.model.states[0];
        if weight.span != self.syntax.name.span {
            self.error("E0202", span, "`w` has two equations", "remove one of them");
            return;
        }
        let line = format!("dw/dt = {}", self.text(equation.value.span));
        self.model.equations.push(line);
        let weight = &mut self.model.states[0];
        weight.span = span;
        weight.unit = unit;
        if equation.doc.is_some() {
            weight.doc = doc(&equation.doc);
        }
    }

    pub(super) fn word_of_synapses(&mut self, name: &str, span: Span) -> Option<(Expr, Dimension)> {
        if name == "reward" && self.trigger == Some(Trigger::Reward) {
            return Some((Expr::Symbol(Symbol::Reward), Dimension::DIMENSIONLESS));
        }
        let (message, hint) = match name {
            "reward" => (
                "`reward` is known only in `on reward`",
                "keep what is needed later in a variable, for example `d += reward` under `on reward`",
            ),
            _ => (
                "`transmit` can be set, but not read",
                "repeat the formula, or give it a name under `per source` or `per synapse`",
            ),
        };
        self.error("E0214", span, message, hint);
        None
    }

    pub(super) fn bounds(&mut self, low: &'a Expression, high: &'a Expression) {
        let span = low.span.to(high.span);
        let checked = (
            self.expression_of(low, &Dimension::WEIGHT),
            self.expression_of(high, &Dimension::WEIGHT),
        );
        let (Some(lowest), Some(highest)) = checked else { return };
        self.of_parameters(&lowest, low.span, "a bound");
        self.of_parameters(&highest, high.span, "a bound");
        let fold = super::declarations::fold;
        if let Some(low) = fold(&lowest) {
            if low < 0.0 {
                self.error(
                    "E0204",
                    span,
                    "a weight cannot be negative: whether a synapse excites or inhibits is a matter of its receptor",
                    "begin the bounds at `0 weight` or above",
                );
            } else if fold(&highest).is_some_and(|high| high < low) {
                self.error("E0204", span, "the bounds are empty", "write the smaller value first");
            }
        }
        let synapse = self.model.synapse.get_or_insert_with(Synapse::default);
        if synapse.bounds.replace((lowest, highest)).is_some() {
            self.twice("bounds", span);
        }
    }

    pub(super) fn update_every(&mut self, duration: &'a Expression) {
        let Some(value) = self.expression_of(duration, &Dimension::TIME) else {
            return;
        };
        self.of_parameters(&value, duration.span, "the time between updates");
        let synapse = self.model.synapse.get_or_insert_with(Synapse::default);
        if synapse.update_every.replace(value).is_some() {
            self.twice("update every", duration.span);
        }
    }

    pub(super) fn update_where(&mut self, condition: &'a Expression) {
        let Some(value) = self.condition(condition) else { return };
        let synapse = self.model.synapse.get_or_insert_with(Synapse::default);
        if synapse.update_where.replace(value).is_some() {
            self.twice("update where", condition.span);
        }
    }

    fn twice(&mut self, section: &str, span: Span) {
        self.error(
            "E0202",
            span,
            format!("`{section}` is given twice"),
            "remove one of the two",
        );
    }

    fn of_parameters(&mut self, value: &Expr, span: Span, what: &str) {
        if value.mentions(|s| !matches!(s, Symbol::Parameter(_))) {
            self.error(
                "E0215",
                span,
                format!("{what} can depend on parameters only"),
                "use numbers and parameters here",
            );
        }
    }

    /// One line of `on pre` and its like.
    pub(super) fn statement(&mut self, trigger: Trigger, assignment: &'a AssignmentSyntax) {
        self.trigger = Some(trigger);
        let checked = if assignment.name.value == "transmit" {
            self.transmit(trigger, assignment)
                .map(|value| (Change::Transmit, value))
        } else {
            let state = self.index_of_state(&assignment.name);
            if let Some(state) = state {
                self.may_set(trigger, state, assignment.name.span);
            }
            state
                .and_then(|_| self.assignment(assignment))
                .map(|(state, value)| (Change::State(state), value))
        };
        self.trigger = None;
        if let Some((change, value)) = checked {
            let span = assignment.name.span.to(assignment.value.span);
            let statement = Statement {
                trigger,
                change,
                value,
                span,
            };
            let synapse = self.model.synapse.get_or_insert_with(Synapse::default);
            synapse.statements.push(statement);
        }
    }

    fn transmit(&mut self, trigger: Trigger, assignment: &'a AssignmentSyntax) -> Option<Expr> {
        let span = assignment.name.span;
        if trigger != Trigger::Pre {
            self.error(
                "E0209",
                span,
                "`transmit` says how an arriving spike counts, so it can stand only in `on pre`",
                "move this line to `on pre`",
            );
            return None;
        }
        if assignment.operator != AssignmentOperator::Set {
            self.error("E0209", span, "`transmit` is set with `=`", "write `transmit = …`");
            return None;
        }
        let (value, found) = self.expression(&assignment.value, &[])?;
        if found.is_dimensionless() {
            return Some(value);
        }
        self.error(
            "E0303",
            assignment.value.span,
            format!("`transmit` is a factor without unit, this is {}", found.with_article()),
            "leave `w` out: what is transmitted is `w` times this factor",
        );
        None
    }

    /// Variables of a source change where one of its spikes arrives; those of a target elsewhere.
    fn may_set(&mut self, trigger: Trigger, state: usize, span: Span) {
        let name = self.model.states[state].name.clone();
        let section = trigger.section();
        let Some(synapse) = &self.model.synapse else { return };
        let (message, hint) = match (synapse.owner(state), trigger) {
            (Owner::Source, Trigger::Post | Trigger::Reward | Trigger::Update) => (
                format!("`{name}` belongs to the source, and `{section}` concerns the target"),
                "set it in `on pre`, or declare it under `per synapse`",
            ),
            (Owner::Target, Trigger::Pre) => (
                format!("`{name}` belongs to the target, and `{section}` concerns one of its sources"),
                "set it in `on post`, `on reward` or `on update`, or declare it under `per synapse`",
            ),
            _ => return,
        };
        self.error("E0209", span, message, hint);
    }

    pub(super) fn complete_synapse(&mut self) {
        let has_equation = |item: &Item| matches!(item, Item::Per(Owner::Synapse, VariableSyntax::Equation(e)) if e.name.value == WEIGHT);
        let on = |item: &Item| matches!(item, Item::On(..));
        let on_update = |item: &Item| matches!(item, Item::On(Trigger::Update, _));
        let updates = |item: &Item| matches!(item, Item::UpdateEvery(_) | Item::UpdateWhere(_));
        let span = self.syntax.name.span;
        if !self.has(on) && !self.has(has_equation) {
            self.error(
                "E0208",
                span,
                "a synapse needs an event that changes something",
                "add for example `on pre:` with `w -= A * y`",
            );
        }
        if self.has(updates) && !self.has(on_update) {
            self.error(
                "E0208",
                span,
                "`update every` and `update where` need `on update`",
                "add `on update:` with what is to be done then",
            );
        }
    }
}
