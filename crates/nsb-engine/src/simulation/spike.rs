//! What a cell does to the others.

use crate::index::{CellId, PopulationId, Step};

/// A spike of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spike {
    /// The grid point at the end of the step in which the cell fired.
    pub(crate) step: Step,
    pub(crate) population: PopulationId,
    pub(crate) cell: CellId,
    /// The interpolated time of the threshold crossing.
    pub(crate) time_ms: f64,
}
