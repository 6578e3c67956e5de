//! Units where a unit is due: after a colon, after a range, after a number.

use crate::source::{Span, Spanned};
use crate::syntax::token::{TokenKind, short_number, shorten};
use crate::syntax::tree::{BinaryOperator, Expression, ExpressionKind, UnaryOperator, UnitSyntax};
use crate::units::Unit;

use super::{Parsed, Parser, Reported};

/// Brackets within brackets; nobody needs more.
const DEEPEST_UNIT: u32 = 8;
const HINT: &str = "write a unit such as `mV`, `mS/cm^2` or `1/ms`, or `1` for a plain number";

impl Parser<'_> {
    /// A unit as expression and as text.
    pub(super) fn unit(&mut self, what: &str) -> Parsed<(Expression, UnitSyntax)> {
        let start = self.span();
        if self.kind(0).ends_line() || matches!(self.kind(0), TokenKind::Text(_)) {
            let end = self.end_of_previous();
            self.report
                .error("E0108", Span::new(end, end), format!("{what} is missing"), HINT);
            return Err(Reported);
        }
        self.depth = 0;
        let expression = self.unit_product()?;
        let span = Span::new(start.start, self.end_of_previous());
        let first = self.tokens.partition_point(|t| t.span.start < start.start);
        let text = written(self.tokens[first..self.at].iter().map(|t| &t.kind));
        Ok((expression, UnitSyntax { text, span }))
    }

    fn unit_product(&mut self) -> Parsed<Expression> {
        let mut left = self.unit_factor()?;
        let mut factors = 1;
        loop {
            let operator = match self.kind(0) {
                TokenKind::Star => BinaryOperator::Multiply,
                TokenKind::Slash => BinaryOperator::Divide,
                // A product without a sign.
                TokenKind::Open => BinaryOperator::Multiply,
                TokenKind::Name(word) if Unit::from_symbol(word).is_some() => BinaryOperator::Multiply,
                TokenKind::Name(word) => {
                    let hint = match Unit::nearest_symbol(word) {
                        Some(meant) => format!("did you mean `{meant}`? A description stands in double quotes"),
                        None => "put a description in double quotes, or write a `#` before a comment".to_owned(),
                    };
                    let message = format!("`{}` is not a unit", shorten(word));
                    self.report.error("E0102", self.span(), message, hint);
                    return Err(Reported);
                }
                _ => return Ok(left),
            };
            if matches!(self.kind(0), TokenKind::Star | TokenKind::Slash) {
                self.advance();
            }
            factors += 1;
            if factors > 50 {
                return Err(self.unexpected("a shorter unit", HINT));
            }
            let right = self.unit_factor()?;
            let span = left.span.to(right.span);
            left = Expression {
                kind: ExpressionKind::Binary(operator, Box::new(left), Box::new(right)),
                span,
            };
        }
    }

    fn unit_factor(&mut self) -> Parsed<Expression> {
        let span = self.span();
        let base = match self.kind(0) {
            TokenKind::Name(symbol) => {
                self.advance();
                Expression {
                    kind: ExpressionKind::Name(symbol.clone()),
                    span,
                }
            }
            TokenKind::Number(1.0) => {
                self.advance();
                Expression {
                    kind: ExpressionKind::Number(1.0),
                    span,
                }
            }
            TokenKind::Open if self.depth < DEEPEST_UNIT => {
                self.advance();
                self.depth += 1;
                let mut inner = self.unit_product()?;
                self.depth -= 1;
                if *self.kind(0) != TokenKind::Close {
                    return Err(self.unexpected("`)`", HINT));
                }
                self.advance();
                inner.span = Span::new(span.start, self.end_of_previous());
                inner
            }
            _ => return Err(self.unexpected("a unit", HINT)),
        };
        if *self.kind(0) != TokenKind::Power {
            return Ok(base);
        }
        let power = self.unit_power()?;
        let span = Span::new(span.start, self.end_of_previous());
        Ok(Expression {
            kind: raised(base, power, span),
            span,
        })
    }

    /// `^2`, `^-1`, `^(-1)`: a whole number.
    pub(super) fn unit_power(&mut self) -> Parsed<i32> {
        let start = self.span();
        self.advance();
        let parenthesised = *self.kind(0) == TokenKind::Open;
        self.at += usize::from(parenthesised);
        let negative = *self.kind(0) == TokenKind::Minus;
        self.at += usize::from(negative);
        if let TokenKind::Number(power) = *self.kind(0)
            && power.fract() == 0.0
            && power <= 9.0
            && (!parenthesised || *self.kind(1) == TokenKind::Close)
        {
            self.advance();
            self.at += usize::from(parenthesised);
            return Ok(if negative { -(power as i32) } else { power as i32 });
        }
        let hint = "write a whole number up to 9, as in `cm^2` or `ms^-1`; put a variable's power in parentheses, as in `2 * (x^n)`";
        self.report
            .error("E0106", start.to(self.span()), "a unit cannot have this power", hint);
        Err(Reported)
    }
}

fn raised(base: Expression, power: i32, span: Span) -> ExpressionKind {
    let number = Expression {
        kind: ExpressionKind::Number(f64::from(power.unsigned_abs())),
        span,
    };
    let exponent = if power < 0 {
        Expression {
            kind: ExpressionKind::Unary(UnaryOperator::Negate, Box::new(number)),
            span,
        }
    } else {
        number
    };
    ExpressionKind::Binary(BinaryOperator::Power, Box::new(base), Box::new(exponent))
}

