//! A pattern of spikes that comes back again and again in spikes that do not.

use nsb_lang::Quantity;

use crate::random::{Purpose, Stream, chosen};

/// Spikes whose rates wander, and among them a pattern of some cells that repeats (Masquelier T, Guyonneau R, Thorpe SJ
/// (2008) PLoS ONE 3:e1377). All cells of the population receive it. Nothing but the description is held, however long
/// the run is.
///
/// The rate of each cell goes straight from level to level, each drawn evenly between two rates. Time is cut into
/// periods of `duration` / `share`; in each the pattern comes once, at a time drawn evenly, and meanwhile its cells have
/// no other spikes than those of the pattern and of the noise. A cell has at most one spike in a step.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatingPattern {
    /// Which cells the pattern has and when they fire depends on this, the seed, the source, and the sizes.
    pub label: String,
    /// Cells of the pattern, drawn evenly from the population.
    pub size: usize,
    /// Length of the pattern.
    pub duration: Quantity,
    /// The part of time that the pattern takes, above 0 and below 1.
    pub share: f64,
    /// Standard deviation by which each spike of the pattern is moved, each time anew; it stays within the pattern.
    pub jitter: Quantity,
    /// Lowest level of a rate.
    pub low: Quantity,
    /// Highest level of a rate.
    pub high: Quantity,
    /// Time from level to level.
    pub change: Quantity,
    /// Rate of further spikes in all cells, at all times.
    pub noise: Quantity,
    /// Each time other cells take the places of those of the pattern: as many spikes, and nothing that repeats.
    pub shuffled: bool,
}

impl RepeatingPattern {
    /// The cells of the pattern of a population, in the order in which they were drawn.
    pub fn cells(&self, n_cells: usize, seed: u64) -> Vec<u32> {
        chosen(seed, &self.label, self.size, n_cells, 0)
    }

    /// When the pattern begins in a period, as steps since the period began. Pattern and period have a length in steps,
    /// and the source its number in the network.
    pub fn offset(&self, period: u64, (pattern, whole): (u64, u64), source: u32, seed: u64) -> u64 {
        let stream = Stream::new(seed, source, Purpose::Spikes).attempt(OFFSETS);
        stream.below(period, whole - pattern + 1)
    }

    /// Length of the pattern, and of the time in which it comes once, in steps.
    pub fn steps(&self, dt_ms: f64) -> (u64, u64) {
        let pattern = (self.duration.engine() / dt_ms).round();
        (pattern as u64, (pattern / self.share).round() as u64)
    }
}

/// What the draws of a source are for: the number of an attempt.
pub(crate) const BACKGROUND: u32 = 0;
pub(crate) const LEVELS: u32 = 1;
pub(crate) const PATTERN: u32 = 2;
pub(crate) const PATTERN_LEVELS: u32 = 3;
const OFFSETS: u32 = 4;
pub(crate) const JITTER: u32 = 5;
pub(crate) const SHUFFLE: u32 = 6;
