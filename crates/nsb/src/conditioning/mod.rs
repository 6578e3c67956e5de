//! Instrumental conditioning that is scored: a network earns rewards by what it does, and the synapses that are to grow for
//! it are compared with all others, beside controls.
//!
//! [`Conditioning`] says what is compared; a study repeats the project with other seeds and controls and gives
//! [`Conditioned`]. The engine knows nothing of this: it sees rewards with their conditions.

mod conditioned;
mod study;

pub use conditioned::{Conditioned, ConditioningTrial, Sample};

pub(crate) use study::{run_sampled, simulations, study};

use nsb_engine::network::{Network, Reward, RewardCondition};
use nsb_engine::random::{Purpose, Stream};
use nsb_lang::Quantity;

/// What a reward should bring about, and how that is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditioning {
    /// The reward.
    pub reward: String,
    /// The projection whose synapses are to grow.
    pub target: String,
    /// The projection of those that are not.
    pub others: String,
    /// Time between two looks at the weights, ms.
    pub interval_ms: f64,
    /// What is compared with the project as it is.
    pub controls: Vec<RewardSchedule>,
    /// Seeds, the project's own first.
    pub seeds: Vec<u64>,
}

/// When the reward is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RewardSchedule {
    /// When it has been earned: the project as it is.
    Contingent,
    /// Never.
    NoReward,
    /// As often as it was earned under the same seed with [`RewardSchedule::Contingent`], but at times drawn evenly over
    /// the run.
    Shuffled,
}

impl RewardSchedule {
    /// All, in the order of tables.
    pub const ALL: [RewardSchedule; 3] = [
        RewardSchedule::Contingent,
        RewardSchedule::NoReward,
        RewardSchedule::Shuffled,
    ];

    /// The name in project files and results.
    pub fn name(self) -> &'static str {
        match self {
            RewardSchedule::Contingent => "contingent",
            RewardSchedule::NoReward => "no_reward",
            RewardSchedule::Shuffled => "shuffled",
        }
    }
}

impl Conditioning {
    /// Changes when a network gets the reward. `earned` says how often it was earned by the run that this one is compared
    /// with, which took `duration_ms`. The reward is still counted, but no longer given for what the network does.
    pub(crate) fn apply(
        &self,
        network: &mut Network,
        schedule: RewardSchedule,
        seed: u64,
        (earned, duration_ms): (u64, f64),
    ) {
        let Some(number) = network.rewards.iter().position(|reward| reward.name == self.reward) else {
            return;
        };
        if schedule == RewardSchedule::Contingent {
            return;
        }
        let amount = std::mem::replace(&mut network.rewards[number].amount, 0.0);
        if schedule == RewardSchedule::NoReward || earned == 0 {
            return;
        }
        let stream = Stream::new(seed, number as u32, Purpose::RewardTime);
        let ms = nsb_lang::Unit::parse("ms").expect("ms is a unit");
        let times = (0..earned).map(|n| Quantity::new(stream.uniform(n) * duration_ms, ms.clone()));
        network.rewards.push(Reward {
            name: format!("{}_shuffled", self.reward),
            projections: network.rewards[number].projections.clone(),
            condition: RewardCondition::Times(times.collect()),
            delay: None,
            amount,
        });
    }
}
