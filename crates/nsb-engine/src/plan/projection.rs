//! Projections: ends, weights, delays and connectors checked; every delay in whole steps.

use nsb_lang::ModelKind;

use super::checker::Checker;
use super::plasticity::{self, PlannedPlasticity, PlannedRule};
use super::strength::{Kind, MAX_LIST_ERRORS, Strengths};
use super::{PlanError, PlannedPopulation};
use crate::index::{PopulationId, ProjectionId};
use crate::network::connector::{Ends, Rule, SameCells, Sliced};
use crate::network::{CellSet, Connection, Connector, Projection, Slice};

/// A projection that has been built.
#[derive(Debug, Clone)]
pub struct PlannedProjection {
    pub(super) name: String,
    pub(super) source: PopulationId,
    pub(super) target: PopulationId,
    /// The cells that take part.
    pub(super) source_cells: Slice,
    pub(super) target_cells: Slice,
    pub(super) receptor: String,
    /// Position of the receptor in the target population.
    pub(super) receptor_index: u32,
    /// Position among the bundles of the source population.
    pub(super) bundle: u32,
    pub(super) delays: Vec<u32>,
    pub(super) n_synapses: u64,
    pub(super) plasticity: Option<PlannedPlasticity>,
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

    /// The different delays in steps that it has or has had, ascending.
    pub fn delays(&self) -> &[u32] {
        &self.delays
    }

    /// How its synapses change, if they do.
    pub fn plasticity(&self) -> Option<&PlannedPlasticity> {
        self.plasticity.as_ref()
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
    pub(super) plasticity: Option<PlannedPlasticity>,
    connector: &'a Connector,
    sides: Sides,
}

impl<'a> CheckedProjection<'a> {
    /// The rule between the whole populations: cells outside the slices have no connections.
    pub(super) fn rule(&self, seed: u64, _populations: &[PlannedPopulation]) -> Box<dyn Rule + 'a> {
        self.sides.rule(self.connector, seed, self.id)
    }

    /// Memory that a synapse takes if it is plastic: its target, what it was at the beginning, its place among those of
    /// its target cell; and in the simulation what changes.
    pub(super) fn bytes_per_plastic_synapse(&self) -> f64 {
        let Some(plasticity) = &self.plasticity else { return 0.0 };
        let initial = if self.weights.uniform().is_some() { 0 } else { 4 };
        let incoming = if plasticity.needs_incoming() { 8 } else { 0 };
        let changing: usize = plasticity.rules().iter().map(PlannedRule::bytes_per_synapse).sum();
        (2 + initial + incoming + 8 + changing) as f64
    }

    /// The cells that take part.
    pub(super) fn sides(&self) -> &Sides {
        &self.sides
    }
}

/// The cells at the two ends of a projection.
#[derive(Debug, Clone)]
pub(super) struct Sides {
    pub(super) sources: Slice,
    pub(super) targets: Slice,
    same: SameCells,
}

impl Sides {
    /// Checks which cells take part. `None` with a finding, or if a population has an impossible size.
    pub(super) fn check(
        path: &str,
        (source, source_cells): (PopulationId, &CellSet),
        (target, target_cells): (PopulationId, &CellSet),
        checker: &mut Checker<'_>,
    ) -> Option<Sides> {
        let mut slice = |end: &str, cells, population| {
            let cells = checker.cells(&format!("{path}.{end}_cells"), cells, population);
            cells.map(|cells| Slice::of(&cells))
        };
        let (sources, targets) = (
            slice("source", source_cells, source),
            slice("target", target_cells, target),
        );
        let (sources, targets) = (sources?, targets?);
        let same = if source == target {
            SameCells::of(&sources, &targets)
        } else {
            SameCells::None
        };
        Some(Sides { sources, targets, same })
    }

    /// What the rule sees.
    pub(super) fn ends(&self, seed: u64, projection: ProjectionId) -> Ends {
        Ends {
            seed,
            projection,
            n_sources: self.sources.len(),
            n_targets: self.targets.len(),
            same: self.same.clone(),
        }
    }

