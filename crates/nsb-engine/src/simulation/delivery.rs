//! Static synapses of a domain at work: spikes go into a calendar of windows, and what is due is added up.

use super::calendar::Calendar;
use super::gathered::Gathered;
use super::rewire::UnderWay;
use super::spike::Spike;
use crate::index::Step;
use crate::plan::{Plan, RowPair, Synapses, WINDOW};

/// What is on its way over the static synapses of a domain.
pub(super) struct Delivery {
    domain: usize,
    pub(super) calendar: Calendar<RowPair>,
    /// Of each window that was gathered last, what was due in it.
    pub(super) windows: Vec<Vec<RowPair>>,
    /// Number of the first of them.
    pub(super) first_window: u64,
    /// What was under way when synapses last changed.
    pub(super) under_way: UnderWay,
}

impl Delivery {
    /// Of a domain at time 0, which gathers up to `n_gathered` steps at a time.
    pub(super) fn new(plan: &Plan, domain: usize, n_gathered: usize) -> Delivery {
        // A run may be cut anywhere, so the steps of a gathering may begin and end within a window.
        let n_windows = n_gathered / WINDOW as usize + 2;
        Delivery {
            domain,
            calendar: Delivery::calendar(plan),
            windows: vec![Vec::new(); n_windows],
            first_window: 0,
            under_way: UnderWay::none(),
        }
    }

    /// An empty calendar that is long enough.
    pub(super) fn calendar(plan: &Plan) -> Calendar<RowPair> {
        Calendar::new((plan.longest_delay() + plan.epoch_steps()) / WINDOW + 1)
    }

    fn synapses<'p>(&self, plan: &'p Plan) -> &'p Synapses {
        &plan.synapses()[self.domain]
    }

    /// Forgets everything and goes to a step.
    pub(super) fn reset(&mut self, now: Step) {
        self.calendar.reset(now.0 / WINDOW);
    }

    /// Enters what spikes will bring. They must come in order of (step, population, cell).
    pub(super) fn enter(&mut self, plan: &Plan, spikes: &[Spike]) {
        /// So many spikes ahead, memory is asked for what tells their rows.
        const AHEAD: usize = 8;
        let synapses = self.synapses(plan);
        for (n, spike) in spikes.iter().enumerate() {
            if let Some(next) = spikes.get(n + AHEAD) {
                synapses.prefetch_heads(next.population, next.cell.0);
            }
            let (population, cell, at) = (spike.population, spike.cell.0, spike.step.0);
            synapses.pairs_of(population, cell, at, |window, pair| self.calendar.push(window, pair));
        }
    }

    /// Adds up what arrives in as many steps from `first` on as there are sums, which must be 0.
    pub(super) fn gather(&mut self, plan: &Plan, first: Step, gathered: &mut [Gathered]) {
        let end = first.after(gathered.len() as u64);
        let first_window = first.0 / WINDOW;
        if first_window < self.calendar.now() {
            // Its first step has been gathered already.
            let taken = (first_window - self.first_window) as usize;
            self.windows.swap(0, taken);
        }
        self.first_window = first_window;
        for window in self.calendar.now().max(first_window)..end.0.div_ceil(WINDOW) {
            let pairs = &mut self.windows[(window - first_window) as usize];
            pairs.clear();
            std::mem::swap(pairs, self.calendar.take());
        }
        let n_slots = plan.domains()[self.domain].n_slots;
        let synapses = self.synapses(plan);
        let mut n = 0;
        while n < gathered.len() {
            let step = first.0 + n as u64;
            let pairs = &self.windows[(step / WINDOW - first_window) as usize];
            let half = (step % WINDOW) as usize;
            if let ([one, other, ..], 0) = (&mut gathered[n..], half) {
                let [n_first, n_second] = synapses.deliver(pairs, [Some(one.all()), Some(other.all())]);
                one.note(n_first, n_slots);
                other.note(n_second, n_slots);
                n += 2;
            } else {
                let mut sums = [None, None];
                sums[half] = Some(gathered[n].all());
                let n_synapses = synapses.deliver(pairs, sums);
                gathered[n].note(n_synapses[half], n_slots);
                n += 1;
            }
        }
    }

    /// Clears what has been gathered from `first` on and not been cleared by blocks.
    pub(super) fn clear(&self, plan: &Plan, first: Step, gathered: &mut [Gathered]) {
        for (step, gathered) in (first.0..).zip(gathered) {
            if gathered.is_sparse {
                let pairs = &self.windows[(step / WINDOW - self.first_window) as usize];
                let half = (step % WINDOW) as usize;
                self.synapses(plan).clear(pairs, half, gathered.all());
            }
        }
    }
}
