//! First pass: which names a model declares, with their dimensions.

use super::{Checker, Name};
use crate::lower::Method;
use crate::model::{Derived, Expr, Input, Parameter, State, Symbol};
use crate::source::{Span, Spanned};
use crate::suggest;
use crate::syntax::{DeclarationSyntax, EquationSyntax, Expression, Item, ParameterSyntax};
use crate::units::{Dimension, Quantity, Unit};

/// Names that a model may not declare.
const RESERVED: [&str; 4] = ["dt", "t", "weight", "none"];

/// Names that synapses may not declare besides.
const RESERVED_IN_SYNAPSES: [&str; 2] = ["transmit", "reward"];

impl<'a> Checker<'a> {
    /// Collects all declarations; expressions of equations stay unchecked until all names are known.
    pub(super) fn declare(&mut self) {
        for item in &self.syntax.items {
            match item {
                Item::Reference(text) => self.model.references.push(text.value.clone()),
                Item::Method(name) => self.method(name),
                Item::MaxDt(value) => {
                    if let Some(value) = self.constant_of(value, &Dimension::TIME) {
                        self.model.max_dt = Some(value);
                    }
                }
                Item::Parameter(parameter) => self.parameter(parameter),
                Item::Input(input) => self.declare_input(input),
                Item::Function(function) => {
                    if super::expressions::is_builtin(&function.name.value) {
                        self.error(
                            "E0202",
                            function.name.span,
                            format!("`{}` is a built-in function", function.name.value),
                            "choose another name",
                        );
                    } else if self.functions.insert(function.name.value.clone(), function).is_some() {
                        self.error(
                            "E0202",
                            function.name.span,
                            format!("the function `{}` is defined twice", function.name.value),
                            "remove one of the definitions",
                        );
                    }
                }
                Item::Equation(equation) => self.declare_state(equation),
                Item::Derived(equation) => self.declare_derived(equation),
                _ => {}
            }
        }
        if self.model.kind == super::ModelKind::Synapse {
            self.declare_variables();
        }
    }

    pub(super) fn declare_state(&mut self, equation: &'a EquationSyntax) {
        let unit = self.unit(&equation.unit);
        let symbol = Symbol::State(self.model.states.len());
        self.name(&equation.name, symbol, unit.as_ref().map(Unit::dimension));
        let line = format!("d{}/dt = {}", equation.name.value, self.text(equation.value.span));
        self.model.equations.push(line);
        self.model.states.push(State {
            name: equation.name.value.clone(),
            unit: unit.unwrap_or_else(Unit::one),
            doc: doc(&equation.doc),
            derivative: Expr::Constant(0.0),
            initial: Expr::Constant(0.0),
            span: equation.name.span.to(equation.value.span),
        });
    }

    pub(super) fn declare_derived(&mut self, equation: &'a EquationSyntax) {
        let unit = self.unit(&equation.unit);
        let symbol = Symbol::Derived(self.model.derived.len());
        self.name(&equation.name, symbol, unit.as_ref().map(Unit::dimension));
        let line = format!("{} = {}", equation.name.value, self.text(equation.value.span));
        self.model.equations.push(line);
        self.model.derived.push(Derived {
            name: equation.name.value.clone(),
            unit: unit.unwrap_or_else(Unit::one),
            doc: doc(&equation.doc),
            value: Expr::Constant(0.0),
            span: equation.name.span.to(equation.value.span),
        });
    }

    pub(super) fn declare_input(&mut self, input: &'a DeclarationSyntax) {
        let unit = self.unit(&input.unit);
        let symbol = Symbol::Input(self.model.inputs.len());
        self.name(&input.name, symbol, unit.as_ref().map(Unit::dimension));
        self.model.inputs.push(Input {
            name: input.name.value.clone(),
            unit: unit.unwrap_or_else(Unit::one),
            doc: doc(&input.doc),
        });
    }

    pub(super) fn name(&mut self, name: &Spanned<String>, symbol: Symbol, dimension: Option<Dimension>) {
        let text = &name.value;
        let synapse = self.model.kind == super::ModelKind::Synapse;
        if RESERVED.contains(&text.as_str())
            || synapse && RESERVED_IN_SYNAPSES.contains(&text.as_str())
            || super::expressions::is_builtin(text)
        {
            self.error(
                "E0202",
                name.span,
                format!("`{text}` is a word of the language"),
                "choose another name",
            );
        }
        let new = Name {
            symbol,
            dimension,
            span: name.span,
            used: false,
        };
        if let Some(first) = self.names.insert(text.clone(), new) {
            let (line, _) = self.source.line_column(first.span.start);
            self.error(
                "E0202",
                name.span,
                format!("`{text}` is declared twice, first in line {line}"),
                "rename or remove one of the two",
            );
        }
    }

