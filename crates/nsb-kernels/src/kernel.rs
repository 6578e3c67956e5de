//! The trait that all executors of programs implement.

use nsb_lang::program::PhaseKind;
use nsb_lang::random::Draws;

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
    /// Runs one phase over all cells. `draws` says which random numbers the equations get, if they ask for any.
    fn run(&self, phase: PhaseKind, columns: &mut Columns, draws: Draws, scratch: &mut Scratch);

    /// Working memory for one thread.
    fn scratch(&self) -> Scratch;
}
