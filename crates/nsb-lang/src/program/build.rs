//! Building a phase: equal operations are shared, constants folded, multiply-adds fused, dead values dropped.

use std::collections::BTreeMap;

use super::{BinaryOp, ColumnId, Distribution, Op, Phase, UnaryOp, ValueId};

type Key = (u8, u64, u64, u64);

/// Builds one phase. Expressions are rewritten so that work on values that are constant in a run is done once:
/// quotients by them become products, `(x·a)·b` becomes `x·(a·b)`, `(x + a)·b` becomes `x·b + a·b`. This happens here,
/// before any executor sees the program, so all executors compute the same bits.
#[derive(Debug, Default)]
pub struct Builder {
    ops: Vec<Op>,
    /// Whether a value depends on nothing but constants, dt and invariant columns.
    invariant: Vec<bool>,
    invariant_columns: Vec<bool>,
    index: BTreeMap<Key, ValueId>,
    stores: Vec<(ColumnId, ValueId)>,
}

impl Builder {
    /// An empty phase. `invariant_columns[n]` says whether column n is constant in a run: quotients by values that
    /// depend only on such columns become products with a reciprocal, which is computed once.
    pub fn new(invariant_columns: Vec<bool>) -> Builder {
        Builder {
            invariant_columns,
            ..Builder::default()
        }
    }

    /// A literal.
    pub fn constant(&mut self, value: f64) -> ValueId {
        self.push(Op::Constant(value))
    }

    /// The step, ms.
    pub fn dt(&mut self) -> ValueId {
        self.push(Op::Dt)
    }

    /// The content of a column at the start of the phase.
    pub fn load(&mut self, column: ColumnId) -> ValueId {
        self.push(Op::Load(column))
    }

    /// The draw of that number.
    pub fn draw(&mut self, distribution: Distribution, number: u8) -> ValueId {
        self.push(Op::Draw(distribution, number))
    }

    /// One operand.
    pub fn unary(&mut self, op: UnaryOp, a: ValueId) -> ValueId {
        if let Some(a) = self.literal(a) {
            return self.constant(op.apply(a));
        }
        if op == UnaryOp::Negate
            && let Op::Unary(UnaryOp::Negate, inner) = self.ops[a.0 as usize]
        {
            return inner;
        }
        self.push(Op::Unary(op, a))
    }

