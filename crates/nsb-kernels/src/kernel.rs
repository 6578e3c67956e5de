//! The trait that all executors of programs implement.

use nsb_lang::program::PhaseKind;
use nsb_lang::random::Draws;

use crate::columns::Columns;
use crate::numbers::{Numbers, Slice, SliceMut};

/// Working memory of one thread for one kernel; see [`Kernel::scratch`].
#[derive(Debug, Clone)]
pub struct Scratch {
    /// Registers, `LANES` numbers each.
    pub(crate) registers: Numbers,
}

/// Columns that live for one step only, lent by the caller: they stay in the cache while blocks of cells come and go.
/// All have numbers of the columns' kind, and are as long as the cells with their padding, whole blocks of
/// [`LANES`](crate::LANES).
#[derive(Debug)]
pub struct Lent<'a> {
    /// What arrives at each receptor.
    pub arrivals: &'a [Slice<'a>],
    /// Whether each cell has fired: 1 or 0.
    pub fired: SliceMut<'a>,
    /// Distance to the threshold at the beginning of the step.
    pub before: SliceMut<'a>,
    /// Distance to the threshold at the end of the step.
    pub after: SliceMut<'a>,
}

/// A specialised program (`Program::specialise`) that can be run on columns laid out as its `columns()` say.
pub trait Kernel: Send + Sync {
    /// Runs one phase over all cells. `draws` says which random numbers the equations get, if they ask for any.
    fn run(&self, phase: PhaseKind, columns: &mut Columns, draws: Draws, scratch: &mut Scratch);

    /// Whether [`Kernel::step`] can be used.
    fn borrows(&self) -> bool {
        false
    }

    /// Runs the phase `step` with lent columns in the place of the columns' own.
    ///
    /// # Panics
    /// If the kernel does not [borrow](Kernel::borrows), or if a lent column is too short or of another kind.
    fn step(&self, _columns: &mut Columns, _lent: &mut Lent<'_>, _draws: Draws) {
        unreachable!("only kernels that borrow are lent anything")
    }

    /// Working memory for one thread.
    fn scratch(&self) -> Scratch;
}
