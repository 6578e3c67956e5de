//! Programs that run: the [`Kernel`] trait, the block [`interpreter`], and the [`catalogue`] of built-in models.
//!
//! Reads no file, prints nothing, holds no global state. Built-in model texts are embedded at build time.

mod aligned;
pub mod catalogue;
pub mod columns;
pub mod draws;
pub mod exact_timing;
pub mod executor;
pub mod generated;
pub mod interpreter;
pub mod kernel;
pub mod numbers;
pub mod poisson;
pub mod scan;
pub mod simd;

pub use catalogue::Catalogue;
pub use columns::{Columns, LANES};
pub use exact_timing::ExactTiming;
pub use executor::Executor;
pub use generated::Generated;
pub use interpreter::Interpreter;
pub use kernel::{Kernel, Lent, Scratch};
pub use nsb_lang::math;
pub use nsb_lang::random::Draws;
pub use nsb_lang::{Float, Real};
pub use numbers::{Numbers, Slice, SliceMut};
pub use poisson::{PoissonCounts, PoissonDraws};
pub use simd::Simd;
