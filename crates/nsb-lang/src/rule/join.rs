//! Several rules on the same synapses, such as a long-term and a short-term one: one model out of many.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Change, Expr, Model, ModelKind, Statement, Symbol, Synapse};
use crate::program::BinaryOp;
use crate::source::{Source, Span};
use crate::syntax::{Owner, Trigger};

/// All parts as one synapse model. Variables and parameters are called `<part>.<name>`, or as they are where the name
/// of the part is empty; what is read of the neuron has the name it has there.
pub(super) fn join(parts: &[(String, Arc<Model>)]) -> Result<Model, Diagnostics> {
    let mut findings = Diagnostics::default();
    for (_, model) in parts {
        if model.synapse.is_none() {
            findings.push(super::wrong_kind(model));
        }
    }
    let synapses: Vec<(&str, &Model, &Synapse)> = parts
        .iter()
        .filter_map(|(name, model)| Some((name.as_str(), model.as_ref(), model.synapse.as_ref()?)))
        .collect();
    let Some((_, first, _)) = synapses.first() else {
        if findings.0.is_empty() {
            let nowhere = Source::new("rules", "");
            let message = "there is no synapse model to join";
            findings.push(Diagnostic::error("E0208", &nowhere, Span::default(), message).hint("name at least one"));
        }
        return Err(findings);
    };
    let mut joined = (*first).clone();
    joined.name = names(&synapses, |_| true);
    joined.kind = ModelKind::Synapse;
    joined.presets.clear();
    for list in [&mut joined.references, &mut joined.equations] {
        list.clear();
    }
    joined.parameters.clear();
    joined.inputs.clear();
    joined.derived.clear();
    joined.states.truncate(1);
    joined.states[0].derivative = Expr::Constant(0.0);
    let mut rule = Synapse::default();
    let places: Vec<Places> = places(&synapses, &mut joined, &mut findings);
    // States are listed by owner, then by part.
    for (owner, place) in [(Owner::Synapse, 0), (Owner::Source, 1), (Owner::Target, 2)] {
        for ((name, model, synapse), places) in synapses.iter().zip(&places) {
            for n in synapse.states(owner).filter(|&n| n > 0) {
                let mut state = model.states[n].clone();
                state.name = prefixed(name, &state.name);
                state.derivative = places.moved(&state.derivative);
                state.initial = places.moved(&state.initial);
                joined.states.push(state);
            }
        }
        rule.counts[place] = joined.states.len() - rule.counts[..place].iter().sum::<usize>();
    }
    for ((name, model, synapse), places) in synapses.iter().zip(&places) {
        let flow = &model.states[0].derivative;
        if *flow != Expr::Constant(0.0) {
            let weight = &mut joined.states[0];
            weight.derivative = Expr::binary(BinaryOp::Add, weight.derivative.clone(), places.moved(flow));
        }
        for (derived, owner) in model.derived.iter().zip(&synapse.derived) {
            let mut derived = derived.clone();
            derived.name = prefixed(name, &derived.name);
            derived.value = places.moved(&derived.value);
            joined.derived.push(derived);
            rule.derived.push(*owner);
        }
        rule.statements.extend(synapse.statements.iter().map(|s| Statement {
            change: match s.change {
                Change::State(n) => Change::State(places.state(n)),
                Change::Transmit => Change::Transmit,
            },
            value: places.moved(&s.value),
            ..s.clone()
        }));
        if let Some((low, high)) = &synapse.bounds {
            let (low, high) = (places.moved(low), places.moved(high));
            rule.bounds = Some(match rule.bounds.take() {
                Some((other_low, other_high)) => (
                    Expr::binary(BinaryOp::Max, other_low, low),
                    Expr::binary(BinaryOp::Min, other_high, high),
                ),
                None => (low, high),
            });
        }
    }
    joined.method = synapses.iter().find_map(|(_, model, _)| model.method);
    let steps = synapses.iter().filter_map(|(_, model, _)| model.max_dt);
    joined.max_dt = steps.reduce(f64::min);
    updates(&synapses, &places, &mut rule, &mut findings);
    let sets_transmit = |synapse: &Synapse| synapse.statements.iter().any(|s| s.change == Change::Transmit);
    if synapses.iter().filter(|(.., synapse)| sets_transmit(synapse)).count() > 1 {
        let which = names(&synapses, sets_transmit);
        findings.push(conflict(
            first,
            format!("{which} all say how an arriving spike counts (`transmit`)"),
            "use one of them",
        ));
    }
    joined.synapse = Some(rule);
    if findings.has_errors() {
        Err(findings)
    } else {
        Ok(joined)
    }
}

