//! Spikes from outside.

use nsb_lang::Quantity;

use super::{CellSet, Course, RepeatingPattern};

/// Spikes from outside into a receptor. Sources are no cells: they have no state, and their spikes are not counted.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikeSource {
    /// Unique name, also among stimuli.
    pub name: String,
    /// The population that receives them.
    pub population: String,
    /// The receptor.
    pub receptor: String,
    /// Strength of each spike, in the unit of the receptor's weight.
    pub weight: Quantity,
    /// When they come. A spike takes effect at the nearest grid point, without further delay.
    pub spikes: SourceSpikes,
}

/// When the spikes of a source come.
#[allow(clippy::large_enum_variant, reason = "a network has few of them")]
#[derive(Debug, Clone, PartialEq)]
pub enum SourceSpikes {
    /// At random, independently in each cell.
    Poisson {
        /// The cells that receive them.
        cells: CellSet,
        /// Spikes per time and cell.
        rate: Rate,
        /// From here on; the run's beginning if left out.
        start: Option<Quantity>,
        /// Up to here; the run's end if left out.
        stop: Option<Quantity>,
    },
    /// At random, each cell alone like a Poisson source, but correlated: with probability `correlation` a cell gets a copy
    /// of a spike of one mother process of the rate `rate` / `correlation` (multiple interaction process: Kuhn A, Aertsen
    /// A, Rotter S (2003) Neural Comput 15:67-101). The counts of two cells then have this correlation coefficient.
    CorrelatedPoisson {
        /// The cells that share the mother process.
        cells: CellSet,
        /// Spikes per time and cell.
        rate: Rate,
        /// Correlation coefficient of the counts of two cells, above 0 and up to 1.
        correlation: f64,
        /// Each copy comes later than its mother spike by a time drawn evenly from 0 to this; at once if left out. The
        /// covariance of two cells is then a triangle from -jitter to jitter of the same area.
        jitter: Option<Quantity>,
        /// From here on; the run's beginning if left out.
        start: Option<Quantity>,
        /// Up to here; the run's end if left out.
        stop: Option<Quantity>,
    },
    /// At random with rates that wander, and among them a pattern that comes back; into all cells.
    Repeating(RepeatingPattern),
    /// At the same given times in all cells.
    Times {
        /// The cells that receive them.
        cells: CellSet,
        /// Times, in any order.
        times: Vec<Quantity>,
    },
    /// At times given for each cell.
    Trains(Vec<(usize, Quantity)>),
}

/// The rate of a Poisson source.
#[derive(Debug, Clone, PartialEq)]
pub enum Rate {
    /// The same at all times.
    Constant(Quantity),
    /// Varying (not noise); 0 where the course is negative.
    Varying(Course),
}
