//! Projections: ends, weights, delays and connectors checked; every delay in whole steps.

use nsb_lang::program::{ColumnId, Role};
use nsb_lang::{Dimension, Model, Quantity};

use super::checker::Checker;
use super::{PlanError, PlanWarning, PlannedPopulation};
use crate::index::{PopulationId, ProjectionId};
use crate::network::connector::{Ends, Rule};
use crate::network::{Connection, Connector, Projection};

/// Longest delay, steps.
const MAX_DELAY: f64 = (1u64 << 31) as f64;

/// Errors reported for one explicit list; more are usually the same.
const MAX_LIST_ERRORS: usize = 10;

/// A projection that has been built.
#[derive(Debug, Clone)]
pub struct PlannedProjection {
    pub(super) name: String,
    pub(super) source: PopulationId,
    pub(super) target: PopulationId,
    pub(super) receptor: String,
    pub(super) delays: Vec<u32>,
    pub(super) n_synapses: u64,
}

impl PlannedProjection {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The population whose spikes are sent.
    pub fn source(&self) -> PopulationId {
        self.source
    }

    /// The population that receives.
    pub fn target(&self) -> PopulationId {
        self.target
    }

    /// The receptor of the target population.
    pub fn receptor(&self) -> &str {
        &self.receptor
    }

    /// Number of synapses.
    pub fn n_synapses(&self) -> u64 {
        self.n_synapses
    }

    /// The different delays in steps, ascending.
    pub fn delays(&self) -> &[u32] {
        &self.delays
    }
}

/// A projection seen from its target population.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    /// Where spikes come from.
    pub(crate) source: PopulationId,
    /// The column that gathers the weights.
    pub(crate) arrivals: ColumnId,
    /// The different delays in steps, ascending; at least 1.
    pub(crate) delays: Vec<u32>,
}

/// A projection that can be built.
pub(super) struct CheckedProjection<'a> {
    pub(super) id: ProjectionId,
    pub(super) source: PopulationId,
    pub(super) target: PopulationId,
    pub(super) receptor: u32,
    connector: &'a Connector,
    strengths: Strengths,
}

/// Weight and delay (steps) of each connection.
enum Strengths {
    Uniform(f32, u32),
    PerEntry(Vec<(f32, u32)>),
}

impl<'a> CheckedProjection<'a> {
    pub(super) fn rule(&self, seed: u64, populations: &[PlannedPopulation]) -> Box<dyn Rule + 'a> {
        let size = |id: PopulationId| populations[id.index()].size;
        self.connector.rule(Ends {
            seed,
            projection: self.id,
            n_sources: size(self.source),
            n_targets: size(self.target),
            same_population: self.source == self.target,
        })
    }

    /// Weight and delay of a connection.
    pub(super) fn strength(&self, entry: Option<u32>) -> (f32, u32) {
        match (&self.strengths, entry) {
            (Strengths::PerEntry(list), Some(entry)) => list[entry as usize],
            (Strengths::Uniform(weight, delay), _) => (*weight, *delay),
            (Strengths::PerEntry(_), None) => unreachable!("only an explicit list has strengths per entry"),
        }
    }

    /// The different delays, ascending.
    pub(super) fn delays(&self) -> Vec<u32> {
        let mut delays = match &self.strengths {
            Strengths::Uniform(_, delay) => vec![*delay],
            Strengths::PerEntry(list) => list.iter().map(|(_, delay)| *delay).collect(),
        };
        delays.sort_unstable();
        delays.dedup();
        delays
    }

    /// Whether all synapses have the same weight.
    pub(super) fn has_one_weight(&self) -> bool {
        matches!(self.strengths, Strengths::Uniform(..))
    }

    /// The column of the target program that gathers the weights.
    pub(super) fn arrivals(&self, target: &PlannedPopulation) -> ColumnId {
        let role = Role::Arrivals {
            receptor: self.receptor,
        };
        target
            .program
            .columns_with(role)
            .next()
            .expect("a joined program has arrivals for each receptor")
    }
}

