//! Finding the synapses that are to die, and the places of those that are to be born.

use std::ops::Range;

use super::edits::{Edits, Newborn};

/// A list of synapses, source by source and of a source delay by delay. In a row they are sorted by (rank of the
/// projection, target, weight at birth, birth).
pub(super) trait Rows {
    /// The rows of a source: delays, ascending, and positions.
    fn rows_of_source(&self, source: u32) -> impl Iterator<Item = (u32, Range<u32>)>;

    /// Where the synapses of a source end.
    fn end_of(&self, source: u32) -> u32;

    /// The target at a position.
    fn target(&self, position: u32) -> u16;

    /// The weight at a position as it was at birth, with its sign.
    fn weight(&self, position: u32) -> f32;

    /// A weight as the list keeps it.
    fn as_kept(&self, weight: f64) -> f64;
}

/// A synapse that is to die.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dying {
    pub(super) source: u32,
    /// Of the projection among those that share the list.
    pub(super) rank: u32,
    pub(super) target: u16,
    /// Among the synapses of the pair, by delay and then as they lie.
    pub(super) number: u32,
    /// What the caller calls it.
    pub(super) id: u32,
}

/// A synapse that is to be born.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coming {
    pub(super) source: u32,
    pub(super) delay: u32,
    pub(super) rank: u32,
    pub(super) target: u16,
    pub(super) weight: f64,
}

/// A synapse that is to die and is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Missing {
    /// What the caller calls it.
    pub(super) id: u32,
    /// How many synapses the pair has.
    pub(super) found: u32,
}

/// Finds all places in a list. Sorted must be: `dying` by (source, rank, target, number), `coming` by (source, delay,
/// rank, target, weight). `rank` tells whose a target is; `found` gets the delay of each that dies.
pub(super) fn locate(
    rows: &impl Rows,
    rank: impl Fn(u16) -> u32,
    (dying, coming): (&[Dying], &[Coming]),
    mut found: impl FnMut(u32, u32),
) -> Result<Edits, Missing> {
    let key = |position: u32| {
        let target = rows.target(position);
        (rank(target), target)
    };
    let mut edits = Edits::default();
    let same_pair = |a: &Dying, b: &Dying| (a.source, a.rank, a.target) == (b.source, b.rank, b.target);
    for pair in dying.chunk_by(same_pair) {
        let (wanted, mut passed) = ((pair[0].rank, pair[0].target), 0);
        let mut left = pair.iter().peekable();
        for (delay, range) in rows.rows_of_source(pair[0].source) {
            let first = first_not(range.clone(), |position| key(position) < wanted);
            let end = first_not(first..range.end, |position| key(position) == wanted);
            while let Some(dies) = left.next_if(|dies| dies.number < passed + (end - first)) {
                edits.deleted.push(first + dies.number - passed);
                found(dies.id, delay);
            }
            passed += end - first;
        }
        if let Some(dies) = left.next() {
            let (id, found) = (dies.id, passed);
            return Err(Missing { id, found });
        }
    }
    // Pairs come by target, positions by delay.
    edits.deleted.sort_unstable();
    for row in coming.chunk_by(|a, b| (a.source, a.delay) == (b.source, b.delay)) {
        let (source, delay) = (row[0].source, row[0].delay);
        let there = rows.rows_of_source(source).find(|(own, _)| *own >= delay);
        let range = match there {
            Some((own, range)) if own == delay => range,
            Some((_, range)) => range.start..range.start,
            None => rows.end_of(source)..rows.end_of(source),
        };
        let mut from = range.start;
        for born in row {
            let (place, weight) = ((born.rank, born.target), rows.as_kept(born.weight));
            let stays_before = |position: u32| {
                let lighter = || rows.weight(position).total_cmp(&(weight as f32)).is_le();
                key(position) < place || key(position) == place && lighter()
            };
            from = first_not(from..range.end, stays_before);
            edits.born.push(Newborn {
                source,
                delay,
                before: from,
                target: born.target,
                weight,
            });
        }
    }
    Ok(edits)
}

/// The first position of a range for which something does not hold that holds for those in front of it.
fn first_not(range: Range<u32>, holds: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
