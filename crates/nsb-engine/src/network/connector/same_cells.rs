//! Which source and target of a projection are the same cell.

use std::sync::Arc;

use crate::network::Slice;

/// Pairs (source, target) that are the same cell, both ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SameCells {
    /// None: two populations, or slices without a cell in common.
    None,
    /// Source and target of each number below this one.
    All(u32),
    /// The listed pairs.
    Some(Arc<[(u32, u32)]>),
}

impl SameCells {
    /// Of two slices of one population.
    pub(crate) fn of(sources: &Slice, targets: &Slice) -> SameCells {
        if sources == targets {
            return SameCells::All(sources.len());
        }
        let pair = |source| Some((source, targets.number(sources.cell(source))?));
        let pairs: Vec<(u32, u32)> = (0..sources.len()).filter_map(pair).collect();
        if pairs.is_empty() {
            SameCells::None
        } else {
            SameCells::Some(pairs.into())
        }
    }

    /// Number of pairs.
    pub(crate) fn len(&self) -> u32 {
        match self {
            SameCells::None => 0,
            SameCells::All(n) => *n,
            SameCells::Some(pairs) => pairs.len() as u32,
        }
    }

    /// The target that is the same cell as a source.
    pub(crate) fn target_of(&self, source: u32) -> Option<u32> {
        match self {
            SameCells::None => None,
            SameCells::All(n) => (source < *n).then_some(source),
            SameCells::Some(pairs) => pairs
                .binary_search_by_key(&source, |pair| pair.0)
                .ok()
                .map(|n| pairs[n].1),
        }
    }

    /// The source that is the same cell as a target.
    pub(crate) fn source_of(&self, target: u32) -> Option<u32> {
        match self {
            SameCells::None => None,
            SameCells::All(n) => (target < *n).then_some(target),
            SameCells::Some(pairs) => pairs
                .binary_search_by_key(&target, |pair| pair.1)
                .ok()
                .map(|n| pairs[n].0),
        }
    }

    /// Number of pairs whose source is below a number.
    pub(crate) fn before(&self, source: u32) -> u32 {
        match self {
            SameCells::None => 0,
            SameCells::All(n) => source.min(*n),
            SameCells::Some(pairs) => pairs.partition_point(|pair| pair.0 < source) as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_slices_share_the_cells_of_both() {
        let (sources, targets) = (Slice::of(&[2, 3, 4, 5]), Slice::of(&[1, 4, 5, 9]));
        let same = SameCells::of(&sources, &targets);
        assert_eq!(same.len(), 2);
        let targets_of: Vec<_> = (0..4).map(|source| same.target_of(source)).collect();
        assert_eq!(targets_of, [None, None, Some(1), Some(2)]);
        let sources_of: Vec<_> = (0..4).map(|target| same.source_of(target)).collect();
        assert_eq!(sources_of, [None, Some(2), Some(3), None]);
        assert_eq!([0, 2, 3, 4].map(|source| same.before(source)), [0, 0, 1, 2]);
        assert_eq!(SameCells::of(&Slice::of(&[0, 1]), &Slice::of(&[2, 3])), SameCells::None);
        assert_eq!(SameCells::of(&targets, &targets), SameCells::All(4));
    }
}
