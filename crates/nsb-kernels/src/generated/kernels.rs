//! The generated text and the table that finds a kernel in it.

// Generated code names values v0, v1, … and indexes lanes; its shape is that of the equations.
#![allow(missing_docs, unused_variables, unused_imports, clippy::all, clippy::pedantic)]

use nsb_lang::math;
use nsb_lang::random::Draws;

use crate::columns::LANES;
use crate::simd::Simd;

/// A step of some blocks of lanes: the columns that it touches, the number of blocks, the uniform invariants, and which
/// random numbers are drawn.
pub(super) type Function = unsafe fn(&[*mut f64], usize, &[f64], Draws);

pub(super) struct Entry {
    fingerprint: u64,
    scalar: Function,
    fma: Function,
    avx2: Function,
    avx512: Function,
}

type Lanes = [f64; LANES];

#[inline(always)]
fn truth(condition: bool) -> f64 {
    if condition { 1.0 } else { 0.0 }
}

/// The kernel for a program and a vector width that this CPU has.
pub(super) fn find(fingerprint: u64, simd: Simd) -> Option<Function> {
    let entry = KERNELS.iter().find(|entry| entry.fingerprint == fingerprint)?;
    Some(match simd {
        Simd::Avx512 => entry.avx512,
        Simd::Avx2 => entry.avx2,
        Simd::Scalar if Simd::has_fma() => entry.fma,
        Simd::Scalar => entry.scalar,
    })
}

include!(concat!(env!("OUT_DIR"), "/generated.rs"));
