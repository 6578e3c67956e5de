//! Cells on a rectangle, each to all others within a distance.

use super::{Ends, Link, Problem, Rule, same_size};

/// Cells on a rectangle, row by row, each to all others within a distance.
pub(super) struct Grid {
    ends: Ends,
    width: usize,
    height: usize,
    radius: f64,
    periodic: bool,
}

impl Grid {
    pub(super) fn new(ends: Ends, width: usize, height: usize, radius: f64, periodic: bool) -> Grid {
        Grid {
            ends,
            width,
            height,
            radius,
            periodic,
        }
    }

    /// Steps (columns, rows) to all neighbours.
    fn steps(&self) -> Vec<(i64, i64)> {
        let reach = self.radius.floor() as i64;
        let square = self.radius * self.radius;
        (-reach..=reach)
            .flat_map(|y| (-reach..=reach).map(move |x| (x, y)))
            .filter(|&(x, y)| (x, y) != (0, 0) && (x * x + y * y) as f64 <= square)
            .collect()
    }
}

impl Rule for Grid {
    fn problems(&self) -> Vec<Problem> {
        let mut problems: Vec<Problem> = same_size(&self.ends, "grid").into_iter().collect();
        let (width, height, n) = (self.width, self.height, self.ends.n_sources);
        if width.checked_mul(height) != Some(n as usize) {
            problems.push(Problem {
                key: "width",
                reason: format!("a grid of {width} × {height} does not have the {n} cells of the population"),
                hint: format!("choose width and height whose product is {n}"),
            });
            return problems;
        }
        let shorter = width.min(height);
        // Not `radius < 0`, so that NaN is refused too.
        if !(self.radius >= 0.0 && self.radius < 2.0 * width.max(height) as f64) {
            problems.push(Problem {
                key: "radius",
                reason: format!("the radius {} is not between 0 and twice the longer side", self.radius),
                hint: "write a number such as 1 (4 neighbours) or 1.5 (8 neighbours)".to_owned(),
            });
        } else if self.periodic && 2 * self.radius.floor() as usize + 1 > shorter {
            problems.push(Problem {
                key: "radius",
                reason: format!(
                    "the neighbourhood of radius {} reaches around the shorter side of {shorter} cells",
                    self.radius
                ),
                hint: format!(
                    "write radius = {} or less, or periodic = false",
                    shorter.saturating_sub(1) / 2
                ),
            });
        }
        problems
    }

    fn expected(&self) -> f64 {
        let (width, height) = (self.width as f64, self.height as f64);
        let inside = |&(x, y): &(i64, i64)| {
            if self.periodic {
                width * height
            } else {
                (width - x.abs() as f64).max(0.0) * (height - y.abs() as f64).max(0.0)
            }
        };
        self.steps().iter().map(inside).sum()
    }

    fn row(&self, source: u32, links: &mut Vec<Link>) {
        let begin = links.len();
        let (width, height) = (self.width as i64, self.height as i64);
        let (x, y) = (i64::from(source) % width, i64::from(source) / width);
        for (right, down) in self.steps() {
            let (mut x, mut y) = (x + right, y + down);
            if self.periodic {
                (x, y) = (x.rem_euclid(width), y.rem_euclid(height));
            }
            if (0..width).contains(&x) && (0..height).contains(&y) {
                links.push(Link::to((y * width + x) as u32));
            }
        }
        links[begin..].sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_tools::{ends, rows_of};
    use super::*;

    fn rows(rule: Grid) -> Vec<Vec<u32>> {
        let n = rule.ends.n_sources;
        rows_of(rule, n)
    }

    #[test]
    fn neighbours_lie_within_the_radius() {
        // 0 1 2 3 / 4 5 6 7 / 8 9 10 11
        let open = rows(Grid::new(ends(1, 12), 4, 3, 1.0, false));
        assert_eq!(
            (&open[0][..], &open[5][..], &open[11][..]),
            (&[1, 4][..], &[1, 4, 6, 9][..], &[7, 10][..])
        );
        let round = rows(Grid::new(ends(1, 12), 4, 3, 1.0, true));
        assert_eq!(round[0], [1, 3, 4, 8]);
        let eight = rows(Grid::new(ends(1, 12), 4, 3, 1.5, false));
        assert_eq!(eight[5], [0, 1, 2, 4, 6, 8, 9, 10]);
        for (radius, periodic) in [(1.0, false), (1.5, true), (2.9, false), (0.0, true)] {
            let grid = Grid::new(ends(1, 12), 4, 3, radius, periodic);
            let expected = grid.expected();
            assert_eq!(rows(grid).iter().map(Vec::len).sum::<usize>() as f64, expected);
        }
    }

    #[test]
    fn grids_of_another_size_and_wrapping_neighbourhoods_are_refused() {
        let problems =
            |width, height, radius, periodic| Grid::new(ends(1, 12), width, height, radius, periodic).problems().len();
        assert_eq!(problems(4, 3, 1.5, true), 0);
        assert_eq!(
            [problems(4, 4, 1.0, false), problems(usize::MAX, 2, 1.0, false)],
            [1, 1]
        );
        assert_eq!(
            [
                problems(4, 3, 2.0, true),
                problems(4, 3, f64::NAN, false),
                problems(4, 3, -1.0, false)
            ],
            [1; 3]
        );
    }
}
