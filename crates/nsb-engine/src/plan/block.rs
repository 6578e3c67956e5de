//! Cutting populations into blocks of cells, and building the synapses that end on each.

use super::projection::CheckedProjection;
use super::synapses::{Synapses, SynapsesBuilder};
use super::{PlannedPopulation, Settings};
use crate::index::PopulationId;

/// Cells of a block (the last block of a population may have fewer).
///
/// A block is what a thread works on: its columns for one epoch should stay in the L2 cache (512 cells of a
/// Hodgkin–Huxley model are about 100 KB), and reading a row of synapses per block and spike should pay (which asks
/// for large blocks). It does not depend on the number of threads, and results do not depend on it: what a cell
/// receives is summed in an order that knows nothing of blocks.
pub(crate) const BLOCK_CELLS: u32 = 512;

/// Some neighbouring cells of a population, and the synapses that end on them.
#[derive(Debug, Clone)]
pub(crate) struct PlannedBlock {
    /// The population.
    pub(crate) population: PopulationId,
    /// Its first cell.
    pub(crate) first: u32,
    /// Number of cells.
    pub(crate) len: u32,
    /// Synapses of each incoming projection of the population.
    pub(crate) incoming: Vec<Synapses>,
}

/// Cuts all populations into blocks, in order.
pub(super) fn cut(populations: &mut [PlannedPopulation], block_cells: u32) -> Vec<PlannedBlock> {
    let mut blocks = Vec::new();
    for (n, population) in populations.iter_mut().enumerate() {
        let before = blocks.len();
        for first in (0..population.size).step_by(block_cells as usize) {
            let len = block_cells.min(population.size - first);
            blocks.push(PlannedBlock {
                population: PopulationId(n as u32),
                first,
                len,
                incoming: Vec::new(),
            });
        }
        population.n_blocks = blocks.len() - before;
    }
    blocks
}

/// Builds the synapses of a projection into the blocks of its target population; returns their number.
pub(super) fn connect(
    projection: &CheckedProjection<'_>,
    settings: &Settings,
    populations: &[PlannedPopulation],
    blocks: &mut [PlannedBlock],
    block_cells: u32,
) -> u64 {
    let n_sources = populations[projection.source.index()].size;
    let delays = projection.delays();
    let blocks: Vec<_> = blocks
        .iter_mut()
        .filter(|block| block.population == projection.target)
        .collect();
    let mut builders: Vec<_> = blocks.iter().map(|_| SynapsesBuilder::new(delays.len())).collect();
    let rule = projection.rule(settings.seed, populations);
    let (mut links, mut row) = (Vec::new(), Vec::new());
    for source in 0..n_sources {
        links.clear();
        rule.row(source, &mut links);
        row.clear();
        row.extend(links.iter().map(|link| {
            let (weight, delay) = projection.strength(link.entry);
            (delay, link.target, weight)
        }));
        // Synapses of the same pair and delay are ordered by weight, so that the order of a list does not matter.
        row.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
        for &(delay, target, weight) in &row {
            let delay_index = delays
                .binary_search(&delay)
                .expect("`delays` holds the delays of all connections");
            let (block, position) = (target / block_cells, target % block_cells);
            builders[block as usize].push(source, delay_index, position as u16, weight);
        }
    }
    let mut n_synapses = 0;
    for (block, builder) in blocks.into_iter().zip(builders) {
        let synapses = builder.finish(n_sources);
        n_synapses += synapses.len();
        block.incoming.push(synapses);
    }
    n_synapses
}
