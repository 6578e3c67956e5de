//! What is due when: rows of synapses on their way to the cells of a domain.

use std::collections::BTreeMap;

/// The rows that arrive at each of the coming dates, in the order in which they must be added. A date is the number of a
/// step, or of a window of steps.
///
/// Spikes are entered in order of (step, population, cell), so what is due at a step is in the order of (longest delay
/// first, population, cell, row).
pub(super) struct Calendar<R> {
    /// Of the near future: the rows due at date n are in `near[n % near.len()]`.
    near: Vec<Vec<R>>,
    /// What is further away than that.
    far: BTreeMap<u64, Vec<R>>,
    /// The next date to be delivered.
    now: u64,
    /// Rows of the present date, if some came from afar.
    merged: Vec<R>,
}

impl<R: Clone> Calendar<R> {
    /// For rows due up to `longest` dates ahead; those of a very long delay wait in a map for most of it.
    pub(super) fn new(longest: u64) -> Calendar<R> {
        const MAX_NEAR: u64 = 4096;
        let n_near = (longest + 1).clamp(1, MAX_NEAR).next_power_of_two();
        Calendar {
            near: vec![Vec::new(); n_near as usize],
            far: BTreeMap::new(),
            now: 0,
            merged: Vec::new(),
        }
    }

    /// Forgets everything and goes to a date.
    pub(super) fn reset(&mut self, now: u64) {
        self.near.iter_mut().for_each(Vec::clear);
        self.far.clear();
        self.now = now;
    }

    /// The next date to be taken.
    pub(super) fn now(&self) -> u64 {
        self.now
    }

    /// Enters a row. What was due before the present date is left out.
    pub(super) fn push(&mut self, due: u64, row: R) {
        let n_near = self.near.len() as u64;
        if due < self.now {
        } else if due - self.now < n_near {
            self.near[(due & (n_near - 1)) as usize].push(row);
        } else {
            self.far.entry(due).or_default().push(row);
        }
    }

    /// All that is due, by date, and at each date in the order in which it must be added.
    pub(super) fn entries(&self) -> Vec<(u64, R)> {
        let n_near = self.near.len() as u64;
        let mut entries = Vec::new();
        let mut add = |due: u64, rows: &[R]| entries.extend(rows.iter().map(|row| (due, row.clone())));
        for due in (0..n_near).map(|n| self.now + n) {
            if let Some(far) = self.far.get(&due) {
                add(due, far);
            }
            add(due, &self.near[(due & (n_near - 1)) as usize]);
        }
        let beyond = self.far.range(self.now + n_near..);
        beyond.for_each(|(&due, rows)| add(due, rows));
        entries
    }

    /// What is due at the present date; afterwards the next date is present.
    pub(super) fn take(&mut self) -> &mut Vec<R> {
        let n_near = self.near.len() as u64;
        let near = &mut self.near[(self.now & (n_near - 1)) as usize];
        let far = self.far.remove(&self.now);
        self.now += 1;
        let Some(far) = far else { return near };
        // Rows from afar were entered before all others: their spikes are older.
        self.merged = far;
        self.merged.append(near);
        &mut self.merged
    }
}
