//! Expressions by precedence climbing, lowest first:
//! `or` < `and` < `not` < comparisons < `+ -` < `* /` < unary `-` < `^` < calls and atoms.

use crate::source::{Span, Spanned};
use crate::syntax::token::TokenKind;
use crate::syntax::tree::{BinaryOperator, Expression, ExpressionKind, UnaryOperator};

use super::{DEEPEST, Parsed, Parser, Reported, units};

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const SUM: u8 = 5;
const PRODUCT: u8 = 6;
const POWER: u8 = 7;

/// An expression and the height of its tree.
struct Node {
    expression: Expression,
    height: u32,
}

impl Node {
    fn leaf(kind: ExpressionKind, span: Span) -> Node {
        Node {
            expression: Expression { kind, span },
            height: 1,
        }
    }
}

impl Parser<'_> {
    /// One expression; stops at what cannot belong to it.
    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        self.depth = 0;
        self.binary(OR).map(|node| node.expression)
    }

    /// Operators of at least this precedence.
    fn binary(&mut self, least: u8) -> Parsed<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.too_deep(self.span()));
        }
        let mut left = self.unary(least)?;
        while let Some((operator, precedence)) = self.infix().filter(|(_, precedence)| *precedence >= least) {
            let sign = self.span();
            self.advance();
            self.continue_line();
            // `a^b^c` is `a^(b^c)`; all others group from the left.
            let right = self.binary(if precedence == POWER { POWER } else { precedence + 1 })?;
            left = self.joined(operator, left, right)?;
            if precedence == COMPARISON && self.infix().is_some_and(|(_, next)| next == COMPARISON) {
                let hint = "join two comparisons, as in `a < b and b < c`";
                self.report
                    .error("E0110", sign.to(self.span()), "comparisons cannot be chained", hint);
                return Err(Reported);
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    fn joined(&mut self, operator: BinaryOperator, left: Node, right: Node) -> Parsed<Node> {
        let span = left.expression.span.to(right.expression.span);
        let height = left.height.max(right.height) + 1;
        if height > DEEPEST {
            return Err(self.too_deep(span));
        }
        let kind = ExpressionKind::Binary(operator, Box::new(left.expression), Box::new(right.expression));
        Ok(Node {
            expression: Expression { kind, span },
            height,
        })
    }

    fn too_deep(&mut self, span: Span) -> Reported {
        let message = format!("this expression has more than {DEEPEST} levels of brackets and operators");
        let hint = "give parts of it names, with `NAME = EXPRESSION : UNIT` under `equations:`";
        self.report.error("E0111", span, message, hint);
        Reported
    }

    /// The operator that stands here between two operands.
    fn infix(&mut self) -> Option<(BinaryOperator, u8)> {
        Some(match self.peek() {
            TokenKind::Or => (BinaryOperator::Or, OR),
            TokenKind::And => (BinaryOperator::And, AND),
            TokenKind::Less => (BinaryOperator::Less, COMPARISON),
            TokenKind::LessEqual => (BinaryOperator::LessEqual, COMPARISON),
            TokenKind::Greater => (BinaryOperator::Greater, COMPARISON),
            TokenKind::GreaterEqual => (BinaryOperator::GreaterEqual, COMPARISON),
            TokenKind::Equal => (BinaryOperator::Equal, COMPARISON),
            TokenKind::NotEqual => (BinaryOperator::NotEqual, COMPARISON),
            TokenKind::Plus => (BinaryOperator::Add, SUM),
            TokenKind::Minus => (BinaryOperator::Subtract, SUM),
            TokenKind::Star => (BinaryOperator::Multiply, PRODUCT),
            TokenKind::Slash => (BinaryOperator::Divide, PRODUCT),
            TokenKind::Power => (BinaryOperator::Power, POWER),
            TokenKind::Assign if self.in_condition || self.open > 0 => {
                let span = self.span();
                if self.report.last_span() != Some(span) {
                    self.report
                        .error("E0109", span, "`=` sets a variable; this is a comparison", "write `==`");
                }
                (BinaryOperator::Equal, COMPARISON)
            }
            _ => return None,
        })
    }

    fn unary(&mut self, least: u8) -> Parsed<Node> {
        let start = self.span();
        match self.peek() {
            TokenKind::Plus => {
                self.advance();
                self.binary(POWER)
            }
            TokenKind::Minus => {
                let start = self.span();
                self.advance();
                // -x^2 is -(x^2).
                let operand = self.binary(POWER)?;
                Ok(negated(operand, start))
            }
            TokenKind::Not if least > NOT => {
                let hint = "put it in parentheses: `(not …)`";
                self.report
                    .error("E0106", start, "`not` cannot stand after this operator", hint);
                Err(Reported)
            }
            TokenKind::Not => {
                let start = self.span();
                self.advance();
                let operand = self.binary(NOT)?;
                let span = start.to(operand.expression.span);
                let kind = ExpressionKind::Unary(UnaryOperator::Not, Box::new(operand.expression));
                Ok(Node {
                    expression: Expression { kind, span },
                    height: operand.height + 1,
                })
            }
            _ => self.atom(),
        }
    }

    fn atom(&mut self) -> Parsed<Node> {
        let token = self.peek();
        let span = self.span();
        match token {
            TokenKind::Number(number) => {
                self.advance();
                self.number(*number, span)
            }
            TokenKind::Name(name) => {
                self.advance();
                match self.kind(0) {
                    TokenKind::Open => self.call(Spanned::new(name.clone(), span)),
                    TokenKind::Prime => {
                        let hint = format!("the derivative of `{name}` has no name; write its formula");
                        self.report
                            .error("E0109", self.span(), "derivatives cannot be used here", hint);
                        Err(Reported)
                    }
                    TokenKind::Dot => {
                        let hint = "names are letters, digits and `_`; a cell's own variables have no prefix";
                        self.report.error("E0106", self.span(), "names have no dots", hint);
                        Err(Reported)
                    }
                    _ => Ok(Node::leaf(ExpressionKind::Name(name.clone()), span)),
                }
            }
            TokenKind::Open => {
                self.advance();
                self.open += 1;
                let mut inner = self.binary(OR)?;
                self.close(span)?;
                inner.expression.span = Span::new(span.start, self.end_of_previous());
                Ok(inner)
            }
            _ => Err(self.unexpected(
                "an expression",
                "write a number with its unit, a name or a function call",
            )),
        }
    }

    /// The `)` that belongs to the `(` at `opened`.
    fn close(&mut self, opened: Span) -> Parsed<()> {
        if self.accept(&TokenKind::Close) {
            self.open -= 1;
            return Ok(());
        }
        let unclosed = self.kind(0).ends_line()
            || matches!(
                self.kind(0),
                TokenKind::Colon | TokenKind::Text(_) | TokenKind::Holding | TokenKind::In
            );
        if unclosed {
            self.report
                .error("E0107", opened, "this `(` is never closed", "add a `)`");
            return Err(Reported);
        }
        Err(self.unexpected("`)` or an operator", "an operator such as `*` may be missing"))
    }

    fn call(&mut self, function: Spanned<String>) -> Parsed<Node> {
        let opened = self.span();
        self.advance();
        self.open += 1;
        let mut arguments = Vec::new();
        let mut height = 1;
        if *self.peek() != TokenKind::Close {
            loop {
                let argument = self.binary(OR)?;
                height = height.max(argument.height);
                arguments.push(argument.expression);
                if !self.accept(&TokenKind::Comma) {
                    break;
                }
            }
        }
        self.close(opened)?;
        let span = Span::new(function.span.start, self.end_of_previous());
        if height >= DEEPEST {
            return Err(self.too_deep(span));
        }
        let expression = Expression {
            kind: ExpressionKind::Call { function, arguments },
            span,
        };
        Ok(Node {
            expression,
            height: height + 1,
        })
    }

    /// A number, with the unit that directly follows it on the same line.
    fn number(&mut self, number: f64, span: Span) -> Parsed<Node> {
        let TokenKind::Name(unit) = self.kind(0) else {
            return Ok(Node::leaf(ExpressionKind::Number(number), span));
        };
        let unit = Spanned::new(unit.clone(), self.span());
        if *self.kind(1) == TokenKind::Open {
            let message = format!("there is no operator between the number and `{}`", unit.value);
            self.report.error("E0106", unit.span, message, "write `*` between them");
            return Err(Reported);
        }
        self.advance();
        let power = if *self.kind(0) == TokenKind::Power {
            self.unit_power()?
        } else {
            1
        };
        let span = Span::new(span.start, self.end_of_previous());
        Ok(Node::leaf(ExpressionKind::Quantity { number, unit, power }, span))
    }
}

/// `-x`. The sign of a temperature belongs to its number: −2 °C is not −(2 °C).
fn negated(operand: Node, start: Span) -> Node {
    let span = start.to(operand.expression.span);
    let kind = match operand.expression.kind {
        ExpressionKind::Quantity { number, unit, power } if units::is_affine(&unit.value) => ExpressionKind::Quantity {
            number: -number,
            unit,
            power,
        },
        kind => {
            let inner = Expression {
                kind,
                span: operand.expression.span,
            };
            ExpressionKind::Unary(UnaryOperator::Negate, Box::new(inner))
        }
    };
    Node {
        expression: Expression { kind, span },
        height: operand.height + 1,
    }
}
