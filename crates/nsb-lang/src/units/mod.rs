//! Dimensions, units and quantities; the only place where numbers are converted.
//!
//! Engine units are coherent: ms, mV, pA, nS, pF, µm, mM, amol, K. A number in engine units therefore enters any
//! formula without a conversion factor. [`Unit`] converts between what people write and engine units, decimally
//! exactly: `20 uA/cm^2` becomes the number nearest to 0.2 and comes back as 20.

mod dimension;
mod error;
mod parse;
mod quantity;
mod scale;
mod symbols;
mod unit;

pub use dimension::Dimension;
pub use error::UnitError;
pub(crate) use parse::superscript;
pub use quantity::Quantity;
pub use unit::Unit;