    /// The rule, with cells of the populations in its rows.
    pub(super) fn rule<'c>(&self, connector: &'c Connector, seed: u64, id: ProjectionId) -> Box<dyn Rule + 'c> {
        let rule = connector.rule(self.ends(seed, id));
        Box::new(Sliced::new(rule, self.sources.clone(), self.targets.clone()))
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
    let receptor = target.and_then(|target| receptor(&path, &projection.receptor, target, checker));
    let model = target.zip(receptor).map(|(target, receptor)| {
        let network = checker.network;
        &*network.populations[target.index()].receptors[receptor as usize].model
    });
    let sides = source.zip(target).and_then(|(source, target)| {
        let (sources, targets) = ((source, &projection.source_cells), (target, &projection.target_cells));
        Sides::check(&path, sources, targets, checker)
    });
    if let Some((sides, ends)) = sides.as_ref().zip(source.zip(target)) {
        connector_problems(id, &path, &projection.connector, sides, ends, checker);
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
        sides.as_ref(),
        checker,
    );
    let delays = Strengths::check(
        &path,
        Kind::Delay,
        projection.delay.as_ref(),
        own_delays.as_mut().map(|own| own as _),
        sides.as_ref(),
        checker,
    );
    let planned_target = target.and_then(|target| planned[target.index()].as_ref());
    let plasticity = plasticity::check(projection, &path, model, planned_target, checker);
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
        plasticity: plasticity?,
        connector: &projection.connector,
        sides: sides?,
    })
}

/// What the connector cannot build between these cells.
pub(super) fn connector_problems(
    id: ProjectionId,
    path: &str,
    connector: &Connector,
    sides: &Sides,
    (source, target): (PopulationId, PopulationId),
    checker: &mut Checker<'_>,
) {
    if let Connector::ExplicitList(list) = connector {
        let name = |id: PopulationId, slice: &Slice| {
            let population = &checker.network.populations[id.index()];
            let size = slice.len() as usize;
            if size == population.size {
                (population.name.clone(), size)
            } else {
                (format!("the chosen cells of {}", population.name), size)
            }
        };
        let ends = [
            ("source", name(source, &sides.sources)),
            ("target", name(target, &sides.targets)),
        ];
        check_cells(path, list, &ends, checker);
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
    for problem in connector.rule(sides.ends(checker.settings.seed, id)).problems() {
        checker.error(PlanError::Unfit {
            path: format!("{path}.connector.{}", problem.key),
            reason: problem.reason,
            hint: problem.hint,
        });
    }
}

/// The receptor that spikes arrive at.
pub(super) fn receptor(path: &str, name: &str, target: PopulationId, checker: &mut Checker<'_>) -> Option<u32> {
    let population = &checker.network.populations[target.index()];
    let path = format!("{path}.receptor");
    let Some(found) = population.receptors.iter().position(|receptor| receptor.name == name) else {
        let known = population
            .receptors
            .iter()
            .map(|receptor| receptor.name.clone())
            .collect();
        let owner = format!("population `{}`", population.name);
        checker.unknown(&path, "receptor", name, &owner, known);
        return None;
    };
    let model = &population.receptors[found].model;
    if model.kind == ModelKind::Receptor && model.on_spike.is_empty() && model.on_membrane.is_none() {
        checker.error(PlanError::Unfit {
            path,
            reason: format!("the receptor model `{}` takes no spikes, it has an input", model.name),
            hint: "use a model such as `exponential_conductance`".to_owned(),
        });
        return None;
    }
    Some(found as u32)
}

fn check_cells(path: &str, list: &[Connection], ends: &[(&str, (String, usize)); 2], checker: &mut Checker<'_>) {
    let mut found = 0;
    for (n, connection) in list.iter().enumerate() {
        for (cell, (end, (population, size))) in [connection.source, connection.target].into_iter().zip(ends) {
            if cell >= *size {
                let path = format!("{path}.connections[{n}].{end}");
                checker.error(PlanError::CellOutOfRange {
                    path,
                    cell,
                    population: population.clone(),
                    size: *size,
                });
                found += 1;
                if found == MAX_LIST_ERRORS {
                    return;
                }
            }
        }
    }
}
