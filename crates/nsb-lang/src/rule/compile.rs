//! From a synapse model to the programs of its events.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Event, Rule, Transmits, Variable, Workbench};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lower::exact::{self, Row};
use crate::lower::frame::{Frame, Into, Layout};
use crate::lower::{Method, Unfit, lower};
use crate::model::check::declarations::fold;
use crate::model::check::scopes::{dependencies, unchanged};
use crate::model::{Change, Expr, Model, State, Symbol, Synapse, System};
use crate::program::{BinaryOp, Builder, ColumnId, Phase, Program, ValueId};
use crate::syntax::{Owner, Trigger};

/// The rule of a model without errors.
pub(super) fn rule(model: &Model, synapse: &Synapse) -> Result<Rule, Diagnostics> {
    let workbench = Workbench::new(model, synapse);
    let system = system(model);
    let transmits = transmits(&system, synapse);
    let compiler = Compiler {
        model,
        synapse,
        system: &system,
        workbench: &workbench,
        transmits,
    };
    let mut programs = BTreeMap::new();
    let mut findings = Diagnostics::default();
    for event in Event::ALL {
        match compiler.program(event) {
            Ok(program) => programs.extend(program.map(|program| (event, program))),
            Err(unfit) => findings.0.extend(unfit.iter().map(|unfit| compiler.explain(unfit))),
        }
    }
    let targets = match compiler.targets().map(|system| lower(&system, Method::Auto)) {
        Some(Ok(program)) => Some(program),
        Some(Err(further)) => {
            findings.0.extend(further.0);
            None
        }
        None => None,
    };
    if findings.has_errors() {
        return Err(findings);
    }
    let variables = |owner: Owner| model.states[synapse.states(owner)].iter().map(variable).collect();
    Ok(Rule {
        name: model.name.clone(),
        parameters: model.parameters.clone(),
        synapse: variables(Owner::Synapse),
        source: variables(Owner::Source),
        target: variables(Owner::Target),
        reads: model
            .inputs
            .iter()
            .map(|read| Variable {
                name: read.name.clone(),
                unit: read.unit.clone(),
                doc: read.doc.clone(),
            })
            .collect(),
        bounds: synapse.bounds.clone(),
        update_every: synapse.update_every.clone(),
        max_dt: model.max_dt,
        changes_weights: changes_weights(model, synapse),
        transmits,
        workbench,
        programs,
        targets,
    })
}

fn variable(state: &State) -> Variable {
    Variable {
        name: state.name.clone(),
        unit: state.unit.clone(),
        doc: state.doc.clone(),
    }
}

/// All variables of the rule as one system; what is read of the neuron is input.
fn system(model: &Model) -> System {
    System {
        name: model.name.clone(),
        method: model.method,
        max_dt: model.max_dt,
        parameters: model.parameters.clone(),
        inputs: model.inputs.clone(),
        states: model.states.clone(),
        derived: model.derived.clone(),
        threshold: None,
        reset: Vec::new(),
        refractory: None,
        receptors: Vec::new(),
        overridden: Vec::new(),
        clamp: None,
        source: Arc::clone(&model.source),
    }
}

fn changes_weights(model: &Model, synapse: &Synapse) -> bool {
    let sets = synapse.statements.iter().any(|s| s.change == Change::State(0));
    sets || model.states[0].derivative != Expr::Constant(0.0)
}

fn transmits(system: &System, synapse: &Synapse) -> Transmits {
    let mut now = unchanged(system.states.len());
    let mut found = Transmits::Unchanged;
    let sources = synapse.states(Owner::Source);
    for statement in synapse.statements(Trigger::Pre) {
        let needs = dependencies(&system.expanded(&statement.value), &now);
        match statement.change {
            Change::State(n) => now[n] = needs,
            Change::Transmit => {
                let shared = needs.iter().all(|symbol| match symbol {
                    Symbol::State(n) => sources.contains(n),
                    symbol => matches!(symbol, Symbol::Parameter(_)),
                });
                found = if shared {
                    Transmits::BySource
                } else {
                    Transmits::BySynapse
                };
            }
        }
    }
    found
}

struct Compiler<'a> {
    model: &'a Model,
    synapse: &'a Synapse,
    system: &'a System,
    workbench: &'a Workbench,
    transmits: Transmits,
}

