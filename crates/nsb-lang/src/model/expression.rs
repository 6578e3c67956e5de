//! Checked expressions: names are symbols, numbers are in engine units, functions are inlined.

use crate::program::{BinaryOp, Distribution, UnaryOp};

/// What a name stands for; indices are positions in the lists of a [`Model`](super::Model) or
/// [`System`](super::System).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbol {
    /// A parameter.
    Parameter(usize),
    /// An input.
    Input(usize),
    /// A state variable.
    State(usize),
    /// A derived variable.
    Derived(usize),
    /// In a receptor: the membrane potential of its cell.
    Membrane,
    /// In a receptor's `on spike`: the weight of the arriving spike. In a system: the summed weights that arrive at
    /// the receptor of that position.
    Weight(usize),
    /// The step, ms: only where a spike is decided; in `on update` of a synapse the time since the last update.
    Dt,
    /// In `on reward` of a synapse: how much reward there is.
    Reward,
}

/// A checked expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A number in engine units.
    Constant(f64),
    /// A variable.
    Symbol(Symbol),
    /// One operand.
    Unary(UnaryOp, Box<Expr>),
    /// Two operands.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// An integer power.
    Power(Box<Expr>, i32),
    /// `where(condition, then, otherwise)`.
    Select(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A random number, by its position among the draws of the model.
    Draw(Distribution, u8),
}

impl Expr {
    /// One operand.
    pub fn unary(op: UnaryOp, a: Expr) -> Expr {
        Expr::Unary(op, Box::new(a))
    }

    /// Two operands.
    pub fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
        Expr::Binary(op, Box::new(a), Box::new(b))
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        1 + match self {
            Expr::Constant(_) | Expr::Symbol(_) | Expr::Draw(..) => 0,
            Expr::Unary(_, a) | Expr::Power(a, _) => a.nodes(),
            Expr::Binary(_, a, b) => a.nodes() + b.nodes(),
            Expr::Select(a, b, c) => a.nodes() + b.nodes() + c.nodes(),
        }
    }

    /// How deep the expression is nested.
    pub fn height(&self) -> usize {
        1 + match self {
            Expr::Constant(_) | Expr::Symbol(_) | Expr::Draw(..) => 0,
            Expr::Unary(_, a) | Expr::Power(a, _) => a.height(),
            Expr::Binary(_, a, b) => a.height().max(b.height()),
            Expr::Select(a, b, c) => a.height().max(b.height()).max(c.height()),
        }
    }

    /// Calls `visit` for each symbol.
    pub fn visit_symbols(&self, visit: &mut impl FnMut(Symbol)) {
        match self {
            Expr::Constant(_) | Expr::Draw(..) => {}
            Expr::Symbol(symbol) => visit(*symbol),
            Expr::Unary(_, a) | Expr::Power(a, _) => a.visit_symbols(visit),
            Expr::Binary(_, a, b) => {
                a.visit_symbols(visit);
                b.visit_symbols(visit);
            }
            Expr::Select(a, b, c) => {
                a.visit_symbols(visit);
                b.visit_symbols(visit);
                c.visit_symbols(visit);
            }
        }
    }

    /// Whether the value is partly random.
    pub fn draws(&self) -> bool {
        match self {
            Expr::Constant(_) | Expr::Symbol(_) => false,
            Expr::Draw(..) => true,
            Expr::Unary(_, a) | Expr::Power(a, _) => a.draws(),
            Expr::Binary(_, a, b) => a.draws() || b.draws(),
            Expr::Select(a, b, c) => a.draws() || b.draws() || c.draws(),
        }
    }

    /// Whether a symbol that satisfies the condition occurs.
    pub fn mentions(&self, mut condition: impl FnMut(Symbol) -> bool) -> bool {
        let mut found = false;
        self.visit_symbols(&mut |symbol| found |= condition(symbol));
        found
    }

    /// The expression with each symbol replaced.
    #[must_use]
    pub fn substitute(&self, replace: &impl Fn(Symbol) -> Expr) -> Expr {
        let boxed = |e: &Expr| Box::new(e.substitute(replace));
        match self {
            Expr::Constant(_) | Expr::Draw(..) => self.clone(),
            Expr::Symbol(symbol) => replace(*symbol),
            Expr::Unary(op, a) => Expr::Unary(*op, boxed(a)),
            Expr::Binary(op, a, b) => Expr::Binary(*op, boxed(a), boxed(b)),
            Expr::Power(a, n) => Expr::Power(boxed(a), *n),
            Expr::Select(a, b, c) => Expr::Select(boxed(a), boxed(b), boxed(c)),
        }
    }

    /// Writes the expression as `rest + slope · symbol`, both free of the symbol; `None` if it is not of that form.
    /// Absent parts are `None`.
    pub fn linear_in(&self, symbol: Symbol) -> Option<Linear> {
        if !self.mentions(|s| s == symbol) {
            return Some(Linear {
                rest: Some(self.clone()),
                slope: None,
            });
        }
        match self {
            Expr::Symbol(_) => Some(Linear {
                rest: None,
                slope: Some(Expr::Constant(1.0)),
            }),
            Expr::Unary(UnaryOp::Negate, a) => {
                let a = a.linear_in(symbol)?;
                let negate = |e: Option<Expr>| e.map(|e| Expr::unary(UnaryOp::Negate, e));
                Some(Linear {
                    rest: negate(a.rest),
                    slope: negate(a.slope),
                })
            }
            Expr::Binary(op @ (BinaryOp::Add | BinaryOp::Subtract), a, b) => {
                let (a, b) = (a.linear_in(symbol)?, b.linear_in(symbol)?);
                Some(Linear {
                    rest: combine(*op, a.rest, b.rest),
                    slope: combine(*op, a.slope, b.slope),
                })
            }
            Expr::Binary(BinaryOp::Multiply, a, b) => {
                let (linear, factor, factor_first) = if a.mentions(|s| s == symbol) {
                    if b.mentions(|s| s == symbol) {
                        return None;
                    }
                    (a.linear_in(symbol)?, b, false)
                } else {
                    (b.linear_in(symbol)?, a, true)
                };
                let times = |e: Expr| match (e, factor_first) {
                    (Expr::Constant(1.0), _) => (**factor).clone(),
                    (e, true) => Expr::binary(BinaryOp::Multiply, (**factor).clone(), e),
                    (e, false) => Expr::binary(BinaryOp::Multiply, e, (**factor).clone()),
                };
                Some(Linear {
                    rest: linear.rest.map(times),
                    slope: linear.slope.map(times),
                })
            }
            Expr::Binary(BinaryOp::Divide, a, b) if !b.mentions(|s| s == symbol) => {
                let a = a.linear_in(symbol)?;
                let over = |e: Expr| Expr::binary(BinaryOp::Divide, e, (**b).clone());
                Some(Linear {
                    rest: a.rest.map(over),
                    slope: a.slope.map(over),
                })
            }
            Expr::Power(a, 1) => a.linear_in(symbol),
            _ => None,
        }
    }
}

