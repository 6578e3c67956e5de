//! Populations: models joined and lowered, parameters and initial states checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use nsb_lang::lower::{Method, lower};
use nsb_lang::program::{ColumnId, Role};
use nsb_lang::{Model, ModelKind, Program, Quantity, System, Unit};

use super::checker::{Checker, names};
use super::gap_junction::Coupling;
use super::sampler::Sampler;
use super::{PlanError, Precision};
use crate::network::{Population, SpikeTiming, Value};
use crate::random::{Purpose, Stream};

/// Most cells of a population: 512 (the cells of a block) · 2²³ synapses onto a block can be counted in 32 bits.
pub(crate) const MAX_CELLS: usize = (1 << 23) - 1;

/// Parameters that all cells share, engine units.
type Uniform = Vec<(ColumnId, f64)>;

/// Parameters that differ between cells, engine units.
type PerCell = Vec<(ColumnId, Vec<f64>)>;

/// A population whose models fit together, with a number for each parameter.
#[derive(Debug, Clone)]
pub struct PlannedPopulation {
    pub(super) name: String,
    pub(super) size: u32,
    pub(super) model: Arc<Model>,
    pub(super) receptors: Vec<(String, Arc<Model>)>,
    pub(super) program: Program,
    pub(super) uniform: Uniform,
    pub(super) per_cell: PerCell,
    pub(super) coupling: Option<Coupling>,
    exact_timing: bool,
}

impl PlannedPopulation {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number of cells.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    /// The neuron model.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Receptors by name.
    pub fn receptors(&self) -> &[(String, Arc<Model>)] {
        &self.receptors
    }

    /// Neuron and receptors as one program, not yet specialised for dt and parameters.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The integration method.
    pub fn method(&self) -> Method {
        self.program.method()
    }

    /// Parameters that all cells share, engine units.
    pub(crate) fn uniform(&self) -> &[(ColumnId, f64)] {
        &self.uniform
    }

    /// Parameters that differ between cells, engine units.
    pub(crate) fn per_cell(&self) -> &[(ColumnId, Vec<f64>)] {
        &self.per_cell
    }

    /// Whether crossings take effect within the step.
    pub(crate) fn exact_timing(&self) -> bool {
        self.exact_timing
    }

    /// The columns that take part in gap junctions, if there are any.
    pub(crate) fn coupling(&self) -> Option<Coupling> {
        self.coupling
    }
}

/// Checks a population. Errors in numbers do not keep it from being planned, so that what refers to its variables
/// can be checked too.
pub(super) fn check(population: &Population, checker: &mut Checker<'_>) -> Option<PlannedPopulation> {
    let path = format!("populations.{}", population.name);
    if population.size == 0 {
        checker.error(PlanError::EmptyPopulation {
            path: format!("{path}.size"),
        });
    }
    if population.size > MAX_CELLS {
        let (size, largest) = (population.size, MAX_CELLS);
        checker.error(PlanError::TooManyCells {
            path: format!("{path}.size"),
            size,
            largest,
        });
    }
    names(
        checker,
        &format!("{path}.receptors"),
        population.receptors.iter().map(|r| r.name.as_str()),
    );
    let values = Values::check(population, &path, checker);
    let program = program(population, &path, values.keys(), checker)?;
    check_dt(population, &program, &path, checker);
    check_timing(population, &program, &path, checker);
    let (uniform, per_cell) = values.split(&program);
    Some(PlannedPopulation {
        name: population.name.clone(),
        size: population.size.min(MAX_CELLS) as u32,
        model: Arc::clone(&population.model),
        receptors: receptors(population),
        program,
        uniform,
        per_cell,
        coupling: None,
        exact_timing: population.spike_timing == SpikeTiming::Exact,
    })
}

fn receptors(population: &Population) -> Vec<(String, Arc<Model>)> {
    population
        .receptors
        .iter()
        .map(|receptor| (receptor.name.clone(), Arc::clone(&receptor.model)))
        .collect()
}

fn program<'v>(
    population: &Population,
    path: &str,
    columns: impl Iterator<Item = &'v str>,
    checker: &mut Checker<'_>,
) -> Option<Program> {
    let mut kinds_fit = kind(&population.model, ModelKind::Neuron, format!("{path}.model"), checker);
    for receptor in &population.receptors {
        let path = format!("{path}.receptors.{}.model", receptor.name);
        kinds_fit &= kind(&receptor.model, ModelKind::Receptor, path, checker);
    }
    if !kinds_fit {
        return None;
    }
    let overridden: Vec<String> = columns
        .filter_map(|name| name.strip_prefix(INITIAL))
        .map(str::to_owned)
        .collect();
    let mut clamps = checker.network.voltage_clamps.iter();
    let is_clamped = clamps.any(|clamp| clamp.population == population.name);
    let program = System::join(&population.model, &receptors(population), &overridden).and_then(|mut system| {
        // That a model has nothing to hold is reported with the clamp.
        let _ = is_clamped && system.let_clamp();
        lower(&system, population.method)
    });
    program
        .map_err(|diagnostics| checker.error(PlanError::Model(diagnostics)))
        .ok()
}

