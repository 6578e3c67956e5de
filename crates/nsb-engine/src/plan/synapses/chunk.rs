//! The synapses of some neighbouring source cells onto one domain.

use nsb_kernels::Real;

use super::WINDOW;
use crate::pages::Pages;
use crate::plan::layout::SLOTS;
use crate::prefetch::prefetch;

/// The synapses of one source cell that have the same delay: positions in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    begin: u32,
    end: u32,
}

/// What a spike brings in a window: rows that are due at its two steps, which lie side by side. One may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowPair {
    pub(super) chunk: u32,
    begin: u32,
    middle: u32,
    end: u32,
}

impl RowPair {
    /// Numbers of synapses.
    pub(super) fn lengths(self) -> [u32; 2] {
        [self.middle - self.begin, self.end - self.middle]
    }

    /// The row that is due at the first step of the window, or at the second.
    pub(super) fn row(self, half: usize) -> Row {
        let ends = [self.begin, self.middle, self.end];
        Row {
            begin: ends[half],
            end: ends[half + 1],
        }
    }
}

/// The synapses of some neighbouring source cells, sorted by source and delay.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    /// Source n has the rows `sources[n]..sources[n + 1]`.
    sources: Box<[u32]>,
    /// Row n is `rows[n].begin..rows[n + 1].begin`; the last is a sentinel.
    rows: Pages<RowHead>,
    synapses: Stored,
}

/// Where a row begins, and how long it takes to arrive.
#[derive(Debug, Clone, Copy)]
struct RowHead {
    delay: u32,
    begin: u32,
}

/// Targets and weights.
#[derive(Debug, Clone)]
enum Stored {
    /// All have the same weight.
    Uniform { weight: f32, targets: Pages<u16> },
    /// Weights of 32 bits.
    Single { targets: Pages<u16>, weights: Pages<f32> },
    /// The target in the lower half, a weight of 16 bits (bfloat16) in the upper half.
    Compact(Pages<u32>),
}

/// How a chunk keeps its weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Encoding {
    /// One weight for all.
    Uniform(f32),
    /// 32 bits each.
    Single,
    /// 16 bits each, rounded to the nearest bfloat16, ties to even.
    Compact,
}

/// Collects the synapses of a chunk. Its memory can be used for one chunk after the other.
#[derive(Debug, Default)]
pub(super) struct ChunkBuilder {
    sources: Vec<u32>,
    rows: Vec<RowHead>,
    targets: Vec<u16>,
    weights: Vec<f32>,
}

impl ChunkBuilder {
    /// Adds a synapse of the present source. Delays must ascend.
    pub(super) fn push(&mut self, delay: u32, slot: u16, weight: f32) {
        let present = self.sources.last().map_or(0, |&end| end as usize);
        if self.rows[present..].last().is_none_or(|row| row.delay != delay) {
            debug_assert!(self.rows[present..].last().is_none_or(|row| row.delay < delay));
            let begin = self.targets.len() as u32;
            self.rows.push(RowHead { delay, begin });
        }
        self.targets.push(slot);
        self.weights.push(weight);
    }

    /// Goes on to the next source.
    pub(super) fn end_source(&mut self) {
        self.sources.push(self.rows.len() as u32);
    }

    /// The chunk; the builder is empty afterwards.
    pub(super) fn finish(&mut self, encoding: Encoding) -> Chunk {
        let begin = self.targets.len() as u32;
        self.rows.push(RowHead { delay: u32::MAX, begin });
        let synapses = match encoding {
            Encoding::Uniform(weight) => Stored::Uniform {
                weight,
                targets: Pages::new(&self.targets),
            },
            Encoding::Single => Stored::Single {
                targets: Pages::new(&self.targets),
                weights: Pages::new(&self.weights),
            },
            Encoding::Compact => {
                let synapses = self.targets.iter().zip(&self.weights);
                let packed: Vec<u32> = synapses
                    .map(|(&target, &weight)| to_bfloat16(weight) | u32::from(target))
                    .collect();
                Stored::Compact(Pages::new(&packed))
            }
        };
        let chunk = Chunk {
            sources: std::iter::once(0).chain(self.sources.iter().copied()).collect(),
            rows: Pages::new(&self.rows),
            synapses,
        };
        self.sources.clear();
        self.rows.clear();
        self.targets.clear();
        self.weights.clear();
        chunk
    }
}

impl Chunk {
    /// The rows of a source, counted within the chunk, and a sentinel.
    fn heads_of(&self, source: u32) -> &[RowHead] {
        let source = source as usize;
        &self.rows[self.sources[source] as usize..=self.sources[source + 1] as usize]
    }

    /// Calls `found` for each row of a source, counted within the chunk, with its delay.
    pub(super) fn rows_of(&self, source: u32, found: &mut impl FnMut(u32, Row)) {
        for pair in self.heads_of(source).windows(2) {
            let (begin, end) = (pair[0].begin, pair[1].begin);
            found(pair[0].delay, Row { begin, end });
        }
    }

