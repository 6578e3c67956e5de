//! Which cells are connected: one file per rule.
//!
//! A [`Rule`] hands out connections source cell by source cell. What it draws for a source cell depends on the
//! seed, the projection and that cell alone, so rows can be made in any order and by any number of threads.

mod all_to_all;
mod distinct;
mod explicit_list;
mod fixed_in_degree;
mod fixed_out_degree;
mod fixed_total_number;
mod function;
mod grid;
mod multinomial;
mod one_to_one;
mod pairwise_probability;
mod ring;
mod same_cells;
mod sliced;
mod small_world;

use nsb_lang::Quantity;

pub use function::PairPredicate;
pub(crate) use same_cells::SameCells;
pub(crate) use sliced::Sliced;

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
    /// Each cell to the cell of the same number; the populations have the same size.
    OneToOne,
    /// Each target cell from the same number of source cells, drawn evenly.
    FixedInDegree {
        /// Connections of each target cell.
        degree: usize,
        /// Whether a pair may be connected more than once.
        multapses: bool,
        /// Whether a cell may connect to itself.
        self_connections: bool,
    },
    /// Each source cell to the same number of target cells, drawn evenly.
    FixedOutDegree {
        /// Connections of each source cell.
        degree: usize,
        /// Whether a pair may be connected more than once.
        multapses: bool,
        /// Whether a cell may connect to itself.
        self_connections: bool,
    },
    /// So many connections in all, both ends drawn evenly.
    FixedTotalNumber {
        /// Number of connections.
        number: usize,
        /// Whether a pair may be connected more than once.
        multapses: bool,
        /// Whether a cell may connect to itself.
        self_connections: bool,
    },
    /// Cells in a row, each to its neighbours on both sides; the populations have the same size.
    Ring {
        /// Neighbours on each side.
        neighbours: usize,
        /// Whether the last cell is a neighbour of the first.
        periodic: bool,
    },
    /// A ring in which each connection is led to another target with some probability (Watts & Strogatz 1998, with
    /// directed connections): every cell keeps its 2 · `neighbours` outgoing connections.
    SmallWorld {
        /// Neighbours on each side.
        neighbours: usize,
        /// Probability that a connection is led to a target drawn evenly from those not yet connected.
        rewiring: f64,
    },
    /// Cells on a rectangle, row by row, each to all others within a distance.
    Grid {
        /// Cells in a row.
        width: usize,
        /// Rows.
        height: usize,
        /// Largest distance, in units of the distance between direct neighbours: 1 reaches 4 cells, 1.5 reaches 8.
        radius: f64,
        /// Whether opposite edges touch.
        periodic: bool,
    },
    /// The listed pairs; the same pair may occur more than once.
    ExplicitList(Vec<Connection>),
    /// Each pair (source, target) for which a function says so.
    Function(PairPredicate),
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
#[derive(Debug, Clone)]
pub(crate) struct Ends {
    /// Seed of the run.
    pub(crate) seed: u64,
    /// The projection that is being built.
    pub(crate) projection: ProjectionId,
    /// Cells of the source population, or of its slice.
    pub(crate) n_sources: u32,
    /// Cells of the target population, or of its slice.
    pub(crate) n_targets: u32,
    /// Which of them are the same cell.
    pub(crate) same: SameCells,
}

/// A connection from a given source cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Link {
    /// Cell of the target population.
    pub(crate) target: u32,
    /// The entry of an explicit list, which may have a weight and a delay of its own.
    pub(crate) entry: Option<u32>,
}

impl Link {
    /// A connection without an entry of its own.
    fn to(target: u32) -> Link {
        Link { target, entry: None }
    }
}

/// What is wrong with a connector: the key it is about, what is wrong, and what to write.
pub(crate) struct Problem {
    pub(crate) key: &'static str,
    pub(crate) reason: String,
    pub(crate) hint: String,
}

/// Bytes that a rule needs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct WorkingMemory {
    /// Until all rows are made.
    pub(crate) held: f64,
    /// Besides, while it prepares.
    pub(crate) passing: f64,
}

/// A way to connect cells.
pub(crate) trait Rule: Send + Sync {
    /// What cannot be built between these populations. The other functions are called only if this finds nothing.
    fn problems(&self) -> Vec<Problem> {
        Vec::new()
    }

