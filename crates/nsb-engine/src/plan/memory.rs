//! How much memory a network takes, and whether the machine gives it.

use nsb_kernels::LANES;

use super::projection::CheckedProjection;
use super::{PlanError, PlannedBlock, PlannedPopulation, Precision, Settings, Synapses};
use crate::network::Network;

/// Columns live twice: as they are, and as they were some steps ago (to find the origin of a non-finite state).
const COPIES_OF_COLUMNS: u64 = 2;

/// Bytes for the columns of all cells. Specialising a program can add a few columns more.
pub(super) fn of_cells(populations: &[PlannedPopulation]) -> u64 {
    populations.iter().map(of_population).sum()
}

/// Bytes for the synapses as they are.
pub(super) fn of_synapses(synapses: &[Synapses], blocks: &[PlannedBlock]) -> u64 {
    let junctions = blocks.iter().map(|block| size_of_val(&*block.half_junctions) as u64);
    synapses.iter().map(Synapses::bytes).chain(junctions).sum()
}

fn of_population(population: &PlannedPopulation) -> u64 {
    let cells = u64::from(population.size).next_multiple_of(LANES as u64);
    let columns = population.program.columns().len() as u64;
    let given = population.per_cell.len() as u64;
    cells * size_of::<f64>() as u64 * (COPIES_OF_COLUMNS * columns + given)
}

/// Refuses, before it is built, what the machine cannot hold; names the part that needs most.
pub(super) fn check(
    network: &Network,
    settings: &Settings,
    populations: &[PlannedPopulation],
    projections: &[CheckedProjection<'_>],
) -> Option<PlanError> {
    let mut parts = Vec::new();
    for population in populations {
        parts.push((
            of_population(population),
            "cells",
            format!("populations.{}.size", population.name),
        ));
    }
    for (projection, described) in projections.iter().zip(&network.projections) {
        let synapses = projection.rule(settings.seed, populations).expected();
        let bytes = match projection.weights.uniform() {
            Some(_) => 2.0,
            None if settings.precision == Precision::Compact => 4.0,
            None => 6.0,
        };
        parts.push((
            (bytes * synapses) as u64,
            "synapses",
            format!("projections.{}", described.name),
        ));
    }
    let total = parts.iter().fold(0u64, |sum, part| sum.saturating_add(part.0));
    if can_be_had(total) {
        return None;
    }
    let (bytes, what, path) = parts.into_iter().max_by_key(|part| part.0)?;
    Some(PlanError::Memory { path, what, bytes })
}

/// Asks for the memory and gives it back untouched. Systems that promise more than they have still refuse what is
/// more than all of it, and that is the case to be caught here.
fn can_be_had(bytes: u64) -> bool {
    let mut probe: Vec<u8> = Vec::new();
    let had = usize::try_from(bytes).is_ok_and(|bytes| probe.try_reserve_exact(bytes).is_ok());
    // Keeps the compiler from removing an allocation that nobody uses.
    std::hint::black_box(&mut probe);
    had
}
