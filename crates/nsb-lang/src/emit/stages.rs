//! A phase cut into stages, each of which becomes a loop of its own over the lanes of a block.
//!
//! In one loop over a long phase a CPU finds little to do at a time: an iteration is one long chain of dependent
//! operations, and the next iteration lies beyond the instructions that it looks ahead. In short loops several iterations
//! overlap. What a stage hands to later ones goes through memory that stays in the nearest cache.

use std::collections::BTreeMap;

use crate::program::{BinaryOp, ColumnId, Distribution, Op, Phase, UnaryOp, ValueId};

/// About how many instructions one stage may have; cheap operations do not begin a new one.
const LIMIT: usize = 40;

/// Where a stage finds what an earlier one has computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the column to which it was stored.
    Column(ColumnId),
    /// In a temporary of that number.
    Temporary(usize),
}

/// Which operation runs in which stage.
pub(super) struct Stages {
    is_invariant: Vec<bool>,
    /// Number of stages.
    pub(super) count: usize,
    /// The stage of each operation; none for invariants and for loads, which are repeated where they are needed.
    pub(super) of: Vec<Option<usize>>,
    /// The stage of each store.
    pub(super) stores: Vec<usize>,
    /// The temporaries of values that later stages read and no column holds.
    pub(super) temporary: BTreeMap<ValueId, usize>,
}

impl Stages {
    pub(super) fn new(phase: &Phase, is_invariant: &[bool]) -> Stages {
        let mut of: Vec<Option<usize>> = Vec::with_capacity(phase.ops.len());
        let mut lengths = vec![0];
        for (op, invariant) in phase.ops.iter().zip(is_invariant) {
            if *invariant || matches!(op, Op::Load(_)) {
                of.push(None);
                continue;
            }
            let mut stage = op.operands().filter_map(|v| of[v.0 as usize]).max().unwrap_or(0);
            let cost = cost(op);
            while cost > 1 && lengths[stage] > 0 && lengths[stage] + cost > LIMIT {
                stage += 1;
                if stage == lengths.len() {
                    lengths.push(0);
                }
            }
            lengths[stage] += cost;
            of.push(Some(stage));
        }
        postpone(phase, &mut of);
        // The last stage that reads the old content of a column.
        let mut last_load: BTreeMap<ColumnId, usize> = BTreeMap::new();
        for (op, stage) in phase.ops.iter().zip(&of) {
            for operand in op.operands() {
                if let (Op::Load(column), Some(stage)) = (&phase.ops[operand.0 as usize], stage) {
                    let last = last_load.entry(*column).or_default();
                    *last = (*last).max(*stage);
                }
            }
        }
        // A store of what another column held must come before that column's own.
        for (_, value) in &phase.stores {
            if let Op::Load(column) = phase.ops[value.0 as usize] {
                last_load.insert(column, lengths.len() - 1);
            }
        }
        let stores: Vec<usize> = phase
            .stores
            .iter()
            .map(|(column, value)| match &phase.ops[value.0 as usize] {
                Op::Load(_) => lengths.len() - 1,
                _ => of[value.0 as usize]
                    .unwrap_or(0)
                    .max(last_load.get(column).copied().unwrap_or(0)),
            })
            .collect();
        let mut stages = Stages {
            is_invariant: is_invariant.to_vec(),
            count: lengths.len(),
            of,
            stores,
            temporary: BTreeMap::new(),
        };
        for stage in 0..stages.count {
            for value in stages.wanted(phase, stage) {
                let made = stages.of[value.0 as usize];
                if made.is_some_and(|made| made < stage) && stages.column(phase, value).is_none() {
                    let next = stages.temporary.len();
                    stages.temporary.entry(value).or_insert(next);
                }
            }
        }
        stages
    }

    /// What a stage reads of earlier ones or of columns, by value.
    pub(super) fn handed_to(&self, phase: &Phase, stage: usize) -> Vec<(ValueId, Place)> {
        self.wanted(phase, stage)
            .into_iter()
            .filter_map(|value| {
                if let (Op::Load(column), None) = (&phase.ops[value.0 as usize], self.of[value.0 as usize]) {
                    return Some((value, Place::Column(*column)));
                }
                self.of[value.0 as usize].filter(|made| *made < stage)?;
                let place = match self.temporary.get(&value) {
                    Some(&temporary) => Place::Temporary(temporary),
                    None => Place::Column(self.column(phase, value)?),
                };
                Some((value, place))
            })
            .collect()
    }

