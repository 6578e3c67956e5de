//! The promises of a [`Program`] that executors rely on, checked whenever one is made.

use super::{Phase, Program};

impl Program {
    /// Returns the program if it keeps its promises: operands precede their use, columns exist, each column is
    /// stored at most once. A violation is an error in this crate, not in a user's model.
    ///
    /// # Panics
    /// If a promise is broken.
    #[must_use]
    pub(crate) fn validated(self) -> Program {
        for phase in [&self.init, &self.step, &self.derive] {
            if let Err(problem) = check(phase, self.columns.len()) {
                panic!("program `{}` is malformed: {problem}", self.name);
            }
        }
        self
    }
}

fn check(phase: &Phase, n_columns: usize) -> Result<(), String> {
    for (n, op) in phase.ops.iter().enumerate() {
        if let Some(operand) = op.operands().find(|v| v.0 as usize >= n) {
            return Err(format!("operation {n} reads value {} before it exists", operand.0));
        }
        if let super::Op::Load(column) = op
            && column.0 as usize >= n_columns
        {
            return Err(format!("operation {n} loads column {} of {n_columns}", column.0));
        }
    }
    let mut stored = vec![false; n_columns];
    for &(column, value) in &phase.stores {
        if value.0 as usize >= phase.ops.len() {
            return Err(format!("store of value {} which does not exist", value.0));
        }
        match stored.get_mut(column.0 as usize) {
            None => return Err(format!("store to column {} of {n_columns}", column.0)),
            Some(true) => return Err(format!("column {} is stored twice", column.0)),
            Some(seen) => *seen = true,
        }
    }
    Ok(())
}