    /// Calls `found` for each window in which a spike of grid point `at` brings something, with what it brings.
    pub(super) fn pairs_of(&self, source: u32, at: u64, chunk: u32, found: &mut impl FnMut(u64, RowPair)) {
        let heads = self.heads_of(source);
        let mut n = 0;
        while n + 1 < heads.len() {
            let due = at + u64::from(heads[n].delay);
            let (begin, mut end) = (heads[n].begin, heads[n + 1].begin);
            let mut middle = begin;
            if due.is_multiple_of(WINDOW) {
                middle = end;
                if n + 2 < heads.len() && heads[n + 1].delay == heads[n].delay + 1 {
                    n += 1;
                    end = heads[n + 1].begin;
                }
            }
            n += 1;
            found(
                due / WINDOW,
                RowPair {
                    chunk,
                    begin,
                    middle,
                    end,
                },
            );
        }
    }

    /// Asks memory for what tells the rows of a source.
    pub(super) fn prefetch_heads(&self, source: u32) {
        prefetch(self.heads_of(source));
    }

    /// Asks memory for what a spike brings in a window.
    pub(super) fn prefetch(&self, rows: RowPair) {
        let (begin, end) = (rows.begin as usize, rows.end as usize);
        match &self.synapses {
            Stored::Uniform { targets, .. } => prefetch(&targets[begin..end]),
            Stored::Single { targets, weights } => {
                prefetch(&targets[begin..end]);
                prefetch(&weights[begin..end]);
            }
            Stored::Compact(packed) => prefetch(&packed[begin..end]),
        }
    }

    /// Adds the weights of a row to the slots of its targets, in order.
    pub(super) fn deliver<R: Real>(&self, row: Row, sums: &mut [R; SLOTS]) {
        let (begin, end) = (row.begin as usize, row.end as usize);
        match &self.synapses {
            Stored::Uniform { weight, targets } => {
                let weight = R::from(*weight);
                for &target in &targets[begin..end] {
                    sums[usize::from(target)] += weight;
                }
            }
            Stored::Single { targets, weights } => {
                for (&target, &weight) in targets[begin..end].iter().zip(&weights[begin..end]) {
                    sums[usize::from(target)] += R::from(weight);
                }
            }
            Stored::Compact(packed) => {
                for &synapse in &packed[begin..end] {
                    sums[usize::from(synapse as u16)] += R::from(f32::from_bits(synapse & 0xffff_0000));
                }
            }
        }
    }

    /// Gives the synapses of a row, in order.
    pub(super) fn synapses_of(&self, row: Row, mut visit: impl FnMut(u16, f32)) {
        for n in row.begin as usize..row.end as usize {
            match &self.synapses {
                Stored::Uniform { weight, targets } => visit(targets[n], *weight),
                Stored::Single { targets, weights } => visit(targets[n], weights[n]),
                Stored::Compact(packed) => visit(packed[n] as u16, f32::from_bits(packed[n] & 0xffff_0000)),
            }
        }
    }

    /// Gives all weights.
    pub(super) fn weights(&self, mut visit: impl FnMut(f32)) {
        let all = Row {
            begin: 0,
            end: self.len() as u32,
        };
        self.synapses_of(all, |_, weight| visit(weight));
    }

    /// Number of sources.
    pub(super) fn n_sources(&self) -> u32 {
        self.sources.len() as u32 - 1
    }

    /// Number of synapses.
    pub(super) fn len(&self) -> u64 {
        match &self.synapses {
            Stored::Uniform { targets, .. } | Stored::Single { targets, .. } => targets.len() as u64,
            Stored::Compact(packed) => packed.len() as u64,
        }
    }

    /// Memory taken.
    pub(super) fn bytes(&self) -> u64 {
        let per_synapse = match &self.synapses {
            Stored::Uniform { .. } => 2,
            Stored::Single { .. } => 6,
            Stored::Compact(_) => 4,
        };
        let directory = size_of_val(&*self.rows) + size_of_val(&*self.sources) + size_of::<Chunk>();
        directory as u64 + per_synapse * self.len()
    }
}

