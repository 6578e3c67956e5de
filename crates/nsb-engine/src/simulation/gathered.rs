//! What lives for one step only.

use nsb_kernels::LANES;

use crate::plan::{Arrivals, Row, SLOTS};

/// What arrives in a domain in a step: a sum for each slot.
pub(super) struct Gathered {
    /// Some lanes longer than there are slots, because kernels read whole vectors.
    sums: Box<[f64]>,
    /// Whether all sums are 0.
    pub(super) is_empty: bool,
    /// What was added to sums.
    pub(super) rows: Vec<Row>,
    /// Whether that is so little that it is cleared row by row. Else blocks clear their sums themselves.
    pub(super) is_sparse: bool,
}

impl Gathered {
    pub(super) fn new() -> Gathered {
        Gathered {
            // Zeroed pages are taken from the system only when they are written.
            sums: vec![0.0; SLOTS + LANES].into_boxed_slice(),
            is_empty: true,
            rows: Vec::new(),
            is_sparse: false,
        }
    }

    /// All sums.
    pub(super) fn all(&mut self) -> &mut Arrivals {
        self.sums.first_chunk_mut().expect("as long as it must be")
    }

    /// The sums of `len` cells from a slot on.
    pub(super) fn of(&mut self, slot: u32, len: usize) -> &mut [f64] {
        &mut self.sums[slot as usize..][..len]
    }

    /// The same, and what follows up to whole vectors.
    pub(super) fn padded(&self, slot: u32, len: usize) -> &[f64] {
        &self.sums[slot as usize..][..len.next_multiple_of(LANES)]
    }
}

/// What a kernel says about thresholds, of one block at a time.
#[derive(Default)]
pub(super) struct Detector {
    pub(super) fired: Vec<f64>,
    pub(super) before: Vec<f64>,
    pub(super) after: Vec<f64>,
    /// Cells that have fired.
    pub(super) cells: Vec<u32>,
}

impl Detector {
    /// Makes room for a block.
    pub(super) fn resize(&mut self, len: usize) {
        let padded = len.next_multiple_of(LANES);
        for column in [&mut self.fired, &mut self.before, &mut self.after] {
            if column.len() < padded {
                column.resize(padded, 0.0);
            }
        }
    }
}