/// `rest + slope · x`; an absent part is 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// The part without the variable.
    pub rest: Option<Expr>,
    /// What multiplies the variable.
    pub slope: Option<Expr>,
}

fn combine(op: BinaryOp, a: Option<Expr>, b: Option<Expr>) -> Option<Expr> {
    match (a, b) {
        (None, None) => None,
        (Some(a), None) => Some(a),
        (None, Some(b)) if op == BinaryOp::Subtract => Some(Expr::unary(UnaryOp::Negate, b)),
        (None, Some(b)) => Some(b),
        (Some(a), Some(b)) => Some(Expr::binary(op, a, b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x() -> Expr {
        Expr::Symbol(Symbol::State(0))
    }

    fn p(n: usize) -> Expr {
        Expr::Symbol(Symbol::Parameter(n))
    }

    #[test]
    fn a_gate_equation_is_linear_in_its_own_variable() {
        // a·(1 − x) − b·x
        let one_minus = Expr::binary(BinaryOp::Subtract, Expr::Constant(1.0), x());
        let gate = Expr::binary(
            BinaryOp::Subtract,
            Expr::binary(BinaryOp::Multiply, p(0), one_minus),
            Expr::binary(BinaryOp::Multiply, p(1), x()),
        );
        let linear = gate.linear_in(Symbol::State(0)).unwrap();
        assert!(linear.rest.is_some() && linear.slope.is_some());
        assert!(!linear.slope.unwrap().mentions(|s| s == Symbol::State(0)));
    }

    #[test]
    fn a_square_is_not_linear() {
        assert_eq!(
            Expr::binary(BinaryOp::Multiply, x(), x()).linear_in(Symbol::State(0)),
            None
        );
        assert_eq!(Expr::Power(Box::new(x()), 2).linear_in(Symbol::State(0)), None);
        assert_eq!(Expr::unary(UnaryOp::Exp, x()).linear_in(Symbol::State(0)), None);
        assert_eq!(
            Expr::binary(BinaryOp::Divide, p(0), x()).linear_in(Symbol::State(0)),
            None
        );
    }
}
