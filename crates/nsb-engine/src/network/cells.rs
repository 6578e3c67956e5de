//! Some cells of a population.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Some cells of a population.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CellSet {
    /// Every cell.
    #[default]
    All,
    /// `start..end`, end excluded.
    Range(usize, usize),
    /// The listed cells; the order does not matter, none may occur twice.
    List(Vec<usize>),
}

impl fmt::Display for CellSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CellSet::All => f.write_str("all"),
            CellSet::Range(start, end) => write!(f, "{start}..{end}"),
            CellSet::List(list) => write!(f, "{list:?}"),
        }
    }
}

/// Cells of a population that act as one of their own: numbered from 0 in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slice {
    Range(Range<u32>),
    /// Ascending.
    List(Arc<[u32]>),
}

impl Slice {
    /// The slice of these cells, ascending.
    pub(crate) fn of(cells: &[u32]) -> Slice {
        match (cells.first(), cells.last()) {
            (Some(&first), Some(&last)) if (last - first) as usize + 1 == cells.len() => Slice::Range(first..last + 1),
            _ => Slice::List(cells.into()),
        }
    }

    pub(crate) fn len(&self) -> u32 {
        match self {
            Slice::Range(range) => range.end - range.start,
            Slice::List(list) => list.len() as u32,
        }
    }

    /// The cell of the population that has a number in the slice.
    pub(crate) fn cell(&self, number: u32) -> u32 {
        match self {
            Slice::Range(range) => range.start + number,
            Slice::List(list) => list[number as usize],
        }
    }

    /// The number in the slice of a cell of the population.
    pub(crate) fn number(&self, cell: u32) -> Option<u32> {
        match self {
            Slice::Range(range) => range.contains(&cell).then(|| cell - range.start),
            Slice::List(list) => list.binary_search(&cell).ok().map(|number| number as u32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_and_their_numbers_lead_to_each_other() {
        for cells in [&[4, 5, 6][..], &[1, 4, 9], &[7], &[]] {
            let slice = Slice::of(cells);
            assert_eq!(slice.len() as usize, cells.len());
            let back: Vec<u32> = (0..slice.len()).map(|number| slice.cell(number)).collect();
            assert_eq!(back, cells);
            for cell in 0..12 {
                let expected = cells.iter().position(|&c| c == cell).map(|n| n as u32);
                assert_eq!(slice.number(cell), expected, "cell {cell} of {cells:?}");
            }
        }
    }
}
