//! Gap junctions: ends, conductances and connectors checked, and every junction filed at both of its ends.

use nsb_lang::Dimension;
use nsb_lang::program::{ColumnId, Role};

use super::checker::Checker;
use super::layout::Layout;
use super::projection::{Sides, connector_problems};
use super::strength::{Kind, Place, Strengths};
use super::{PlanError, PlannedPopulation, Settings};
use crate::index::{PopulationId, ProjectionId};
use crate::network::{Connection, Connector, GapJunctions, Slice};
use crate::random::{Purpose, Stream};

/// Streams of gap junctions are numbered from here, beyond all projections.
const FIRST_STREAM: u32 = 1 << 31;

/// Gap junctions that have been built.
#[derive(Debug, Clone)]
pub struct PlannedGapJunctions {
    pub(super) name: String,
    pub(super) source: PopulationId,
    pub(super) target: PopulationId,
    pub(super) n_junctions: u64,
}

impl PlannedGapJunctions {
    /// Their name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The populations of the two ends.
    pub fn ends(&self) -> (PopulationId, PopulationId) {
        (self.source, self.target)
    }

    /// Number of junctions.
    pub fn n_junctions(&self) -> u64 {
        self.n_junctions
    }
}

/// The columns of a population that take part in gap junctions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coupling {
    /// The membrane potential, mV.
    pub(crate) voltage: ColumnId,
    /// The input that takes a current, pA.
    pub(crate) current: ColumnId,
}

/// A gap junction seen from one of its cells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HalfJunction {
    /// The cell, as a position in its block.
    pub(crate) position: u32,
    /// The population of the other cell.
    pub(crate) partner_population: PopulationId,
    /// The other cell.
    pub(crate) partner: u32,
    /// nS.
    pub(crate) conductance: f64,
}

/// Gap junctions that can be built.
pub(super) struct CheckedGapJunctions<'a> {
    id: ProjectionId,
    source: PopulationId,
    target: PopulationId,
    described: &'a GapJunctions,
    conductances: Strengths,
    sides: Sides,
}

impl CheckedGapJunctions<'_> {
    /// Number of junctions to expect.
    pub(super) fn expected(&self, seed: u64) -> f64 {
        let rule = self.sides.rule(&self.described.connector, seed, self.id);
        rule.expected()
    }

    /// Where they are described.
    pub(super) fn path(&self) -> String {
        format!("gap_junctions.{}", self.described.name)
    }
}

pub(super) fn check<'a>(
    number: usize,
    junctions: &'a GapJunctions,
    planned: &[Option<PlannedPopulation>],
    checker: &mut Checker<'_>,
) -> Option<CheckedGapJunctions<'a>> {
    let path = format!("gap_junctions.{}", junctions.name);
    let id = ProjectionId(FIRST_STREAM + number as u32);
    let source = checker.population(&format!("{path}.source"), &junctions.source);
    let target = checker.population(&format!("{path}.target"), &junctions.target);
    let sides = source.zip(target).and_then(|(source, target)| {
        let (sources, targets) = ((source, &junctions.source_cells), (target, &junctions.target_cells));
        Sides::check(&path, sources, targets, checker)
    });
    if let Some((sides, ends)) = sides.as_ref().zip(source.zip(target)) {
        connector_problems(id, &path, &junctions.connector, sides, ends, checker);
    }
    let list = match &junctions.connector {
        Connector::ExplicitList(list) => Some(list),
        _ => None,
    };
    if let (Some(list), Some(sides), true) = (list, &sides, source == target) {
        let is_own = |connection: &Connection| {
            let number = |slice: &Slice, cell: usize| (cell < slice.len() as usize).then(|| slice.cell(cell as u32));
            let source = number(&sides.sources, connection.source);
            source.is_some() && source == number(&sides.targets, connection.target)
        };
        if let Some(n) = list.iter().position(is_own) {
            checker.error(PlanError::Unfit {
                path: format!("{path}.connections[{n}]"),
                reason: format!("cell {} is connected to itself", list[n].source),
                hint: "a gap junction joins two cells: remove this pair".to_owned(),
            });
        }
    }
    let mut own = list.map(|list| list.iter().map(|connection| connection.weight.as_ref()));
    let conductances = Strengths::check(
        &path,
        Kind::Conductance,
        junctions.conductance.as_ref(),
        own.as_mut().map(|own| own as _),
        sides.as_ref(),
        checker,
    );
    let (source, target) = (source?, target?);
    for (end, id) in [("source", source), ("target", target)] {
        let population = planned[id.index()].as_ref()?;
        if coupling(population).is_none() {
            checker.error(PlanError::Unfit {
                path: format!("{path}.{end}"),
                reason: format!(
                    "the model `{}` of `{}` has no potential `V`, or no input that takes a current",
                    population.model.name, population.name
                ),
                hint: "choose a model with a state V in mV and an input in pA, or with an `area`".to_owned(),
            });
            return None;
        }
    }
    Some(CheckedGapJunctions {
        id,
        source,
        target,
        described: junctions,
        conductances: conductances?,
        sides: sides?,
    })
}