/// The nearest finite number with 8 significant bits, ties to even, in the upper half. Weights are finite.
fn to_bfloat16(weight: f32) -> u32 {
    const LARGEST: u32 = 0x7f7f_0000;
    let bits = weight.to_bits();
    let (sign, size) = (bits & 0x8000_0000, bits & 0x7fff_ffff);
    let odd = size >> 16 & 1;
    sign | ((size + 0x7fff + odd) & 0xffff_0000).min(LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(chunk: &Chunk, source: u32) -> Vec<(u32, Row)> {
        let mut rows = Vec::new();
        chunk.rows_of(source, &mut |delay, row| rows.push((delay, row)));
        rows
    }

    fn chunk(encoding: Encoding) -> Chunk {
        let mut chunk = ChunkBuilder::default();
        chunk.end_source();
        for (delay, slot, weight) in [(3, 0, 1.0), (3, 3, 2.0), (7, 3, 4.0)] {
            chunk.push(delay, slot, weight);
        }
        chunk.end_source();
        // The same delay as the last row of the source before.
        chunk.push(7, 65_535, 8.0);
        chunk.end_source();
        chunk.finish(encoding)
    }

    #[test]
    fn each_source_has_its_own_rows_by_delay() {
        for (encoding, scale) in [
            (Encoding::Single, 1.0),
            (Encoding::Compact, 1.0),
            (Encoding::Uniform(0.5), 0.0),
        ] {
            let chunk = chunk(encoding);
            assert_eq!(chunk.len(), 4);
            assert_eq!(rows(&chunk, 0), []);
            let delays = |source| rows(&chunk, source).iter().map(|(delay, _)| *delay).collect::<Vec<_>>();
            assert_eq!((delays(1), delays(2)), (vec![3, 7], vec![7]));
            let mut arrivals: Box<[f64; SLOTS]> = vec![0.0; SLOTS].try_into().unwrap();
            let mut single: Box<[f32; SLOTS]> = vec![0.0; SLOTS].try_into().unwrap();
            let all: Vec<Row> = rows(&chunk, 1)
                .into_iter()
                .chain(rows(&chunk, 2))
                .map(|(_, row)| row)
                .collect();
            for row in all {
                chunk.deliver(row, &mut arrivals);
                chunk.deliver(row, &mut single);
            }
            let expected = |weight: f64, n: f64| weight * scale + (1.0 - scale) * 0.5 * n;
            let found = [arrivals[0], arrivals[3], arrivals[65_535]];
            assert_eq!([single[0], single[3], single[65_535]].map(f64::from), found);
            assert_eq!(found, [expected(1.0, 1.0), expected(6.0, 2.0), expected(8.0, 1.0)]);
        }
    }

    #[test]
    fn rows_that_are_due_in_one_window_come_as_a_pair() {
        let mut builder = ChunkBuilder::default();
        for (delay, slots) in [(3, 0..2), (4, 2..5), (5, 5..6), (8, 6..10)] {
            slots.for_each(|slot| builder.push(delay, slot, 1.0));
        }
        builder.end_source();
        let chunk = builder.finish(Encoding::Uniform(1.0));
        let pairs = |at| {
            let mut pairs = Vec::new();
            chunk.pairs_of(0, at, 9, &mut |window, pair| {
                pairs.push((window, pair.begin, pair.lengths()))
            });
            pairs
        };
        // Due at 3, 4, 5, 8; and one step later.
        assert_eq!(pairs(0), [(1, 0, [0, 2]), (2, 2, [3, 1]), (4, 6, [4, 0])]);
        assert_eq!(pairs(1), [(2, 0, [2, 3]), (3, 5, [1, 0]), (4, 6, [0, 4])]);
    }

    #[test]
    fn compact_weights_are_rounded_to_the_nearest_and_ties_to_even() {
        let rounded = |weight: f32| f32::from_bits(to_bfloat16(weight));
        for exact in [0.0, -0.0, 1.0, -1.5, 87.5, 3.0e38, 1.0e-38] {
            let once = rounded(exact);
            assert_eq!(once, rounded(once));
            assert!((once - exact).abs() <= exact.abs() / 256.0);
        }
        // 1 + 2⁻⁸ lies half-way between 1 and 1 + 2⁻⁷; 1 + 3 · 2⁻⁸ half-way between 1 + 2⁻⁷ and 1 + 2⁻⁶.
        assert_eq!(rounded(1.0 + 1.0 / 256.0), 1.0);
        assert_eq!(rounded(1.0 + 3.0 / 256.0), 1.0 + 4.0 / 256.0);
        assert_eq!(rounded(1.0 + 1.01 / 256.0), 1.0 + 2.0 / 256.0);
        assert!(rounded(f32::MAX).is_finite() && rounded(f32::MIN) == -rounded(f32::MAX));
    }

    #[test]
    fn a_synapse_takes_two_four_or_six_bytes() {
        for (encoding, bytes) in [
            (Encoding::Uniform(1.0), 2),
            (Encoding::Compact, 4),
            (Encoding::Single, 6),
        ] {
            let mut chunk = ChunkBuilder::default();
            for slot in 0..10_000 {
                chunk.push(1, slot, f32::from(slot));
            }
            chunk.end_source();
            let chunk = chunk.finish(encoding);
            assert!(chunk.bytes() - bytes * chunk.len() < 300, "{} bytes", chunk.bytes());
        }
    }
}
