//! The trait that all executors of programs implement.

use nsb_lang::program::PhaseKind;

use crate::aligned::AlignedBuffer;
use crate::columns::Columns;

/// Working memory of one thread for one kernel; see [`Kernel::scratch`].
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// Registers, `LANES` numbers each.
    pub(crate) registers: AlignedBuffer,
}

/// A specialised program (`Program::specialise`) that can be run on columns laid out as its `columns()` say.
pub trait Kernel: Send + Sync {
    /// Runs one phase over all cells.
    fn run(&self, phase: PhaseKind, columns: &mut Columns, scratch: &mut Scratch);

    /// Working memory for one thread.
    fn scratch(&self) -> Scratch;
}
