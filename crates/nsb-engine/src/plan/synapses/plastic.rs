//! Synapses that change: those of one projection onto one domain, reached from the source cell and from the target.
//!
//! They lie as in a chunk, source by source and of a source delay by delay, but all chunks in one piece, so that a
//! position names a synapse for as long as nothing is rewired. What changes, weights and variables of rules, is kept
//! by the simulation in lists of the same order. A synapse takes 2 bytes for its target, 8 for its place among those
//! of the target cell, and in the simulation 8 for its weight and for each further variable.

use std::ops::Range;

use super::chunk::Chunk;
use super::edits::Edits;
use super::locate::Rows;
use crate::index::ProjectionId;
use crate::pages::Pages;
use crate::plan::layout::Piece;

/// The synapses of a projection that end in one domain.
#[derive(Debug, Clone)]
pub(crate) struct PlasticSynapses {
    projection: ProjectionId,
    /// Source n has the rows `sources[n]..sources[n + 1]`.
    sources: Box<[u32]>,
    /// Of each row, steps.
    delays: Box<[u32]>,
    /// Row n is `begins[n]..begins[n + 1]`.
    begins: Box<[u32]>,
    /// Of each synapse, the number of its target among the cells of the domain.
    targets: Pages<u16>,
    /// Sizes of weights at birth, engine units.
    initial: Initial,
    /// What makes a weight of a size: −1 where weights are negative.
    sign: f64,
    /// The cells of the target population that lie in the domain.
    cells: Cells,
    /// Cell n has the entries `incoming_begins[n]..incoming_begins[n + 1]`; none if nobody asks.
    incoming_begins: Box<[u32]>,
    incoming: Pages<Incoming>,
}

/// Sizes of weights, engine units.
#[derive(Debug, Clone)]
enum Initial {
    /// The same for all.
    Uniform(f64),
    /// One for each.
    Each(Pages<f32>),
}

/// A synapse as its target cell knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Incoming {
    pub(crate) row: u32,
    pub(crate) position: u32,
}

/// Cells of a population that lie in a domain, numbered from 0.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    /// First cell, number of cells, number of the first within the domain.
    runs: Vec<(u32, u32, u32)>,
    /// The slot of each cell.
    slots: Box<[u16]>,
}

impl Cells {
    /// The cells of the pieces that lie in a domain, with the slots of a receptor.
    fn new(pieces: &[Piece], domain: u32, receptor: u32) -> Cells {
        let (mut runs, mut slots) = (Vec::new(), Vec::new());
        for piece in pieces.iter().filter(|piece| piece.domain == domain) {
            runs.push((piece.first, piece.len, slots.len() as u32));
            let first = piece.slots[receptor as usize];
            slots.extend((first..first + piece.len).map(|slot| slot as u16));
        }
        Cells {
            runs,
            slots: slots.into(),
        }
    }

    /// Number of cells.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The slot of each cell, by its number within the domain.
    pub(crate) fn slots(&self) -> &[u16] {
        &self.slots
    }

    /// The number within the domain of a cell of the population, if it lies there.
    pub(crate) fn number(&self, cell: u32) -> Option<u32> {
        let run = self.runs.iter().find(|run| (run.0..run.0 + run.1).contains(&cell))?;
        Some(run.2 + cell - run.0)
    }

    /// The cell of the population with that number within the domain.
    pub(crate) fn cell(&self, number: u32) -> u32 {
        let after = self.runs.partition_point(|run| run.2 <= number);
        let run = self.runs[after - 1];
        run.0 + number - run.2
    }
}

impl PlasticSynapses {
    /// Puts chunks together. `receptor` is a position in the target population. `uniform` is the weight that all share,
    /// if they do; `sign` is −1 where weights are negative.
    pub(super) fn new(
        projection: ProjectionId,
        chunks: impl Iterator<Item = Chunk>,
        (pieces, domain, receptor): (&[Piece], u32, u32),
        (uniform, sign): (Option<f64>, f32),
        needs_incoming: bool,
    ) -> PlasticSynapses {
        let cells = Cells::new(pieces, domain, receptor);
        let mut number_of = vec![0u16; super::super::layout::SLOTS];
        for (number, &slot) in cells.slots.iter().enumerate() {
            number_of[usize::from(slot)] = number as u16;
        }
        let (mut sources, mut delays, mut begins) = (vec![0u32], Vec::new(), vec![0u32]);
        let (mut targets, mut initial) = (Vec::new(), Vec::new());
        for chunk in chunks {
            targets.reserve(chunk.len() as usize);
            if uniform.is_none() {
                initial.reserve(chunk.len() as usize);
            }
            for source in 0..chunk.n_sources() {
                chunk.rows_of(source, &mut |delay, row| {
                    chunk.synapses_of(row, |slot, weight| {
                        targets.push(number_of[usize::from(slot)]);
                        if uniform.is_none() {
                            initial.push(sign * weight);
                        }
                    });
                    delays.push(delay);
                    begins.push(targets.len() as u32);
                });
                sources.push(delays.len() as u32);
            }
        }
        let (incoming_begins, incoming) = if needs_incoming {
            incoming(&begins, &targets, cells.len())
        } else {
            (Vec::new(), Vec::new())
        };
        PlasticSynapses {
            projection,
            sources: sources.into(),
            delays: delays.into(),
            begins: begins.into(),
            targets: Pages::new(&targets),
            initial: match uniform {
                Some(weight) => Initial::Uniform(weight.abs()),
                None => Initial::Each(Pages::new(&initial)),
            },
            sign: f64::from(sign),
            cells,
            incoming_begins: incoming_begins.into(),
            incoming: Pages::new(&incoming),
        }
    }