/// At most one part may have updates: they share neither their times nor their conditions.
fn updates(synapses: &[(&str, &Model, &Synapse)], places: &[Places], rule: &mut Synapse, findings: &mut Diagnostics) {
    let updates = |synapse: &Synapse| synapse.statements(Trigger::Update).next().is_some();
    let mut updating = synapses
        .iter()
        .zip(places)
        .filter(|((.., synapse), _)| updates(synapse));
    let Some(((_, _, synapse), place)) = updating.next() else {
        return;
    };
    let condition = |synapse: &Synapse, place: &Places| synapse.update_where.as_ref().map(|e| place.moved(e));
    let every = |synapse: &Synapse, place: &Places| synapse.update_every.as_ref().map(|e| place.moved(e));
    rule.update_where = condition(synapse, place);
    rule.update_every = every(synapse, place);
    let differs = updating.any(|((.., other), place)| {
        condition(other, place) != rule.update_where || every(other, place) != rule.update_every
    });
    if differs {
        let which = names(synapses, updates);
        findings.push(conflict(
            synapses[0].1,
            format!("{which} have updates, but not at the same times and in the same cells"),
            "use one of them, or write one model of your own that does both",
        ));
    }
}

/// Where the variables of a part are in the joined model.
struct Places {
    parameters: usize,
    derived: usize,
    inputs: Vec<usize>,
    states: Vec<usize>,
}

impl Places {
    fn state(&self, n: usize) -> usize {
        self.states[n]
    }

    fn moved(&self, value: &Expr) -> Expr {
        value.substitute(&|symbol| {
            Expr::Symbol(match symbol {
                Symbol::Parameter(n) => Symbol::Parameter(n + self.parameters),
                Symbol::Derived(n) => Symbol::Derived(n + self.derived),
                Symbol::Input(n) => Symbol::Input(self.inputs[n]),
                Symbol::State(n) => Symbol::State(self.states[n]),
                other => other,
            })
        })
    }
}

/// Finds the places, and adds parameters and what is read.
fn places(synapses: &[(&str, &Model, &Synapse)], joined: &mut Model, findings: &mut Diagnostics) -> Vec<Places> {
    let mut derived = 0;
    let mut places: Vec<Places> = Vec::with_capacity(synapses.len());
    for (name, model, _) in synapses {
        let parameters = joined.parameters.len();
        joined.parameters.extend(model.parameters.iter().map(|p| {
            let mut parameter = p.clone();
            parameter.name = prefixed(name, &p.name);
            parameter
        }));
        let mut inputs = Vec::with_capacity(model.inputs.len());
        for read in &model.inputs {
            let known = joined.inputs.iter().position(|i| i.name == read.name);
            let place = known.unwrap_or(joined.inputs.len());
            if known.is_none() {
                joined.inputs.push(read.clone());
            } else if joined.inputs[place].unit.dimension() != read.unit.dimension() {
                let message = format!(
                    "`{}` of the neuron is read as {} and as {}",
                    read.name,
                    joined.inputs[place].unit.describe(),
                    read.unit.describe()
                );
                findings.push(conflict(model, message, "only one of them can be right"));
            }
            inputs.push(place);
        }
        places.push(Places {
            parameters,
            derived,
            inputs,
            states: vec![0; model.states.len()],
        });
        derived += model.derived.len();
        joined.references.extend(model.references.iter().cloned());
        joined.equations.extend(model.equations.iter().cloned());
    }
    let mut next = 1;
    for owner in [Owner::Synapse, Owner::Source, Owner::Target] {
        for ((_, _, synapse), places) in synapses.iter().zip(&mut places) {
            for n in synapse.states(owner).filter(|&n| n > 0) {
                places.states[n] = next;
                next += 1;
            }
        }
    }
    places
}

fn prefixed(part: &str, name: &str) -> String {
    match part {
        "" => name.to_owned(),
        part => format!("{part}.{name}"),
    }
}

fn names(synapses: &[(&str, &Model, &Synapse)], which: impl Fn(&Synapse) -> bool) -> String {
    let chosen = synapses.iter().filter(|(.., synapse)| which(synapse));
    chosen
        .map(|(_, model, _)| model.name.as_str())
        .collect::<Vec<_>>()
        .join(" + ")
}

fn conflict(model: &Model, message: String, hint: &str) -> Diagnostic {
    Diagnostic::error("E0216", &model.source, Span::default(), message).hint(hint)
}
