//! Which values of a phase are constant in a run, and what they are once parameters and dt are known.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builder, Column, ColumnId, Op, Phase, PhaseKind, Program, Role, ValueId};

/// The invariants of a phase.
#[derive(Debug, Clone, PartialEq)]
pub struct Invariants {
    /// For each value, whether it depends only on literals, dt and parameters.
    pub is_invariant: Vec<bool>,
    /// The invariants that other values or stores read, literals left out, in the order of the phase. Executors that
    /// compute invariants beforehand hold one number for each.
    pub wanted: Vec<ValueId>,
}

impl Phase {
    /// Finds the invariants of the phase in a program with these columns.
    pub fn invariants(&self, columns: &[Column]) -> Invariants {
        let mut is_invariant = Vec::with_capacity(self.ops.len());
        for op in &self.ops {
            let invariant = match op {
                Op::Constant(_) | Op::Dt => true,
                Op::Load(column) => columns[column.0 as usize].role == Role::Parameter,
                Op::Draw(..) => false,
                _ => op.operands().all(|v| is_invariant[v.0 as usize]),
            };
            is_invariant.push(invariant);
        }
        let mut read = vec![false; self.ops.len()];
        let readers = self.ops.iter().zip(&is_invariant).filter(|(_, invariant)| !**invariant);
        for value in readers
            .flat_map(|(op, _)| op.operands())
            .chain(self.stores.iter().map(|s| s.1))
        {
            read[value.0 as usize] = true;
        }
        let wanted = (0..self.ops.len())
            .filter(|&n| read[n] && is_invariant[n] && !matches!(self.ops[n], Op::Constant(_)))
            .map(|n| ValueId(n as u32))
            .collect();
        Invariants { is_invariant, wanted }
    }
}

impl Program {
    /// The numbers of the wanted invariants of the step phase when all parameters are uniform, in their order.
    /// Computed by the same functions as in a run.
    pub fn uniform_invariants(&self, dt_ms: f64, parameter: impl Fn(ColumnId) -> f64) -> Vec<f64> {
        let invariants = self.step.invariants(&self.columns);
        let mut builder = Builder::new(Vec::new());
        let mut place: Vec<Option<ValueId>> = Vec::with_capacity(self.step.ops.len());
        for (op, invariant) in self.step.ops.iter().zip(&invariants.is_invariant) {
            place.push(invariant.then(|| match *op {
                Op::Dt => builder.constant(dt_ms),
                Op::Load(column) => builder.constant(parameter(column)),
                other => {
                    let op =
                        other.map_operands(|v| place[v.0 as usize].expect("operands of an invariant are invariant"));
                    builder.rebuild(op)
                }
            }));
        }
        invariants
            .wanted
            .iter()
            .map(|v| {
                place[v.0 as usize]
                    .and_then(|v| builder.literal(v))
                    .expect("an invariant of known parameters is a number")
            })
            .collect()
    }

    /// The columns that the step phase reads for each cell or writes, ascending, and whether it writes them. What is
    /// computed from parameters alone is not counted.
    pub fn step_columns(&self) -> Vec<(ColumnId, bool)> {
        let phase = self.phase(PhaseKind::Step);
        let invariants = phase.invariants(self.columns());
        let mut touched = BTreeMap::new();
        for (op, invariant) in phase.ops.iter().zip(&invariants.is_invariant) {
            if let (Op::Load(column), false) = (op, invariant) {
                touched.entry(*column).or_insert(false);
            }
        }
        touched.extend(phase.stores.iter().map(|(column, _)| (*column, true)));
        touched.into_iter().collect()
    }

    /// A number that tells programs apart by what the step phase computes, not by the names of columns nor by columns
    /// that it does not use: two programs with the same fingerprint can share a generated kernel. Stable within one
    /// build.
    pub fn step_fingerprint(&self) -> u64 {
        let mut hash = Fnv::new();
        let loads = self.step.ops.iter().filter_map(|op| match op {
            Op::Load(column) => Some(*column),
            _ => None,
        });
        let used: BTreeSet<ColumnId> = loads
            .chain(self.step.stores.iter().map(|(column, _)| *column))
            .collect();
        let number: BTreeMap<ColumnId, usize> = used.iter().enumerate().map(|(n, &column)| (column, n)).collect();
        for column in &used {
            hash.text(&format!("{:?}", self.columns[column.0 as usize].role));
        }
        for op in &self.step.ops {
            match op {
                Op::Constant(value) => hash.text(&format!("{:016x}", value.to_bits())),
                Op::Load(column) => hash.text(&format!("Load {}", number[column])),
                op => hash.text(&format!("{op:?}")),
            }
        }
        for (column, value) in &self.step.stores {
            hash.text(&format!("{} {value:?}", number[column]));
        }
        hash.0
    }
}

/// The 64-bit hash of Fowler, Noll and Vo (variant 1a).
struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn text(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
