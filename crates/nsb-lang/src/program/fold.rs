//! The meaning of each operation on numbers: constant folding uses it, and executors must agree with it bit for bit.

use super::{BinaryOp, Distribution, Op, Phase, UnaryOp, ValueId};
use crate::random::Draws;
use crate::real::Real;

impl UnaryOp {
    /// The result for one number.
    #[inline(always)]
    pub fn apply<R: Real>(self, a: R) -> R {
        match self {
            UnaryOp::Negate => -a,
            UnaryOp::Absolute => a.abs(),
            UnaryOp::Sqrt => a.sqrt(),
            UnaryOp::Floor => a.floor(),
            UnaryOp::Exp => a.exp(),
            UnaryOp::Expm1 => a.expm1(),
            UnaryOp::Exprel => a.exprel(),
            UnaryOp::Bernoulli => a.bernoulli(),
            UnaryOp::Log => a.log(),
            UnaryOp::Tanh => a.tanh(),
            UnaryOp::Sin => a.sin(),
            UnaryOp::Cos => a.cos(),
            UnaryOp::Not => R::truth(a == R::ZERO),
        }
    }
}

impl BinaryOp {
    /// The result for one pair of numbers.
    #[inline(always)]
    pub fn apply<R: Real>(self, a: R, b: R) -> R {
        match self {
            BinaryOp::Add => a + b,
            BinaryOp::Subtract => a - b,
            BinaryOp::Multiply => a * b,
            BinaryOp::Divide => a / b,
            BinaryOp::Min => {
                if a < b {
                    a
                } else {
                    b
                }
            }
            BinaryOp::Max => {
                if a > b {
                    a
                } else {
                    b
                }
            }
            BinaryOp::Power => a.pow(b),
            BinaryOp::Less => R::truth(a < b),
            BinaryOp::LessEqual => R::truth(a <= b),
            BinaryOp::Equal => R::truth(a == b),
            BinaryOp::And => R::truth((a != R::ZERO) & (b != R::ZERO)),
            BinaryOp::Or => R::truth((a != R::ZERO) | (b != R::ZERO)),
        }
    }
}

impl Phase {
    /// Runs the phase for one cell, the first of `draws`: `lane` holds its columns. This defines what executors compute;
    /// it is slow. Literals and the step are rounded to the kind of number. `values` is working memory.
    pub fn evaluate<R: Real>(&self, dt_ms: f64, draws: Draws, lane: &mut [R], values: &mut Vec<R>) {
        values.clear();
        for op in &self.ops {
            let get = |v: ValueId| values[v.0 as usize];
            let value = match *op {
                Op::Constant(value) => R::from_f64(value),
                Op::Dt => R::from_f64(dt_ms),
                Op::Load(column) => lane[column.0 as usize],
                Op::Unary(op, a) => op.apply(get(a)),
                Op::Binary(op, a, b) => op.apply(get(a), get(b)),
                Op::Fma(a, b, c) => get(a).mul_add(get(b), get(c)),
                Op::Select {
                    condition,
                    then,
                    otherwise,
                } => get(if get(condition) != R::ZERO { then } else { otherwise }),
                Op::Draw(Distribution::Uniform, number) => R::uniform(draws, number, 0),
                Op::Draw(Distribution::Normal, number) => R::normal(draws, number, 0),
            };
            values.push(value);
        }
        for &(column, value) in &self.stores {
            lane[column.0 as usize] = values[value.0 as usize];
        }
    }
}