    /// Number of connections to expect; exact where nothing is random.
    fn expected(&self) -> f64;

    /// Memory that is needed besides what is made.
    fn working_memory(&self) -> WorkingMemory {
        WorkingMemory::default()
    }

    /// Whether rows need [`Rule::prepare`].
    fn needs_preparation(&self) -> bool {
        false
    }

    /// Makes what rows need, such as draws that are made target by target. Called once, before the first row.
    fn prepare(&mut self) {}

    /// Appends the connections of a source cell, targets ascending.
    fn row(&self, source: u32, links: &mut Vec<Link>);
}

impl Connector {
    /// The rule between two populations. Listed cells must have been checked before rows are asked for.
    pub(crate) fn rule<'a>(&'a self, ends: Ends) -> Box<dyn Rule + 'a> {
        match *self {
            Connector::PairwiseProbability {
                probability,
                self_connections,
            } => Box::new(pairwise_probability::PairwiseProbability::new(
                ends,
                probability,
                self_connections,
            )),
            Connector::AllToAll { self_connections } => Box::new(all_to_all::AllToAll::new(ends, self_connections)),
            Connector::OneToOne => Box::new(one_to_one::OneToOne::new(ends)),
            Connector::FixedInDegree {
                degree,
                multapses,
                self_connections,
            } => Box::new(fixed_in_degree::FixedInDegree::new(
                ends,
                degree,
                multapses,
                self_connections,
            )),
            Connector::FixedOutDegree {
                degree,
                multapses,
                self_connections,
            } => Box::new(fixed_out_degree::FixedOutDegree::new(
                ends,
                degree,
                multapses,
                self_connections,
            )),
            Connector::FixedTotalNumber {
                number,
                multapses,
                self_connections,
            } => Box::new(fixed_total_number::FixedTotalNumber::new(
                ends,
                number,
                multapses,
                self_connections,
            )),
            Connector::Ring { neighbours, periodic } => Box::new(ring::Ring::new(ends, neighbours, periodic)),
            Connector::SmallWorld { neighbours, rewiring } => {
                Box::new(small_world::SmallWorld::new(ends, neighbours, rewiring))
            }
            Connector::Grid {
                width,
                height,
                radius,
                periodic,
            } => Box::new(grid::Grid::new(ends, width, height, radius, periodic)),
            Connector::ExplicitList(ref connections) => Box::new(explicit_list::ExplicitList::new(connections)),
            Connector::Function(ref predicate) => Box::new(function::Function::new(ends, predicate)),
        }
    }
}

/// The pairs to be kept from connecting: cells with themselves, unless that is wished.
fn excluded(ends: &Ends, self_connections: bool) -> SameCells {
    if self_connections {
        SameCells::None
    } else {
        ends.same.clone()
    }
}

/// That two populations have the same number of cells, for rules that need it.
fn same_size(ends: &Ends, rule: &str) -> Option<Problem> {
    (ends.n_sources != ends.n_targets).then(|| Problem {
        key: "connect",
        reason: format!(
            "the rule {rule} needs populations of the same size, not {} and {} cells",
            ends.n_sources, ends.n_targets
        ),
        hint: "give both populations the same size, or choose another rule".to_owned(),
    })
}

#[cfg(test)]
mod test_tools {
    use super::{Ends, Rule, SameCells};
    use crate::index::ProjectionId;

    /// A population of `n` cells connected to itself.
    pub(super) fn ends(seed: u64, n: u32) -> Ends {
        Ends {
            seed,
            projection: ProjectionId(3),
            n_sources: n,
            n_targets: n,
            same: SameCells::All(n),
        }
    }

    /// The targets of all `n` sources, asked for from last to first, which must not matter.
    pub(super) fn rows_of(mut rule: impl Rule, n: u32) -> Vec<Vec<u32>> {
        rule.prepare();
        let row = |source| {
            let mut links = Vec::new();
            rule.row(source, &mut links);
            links.iter().map(|link| link.target).collect()
        };
        let mut rows: Vec<Vec<u32>> = (0..n).rev().map(row).collect();
        rows.reverse();
        rows
    }
}
