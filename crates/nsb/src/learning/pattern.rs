//! Which cells belong together.

use nsb_engine::random::chosen;

/// Some cells of a population, under a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Its name.
    pub label: String,
    /// The cells in the order in which a sequence plays them; a cue has the first ones.
    pub cells: Vec<u32>,
}

impl Pattern {
    /// `size` of `n_cells` cells, each set of them as likely as any other. What is drawn depends on the seed, the label
    /// and `n_cells` only: it is the same whatever other patterns there are, and a larger pattern begins with the cells
    /// of a smaller one.
    pub fn drawn(label: &str, size: usize, n_cells: usize, seed: u64) -> Pattern {
        Pattern::redrawn(label, size, n_cells, seed, 0)
    }

    /// As [`Pattern::drawn`], but other cells for each `round`; round 0 is that of `drawn`.
    pub(crate) fn redrawn(label: &str, size: usize, n_cells: usize, seed: u64, round: u32) -> Pattern {
        Pattern {
            label: label.to_owned(),
            cells: chosen(seed, label, size, n_cells, round),
        }
    }

    /// The first cells, a fraction of all: the nearest number, but at least one.
    pub fn cue(&self, fraction: f64) -> &[u32] {
        let n = (fraction * self.cells.len() as f64).round() as usize;
        &self.cells[..n.max(1).min(self.cells.len())]
    }

    /// The cells that a cue of this fraction leaves out, in order.
    pub fn rest(&self, fraction: f64) -> &[u32] {
        &self.cells[self.cue(fraction).len()..]
    }

    /// The cells, ascending.
    pub fn sorted(&self) -> Vec<u32> {
        let mut cells = self.cells.clone();
        cells.sort_unstable();
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_distinct_and_a_larger_pattern_begins_with_a_smaller_one() {
        let large = Pattern::drawn("A", 40, 200, 3);
        let mut sorted = large.sorted();
        sorted.dedup();
        assert_eq!(sorted.len(), 40);
        assert!(sorted.iter().all(|cell| *cell < 200));
        assert_eq!(Pattern::drawn("A", 10, 200, 3).cells, large.cells[..10]);
        assert_eq!(
            Pattern::drawn("A", 200, 200, 3).sorted(),
            (0..200).collect::<Vec<u32>>()
        );
    }

    #[test]
    fn label_seed_and_round_each_give_other_cells() {
        let reference = Pattern::drawn("A", 10, 200, 3).cells;
        assert_ne!(Pattern::drawn("B", 10, 200, 3).cells, reference);
        assert_ne!(Pattern::drawn("A", 10, 200, 4).cells, reference);
        assert_ne!(Pattern::redrawn("A", 10, 200, 3, 1).cells, reference);
    }

    #[test]
    fn two_patterns_share_as_many_cells_as_chance_gives() {
        // The overlap of two sets of 10 of 200 is hypergeometric: mean 10 · 10/200, variance 0.5 · 0.95 · 190/199.
        let n = 2000;
        let overlap = |seed| {
            let (a, b) = (Pattern::drawn("A", 10, 200, seed), Pattern::drawn("B", 10, 200, seed));
            a.cells.iter().filter(|cell| b.cells.contains(cell)).count()
        };
        let mean = (0..n).map(overlap).sum::<usize>() as f64 / n as f64;
        // Five standard errors.
        assert!((mean - 0.5).abs() < 5.0 * (0.4535 / n as f64).sqrt(), "{mean}");
    }

    #[test]
    fn a_cue_is_the_beginning_of_its_pattern() {
        let pattern = Pattern::drawn("A", 10, 200, 3);
        assert_eq!(pattern.cue(0.5), &pattern.cells[..5]);
        assert_eq!(pattern.cue(0.0), &pattern.cells[..1]);
        assert_eq!(pattern.cue(1.0), &pattern.cells[..]);
        assert_eq!(pattern.rest(0.3), &pattern.cells[3..]);
    }
}
