//! The order in which figures of learning show cells: those of the first pattern, of the second, and so on; those of no
//! pattern last. Where these are many, several share a row, so that patterns are not lost among them.

use crate::learning::{Pattern, Training};
use crate::plot::Group;

/// Cells of a population in an order, and which patterns they belong to.
#[derive(Debug, Clone, Default)]
pub(super) struct PatternOrder {
    /// The row of each cell.
    pub(super) places: Vec<usize>,
    /// Number of rows.
    pub(super) n_rows: usize,
    /// Cells of no pattern that share a row.
    each: usize,
    /// Places of each pattern and of the rest; empty if the population has no patterns.
    pub(super) groups: Vec<Group>,
    /// Cells that belong to several patterns. They stand with the first.
    pub(super) n_shared: usize,
    /// The patterns of each cell.
    memberships: Vec<Vec<u32>>,
}

/// Cells of no pattern have rows of their own if they are at most so many times those of patterns, or those of a small
/// network.
const MOST_OTHERS: usize = 2;
const SMALL: usize = 20;

/// Where a synapse is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Relation {
    /// Both cells belong to one pattern.
    Within,
    /// Each belongs to a pattern, but not to the same.
    Between,
    /// A cell belongs to no pattern.
    Other,
}

impl PatternOrder {
    /// The order of a population of `size` cells in a project with this training, run with this seed.
    pub(super) fn new(training: Option<&Training>, population: &str, size: usize, seed: u64) -> PatternOrder {
        let own = training.filter(|training| training.population == population);
        match own.map(|training| training.patterns(seed)) {
            Some(patterns) if !patterns.is_empty() => PatternOrder::of(&patterns, size),
            _ => PatternOrder {
                places: (0..size).collect(),
                n_rows: size,
                each: 1,
                ..PatternOrder::default()
            },
        }
    }

    fn of(patterns: &[Pattern], size: usize) -> PatternOrder {
        let mut memberships = vec![Vec::new(); size];
        let (mut places, mut groups) = (vec![usize::MAX; size], Vec::new());
        let mut next = 0;
        for (number, pattern) in patterns.iter().enumerate() {
            let start = next;
            for cell in pattern
                .cells
                .iter()
                .map(|cell| *cell as usize)
                .filter(|cell| *cell < size)
            {
                memberships[cell].push(number as u32);
                if places[cell] == usize::MAX {
                    places[cell] = next;
                    next += 1;
                }
            }
            if next > start {
                groups.push(Group {
                    label: pattern.label.clone(),
                    places: start..next,
                });
            }
        }
        let (n_own, n_others) = (next, size - next);
        let few = n_own.max(SMALL);
        let each = if n_others > MOST_OTHERS * few {
            n_others.div_ceil(few)
        } else {
            1
        };
        let n_rows = n_own + n_others.div_ceil(each);
        if n_others > 0 {
            groups.push(Group {
                label: "none".to_owned(),
                places: n_own..n_rows,
            });
        }
        let others = places.iter_mut().filter(|place| **place == usize::MAX);
        others.enumerate().for_each(|(n, place)| *place = n_own + n / each);
        PatternOrder {
            places,
            n_rows,
            each,
            groups,
            n_shared: memberships.iter().filter(|own| own.len() > 1).count(),
            memberships,
        }
    }

    /// Whether the population has patterns.
    pub(super) fn has_patterns(&self) -> bool {
        !self.groups.is_empty()
    }

    /// What two cells of the population have to do with each other.
    pub(super) fn relation(&self, source: u32, target: u32) -> Relation {
        let own = |cell: u32| self.memberships.get(cell as usize).map_or(&[][..], Vec::as_slice);
        let (source, target) = (own(source), own(target));
        if source.is_empty() || target.is_empty() {
            Relation::Other
        } else if source.iter().any(|pattern| target.contains(pattern)) {
            Relation::Within
        } else {
            Relation::Between
        }
    }

    /// What a caption has to say about cells of several patterns, and about rows of several cells.
    pub(super) fn remark(&self) -> String {
        let shared = match self.n_shared {
            0 => String::new(),
            1 => " One cell belongs to several patterns; it stands with the first of them.".to_owned(),
            n => format!(" {n} cells belong to several patterns; each stands with the first of them."),
        };
        match self.each {
            0 | 1 => shared,
            n => format!("{shared} Of cells of no pattern {n} share a row."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> PatternOrder {
        let pattern = |label: &str, cells: &[u32]| Pattern {
            label: label.to_owned(),
            cells: cells.to_vec(),
        };
        PatternOrder::of(&[pattern("A", &[5, 2]), pattern("B", &[2, 0]), pattern("C", &[4])], 7)
    }

    #[test]
    fn cells_stand_with_their_first_pattern_and_those_of_none_come_last() {
        let order = order();
        assert_eq!(order.places, [2, 4, 1, 5, 3, 0, 6]);
        let groups: Vec<(&str, usize, usize)> = order
            .groups
            .iter()
            .map(|g| (g.label.as_str(), g.places.start, g.places.end))
            .collect();
        assert_eq!(groups, [("A", 0, 2), ("B", 2, 3), ("C", 3, 4), ("none", 4, 7)]);
        assert_eq!((order.n_shared, order.n_rows), (1, 7));
        assert!(order.remark().starts_with(" One cell"));
    }

    #[test]
    fn many_cells_of_no_pattern_share_rows() {
        let pattern = Pattern {
            label: "A".to_owned(),
            cells: (0..30).collect(),
        };
        let order = PatternOrder::of(std::slice::from_ref(&pattern), 200);
        // 170 others in at most 30 rows: 6 in each of 29.
        assert_eq!((order.n_rows, order.groups[1].places.clone()), (59, 30..59));
        assert_eq!(
            (order.places[29], order.places[30], order.places[35], order.places[36]),
            (29, 30, 30, 31)
        );
        assert_eq!(order.places[199], 58);
        assert!(order.remark().ends_with("6 share a row."));
        assert_eq!(PatternOrder::of(&[pattern], 90).n_rows, 90);
    }

    #[test]
    fn a_synapse_is_within_a_pattern_if_its_cells_share_any() {
        let order = order();
        assert_eq!(order.relation(5, 2), Relation::Within);
        // Cell 2 stands with A, and belongs to B as well.
        assert_eq!(order.relation(0, 2), Relation::Within);
        assert_eq!(order.relation(5, 0), Relation::Between);
        assert_eq!(order.relation(4, 6), Relation::Other);
    }
}
