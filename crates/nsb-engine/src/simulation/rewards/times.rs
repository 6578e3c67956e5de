//! Given times.

use super::Watch;
use crate::index::Step;
use crate::simulation::Spike;

/// Is met at times that are known beforehand.
pub(super) struct Times {
    /// In order.
    times: Vec<Step>,
    next: usize,
}

impl Times {
    pub(super) fn new(times: &[Step]) -> Times {
        Times {
            times: times.to_vec(),
            next: 0,
        }
    }
}

impl Watch for Times {
    fn take_in(&mut self, _spikes: &[Spike], until: Step, met: &mut dyn FnMut(Step)) {
        while let Some(&time) = self.times.get(self.next).filter(|time| **time <= until) {
            met(time);
            self.next += 1;
        }
    }
}
