//! Synapses without a network: one rule, given times of spikes, in the order that the rule prescribes.

use std::collections::BTreeMap;
use std::sync::Arc;

use nsb_kernels::{Catalogue, Columns, Draws, Executor, Kernel, Scratch, Simd};
use nsb_lang::program::{ColumnId, PhaseKind};
use nsb_lang::{Event, Model, Program, Quantity, Rule, Transmits};

/// One source, one target and `n` synapses between them that differ in nothing but what is written into them.
pub(crate) struct Bench {
    pub(crate) rule: Rule,
    pub(crate) columns: Columns,
    programs: BTreeMap<Event, (Box<dyn Kernel>, Scratch)>,
    targets: Option<Targets>,
    dt: f64,
    /// When the variables of sources and synapses were last computed, ms.
    now: f64,
}

/// The variables of targets, which go in steps.
struct Targets {
    program: Program,
    kernel: Box<dyn Kernel>,
    scratch: Scratch,
    columns: Columns,
}

/// The built-in model of that name.
pub(crate) fn builtin(name: &str) -> Arc<Model> {
    let catalogue = Catalogue::builtin();
    Arc::clone(catalogue.get(name).unwrap_or_else(|| panic!("no model {name}")))
}

impl Bench {
    /// Parameters by name and quantity; one in the unit `weight` takes a plain number of it: `("w_max", "1 weight")`.
    pub(crate) fn new(model: &Model, dt: f64, synapses: usize, parameters: &[(&str, &str)]) -> Bench {
        let given: Vec<(String, f64)> = parameters
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Quantity::parse(text).unwrap().engine()))
            .collect();
        Bench::with_values(model, dt, synapses, &given)
    }

    /// The parameters of a preset, and others in engine units.
    pub(crate) fn preset(model: &Model, preset: &str, dt: f64, others: &[(&str, f64)]) -> Bench {
        let mut values = model.preset(preset).unwrap().values.clone();
        values.extend(others.iter().map(|(name, value)| ((*name).to_owned(), *value)));
        Bench::with_values(model, dt, 1, &values)
    }

    fn with_values(model: &Model, dt: f64, synapses: usize, given: &[(String, f64)]) -> Bench {
        let rule = Rule::new(model).unwrap_or_else(|findings| panic!("{findings}"));
        Bench::with_rule(rule, dt, synapses, given)
    }

    /// Parameters in engine units.
    pub(crate) fn with_rule(rule: Rule, dt: f64, synapses: usize, given: &[(String, f64)]) -> Bench {
        for (name, _) in given {
            assert!(rule.parameters().iter().any(|p| p.name == *name), "no parameter {name}");
        }
        let value = |name: &str| given.iter().rev().find(|(n, _)| n == name).map(|(_, value)| *value);
        let parameters: Vec<f64> = rule
            .parameters()
            .iter()
            .map(|p| value(&p.name).unwrap_or(p.default))
            .collect();
        let workbench = rule.workbench().clone();
        let uniform: Vec<(ColumnId, f64)> = parameters
            .iter()
            .enumerate()
            .map(|(n, &value)| (workbench.parameter(n), value))
            .collect();
        let mut programs = BTreeMap::new();
        for event in Event::ALL {
            if let Some(program) = rule.program(event) {
                let (special, kernel) =
                    Executor::Interpreter.prepare(program, dt, &uniform, nsb_kernels::Float::Double, Simd::best());
                assert_eq!(
                    special.columns().len(),
                    workbench.count(),
                    "{event:?} needs a column of its own"
                );
                let scratch = kernel.scratch();
                programs.insert(event, (kernel, scratch));
            }
        }
        let targets = rule.targets().map(|program| {
            let uniform: Vec<(ColumnId, f64)> = rule
                .parameters()
                .iter()
                .zip(&parameters)
                .map(|(p, &value)| (program.column(&p.name).unwrap(), value))
                .collect();
            let (program, kernel) =
                Executor::Interpreter.prepare(program, dt, &uniform, nsb_kernels::Float::Double, Simd::best());
            let mut columns = Columns::new(program.columns().len(), synapses);
            let mut scratch = kernel.scratch();
            kernel.run(PhaseKind::Init, &mut columns, Draws::default(), &mut scratch);
            Targets {
                program,
                kernel,
                scratch,
                columns,
            }
        });
        let columns = Columns::new(workbench.count(), synapses);
        let mut bench = Bench {
            rule,
            columns,
            programs,
            targets,
            dt,
            now: 0.0,
        };
        bench.run(Event::Initial);
        bench.show_targets();
        bench
    }

    /// Runs the program of an event, if there is one.
    pub(crate) fn run(&mut self, event: Event) {
        if let Some((kernel, scratch)) = self.programs.get_mut(&event) {
            kernel.run(PhaseKind::Step, &mut self.columns, Draws::default(), scratch);
        }
    }

    fn column(&self, name: &str) -> ColumnId {
        let workbench = self.rule.workbench();
        let among = |list: &[nsb_lang::rule::Variable]| list.iter().position(|v| v.name == name);
        let found = among(self.rule.synapse()).map(|n| workbench.synapse(n));
        let found = found.or_else(|| among(self.rule.source()).map(|n| workbench.source(n)));
        let found = found.or_else(|| among(self.rule.target()).map(|n| workbench.target(n)));
        let found = found.or_else(|| among(self.rule.reads()).map(|n| workbench.read(n)));
        found.unwrap_or_else(|| panic!("no variable {name}"))
    }

    /// A variable of the first synapse, or of its source or target.
    pub(crate) fn get(&self, name: &str) -> f64 {
        self.columns.column(self.column(name))[0]
    }

    /// A variable of all synapses.
    pub(crate) fn all(&self, name: &str) -> &[f64] {
        self.columns.column(self.column(name))
    }

    /// Sets a variable of all synapses, or what is read of the neuron.
    pub(crate) fn set(&mut self, name: &str, value: f64) {
        let column = self.column(name);
        self.columns.column_mut(column).fill(value);
        self.keep_targets();
    }

    /// Sets a variable synapse by synapse.
    pub(crate) fn set_each(&mut self, name: &str, values: &[f64]) {
        let column = self.column(name);
        self.columns.column_mut(column).copy_from_slice(values);
    }

    /// Brings variables of sources and synapses to a time, ms.
    pub(crate) fn pass(&mut self, time: f64) {
        let elapsed = self.rule.workbench().elapsed();
        self.columns.column_mut(elapsed).fill(time - self.now);
        self.now = time;
        self.run(Event::SourcePassing);
        self.run(Event::SynapsePassing);
    }

    /// One step of the variables of targets.
    pub(crate) fn step_targets(&mut self) {
        let Some(targets) = &mut self.targets else { return };
        for (n, read) in self.rule.reads().iter().enumerate() {
            let to = targets.program.column(&read.name).unwrap();
            let from = self.columns.column(self.rule.workbench().read(n));
            targets.columns.column_mut(to).copy_from_slice(from);
        }
        targets.kernel.run(
            PhaseKind::Step,
            &mut targets.columns,
            Draws::default(),
            &mut targets.scratch,
        );
        self.show_targets();
    }

    /// Steps of the variables of targets until a time, ms.
    pub(crate) fn step_targets_for(&mut self, duration: f64) {
        for _ in 0..(duration / self.dt).round() as usize {
            self.step_targets();
        }
    }

    fn show_targets(&mut self) {
        let Some(targets) = &self.targets else { return };
        for n in 0..self.rule.target().len() {
            let to = self.rule.workbench().target(n);
            self.columns
                .column_mut(to)
                .copy_from_slice(targets.columns.column(ColumnId(n as u32)));
        }
    }

    fn keep_targets(&mut self) {
        let Some(targets) = &mut self.targets else { return };
        for n in 0..self.rule.target().len() {
            let from = self.rule.workbench().target(n);
            targets
                .columns
                .column_mut(ColumnId(n as u32))
                .copy_from_slice(self.columns.column(from));
        }
    }

    /// What happens at a grid point: whether a spike arrives and whether the target fires. Returns what an arriving
    /// spike transmits, for each synapse.
    pub(crate) fn spikes(&mut self, pre: bool, post: bool) -> Vec<f64> {
        let workbench = self.rule.workbench().clone();
        let mut transmitted = Vec::new();
        if pre {
            self.columns.column_mut(workbench.transmitted()).fill(1.0);
            self.run(Event::Pre);
            if self.rule.transmits() == Transmits::BySource {
                self.run(Event::Transmit);
            }
            let weights = self.columns.column(workbench.synapse(0));
            let factors = self.columns.column(workbench.transmitted());
            transmitted = weights.iter().zip(factors).map(|(w, factor)| w * factor).collect();
        }
        if post {
            self.run(Event::Post);
        }
        if pre {
            self.run(Event::AfterPre);
        }
        if post {
            self.run(Event::AfterPost);
        }
        self.keep_targets();
        transmitted
    }

    /// A grid point at which each synapse has spikes of its own.
    pub(crate) fn spikes_each(&mut self, pre: &[bool], post: &[bool]) {
        for (event, active) in [
            (Event::Pre, pre),
            (Event::Post, post),
            (Event::AfterPre, pre),
            (Event::AfterPost, post),
        ] {
            let Some(program) = self.rule.program(event) else {
                continue;
            };
            let stored: Vec<ColumnId> = program.phase(PhaseKind::Step).stores.iter().map(|s| s.0).collect();
            let before: Vec<Vec<f64>> = stored.iter().map(|&id| self.columns.column(id).to_vec()).collect();
            self.run(event);
            for (id, before) in stored.into_iter().zip(before) {
                let cells = self.columns.column_mut(id).iter_mut();
                for ((cell, before), _) in cells.zip(before).zip(active).filter(|(_, active)| !**active) {
                    *cell = before;
                }
            }
        }
        self.keep_targets();
    }

    /// A reward to all synapses.
    pub(crate) fn reward(&mut self, amount: f64) {
        let reward = self.rule.workbench().reward();
        self.columns.column_mut(reward).fill(amount);
        self.run(Event::Reward);
        self.run(Event::AfterReward);
        self.keep_targets();
    }

    /// An update after an interval, ms, of the synapses where it acts.
    pub(crate) fn update(&mut self, interval: f64) {
        let workbench = self.rule.workbench().clone();
        self.columns.column_mut(workbench.interval()).fill(interval);
        self.columns.column_mut(workbench.holds()).fill(1.0);
        self.run(Event::Where);
        let before = self.columns.clone();
        self.run(Event::Update);
        self.run(Event::AfterUpdate);
        let holds = self.columns.column(workbench.holds()).to_vec();
        for n in 0..workbench.count() as u32 {
            for (synapse, _) in holds.iter().enumerate().filter(|(_, holds)| **holds == 0.0) {
                self.columns.column_mut(ColumnId(n))[synapse] = before.column(ColumnId(n))[synapse];
            }
        }
        self.keep_targets();
    }

    /// Runs through times of spikes (ms, on the grid of steps) and returns the weight of the first synapse.
    pub(crate) fn play(&mut self, pre: &[f64], post: &[f64]) -> f64 {
        let on_grid = |times: &[f64]| -> Vec<u64> { times.iter().map(|t| (t / self.dt).round() as u64).collect() };
        let (pre, post) = (on_grid(pre), on_grid(post));
        let mut points: Vec<u64> = pre.iter().chain(&post).copied().collect();
        points.sort_unstable();
        points.dedup();
        let mut step = 0;
        for point in points {
            for _ in step..point {
                self.step_targets();
            }
            step = point;
            self.pass(point as f64 * self.dt);
            self.spikes(pre.contains(&point), post.contains(&point));
        }
        self.get("w")
    }
}
