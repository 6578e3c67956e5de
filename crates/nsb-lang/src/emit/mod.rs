//! Programs as text in other languages. Only this folder knows another language's syntax.

mod rust_simd;
mod stages;

pub use rust_simd::emit as rust_simd;
