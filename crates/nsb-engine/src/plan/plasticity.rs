//! Rules of synapses: models compiled, parameters and the variables that they read checked, times in steps.

use std::sync::Arc;

use nsb_lang::program::{ColumnId, Role};
use nsb_lang::rule::{Event, Rule};
use nsb_lang::{Dimension, Model, ModelKind, Program, Quantity, Unit};

use super::checker::{Checker, names};
use super::{PlanError, PlannedPopulation};
use crate::index::Step;
use crate::network::{Learning, Normalisation, Projection, SynapseRule};

/// A rule with a number for each parameter.
#[derive(Debug, Clone)]
pub struct PlannedRule {
    name: String,
    model: Arc<Model>,
    rule: Rule,
    /// Engine units, in the order of the rule.
    parameters: Vec<f64>,
    /// For each variable of the target cell that the rule reads, its column in the target population.
    reads: Vec<ColumnId>,
    /// Steps between updates.
    update_steps: u64,
}

impl PlannedRule {
    /// Its name within the projection.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its model.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// The compiled rule.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// A number for each parameter of the rule, engine units.
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    pub(crate) fn reads(&self) -> &[ColumnId] {
        &self.reads
    }

    pub(crate) fn update_steps(&self) -> u64 {
        self.update_steps
    }

    /// Memory for the variables of a synapse, its weight left out.
    pub(super) fn bytes_per_synapse(&self) -> usize {
        let passes = usize::from(self.rule.program(Event::SynapsePassing).is_some());
        8 * (self.rule.synapse().len() - 1 + passes)
    }

    /// The parameters as columns of the rule's own programs.
    pub(crate) fn uniform(&self) -> Vec<(ColumnId, f64)> {
        let columns = (0..self.parameters.len()).map(|n| self.rule.workbench().parameter(n));
        columns.zip(self.parameters.iter().copied()).collect()
    }

    /// The parameters as columns of the program of target variables.
    pub(crate) fn target_uniform(&self, program: &Program) -> Vec<(ColumnId, f64)> {
        let columns = program.columns_with(Role::Parameter);
        columns.zip(self.parameters.iter().copied()).collect()
    }
}

/// How the synapses of a projection change.
#[derive(Debug, Clone)]
pub struct PlannedPlasticity {
    pub(super) rules: Vec<PlannedRule>,
    dendritic_steps: u64,
    /// Smallest and largest size of a weight, engine units.
    bounds: (f64, f64),
    /// Where learning is switched on, off, on, ...
    switches: Vec<Step>,
    /// What the weights onto a cell add up to (engine units), and the steps between two scalings.
    normalisation: Option<(f64, u64)>,
    /// Engine units of the receptor's weight, for people.
    unit: Unit,
}

impl PlannedPlasticity {
    /// The rules, in the order in which they act.
    pub fn rules(&self) -> &[PlannedRule] {
        &self.rules
    }

    /// Smallest and largest size of a weight, engine units of the receptor's weight.
    pub fn bounds(&self) -> (f64, f64) {
        self.bounds
    }

    /// What the weights onto a cell add up to (engine units), and the steps between two scalings.
    pub(crate) fn normalisation(&self) -> Option<(f64, u64)> {
        self.normalisation
    }

    /// The unit of weights for people.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// Whether any rule changes weights.
    pub fn changes_weights(&self) -> bool {
        self.rules.iter().any(|rule| rule.rule.changes_weights())
    }

    /// Whether weights may change at a grid point.
    pub(crate) fn learns(&self, at: Step) -> bool {
        self.switches.partition_point(|&switch| switch <= at) % 2 == 1
    }

    /// The part of each delay that lies behind the synapse, steps.
    pub fn dendritic_steps(&self) -> u64 {
        self.dendritic_steps
    }

    /// Steps from a postsynaptic spike until the synapse notices, where presynaptic spikes count as they arrive.
    pub(crate) fn lag(&self) -> u64 {
        2 * self.dendritic_steps
    }

