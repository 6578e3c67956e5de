//! Feedback: what the network does brings something back to it, later and in the same place for all.
//!
//! Conditions look at the spikes of all domains, which a domain knows at the end of an epoch. A condition that is met at
//! grid point s brings its reward at s + d, and epochs have at most d + 1 steps (`Plan::epoch_steps`), for the same
//! reason as with delays of synapses: an epoch that begins at step a ends at a + L ≤ s + d for each s > a, so that what is
//! found in an epoch is due in a later one. Each domain has a copy of all this and does the same with it: it takes in the
//! same spikes in the same order, and draws depend on nothing but the number of the reward. Nothing is shared, and
//! threads, cuts of a run and lengths of epochs make no difference.
//!
//! A condition is a [`Watch`] in a file of its own. What a met condition brings are rewards of projections; other
//! things that depend on the past of the network belong here, too.

mod more_spikes;
mod spike_pair;
mod times;

use std::collections::BTreeMap;

use super::spike::Spike;
use crate::index::{ProjectionId, Step};
use crate::plan::{Plan, PlannedCondition, PlannedReward};
use more_spikes::MoreSpikes;
use spike_pair::SpikePair;
use times::Times;

/// Looks whether a condition is met.
trait Watch: Send {
    /// Takes in all spikes up to a grid point that have not been taken in yet, in order, and tells each grid point at
    /// which the condition was met, in order.
    fn take_in(&mut self, spikes: &[Spike], until: Step, met: &mut dyn FnMut(Step));
}

fn watch(condition: &PlannedCondition) -> Box<dyn Watch> {
    match condition {
        PlannedCondition::Times(times) => Box::new(Times::new(times)),
        PlannedCondition::SpikePair { first, second, within } => Box::new(SpikePair::new(first, second, *within)),
        PlannedCondition::MoreSpikes {
            more,
            fewer,
            cues,
            window,
        } => Box::new(MoreSpikes::new(more, fewer, cues, *window)),
    }
}

/// A condition that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Met {
    /// Position among the rewards.
    pub(super) reward: usize,
    /// When.
    pub(super) at: Step,
    /// When the reward comes.
    pub(super) due: Step,
}

/// The rewards of a network, as a domain sees them.
pub(super) struct Rewards {
    watches: Vec<Box<dyn Watch>>,
    /// How often each condition has been met.
    counts: Vec<u64>,
    /// What comes when: how often each reward.
    due: BTreeMap<Step, BTreeMap<usize, u32>>,
    /// What was found last.
    met: Vec<Met>,
}

impl Rewards {
    /// Before anything has happened.
    pub(super) fn new(plan: &Plan) -> Rewards {
        let mut rewards = Rewards {
            watches: plan.rewards().iter().map(|reward| watch(reward.condition())).collect(),
            counts: vec![0; plan.rewards().len()],
            due: BTreeMap::new(),
            met: Vec::new(),
        };
        // What is known beforehand may come without delay.
        for (number, reward) in plan.rewards().iter().enumerate() {
            for (n, time) in (0..).zip(reward.known_times()) {
                rewards.enter(number, time.after(reward.delay_steps(n)));
            }
        }
        rewards
    }

    fn enter(&mut self, number: usize, due: Step) {
        *self.due.entry(due).or_default().entry(number).or_default() += 1;
    }

    /// Takes in all spikes of an epoch that ends at a grid point.
    pub(super) fn take_in(&mut self, rewards: &[PlannedReward], spikes: &[Spike], until: Step) {
        self.met.clear();
        // What was due has been given.
        while self.due.first_key_value().is_some_and(|(due, _)| *due < until) {
            self.due.pop_first();
        }
        for (number, reward) in rewards.iter().enumerate() {
            let (count, met) = (&mut self.counts[number], &mut self.met);
            self.watches[number].take_in(spikes, until, &mut |at| {
                let due = at.after(reward.delay_steps(*count));
                *count += 1;
                met.push(Met {
                    reward: number,
                    at,
                    due,
                });
            });
        }
        for n in 0..self.met.len() {
            let Met { reward, due, .. } = self.met[n];
            if rewards[reward].known_times().is_empty() {
                self.enter(reward, due);
            }
        }
    }

    /// The conditions that were met in the epoch taken in last, those of one reward after the other.
    pub(super) fn met(&self) -> &[Met] {
        &self.met
    }

    /// What the synapses of a projection get at a grid point, if anything.
    pub(super) fn of(&self, rewards: &[PlannedReward], projection: ProjectionId, at: Step) -> Option<f64> {
        let mut sum = None;
        for (&number, &times) in self.due.get(&at)? {
            if rewards[number].projections().contains(&projection) {
                sum = Some(sum.unwrap_or(0.0) + f64::from(times) * rewards[number].amount());
            }
        }
        sum
    }
}