fn kind(model: &Model, expected: ModelKind, path: String, checker: &mut Checker<'_>) -> bool {
    let found = model.kind;
    if found != expected {
        checker.error(PlanError::WrongModelKind {
            path,
            model: model.name.clone(),
            expected,
            found,
        });
    }
    found == expected
}

/// Refuses exact timing where no propagator gives the state within a step.
fn check_timing(population: &Population, program: &Program, path: &str, checker: &mut Checker<'_>) {
    if population.spike_timing != SpikeTiming::Exact {
        return;
    }
    let (reason, hint) = if program.method() != Method::Exact {
        (
            format!(
                "exact spike timing needs the method `exact`, this population uses `{}`",
                program.method().name()
            ),
            "use a linear model and receptors that are currents, or the timing `grid`",
        )
    } else if population.model.threshold.is_none() {
        (
            format!("`{}` never fires: it has no threshold", population.model.name),
            "leave out the spike timing",
        )
    } else if checker.settings.precision != Precision::Double {
        (
            format!(
                "exact spike timing needs numbers of 64 bits, which the precision `{}` does not have",
                checker.settings.precision.name()
            ),
            "write precision = \"double\", or use the timing `grid`",
        )
    } else if program.draws() {
        (
            format!(
                "`{}` fires by chance, which is drawn for whole steps",
                population.model.name
            ),
            "use the timing `grid`",
        )
    } else {
        return;
    };
    checker.error(PlanError::Unfit {
        path: format!("{path}.spike_timing"),
        reason,
        hint: hint.to_owned(),
    });
}

/// Refuses steps at which an explicit method is known to be unstable.
fn check_dt(population: &Population, program: &Program, path: &str, checker: &mut Checker<'_>) {
    let (Some(dt_ms), method) = (checker.dt_ms(), program.method()) else {
        return;
    };
    let models = std::iter::once(&population.model).chain(population.receptors.iter().map(|r| &r.model));
    let Some(max_dt_ms) = models.filter_map(|model| model.max_dt).min_by(f64::total_cmp) else {
        return;
    };
    if !method.is_explicit() || dt_ms <= max_dt_ms {
        return;
    }
    let fits = |method: &Method| {
        let system = System::join(&population.model, &receptors(population), &[]);
        !method.is_explicit() && system.is_ok_and(|system| lower(&system, *method).is_ok())
    };
    let candidates = Method::ALL.iter().copied().filter(|method| *method != Method::Auto);
    let instead = population
        .model
        .method
        .into_iter()
        .chain(candidates)
        .find(fits)
        .map(Method::name);
    checker.error(PlanError::DtTooLarge {
        path: format!("{path}.method"),
        dt_ms,
        max_dt_ms,
        model: population.model.name.clone(),
        method: method.name(),
        instead,
    });
}

/// The prefix of the columns that hold overridden initial states.
const INITIAL: &str = "initial.";

/// Numbers of the user by the name of their column, engine units.
struct Values(BTreeMap<String, Numbers>);

enum Numbers {
    Uniform(f64),
    PerCell(Vec<f64>),
}

/// A variable that can be given a number.
struct Slot {
    unit: Unit,
    range: Option<(f64, f64)>,
}

