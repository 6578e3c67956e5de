//! Electrical connections.

use super::{Connector, PairValue};

/// Electrical connections between the cells of two populations or of one: a current proportional to the difference of
/// their potentials flows into one cell, and the opposite current into the other.
///
/// Potentials are those of the beginning of a step. A junction has no direction: between cells of one population, of
/// what a rule gives those connections are taken whose source has the smaller number; explicit lists are taken as they
/// are.
#[derive(Debug, Clone, PartialEq)]
pub struct GapJunctions {
    /// Unique name.
    pub name: String,
    /// The population of one end.
    pub source: String,
    /// The population of the other end.
    pub target: String,
    /// Which cells are connected. The weight of a listed pair is its conductance; delays have no meaning here.
    pub connector: Connector,
    /// Conductance of each junction. May be left out if the connector lists weights.
    pub conductance: Option<PairValue>,
}
