//! Straight-line, unit-free operations: what every executor runs.
//!
//! A [`Program`] works on named columns of numbers (one lane per cell). It has three phases: `init` writes the
//! initial states and all loop-invariant columns, `step` advances by one dt, `derive` computes derived variables
//! for recordings. Within a phase every value is assigned once, and stores happen after all loads.

mod build;
mod fold;
mod invariants;
mod specialise;
mod validate;

pub use build::Builder;
pub use invariants::Invariants;

use crate::lower::Method;
use crate::units::Unit;

/// Index of a column of a [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnId(pub u32);

/// Index of a value within one phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub u32);

/// What a column holds and who writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A state variable: written by `init` and `step`.
    State,
    /// A parameter: written by the plan before `init`, constant in a run.
    Parameter,
    /// A stimulus input in the unit of the column: written before each step. A model whose input is a current
    /// density and that has an `area` gets a second column `<name>.absolute` in pA.
    Input,
    /// Sum of the weights that arrive at a receptor at the start of this step: written before each step.
    Arrivals {
        /// Position of the receptor in the population's list.
        receptor: u32,
    },
    /// A derived variable: written by `derive`.
    Derived,
    /// Carried from step to step by the method or the threshold detector, or invariant.
    Internal,
    /// 1 where the cell fired in this step, else 0: written by `step` if the model has a threshold.
    Fired,
    /// Distance to the threshold (left minus right side of the condition) at the start of the step; −1 where the
    /// condition draws, so that the crossing lies at the end of the step.
    CrossingBefore,
    /// Distance to the threshold at the end of the step, before the reset; 0 where the condition draws.
    CrossingAfter,
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The variable's name; variables of a receptor are `<receptor>.<variable>`.
    pub name: String,
    /// What it holds.
    pub role: Role,
    /// The unit for people; stored numbers are in engine units.
    pub unit: Unit,
    /// Value if nothing else is said (parameters: the default), engine units.
    pub default: f64,
}

/// Operations with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnaryOp {
    /// −a
    Negate,
    /// |a|
    Absolute,
    /// Square root
    Sqrt,
    /// Rounded down
    Floor,
    /// e^a
    Exp,
    /// e^a − 1
    Expm1,
    /// (e^a − 1) / a, 1 at 0
    Exprel,
    /// a / (e^a − 1), 1 at 0
    Bernoulli,
    /// Natural logarithm
    Log,
    /// Hyperbolic tangent
    Tanh,
    /// Sine
    Sin,
    /// Cosine
    Cos,
    /// 1 where a is 0, else 0
    Not,
}

/// Operations with two operands. Comparisons give 1 or 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BinaryOp {
    /// a + b
    Add,
    /// a − b
    Subtract,
    /// a · b
    Multiply,
    /// a / b
    Divide,
    /// The smaller; b if a is NaN
    Min,
    /// The larger; b if a is NaN
    Max,
    /// a^b for a ≥ 0, where 0^0 is 1 (general powers; small integer powers are multiplied out)
    Power,
    /// a < b
    Less,
    /// a ≤ b
    LessEqual,
    /// a = b
    Equal,
    /// a ≠ 0 and b ≠ 0 (operands are 0 or 1)
    And,
    /// a ≠ 0 or b ≠ 0 (operands are 0 or 1)
    Or,
}

/// How a random number is distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Distribution {
    /// Evenly in (0, 1)
    Uniform,
    /// Normally with mean 0 and standard deviation 1
    Normal,
}

/// One operation; operands are earlier values of the same phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Op {
    /// A literal.
    Constant(f64),
    /// The step, ms; a literal after [`Program::specialise`].
    Dt,
    /// The column's content at the start of the phase.
    Load(ColumnId),
    /// One operand.
    Unary(UnaryOp, ValueId),
    /// Two operands.
    Binary(BinaryOp, ValueId, ValueId),
    /// a · b + c rounded once. The only place where a multiply-add is fused.
    Fma(ValueId, ValueId, ValueId),
    /// `then` where the condition is not 0, else `otherwise`.
    Select {
        /// 0 or 1.
        condition: ValueId,
        /// Where the condition is not 0.
        then: ValueId,
        /// Where the condition is 0.
        otherwise: ValueId,
    },
    /// A random number, another one for each cell and step ([`Draws`](crate::random::Draws)). Two draws of a model have
    /// two numbers; the same number is the same draw.
    Draw(Distribution, u8),
}

/// The phases of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhaseKind {
    /// Once, before the first step.
    Init,
    /// Each step.
    Step,
    /// Whenever derived variables are wanted.
    Derive,
}

/// Operations in order, then stores.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Phase {
    /// Value `ValueId(n)` is defined by `ops[n]`.
    pub ops: Vec<Op>,
    /// What is written at the end of the phase; each column at most once.
    pub stores: Vec<(ColumnId, ValueId)>,
}

/// A model, or a neuron joined with its receptors, ready to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    pub(crate) name: String,
    pub(crate) method: Method,
    pub(crate) columns: Vec<Column>,
    pub(crate) init: Phase,
    pub(crate) step: Phase,
    pub(crate) derive: Phase,
}

impl Program {
    /// The neuron model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The integration method that was applied; never `Auto`.
    pub fn method(&self) -> Method {
        self.method
    }

    /// All columns; `ColumnId(n)` is entry n.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<ColumnId> {
        self.columns
            .iter()
            .position(|c| c.name == name)
            .map(|n| ColumnId(n as u32))
    }

    /// The columns with that role, in order.
    pub fn columns_with(&self, role: Role) -> impl Iterator<Item = ColumnId> + '_ {
        self.columns
            .iter()
            .enumerate()
            .filter(move |(_, c)| c.role == role)
            .map(|(n, _)| ColumnId(n as u32))
    }

    /// Whether what a step computes is partly random.
    pub fn draws(&self) -> bool {
        self.step.ops.iter().any(|op| matches!(op, Op::Draw(..)))
    }

    /// The operations of a phase.
    pub fn phase(&self, kind: PhaseKind) -> &Phase {
        match kind {
            PhaseKind::Init => &self.init,
            PhaseKind::Step => &self.step,
            PhaseKind::Derive => &self.derive,
        }
    }
}

impl Op {
    /// The values that the operation reads.
    pub fn operands(&self) -> impl Iterator<Item = ValueId> {
        let list = match *self {
            Op::Constant(_) | Op::Dt | Op::Load(_) | Op::Draw(..) => [None, None, None],
            Op::Unary(_, a) => [Some(a), None, None],
            Op::Binary(_, a, b) => [Some(a), Some(b), None],
            Op::Fma(a, b, c)
            | Op::Select {
                condition: a,
                then: b,
                otherwise: c,
            } => [Some(a), Some(b), Some(c)],
        };
        list.into_iter().flatten()
    }

    /// The same operation on other values.
    #[must_use]
    pub fn map_operands(&self, mut map: impl FnMut(ValueId) -> ValueId) -> Op {
        match *self {
            Op::Constant(_) | Op::Dt | Op::Load(_) | Op::Draw(..) => *self,
            Op::Unary(op, a) => Op::Unary(op, map(a)),
            Op::Binary(op, a, b) => Op::Binary(op, map(a), map(b)),
            Op::Fma(a, b, c) => Op::Fma(map(a), map(b), map(c)),
            Op::Select {
                condition,
                then,
                otherwise,
            } => Op::Select {
                condition: map(condition),
                then: map(then),
                otherwise: map(otherwise),
            },
        }
    }
}