    fn method(&mut self, name: &Spanned<String>) {
        match Method::from_name(&name.value) {
            Some(method) => self.model.method = Some(method),
            None => {
                let names = Method::ALL.map(Method::name);
                let hint = match suggest::nearest(&name.value, names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("methods are {}", names.join(", ")),
                };
                self.error(
                    "E0401",
                    name.span,
                    format!("`{}` is no integration method", name.value),
                    hint,
                );
            }
        }
    }

    fn parameter(&mut self, parameter: &'a ParameterSyntax) {
        let symbol = Symbol::Parameter(self.model.parameters.len());
        let Some(unit) = self.unit(&parameter.unit) else {
            self.name(&parameter.name, symbol, None);
            self.model.parameters.push(Parameter {
                name: parameter.name.value.clone(),
                unit: Unit::one(),
                default: f64::NAN,
                range: None,
                doc: doc(&parameter.doc),
            });
            return;
        };
        let dimension = unit.dimension();
        let default = self.quantity_of(&parameter.default, &dimension).unwrap_or(f64::NAN);
        let range = parameter.range.as_ref().and_then(|(low, high)| {
            let low_value = self.constant_of(low, &dimension)?;
            let high_value = self.constant_of(high, &dimension)?;
            let span = low.span.to(high.span);
            if low_value > high_value {
                self.error("E0204", span, "the range is empty", "write the smaller value first");
            } else if default < low_value || default > high_value {
                self.error(
                    "E0204",
                    parameter.default.span,
                    format!("the default of `{}` lies outside its range", parameter.name.value),
                    "widen the range or change the default",
                );
            }
            Some((low_value, high_value))
        });
        self.name(&parameter.name, symbol, Some(dimension));
        self.model.parameters.push(Parameter {
            name: parameter.name.value.clone(),
            unit,
            default,
            range,
            doc: doc(&parameter.doc),
        });
    }

    /// The number of a quantity or of an expression that mentions no variable, or `None` and a finding. A quantity
    /// as written converts with one rounding; the general way is a product of factors.
    pub(super) fn quantity_of(&mut self, expression: &'a Expression, dimension: &Dimension) -> Option<f64> {
        let exact = Quantity::parse(&self.text(expression.span))
            .ok()
            .filter(|q| q.dimension() == *dimension)
            .map(|q| q.engine());
        exact.or_else(|| self.constant_of(expression, dimension))
    }

    /// The number of an expression that mentions no variable, or `None` and a finding.
    fn constant_of(&mut self, expression: &'a Expression, dimension: &Dimension) -> Option<f64> {
        let value = self.expression_of(expression, dimension)?;
        match fold(&value) {
            Some(number) if number.is_finite() => Some(number),
            Some(_) => {
                self.constant_error(expression.span, "this is not a finite number");
                None
            }
            None => {
                self.constant_error(expression.span, "only numbers with units can stand here");
                None
            }
        }
    }

    fn constant_error(&mut self, span: Span, message: &str) {
        self.error("E0204", span, message, "write a number and a unit, for example `10 mV`");
    }
}

/// The value of an expression without symbols.
pub(crate) fn fold(value: &Expr) -> Option<f64> {
    Some(match value {
        Expr::Constant(value) => *value,
        Expr::Symbol(_) | Expr::Draw(..) => return None,
        Expr::Unary(op, a) => op.apply(fold(a)?),
        Expr::Binary(op, a, b) => op.apply(fold(a)?, fold(b)?),
        Expr::Power(a, n) => {
            let base = fold(a)?;
            let product = (0..n.unsigned_abs()).fold(1.0, |product, _| product * base);
            if *n < 0 { 1.0 / product } else { product }
        }
        Expr::Select(condition, then, otherwise) => {
            if fold(condition)? != 0.0 {
                fold(then)?
            } else {
                fold(otherwise)?
            }
        }
    })
}

pub(super) fn doc(text: &Option<Spanned<String>>) -> String {
    text.as_ref().map(|t| t.value.clone()).unwrap_or_default()
}
