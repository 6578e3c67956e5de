//! The listed pairs.

use super::{Connection, Link, Rule, WorkingMemory};

/// The listed pairs, in an order that does not depend on the order of the list.
pub(super) struct ExplicitList {
    /// (source, link), ascending.
    links: Vec<(u32, Link)>,
}

impl ExplicitList {
    /// Cells must have been checked against the sizes of the populations, which are at most `u32::MAX`.
    pub(super) fn new(connections: &[Connection]) -> ExplicitList {
        let mut links: Vec<(u32, Link)> = connections
            .iter()
            .enumerate()
            .map(|(n, c)| {
                (
                    c.source as u32,
                    Link {
                        target: c.target as u32,
                        entry: Some(n as u32),
                    },
                )
            })
            .collect();
        links.sort_unstable();
        ExplicitList { links }
    }
}

impl Rule for ExplicitList {
    fn expected(&self) -> f64 {
        self.links.len() as f64
    }

    fn working_memory(&self) -> WorkingMemory {
        WorkingMemory {
            held: size_of_val(&*self.links) as f64,
            passing: 0.0,
        }
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        let start = self.links.partition_point(|&(s, _)| s < source);
        links.extend(
            self.links[start..]
                .iter()
                .take_while(|&&(s, _)| s == source)
                .map(|&(_, link)| link),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entry_occurs_in_the_row_of_its_source_exactly_once() {
        let pairs = [(3, 1), (0, 2), (3, 0), (3, 1)];
        let connections: Vec<Connection> = pairs
            .iter()
            .map(|&(source, target)| Connection {
                source,
                target,
                weight: None,
                delay: None,
            })
            .collect();
        let rule = ExplicitList::new(&connections);
        let rows: Vec<Vec<(u32, u32)>> = (0..4)
            .map(|source| {
                let mut links = Vec::new();
                rule.row(source, &mut links);
                links.iter().map(|link| (link.target, link.entry.unwrap())).collect()
            })
            .collect();
        assert_eq!(rows, [vec![(2, 1)], vec![], vec![], vec![(0, 2), (1, 0), (1, 3)]]);
        assert_eq!(rule.expected(), 4.0);
    }
}
