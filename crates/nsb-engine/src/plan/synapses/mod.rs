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

pub(crate) use chunk::{Chunk, Row};
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
    /// Calls `found` for each row of a source cell, bundle by bundle, with its delay in steps, ascending.
    pub(crate) fn rows_of(&self, population: PopulationId, cell: u32, mut found: impl FnMut(u32, Row)) {
        for &first in &self.bundles[population.index()] {
            let chunk = first + cell / CHUNK_SOURCES;
            self.chunks[chunk as usize].rows_of(cell % CHUNK_SOURCES, chunk, &mut found);
        }
    }

    /// Gives the synapses of a source cell in a bundle: delay in steps, slot, weight.
    pub(crate) fn row(&self, (source, bundle): (PopulationId, u32), cell: u32, mut visit: impl FnMut(u32, u16, f32)) {
        let chunk = self.bundles[source.index()][bundle as usize] + cell / CHUNK_SOURCES;
        let chunk = &self.chunks[chunk as usize];
        chunk.rows_of(cell % CHUNK_SOURCES, 0, &mut |delay, row| {
            chunk.synapses_of(row, |slot, weight| visit(delay, slot, weight));
        });
    }

    /// Adds the weights of rows, one after the other. Gives their number, at most 2³² − 1.
    pub(crate) fn deliver(&self, rows: &[Row], arrivals: Arrivals<'_>) -> u32 {
        match arrivals {
            Arrivals::Double(sums) => self.deliver_to(rows, sums),
            Arrivals::Single(sums) => self.deliver_to(rows, sums),
        }
        rows.iter().fold(0, |sum: u32, row| sum.saturating_add(row.len()))
    }

    fn deliver_to<R: Real>(&self, rows: &[Row], sums: &mut [R; SLOTS]) {
        /// So many rows ahead, memory is asked for what will be needed.
        const AHEAD: usize = 6;
        for row in rows.iter().take(AHEAD) {
            self.chunks[row.chunk as usize].prefetch(*row);
        }
        for (n, row) in rows.iter().enumerate() {
            if let Some(next) = rows.get(n + AHEAD) {
                self.chunks[next.chunk as usize].prefetch(*next);
            }
            self.chunks[row.chunk as usize].deliver(*row, sums);
        }
    }

    /// Sets the sums to 0 that rows were added to.
    pub(crate) fn clear(&self, rows: &[Row], arrivals: Arrivals<'_>) {
        match arrivals {
            Arrivals::Double(sums) => self.clear_of(rows, sums),
            Arrivals::Single(sums) => self.clear_of(rows, sums),
        }
    }

    fn clear_of<R: Real>(&self, rows: &[Row], sums: &mut [R; SLOTS]) {
        for row in rows {
            self.chunks[row.chunk as usize].synapses_of(*row, |slot, _| sums[usize::from(slot)] = R::ZERO);
        }
    }

    /// Memory taken.
    pub(crate) fn bytes(&self) -> u64 {
        self.chunks.iter().map(Chunk::bytes).sum()
    }
}
