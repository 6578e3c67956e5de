//! The generated text and the table that finds a kernel in it.

// Generated code names values v0, v1, … and indexes lanes; its shape is that of the equations.
#![allow(missing_docs, unused_variables, unused_imports, clippy::all, clippy::pedantic)]

use nsb_lang::random::Draws;
use nsb_lang::{Float, math};

use crate::columns::LANES;
use crate::simd::Simd;

/// A step of some blocks of lanes: the columns that it touches, the number of blocks, the uniform invariants, and which
/// random numbers are drawn.
pub(super) type Function = unsafe fn(&[*mut u8], usize, &[f64], Draws);

pub(super) struct Entry {
    fingerprint: u64,
    float: Float,
    scalar: Function,
    fma: Function,
    avx2: Function,
    avx512: Function,
}

/// The kernel for a program, a kind of number, and a vector width that this CPU has.
pub(super) fn find(fingerprint: u64, float: Float, simd: Simd) -> Option<Function> {
    let fits = |entry: &&Entry| entry.fingerprint == fingerprint && entry.float == float;
    let entry = KERNELS.iter().find(fits)?;
    Some(match simd {
        Simd::Avx512 => entry.avx512,
        Simd::Avx2 => entry.avx2,
        Simd::Scalar if Simd::has_fma() => entry.fma,
        Simd::Scalar => entry.scalar,
    })
}

include!(concat!(env!("OUT_DIR"), "/generated.rs"));