    /// The store after a rewiring, in which weights have a sign, and for each of its rows which it was before.
    pub(crate) fn rewired(&self, edits: &Edits, sign: f64) -> (PlasticSynapses, Vec<Option<u32>>) {
        let directory = edits.directory(&self.sources, |n| (self.delays[n as usize], self.range(n)));
        let targets = edits.splice(&self.targets, |born| born.target);
        let initial = match &self.initial {
            Initial::Uniform(all) if edits.born.iter().all(|born| born.weight.abs() == *all) => Initial::Uniform(*all),
            Initial::Uniform(all) => {
                let old = vec![*all as f32; self.len()];
                Initial::Each(Pages::new(&edits.splice(&old, |born| born.weight.abs() as f32)))
            }
            Initial::Each(old) => Initial::Each(Pages::new(&edits.splice(old, |born| born.weight.abs() as f32))),
        };
        let (incoming_begins, incoming) = if self.incoming_begins.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            incoming(&directory.begins, &targets, self.cells.len())
        };
        let store = PlasticSynapses {
            projection: self.projection,
            sources: directory.sources.into(),
            delays: directory.delays.into(),
            begins: directory.begins.into(),
            targets: Pages::new(&targets),
            initial,
            sign,
            cells: self.cells.clone(),
            incoming_begins: incoming_begins.into(),
            incoming: Pages::new(&incoming),
        };
        (store, directory.origins)
    }

    /// The row of a source cell with a delay in steps, if there is one.
    pub(crate) fn find_row(&self, source: u32, delay: u32) -> Option<u32> {
        let rows = self.sources[source as usize]..self.sources[source as usize + 1];
        let own = &self.delays[rows.start as usize..rows.end as usize];
        let found = own.binary_search(&delay).ok()?;
        Some(rows.start + found as u32)
    }

    /// Source cell and delay in steps of a row.
    pub(crate) fn of_row(&self, row: u32) -> (u32, u32) {
        let after = self.sources.partition_point(|&first| first <= row);
        (after as u32 - 1, self.delays[row as usize])
    }

    fn range(&self, row: u32) -> Range<u32> {
        self.begins[row as usize]..self.begins[row as usize + 1]
    }

    /// The projection.
    pub(crate) fn projection(&self) -> ProjectionId {
        self.projection
    }

    /// Number of synapses.
    pub(crate) fn len(&self) -> usize {
        self.targets.len()
    }

    /// Number of rows.
    pub(crate) fn n_rows(&self) -> usize {
        self.delays.len()
    }

    /// The target cells.
    pub(crate) fn cells(&self) -> &Cells {
        &self.cells
    }

    /// The rows of a source cell, with their delays in steps, ascending.
    pub(crate) fn rows_of(&self, source: u32) -> impl Iterator<Item = (u32, u32)> + '_ {
        let source = source as usize;
        (self.sources[source]..self.sources[source + 1]).map(|row| (self.delays[row as usize], row))
    }

    /// The positions of the synapses of a row.
    pub(crate) fn row(&self, row: u32) -> Range<usize> {
        let Range { start, end } = self.range(row);
        start as usize..end as usize
    }

    /// Of each synapse, the number of its target among the cells of the domain.
    pub(crate) fn targets(&self) -> &[u16] {
        &self.targets
    }

    /// Sizes of weights at birth, engine units.
    pub(crate) fn initial(&self) -> Vec<f64> {
        match &self.initial {
            Initial::Uniform(weight) => vec![*weight; self.len()],
            Initial::Each(weights) => weights.iter().map(|&weight| f64::from(weight)).collect(),
        }
    }

    /// What makes a weight of a size: 1, or −1 where weights are negative.
    pub(crate) fn sign(&self) -> f64 {
        self.sign
    }

    /// The synapses that end on a cell, by its number within the domain; sources ascending, of a source delays ascending.
    pub(crate) fn incoming(&self, cell: u32) -> &[Incoming] {
        let cell = cell as usize;
        &self.incoming[self.incoming_begins[cell] as usize..self.incoming_begins[cell + 1] as usize]
    }

    /// Memory taken.
    pub(crate) fn bytes(&self) -> u64 {
        let directory = size_of_val(&*self.sources) + size_of_val(&*self.delays) + size_of_val(&*self.begins);
        let initial = match &self.initial {
            Initial::Uniform(_) => 0,
            Initial::Each(weights) => size_of_val(&**weights),
        };
        let targets = size_of_val(&*self.targets) + initial;
        let incoming = size_of_val(&*self.incoming) + size_of_val(&*self.incoming_begins);
        (directory + targets + incoming + size_of_val(&*self.cells.slots)) as u64
    }
}

