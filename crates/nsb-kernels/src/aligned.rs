//! Memory that starts at a page, so that vector loads never straddle cache lines, and so that columns and registers keep
//! their distance: a load is held up by an earlier store whose address agrees in the last twelve bits, and at chance
//! offsets the operands of one operation would often agree with the target of the one before.

use std::fmt;

/// Bytes of a page.
const PAGE: usize = 4096;

/// A fixed-length buffer of f64 whose first element is aligned to a page.
pub(crate) struct AlignedBuffer {
    data: Vec<f64>,
    start: usize,
    len: usize,
}

impl AlignedBuffer {
    /// `len` zeros.
    pub(crate) fn new(len: usize) -> AlignedBuffer {
        let data = vec![0.0; len + PAGE / size_of::<f64>()];
        // A buffer that cannot be aligned is only slower.
        let start = match data.as_ptr().align_offset(PAGE) {
            offset if offset < PAGE / size_of::<f64>() => offset,
            _ => 0,
        };
        AlignedBuffer { data, start, len }
    }

    pub(crate) fn as_slice(&self) -> &[f64] {
        &self.data[self.start..self.start + self.len]
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [f64] {
        &mut self.data[self.start..self.start + self.len]
    }
}

impl Default for AlignedBuffer {
    fn default() -> AlignedBuffer {
        AlignedBuffer::new(0)
    }
}

impl Clone for AlignedBuffer {
    fn clone(&self) -> AlignedBuffer {
        let mut copy = AlignedBuffer::new(self.len);
        copy.as_mut_slice().copy_from_slice(self.as_slice());
        copy
    }
}

impl PartialEq for AlignedBuffer {
    fn eq(&self, other: &AlignedBuffer) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl fmt::Debug for AlignedBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AlignedBuffer").field(&self.as_slice()).finish()
    }
}
