//! Which cells are connected: one file per rule.
//!
//! A [`Rule`] hands out connections source cell by source cell. What it draws for a source cell depends on the
//! seed, the projection and that cell alone, so rows can be made in any order and by any number of threads.

mod all_to_all;
mod explicit_list;
mod pairwise_probability;

use nsb_lang::Quantity;

use crate::index::ProjectionId;

/// Which cells are connected.
#[derive(Debug, Clone, PartialEq)]
pub enum Connector {
    /// Each ordered pair with the same probability, independently.
    PairwiseProbability {
        /// From 0 to 1.
        probability: f64,
        /// Whether a cell may connect to itself (source and target population the same).
        self_connections: bool,
    },
    /// Every source cell to every target cell.
    AllToAll {
        /// Whether a cell may connect to itself.
        self_connections: bool,
    },
    /// The listed pairs; the same pair may occur more than once.
    ExplicitList(Vec<Connection>),
}

/// One entry of an explicit list.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// Cell of the source population.
    pub source: usize,
    /// Cell of the target population.
    pub target: usize,
    /// Overrides the projection's weight.
    pub weight: Option<Quantity>,
    /// Overrides the projection's delay.
    pub delay: Option<Quantity>,
}

/// What a rule connects: a projection whose names and numbers have been checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    /// Seed of the run.
    pub(crate) seed: u64,
    /// The projection that is being built.
    pub(crate) projection: ProjectionId,
    /// Cells of the source population.
    pub(crate) n_sources: u32,
    /// Cells of the target population.
    pub(crate) n_targets: u32,
    /// Whether source and target population are the same.
    pub(crate) same_population: bool,
}

/// A connection from a given source cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link {
    /// Cell of the target population.
    pub(crate) target: u32,
    /// The entry of an explicit list, which may have a weight and a delay of its own.
    pub(crate) entry: Option<u32>,
}

/// A way to connect cells.
pub(crate) trait Rule {
    /// Number of connections to expect; exact where nothing is random.
    fn expected(&self) -> f64;

    /// Appends the connections of a source cell, targets ascending.
    fn row(&self, source: u32, links: &mut Vec<Link>);
}

impl Connector {
    /// The rule for checked populations. Probability and listed cells must have been checked.
    pub(crate) fn rule<'a>(&'a self, ends: Ends) -> Box<dyn Rule + 'a> {
        match self {
            Connector::PairwiseProbability {
                probability,
                self_connections,
            } => Box::new(pairwise_probability::PairwiseProbability::new(
                ends,
                *probability,
                *self_connections,
            )),
            Connector::AllToAll { self_connections } => Box::new(all_to_all::AllToAll::new(ends, *self_connections)),
            Connector::ExplicitList(connections) => Box::new(explicit_list::ExplicitList::new(connections)),
        }
    }
}