    /// Two operands.
    pub fn binary(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> ValueId {
        let (la, lb) = (self.literal(a), self.literal(b));
        if let (Some(a), Some(b)) = (la, lb) {
            return self.constant(op.apply(a, b));
        }
        match op {
            BinaryOp::Add if la == Some(0.0) => return b,
            BinaryOp::Add | BinaryOp::Subtract if lb == Some(0.0) => return a,
            BinaryOp::Divide | BinaryOp::Power if lb == Some(1.0) => return a,
            BinaryOp::Power if lb == Some(0.0) => return self.constant(1.0),
            BinaryOp::Divide if self.is_invariant(b) => {
                let one = self.constant(1.0);
                let reciprocal = match lb {
                    Some(b) => self.constant(1.0 / b),
                    None => self.push(Op::Binary(BinaryOp::Divide, one, b)),
                };
                return self.multiply(a, reciprocal);
            }
            BinaryOp::Add => {
                if let Some(sum) = self.rewrite_sum(a, b) {
                    return sum;
                }
            }
            BinaryOp::Subtract => {
                if let Some(difference) = self.rewrite_difference(a, b) {
                    return difference;
                }
            }
            BinaryOp::Multiply => {
                // An invariant factor comes second; otherwise one order, so that equal products are found.
                let (a, b) = match (self.is_invariant(a), self.is_invariant(b)) {
                    (true, false) => (b, a),
                    (false, true) => (a, b),
                    _ => (a.min(b), a.max(b)),
                };
                return self
                    .rewrite_product(a, b)
                    .unwrap_or_else(|| self.push(Op::Binary(op, a, b)));
            }
            _ => {}
        }
        self.push(Op::Binary(op, a, b))
    }

    /// a + b
    pub fn add(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.binary(BinaryOp::Add, a, b)
    }

    /// a − b
    pub fn subtract(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.binary(BinaryOp::Subtract, a, b)
    }

    /// a · b
    pub fn multiply(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.binary(BinaryOp::Multiply, a, b)
    }

    /// a / b
    pub fn divide(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.binary(BinaryOp::Divide, a, b)
    }

    /// a to an integer power, multiplied out.
    pub fn power(&mut self, a: ValueId, exponent: i32) -> ValueId {
        if exponent < 0 {
            let one = self.constant(1.0);
            let positive = self.power(a, -exponent);
            return self.divide(one, positive);
        }
        match exponent {
            0 => self.constant(1.0),
            1 => a,
            n if n % 2 == 0 => {
                let square = self.multiply(a, a);
                self.power(square, n / 2)
            }
            n => {
                let rest = self.power(a, n - 1);
                self.multiply(rest, a)
            }
        }
    }

    /// a · b + c, rounded once.
    pub fn fma(&mut self, a: ValueId, b: ValueId, c: ValueId) -> ValueId {
        let literals = (self.literal(a), self.literal(b), self.literal(c));
        if let (Some(a), Some(b), Some(c)) = literals {
            return self.constant(a.mul_add(b, c));
        }
        let (a, b) = if b < a { (b, a) } else { (a, b) };
        self.push(Op::Fma(a, b, c))
    }

    /// `then` where the condition is not 0, else `otherwise`.
    pub fn select(&mut self, condition: ValueId, then: ValueId, otherwise: ValueId) -> ValueId {
        if then == otherwise {
            return then;
        }
        match self.literal(condition) {
            Some(0.0) => otherwise,
            Some(_) => then,
            None => self.push(Op::Select {
                condition,
                then,
                otherwise,
            }),
        }
    }

    /// Writes a value at the end of the phase.
    pub fn store(&mut self, column: ColumnId, value: ValueId) {
        debug_assert!(
            self.stores.iter().all(|(c, _)| *c != column),
            "each column is stored once"
        );
        self.stores.push((column, value));
    }

    /// Whether a value is constant in a run.
    pub fn is_invariant(&self, value: ValueId) -> bool {
        self.invariant[value.0 as usize]
    }

    /// The value's number if it is a literal.
    pub fn literal(&self, value: ValueId) -> Option<f64> {
        match self.ops[value.0 as usize] {
            Op::Constant(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn ops(&self) -> &[Op] {
        &self.ops
    }

    pub(super) fn stores(&self) -> &[(ColumnId, ValueId)] {
        &self.stores
    }

    /// The finished phase, with multiply-adds fused.
    pub fn finish(self) -> Phase {
        let phase = Phase {
            ops: self.ops,
            stores: self.stores,
        };
        remove_dead(fuse(phase))
    }

    /// The finished phase as built.
    pub(super) fn finish_unfused(self) -> Phase {
        remove_dead(Phase {
            ops: self.ops,
            stores: self.stores,
        })
    }

    fn is_negative_zero(&self, value: ValueId) -> bool {
        self.literal(value).is_some_and(|v| v == 0.0 && v.is_sign_negative())
    }

    fn negated(&self, value: ValueId) -> Option<ValueId> {
        match self.ops[value.0 as usize] {
            Op::Unary(UnaryOp::Negate, inner) => Some(inner),
            _ => None,
        }
    }

    /// The factors of a product whose second factor is invariant and whose first is not.
    fn scaled(&self, value: ValueId) -> Option<(ValueId, ValueId)> {
        match self.ops[value.0 as usize] {
            Op::Binary(BinaryOp::Multiply, x, k) if self.is_invariant(k) && !self.is_invariant(x) => Some((x, k)),
            _ => None,
        }
    }

    fn rewrite_sum(&mut self, a: ValueId, b: ValueId) -> Option<ValueId> {
        match (self.negated(a), self.negated(b)) {
            (_, Some(inner)) => Some(self.subtract(a, inner)),
            (Some(inner), None) => Some(self.subtract(b, inner)),
            (None, None) => None,
        }
    }

    fn rewrite_difference(&mut self, a: ValueId, b: ValueId) -> Option<ValueId> {
        if let Some(inner) = self.negated(b) {
            return Some(self.add(a, inner));
        }
        if let Some(inner) = self.negated(a) {
            let sum = self.add(inner, b);
            return Some(self.unary(UnaryOp::Negate, sum));
        }
        // a − x·k becomes a + x·(−k), which can be fused.
        if let Some((x, k)) = self.scaled(b) {
            let minus = self.unary(UnaryOp::Negate, k);
            let product = self.multiply(x, minus);
            return Some(self.push(Op::Binary(BinaryOp::Add, a, product)));
        }
        None
    }

    /// Rewrites a·b, where b is invariant if one of them is.
    fn rewrite_product(&mut self, a: ValueId, b: ValueId) -> Option<ValueId> {
        if self.literal(b) == Some(1.0) {
            return Some(a);
        }
        if self.literal(b) == Some(-1.0) {
            return Some(self.unary(UnaryOp::Negate, a));
        }
        if let (Some(x), Some(y)) = (self.negated(a), self.negated(b)) {
            return Some(self.multiply(x, y));
        }
        if self.is_invariant(a) || !self.is_invariant(b) {
            // Neither or both are invariant: a factor moves out of a product so that factors can meet.
            return match (self.is_invariant(b), self.scaled(a), self.scaled(b)) {
                (false, Some((x, k)), _) => {
                    let product = self.multiply(x, b);
                    Some(self.multiply(product, k))
                }
                (false, None, Some((y, k))) => {
                    let product = self.multiply(a, y);
                    Some(self.multiply(product, k))
                }
                _ => None,
            };
        }
        if let Some(x) = self.negated(a) {
            let minus = self.unary(UnaryOp::Negate, b);
            return Some(self.multiply(x, minus));
        }
        if let Some((x, k)) = self.scaled(a) {
            let factor = self.multiply(k, b);
            return Some(self.multiply(x, factor));
        }
        let (x, k) = match self.ops[a.0 as usize] {
            Op::Binary(BinaryOp::Add, x, k) if self.is_invariant(k) => (x, k),
            Op::Binary(BinaryOp::Add, k, x) if self.is_invariant(k) => (x, k),
            Op::Binary(BinaryOp::Subtract, x, k) if self.is_invariant(k) => (x, self.unary(UnaryOp::Negate, k)),
            _ => return None,
        };
        let offset = self.multiply(k, b);
        Some(self.fma(x, b, offset))
    }

    /// Adds an operation as it is, folding literals: used to rebuild a finished phase.
    pub(super) fn rebuild(&mut self, op: Op) -> ValueId {
        match op {
            Op::Unary(op, a) => match self.literal(a) {
                Some(a) => self.constant(op.apply(a)),
                None => self.push(Op::Unary(op, a)),
            },
            Op::Binary(op, a, b) => match (self.literal(a), self.literal(b)) {
                (Some(a), Some(b)) => self.constant(op.apply(a, b)),
                // These keep every bit.
                (_, Some(0.0)) if op == BinaryOp::Subtract && !self.is_negative_zero(b) => a,
                (_, Some(1.0)) if matches!(op, BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Power) => a,
                (Some(1.0), _) if op == BinaryOp::Multiply => b,
                (_, Some(0.0)) if op == BinaryOp::Power => self.constant(1.0),
                _ => self.push(Op::Binary(op, a, b)),
            },
            Op::Fma(a, b, c) => self.fma(a, b, c),
            Op::Select {
                condition,
                then,
                otherwise,
            } => self.select(condition, then, otherwise),
            other => self.push(other),
        }
    }

    fn push(&mut self, op: Op) -> ValueId {
        let invariant = match op {
            Op::Constant(_) | Op::Dt => true,
            Op::Load(column) => self.invariant_columns.get(column.0 as usize).copied().unwrap_or(false),
            Op::Draw(..) => false,
            _ => op.operands().all(|v| self.invariant[v.0 as usize]),
        };
        let ops = &mut self.ops;
        let flags = &mut self.invariant;
        *self.index.entry(key(&op)).or_insert_with(|| {
            ops.push(op);
            flags.push(invariant);
            ValueId(ops.len() as u32 - 1)
        })
    }
}

/// A total order on operations, so that equal ones are found.
fn key(op: &Op) -> Key {
    let v = |v: ValueId| u64::from(v.0);
    match *op {
        Op::Constant(value) => (0, value.to_bits(), 0, 0),
        Op::Dt => (1, 0, 0, 0),
        Op::Load(column) => (2, u64::from(column.0), 0, 0),
        Op::Unary(op, a) => (3, op as u64, v(a), 0),
        Op::Binary(op, a, b) => (4, op as u64, v(a), v(b)),
        Op::Fma(a, b, c) => (5, v(a), v(b), v(c)),
        Op::Select {
            condition,
            then,
            otherwise,
        } => (6, v(condition), v(then), v(otherwise)),
        Op::Draw(distribution, number) => (7, distribution as u64, u64::from(number), 0),
    }
}

/// Turns a sum with a product that is used nowhere else into a fused multiply-add.
fn fuse(phase: Phase) -> Phase {
    let mut uses = vec![0u32; phase.ops.len()];
    for operand in phase
        .ops
        .iter()
        .flat_map(Op::operands)
        .chain(phase.stores.iter().map(|s| s.1))
    {
        uses[operand.0 as usize] += 1;
    }
    let product = |ops: &[Op], value: ValueId| match ops[value.0 as usize] {
        Op::Binary(BinaryOp::Multiply, a, b) if uses[value.0 as usize] == 1 => Some((a, b)),
        _ => None,
    };
    let mut ops: Vec<Op> = Vec::with_capacity(phase.ops.len());
    let mut place: Vec<ValueId> = Vec::with_capacity(phase.ops.len());
    for op in &phase.ops {
        let fused = match *op {
            Op::Binary(BinaryOp::Add, a, b) => product(&phase.ops, b)
                .map(|(x, y)| (x, y, a))
                .or_else(|| product(&phase.ops, a).map(|(x, y)| (x, y, b))),
            _ => None,
        };
        let new = match fused {
            Some((x, y, c)) => Op::Fma(place[x.0 as usize], place[y.0 as usize], place[c.0 as usize]),
            None => op.map_operands(|v| place[v.0 as usize]),
        };
        ops.push(new);
        place.push(ValueId(ops.len() as u32 - 1));
    }
    let stores = phase
        .stores
        .iter()
        .map(|&(column, value)| (column, place[value.0 as usize]))
        .collect();
    Phase { ops, stores }
}

/// Drops values that no store needs.
fn remove_dead(phase: Phase) -> Phase {
    let mut live = vec![false; phase.ops.len()];
    for (_, value) in &phase.stores {
        live[value.0 as usize] = true;
    }
    for n in (0..phase.ops.len()).rev() {
        if live[n] {
            for operand in phase.ops[n].operands() {
                live[operand.0 as usize] = true;
            }
        }
    }
    let mut place = vec![ValueId(u32::MAX); phase.ops.len()];
    let mut ops = Vec::new();
    for (n, op) in phase.ops.iter().enumerate() {
        if live[n] {
            place[n] = ValueId(ops.len() as u32);
            ops.push(op.map_operands(|v| place[v.0 as usize]));
        }
    }
    let stores = phase
        .stores
        .iter()
        .map(|&(column, value)| (column, place[value.0 as usize]))
        .collect();
    Phase { ops, stores }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_operations_are_shared_and_constants_folded() {
        let mut b = Builder::new(vec![false, false]);
        let x = b.load(ColumnId(0));
        let two = b.constant(2.0);
        let three = b.constant(3.0);
        let six = b.multiply(two, three);
        assert_eq!(b.literal(six), Some(6.0));
        let p = b.multiply(x, six);
        let q = b.multiply(six, x);
        assert_eq!(p, q);
    }

    #[test]
    fn a_sum_with_a_product_is_fused_once() {
        let mut b = Builder::new(vec![false; 3]);
        let [x, y, z] = [0, 1, 2].map(|n| b.load(ColumnId(n)));
        let product = b.multiply(x, y);
        let sum = b.add(z, product);
        b.store(ColumnId(0), sum);
        let phase = b.finish();
        assert!(phase.ops.iter().any(|op| matches!(op, Op::Fma(..))));
        assert!(
            !phase
                .ops
                .iter()
                .any(|op| matches!(op, Op::Binary(BinaryOp::Multiply, ..)))
        );
    }

    #[test]
    fn quotients_by_parameters_become_products() {
        let mut b = Builder::new(vec![false, true]);
        let x = b.load(ColumnId(0));
        let c = b.load(ColumnId(1));
        let quotient = b.divide(x, c);
        assert!(matches!(b.ops[quotient.0 as usize], Op::Binary(BinaryOp::Multiply, ..)));
    }
}
