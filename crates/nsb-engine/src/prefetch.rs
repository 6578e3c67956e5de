//! Asking memory for data before it is needed.

#![allow(unsafe_code)]

/// How soon data are of use again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Now and again.
    Often,
    /// Once, and then not for long: it should not push other data out of the caches.
    Once,
}

/// Asks for the beginning of a slice to be brought into the cache. Only a hint.
#[inline(always)]
pub(crate) fn prefetch<T>(data: &[T], of_use: Use) {
    /// Beyond this the hardware sees the pattern by itself.
    const MAX_LINES: usize = 8;
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_NTA, _MM_HINT_T0, _mm_prefetch};
        let begin = data.as_ptr().cast::<i8>();
        for line in 0..size_of_val(data).div_ceil(64).min(MAX_LINES) {
            // SAFETY: a prefetch never faults, and the address lies within the slice.
            unsafe {
                match of_use {
                    Use::Often => _mm_prefetch::<_MM_HINT_T0>(begin.add(64 * line)),
                    Use::Once => _mm_prefetch::<_MM_HINT_NTA>(begin.add(64 * line)),
                }
            }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (data, of_use);
}