    /// Whether anything happens at the synapses of a cell when it fires, or at times of its own.
    pub(crate) fn needs_incoming(&self) -> bool {
        let events = [Event::Post, Event::Update, Event::Reward];
        let any = |rule: &PlannedRule| events.iter().any(|&event| rule.rule.program(event).is_some());
        self.normalisation.is_some() || self.rules.iter().any(any)
    }
}

/// Checks how a projection changes: nothing where it has no rule.
pub(super) fn check(
    projection: &Projection,
    path: &str,
    receptor: Option<&Model>,
    target: Option<&PlannedPopulation>,
    checker: &mut Checker<'_>,
) -> Option<Option<PlannedPlasticity>> {
    let plasticity = &projection.plasticity;
    let before = checker.errors.len();
    let dendritic = plasticity.dendritic_delay.as_ref();
    if plasticity.rules.is_empty() {
        if plasticity.normalisation.is_some() {
            unfit(
                checker,
                format!("{path}.normalisation"),
                "the projection has no rule, so its weights need no normalisation".to_owned(),
                "leave it out, or give the projection a rule of plasticity",
            );
            return None;
        }
        if dendritic.is_some() {
            unfit(
                checker,
                format!("{path}.dendritic_delay"),
                "the projection has no rule that could see this delay".to_owned(),
                "leave it out, or give the projection a rule of plasticity",
            );
            return None;
        }
        return Some(None);
    }
    let table = format!("{path}.plasticity");
    names(checker, &table, plasticity.rules.iter().map(|rule| rule.name.as_str()));
    let unit = receptor.and_then(|model| model.weight_unit.clone());
    let rules: Vec<_> = plasticity
        .rules
        .iter()
        .map(|rule| check_rule(rule, &format!("{table}.{}", rule.name), unit.as_ref(), target, checker))
        .collect();
    let dendritic_steps = dendritic.map_or(Some(0), |delay| {
        let path = format!("{path}.dendritic_delay");
        checker.grid_point(&path, "dendritic delay", delay).map(|step| step.0)
    });
    let switches = switches(&plasticity.learning, &format!("{path}.learning"), checker);
    let normalisation = plasticity.normalisation.as_ref().and_then(|given| {
        let path = format!("{path}.normalisation");
        normalisation(given, &path, unit.as_ref(), checker)
    });
    if checker.errors.len() > before {
        return None;
    }
    let rules: Vec<PlannedRule> = rules.into_iter().flatten().collect();
    let changing = || rules.iter().filter(|rule| rule.rule.changes_weights());
    if normalisation.is_some()
        && rules
            .iter()
            .any(|rule| rule.rule.program(Event::SynapsePassing).is_some())
    {
        let reason = "the rule changes synapses between events, when nothing else can scale their weights";
        let hint = "leave the normalisation out, or take a rule whose synapses have no equation of their own";
        unfit(checker, format!("{path}.normalisation"), reason.to_owned(), hint);
        return None;
    }
    let bounds = changing()
        .map(|rule| rule.rule.bounds(&rule.parameters))
        .fold((0.0f64, f64::INFINITY), |all, own| (all.0.max(own.0), all.1.min(own.1)));
    if bounds.0 > bounds.1 {
        let reason = format!("no weight lies within the bounds, {} to {}", bounds.0, bounds.1);
        unfit(checker, table, reason, "raise the upper bound, or lower the other one");
        return None;
    }
    Some(Some(PlannedPlasticity {
        rules,
        dendritic_steps: dendritic_steps?,
        bounds,
        switches: switches?,
        normalisation,
        unit: unit.unwrap_or_else(Unit::one),
    }))
}

fn unfit(checker: &mut Checker<'_>, path: String, reason: String, hint: &str) {
    checker.error(PlanError::Unfit {
        path,
        reason,
        hint: hint.to_owned(),
    });
}

