//! Expressions: names to symbols, numbers to engine units, dimensions compared.

use super::Checker;
use crate::model::{Expr, Symbol};
use crate::program::{BinaryOp, Distribution, UnaryOp};
use crate::source::{Span, Spanned};
use crate::suggest;
use crate::syntax::{BinaryOperator, Expression, ExpressionKind, Trigger, UnaryOperator};
use crate::units::{Dimension, Unit};

/// Built-in functions and their number of arguments.
const BUILTINS: [(&str, usize); 16] = [
    ("abs", 1),
    ("bernoulli", 1),
    ("cos", 1),
    ("exp", 1),
    ("expm1", 1),
    ("exprel", 1),
    ("floor", 1),
    ("log", 1),
    ("max", 2),
    ("min", 2),
    ("normal", 0),
    ("sin", 1),
    ("sqrt", 1),
    ("tanh", 1),
    ("uniform", 0),
    ("vtrap", 2),
];

/// Functions may call functions to this depth; more means recursion.
const MAX_CALL_DEPTH: usize = 16;

/// Expressions may be nested to this depth, functions included.
const MAX_DEPTH: usize = 500;

/// All expressions of a model together may have this many nodes, functions written out.
pub(super) const MAX_NODES: usize = 100_000;

/// Whether the language itself defines a function of that name.
pub(super) fn is_builtin(name: &str) -> bool {
    name == "where" || BUILTINS.iter().any(|(n, _)| *n == name)
}

/// An expression and its dimension; conditions are dimensionless.
pub(super) type Checked = (Expr, Dimension);

/// Arguments of the function being inlined.
pub(super) type Arguments<'s> = &'s [Argument];

/// An argument of a function: its name, its value, and how many nodes that has.
pub(super) struct Argument {
    name: String,
    value: Checked,
    nodes: usize,
}

impl<'a> Checker<'a> {
    /// The expression, if it has the expected dimension.
    pub(super) fn expression_of(&mut self, expression: &'a Expression, expected: &Dimension) -> Option<Expr> {
        let (value, found) = self.expression(expression, &[])?;
        if found == *expected {
            return Some(value);
        }
        if let (ExpressionKind::Number(number), true) = (&expression.kind, found == Dimension::DIMENSIONLESS) {
            let unit = expected.usual_unit();
            self.error(
                "E0302",
                expression.span,
                format!("a bare number where {} is due", expected.with_article()),
                format!("write `{number} {unit}`"),
            );
        } else {
            let hint = if expected.has_weight() && !found.has_weight() {
                "a synapse has the unit `weight`, whatever its receptor: write `0.1 weight`, or multiply by a parameter \
                 such as `w_max = 1 weight`"
                    .to_owned()
            } else if found == Dimension::DIMENSIONLESS {
                format!(
                    "give the numbers units, so that the result is in {}",
                    expected.usual_unit()
                )
            } else {
                format!("check each term: the whole must come out in {}", expected.usual_unit())
            };
            self.error(
                "E0303",
                expression.span,
                format!(
                    "this is {}, but {} is due here",
                    found.with_article(),
                    expected.with_article()
                ),
                hint,
            );
        }
        None
    }

    /// The condition, if it is one.
    pub(super) fn condition(&mut self, expression: &'a Expression) -> Option<Expr> {
        if !is_condition(expression) {
            self.error(
                "E0304",
                expression.span,
                "a condition is due here",
                "compare two values, for example `V > -50 mV`",
            );
            return None;
        }
        self.expression(expression, &[]).map(|(value, _)| value)
    }

    pub(super) fn expression(&mut self, expression: &'a Expression, arguments: Arguments<'_>) -> Option<Checked> {
        self.nodes += 1;
        if self.nodes > MAX_NODES || self.depth >= MAX_DEPTH {
            self.error(
                "E0213",
                expression.span,
                "with all functions written out, this model becomes too large",
                "give intermediate results names under `equations:`, or nest functions less",
            );
            return None;
        }
        self.depth += 1;
        let checked = self.node(expression, arguments);
        self.depth -= 1;
        checked
    }

