//! Projections: ends, weights, delays and connectors checked; every delay in whole steps.

use super::checker::Checker;
use super::strength::{Kind, MAX_LIST_ERRORS, Strengths};
use super::{PlanError, PlannedPopulation};
use crate::index::{PopulationId, ProjectionId};
use crate::network::connector::{Ends, Rule};
use crate::network::{Connection, Connector, Projection};

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

/// A projection that can be built.
pub(super) struct CheckedProjection<'a> {
    pub(super) id: ProjectionId,
    pub(super) source: PopulationId,
    pub(super) target: PopulationId,
    pub(super) receptor: u32,
    pub(super) weights: Strengths,
    pub(super) delays: Strengths,
    connector: &'a Connector,
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
    let ends = source.zip(target);
    if let Some((source, target)) = ends {
        connector_problems(id, &path, &projection.connector, source, target, checker);
    }
    let list = match &projection.connector {
        Connector::ExplicitList(list) => Some(list),
        _ => None,
    };
    let mut own_weights = list.map(|list| list.iter().map(|connection| connection.weight.as_ref()));
    let mut own_delays = list.map(|list| list.iter().map(|connection| connection.delay.as_ref()));
    let weights = Strengths::check(
        &path,
        Kind::Weight(model),
        projection.weight.as_ref(),
        own_weights.as_mut().map(|own| own as _),
        checker,
    );
    let delays = Strengths::check(
        &path,
        Kind::Delay,
        projection.delay.as_ref(),
        own_delays.as_mut().map(|own| own as _),
        checker,
    );
    let (source, target) = (source?, target?);
    if planned[source.index()].is_none() || planned[target.index()].is_none() {
        return None;
    }
    Some(CheckedProjection {
        id,
        source,
        target,
        receptor: receptor?,
        weights: weights?,
        delays: delays?,
        connector: &projection.connector,
    })
}

/// What the connector cannot build between these populations. Empty and too large ones are reported elsewhere.
pub(super) fn connector_problems(
    id: ProjectionId,
    path: &str,
    connector: &Connector,
    source: PopulationId,
    target: PopulationId,
    checker: &mut Checker<'_>,
) {
    let network = checker.network;
    let (sources, targets) = (
        &network.populations[source.index()],
        &network.populations[target.index()],
    );
    if let Connector::ExplicitList(list) = connector {
        let ends = [
            ("source", &sources.name, sources.size),
            ("target", &targets.name, targets.size),
        ];
        check_cells(path, list, ends, checker);
        return;
    }
    if let Connector::PairwiseProbability { probability, .. } = connector
        && !(0.0..=1.0).contains(probability)
    {
        let path = format!("{path}.probability");
        checker.error(PlanError::Probability {
            path,
            found: *probability,
        });
    }
    let usable = 1..=super::population::MAX_CELLS;
    if !usable.contains(&sources.size) || !usable.contains(&targets.size) {
        return;
    }
    let ends = Ends {
        seed: checker.settings.seed,
        projection: id,
        n_sources: sources.size as u32,
        n_targets: targets.size as u32,
        same_population: source == target,
    };
    for problem in connector.rule(ends).problems() {
        checker.error(PlanError::Unfit {
            path: format!("{path}.connector.{}", problem.key),
            reason: problem.reason,
            hint: problem.hint,
        });
    }
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
