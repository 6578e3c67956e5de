//! A neuron joined with the receptors attached to it: one system of equations.

use std::sync::Arc;

use super::check::finish::expand;
use super::{Clamp, Derived, Expr, Input, Model, ModelKind, Parameter, Refractory, State, Symbol, Threshold};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lower::Method;
use crate::program::BinaryOp;
use crate::source::{Source, Span};
use crate::units::{Dimension, Unit};

/// What arrives at one receptor.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceptorPart {
    /// The receptor's name in its population.
    pub name: String,
    /// Unit of the weights.
    pub weight_unit: Unit,
    /// (state, coefficient): the state grows by coefficient · summed weights at the start of a step.
    pub on_spike: Vec<(usize, Expr)>,
}

/// One flat system of equations with all names resolved. Variables of receptors are `<receptor>.<variable>`.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// The neuron model's name.
    pub name: String,
    /// The neuron model's own method.
    pub method: Option<Method>,
    /// Largest step for explicit methods, ms.
    pub max_dt: Option<f64>,
    /// All parameters.
    pub parameters: Vec<Parameter>,
    /// All inputs, with `<name>.absolute` after a current density of a model with an area.
    pub inputs: Vec<Input>,
    /// All states, those of the neuron first.
    pub states: Vec<State>,
    /// All derived variables; each receptor adds `<receptor>.current`.
    pub derived: Vec<Derived>,
    /// Spike condition.
    pub threshold: Option<Threshold>,
    /// (state, new value) at a spike.
    pub reset: Vec<(usize, Expr)>,
    /// Refractory rule.
    pub refractory: Option<Refractory>,
    /// What arrives at each receptor.
    pub receptors: Vec<ReceptorPart>,
    /// States (by index) whose initial value the user gives, with the parameter that holds it.
    pub overridden: Vec<(usize, usize)>,
    /// The potential that can be held, if one can.
    pub clamp: Option<Clamp>,
    /// The neuron model's text, for diagnostics.
    pub source: Arc<Source>,
}