    /// The values that operations and stores of a stage read, each once, ascending.
    fn wanted(&self, phase: &Phase, stage: usize) -> Vec<ValueId> {
        let operations = phase.ops.iter().zip(&self.of).filter(|(_, of)| **of == Some(stage));
        let stores = phase.stores.iter().zip(&self.stores).filter(|(_, s)| **s == stage);
        let mut wanted: Vec<ValueId> = operations
            .flat_map(|(op, _)| op.operands())
            .chain(stores.map(|((_, value), _)| *value))
            .filter(|value| !self.is_invariant[value.0 as usize])
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// The column that holds a value from the end of its stage on.
    fn column(&self, phase: &Phase, value: ValueId) -> Option<ColumnId> {
        let made = self.of[value.0 as usize]?;
        let stores = phase.stores.iter().zip(&self.stores);
        stores
            .filter(|((_, stored), stage)| *stored == value && **stage == made)
            .map(|((column, _), _)| *column)
            .next()
    }
}

/// Moves cheap operations to the stage that needs them, if what they read goes there anyway or is one value only: then no
/// more values are handed on.
fn postpone(phase: &Phase, of: &mut [Option<usize>]) {
    let n = phase.ops.len();
    // For each value the first and the last stage that reads it, so far as the readers are settled.
    let mut first: Vec<Option<usize>> = vec![None; n];
    let mut last: Vec<Option<usize>> = vec![None; n];
    let mut stored = vec![false; n];
    for (_, value) in &phase.stores {
        stored[value.0 as usize] = true;
    }
    for (k, op) in phase.ops.iter().enumerate().rev() {
        let Some(stage) = of[k] else { continue };
        let mut settled = stage;
        if let Some(wanted) = first[k].filter(|wanted| *wanted > stage && !stored[k] && cost(op) == 1) {
            let handed = op.operands().filter(|v| of[v.0 as usize].is_some());
            let (goes_there, others): (Vec<ValueId>, Vec<ValueId>) =
                handed.partition(|v| last[v.0 as usize] >= Some(wanted));
            if others.len() <= usize::from(goes_there.is_empty()) {
                settled = wanted;
            }
        }
        of[k] = Some(settled);
        for operand in op.operands() {
            let operand = operand.0 as usize;
            first[operand] = Some(first[operand].map_or(settled, |first| first.min(settled)));
            last[operand] = last[operand].max(Some(settled));
        }
    }
}

/// About how many instructions an operation takes.
fn cost(op: &Op) -> usize {
    match op {
        Op::Unary(op, _) => match op {
            UnaryOp::Exp | UnaryOp::Expm1 => 24,
            UnaryOp::Exprel | UnaryOp::Bernoulli | UnaryOp::Tanh => 28,
            UnaryOp::Log | UnaryOp::Sin | UnaryOp::Cos => 40,
            _ => 1,
        },
        Op::Binary(BinaryOp::Power, ..) => 60,
        Op::Draw(Distribution::Uniform, _) => 100,
        Op::Draw(Distribution::Normal, _) => 200,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Builder;

    /// x ← Σ e^(x·k) over four k, y ← the old x.
    fn phase() -> Phase {
        let mut b = Builder::new(vec![false; 2]);
        let [x, y] = [ColumnId(0), ColumnId(1)];
        let old = b.load(x);
        let mut sum = b.load(y);
        for k in 1..=4 {
            let k = b.constant(0.3 * f64::from(k));
            let exponent = b.multiply(old, k);
            let exponential = b.unary(UnaryOp::Exp, exponent);
            sum = b.add(sum, exponential);
        }
        b.store(x, sum);
        b.store(y, old);
        b.finish()
    }

    #[test]
    fn stages_read_only_what_exists_and_old_content_only_before_it_is_overwritten() {
        let phase = phase();
        let invariant: Vec<bool> = phase.ops.iter().map(|op| matches!(op, Op::Constant(_))).collect();
        let stages = Stages::new(&phase, &invariant);
        assert_eq!(stages.count, 4, "one exponential each");
        for stage in 0..stages.count {
            for (value, place) in stages.handed_to(&phase, stage) {
                match (place, stages.of[value.0 as usize]) {
                    (_, Some(made)) => assert!(made < stage),
                    (Place::Column(column), None) => {
                        let stores = phase.stores.iter().zip(&stages.stores);
                        let overwritten = stores.filter(|((c, _), _)| *c == column).map(|(_, s)| *s);
                        assert!(overwritten.min().is_none_or(|s| s >= stage));
                    }
                    (Place::Temporary(_), None) => panic!("loads need no temporary"),
                }
            }
        }
        // The sum goes from stage to stage; the exponents are computed where they are needed.
        assert_eq!(stages.temporary.len(), 3);
    }
}
