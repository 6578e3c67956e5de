//! What lives for one step only.

use nsb_kernels::{Float, LANES, Numbers, Slice, SliceMut};

use crate::plan::{Arrivals, SLOTS};

/// What arrives in a domain in a step: a sum for each slot.
pub(super) struct Gathered {
    /// Some lanes longer than there are slots, because kernels read whole vectors.
    sums: Numbers,
    /// Whether all sums are 0.
    pub(super) is_empty: bool,
    /// Whether that is so little that it is cleared row by row. Else blocks clear their sums themselves.
    pub(super) is_sparse: bool,
}

impl Gathered {
    pub(super) fn new(float: Float) -> Gathered {
        Gathered {
            sums: Numbers::new(float, SLOTS + LANES),
            is_empty: true,
            is_sparse: false,
        }
    }

    /// Notes that so many synapses were added to as many of so many sums.
    pub(super) fn note(&mut self, n_synapses: u32, n_slots: u32) {
        self.is_empty = n_synapses == 0;
        // Few sums are cleared one by one, many by whole vectors. Only speed depends on the limit, a guess by the width
        // of a cache line.
        self.is_sparse = n_synapses < n_slots / 8;
    }

    /// All sums.
    pub(super) fn all(&mut self) -> Arrivals<'_> {
        const LONG: &str = "as long as it must be";
        match self.sums.as_mut_slice() {
            SliceMut::Double(sums) => Arrivals::Double(sums.first_chunk_mut().expect(LONG)),
            SliceMut::Single(sums) => Arrivals::Single(sums.first_chunk_mut().expect(LONG)),
        }
    }

    /// The sums of `len` cells from a slot on.
    pub(super) fn of(&self, slot: u32, len: usize) -> Slice<'_> {
        self.sums.as_slice().part(slot as usize..slot as usize + len)
    }

    /// The same, to be changed.
    pub(super) fn of_mut(&mut self, slot: u32, len: usize) -> SliceMut<'_> {
        self.sums.part_mut(slot as usize..slot as usize + len)
    }

    /// The sums of `len` cells from a slot on, and what follows up to whole vectors.
    pub(super) fn padded(&self, slot: u32, len: usize) -> Slice<'_> {
        self.of(slot, len.next_multiple_of(LANES))
    }
}

/// What a kernel says about thresholds, of one block at a time.
pub(super) struct Detector {
    pub(super) fired: Numbers,
    pub(super) before: Numbers,
    pub(super) after: Numbers,
    /// Cells that have fired.
    pub(super) cells: Vec<u32>,
}

impl Detector {
    pub(super) fn new(float: Float) -> Detector {
        let [fired, before, after] = std::array::from_fn(|_| Numbers::new(float, 0));
        Detector {
            fired,
            before,
            after,
            cells: Vec::new(),
        }
    }

    /// Makes room for a block.
    pub(super) fn resize(&mut self, len: usize) {
        let padded = len.next_multiple_of(LANES);
        for column in [&mut self.fired, &mut self.before, &mut self.after] {
            if column.len() < padded {
                *column = Numbers::new(column.float(), padded);
            }
        }
    }
}