/// Checks a projection. `planned` tells which populations are in order.
pub(super) fn check<'a>(
    id: ProjectionId,
    projection: &'a Projection,
    planned: &[Option<PlannedPopulation>],
    checker: &mut Checker<'_>,
) -> Option<CheckedProjection<'a>> {
    let path = format!("projections.{}", projection.name);
    let source = checker.population(&format!("{path}.source"), &projection.source);
    let target = checker.population(&format!("{path}.target"), &projection.target);
    let receptor = target.and_then(|target| receptor(&path, projection, target, checker));
    let model = target.zip(receptor).map(|(target, receptor)| {
        let network = checker.network;
        &*network.populations[target.index()].receptors[receptor as usize].model
    });
    let weight = projection
        .weight
        .as_ref()
        .map(|w| weight(&format!("{path}.weight"), w, model, checker));
    let delay = projection
        .delay
        .as_ref()
        .map(|d| delay(&format!("{path}.delay"), d, checker));
    let strengths = match &projection.connector {
        Connector::ExplicitList(list) => {
            let sizes = source.zip(target).map(|(s, t)| {
                let populations = &checker.network.populations;
                (&populations[s.index()], &populations[t.index()])
            });
            if let Some((source, target)) = sizes {
                let ends = [
                    ("source", &source.name, source.size),
                    ("target", &target.name, target.size),
                ];
                check_cells(&path, list, ends, checker);
            }
            list_strengths(&path, list, weight, delay, model, checker).map(Strengths::PerEntry)
        }
        connector => {
            if let Connector::PairwiseProbability { probability, .. } = connector
                && !(0.0..=1.0).contains(probability)
            {
                let path = format!("{path}.probability");
                checker.error(PlanError::Probability {
                    path,
                    found: *probability,
                });
            }
            let weight = weight.unwrap_or_else(|| missing_weight(&format!("{path}.weight"), model, checker));
            let delay = delay.unwrap_or_else(|| missing_delay(&format!("{path}.delay"), checker));
            weight
                .zip(delay)
                .map(|(weight, delay)| Strengths::Uniform(weight, delay))
        }
    };
    let (source, target) = (source?, target?);
    if planned[source.index()].is_none() || planned[target.index()].is_none() {
        return None;
    }
    let (receptor, strengths) = (receptor?, strengths?);
    Some(CheckedProjection {
        id,
        source,
        target,
        receptor,
        connector: &projection.connector,
        strengths,
    })
}

fn receptor(path: &str, projection: &Projection, target: PopulationId, checker: &mut Checker<'_>) -> Option<u32> {
    let population = &checker.network.populations[target.index()];
    let found = population
        .receptors
        .iter()
        .position(|receptor| receptor.name == projection.receptor);
    if found.is_none() {
        let known = population
            .receptors
            .iter()
            .map(|receptor| receptor.name.clone())
            .collect();
        let owner = format!("population `{}`", population.name);
        checker.unknown(
            &format!("{path}.receptor"),
            "receptor",
            &projection.receptor,
            &owner,
            known,
        );
    }
    found.map(|n| n as u32)
}

/// The weight as it is stored. Without a usable receptor model only its finiteness can be checked.
fn weight(path: &str, given: &Quantity, receptor: Option<&Model>, checker: &mut Checker<'_>) -> Option<f32> {
    let value = match receptor.and_then(|model| model.weight_unit.as_ref()) {
        Some(unit) => checker.number(path, given, unit.dimension(), unit.symbol())?,
        None => checker.finite(path, given)?,
    };
    if !(value as f32).is_finite() {
        checker.error(PlanError::WeightTooLarge {
            path: path.to_owned(),
            found: given.clone(),
        });
        return None;
    }
    if let Some(model) = receptor
        && value < 0.0
        && given.dimension() == Dimension::CONDUCTANCE
    {
        let (path, receptor, weight) = (path.to_owned(), model.name.clone(), given.clone());
        checker.warning(PlanWarning::NegativeConductance { path, receptor, weight });
    }
    Some(value as f32)
}

