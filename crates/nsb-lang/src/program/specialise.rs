//! Putting in what is known before a run: dt and the parameters that all cells share become literals, and what
//! depends only on per-cell parameters is computed once, in `init`.

use std::collections::BTreeMap;

use super::{Builder, Column, ColumnId, Op, Phase, Program, Role, ValueId};
use crate::units::Unit;

impl Program {
    /// The program for a given step (ms) and given values (engine units) of uniform parameters. Operations are
    /// evaluated by the same functions as in a run, so results keep every bit.
    #[must_use]
    pub fn specialise(&self, dt_ms: f64, uniform: &[(ColumnId, f64)]) -> Program {
        let uniform: BTreeMap<ColumnId, f64> = uniform.iter().copied().collect();
        let mut columns = self.columns.clone();
        let mut init = Rebuilt::new(&self.init, &columns, dt_ms, &uniform);
        let mut hoisted: BTreeMap<ValueId, ColumnId> = BTreeMap::new();
        let step = hoist(
            Rebuilt::new(&self.step, &columns, dt_ms, &uniform),
            &mut init,
            &mut hoisted,
            &mut columns,
        );
        let derive = hoist(
            Rebuilt::new(&self.derive, &columns, dt_ms, &uniform),
            &mut init,
            &mut hoisted,
            &mut columns,
        );
        Program {
            name: self.name.clone(),
            method: self.method,
            init: init.builder.finish_unfused(),
            step,
            derive,
            columns,
        }
        .validated()
    }
}

/// A phase rebuilt with literals in place.
struct Rebuilt {
    builder: Builder,
    /// Operations of the rebuilt phase in order.
    phase: Phase,
    invariant: Vec<bool>,
}

impl Rebuilt {
    fn new(phase: &Phase, columns: &[Column], dt_ms: f64, uniform: &BTreeMap<ColumnId, f64>) -> Rebuilt {
        let mut builder = Builder::new(columns.iter().map(|c| c.role == Role::Parameter).collect());
        let mut place = Vec::with_capacity(phase.ops.len());
        for op in &phase.ops {
            let value = match *op {
                Op::Dt => builder.constant(dt_ms),
                Op::Load(column) => match uniform.get(&column) {
                    Some(&value) => builder.constant(value),
                    None => builder.load(column),
                },
                other => {
                    let op = other.map_operands(|v| place[v.0 as usize]);
                    builder.rebuild(op)
                }
            };
            place.push(value);
        }
        for &(column, value) in &phase.stores {
            builder.store(column, place[value.0 as usize]);
        }
        let ops: Vec<Op> = builder.ops().to_vec();
        let invariant = (0..ops.len())
            .map(|n| builder.is_invariant(ValueId(n as u32)))
            .collect();
        let stores = builder.stores().to_vec();
        Rebuilt {
            builder,
            phase: Phase { ops, stores },
            invariant,
        }
    }
}

/// Moves invariant work of a phase into `init`, one column for each value that the rest of the phase needs.
fn hoist(
    from: Rebuilt,
    init: &mut Rebuilt,
    hoisted: &mut BTreeMap<ValueId, ColumnId>,
    columns: &mut Vec<Column>,
) -> Phase {
    let ops = &from.phase.ops;
    let trivial = |op: &Op| matches!(op, Op::Constant(_) | Op::Dt | Op::Load(_));
    let mut wanted = vec![false; ops.len()];
    for (n, op) in ops.iter().enumerate() {
        if !from.invariant[n] {
            for operand in op.operands() {
                wanted[operand.0 as usize] = true;
            }
        }
    }
    for (_, value) in &from.phase.stores {
        wanted[value.0 as usize] = true;
    }
    let mut in_init: Vec<Option<ValueId>> = vec![None; ops.len()];
    let mut builder = Builder::new(Vec::new());
    let mut place: Vec<Option<ValueId>> = vec![None; ops.len()];
    for (n, op) in ops.iter().enumerate() {
        if from.invariant[n] {
            let moved = op.map_operands(|v| in_init[v.0 as usize].expect("operands of an invariant are invariant"));
            let value = init.builder.rebuild(moved);
            in_init[n] = Some(value);
            if trivial(op) {
                place[n] = Some(builder.rebuild(*op));
            } else if wanted[n] {
                let column = *hoisted.entry(value).or_insert_with(|| {
                    let column = ColumnId(columns.len() as u32);
                    columns.push(Column {
                        name: format!("invariant.{}", columns.len()),
                        role: Role::Internal,
                        unit: Unit::one(),
                        default: 0.0,
                    });
                    init.builder.store(column, value);
                    column
                });
                place[n] = Some(builder.load(column));
            }
        } else {
            let op = op.map_operands(|v| place[v.0 as usize].expect("operands come first and are wanted"));
            place[n] = Some(builder.rebuild(op));
        }
    }
    for &(column, value) in &from.phase.stores {
        builder.store(column, place[value.0 as usize].expect("stored values are wanted"));
    }
    builder.finish_unfused()
}
