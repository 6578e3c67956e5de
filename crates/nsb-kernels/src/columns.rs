//! Structure-of-arrays storage for one block of cells.

use nsb_lang::Float;
use nsb_lang::program::ColumnId;

use crate::numbers::{Numbers, Slice, SliceMut};

/// Lanes that an executor handles at a time; columns are padded to a multiple of it.
pub const LANES: usize = 64;

/// Equally long columns of numbers. Cells beyond `len` (padding) are computed but never looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    data: Numbers,
    count: usize,
    len: usize,
    stride: usize,
}

impl Columns {
    /// `count` columns of `len` cells, all 0, in 64 bits.
    pub fn new(count: usize, len: usize) -> Columns {
        Columns::of(Float::Double, count, len)
    }

    /// The same with numbers of a certain kind.
    fn of(float: Float, count: usize, len: usize) -> Columns {
        // An odd number of blocks: at a stride of a power of two, the same cell of all columns would compete for the
        // few places that a cache has for one address modulo 4096.
        let stride = (len.div_ceil(LANES) | 1) * LANES;
        Columns {
            data: Numbers::new(float, count * stride),
            count,
            len,
            stride,
        }
    }

    /// The same columns, rounded to numbers of a certain kind.
    #[must_use]
    pub fn rounded_to(&self, float: Float) -> Columns {
        let mut columns = Columns::of(float, self.count, self.len);
        columns.data.as_mut_slice().copy_from(self.data.as_slice());
        columns
    }

    /// The kind of their numbers.
    pub fn float(&self) -> Float {
        self.data.float()
    }

    /// Number of cells, padding not counted.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Uses only so many of the cells for which there is memory: at most `stride`.
    ///
    /// # Panics
    /// If there is no memory for as many.
    pub fn set_len(&mut self, len: usize) {
        assert!(len <= self.stride, "{len} cells in {}", self.stride);
        self.len = len;
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Number of columns.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Number of blocks of [`LANES`] that hold the cells.
    pub fn blocks(&self) -> usize {
        self.len.div_ceil(LANES)
    }

    /// Distance between the starts of two columns: a multiple of [`LANES`], at least `len`.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// The cells of a column, of either kind.
    pub fn numbers(&self, id: ColumnId) -> Slice<'_> {
        let start = id.0 as usize * self.stride;
        self.data.as_slice().part(start..start + self.len)
    }

    /// The cells of a column, of either kind, to be changed.
    pub fn numbers_mut(&mut self, id: ColumnId) -> SliceMut<'_> {
        let start = id.0 as usize * self.stride;
        self.data.part_mut(start..start + self.len)
    }

    /// The cells of a column in 64 bits.
    ///
    /// # Panics
    /// If they have 32.
    pub fn column(&self, id: ColumnId) -> &[f64] {
        match self.numbers(id) {
            Slice::Double(column) => column,
            Slice::Single(_) => panic!("the columns have 32 bits"),
        }
    }

    /// The cells of a column in 64 bits, to be changed.
    ///
    /// # Panics
    /// If they have 32.
    pub fn column_mut(&mut self, id: ColumnId) -> &mut [f64] {
        match self.numbers_mut(id) {
            SliceMut::Double(column) => column,
            SliceMut::Single(_) => panic!("the columns have 32 bits"),
        }
    }

    /// Fills a column, padding included, with one value. Use it for parameters before writing single cells, so that
    /// padding lanes compute with sane numbers.
    pub fn fill(&mut self, id: ColumnId, value: f64) {
        let start = id.0 as usize * self.stride;
        self.data.part_mut(start..start + self.stride).fill(value);
    }

    pub(crate) fn data_mut(&mut self) -> SliceMut<'_> {
        self.data.as_mut_slice()
    }
}
