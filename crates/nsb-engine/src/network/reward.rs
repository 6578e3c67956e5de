//! Rewards: what the network must do to get one, and when it comes.

use nsb_lang::Quantity;

use super::{CellSet, Distribution};

/// What synapses get when something happens: a number that rules with `on reward` see, at the same time at all synapses
/// of some projections.
#[derive(Debug, Clone, PartialEq)]
pub struct Reward {
    /// Name, unique among rewards.
    pub name: String,
    /// The projections that get it; if there are none, all with a rule that knows rewards.
    pub projections: Vec<String>,
    /// What it is given for. Each time it is met counts.
    pub condition: RewardCondition,
    /// From there until the reward comes, rounded to whole steps. None is needed for given times. For what the network
    /// does it is at least one step: the sooner rewards may come, the shorter are epochs.
    pub delay: Option<RewardDelay>,
    /// How much is given, without unit. Rewards that come at the same time add up.
    pub amount: f64,
}

/// What a reward is given for.
#[derive(Debug, Clone, PartialEq)]
pub enum RewardCondition {
    /// Given times, whatever the network does.
    Times(Vec<Quantity>),
    /// Each spike of `second` that comes after a spike of `first`, not at the same grid point, and at most `within`
    /// later.
    SpikePair {
        /// Cells whose spike comes first.
        first: CellGroup,
        /// Cells whose spike follows.
        second: CellGroup,
        /// Longest distance of the two spikes, rounded to whole steps, of which it must have one.
        within: Quantity,
    },
    /// The end of each window after a cue in which `more` has fired more spikes per cell than `fewer`.
    MoreSpikes {
        /// Cells that should fire more.
        more: CellGroup,
        /// Cells that should fire less.
        fewer: CellGroup,
        /// When windows begin.
        cues: Cues,
        /// How long spikes are counted after each cue, rounded to whole steps, of which it must have one.
        window: Quantity,
    },
}

/// Some cells of a population.
#[derive(Debug, Clone, PartialEq)]
pub struct CellGroup {
    /// The population.
    pub population: String,
    /// Which of its cells.
    pub cells: CellSet,
}

/// When cues are given. They are times and nothing more: what the network sees then are stimuli.
#[derive(Debug, Clone, PartialEq)]
pub enum Cues {
    /// At these times.
    At(Vec<Quantity>),
    /// At equal intervals without end.
    Every {
        /// The first.
        start: Quantity,
        /// From one to the next.
        interval: Quantity,
    },
}

/// How long a reward is on its way.
#[derive(Debug, Clone, PartialEq)]
pub enum RewardDelay {
    /// Always the same.
    Fixed(Quantity),
    /// Drawn for each reward: a function of the seed, the reward, and how many have come before.
    Random(Distribution),
}