impl<'a> Compiler<'a> {
    fn program(&self, event: Event) -> Result<Option<Program>, Vec<Unfit>> {
        let by_synapse = self.transmits == Transmits::BySynapse;
        let by_source = self.transmits == Transmits::BySource;
        Ok(match event {
            Event::Pre => self.statements(Trigger::Pre, Some(Owner::Synapse), by_synapse),
            Event::Post => self.statements(Trigger::Post, Some(Owner::Synapse), false),
            Event::Reward => self.statements(Trigger::Reward, Some(Owner::Synapse), false),
            Event::Update => self.statements(Trigger::Update, Some(Owner::Synapse), false),
            Event::Transmit => self.statements(Trigger::Pre, None, by_source),
            Event::AfterPre => self.statements(Trigger::Pre, Some(Owner::Source), false),
            Event::AfterPost => self.statements(Trigger::Post, Some(Owner::Target), false),
            Event::AfterReward => self.statements(Trigger::Reward, Some(Owner::Target), false),
            Event::AfterUpdate => self.statements(Trigger::Update, Some(Owner::Target), false),
            Event::SourcePassing => self.passing(Owner::Source)?,
            Event::SynapsePassing => self.passing(Owner::Synapse)?,
            Event::Where => self.condition(),
            Event::Initial => self.initial(),
        })
    }

