//! Pairs for which a function says so.

use std::fmt;
use std::sync::Arc;

use super::{Ends, Link, Rule};

/// A function that tells whether a source and a target cell are connected.
///
/// It is asked for each pair, and for some of them more than once, so the work grows with the product of the sizes. Results stay reproducible only if
/// it gives the same answer whenever it is asked.
#[derive(Clone)]
pub struct PairPredicate(Arc<dyn Fn(usize, usize) -> bool + Send + Sync>);

impl PairPredicate {
    /// `connected(source, target)`.
    pub fn new(connected: impl Fn(usize, usize) -> bool + Send + Sync + 'static) -> PairPredicate {
        PairPredicate(Arc::new(connected))
    }
}

impl fmt::Debug for PairPredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairPredicate")
    }
}

/// Functions cannot be compared; equal are copies of one.
impl PartialEq for PairPredicate {
    fn eq(&self, other: &PairPredicate) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Rows that are made to guess the number of all connections.
const ASKED: u32 = 16;

/// Pairs for which a function says so.
pub(super) struct Function<'a> {
    ends: Ends,
    predicate: &'a PairPredicate,
}

impl<'a> Function<'a> {
    pub(super) fn new(ends: Ends, predicate: &'a PairPredicate) -> Function<'a> {
        Function { ends, predicate }
    }
}

impl Rule for Function<'_> {
    /// From some rows: how many there are is known only when all pairs have been asked.
    fn expected(&self) -> f64 {
        let n_asked = self.ends.n_sources.min(ASKED);
        let mut links = Vec::new();
        for n in 0..n_asked {
            let source = u64::from(n) * u64::from(self.ends.n_sources) / u64::from(n_asked);
            self.row(source as u32, &mut links);
        }
        links.len() as f64 / f64::from(n_asked.max(1)) * f64::from(self.ends.n_sources)
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        let connected = |&target: &u32| (self.predicate.0)(source as usize, target as usize);
        links.extend((0..self.ends.n_targets).filter(connected).map(Link::to));
    }
}