impl Rows for PlasticSynapses {
    fn rows_of_source(&self, source: u32) -> impl Iterator<Item = (u32, Range<u32>)> {
        self.rows_of(source).map(|(delay, row)| (delay, self.range(row)))
    }

    fn end_of(&self, source: u32) -> u32 {
        self.begins[self.sources[source as usize + 1] as usize]
    }

    fn target(&self, position: u32) -> u16 {
        self.targets[position as usize]
    }

    fn weight(&self, position: u32) -> f32 {
        let size = match &self.initial {
            Initial::Uniform(all) => *all as f32,
            Initial::Each(sizes) => sizes[position as usize],
        };
        size * self.sign as f32
    }

    fn as_kept(&self, weight: f64) -> f64 {
        match self.initial {
            Initial::Uniform(all) if weight.abs() == all => weight,
            _ => f64::from(weight as f32),
        }
    }
}

/// Sorts synapses by target; those of a target stay in order.
fn incoming(begins: &[u32], targets: &[u16], n_cells: usize) -> (Vec<u32>, Vec<Incoming>) {
    let mut ends = vec![0u32; n_cells + 1];
    for &target in targets {
        ends[usize::from(target) + 1] += 1;
    }
    for n in 0..n_cells {
        ends[n + 1] += ends[n];
    }
    let incoming_begins = ends.clone();
    let mut incoming = vec![Incoming { row: 0, position: 0 }; targets.len()];
    for (row, range) in begins.windows(2).enumerate() {
        for position in range[0]..range[1] {
            let next = &mut ends[usize::from(targets[position as usize])];
            incoming[*next as usize] = Incoming {
                row: row as u32,
                position,
            };
            *next += 1;
        }
    }
    (incoming_begins, incoming)
}

#[cfg(test)]
mod tests {
    use super::super::chunk::{ChunkBuilder, Encoding};
    use super::*;

    fn piece(first: u32, len: u32, slot: u32) -> Piece {
        Piece {
            first,
            len,
            domain: 1,
            slots: vec![slot],
        }
    }

    #[test]
    fn synapses_are_found_from_both_ends() {
        // Cells 10..13 have the slots 5..8, cells 40..42 the slots 2..4; source 0 has none, the chunks meet at source 2.
        let pieces = [piece(10, 3, 5), piece(40, 2, 2)];
        let synapses = [
            vec![vec![], vec![(1, 5, 1.0f32), (1, 2, 2.0), (4, 7, 3.0)]],
            vec![vec![(1, 7, 4.0), (4, 5, 5.0)]],
        ];
        let chunks = synapses.iter().map(|sources| {
            let mut builder = ChunkBuilder::default();
            for source in sources {
                source
                    .iter()
                    .for_each(|&(delay, slot, w)| builder.push(delay, slot, -w));
                builder.end_source();
            }
            builder.finish(Encoding::Single)
        });
        let store = PlasticSynapses::new(ProjectionId(3), chunks, (&pieces, 1, 0), (None, -1.0), true);
        assert_eq!((store.len(), store.n_rows(), store.cells().len()), (5, 4, 5));
        assert_eq!(store.rows_of(0).count(), 0);
        assert_eq!(store.rows_of(1).collect::<Vec<_>>(), [(1, 0), (4, 1)]);
        assert_eq!(store.rows_of(2).collect::<Vec<_>>(), [(1, 2), (4, 3)]);
        assert_eq!(store.initial(), [1.0, 2.0, 3.0, 4.0, 5.0]);
        // Numbers 0..3 are the cells 10..13, numbers 3..5 the cells 40..42.
        assert_eq!(store.targets(), [0, 3, 2, 2, 0]);
        assert_eq!((store.cells().number(41), store.cells().number(13)), (Some(4), None));
        assert_eq!((store.cells().cell(4), store.cells().cell(2)), (41, 12));
        let incoming = |row, position| Incoming { row, position };
        assert_eq!(store.incoming(0), [incoming(0, 0), incoming(3, 4)]);
        assert_eq!(store.incoming(1), []);
        assert_eq!(store.incoming(2), [incoming(1, 2), incoming(2, 3)]);
        assert_eq!(store.row(3), 4..5);
    }
}
