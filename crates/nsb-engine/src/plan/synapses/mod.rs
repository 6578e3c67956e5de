//! The store of synapses, built for delivery *pull by delay*.
//!
//! A domain of target cells owns the synapses that end in it. They lie in *chunks*: those of some neighbouring source
//! cells of a population, source by source, and of a source delay by delay, so that what a spike brings at one moment
//! is one short *row*. All projections of a source population share its rows, because long rows are cheap: a synapse
//! names its target by the slot of a receptor of a cell. Projections whose synapses have one weight in common share
//! rows of their own, which need no weights.
//!
//! A synapse takes 2 bytes where weights are uniform, else 6, or 4 in the precision `compact`. A row takes 8 bytes.
//! Changing synapses means making a chunk anew, which no other chunk notices: `rewiring.rs` finds what a batch of
//! changes means for each chunk, `edits.rs` brings everything along that lies in its order.
//!
//! Synapses that follow rules of plasticity have a store of their own, `plastic.rs`.

mod chunk;
mod connect;
mod edits;
mod locate;
mod parallel;
mod plastic;
mod rewire_error;
mod rewiring;
mod row_sort;

pub(crate) use chunk::{Chunk, RowPair};
pub(super) use connect::{Bundle, bundles, connect};
pub(crate) use edits::Edits;
pub(crate) use parallel::{each_in_parallel, in_parallel};
pub(crate) use plastic::{Incoming, PlasticSynapses};
pub use rewire_error::RewireError;
pub(crate) use rewiring::Signs;
pub use rewiring::SynapseChange;

use nsb_kernels::Real;

use super::layout::SLOTS;
use crate::index::PopulationId;

/// Source cells of a chunk. Large enough that a chunk of a dense network fills some large pages, small enough that
/// threads share the work of building evenly.
pub(crate) const CHUNK_SOURCES: u32 = 1024;

/// Steps of a window: an even one and the next. What a source brings in a window lies side by side, so one look at
/// memory serves both, and calendars have half as many entries.
pub(crate) const WINDOW: u64 = 2;

/// What arrives in a domain in one step: a sum for each slot, in the numbers of the states.
#[derive(Debug)]
pub(crate) enum Arrivals<'a> {
    /// Of 64 bits.
    Double(&'a mut [f64; SLOTS]),
    /// Of 32 bits.
    Single(&'a mut [f32; SLOTS]),
}

/// The synapses that end in one domain.
#[derive(Debug, Clone, Default)]
pub(crate) struct Synapses {
    chunks: Vec<Chunk>,
    /// For each source population, the first chunk of each of its bundles. A bundle has a chunk for every
    /// [`CHUNK_SOURCES`] cells.
    bundles: Vec<Vec<u32>>,
}

impl Synapses {
    /// Calls `found` for each window in which a spike of grid point `at` brings something, bundle by bundle.
    pub(crate) fn pairs_of(&self, population: PopulationId, cell: u32, at: u64, mut found: impl FnMut(u64, RowPair)) {
        for &first in &self.bundles[population.index()] {
            let chunk = first + cell / CHUNK_SOURCES;
            self.chunks[chunk as usize].pairs_of(cell % CHUNK_SOURCES, at, chunk, &mut found);
        }
    }

    /// Asks memory for what [`Synapses::pairs_of`] will read.
    pub(crate) fn prefetch_heads(&self, population: PopulationId, cell: u32) {
        for &first in &self.bundles[population.index()] {
            self.chunks[(first + cell / CHUNK_SOURCES) as usize].prefetch_heads(cell % CHUNK_SOURCES);
        }
    }

    /// Gives the synapses of a source cell in a bundle: delay in steps, slot, weight.
    pub(crate) fn row(&self, (source, bundle): (PopulationId, u32), cell: u32, mut visit: impl FnMut(u32, u16, f32)) {
        let chunk = self.bundles[source.index()][bundle as usize] + cell / CHUNK_SOURCES;
        let chunk = &self.chunks[chunk as usize];
        chunk.rows_of(cell % CHUNK_SOURCES, &mut |delay, row| {
            chunk.synapses_of(row, |slot, weight| visit(delay, slot, weight));
        });
    }

    /// Adds the weights of what is due in a window, pair by pair: to the sums of its first step, of its second, or of
    /// both. Gives the numbers of synapses due at each, at most 2³² − 1.
    pub(crate) fn deliver(&self, pairs: &[RowPair], sums: [Option<Arrivals<'_>>; 2]) -> [u32; 2] {
        match sums {
            [Some(Arrivals::Double(first)), Some(Arrivals::Double(second))] => self.deliver_both(pairs, first, second),
            [Some(Arrivals::Single(first)), Some(Arrivals::Single(second))] => self.deliver_both(pairs, first, second),
            [first, second] => {
                for (half, sums) in [first, second].into_iter().enumerate() {
                    match sums {
                        Some(Arrivals::Double(sums)) => self.deliver_half(pairs, half, sums),
                        Some(Arrivals::Single(sums)) => self.deliver_half(pairs, half, sums),
                        None => {}
                    }
                }
            }
        }
        pairs.iter().fold([0; 2], |[first, second]: [u32; 2], pair| {
            let lengths = pair.lengths();
            [first.saturating_add(lengths[0]), second.saturating_add(lengths[1])]
        })
    }

    fn deliver_both<R: Real>(&self, pairs: &[RowPair], first: &mut [R; SLOTS], second: &mut [R; SLOTS]) {
        self.each_ahead(pairs, |chunk, pair| {
            chunk.deliver(pair.row(0), first);
            chunk.deliver(pair.row(1), second);
        });
    }

    fn deliver_half<R: Real>(&self, pairs: &[RowPair], half: usize, sums: &mut [R; SLOTS]) {
        self.each_ahead(pairs, |chunk, pair| chunk.deliver(pair.row(half), sums));
    }

    /// Goes through pairs, asking memory for those that follow.
    fn each_ahead(&self, pairs: &[RowPair], mut visit: impl FnMut(&Chunk, RowPair)) {
        /// So many pairs ahead, memory is asked for what will be needed.
        const AHEAD: usize = 8;
        let prefetch = |pair: &RowPair| self.chunks[pair.chunk as usize].prefetch(*pair);
        pairs.iter().take(AHEAD).for_each(prefetch);
        for (n, pair) in pairs.iter().enumerate() {
            if let Some(next) = pairs.get(n + AHEAD) {
                prefetch(next);
            }
            visit(&self.chunks[pair.chunk as usize], *pair);
        }
    }

    /// Sets the sums to 0 to which the first or second rows of pairs were added.
    pub(crate) fn clear(&self, pairs: &[RowPair], half: usize, arrivals: Arrivals<'_>) {
        match arrivals {
            Arrivals::Double(sums) => self.clear_of(pairs, half, sums),
            Arrivals::Single(sums) => self.clear_of(pairs, half, sums),
        }
    }

    fn clear_of<R: Real>(&self, pairs: &[RowPair], half: usize, sums: &mut [R; SLOTS]) {
        for pair in pairs {
            let chunk = &self.chunks[pair.chunk as usize];
            chunk.synapses_of(pair.row(half), |slot, _| sums[usize::from(slot)] = R::ZERO);
        }
    }

    /// Memory taken.
    pub(crate) fn bytes(&self) -> u64 {
        self.chunks.iter().map(Chunk::bytes).sum()
    }
}
