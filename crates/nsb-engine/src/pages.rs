//! Memory in large pages, for data that is read here and there: with small ones, most reads of a large network would
//! have to look up their page first.

#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ops::Deref;
use std::ptr::NonNull;

/// The size of a large page of x86-64; shorter slices gain nothing.
const LARGE_PAGE: usize = 1 << 21;

/// A slice that does not change, in large pages if it is long and the system has some to give.
#[derive(Debug)]
pub(crate) struct Pages<T: Copy> {
    data: NonNull<T>,
    len: usize,
}

// SAFETY: owns its data like a `Box<[T]>`.
unsafe impl<T: Copy + Send> Send for Pages<T> {}
// SAFETY: as above; nothing changes through a shared reference.
unsafe impl<T: Copy + Sync> Sync for Pages<T> {}

impl<T: Copy> Pages<T> {
    /// A copy of a slice.
    pub(crate) fn new(slice: &[T]) -> Pages<T> {
        let layout = layout::<T>(slice.len());
        if layout.size() == 0 {
            return Pages {
                data: NonNull::dangling(),
                len: slice.len(),
            };
        }
        // SAFETY: the size is not 0.
        let data = unsafe { alloc(layout) }.cast::<T>();
        let Some(data) = NonNull::new(data) else {
            handle_alloc_error(layout)
        };
        advise(data.as_ptr().cast(), layout.size());
        // SAFETY: newly allocated for as many.
        unsafe { data.as_ptr().copy_from_nonoverlapping(slice.as_ptr(), slice.len()) };
        Pages { data, len: slice.len() }
    }
}

fn layout<T>(len: usize) -> Layout {
    let layout = Layout::array::<T>(len).expect("no longer than the slice it was copied from");
    if layout.size() < LARGE_PAGE {
        return layout;
    }
    layout.align_to(LARGE_PAGE).expect("2 MiB are a power of two")
}

/// Asks for large pages. Without them all works as well, only slower.
fn advise(data: *mut u8, size: usize) {
    #[cfg(target_os = "linux")]
    if size >= LARGE_PAGE {
        let whole = size / LARGE_PAGE * LARGE_PAGE;
        // SAFETY: the range has been allocated by the caller and nobody else knows it; the advice changes no content.
        let _ = unsafe { rustix::mm::madvise(data.cast(), whole, rustix::mm::Advice::LinuxHugepage) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (data, size);
}

impl<T: Copy> Deref for Pages<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: written in full by `new`, and never changed.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.len) }
    }
}

impl<T: Copy> Clone for Pages<T> {
    fn clone(&self) -> Pages<T> {
        Pages::new(self)
    }
}

impl<T: Copy> Drop for Pages<T> {
    fn drop(&mut self) {
        let layout = layout::<T>(self.len);
        if layout.size() > 0 {
            // SAFETY: allocated by `new` with this layout.
            unsafe { dealloc(self.data.as_ptr().cast(), layout) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_slices_are_kept() {
        for len in [0, 1, 1000, LARGE_PAGE / 4, LARGE_PAGE + 12_345] {
            let slice: Vec<u32> = (0..len as u32).collect();
            let pages = Pages::new(&slice);
            assert_eq!(*pages, *slice);
            assert_eq!(*pages.clone(), *slice);
        }
    }
}
