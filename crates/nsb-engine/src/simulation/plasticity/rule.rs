//! The state of one rule in a domain, and what it does at each event.
//!
//! Synapses, rows or cells are put side by side on a *workbench*, some hundred at a time, and the program of the event
//! runs over them. What happens to a synapse depends on its own variables, its row and its target cell only, so it
//! does not matter which others lie beside it.

use std::ops::Range;

use nsb_kernels::{Columns, LANES, Scratch};
use nsb_lang::program::{ColumnId, PhaseKind};
use nsb_lang::rule::{Event, Transmits};

use super::machine::{RuleMachine, Stage};
use super::targets::{Targets, no_draws};
use super::{Now, Weights};
use crate::index::Step;
use crate::plan::{Edits, Incoming, PlasticSynapses};

/// So many lanes lie on a workbench: its columns then fit the L1 or L2 cache.
const BENCH: usize = 8 * LANES;

/// The variables of a rule.
pub(in crate::simulation) struct RuleState {
    /// Further variables of synapses, each a list over all synapses.
    synapse: Vec<Vec<f64>>,
    /// When the variables of each synapse were last brought up to date, if they change by themselves.
    synapse_at: Vec<u64>,
    /// Variables of rows, each a list over all rows.
    source: Vec<Vec<f64>>,
    source_at: Vec<u64>,
    /// What further variables of a synapse, and variables of a row, are when it is born.
    initial: (Vec<f64>, Vec<f64>),
    pub(super) targets: Option<Targets>,
    bench: Columns,
    /// By the number of the event.
    scratch: Vec<Option<Scratch>>,
    /// Of the rows that have just arrived: the factors by which their weights are multiplied.
    factors: Vec<f64>,
}

/// The variables of one row.
pub(in crate::simulation) struct RowVariables {
    values: Vec<f64>,
    /// When they were last brought up to date, if they change by themselves.
    at: Option<u64>,
}

/// Which synapses an event acts on.
#[derive(Clone, Copy)]
enum Chosen<'s> {
    /// Those of a row, from a position on.
    Row { row: u32, first: usize, len: usize },
    /// Some of those that end on a cell.
    Cell { cell: u32, incoming: &'s [Incoming] },
}

impl Chosen<'_> {
    fn len(self) -> usize {
        match self {
            Chosen::Row { len, .. } => len,
            Chosen::Cell { incoming, .. } => incoming.len(),
        }
    }
}

impl RuleState {
    pub(super) fn new(machine: &RuleMachine, store: &PlasticSynapses) -> RuleState {
        let layout = &machine.layout;
        let targets = machine.targets.as_ref();
        let targets = targets.map(|targets| Targets::new(targets, store.cells().len()));
        let mut state = RuleState {
            synapse: Vec::new(),
            synapse_at: Vec::new(),
            source: Vec::new(),
            source_at: Vec::new(),
            initial: (Vec::new(), Vec::new()),
            targets,
            bench: Columns::new(layout.count, BENCH),
            scratch: machine.scratch(),
            factors: Vec::new(),
        };
        if let Some(stage) = machine.stage(Event::Initial) {
            state.run(stage, 1);
        }
        let initial = |column: &ColumnId| state.bench.column(*column)[0];
        let of_synapse: Vec<f64> = layout.synapse[1..].iter().map(initial).collect();
        let of_row: Vec<f64> = layout.source.iter().map(initial).collect();
        state.synapse = of_synapse.iter().map(|&value| vec![value; store.len()]).collect();
        state.source = of_row.iter().map(|&value| vec![value; store.n_rows()]).collect();
        state.initial = (of_synapse, of_row);
        if machine.stage(Event::SynapsePassing).is_some() {
            state.synapse_at = vec![0; store.len()];
        }
        if machine.stage(Event::SourcePassing).is_some() {
            state.source_at = vec![0; store.n_rows()];
        }
        state
    }

    /// The variables of a row.
    pub(in crate::simulation) fn of_row(&self, row: u32) -> RowVariables {
        let row = row as usize;
        RowVariables {
            values: self.source.iter().map(|list| list[row]).collect(),
            at: self.source_at.get(row).copied(),
        }
    }

