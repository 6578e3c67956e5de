//! Two groups of cells compete after each cue.

use std::collections::VecDeque;

use super::Watch;
use crate::index::Step;
use crate::plan::{Group, PlannedCues};
use crate::simulation::Spike;

/// Is met at the end of each window in which one group has fired more spikes per cell than the other.
pub(super) struct MoreSpikes {
    more: Group,
    fewer: Group,
    cues: PlannedCues,
    /// Steps.
    window: u64,
    /// The number of the next cue.
    next: u64,
    /// Windows that have begun, in order. There are several where cues are closer than windows are long.
    open: VecDeque<Window>,
}

struct Window {
    end: Step,
    more: u64,
    fewer: u64,
}

impl MoreSpikes {
    pub(super) fn new(more: &Group, fewer: &Group, cues: &PlannedCues, window: u64) -> MoreSpikes {
        MoreSpikes {
            more: more.clone(),
            fewer: fewer.clone(),
            cues: cues.clone(),
            window,
            next: 0,
            open: VecDeque::new(),
        }
    }

    /// Closes the windows that end before a grid point, and opens those that have begun before it: a cell that a cue
    /// makes fire at once does so at the next grid point.
    fn go_to(&mut self, at: Step, met: &mut dyn FnMut(Step)) {
        while let Some(cue) = self.cues.get(self.next).filter(|cue| *cue < at) {
            self.open.push_back(Window {
                end: cue.after(self.window),
                more: 0,
                fewer: 0,
            });
            self.next += 1;
        }
        while let Some(window) = self.open.front().filter(|window| window.end < at) {
            // Spikes per cell, without a division.
            let (more, fewer) = (self.more.cells.len() as u128, self.fewer.cells.len() as u128);
            if u128::from(window.more) * fewer > u128::from(window.fewer) * more {
                met(window.end);
            }
            self.open.pop_front();
        }
    }
}

impl Watch for MoreSpikes {
    fn take_in(&mut self, spikes: &[Spike], until: Step, met: &mut dyn FnMut(Step)) {
        for spike in spikes {
            self.go_to(spike.step, met);
            let more = u64::from(self.more.has(spike.population, spike.cell.0));
            let fewer = u64::from(self.fewer.has(spike.population, spike.cell.0));
            for window in &mut self.open {
                window.more += more;
                window.fewer += fewer;
            }
        }
        // All spikes up to here are known.
        self.go_to(until.after(1), met);
    }
}
