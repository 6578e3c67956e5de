//! Some cells of a population.

/// Some cells of a population.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellSet {
    /// Every cell.
    All,
    /// `start..end`, end excluded.
    Range(usize, usize),
    /// The listed cells; the order does not matter, none may occur twice.
    List(Vec<usize>),
}