    /// Brings variables along to a new store. For each row, `origins` says which it was before; `inherited` has those
    /// of new rows that other domains have already.
    pub(in crate::simulation) fn rewire<'r>(
        &mut self,
        machine: &RuleMachine,
        edits: &Edits,
        origins: &[Option<u32>],
        inherited: impl Iterator<Item = (u32, &'r RowVariables)>,
        now: Step,
    ) {
        let (of_synapse, of_row) = &self.initial;
        for (list, &value) in self.synapse.iter_mut().zip(of_synapse) {
            *list = edits.splice(list, |_| value);
        }
        if machine.stage(Event::SynapsePassing).is_some() {
            self.synapse_at = edits.splice(&self.synapse_at, |_| now.0);
        }
        for (list, &value) in self.source.iter_mut().zip(of_row) {
            *list = origins
                .iter()
                .map(|row| row.map_or(value, |row| list[row as usize]))
                .collect();
        }
        if machine.stage(Event::SourcePassing).is_some() {
            let at = |row: &Option<u32>| row.map_or(now.0, |row| self.source_at[row as usize]);
            self.source_at = origins.iter().map(at).collect();
        }
        for (row, variables) in inherited {
            for (list, &value) in self.source.iter_mut().zip(&variables.values) {
                list[row as usize] = value;
            }
            if let Some(at) = variables.at {
                self.source_at[row as usize] = at;
            }
        }
    }

    /// Whether all variables of target cells are finite.
    pub(super) fn is_finite(&self, machine: &RuleMachine) -> bool {
        let (Some(targets), Some(machine)) = (&self.targets, &machine.targets) else {
            return true;
        };
        let finite = |&column: &ColumnId| targets.columns.column(column).iter().all(|value| value.is_finite());
        machine.states.iter().all(finite)
    }

    /// Sizes of weights as they are now, where they change by themselves. Nothing else is brought up to date, so that it
    /// makes no difference who asks and when.
    pub(super) fn weights_now(&mut self, machine: &RuleMachine, now: Now, weights: &mut [f64]) {
        let weight = machine.layout.weight();
        let Some(passing) = machine.stage(Event::SynapsePassing) else {
            return;
        };
        if !passing.writes(weight) || !now.learns {
            return;
        }
        for first in (0..weights.len()).step_by(BENCH) {
            let len = BENCH.min(weights.len() - first);
            self.bench.set_len(len);
            let chosen = Chosen::Row { row: 0, first, len };
            self.load_synapses(machine, passing, chosen, now, weights);
            weights[first..][..len].copy_from_slice(self.bench.column(weight));
        }
    }

    /// Brings the variables of rows that arrive up to date.
    pub(super) fn arrive(&mut self, machine: &RuleMachine, rows: &[u32], now: Now) {
        let layout = &machine.layout;
        self.factors.clear();
        let passing = machine.stage(Event::SourcePassing);
        let transmit = match machine.transmits {
            Transmits::BySource => machine.stage(Event::Transmit),
            _ => None,
        };
        if passing.is_none() && transmit.is_none() {
            return;
        }
        for rows in rows.chunks(BENCH) {
            self.load_rows(machine, rows.iter().copied(), now, passing);
            if passing.is_some() {
                self.store_rows(machine, rows);
                rows.iter().for_each(|&row| self.source_at[row as usize] = now.step.0);
            }
            if let Some(stage) = transmit {
                self.run(stage, rows.len());
                self.factors.extend_from_slice(self.bench.column(layout.transmitted));
            }
        }
    }

    /// What a row that arrives does to those of its synapses that lie in `range`. `n` is its number among those that
    /// arrive; `factors` are multiplied
    /// by what the rule transmits.
    pub(super) fn pre(
        &mut self,
        machine: &RuleMachine,
        store: &PlasticSynapses,
        (n, row, range): (usize, u32, Range<usize>),
        now: Now,
        weights: &mut Weights,
        factors: &mut [f64],
    ) {
        if let Some(factor) = self.factors.get(n) {
            factors.iter_mut().for_each(|all| *all *= factor);
        }
        let Some(stage) = machine.stage(Event::Pre) else { return };
        // Where nothing may be learned and nothing else changes, there is nothing to do.
        if !now.learns && self.synapse.is_empty() && machine.transmits != Transmits::BySynapse {
            return;
        }
        for first in range.clone().step_by(BENCH) {
            let len = BENCH.min(range.end - first);
            let chosen = Chosen::Row { row, first, len };
            self.act(machine, stage, store, chosen, now, weights);
            if machine.transmits == Transmits::BySynapse {
                let factors = &mut factors[first - range.start..][..len];
                let transmitted = self.bench.column(machine.layout.transmitted);
                factors.iter_mut().zip(transmitted).for_each(|(all, own)| *all *= own);
            }
        }
    }

