//! Cutting populations into blocks of cells, and building the synapses that end on each.

use std::collections::BTreeMap;

use super::gap_junction::HalfJunction;
use super::projection::CheckedProjection;
use super::strength::Place;
use super::synapses::{Synapses, SynapsesBuilder};
use super::{PlanError, PlannedPopulation, Settings};
use crate::index::PopulationId;
use crate::network::connector::Rule;
use crate::random::{Purpose, Stream};

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
    /// Gap junctions of its cells; those of a cell in the order of the network, then source, then target.
    pub(crate) half_junctions: Vec<HalfJunction>,
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
                half_junctions: Vec::new(),
            });
        }
        population.n_blocks = blocks.len() - before;
    }
    blocks
}

/// What has been built of a projection.
pub(super) struct Connected {
    pub(super) n_synapses: u64,
    /// The different delays in steps, ascending.
    pub(super) delays: Vec<u32>,
}

/// Builds the synapses of a projection into the blocks of its target population.
pub(super) fn connect(
    projection: &CheckedProjection<'_>,
    settings: &Settings,
    populations: &[PlannedPopulation],
    blocks: &mut [PlannedBlock],
    block_cells: u32,
) -> Result<Connected, Box<PlanError>> {
    let n_sources = populations[projection.source.index()].size;
    let blocks: Vec<_> = blocks
        .iter_mut()
        .filter(|block| block.population == projection.target)
        .collect();
    let mut rule = projection.rule(settings.seed, populations);
    rule.prepare();
    check_lists(projection, &*rule, n_sources)?;
    let stream = |purpose| Stream::new(settings.seed, projection.id.0, purpose);
    let (weight_stream, delay_stream) = (stream(Purpose::Weight), stream(Purpose::Delay));
    let mut delays = Delays::default();
    // A delay that all share is one of the projection even where there are no synapses.
    if let Some(delay) = projection.delays.uniform() {
        delays.index(delay as u32);
    }
    let mut builders: Vec<_> = blocks.iter().map(|_| SynapsesBuilder::new()).collect();
    let (mut links, mut row) = (Vec::new(), Vec::new());
    let mut number = 0;
    for source in 0..n_sources {
        links.clear();
        rule.row(source, &mut links);
        row.clear();
        for (position, &link) in links.iter().enumerate() {
            let place = Place {
                source,
                position: position as u32,
                number,
                link,
            };
            number += 1;
            let weight = projection.weights.at(&place, weight_stream)? as f32;
            let delay = projection.delays.at(&place, delay_stream)? as u32;
            row.push((delay, link.target, weight));
        }
        // Synapses of the same pair and delay are ordered by weight, so that the order of a list does not matter.
        row.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
        for &(delay, target, weight) in &row {
            let (block, position) = (target / block_cells, target % block_cells);
            builders[block as usize].push(source, delays.index(delay), position as u16, weight);
        }
    }
    let order = delays.ascending();
    for (block, builder) in blocks.into_iter().zip(builders) {
        block.incoming.push(builder.finish(n_sources, &order));
    }
    Ok(Connected {
        n_synapses: number,
        delays: order.iter().map(|&(delay, _)| delay).collect(),
    })
}

/// Lists have one number for each connection.
fn check_lists(projection: &CheckedProjection<'_>, rule: &dyn Rule, n_sources: u32) -> Result<(), Box<PlanError>> {
    for strengths in [&projection.weights, &projection.delays] {
        let Some(found) = strengths.list_length() else { continue };
        let mut links = Vec::new();
        let mut row_length = |source| {
            links.clear();
            rule.row(source, &mut links);
            links.len() as u64
        };
        let expected: u64 = (0..n_sources).map(&mut row_length).sum();
        if found != expected {
            return Err(Box::new(PlanError::Unfit {
                path: strengths.path().to_owned(),
                reason: format!("the list has {found} values, the projection {expected} connections"),
                hint: "give one value per connection in the order of source, then target, or one for all".to_owned(),
            }));
        }
    }
    Ok(())
}

/// The different delays of a projection, numbered as they are met.
#[derive(Default)]
struct Delays {
    numbers: BTreeMap<u32, usize>,
    last: Option<(u32, usize)>,
}

impl Delays {
    fn index(&mut self, delay: u32) -> usize {
        if let Some((_, index)) = self.last.filter(|&(last, _)| last == delay) {
            return index;
        }
        let next = self.numbers.len();
        let index = *self.numbers.entry(delay).or_insert(next);
        self.last = Some((delay, index));
        index
    }

    /// Delays in ascending order with their numbers.
    fn ascending(self) -> Vec<(u32, usize)> {
        self.numbers.into_iter().collect()
    }
}