/// The delay in steps.
fn delay(path: &str, given: &Quantity, checker: &mut Checker<'_>) -> Option<u32> {
    let delay_ms = checker.time_ms(path, given)?;
    let dt_ms = checker.dt_ms()?;
    let steps = delay_ms / dt_ms;
    let found = given.clone();
    // A delay that is one step but for rounding is one step.
    if steps < 1.0 - 1e-9 {
        checker.error(PlanError::DelayBelowStep {
            path: path.to_owned(),
            found,
            dt_ms,
        });
        return None;
    }
    if steps > MAX_DELAY {
        checker.error(PlanError::DelayTooLong {
            path: path.to_owned(),
            found,
            dt_ms,
        });
        return None;
    }
    Some(checker.whole_steps(path, "delay", given, delay_ms) as u32)
}

fn missing_weight<T>(path: &str, receptor: Option<&Model>, checker: &mut Checker<'_>) -> Option<T> {
    let unit = receptor.and_then(|model| model.weight_unit.as_ref());
    let example = unit.map_or("1 nS".to_owned(), |unit| {
        format!("1 {}", unit.symbol()).trim_end().to_owned()
    });
    checker.error(PlanError::Missing {
        path: path.to_owned(),
        what: "weight",
        example,
    });
    None
}

fn missing_delay<T>(path: &str, checker: &mut Checker<'_>) -> Option<T> {
    let example = "1 ms".to_owned();
    checker.error(PlanError::Missing {
        path: path.to_owned(),
        what: "delay",
        example,
    });
    None
}

fn check_cells(path: &str, list: &[Connection], ends: [(&str, &String, usize); 2], checker: &mut Checker<'_>) {
    let mut found = 0;
    for (n, connection) in list.iter().enumerate() {
        for (cell, (end, population, size)) in [connection.source, connection.target].into_iter().zip(ends) {
            if cell >= size {
                let path = format!("{path}.connections[{n}].{end}");
                checker.error(PlanError::CellOutOfRange {
                    path,
                    cell,
                    population: population.clone(),
                    size,
                });
                found += 1;
                if found == MAX_LIST_ERRORS {
                    return;
                }
            }
        }
    }
}

/// Weight and delay of each entry: its own, else those of the projection (`None`: not given; `Some(None)`: wrong).
fn list_strengths(
    path: &str,
    list: &[Connection],
    weight_of_all: Option<Option<f32>>,
    delay_of_all: Option<Option<u32>>,
    receptor: Option<&Model>,
    checker: &mut Checker<'_>,
) -> Option<Vec<(f32, u32)>> {
    let before = checker.errors.len();
    let mut strengths = Vec::with_capacity(list.len());
    let mut complete = true;
    for (n, connection) in list.iter().enumerate() {
        let weight_path = || format!("{path}.connections[{n}].weight");
        let weight = match (&connection.weight, weight_of_all) {
            (Some(own), _) => weight(&weight_path(), own, receptor, checker),
            (None, Some(weight)) => weight,
            (None, None) => missing_weight(&weight_path(), receptor, checker),
        };
        let delay_path = || format!("{path}.connections[{n}].delay");
        let delay = match (&connection.delay, delay_of_all) {
            (Some(own), _) => delay(&delay_path(), own, checker),
            (None, Some(delay)) => delay,
            (None, None) => missing_delay(&delay_path(), checker),
        };
        match weight.zip(delay) {
            Some(strength) => strengths.push(strength),
            None => complete = false,
        }
        if checker.errors.len() - before >= MAX_LIST_ERRORS {
            return None;
        }
    }
    complete.then_some(strengths)
}
