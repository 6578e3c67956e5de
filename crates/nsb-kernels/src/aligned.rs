//! Memory that starts at a page, so that vector loads never straddle cache lines, and so that columns and registers keep
//! their distance: a load is held up by an earlier store whose address agrees in the last twelve bits, and at chance
//! offsets the operands of one operation would often agree with the target of the one before.

use std::fmt;

use nsb_lang::Real;

/// Bytes of a page.
const PAGE: usize = 4096;

/// A fixed-length buffer whose first element is aligned to a page.
pub(crate) struct AlignedBuffer<R> {
    data: Vec<R>,
    start: usize,
    len: usize,
}

impl<R: Real> AlignedBuffer<R> {
    /// `len` zeros. Of a large buffer the system gives pages only when they are written.
    pub(crate) fn new(len: usize) -> AlignedBuffer<R> {
        let data = vec![R::ZERO; len + PAGE / size_of::<R>()];
        // A buffer that cannot be aligned is only slower.
        let start = match data.as_ptr().align_offset(PAGE) {
            offset if offset < PAGE / size_of::<R>() => offset,
            _ => 0,
        };
        AlignedBuffer { data, start, len }
    }

    pub(crate) fn as_slice(&self) -> &[R] {
        &self.data[self.start..self.start + self.len]
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [R] {
        &mut self.data[self.start..self.start + self.len]
    }
}

impl<R: Real> Clone for AlignedBuffer<R> {
    fn clone(&self) -> AlignedBuffer<R> {
        let mut copy = AlignedBuffer::new(self.len);
        copy.as_mut_slice().copy_from_slice(self.as_slice());
        copy
    }
}

impl<R: Real> PartialEq for AlignedBuffer<R> {
    fn eq(&self, other: &AlignedBuffer<R>) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<R: Real> fmt::Debug for AlignedBuffer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AlignedBuffer").field(&self.as_slice()).finish()
    }
}