impl System {
    /// Joins a neuron with its receptors. `overridden_initials` names states whose initial value comes from a
    /// parameter `initial.<state>` instead of the model.
    ///
    /// # Errors
    /// If the neuron has no input that could take a synaptic current, or no membrane potential `V` although a
    /// receptor refers to it, or if a model is not of the right kind.
    pub fn join(
        neuron: &Arc<Model>,
        receptors: &[(String, Arc<Model>)],
        overridden_initials: &[String],
    ) -> Result<System, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let mut system = System {
            name: neuron.name.clone(),
            method: neuron.method,
            max_dt: neuron.max_dt,
            parameters: neuron.parameters.clone(),
            inputs: neuron.inputs.clone(),
            states: neuron.states.clone(),
            derived: neuron.derived.clone(),
            threshold: neuron.threshold.clone(),
            reset: neuron.reset.clone(),
            refractory: neuron.refractory.clone(),
            receptors: Vec::new(),
            overridden: Vec::new(),
            clamp: None,
            source: Arc::clone(&neuron.source),
        };
        if neuron.kind != ModelKind::Neuron {
            diagnostics.push(wrong_kind(neuron, ModelKind::Neuron));
            return Err(diagnostics);
        }
        let mut currents = Vec::new();
        for (name, model) in receptors {
            if let Some(current) = system.attach(name, model, neuron, &mut diagnostics) {
                currents.push(current);
            }
        }
        system.connect_inputs(neuron, &currents, &mut diagnostics);
        for state in overridden_initials {
            if let Some(index) = system.states.iter().position(|s| s.name == *state) {
                system.overridden.push((index, system.parameters.len()));
                system.parameters.push(Parameter {
                    name: format!("initial.{state}"),
                    unit: system.states[index].unit.clone(),
                    default: 0.0,
                    range: None,
                    doc: format!("initial value of {state}"),
                });
            }
        }
        if diagnostics.has_errors() {
            Err(diagnostics)
        } else {
            Ok(system)
        }
    }

    /// Adds a receptor's variables and returns its current, pA, if it has one.
    fn attach(
        &mut self,
        name: &str,
        model: &Arc<Model>,
        neuron: &Model,
        diagnostics: &mut Diagnostics,
    ) -> Option<Expr> {
        if model.kind != ModelKind::Receptor {
            diagnostics.push(wrong_kind(model, ModelKind::Receptor));
            return None;
        }
        let membrane = neuron
            .states
            .iter()
            .position(|s| s.name == "V" && s.unit.dimension() == Dimension::VOLTAGE)
            .map(Symbol::State);
        let uses_membrane = model.current.iter().any(|c| c.mentions(|s| s == Symbol::Membrane))
            || model
                .states
                .iter()
                .any(|s| s.derivative.mentions(|s| s == Symbol::Membrane))
            || model
                .derived
                .iter()
                .any(|d| d.value.mentions(|s| s == Symbol::Membrane))
            || model.on_membrane.is_some();
        if uses_membrane && membrane.is_none() {
            diagnostics.push(
                Diagnostic::error(
                    "E0211",
                    &neuron.source,
                    Span::default(),
                    format!(
                        "the receptor `{}` needs a membrane potential `V` in mV, `{}` has none",
                        model.name, neuron.name
                    ),
                )
                .hint("name the neuron's membrane potential `V`, or use a receptor that is a current"),
            );
            return None;
        }
        let membrane_state = match membrane {
            Some(Symbol::State(n)) => n,
            _ => 0,
        };
        let membrane = Symbol::State(membrane_state);
        let (parameters, states, derived) = (self.parameters.len(), self.states.len(), self.derived.len());
        let inputs = self.inputs.len();
        let receptor = self.receptors.len();
        let shift = |value: &Expr| {
            value.substitute(&|symbol| {
                Expr::Symbol(match symbol {
                    Symbol::Parameter(n) => Symbol::Parameter(n + parameters),
                    Symbol::State(n) => Symbol::State(n + states),
                    Symbol::Derived(n) => Symbol::Derived(n + derived),
                    Symbol::Membrane => membrane,
                    Symbol::Weight(_) => Symbol::Weight(receptor),
                    Symbol::Input(n) => Symbol::Input(n + inputs),
                    Symbol::Dt => Symbol::Dt,
                    Symbol::Reward => Symbol::Reward,
                })
            })
        };
        let prefixed = |variable: &str| format!("{name}.{variable}");
        for p in &model.parameters {
            self.parameters.push(Parameter {
                name: prefixed(&p.name),
                ..p.clone()
            });
        }
        for i in &model.inputs {
            self.inputs.push(Input {
                name: prefixed(&i.name),
                ..i.clone()
            });
        }
        for s in &model.states {
            let (derivative, initial) = (shift(&s.derivative), shift(&s.initial));
            self.states.push(State {
                name: prefixed(&s.name),
                derivative,
                initial,
                ..s.clone()
            });
        }
        for d in &model.derived {
            self.derived.push(Derived {
                name: prefixed(&d.name),
                value: shift(&d.value),
                ..d.clone()
            });
        }
        let current = model.current.as_ref().map(&shift);
        if let Some(current) = &current {
            self.derived.push(Derived {
                name: prefixed("current"),
                unit: Unit::parse("pA").unwrap_or_else(|_| Unit::one()),
                doc: format!("current through the receptor {name}, inward positive"),
                value: current.clone(),
                span: Span::default(),
            });
        }
        self.receptors.push(ReceptorPart {
            name: name.to_string(),
            weight_unit: model.weight_unit.clone().unwrap_or_else(Unit::one),
            on_spike: model
                .on_spike
                .iter()
                .map(|(state, slope)| (state + states, shift(slope)))
                .chain(model.on_membrane.iter().map(|slope| (membrane_state, shift(slope))))
                .collect(),
        });
        current
    }

    /// Lets the first current input of the neuron take the receptors' currents, and current densities take absolute
    /// currents through `area`.
    fn connect_inputs(&mut self, neuron: &Model, currents: &[Expr], diagnostics: &mut Diagnostics) {
        let area = neuron
            .parameters
            .iter()
            .position(|p| p.name == "area" && p.unit.dimension() == Dimension::AREA);
        let is_current = |d: Dimension| d == Dimension::CURRENT || (d == Dimension::CURRENT_DENSITY && area.is_some());
        let taker = neuron.inputs.iter().position(|i| is_current(i.unit.dimension()));
        if taker.is_none() && !currents.is_empty() {
            diagnostics.push(
                Diagnostic::error(
                    "E0211",
                    &neuron.source,
                    Span::default(),
                    format!("`{}` has no input that a synaptic current could flow into", neuron.name),
                )
                .hint("declare `inputs:` with `I : pA`, or with `I : uA/cm^2` and a parameter `area = 1000 um^2`"),
            );
            return;
        }
        let mut replacement: Vec<Expr> = (0..neuron.inputs.len())
            .map(|n| Expr::Symbol(Symbol::Input(n)))
            .collect();
        for (n, replaced) in replacement.iter_mut().enumerate() {
            let input = self.inputs[n].clone();
            let mut absolute: Vec<Expr> = if taker == Some(n) {
                currents.to_vec()
            } else {
                Vec::new()
            };
            if input.unit.dimension() == Dimension::CURRENT_DENSITY
                && let Some(area) = area
            {
                let column = Symbol::Input(self.inputs.len());
                self.inputs.push(Input {
                    name: format!("{}.absolute", input.name),
                    unit: Unit::parse("pA").unwrap_or_else(|_| Unit::one()),
                    doc: format!("{}, as an absolute current", input.doc),
                });
                absolute.insert(0, Expr::Symbol(column));
                let sum = sum(absolute);
                let density = Expr::binary(BinaryOp::Divide, sum, Expr::Symbol(Symbol::Parameter(area)));
                *replaced = Expr::binary(BinaryOp::Add, replaced.clone(), density);
            } else if !absolute.is_empty() {
                absolute.insert(0, replaced.clone());
                *replaced = sum(absolute);
            }
        }
        let replace = |value: &Expr| {
            value.substitute(&|symbol| match symbol {
                Symbol::Input(n) if n < replacement.len() => replacement[n].clone(),
                other => Expr::Symbol(other),
            })
        };
        for state in &mut self.states[..neuron.states.len()] {
            state.derivative = replace(&state.derivative);
        }
        for derived in &mut self.derived[..neuron.derived.len()] {
            derived.value = replace(&derived.value);
        }
    }

    /// An expression with derived variables replaced by their formulas.
    pub fn expanded(&self, value: &Expr) -> Expr {
        let derived: Vec<Expr> = self.derived.iter().map(|d| d.value.clone()).collect();
        expand(value, &derived)
    }

    /// Right-hand sides of all equations, derived variables replaced by their formulas.
    pub fn derivatives(&self) -> Vec<Expr> {
        let derived: Vec<Expr> = self.derived.iter().map(|d| d.value.clone()).collect();
        self.states.iter().map(|s| expand(&s.derivative, &derived)).collect()
    }
}

fn sum(terms: Vec<Expr>) -> Expr {
    terms
        .into_iter()
        .reduce(|a, b| Expr::binary(BinaryOp::Add, a, b))
        .unwrap_or(Expr::Constant(0.0))
}

fn wrong_kind(model: &Model, expected: ModelKind) -> Diagnostic {
    Diagnostic::error(
        "E0212",
        &model.source,
        Span::default(),
        format!("`{}` is a {}, but a {expected} is due here", model.name, model.kind),
    )
    .hint(format!("`nsb models` lists all models of the kind {expected}"))
}
