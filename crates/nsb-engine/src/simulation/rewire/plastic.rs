//! What a part of a plastic projection brings along: weights, variables, and rows that are under way.

use std::ops::Range;

use super::super::calendar::Calendar;
use super::super::plasticity::{Plastic, PlasticMachine, RowVariables};
use crate::index::Step;
use crate::plan::{Edits, Plan, PlasticSynapses};

/// A new row that another domain has already.
pub(super) struct Inherited {
    /// In the new store.
    pub(super) row: u32,
    pub(super) variables: OfRow,
}

/// What a row has.
pub(super) struct OfRow {
    /// Of each rule.
    rules: Vec<RowVariables>,
    /// When spikes arrive that are under way: steps.
    due: Vec<u64>,
}

/// A row that is under way and in which something has been born or has died since: which of its synapses it reaches.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::simulation) struct Partial {
    pub(in crate::simulation) row: u32,
    /// Positions in the store, ascending.
    pub(in crate::simulation) pieces: Vec<Range<u32>>,
}

/// Rows that are under way and do not reach all of their synapses. A calendar names them by numbers that no row has:
/// the first has the number of rows of the store.
#[derive(Debug, Default)]
pub(in crate::simulation) struct Partials(Vec<Partial>);

impl Partials {
    /// What an entry of the calendar means, if it is not simply a row.
    pub(in crate::simulation) fn get(&self, entry: u32, store: &PlasticSynapses) -> Option<&Partial> {
        self.0.get((entry as usize).checked_sub(store.n_rows())?)
    }

    /// The entry of a row that reaches only some of its synapses.
    fn add(&mut self, partial: Partial, store: &PlasticSynapses) -> u32 {
        self.0.push(partial);
        (store.n_rows() + self.0.len() - 1) as u32
    }
}

impl Plastic {
    /// What a row has: asked for before anything changes.
    pub(super) fn of_row(&self, plan: &Plan, row: u32) -> OfRow {
        let store = self.store(plan);
        let mine = |entry: u32| self.partials.get(entry, store).map_or(entry, |partial| partial.row) == row;
        let entries = self.calendar.entries().into_iter();
        OfRow {
            rules: self.rules.iter().map(|rule| rule.of_row(row)).collect(),
            due: entries.filter(|(_, entry)| mine(*entry)).map(|(due, _)| due).collect(),
        }
    }

    /// Brings everything along to a new store. For each row of it, `origins` says which it was before.
    pub(super) fn rewire(
        &mut self,
        plan: &Plan,
        machine: &PlasticMachine,
        (new, origins, edits): (&PlasticSynapses, &[Option<u32>], &Edits),
        inherited: Vec<Inherited>,
        now: Step,
    ) {
        self.rewire_calendar(plan, (new, origins, edits), &inherited, now);
        self.weights.sizes = edits.splice(&self.weights.sizes, |born| born.weight.abs());
        for (n, (rule, machine)) in self.rules.iter_mut().zip(&machine.rules).enumerate() {
            let rows = inherited.iter().map(|of| (of.row, &of.variables.rules[n]));
            rule.rewire(machine, edits, origins, rows, now);
        }
    }

    fn rewire_calendar(
        &mut self,
        plan: &Plan,
        (new, origins, edits): (&PlasticSynapses, &[Option<u32>], &Edits),
        inherited: &[Inherited],
        now: Step,
    ) {
        let old = self.store(plan);
        let mut becomes = vec![None; old.n_rows()];
        for (row, origin) in (0u32..).zip(origins) {
            if let Some(origin) = origin {
                becomes[*origin as usize] = Some(row);
            }
        }
        let mut calendar = Calendar::new(plan.longest_delay() + plan.epoch_steps());
        calendar.reset(now.0);
        let mut partials = Partials::default();
        let mut enter = |due: u64, row: u32, pieces: Vec<Range<u32>>| {
            let whole = new.row(row);
            let is_whole =
                matches!(&pieces[..], [one] if one.start as usize == whole.start && one.end as usize == whole.end);
            let entry = if is_whole {
                row
            } else {
                partials.add(Partial { row, pieces }, new)
            };
            calendar.push(due, entry);
        };
        for (due, entry) in self.calendar.entries() {
            let partial = self.partials.get(entry, old);
            let row = partial.map_or(entry, |partial| partial.row);
            // A row without synapses is gone, with all that is under way.
            let Some(row_now) = becomes[row as usize] else { continue };
            let mut pieces = Vec::new();
            match partial {
                Some(partial) => {
                    let ranges = partial.pieces.iter().cloned();
                    ranges.for_each(|range| edits.pieces(range, |piece| pieces.push(piece)));
                }
                None => {
                    let whole = old.row(row);
                    edits.pieces(whole.start as u32..whole.end as u32, |piece| pieces.push(piece));
                }
            }
            enter(due, row_now, pieces);
        }
        for Inherited { row, variables } in inherited {
            variables.due.iter().for_each(|&due| enter(due, *row, Vec::new()));
        }
        self.calendar = calendar;
        self.partials = partials;
    }
}
