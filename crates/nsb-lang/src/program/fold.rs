//! The meaning of each operation on numbers: constant folding uses it, and executors must agree with it bit for bit.

use super::{BinaryOp, Distribution, Op, Phase, UnaryOp, ValueId};
use crate::math;
use crate::random::Draws;

fn truth(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}

impl UnaryOp {
    /// The result for one number.
    #[inline(always)]
    pub fn apply(self, a: f64) -> f64 {
        match self {
            UnaryOp::Negate => -a,
            UnaryOp::Absolute => a.abs(),
            UnaryOp::Sqrt => a.sqrt(),
            UnaryOp::Floor => a.floor(),
            UnaryOp::Exp => math::exp(a),
            UnaryOp::Expm1 => math::expm1(a),
            UnaryOp::Exprel => math::exprel(a),
            UnaryOp::Bernoulli => math::bernoulli(a),
            UnaryOp::Log => math::log(a),
            UnaryOp::Tanh => math::tanh(a),
            UnaryOp::Sin => math::sin(a),
            UnaryOp::Cos => math::cos(a),
            UnaryOp::Not => truth(a == 0.0),
        }
    }
}

impl BinaryOp {
    /// The result for one pair of numbers.
    #[inline(always)]
    pub fn apply(self, a: f64, b: f64) -> f64 {
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
            BinaryOp::Power => math::pow(a, b),
            BinaryOp::Less => truth(a < b),
            BinaryOp::LessEqual => truth(a <= b),
            BinaryOp::Equal => truth(a == b),
            BinaryOp::And => truth((a != 0.0) & (b != 0.0)),
            BinaryOp::Or => truth((a != 0.0) | (b != 0.0)),
        }
    }
}

impl Phase {
    /// Runs the phase for one cell, the first of `draws`: `lane` holds its columns. This defines what executors compute;
    /// it is slow. `values` is working memory.
    pub fn evaluate(&self, dt_ms: f64, draws: Draws, lane: &mut [f64], values: &mut Vec<f64>) {
        values.clear();
        for op in &self.ops {
            let get = |v: ValueId| values[v.0 as usize];
            let value = match *op {
                Op::Constant(value) => value,
                Op::Dt => dt_ms,
                Op::Load(column) => lane[column.0 as usize],
                Op::Unary(op, a) => op.apply(get(a)),
                Op::Binary(op, a, b) => op.apply(get(a), get(b)),
                Op::Fma(a, b, c) => f64::mul_add(get(a), get(b), get(c)),
                Op::Select {
                    condition,
                    then,
                    otherwise,
                } => get(if get(condition) != 0.0 { then } else { otherwise }),
                Op::Draw(Distribution::Uniform, number) => draws.uniform(number, 0),
                Op::Draw(Distribution::Normal, number) => draws.normal(number, 0),
            };
            values.push(value);
        }
        for &(column, value) in &self.stores {
            lane[column.0 as usize] = values[value.0 as usize];
        }
    }
}
