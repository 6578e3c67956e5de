//! Numbers of 64 or of 32 bits side by side. What is written is rounded to the kind that is kept.

use std::ops::Range;

use nsb_lang::{Float, Real};

use crate::aligned::AlignedBuffer;

/// A fixed number of numbers, which begin at a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers(Kept);

#[derive(Debug, Clone, PartialEq)]
enum Kept {
    Double(AlignedBuffer<f64>),
    Single(AlignedBuffer<f32>),
}

/// A look at [`Numbers`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Slice<'a> {
    /// Of 64 bits.
    Double(&'a [f64]),
    /// Of 32 bits.
    Single(&'a [f32]),
}

/// [`Numbers`] to be changed.
#[derive(Debug, PartialEq)]
pub enum SliceMut<'a> {
    /// Of 64 bits.
    Double(&'a mut [f64]),
    /// Of 32 bits.
    Single(&'a mut [f32]),
}

/// Does the same with numbers of either kind.
macro_rules! either {
    ($kind:ident, $of:expr, $numbers:ident => $body:expr) => {
        match $of {
            $kind::Double($numbers) => $body,
            $kind::Single($numbers) => $body,
        }
    };
}

impl Numbers {
    /// `len` zeros. Of many the system gives memory only when it is written.
    pub fn new(float: Float, len: usize) -> Numbers {
        Numbers(match float {
            Float::Double => Kept::Double(AlignedBuffer::new(len)),
            Float::Single => Kept::Single(AlignedBuffer::new(len)),
        })
    }

    /// Their kind.
    pub fn float(&self) -> Float {
        match self.0 {
            Kept::Double(_) => Float::Double,
            Kept::Single(_) => Float::Single,
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them.
    pub fn as_slice(&self) -> Slice<'_> {
        match &self.0 {
            Kept::Double(buffer) => Slice::Double(buffer.as_slice()),
            Kept::Single(buffer) => Slice::Single(buffer.as_slice()),
        }
    }

    /// A part of them, to be changed.
    pub fn part_mut(&mut self, range: Range<usize>) -> SliceMut<'_> {
        match &mut self.0 {
            Kept::Double(buffer) => SliceMut::Double(&mut buffer.as_mut_slice()[range]),
            Kept::Single(buffer) => SliceMut::Single(&mut buffer.as_mut_slice()[range]),
        }
    }

    /// All of them, to be changed.
    pub fn as_mut_slice(&mut self) -> SliceMut<'_> {
        match &mut self.0 {
            Kept::Double(buffer) => SliceMut::Double(buffer.as_mut_slice()),
            Kept::Single(buffer) => SliceMut::Single(buffer.as_mut_slice()),
        }
    }
}

impl<'a> Slice<'a> {
    /// How many.
    pub fn len(self) -> usize {
        either!(Slice, self, numbers => numbers.len())
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// A part.
    #[must_use]
    pub fn part(self, range: Range<usize>) -> Slice<'a> {
        match self {
            Slice::Double(numbers) => Slice::Double(&numbers[range]),
            Slice::Single(numbers) => Slice::Single(&numbers[range]),
        }
    }

    /// One of them.
    pub fn get(self, n: usize) -> f64 {
        either!(Slice, self, numbers => numbers[n].to_f64())
    }

    /// One after the other.
    pub fn iter(self) -> impl Iterator<Item = f64> + 'a {
        (0..self.len()).map(move |n| self.get(n))
    }

    /// Their kind.
    pub fn float(self) -> Float {
        match self {
            Slice::Double(_) => Float::Double,
            Slice::Single(_) => Float::Single,
        }
    }

    pub(crate) fn as_ptr(self) -> *const u8 {
        either!(Slice, self, numbers => numbers.as_ptr().cast())
    }
}

impl SliceMut<'_> {
    /// How many.
    pub fn len(&self) -> usize {
        either!(SliceMut, self, numbers => numbers.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A part.
    pub fn part(&mut self, range: Range<usize>) -> SliceMut<'_> {
        match self {
            SliceMut::Double(numbers) => SliceMut::Double(&mut numbers[range]),
            SliceMut::Single(numbers) => SliceMut::Single(&mut numbers[range]),
        }
    }

    /// Sets one of them.
    pub fn set(&mut self, n: usize, value: f64) {
        either!(SliceMut, self, numbers => numbers[n] = Real::from_f64(value));
    }

    /// Adds a number, rounded to the kind, to one of them.
    pub fn add(&mut self, n: usize, value: f64) {
        either!(SliceMut, self, numbers => add(&mut numbers[n], value));
    }

    /// Sets all of them.
    pub fn fill(&mut self, value: f64) {
        either!(SliceMut, self, numbers => numbers.fill(Real::from_f64(value)));
    }

    /// Takes over as many others.
    ///
    /// # Panics
    /// If the number is not the same.
    pub fn copy_from(&mut self, other: Slice<'_>) {
        match (self, other) {
            (SliceMut::Double(to), Slice::Double(from)) => to.copy_from_slice(from),
            (SliceMut::Single(to), Slice::Single(from)) => to.copy_from_slice(from),
            (to, from) => {
                assert_eq!(to.len(), from.len());
                from.iter().enumerate().for_each(|(n, value)| to.set(n, value));
            }
        }
    }

    /// Their kind.
    pub fn float(&self) -> Float {
        match self {
            SliceMut::Double(_) => Float::Double,
            SliceMut::Single(_) => Float::Single,
        }
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut u8 {
        either!(SliceMut, self, numbers => numbers.as_mut_ptr().cast())
    }
}

fn add<R: Real>(sum: &mut R, value: f64) {
    *sum += R::from_f64(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_rounded_to_what_is_kept() {
        let tenth = f64::from(0.1_f32);
        for (float, kept) in [(Float::Double, 0.1), (Float::Single, tenth)] {
            let mut numbers = Numbers::new(float, 5);
            assert_eq!((numbers.len(), numbers.float()), (5, float));
            numbers.as_mut_slice().set(1, 0.1);
            numbers.as_mut_slice().part(2..4).fill(0.1);
            numbers.as_mut_slice().add(3, 0.25);
            let found: Vec<f64> = numbers.as_slice().iter().collect();
            let sum = match float {
                Float::Double => 0.1 + 0.25,
                Float::Single => f64::from(0.1_f32 + 0.25),
            };
            assert_eq!(found, [0.0, kept, kept, sum, 0.0]);
            let mut copy = Numbers::new(Float::Single, 2);
            copy.as_mut_slice().copy_from(numbers.as_slice().part(1..3));
            assert_eq!(copy.as_slice().iter().collect::<Vec<_>>(), [tenth, tenth]);
        }
    }
}