fn check_rule(
    given: &SynapseRule,
    path: &str,
    weight: Option<&Unit>,
    target: Option<&PlannedPopulation>,
    checker: &mut Checker<'_>,
) -> Option<PlannedRule> {
    if given.model.kind != ModelKind::Synapse {
        checker.error(PlanError::WrongModelKind {
            path: format!("{path}.model"),
            model: given.model.name.clone(),
            expected: ModelKind::Synapse,
            found: given.model.kind,
        });
        return None;
    }
    let rule = match Rule::new(&given.model) {
        Ok(rule) => rule,
        Err(diagnostics) => {
            checker.error(PlanError::Model(diagnostics));
            return None;
        }
    };
    let parameters = parameters(given, &rule, path, weight, checker);
    let reads = reads(&rule, path, target, checker);
    let parameters = parameters?;
    let interval = rule.update_interval(&parameters);
    let update_steps = match interval.zip(checker.dt_ms()) {
        None => 1,
        Some((interval, dt)) if interval / dt > 1.0 - 1e-9 && interval / dt < Step::MAX as f64 => {
            (interval / dt).round() as u64
        }
        Some((interval, dt)) => {
            let reason = format!("the update interval {interval} ms is shorter than the time step dt = {dt} ms");
            unfit(
                checker,
                path.to_owned(),
                reason,
                "give a longer interval, or choose a smaller dt",
            );
            return None;
        }
    };
    if rule.changes_weights() && rule.bounds(&parameters).0 < 0.0 {
        let reason = "the lower bound of weights is negative; a rule sees the size of a weight, never its sign";
        unfit(
            checker,
            path.to_owned(),
            reason.to_owned(),
            "give a lower bound of 0 or more",
        );
        return None;
    }
    if let Some((max_dt, dt)) = rule.max_dt().zip(checker.dt_ms())
        && rule.targets().is_some_and(|program| program.method().is_explicit())
        && dt > max_dt
    {
        let reason = format!(
            "dt = {dt} ms is too large for the rule `{}`: at most {max_dt} ms",
            rule.name()
        );
        unfit(checker, path.to_owned(), reason, "choose a smaller dt");
        return None;
    }
    Some(PlannedRule {
        name: given.name.clone(),
        model: Arc::clone(&given.model),
        rule,
        parameters,
        reads: reads?,
        update_steps,
    })
}

/// A number for each parameter, in the order of the rule.
fn parameters(
    given: &SynapseRule,
    rule: &Rule,
    path: &str,
    weight: Option<&Unit>,
    checker: &mut Checker<'_>,
) -> Option<Vec<f64>> {
    let known = || {
        rule.parameters()
            .iter()
            .map(|parameter| parameter.name.clone())
            .collect()
    };
    let before = checker.errors.len();
    for name in given.parameters.keys() {
        if !rule.parameters().iter().any(|parameter| parameter.name == *name) {
            let owner = format!("`{}`", given.model.name);
            checker.unknown(&format!("{path}.{name}"), "parameter", name, &owner, known());
        }
    }
    let mut numbers = Vec::new();
    for (n, parameter) in rule.parameters().iter().enumerate() {
        let path = format!("{path}.{}", parameter.name);
        let own = parameter.unit.dimension();
        let weight_dimension = weight.map_or(Dimension::DIMENSIONLESS, Unit::dimension);
        let expected = own.with_weight(weight_dimension);
        let symbol = match weight {
            Some(unit) if own.has_weight() => parameter.unit.symbol().replace("weight", unit.symbol()),
            _ => parameter.unit.symbol().to_owned(),
        };
        let Some(quantity) = given.parameters.get(&parameter.name) else {
            if rule.must_be_given(n) {
                checker.error(PlanError::Missing {
                    path,
                    what: "parameter",
                    example: format!("1 {symbol}").trim_end().to_owned(),
                });
            }
            numbers.push(parameter.default);
            continue;
        };
        let Some(value) = checker.number(&path, quantity, expected, &symbol) else {
            continue;
        };
        if let Some((low, high)) = parameter.range
            && !(low..=high).contains(&value)
        {
            checker.error(PlanError::OutOfRange {
                path,
                name: parameter.name.clone(),
                found: quantity.clone(),
                low: Quantity::from_engine(low, parameter.unit.clone()),
                high: Quantity::from_engine(high, parameter.unit.clone()),
            });
            continue;
        }
        numbers.push(value);
    }
    (checker.errors.len() == before).then_some(numbers)
}