/// Tokens as text without white space, but with a blank where two symbols would run together.
fn written<'t>(tokens: impl Iterator<Item = &'t TokenKind>) -> String {
    let mut text = String::new();
    let mut symbol_before = false;
    for kind in tokens {
        let (piece, symbol) = match kind {
            TokenKind::Name(name) => (name.clone(), true),
            TokenKind::Number(number) => (short_number(*number), true),
            TokenKind::Newline | TokenKind::End => continue,
            sign => (sign.describe().trim_matches('`').to_owned(), false),
        };
        if symbol_before && (symbol || *kind == TokenKind::Open) {
            text.push(' ');
        }
        text.push_str(&piece);
        symbol_before = symbol || *kind == TokenKind::Close;
    }
    text
}

/// Whether the unit has a zero of its own, so that a sign belongs to the number.
pub(super) fn is_affine(symbol: &str) -> bool {
    Unit::from_symbol(symbol).is_some_and(|unit| unit.is_affine())
}

/// The unit in which a constant was written: `mS/cm^2` for `120 mS/cm^2`; nothing for what is no constant.
pub(super) fn unit_of(value: &Expression) -> Option<String> {
    let one = || Some("1".to_owned());
    match &value.kind {
        ExpressionKind::Number(_) => one(),
        ExpressionKind::Quantity { unit, power: 1, .. } => Some(unit.value.clone()),
        ExpressionKind::Quantity { unit, power, .. } => Some(format!("{}^{power}", unit.value)),
        ExpressionKind::Unary(UnaryOperator::Negate, a) => unit_of(a),
        ExpressionKind::Binary(BinaryOperator::Add | BinaryOperator::Subtract, a, _) => unit_of(a),
        ExpressionKind::Binary(operator @ (BinaryOperator::Multiply | BinaryOperator::Divide), a, b) => {
            let left = unit_of(a)?;
            let right = factor(b)?;
            let divide = *operator == BinaryOperator::Divide;
            match (left.as_str(), right.as_str()) {
                (_, "1") => Some(left),
                ("1", _) if !divide => Some(right),
                _ => Some(format!("{left}{}{right}", if divide { "/" } else { "*" })),
            }
        }
        _ => None,
    }
}

/// Where the unit of a constant stands: from the first symbol to the end; all of it if it has no unit.
pub(super) fn span_of_unit(value: &Expression) -> Span {
    let mut first = value;
    loop {
        first = match &first.kind {
            ExpressionKind::Quantity { unit, .. } => return unit.span.to(Span::new(value.span.end, value.span.end)),
            ExpressionKind::Unary(_, a) | ExpressionKind::Binary(_, a, _) => a,
            _ => return value.span,
        };
    }
}

/// The value of an exponent such as `2` or `-1`.
fn whole(exponent: &Expression) -> Option<i32> {
    match &exponent.kind {
        ExpressionKind::Number(power) if power.fract() == 0.0 && power.abs() <= 99.0 => Some(*power as i32),
        ExpressionKind::Unary(UnaryOperator::Negate, power) => whole(power).map(|power| -power),
        _ => None,
    }
}

/// The parts of `mV` or `cm^2`.
fn symbol_power(unit: &Expression) -> Option<(&str, i32)> {
    match &unit.kind {
        ExpressionKind::Name(name) => Some((name, 1)),
        ExpressionKind::Binary(BinaryOperator::Power, base, exponent) => match &base.kind {
            ExpressionKind::Name(name) => whole(exponent).map(|power| (name.as_str(), power)),
            _ => None,
        },
        _ => None,
    }
}

/// The text of a factor of a constant: a unit, or a number, which has none.
fn factor(value: &Expression) -> Option<String> {
    match &value.kind {
        ExpressionKind::Name(name) => Some(name.clone()),
        ExpressionKind::Binary(BinaryOperator::Power, ..) => {
            symbol_power(value).map(|(name, power)| format!("{name}^{power}"))
        }
        ExpressionKind::Binary(operator @ (BinaryOperator::Multiply | BinaryOperator::Divide), a, b) => {
            let sign = if *operator == BinaryOperator::Multiply {
                "*"
            } else {
                "/"
            };
            Some(format!("({}{sign}{})", factor(a)?, factor(b)?))
        }
        _ => unit_of(value),
    }
}

/// `number` with `unit` behind it, as if it had been written so: `0.1` and `1/ms` give `0.1/ms`.
pub(super) fn with_unit(number: Expression, unit: &Expression) -> Expression {
    let span = number.span.to(unit.span);
    if let (ExpressionKind::Number(number), Some((symbol, power))) = (&number.kind, symbol_power(unit)) {
        let unit = Spanned::new(symbol.to_owned(), unit.span);
        return Expression {
            kind: ExpressionKind::Quantity {
                number: *number,
                unit,
                power,
            },
            span,
        };
    }
    let kind = match (number.kind, &unit.kind) {
        (kind, ExpressionKind::Number(_)) => kind,
        (ExpressionKind::Unary(UnaryOperator::Negate, inner), _) => {
            let inner = with_unit(*inner, unit);
            match inner.kind {
                ExpressionKind::Quantity { number, unit, power } if is_affine(&unit.value) => {
                    ExpressionKind::Quantity {
                        number: -number,
                        unit,
                        power,
                    }
                }
                _ => ExpressionKind::Unary(UnaryOperator::Negate, Box::new(inner)),
            }
        }
        (kind, ExpressionKind::Binary(operator @ (BinaryOperator::Multiply | BinaryOperator::Divide), a, b)) => {
            let left = with_unit(
                Expression {
                    kind,
                    span: number.span,
                },
                a,
            );
            ExpressionKind::Binary(*operator, Box::new(left), b.clone())
        }
        (kind, _) => {
            let number = Expression {
                kind,
                span: number.span,
            };
            ExpressionKind::Binary(BinaryOperator::Multiply, Box::new(number), Box::new(unit.clone()))
        }
    };
    Expression { kind, span }
}