    /// What an event of a target cell does to the synapses that end there.
    pub(super) fn on_cell(
        &mut self,
        machine: &RuleMachine,
        event: Event,
        store: &PlasticSynapses,
        cell: u32,
        now: Now,
        weights: &mut Weights,
    ) {
        let Some(stage) = machine.stage(event) else { return };
        if !now.learns && self.synapse.is_empty() {
            return;
        }
        for incoming in store.incoming(cell).chunks(BENCH) {
            let chosen = Chosen::Cell { cell, incoming };
            self.act(machine, stage, store, chosen, now, weights);
        }
    }

    /// The cells on which an update acts now.
    pub(super) fn updated(&mut self, machine: &RuleMachine, now: Now, n_cells: usize, cells: &mut Vec<u32>) {
        cells.clear();
        if machine.stage(Event::Update).is_none() && machine.stage(Event::AfterUpdate).is_none()
            || !now.step.0.is_multiple_of(machine.update_steps)
        {
            return;
        }
        let Some(stage) = machine.stage(Event::Where) else {
            cells.extend(0..n_cells as u32);
            return;
        };
        for first in (0..n_cells).step_by(BENCH) {
            let len = BENCH.min(n_cells - first);
            self.load_cells(machine, stage, len, now, |n| first + n);
            self.run(stage, len);
            let holds = self.bench.column(machine.layout.holds).iter().enumerate();
            cells.extend(
                holds
                    .filter(|(_, holds)| **holds != 0.0)
                    .map(|(n, _)| (first + n) as u32),
            );
        }
    }

    /// Changes the variables of rows that have arrived.
    pub(super) fn after_pre(&mut self, machine: &RuleMachine, rows: &[u32], now: Now) {
        let Some(stage) = machine.stage(Event::AfterPre) else {
            return;
        };
        for rows in rows.chunks(BENCH) {
            self.load_rows(machine, rows.iter().copied(), now, None);
            self.run(stage, rows.len());
            self.store_rows(machine, rows);
        }
    }

    /// Changes the variables of target cells.
    pub(super) fn after(&mut self, machine: &RuleMachine, event: Event, cells: &[u32], now: Now) {
        let Some(stage) = machine.stage(event) else { return };
        for cells in cells.chunks(BENCH) {
            self.load_cells(machine, stage, cells.len(), now, |n| cells[n] as usize);
            self.run(stage, cells.len());
            let (Some(targets), Some(target_machine)) = (&mut self.targets, &machine.targets) else {
                return;
            };
            for (&from, &to) in machine.layout.target.iter().zip(&target_machine.states) {
                if stage.writes(from) {
                    let to = targets.columns.column_mut(to);
                    let values = self.bench.column(from);
                    cells
                        .iter()
                        .zip(values)
                        .for_each(|(&cell, &value)| to[cell as usize] = value);
                }
            }
        }
    }

    /// Puts synapses on the bench, runs a program, and takes back what it has changed.
    fn act(
        &mut self,
        machine: &RuleMachine,
        stage: &Stage,
        store: &PlasticSynapses,
        chosen: Chosen<'_>,
        now: Now,
        weights: &mut Weights,
    ) {
        self.load_source(machine, stage, chosen, now);
        self.load_synapses(machine, stage, chosen, now, &weights.sizes);
        self.load_targets(machine, stage, store, chosen);
        self.load_event(machine, stage, now);
        self.run(stage, chosen.len());
        let passes = machine.stage(Event::SynapsePassing);
        let written = |column| stage.writes(column) || passes.is_some_and(|passing| passing.writes(column));
        let weight = machine.layout.weight();
        if now.learns && written(weight) {
            let values = self.bench.column(weight);
            weights.take(chosen, values);
        }
        for (list, &column) in self.synapse.iter_mut().zip(&machine.layout.synapse[1..]) {
            if written(column) {
                scatter(chosen, self.bench.column(column), list);
            }
        }
        if passes.is_some() {
            match chosen {
                Chosen::Row { first, len, .. } => self.synapse_at[first..][..len].fill(now.step.0),
                Chosen::Cell { incoming, .. } => incoming
                    .iter()
                    .for_each(|synapse| self.synapse_at[synapse.position as usize] = now.step.0),
            }
        }
    }

