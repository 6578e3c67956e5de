//! Learning that is scored: patterns, when they are shown and tested, and what was recalled.
//!
//! [`Pattern`] says which cells belong together; [`Schedule`] puts presentations, rests and tests on one clock;
//! [`scores`] says how good a recall is.

mod pattern;
mod schedule;
pub mod scores;

pub use pattern::Pattern;
pub use schedule::{PresentationOrder, Schedule, TestTimes, TestTiming, Timing, Window};
