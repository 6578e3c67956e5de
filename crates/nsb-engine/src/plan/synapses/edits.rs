//! What dies and what is born in a list of synapses, and how everything that lies in its order follows.
//!
//! Synapses lie source by source, and of a source delay by delay. What changes is said in positions of the list as it
//! was, so that targets, weights, variables and rows that are under way can each be brought along by themselves.

use std::ops::Range;

/// A synapse to be born.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Newborn {
    /// The source cell, as the list counts sources.
    pub(crate) source: u32,
    /// Steps.
    pub(crate) delay: u32,
    /// It will stand in front of what has this position now, or of what comes after that.
    pub(crate) before: u32,
    /// The target cell, as the list names targets.
    pub(crate) target: u16,
    /// With its sign, engine units, as it is kept.
    pub(crate) weight: f64,
}

/// The changes of one list.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Edits {
    /// Positions that die, ascending.
    pub(super) deleted: Vec<u32>,
    /// In the order in which they will lie.
    pub(super) born: Vec<Newborn>,
}

/// The rows of a list, afterwards.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Directory {
    /// Source n has the rows `sources[n]..sources[n + 1]`.
    pub(super) sources: Vec<u32>,
    /// Of each row, steps.
    pub(super) delays: Vec<u32>,
    /// Row n is `begins[n]..begins[n + 1]`.
    pub(super) begins: Vec<u32>,
    /// Of each row, which it was before; none if there was no row of this source and delay.
    pub(super) origins: Vec<Option<u32>>,
}

