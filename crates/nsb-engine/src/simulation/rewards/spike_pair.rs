//! A spike of some cells that is followed by one of others.

use super::Watch;
use crate::index::Step;
use crate::plan::Group;
use crate::simulation::Spike;

/// Is met by each spike of the second group that has one of the first before it, not at the same grid point, and not too
/// long before.
pub(super) struct SpikePair {
    first: Group,
    second: Group,
    /// Steps.
    within: u64,
    /// When the first group fired last.
    last: Option<Step>,
    /// When it fired before that.
    before: Option<Step>,
}

impl SpikePair {
    pub(super) fn new(first: &Group, second: &Group, within: u64) -> SpikePair {
        SpikePair {
            first: first.clone(),
            second: second.clone(),
            within,
            last: None,
            before: None,
        }
    }
}

impl Watch for SpikePair {
    fn take_in(&mut self, spikes: &[Spike], _until: Step, met: &mut dyn FnMut(Step)) {
        for spike in spikes {
            if self.first.has(spike.population, spike.cell.0) && self.last != Some(spike.step) {
                self.before = self.last.replace(spike.step);
            }
            if self.second.has(spike.population, spike.cell.0) {
                let earlier = match self.last {
                    Some(last) if last == spike.step => self.before,
                    last => last,
                };
                if earlier.is_some_and(|earlier| spike.step.0 - earlier.0 <= self.within) {
                    met(spike.step);
                }
            }
        }
    }
}
