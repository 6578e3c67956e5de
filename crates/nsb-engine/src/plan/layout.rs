//! Cutting a network into domains, which belong to threads, and blocks, which fit the cache.
//!
//! A *domain* holds some neighbouring cells of every large population, and small populations whole. It has a slot for
//! what arrives at each receptor of each of its cells; synapses name their target by its slot, which takes 16 bits. The
//! more cells a domain has, the longer the rows of synapses that a spike brings it, and the less it costs to find
//! them: so there are no more domains than threads, unless slots would run out.
//!
//! Results do not depend on any of this: what a cell receives is summed in an order that knows nothing of domains and
//! blocks (`simulation/epoch.rs`).

use super::PlannedPopulation;
use super::gap_junction::HalfJunction;
use crate::index::PopulationId;
use nsb_kernels::LANES;
use nsb_lang::program::PhaseKind;

/// Cells of a block (the last block of a piece may have fewer): their columns should stay in the L1 or L2 cache from
/// one phase of a step to the next (512 cells of a Hodgkin–Huxley model are about 100 KB).
pub(crate) const BLOCK_CELLS: u32 = 512;

/// Slots of a domain: what 16 bits can tell apart.
pub(crate) const SLOTS: usize = 1 << 16;

/// Some neighbouring cells of a population: what a kernel works on at a time.
#[derive(Debug, Clone)]
pub(crate) struct PlannedBlock {
    /// The population.
    pub(crate) population: PopulationId,
    /// Its first cell.
    pub(crate) first: u32,
    /// Number of cells.
    pub(crate) len: u32,
    /// For each receptor, the slot of the first cell; the others follow.
    pub(crate) slots: Vec<u32>,
    /// Gap junctions of its cells; those of a cell in the order of the network, then source, then target.
    pub(crate) half_junctions: Vec<HalfJunction>,
}

/// Neighbouring cells of a population that lie in one domain.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// The first cell.
    pub(crate) first: u32,
    /// Number of cells.
    pub(crate) len: u32,
    /// The domain.
    pub(crate) domain: u32,
    /// For each receptor, the slot of the first cell; the others follow.
    pub(crate) slots: Vec<u32>,
}

/// What one thread works on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Domain {
    /// Its blocks, by their positions in the plan, ascending.
    pub(crate) blocks: Vec<usize>,
    /// Slots in use.
    pub(crate) n_slots: u32,
}

/// Where each cell is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    /// All blocks, in order of population and cell.
    pub(crate) blocks: Vec<PlannedBlock>,
    /// The pieces of each population, cells ascending.
    pub(crate) pieces: Vec<Vec<Piece>>,
    /// All domains.
    pub(crate) domains: Vec<Domain>,
}

impl Layout {
    /// Cuts all populations for so many threads, or fewer if there is too little to do.
    pub(super) fn new(populations: &[PlannedPopulation], threads: usize, block_cells: u32) -> Layout {
        let n_blocks: usize = populations
            .iter()
            .map(|population| population.size.div_ceil(block_cells) as usize)
            .sum();
        let threads = threads.clamp(1, n_blocks.max(1));
        let mut n_domains = threads;
        loop {
            if let Some(pieces) = deal(populations, n_domains) {
                return Layout::of_pieces(pieces, n_domains, block_cells);
            }
            n_domains += threads;
        }
    }

    fn of_pieces(pieces: Vec<Vec<Piece>>, n_domains: usize, block_cells: u32) -> Layout {
        let mut layout = Layout {
            blocks: Vec::new(),
            domains: vec![Domain::default(); n_domains],
            pieces,
        };
        for (population, pieces) in layout.pieces.iter().enumerate() {
            for piece in pieces {
                let domain = &mut layout.domains[piece.domain as usize];
                domain.n_slots += piece.len * piece.slots.len() as u32;
                for offset in (0..piece.len).step_by(block_cells as usize) {
                    domain.blocks.push(layout.blocks.len());
                    layout.blocks.push(PlannedBlock {
                        population: PopulationId(population as u32),
                        first: piece.first + offset,
                        len: block_cells.min(piece.len - offset),
                        slots: piece.slots.iter().map(|slot| slot + offset).collect(),
                        half_junctions: Vec::new(),
                    });
                }
            }
        }
        layout
    }

    /// The block of a cell.
    pub(super) fn block_of(&mut self, population: PopulationId, cell: u32) -> &mut PlannedBlock {
        let key = (population, cell);
        let after = self
            .blocks
            .partition_point(|block| (block.population, block.first) <= key);
        &mut self.blocks[after - 1]
    }
}

/// Deals the cells of all populations to domains; none if the slots of a domain run out. Large populations go to all
/// domains in equal pieces; each piece goes to the domain that has least to do.
fn deal(populations: &[PlannedPopulation], n_domains: usize) -> Option<Vec<Vec<Piece>>> {
    let (mut slots, mut costs) = (vec![0usize; n_domains], vec![0u64; n_domains]);
    let mut pieces = Vec::new();
    for population in populations {
        let n_receptors = population.receptors.len();
        // Whole lanes, so that no piece computes more padding than it must; fewer where slots are precious.
        let grain = (SLOTS / n_receptors.max(1)).clamp(1, LANES) as u32;
        let n_pieces = (n_domains as u32).min(population.size.div_ceil(grain));
        let length = population.size.div_ceil(n_pieces).next_multiple_of(grain);
        let operations = population.program.phase(PhaseKind::Step).ops.len() as u64 + 1;
        let mut of_population = Vec::new();
        for first in (0..population.size).step_by(length as usize) {
            let len = length.min(population.size - first);
            // Equal costs go to the first; a domain takes a second piece of a population only if all have one.
            let domain = (0..n_domains)
                .filter(|&domain| {
                    of_population.len() >= n_domains
                        || !of_population
                            .iter()
                            .any(|piece: &Piece| piece.domain as usize == domain)
                })
                .min_by_key(|&domain| costs[domain])?;
            let begin = slots[domain];
            slots[domain] += len as usize * n_receptors;
            costs[domain] += u64::from(len) * operations;
            if slots[domain] > SLOTS {
                return None;
            }
            of_population.push(Piece {
                first,
                len,
                domain: domain as u32,
                slots: (0..n_receptors).map(|r| (begin + r * len as usize) as u32).collect(),
            });
        }
        pieces.push(of_population);
    }
    Some(pieces)
}