/// The columns of the target cell that a rule reads.
fn reads(
    rule: &Rule,
    path: &str,
    target: Option<&PlannedPopulation>,
    checker: &mut Checker<'_>,
) -> Option<Vec<ColumnId>> {
    let target = target?;
    let columns = || target.program.columns().iter().enumerate();
    let readable = || columns().filter(|(_, column)| matches!(column.role, Role::State | Role::Input));
    let mut found = Vec::new();
    for read in rule.reads() {
        match readable().find(|(_, column)| column.name == read.name) {
            Some((n, column)) if column.unit.dimension() == read.unit.dimension() => found.push(ColumnId(n as u32)),
            Some((_, column)) => {
                let reason = format!(
                    "the rule `{}` reads `{}` in {}, which `{}` has in {}",
                    rule.name(),
                    read.name,
                    read.unit.symbol(),
                    target.name,
                    column.unit.symbol()
                );
                unfit(
                    checker,
                    path.to_owned(),
                    reason,
                    "choose another neuron model or another rule",
                );
            }
            None => {
                let owner = format!("`{}`, which the rule `{}` reads", target.name, rule.name());
                let known = readable().map(|(_, column)| column.name.clone()).collect();
                checker.unknown(path, "variable", &read.name, &owner, known);
            }
        }
    }
    (found.len() == rule.reads().len()).then_some(found)
}

/// The grid points where learning is switched on, off, on, ...
fn switches(learning: &Learning, path: &str, checker: &mut Checker<'_>) -> Option<Vec<Step>> {
    let Learning::During(intervals) = learning else {
        return Some(vec![Step(0)]);
    };
    let mut switches: Vec<Step> = Vec::new();
    for (n, (start, stop)) in intervals.iter().enumerate() {
        let path = format!("{path}[{n}]");
        let from = checker.grid_point(&path, "start", start)?;
        let to = checker.grid_point(&path, "stop", stop)?;
        let reason = if from >= to {
            format!("learning starts at {start} and stops at {stop}, so that it is never on")
        } else if switches.last().is_some_and(|&last| from < last) {
            format!("learning starts at {start}, before the interval in front of it ends")
        } else {
            switches.extend([from, to]);
            continue;
        };
        unfit(
            checker,
            path,
            reason,
            "give ascending intervals such as [[\"0 s\", \"10 s\"], [\"20 s\", \"30 s\"]]",
        );
        return None;
    }
    Some(switches)
}

/// The total and the steps between two scalings.
fn normalisation(
    given: &Normalisation,
    path: &str,
    weight: Option<&Unit>,
    checker: &mut Checker<'_>,
) -> Option<(f64, u64)> {
    let unit = weight.cloned().unwrap_or_else(Unit::one);
    let total = checker.number(&format!("{path}.total"), &given.total, unit.dimension(), unit.symbol());
    let interval = checker
        .grid_point(&format!("{path}.interval"), "interval", &given.interval)?
        .0;
    let total = total?;
    if total <= 0.0 {
        let hint = "give the sum of the sizes of all weights onto a cell, more than 0";
        unfit(
            checker,
            format!("{path}.total"),
            format!("{} is no total", given.total),
            hint,
        );
        return None;
    }
    if interval == 0 {
        let reason = format!("the interval {} is shorter than half a step", given.interval);
        unfit(
            checker,
            format!("{path}.interval"),
            reason,
            "give a time such as \"500 ms\"",
        );
        return None;
    }
    Some((total, interval))
}
