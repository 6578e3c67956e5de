//! Learning that is scored: patterns, when they are shown and tested, and what was recalled.
//!
//! 1. [`Pattern`] says which cells belong together; [`Schedule`] puts presentations, rests and tests on one clock.
//! 2. [`Training`] turns both into ordinary spike sources and intervals of learning of a network.
//! 3. [`Responses`] counts spikes in the tests while a simulation goes on; [`scores`] says how good a recall is.
//!    Of a pattern that repeats in noise [`Detection`] says who finds it, and [`Detected`] how well.
//! 4. A study repeats this for several seeds and for controls, and gives [`Learned`].
//!
//! The engine knows nothing of all this: it sees sources, and times at which weights may change.

mod detected;
mod detection;
mod images;
mod learned;
mod pattern;
mod responses;
mod schedule;
pub mod scores;
mod study;
mod training;

pub use detected::Detected;
pub use detection::{Detection, DetectionTrial};
pub use images::Images;
pub use learned::{Block, Learned, MeanSd, Trial};
pub use pattern::Pattern;
pub use responses::Responses;
pub use schedule::{PresentationOrder, Schedule, TestTimes, TestTiming, Timing, Window};
pub use training::{Condition, Cue, Input, InputSpikes, PatternRule, Score, Shown, Training};

pub(crate) use detection::{Heard, simulations as detections, study as detect};
pub(crate) use responses::{Counts, Listener};
pub(crate) use study::{PartObserver, simulations, study};