impl Values {
    fn check(population: &Population, path: &str, checker: &mut Checker<'_>) -> Values {
        let mut values = Values(BTreeMap::new());
        let size = population.size;
        let id = checker
            .network
            .populations
            .iter()
            .position(|p| std::ptr::eq(p, population));
        let mut n_tables = 0;
        let mut table = |path: &str, what, owner: &Model, prefix: &str, given: &BTreeMap<String, Value>, slots| {
            let slots: BTreeMap<String, Slot> = slots;
            n_tables += 1;
            for (name, value) in given {
                let path = format!("{path}.{name}");
                let Some(slot) = slots.get(name) else {
                    let owner = format!("`{}`", owner.name);
                    checker.unknown(&path, what, name, &owner, slots.keys().cloned().collect());
                    continue;
                };
                let draws = Draws {
                    stream: Stream::new(checker.settings.seed, id.unwrap_or_default() as u32, Purpose::Parameter),
                    first: (n_tables << 20 | slots.keys().position(|n| n == name).unwrap_or_default() as u64) << 24,
                };
                if let Some(numbers) = numbers(&path, name, value, slot, (size, draws), checker) {
                    values.0.insert(format!("{prefix}{name}"), numbers);
                }
            }
        };
        let model = &population.model;
        table(
            &format!("{path}.parameters"),
            "parameter",
            model,
            "",
            &population.parameters,
            parameter_slots(model),
        );
        for receptor in &population.receptors {
            let path = format!("{path}.receptors.{}.parameters", receptor.name);
            let (model, prefix) = (&receptor.model, format!("{}.", receptor.name));
            table(
                &path,
                "parameter",
                model,
                &prefix,
                &receptor.parameters,
                parameter_slots(model),
            );
        }
        table(
            &format!("{path}.initial"),
            "state",
            model,
            INITIAL,
            &population.initial,
            state_slots(population),
        );
        values
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A number for each parameter column: what all cells share, and what differs.
    fn split(mut self, program: &Program) -> (Uniform, PerCell) {
        let (mut uniform, mut per_cell) = (Vec::new(), Vec::new());
        for id in program.columns_with(Role::Parameter) {
            let column = &program.columns()[id.0 as usize];
            match self.0.remove(&column.name) {
                None => uniform.push((id, column.default)),
                Some(Numbers::Uniform(value)) => uniform.push((id, value)),
                Some(Numbers::PerCell(values)) => per_cell.push((id, values)),
            }
        }
        (uniform, per_cell)
    }
}

fn parameter_slots(model: &Model) -> BTreeMap<String, Slot> {
    let slot = |p: &nsb_lang::model::Parameter| {
        (
            p.name.clone(),
            Slot {
                unit: p.unit.clone(),
                range: p.range,
            },
        )
    };
    model.parameters.iter().map(slot).collect()
}

/// States of the neuron, and `<receptor>.<state>`.
fn state_slots(population: &Population) -> BTreeMap<String, Slot> {
    let states = |model: &Model, prefix: &str| -> Vec<(String, Slot)> {
        let slot = |s: &nsb_lang::model::State| {
            (
                format!("{prefix}{}", s.name),
                Slot {
                    unit: s.unit.clone(),
                    range: None,
                },
            )
        };
        model.states.iter().map(slot).collect()
    };
    let receptors = population
        .receptors
        .iter()
        .flat_map(|r| states(&r.model, &format!("{}.", r.name)));
    states(&population.model, "").into_iter().chain(receptors).collect()
}

fn numbers(
    path: &str,
    name: &str,
    value: &Value,
    slot: &Slot,
    (size, draws): (usize, Draws),
    checker: &mut Checker<'_>,
) -> Option<Numbers> {
    match value {
        Value::Uniform(quantity) => number(path, name, quantity, slot, checker).map(Numbers::Uniform),
        Value::List(list) if list.len() != size => {
            checker.error(PlanError::WrongLength {
                path: path.to_owned(),
                expected: size,
                found: list.len(),
            });
            None
        }
        // Of a list, the first error is enough: the others are usually the same.
        Value::List(list) => list
            .iter()
            .enumerate()
            .map(|(n, quantity)| number(&format!("{path}[{n}]"), name, quantity, slot, checker))
            .collect::<Option<Vec<f64>>>()
            .map(Numbers::PerCell),
        Value::Random(distribution) => {
            let expected = (slot.unit.dimension(), slot.unit.symbol());
            let sampler = Sampler::check(path, distribution, Some(expected), checker)?;
            let cells = 0..size.min(MAX_CELLS) as u64;
            let drawn: Vec<f64> = cells
                .map(|cell| sampler.draw(draws.stream, draws.first | cell))
                .collect();
            let (low, high) = slot.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
            if let Some(cell) = drawn.iter().position(|value| !(low..=high).contains(value)) {
                let shown = |value| Quantity::from_engine(value, slot.unit.clone());
                let (found, low, high) = (shown(drawn[cell]), shown(low), shown(high));
                checker.error(PlanError::Unfit {
                    path: path.to_owned(),
                    reason: format!(
                        "{found}, drawn for cell {cell}, is outside the allowed range of {name}, {low} to {high}"
                    ),
                    hint: format!("limit the distribution with min = \"{low}\" and max = \"{high}\""),
                });
                return None;
            }
            Some(Numbers::PerCell(drawn))
        }
    }
}

/// Which draws belong to a value: those of the indices `first | cell`.
struct Draws {
    stream: Stream,
    first: u64,
}

fn number(path: &str, name: &str, given: &Quantity, slot: &Slot, checker: &mut Checker<'_>) -> Option<f64> {
    let value = checker.number(path, given, slot.unit.dimension(), slot.unit.symbol())?;
    if let Some((low, high)) = slot.range
        && !(low..=high).contains(&value)
    {
        let bound = |value| Quantity::new(slot.unit.from_engine(value), slot.unit.clone());
        let (low, high) = (bound(low), bound(high));
        let (path, name, found) = (path.to_owned(), name.to_owned(), given.clone());
        checker.error(PlanError::OutOfRange {
            path,
            name,
            found,
            low,
            high,
        });
        return None;
    }
    Some(value)
}
