//! Each cell to the cell of the same number.

use super::{Ends, Link, Problem, Rule, same_size};

/// Each cell to the cell of the same number.
pub(super) struct OneToOne(Ends);

impl OneToOne {
    pub(super) fn new(ends: Ends) -> OneToOne {
        OneToOne(ends)
    }
}

impl Rule for OneToOne {
    fn problems(&self) -> Vec<Problem> {
        same_size(&self.0, "one_to_one").into_iter().collect()
    }

    fn expected(&self) -> f64 {
        f64::from(self.0.n_sources)
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        links.push(Link::to(source));
    }
}