impl Edits {
    /// Whether nothing changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.deleted.is_empty() && self.born.is_empty()
    }

    /// Whether the list becomes no longer than `most`.
    pub(super) fn fits(&self, len: u64, most: u64) -> bool {
        len + self.born.len() as u64 - self.deleted.len() as u64 <= most
    }

    /// A list that has something of each synapse, brought along.
    pub(crate) fn splice<T: Copy>(&self, old: &[T], born: impl Fn(&Newborn) -> T) -> Vec<T> {
        let mut new = Vec::with_capacity(old.len() + self.born.len() - self.deleted.len());
        let (mut next_born, mut at) = (0, 0usize);
        let mut comes = |new: &mut Vec<T>, at: &mut usize, up_to: u32| {
            while let Some(newborn) = self.born.get(next_born).filter(|born| born.before <= up_to) {
                new.extend_from_slice(&old[*at..newborn.before as usize]);
                *at = newborn.before as usize;
                new.push(born(newborn));
                next_born += 1;
            }
        };
        for &position in &self.deleted {
            comes(&mut new, &mut at, position);
            new.extend_from_slice(&old[at..position as usize]);
            at = position as usize + 1;
        }
        comes(&mut new, &mut at, u32::MAX);
        new.extend_from_slice(&old[at..]);
        new
    }

    /// Where those of a range that survive will be: in order, as few ranges as possible, nothing newborn in them.
    pub(crate) fn pieces(&self, old: Range<u32>, mut found: impl FnMut(Range<u32>)) {
        let mut deleted = self.deleted.partition_point(|&position| position < old.start);
        let mut born = self.born.partition_point(|newborn| newborn.before <= old.start);
        let mut at = old.start;
        // What lies on both sides of something that dies comes together.
        let mut whole: Option<Range<u32>> = None;
        while at < old.end {
            let dies = self
                .deleted
                .get(deleted)
                .copied()
                .filter(|&position| position < old.end);
            let comes = self.born.get(born).map(|newborn| newborn.before);
            let comes = comes.filter(|&before| before < old.end);
            let end = [dies, comes].into_iter().flatten().min().unwrap_or(old.end);
            if at < end {
                let shifted = |position: u32| (position as usize + born - deleted) as u32;
                let piece = shifted(at)..shifted(end);
                match &mut whole {
                    Some(whole) if whole.end == piece.start => whole.end = piece.end,
                    _ => whole.replace(piece).into_iter().for_each(&mut found),
                }
            }
            at = end;
            // What is born in front of what dies lies there already when it dies.
            while self.born.get(born).is_some_and(|newborn| newborn.before == end) {
                born += 1;
            }
            if dies == Some(end) {
                deleted += 1;
                at += 1;
            }
        }
        whole.into_iter().for_each(found);
    }

    /// The rows afterwards. Source n has the rows `sources[n]..sources[n + 1]`, and `row` gives the delay and the
    /// positions of a row.
    pub(super) fn directory(&self, sources: &[u32], row: impl Fn(u32) -> (u32, Range<u32>)) -> Directory {
        let mut new = Directory {
            sources: vec![0],
            begins: vec![0],
            ..Directory::default()
        };
        let (mut deleted, mut born) = (self.deleted.iter().peekable(), self.born.iter().peekable());
        let mut end = 0;
        for (source, rows) in (0u32..).zip(sources.windows(2)) {
            let mut next = rows[0];
            loop {
                let there = (next < rows[1]).then(|| row(next));
                let comes = born.peek().filter(|newborn| newborn.source == source);
                let delays = [
                    there.as_ref().map(|(delay, _)| *delay),
                    comes.map(|newborn| newborn.delay),
                ];
                let Some(delay) = delays.into_iter().flatten().min() else {
                    break;
                };
                let (begin, mut origin) = (end, None);
                if let Some((_, range)) = there.filter(|(own, _)| *own == delay) {
                    origin = Some(next);
                    next += 1;
                    end += range.len() as u32;
                    while deleted.next_if(|position| **position < range.end).is_some() {
                        end -= 1;
                    }
                }
                while born.next_if(|b| (b.source, b.delay) == (source, delay)).is_some() {
                    end += 1;
                }
                if begin < end {
                    new.delays.push(delay);
                    new.begins.push(end);
                    new.origins.push(origin);
                }
            }
            new.sources.push(new.delays.len() as u32);
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    fn newborn(source: u32, delay: u32, before: u32) -> Newborn {
        Newborn {
            source,
            delay,
            before,
            target: 0,
            weight: 0.0,
        }
    }

    /// Source 0 has the rows 0..3 (delay 2) and 3..5 (delay 4), source 1 none, source 2 the row 5..6 (delay 2).
    fn row(n: u32) -> (u32, Range<u32>) {
        [(2, 0..3), (4, 3..5), (2, 5..6)][n as usize].clone()
    }

    fn pieces(edits: &Edits, old: Range<u32>) -> Vec<Range<u32>> {
        let mut all = Vec::new();
        edits.pieces(old, |piece| all.push(piece));
        all
    }

    #[test]
    fn lists_rows_and_ranges_follow() {
        let edits = Edits {
            deleted: vec![1, 3, 5],
            born: vec![
                newborn(0, 1, 0),
                newborn(0, 2, 1),
                newborn(0, 2, 3),
                newborn(0, 4, 3),
                newborn(1, 9, 5),
            ],
        };
        let new = edits.splice(&['a', 'b', 'c', 'd', 'e', 'f'], |born| {
            (b'0' + born.delay as u8) as char
        });
        assert_eq!(new.iter().collect::<String>(), "1a2c24e9");
        let directory = edits.directory(&[0, 2, 2, 3], row);
        let expected = Directory {
            sources: vec![0, 3, 4, 4],
            delays: vec![1, 2, 4, 9],
            begins: vec![0, 1, 5, 7, 8],
            origins: vec![None, Some(0), Some(1), None],
        };
        assert_eq!(directory, expected);
        assert_eq!(pieces(&edits, 0..3), [1..2, 3..4]);
        assert_eq!(pieces(&edits, 3..5), vec![6..7; 1]);
        assert_eq!(pieces(&edits, 5..6), []);
        assert_eq!(pieces(&edits, 2..2), []);
    }

    /// Random changes, against lists of what is meant.
    #[test]
    fn what_survives_is_found_at_its_place() {
        let stream = Stream::new(3, 1, Purpose::Connect);
        let mut draws = 0..;
        let mut below = |n| stream.below(draws.next().unwrap(), n) as u32;
        for _ in 0..500 {
            let len = 1 + below(12);
            let deleted: Vec<u32> = (0..len).filter(|_| below(3) == 0).collect();
            let mut befores: Vec<u32> = (0..below(8)).map(|_| below(u64::from(len) + 1)).collect();
            befores.sort_unstable();
            let born = befores.iter().map(|&before| newborn(0, 1, before)).collect();
            let edits = Edits { deleted, born };
            let old: Vec<Option<u32>> = (0..len).map(Some).collect();
            let mut expected = Vec::new();
            for position in 0..=len {
                expected.extend(befores.iter().filter(|&&before| before == position).map(|_| None));
                expected.extend((position < len && !edits.deleted.contains(&position)).then_some(Some(position)));
            }
            let new = edits.splice(&old, |_| None);
            assert_eq!(new, expected);
            let begin = below(u64::from(len));
            let end = begin + below(u64::from(len - begin) + 1);
            let found = pieces(&edits, begin..end);
            assert!(found.iter().all(|piece| !piece.is_empty()), "{found:?}");
            assert!(found.windows(2).all(|pair| pair[0].end < pair[1].start), "{found:?}");
            let found: Vec<Option<u32>> = found
                .into_iter()
                .flat_map(|piece| new[piece.start as usize..piece.end as usize].to_vec())
                .collect();
            let survive = (begin..end).filter(|position| !edits.deleted.contains(position));
            assert_eq!(found, survive.map(Some).collect::<Vec<_>>());
        }
    }
}