    /// Variables of the sources of synapses.
    fn load_source(&mut self, machine: &RuleMachine, stage: &Stage, chosen: Chosen<'_>, now: Now) {
        let layout = &machine.layout;
        self.bench.set_len(chosen.len());
        if !layout.source.iter().any(|&column| stage.reads(column)) {
            return;
        }
        match chosen {
            // Up to date since it has arrived.
            Chosen::Row { row, .. } => {
                for (list, &column) in self.source.iter().zip(&layout.source) {
                    self.bench.column_mut(column).fill(list[row as usize]);
                }
            }
            Chosen::Cell { incoming, .. } => {
                let passing = machine.stage(Event::SourcePassing);
                let rows = incoming.iter().map(|synapse| synapse.row);
                self.load_rows(machine, rows, now, passing);
            }
        }
    }

    /// The variables of synapses, as of now.
    fn load_synapses(&mut self, machine: &RuleMachine, stage: &Stage, chosen: Chosen<'_>, now: Now, weights: &[f64]) {
        let layout = &machine.layout;
        let passing = machine.stage(Event::SynapsePassing);
        let needed = |column| stage.reads(column) || passing.is_some_and(|passing| passing.reads(column));
        if needed(layout.weight()) || passing.is_some() {
            gather(chosen, weights, self.bench.column_mut(layout.weight()));
        }
        for (list, &column) in self.synapse.iter().zip(&layout.synapse[1..]) {
            gather(chosen, list, self.bench.column_mut(column));
        }
        let Some(passing) = passing else { return };
        let elapsed = self.bench.column_mut(layout.elapsed);
        let since = |at: u64| (now.step.0 - at) as f64 * now.dt_ms;
        match chosen {
            Chosen::Row { first, len, .. } => {
                let at = &self.synapse_at[first..][..len];
                elapsed
                    .iter_mut()
                    .zip(at)
                    .for_each(|(elapsed, &at)| *elapsed = since(at));
            }
            Chosen::Cell { incoming, .. } => {
                let lanes = elapsed.iter_mut().zip(incoming);
                lanes.for_each(|(elapsed, synapse)| *elapsed = since(self.synapse_at[synapse.position as usize]));
            }
        }
        self.run(passing, chosen.len());
    }

    /// Variables of the target cells of synapses.
    fn load_targets(&mut self, machine: &RuleMachine, stage: &Stage, store: &PlasticSynapses, chosen: Chosen<'_>) {
        match chosen {
            Chosen::Row { first, len, .. } => {
                let targets = &store.targets()[first..][..len];
                self.load_target_columns(machine, stage, |from, to| {
                    to.iter_mut()
                        .zip(targets)
                        .for_each(|(to, &cell)| *to = from[usize::from(cell)]);
                });
            }
            Chosen::Cell { cell, .. } => {
                self.load_target_columns(machine, stage, |from, to| to.fill(from[cell as usize]));
            }
        }
    }

    /// Puts cells on the bench.
    fn load_cells(
        &mut self,
        machine: &RuleMachine,
        stage: &Stage,
        len: usize,
        now: Now,
        cell: impl Fn(usize) -> usize,
    ) {
        self.bench.set_len(len);
        self.load_target_columns(machine, stage, |from, to| {
            to.iter_mut().enumerate().for_each(|(n, to)| *to = from[cell(n)]);
        });
        self.load_event(machine, stage, now);
    }

    /// What belongs to the event and not to a synapse.
    fn load_event(&mut self, machine: &RuleMachine, stage: &Stage, now: Now) {
        let interval = machine.update_steps as f64 * now.dt_ms;
        for (column, value) in [(machine.layout.interval, interval), (machine.layout.reward, now.reward)] {
            if stage.reads(column) {
                self.bench.column_mut(column).fill(value);
            }
        }
    }

