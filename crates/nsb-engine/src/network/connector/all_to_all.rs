//! Every source cell to every target cell.

use super::{Ends, Link, Rule, SameCells, excluded};

/// Every source cell to every target cell, itself left out if so wished.
pub(super) struct AllToAll {
    ends: Ends,
    excluded: SameCells,
}

impl AllToAll {
    pub(super) fn new(ends: Ends, self_connections: bool) -> AllToAll {
        AllToAll {
            excluded: excluded(&ends, self_connections),
            ends,
        }
    }
}

impl Rule for AllToAll {
    fn expected(&self) -> f64 {
        f64::from(self.ends.n_sources) * f64::from(self.ends.n_targets) - f64::from(self.excluded.len())
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        let excluded = self.excluded.target_of(source);
        let targets = (0..self.ends.n_targets).filter(|&target| excluded != Some(target));
        links.extend(targets.map(|target| Link { target, entry: None }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::ProjectionId;

    fn row(source: u32, same_population: bool, self_connections: bool) -> Vec<u32> {
        let ends = Ends {
            seed: 1,
            projection: ProjectionId(0),
            n_sources: 4,
            n_targets: 4,
            same: if same_population {
                SameCells::All(4)
            } else {
                SameCells::None
            },
        };
        let mut links = Vec::new();
        let rule = AllToAll::new(ends, self_connections);
        rule.row(source, &mut links);
        assert_eq!(rule.expected(), 4.0 * links.len() as f64);
        links.iter().map(|link| link.target).collect()
    }

    #[test]
    fn every_target_occurs_once_and_self_connections_only_if_wished() {
        assert_eq!(row(2, true, true), [0, 1, 2, 3]);
        assert_eq!(row(2, true, false), [0, 1, 3]);
    }

    #[test]
    fn cells_of_the_same_number_in_two_populations_are_not_self_connections() {
        assert_eq!(row(2, false, false), [0, 1, 2, 3]);
    }
}
