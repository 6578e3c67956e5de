//! A phase becomes a list of instructions: literals and columns are operands, everything else lives in registers.

use nsb_lang::program::{BinaryOp, ColumnId, Distribution, Op, Phase, UnaryOp, ValueId};

/// Where [`LANES`](crate::LANES) numbers live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Column(u32),
    Register(u32),
}

/// What an instruction reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Operand {
    Lanes(Slot),
    Literal(f64),
}

/// What an instruction does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Action {
    Copy(Operand),
    Unary(UnaryOp, Operand),
    Binary(BinaryOp, Operand, Operand),
    Fma(Operand, Operand, Operand),
    Select(Operand, Operand, Operand),
    Draw(Distribution, u8),
}

/// One operation over a block. The target is never among the operands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Instruction {
    pub(super) target: Slot,
    pub(super) action: Action,
}

/// A phase, ready to run.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) instructions: Vec<Instruction>,
    pub(super) n_registers: usize,
}

impl Code {
    pub(super) fn compile(phase: &Phase) -> Code {
        Allocation::new(phase).emit()
    }
}

struct Allocation<'a> {
    phase: &'a Phase,
    /// Index of the last operation that reads a value; `ops.len()` if a store reads it from where it lives.
    last_use: Vec<usize>,
    /// The column into which a value can be computed directly.
    direct: Vec<Option<ColumnId>>,
    operands: Vec<Option<Operand>>,
    free: Vec<u32>,
    n_registers: u32,
    instructions: Vec<Instruction>,
}

impl<'a> Allocation<'a> {
    fn new(phase: &'a Phase) -> Allocation<'a> {
        let n = phase.ops.len();
        let mut last_use = vec![0; n];
        for (k, op) in phase.ops.iter().enumerate() {
            for operand in op.operands() {
                last_use[operand.0 as usize] = k;
            }
        }
        let mut direct = vec![None; n];
        for &(column, value) in &phase.stores {
            let v = value.0 as usize;
            let computed = !matches!(phase.ops[v], Op::Constant(_) | Op::Dt | Op::Load(_));
            // The old content must have been read by earlier operations only, and by no other store.
            let old_is_dead = phase.ops.iter().enumerate().all(|(k, op)| {
                *op != Op::Load(column)
                    || (last_use[k] < v && phase.stores.iter().all(|(_, stored)| stored.0 as usize != k))
            });
            if computed && direct[v].is_none() && old_is_dead {
                direct[v] = Some(column);
            }
        }
        for &(column, value) in &phase.stores {
            if direct[value.0 as usize] != Some(column) {
                last_use[value.0 as usize] = n;
            }
        }
        Allocation {
            phase,
            last_use,
            direct,
            operands: vec![None; n],
            free: Vec::new(),
            n_registers: 0,
            instructions: Vec::new(),
        }
    }

    fn emit(mut self) -> Code {
        for (k, op) in self.phase.ops.iter().enumerate() {
            let action = match *op {
                Op::Constant(value) => {
                    self.operands[k] = Some(Operand::Literal(value));
                    continue;
                }
                Op::Load(column) => {
                    self.operands[k] = Some(Operand::Lanes(Slot::Column(column.0)));
                    continue;
                }
                Op::Dt => panic!("programs are specialised before they run"),
                Op::Unary(op, a) => Action::Unary(op, self.operand(a)),
                Op::Binary(op, a, b) => Action::Binary(op, self.operand(a), self.operand(b)),
                Op::Fma(a, b, c) => Action::Fma(self.operand(a), self.operand(b), self.operand(c)),
                Op::Select {
                    condition,
                    then,
                    otherwise,
                } => Action::Select(self.operand(condition), self.operand(then), self.operand(otherwise)),
                Op::Draw(distribution, number) => Action::Draw(distribution, number),
            };
            // The target is chosen while the operands still hold their registers: never one of them.
            let target = match self.direct[k] {
                Some(column) => Slot::Column(column.0),
                None => Slot::Register(self.register()),
            };
            self.instructions.push(Instruction { target, action });
            self.operands[k] = Some(Operand::Lanes(target));
            for operand in op.operands() {
                self.release(operand, k);
            }
        }
        self.stores();
        Code {
            instructions: self.instructions,
            n_registers: self.n_registers as usize,
        }
    }

    /// Writes what could not be computed in place. Columns that other stores still read are saved first.
    fn stores(&mut self) {
        let pending: Vec<(ColumnId, ValueId)> = self
            .phase
            .stores
            .iter()
            .copied()
            .filter(|(column, value)| self.direct[value.0 as usize] != Some(*column))
            .collect();
        let mut copies = Vec::with_capacity(pending.len());
        for &(column, value) in &pending {
            let mut operand = self.operand(value);
            if operand == Operand::Lanes(Slot::Column(column.0)) {
                continue;
            }
            if let Operand::Lanes(Slot::Column(source)) = operand
                && self.phase.stores.iter().any(|(target, _)| target.0 == source)
                && matches!(self.phase.ops[value.0 as usize], Op::Load(_))
            {
                let target = Slot::Register(self.register());
                self.instructions.push(Instruction {
                    target,
                    action: Action::Copy(operand),
                });
                operand = Operand::Lanes(target);
            }
            copies.push(Instruction {
                target: Slot::Column(column.0),
                action: Action::Copy(operand),
            });
        }
        self.instructions.extend(copies);
    }

    fn operand(&self, value: ValueId) -> Operand {
        self.operands[value.0 as usize].expect("operands precede their use in a validated program")
    }

    fn register(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.n_registers += 1;
            self.n_registers - 1
        })
    }

    fn release(&mut self, value: ValueId, now: usize) {
        if self.last_use[value.0 as usize] == now
            && let Some(Operand::Lanes(Slot::Register(register))) = self.operands[value.0 as usize]
            && !self.free.contains(&register)
        {
            self.free.push(register);
        }
    }
}