    /// Copies what a program reads of target cells, column by column.
    fn load_target_columns(&mut self, machine: &RuleMachine, stage: &Stage, copy: impl Fn(&[f64], &mut [f64])) {
        let (Some(targets), Some(target_machine)) = (&self.targets, &machine.targets) else {
            return;
        };
        let states = machine.layout.target.iter().zip(&target_machine.states);
        let reads = machine.layout.reads.iter().zip(&target_machine.inputs);
        for (&to, &from) in states.chain(reads) {
            // What is written conditionally is read, too.
            if stage.reads(to) || stage.writes(to) {
                copy(targets.columns.column(from), self.bench.column_mut(to));
            }
        }
    }

    /// Puts rows on the bench, and brings their variables up to date if a program for that is given.
    fn load_rows(
        &mut self,
        machine: &RuleMachine,
        rows: impl ExactSizeIterator<Item = u32> + Clone,
        now: Now,
        passing: Option<&Stage>,
    ) {
        let len = rows.len();
        self.bench.set_len(len);
        for (list, &column) in self.source.iter().zip(&machine.layout.source) {
            let lanes = self.bench.column_mut(column).iter_mut();
            lanes.zip(rows.clone()).for_each(|(to, row)| *to = list[row as usize]);
        }
        let Some(passing) = passing else { return };
        let lanes = self.bench.column_mut(machine.layout.elapsed).iter_mut();
        let since = |at: u64| (now.step.0 - at) as f64 * now.dt_ms;
        lanes
            .zip(rows)
            .for_each(|(elapsed, row)| *elapsed = since(self.source_at[row as usize]));
        self.run(passing, len);
    }

    /// Takes the variables of rows from the bench.
    fn store_rows(&mut self, machine: &RuleMachine, rows: &[u32]) {
        for (list, &column) in self.source.iter_mut().zip(&machine.layout.source) {
            let values = self.bench.column(column);
            rows.iter()
                .zip(values)
                .for_each(|(&row, &value)| list[row as usize] = value);
        }
    }

    fn run(&mut self, stage: &Stage, len: usize) {
        self.bench.set_len(len);
        let RuleState { bench, scratch, .. } = self;
        let scratch = scratch[stage.event as usize].as_mut();
        let scratch = scratch.expect("each stage has working memory");
        stage.kernel.run(PhaseKind::Step, bench, no_draws(), scratch);
    }
}

fn gather(chosen: Chosen<'_>, from: &[f64], to: &mut [f64]) {
    match chosen {
        Chosen::Row { first, len, .. } => to.copy_from_slice(&from[first..][..len]),
        Chosen::Cell { incoming, .. } => {
            let lanes = to.iter_mut().zip(incoming);
            lanes.for_each(|(to, synapse)| *to = from[synapse.position as usize]);
        }
    }
}

fn scatter(chosen: Chosen<'_>, from: &[f64], to: &mut [f64]) {
    match chosen {
        Chosen::Row { first, len, .. } => to[first..][..len].copy_from_slice(from),
        Chosen::Cell { incoming, .. } => {
            let lanes = from.iter().zip(incoming);
            lanes.for_each(|(&from, synapse)| to[synapse.position as usize] = from);
        }
    }
}

impl Weights {
    fn take(&mut self, chosen: Chosen<'_>, values: &[f64]) {
        let (mut rose, mut fell) = (false, false);
        let mut take = |weight: &mut f64, value: f64| {
            rose |= value > *weight;
            fell |= value < *weight;
            *weight = value;
        };
        match chosen {
            Chosen::Row { first, len, .. } => {
                let weights = self.sizes[first..][..len].iter_mut();
                weights.zip(values).for_each(|(weight, &value)| take(weight, value));
            }
            Chosen::Cell { incoming, .. } => {
                let synapses = incoming.iter().zip(values);
                synapses.for_each(|(synapse, &value)| take(&mut self.sizes[synapse.position as usize], value));
            }
        }
        self.moved.rose |= rose;
        self.moved.fell |= fell;
        // A sum is finite only if all of it is, and is quick to make.
        self.moved.finite &= (values.iter().sum::<f64>() * 0.0) == 0.0;
    }
}