/// The potential and the current of a population, if its model has both.
pub(super) fn coupling(population: &PlannedPopulation) -> Option<Coupling> {
    let program = &population.program;
    let dimension = |id: &ColumnId| program.columns()[id.0 as usize].unit.dimension();
    let voltage = program
        .column("V")
        .filter(|id| program.columns()[id.0 as usize].role == Role::State && dimension(id) == Dimension::VOLTAGE)?;
    let current = program
        .columns_with(Role::Input)
        .find(|id| dimension(id) == Dimension::CURRENT)?;
    Some(Coupling { voltage, current })
}

/// Files each junction at the blocks of both of its cells.
pub(super) fn connect(
    junctions: &CheckedGapJunctions<'_>,
    settings: &Settings,
    populations: &[PlannedPopulation],
    layout: &mut Layout,
) -> Result<PlannedGapJunctions, Box<PlanError>> {
    let (source, target) = (junctions.source, junctions.target);
    let connector = &junctions.described.connector;
    let is_list = matches!(connector, Connector::ExplicitList(_));
    let Sides { sources, targets, .. } = &junctions.sides;
    // A pair that the rule could give in both directions is taken in one of them only.
    let is_taken = |a: u32, b: u32| {
        let both_ways = || targets.number(a).is_some() && sources.number(b).is_some();
        source != target || is_list || a < b || (a != b && !both_ways())
    };
    let mut rule = junctions.sides.rule(connector, settings.seed, junctions.id);
    rule.prepare();
    let stream = Stream::new(settings.seed, junctions.id.0, Purpose::Weight);
    let mut found: Vec<(u32, u32, f64)> = Vec::new();
    let mut links = Vec::new();
    for cell in 0..populations[source.index()].size {
        links.clear();
        rule.row(cell, &mut links);
        for &link in links.iter().filter(|link| is_taken(cell, link.target)) {
            let place = Place {
                source: cell,
                position: found.len() as u32,
                number: found.len() as u64,
                link,
            };
            if let Some(length) = junctions
                .conductances
                .list_length()
                .filter(|&length| length <= place.number)
            {
                return Err(wrong_length(junctions, length, "more"));
            }
            found.push((cell, link.target, junctions.conductances.at(&place, stream)?));
        }
    }
    if let Some(length) = junctions
        .conductances
        .list_length()
        .filter(|&length| length != found.len() as u64)
    {
        return Err(wrong_length(junctions, length, &found.len().to_string()));
    }
    // The order of a list must not matter to sums.
    found.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
    for &(a, b, conductance) in &found {
        for ((own_population, own), (partner_population, partner)) in
            [((source, a), (target, b)), ((target, b), (source, a))]
        {
            let block = layout.block_of(own_population, own);
            block.half_junctions.push(HalfJunction {
                position: own - block.first,
                partner_population,
                partner,
                conductance,
            });
        }
    }
    Ok(PlannedGapJunctions {
        name: junctions.described.name.clone(),
        source,
        target,
        n_junctions: found.len() as u64,
    })
}

fn wrong_length(junctions: &CheckedGapJunctions<'_>, given: u64, needed: &str) -> Box<PlanError> {
    Box::new(PlanError::Unfit {
        path: junctions.conductances.path().to_owned(),
        reason: format!("the list has {given} values, but there are {needed} junctions"),
        hint: "give one value per junction in the order of source, then target, or one for all".to_owned(),
    })
}
