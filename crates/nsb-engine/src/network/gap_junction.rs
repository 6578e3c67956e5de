//! Electrical connections.

use super::{CellSet, Connector, PairValue};

/// Electrical connections between the cells of two populations or of one: a current proportional to the difference of
/// their potentials flows into one cell, and the opposite current into the other.
///
/// Potentials are those of the beginning of a step. A junction has no direction: between cells of one population, where
/// a rule could give a pair in both directions, those connections are taken whose source has the smaller number;
/// explicit lists are taken as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct GapJunctions {
    /// Unique name.
    pub name: String,
    /// The population of one end.
    pub source: String,
    /// Those of its cells that take part, as for projections.
    pub source_cells: CellSet,
    /// The population of the other end.
    pub target: String,
    /// Those of its cells that take part.
    pub target_cells: CellSet,
    /// Which cells are connected. The weight of a listed pair is its conductance; delays have no meaning here.
    pub connector: Connector,
    /// Conductance of each junction. May be left out if the connector lists weights.
    pub conductance: Option<PairValue>,
}
