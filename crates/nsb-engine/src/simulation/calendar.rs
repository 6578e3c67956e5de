//! What is due when: rows of synapses on their way to the cells of a domain.

use std::collections::BTreeMap;

use super::spike::Spike;
use crate::index::Step;
use crate::plan::{Row, Synapses};

/// The rows that arrive in each of the coming steps, in the order in which they must be added.
///
/// Spikes are entered in order of (step, population, cell), so what is due at a step is in the order of (longest delay
/// first, population, cell, row).
pub(super) struct Calendar<R> {
    /// Of the near future: the rows due at step n are in `near[n % near.len()]`.
    near: Vec<Vec<R>>,
    /// What is further away than that.
    far: BTreeMap<Step, Vec<R>>,
    /// The next step to be delivered.
    now: Step,
    /// Rows of the present step, if some came from afar.
    merged: Vec<R>,
}

impl<R: Clone> Calendar<R> {
    /// For delays up to `longest` steps; the larger part of a very long delay is spent in a map.
    pub(super) fn new(longest: u64, epoch_steps: u64) -> Calendar<R> {
        const MAX_NEAR: u64 = 4096;
        let n_near = (longest + epoch_steps + 1).clamp(1, MAX_NEAR).next_power_of_two();
        Calendar {
            near: vec![Vec::new(); n_near as usize],
            far: BTreeMap::new(),
            now: Step(0),
            merged: Vec::new(),
        }
    }

    /// Forgets everything and goes to a step.
    pub(super) fn reset(&mut self, now: Step) {
        self.near.iter_mut().for_each(Vec::clear);
        self.far.clear();
        self.now = now;
    }

    /// Enters a row that is due at a step. What was due before the present step is left out.
    pub(super) fn push(&mut self, due: Step, row: R) {
        let n_near = self.near.len() as u64;
        if due < self.now {
        } else if due.0 - self.now.0 < n_near {
            self.near[(due.0 & (n_near - 1)) as usize].push(row);
        } else {
            self.far.entry(due).or_default().push(row);
        }
    }

    /// All that is due, by time, and at each time in the order in which it must be added.
    pub(super) fn entries(&self) -> Vec<(Step, R)> {
        let n_near = self.near.len() as u64;
        let mut entries = Vec::new();
        let mut add = |due: Step, rows: &[R]| entries.extend(rows.iter().map(|row| (due, row.clone())));
        for due in (0..n_near).map(|n| self.now.after(n)) {
            if let Some(far) = self.far.get(&due) {
                add(due, far);
            }
            add(due, &self.near[(due.0 & (n_near - 1)) as usize]);
        }
        let beyond = self.far.range(self.now.after(n_near)..);
        beyond.for_each(|(&due, rows)| add(due, rows));
        entries
    }

    /// What is due at the present step; afterwards the next step is present.
    pub(super) fn take(&mut self) -> &mut Vec<R> {
        let n_near = self.near.len() as u64;
        let near = &mut self.near[(self.now.0 & (n_near - 1)) as usize];
        let far = self.far.remove(&self.now);
        self.now = self.now.after(1);
        let Some(far) = far else { return near };
        // Rows from afar were entered before all others: their spikes are older.
        self.merged = far;
        self.merged.append(near);
        &mut self.merged
    }
}

impl Calendar<Row> {
    /// Enters what a spike will bring.
    pub(super) fn enter(&mut self, spike: &Spike, synapses: &Synapses) {
        synapses.rows_of(spike.population, spike.cell.0, |delay, row| {
            self.push(spike.step.after(u64::from(delay)), row);
        });
    }
}