    fn node(&mut self, expression: &'a Expression, arguments: Arguments<'_>) -> Option<Checked> {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Error => None,
            ExpressionKind::Number(value) => Some((Expr::Constant(*value), Dimension::DIMENSIONLESS)),
            ExpressionKind::Quantity { number, unit, power } => self.quantity(*number, unit, *power),
            ExpressionKind::Name(name) => self.resolve(name, span, arguments),
            ExpressionKind::Unary(UnaryOperator::Negate, a) => {
                let (value, dimension) = self.expression(a, arguments)?;
                Some((Expr::unary(UnaryOp::Negate, value), dimension))
            }
            ExpressionKind::Unary(UnaryOperator::Not, a) => {
                let (value, _) = self.expression(a, arguments)?;
                Some((Expr::unary(UnaryOp::Not, value), Dimension::DIMENSIONLESS))
            }
            ExpressionKind::Binary(BinaryOperator::Power, a, b) => self.power(a, b, arguments),
            ExpressionKind::Binary(operator, a, b) => {
                let left = self.expression(a, arguments);
                let right = self.expression(b, arguments);
                self.binary(*operator, left?, right?, (a, b), span)
            }
            ExpressionKind::Call {
                function,
                arguments: given,
            } => self.call(function, given, span, arguments),
        }
    }

    fn quantity(&mut self, number: f64, unit: &Spanned<String>, power: i32) -> Option<Checked> {
        let resolved = match Unit::parse(&unit.value) {
            Ok(resolved) => resolved,
            Err(problem) => {
                let hint = match self.names.contains_key(&unit.value) {
                    true => format!("write `{number} * {}`", unit.value),
                    false => problem.hint(),
                };
                self.error("E0301", unit.span, problem.to_string(), hint);
                return None;
            }
        };
        if self.names.contains_key(&unit.value) {
            let name = &unit.value;
            self.error(
                "E0305",
                unit.span,
                format!("`{number} {name}` could mean the unit or the variable `{name}` of this model"),
                format!("write `{number} * {name}` for the variable, or another prefix for the unit"),
            );
            return None;
        }
        if !self.no_weight(unit.span, resolved.dimension()) {
            return None;
        }
        if power == 1 {
            return Some((Expr::Constant(resolved.to_engine(number)), resolved.dimension()));
        }
        if resolved.is_affine() {
            let hint = "use K for differences of temperature";
            self.error(
                "E0301",
                unit.span,
                format!("`{}` has no fixed zero and no powers", unit.value),
                hint,
            );
            return None;
        }
        let raised = resolved.power(power);
        Some((Expr::Constant(raised.to_engine(number)), raised.dimension()))
    }

    fn resolve(&mut self, name: &str, span: Span, arguments: Arguments<'_>) -> Option<Checked> {
        if let Some(argument) = arguments.iter().find(|a| a.name == name) {
            self.nodes += argument.nodes;
            return Some(argument.value.clone());
        }
        if let Some(declared) = self.names.get_mut(name) {
            declared.used = true;
            return Some((Expr::Symbol(declared.symbol), declared.dimension?));
        }
        if self.model.kind == super::ModelKind::Receptor && name == "V" {
            return Some((Expr::Symbol(Symbol::Membrane), Dimension::VOLTAGE));
        }
        if name == "dt" {
            return self.step(span);
        }
        if self.model.kind == super::ModelKind::Synapse && matches!(name, "reward" | "transmit") {
            return self.word_of_synapses(name, span);
        }
        if self.functions.contains_key(name) || is_builtin(name) {
            self.error(
                "E0205",
                span,
                format!("`{name}` is a function"),
                format!("call it: `{name}(…)`"),
            );
            return None;
        }
        if let Some(unit) = Unit::from_symbol(name) {
            if unit.is_affine() {
                self.error(
                    "E0301",
                    span,
                    format!("`{name}` has no fixed zero and cannot be multiplied or divided by"),
                    "use K for differences of temperature",
                );
                return None;
            }
            if !self.no_weight(span, unit.dimension()) {
                return None;
            }
            return Some((Expr::Constant(unit.to_engine(1.0)), unit.dimension()));
        }
        self.unknown_name(name, span);
        None
    }

    fn power(&mut self, a: &'a Expression, b: &'a Expression, arguments: Arguments<'_>) -> Option<Checked> {
        let (base, dimension) = self.expression(a, arguments)?;
        let (exponent, exponent_dimension) = self.expression(b, arguments)?;
        if exponent_dimension != Dimension::DIMENSIONLESS {
            self.error(
                "E0303",
                b.span,
                format!("an exponent has no unit, this is {}", exponent_dimension.with_article()),
                "divide by a quantity of the same kind first",
            );
            return None;
        }
        let integer = super::declarations::fold(&exponent).filter(|n| n.fract() == 0.0 && n.abs() <= 64.0);
        if let Some(n) = integer {
            let n = n as i32;
            return Some((Expr::Power(Box::new(base), n), dimension.power(n)));
        }
        if dimension != Dimension::DIMENSIONLESS {
            self.error(
                "E0303",
                a.span,
                format!(
                    "only a pure number can be raised to this power, this is {}",
                    dimension.with_article()
                ),
                "use a whole number as exponent, or divide by a quantity of the same kind first",
            );
            return None;
        }
        Some((Expr::binary(BinaryOp::Power, base, exponent), dimension))
    }

    fn binary(
        &mut self,
        operator: BinaryOperator,
        (left, a): Checked,
        (right, b): Checked,
        sides: (&Expression, &Expression),
        span: Span,
    ) -> Option<Checked> {
        let none = Dimension::DIMENSIONLESS;
        let (op, dimension) = match operator {
            BinaryOperator::Multiply => (BinaryOp::Multiply, a.multiply(b)),
            BinaryOperator::Divide => (BinaryOp::Divide, a.divide(b)),
            BinaryOperator::And => (BinaryOp::And, none),
            BinaryOperator::Or => (BinaryOp::Or, none),
            _ => {
                if !self.same_dimension(a, b, sides, span) {
                    return None;
                }
                match operator {
                    BinaryOperator::Add => (BinaryOp::Add, a),
                    BinaryOperator::Subtract => (BinaryOp::Subtract, a),
                    BinaryOperator::Less => (BinaryOp::Less, none),
                    BinaryOperator::LessEqual => (BinaryOp::LessEqual, none),
                    BinaryOperator::Greater => return Some((Expr::binary(BinaryOp::Less, right, left), none)),
                    BinaryOperator::GreaterEqual => {
                        return Some((Expr::binary(BinaryOp::LessEqual, right, left), none));
                    }
                    BinaryOperator::NotEqual => {
                        let equal = Expr::binary(BinaryOp::Equal, left, right);
                        return Some((Expr::unary(UnaryOp::Not, equal), none));
                    }
                    _ => (BinaryOp::Equal, none),
                }
            }
        };
        Some((Expr::binary(op, left, right), dimension))
    }

    /// Whether two dimensions agree; if not, says so with the fix for a bare number.
    fn same_dimension(&mut self, a: Dimension, b: Dimension, sides: (&Expression, &Expression), span: Span) -> bool {
        if a == b {
            return true;
        }
        for (side, other) in [(sides.0, b), (sides.1, a)] {
            if let ExpressionKind::Number(number) = side.kind {
                self.error(
                    "E0302",
                    side.span,
                    format!("a bare number where {} is due", other.with_article()),
                    format!("write `{number} {}`", other.usual_unit()),
                );
                return false;
            }
        }
        self.error(
            "E0303",
            span,
            format!("the two sides differ: {} and {}", a.with_article(), b.with_article()),
            format!("bring both to the same unit, for example {}", a.usual_unit()),
        );
        false
    }

    fn call(
        &mut self,
        function: &Spanned<String>,
        given: &'a [Expression],
        span: Span,
        arguments: Arguments<'_>,
    ) -> Option<Checked> {
        let name = function.value.as_str();
        if name == "where" {
            return self.select(given, span, arguments);
        }
        let checked: Vec<Option<Checked>> = given.iter().map(|e| self.expression(e, arguments)).collect();
        if let Some((_, expected)) = BUILTINS.iter().find(|(n, _)| *n == name) {
            if given.len() != *expected {
                self.wrong_count(name, *expected, given.len(), span);
                return None;
            }
            match name {
                "uniform" => return self.draw(Distribution::Uniform, span),
                "normal" => return self.draw(Distribution::Normal, span),
                _ => {}
            }
            let checked = checked.into_iter().collect::<Option<Vec<Checked>>>()?;
            return self.builtin(name, checked, given, span);
        }
        let Some(&definition) = self.functions.get(name) else {
            let known = self
                .functions
                .keys()
                .map(String::as_str)
                .chain(BUILTINS.iter().map(|b| b.0));
            let hint = match suggest::nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("define it: functions: {name}(x) = …"),
            };
            self.error("E0205", function.span, format!("there is no function `{name}`"), hint);
            return None;
        };
        if definition.arguments.len() != given.len() {
            self.wrong_count(name, definition.arguments.len(), given.len(), span);
            return None;
        }
        if self.call_depth >= MAX_CALL_DEPTH {
            self.error(
                "E0206",
                function.span,
                format!("`{name}` calls itself, directly or through others"),
                "functions are inlined and cannot be recursive",
            );
            return None;
        }
        let mut inner = Vec::with_capacity(given.len());
        for (argument, checked) in definition.arguments.iter().zip(checked) {
            let value = checked?;
            let nodes = value.0.nodes();
            inner.push(Argument {
                name: argument.value.clone(),
                value,
                nodes,
            });
        }
        self.call_depth += 1;
        let result = self.expression(&definition.body, &inner);
        self.call_depth -= 1;
        result
    }

    /// The length of the step.
    fn step(&mut self, span: Span) -> Option<Checked> {
        if self.decides || self.trigger == Some(Trigger::Update) {
            return Some((Expr::Symbol(Symbol::Dt), Dimension::TIME));
        }
        if self.model.kind == super::ModelKind::Synapse {
            self.error(
                "E0214",
                span,
                "`dt` is known only in `on update`, where it is the time since the last one",
                "equations are given per time, and events take no time",
            );
            return None;
        }
        self.error(
            "E0214",
            span,
            "`dt` is known only in `threshold`, `rearm` and `reset`",
            "equations are given per time; the method brings in the step",
        );
        None
    }

    /// A random number; each call is a draw of its own.
    fn draw(&mut self, distribution: Distribution, span: Span) -> Option<Checked> {
        if self.model.kind == super::ModelKind::Synapse {
            self.error(
                "E0214",
                span,
                "synapses draw no random numbers",
                "let the synapse depend on spikes, variables and parameters",
            );
            return None;
        }
        if !self.decides {
            self.error(
                "E0214",
                span,
                "random numbers can be drawn only in `threshold`, `rearm` and `reset`",
                "draw there; noise in an equation comes from outside, as a noise current of the project",
            );
            return None;
        }
        let Ok(number) = u8::try_from(self.draws) else {
            self.error(
                "E0213",
                span,
                "a model can draw 256 random numbers per step, and this one draws more",
                "draw less often",
            );
            return None;
        };
        self.draws += 1;
        Some((Expr::Draw(distribution, number), Dimension::DIMENSIONLESS))
    }

    fn select(&mut self, given: &'a [Expression], span: Span, arguments: Arguments<'_>) -> Option<Checked> {
        let [condition, then, otherwise] = given else {
            self.wrong_count("where", 3, given.len(), span);
            return None;
        };
        if !is_condition(condition) {
            self.error(
                "E0304",
                condition.span,
                "a condition is due here",
                "compare two values, for example `V > 0 mV`",
            );
            return None;
        }
        let (test, _) = self.expression(condition, arguments)?;
        let (a, a_dimension) = self.expression(then, arguments)?;
        let (b, b_dimension) = self.expression(otherwise, arguments)?;
        if !self.same_dimension(a_dimension, b_dimension, (then, otherwise), span) {
            return None;
        }
        Some((Expr::Select(Box::new(test), Box::new(a), Box::new(b)), a_dimension))
    }

    fn builtin(&mut self, name: &str, mut checked: Vec<Checked>, given: &[Expression], span: Span) -> Option<Checked> {
        if let [first, second] = given
            && !self.same_dimension(checked[0].1, checked[1].1, (first, second), span)
        {
            return None;
        }
        let (b, _) = if checked.len() == 2 {
            checked.pop()?
        } else {
            (Expr::Constant(0.0), Dimension::DIMENSIONLESS)
        };
        let (a, dimension) = checked.pop()?;
        let op = match name {
            "abs" => return Some((Expr::unary(UnaryOp::Absolute, a), dimension)),
            "min" => return Some((Expr::binary(BinaryOp::Min, a, b), dimension)),
            "max" => return Some((Expr::binary(BinaryOp::Max, a, b), dimension)),
            "vtrap" => {
                // x / (e^(x/y) − 1) = y · bernoulli(x / y), regular at x = 0.
                let ratio = Expr::binary(BinaryOp::Divide, a, b.clone());
                let regular = Expr::unary(UnaryOp::Bernoulli, ratio);
                return Some((Expr::binary(BinaryOp::Multiply, b, regular), dimension));
            }
            "sqrt" => {
                let Some(root) = dimension.root(2) else {
                    self.error(
                        "E0303",
                        span,
                        format!("the square root of {} has no unit", dimension.with_article()),
                        "take the root of a square or of a pure number",
                    );
                    return None;
                };
                return Some((Expr::unary(UnaryOp::Sqrt, a), root));
            }
            "bernoulli" => UnaryOp::Bernoulli,
            "cos" => UnaryOp::Cos,
            "exp" => UnaryOp::Exp,
            "expm1" => UnaryOp::Expm1,
            "exprel" => UnaryOp::Exprel,
            "floor" => UnaryOp::Floor,
            "log" => UnaryOp::Log,
            "sin" => UnaryOp::Sin,
            _ => UnaryOp::Tanh,
        };
        if dimension != Dimension::DIMENSIONLESS {
            self.error(
                "E0303",
                given.first().map_or(span, |e| e.span),
                format!("`{name}` takes a pure number, this is {}", dimension.with_article()),
                format!(
                    "divide by a quantity of the same kind, for example by `1 {}`",
                    dimension.usual_unit()
                ),
            );
            return None;
        }
        Some((Expr::unary(op, a), Dimension::DIMENSIONLESS))
    }

    fn wrong_count(&mut self, name: &str, expected: usize, found: usize, span: Span) {
        let plural = if expected == 1 { "" } else { "s" };
        self.error(
            "E0205",
            span,
            format!("`{name}` takes {expected} argument{plural}, found {found}"),
            "add or remove arguments",
        );
    }
}

/// Whether an expression is a comparison or a combination of comparisons.
fn is_condition(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Error => true,
        ExpressionKind::Unary(UnaryOperator::Not, a) => is_condition(a),
        ExpressionKind::Binary(operator, a, b) => match operator {
            BinaryOperator::And | BinaryOperator::Or => is_condition(a) && is_condition(b),
            BinaryOperator::Less
            | BinaryOperator::LessEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterEqual
            | BinaryOperator::Equal
            | BinaryOperator::NotEqual => true,
            _ => false,
        },
        _ => false,
    }
}