    fn frame(&self) -> Frame<'a> {
        let first = |id: ColumnId| id.0 as usize;
        let end = self.workbench.count();
        let layout = Layout {
            parameters: first(self.workbench.parameter(0)),
            inputs: first(self.workbench.read(0)),
            arrivals: end,
            derived: end,
        };
        Frame::laid_out(self.system, self.workbench.columns(self.model), layout)
    }

    /// The states as they are in the columns.
    fn loaded(&self, frame: &mut Frame<'_>) -> Vec<ValueId> {
        (0..self.system.states.len())
            .map(|n| frame.step.load(self.workbench.synapse(n)))
            .collect()
    }

    /// An expression without derived variables; reward and dt are the columns of the event.
    fn prepared(&self, value: &Expr) -> Expr {
        let input = |id: ColumnId| Expr::Symbol(Symbol::Input((id.0 - self.workbench.read(0).0) as usize));
        self.system.expanded(value).substitute(&|symbol| match symbol {
            Symbol::Reward => input(self.workbench.reward()),
            Symbol::Dt => input(self.workbench.interval()),
            other => Expr::Symbol(other),
        })
    }

    fn finish(&self, frame: Frame<'_>) -> Option<Program> {
        let (columns, init, step) = frame.into_parts();
        let (init, step) = (init.finish(), step.finish());
        (!step.stores.is_empty()).then(|| {
            Program::assemble(
                self.model.name.clone(),
                Method::Exact,
                columns,
                init,
                step,
                Phase::default(),
            )
        })
    }

    /// Runs all statements of a trigger, and stores those that set variables of an owner.
    fn statements(&self, trigger: Trigger, owner: Option<Owner>, transmits: bool) -> Option<Program> {
        let mut frame = self.frame();
        let mut states = self.loaded(&mut frame);
        let mut set = vec![false; states.len()];
        let mut transmitted = frame.step.constant(1.0);
        for statement in self.synapse.statements(trigger) {
            let value = self.prepared(&statement.value);
            let value = frame.emit(Into::Step, &states, &value);
            match statement.change {
                Change::State(n) => {
                    states[n] = value;
                    set[n] = true;
                }
                Change::Transmit => transmitted = value,
            }
        }
        if let Some(owner) = owner {
            for n in self.synapse.states(owner).filter(|&n| set[n]) {
                self.store(&mut frame, n, states[n]);
            }
        }
        if transmits {
            frame.step.store(self.workbench.transmitted(), transmitted);
        }
        self.finish(frame)
    }

    /// Stores a state; a weight stays within its bounds, and one that is not a number stays so.
    fn store(&self, frame: &mut Frame<'_>, state: usize, value: ValueId) {
        let mut value = value;
        if state == 0 {
            let low = match &self.synapse.bounds {
                Some((low, _)) => frame.emit(Into::Step, &[], low),
                None => frame.step.constant(0.0),
            };
            value = frame.step.binary(BinaryOp::Max, low, value);
            if let Some((_, high)) = &self.synapse.bounds {
                let high = frame.emit(Into::Step, &[], high);
                value = frame.step.binary(BinaryOp::Min, high, value);
            }
        }
        frame.step.store(self.workbench.synapse(state), value);
    }

    /// The variables of an owner after a time without events.
    fn passing(&self, owner: Owner) -> Result<Option<Program>, Vec<Unfit>> {
        let mut frame = self.frame();
        let mut unfit = Vec::new();
        let states = self.synapse.states(owner);
        let mut rows: Vec<Option<Row>> = (0..self.system.states.len()).map(|_| None).collect();
        for n in states.clone() {
            match exact::row(&frame, n) {
                Ok(row) => rows[n] = Some(row),
                Err(problem) => unfit.push(problem),
            }
        }
        if !unfit.is_empty() {
            return Err(unfit);
        }
        let before = self.loaded(&mut frame);
        let elapsed = frame.step.load(self.workbench.elapsed());
        for n in states {
            // Most weights change at events only.
            if fold(&self.system.states[n].derivative) == Some(0.0) {
                continue;
            }
            match exact::paths(&rows, n) {
                Ok(paths) => {
                    let value = exact::passed(&mut frame, &rows, &paths, &before, elapsed);
                    self.store(&mut frame, n, value);
                }
                Err(problem) => unfit.push(problem),
            }
        }
        if unfit.is_empty() {
            Ok(self.finish(frame))
        } else {
            Err(unfit)
        }
    }

    fn condition(&self) -> Option<Program> {
        let condition = self.prepared(self.synapse.update_where.as_ref()?);
        let mut frame = self.frame();
        let states = self.loaded(&mut frame);
        let value = frame.emit(Into::Step, &states, &condition);
        frame.step.store(self.workbench.holds(), value);
        self.finish(frame)
    }

    fn initial(&self) -> Option<Program> {
        let mut frame = self.frame();
        for into in [Into::Init, Into::Step] {
            for owner in [Owner::Synapse, Owner::Source] {
                let states = self.synapse.states(owner);
                let values = self.initial_values(&mut frame, into);
                for n in states.filter(|&n| n > 0) {
                    builder(&mut frame, into).store(self.workbench.synapse(n), values[n]);
                }
            }
        }
        self.finish(frame)
    }

    /// Initial values in the order of their dependencies. The model was checked for cycles.
    fn initial_values(&self, frame: &mut Frame<'_>, into: Into) -> Vec<ValueId> {
        let expanded: Vec<Expr> = self
            .system
            .states
            .iter()
            .map(|s| self.system.expanded(&s.initial))
            .collect();
        let zero = builder(frame, into).constant(0.0);
        let mut values = vec![zero; expanded.len()];
        let mut done = vec![false; expanded.len()];
        let ready = |n: usize, done: &[bool]| !expanded[n].mentions(|s| matches!(s, Symbol::State(k) if !done[k]));
        while let Some(n) = (0..expanded.len()).find(|&n| !done[n] && ready(n, &done)) {
            values[n] = frame.emit(into, &values, &expanded[n]);
            done[n] = true;
        }
        values
    }

    /// The variables of targets on their own.
    fn targets(&self) -> Option<System> {
        let states = self.synapse.states(Owner::Target);
        if states.is_empty() {
            return None;
        }
        let first = states.start;
        let own = |value: &Expr| {
            self.system.expanded(value).substitute(&|symbol| {
                Expr::Symbol(match symbol {
                    Symbol::State(n) => Symbol::State(n - first),
                    other => other,
                })
            })
        };
        let mut system = system(self.model);
        system.states = self.model.states[states].to_vec();
        system.derived.clear();
        for state in &mut system.states {
            state.derivative = own(&state.derivative);
            state.initial = own(&state.initial);
        }
        Some(system)
    }

    fn explain(&self, unfit: &Unfit) -> Diagnostic {
        let state = &self.system.states[unfit.state];
        Diagnostic::error(
            "E0403",
            &self.system.source,
            state.span,
            format!(
                "the equation of `{}` cannot be solved between events: {}",
                state.name, unfit.reason
            ),
        )
        .hint("variables of synapses and sources decay and grow like `dx/dt = -x / tau`; move others to `per target`, whose equations are solved step by step")
    }
}

fn builder<'f>(frame: &'f mut Frame<'_>, into: Into) -> &'f mut Builder {
    match into {
        Into::Init => &mut frame.init,
        Into::Step => &mut frame.step,
    }
}
