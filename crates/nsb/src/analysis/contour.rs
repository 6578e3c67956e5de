//! Lines along which a function of two variables is zero, by marching squares with linear interpolation.

/// Values on a regular grid; `values[row * columns + column]`, rows over y.
pub(crate) struct Grid {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
}

impl Grid {
    /// `n` × `n` places over a rectangle, ends included.
    pub(crate) fn new(x: &std::ops::Range<f64>, y: &std::ops::Range<f64>, n: usize) -> Grid {
        let even = |range: &std::ops::Range<f64>| {
            let step = (range.end - range.start) / (n - 1) as f64;
            (0..n).map(|i| range.start + step * i as f64).collect()
        };
        Grid { x: even(x), y: even(y) }
    }

    /// All places, row by row.
    pub(crate) fn places(&self) -> Vec<(f64, f64)> {
        self.y
            .iter()
            .flat_map(|y| self.x.iter().map(move |x| (*x, *y)))
            .collect()
    }

    /// The zero lines of values at the places, each piece followed by a point that is not a number.
    pub(crate) fn zero_lines(&self, values: &[f64]) -> Vec<(f64, f64)> {
        let columns = self.x.len();
        let value = |row: usize, column: usize| values[row * columns + column];
        let mut pieces = Vec::new();
        for row in 0..self.y.len() - 1 {
            for column in 0..columns - 1 {
                let corners = [
                    (row, column),
                    (row, column + 1),
                    (row + 1, column + 1),
                    (row + 1, column),
                ];
                let mut crossings = Vec::new();
                for side in 0..4 {
                    // In one order for both squares that share the side, so that both find the same bits.
                    let (a, b) = (corners[side], corners[(side + 1) % 4]);
                    let (a, b) = (a.min(b), a.max(b));
                    let (from, to) = (value(a.0, a.1), value(b.0, b.1));
                    if from.is_finite() && to.is_finite() && (from < 0.0) != (to < 0.0) {
                        let part = from / (from - to);
                        let between = |a: f64, b: f64| a + part * (b - a);
                        crossings.push((between(self.x[a.1], self.x[b.1]), between(self.y[a.0], self.y[b.0])));
                    }
                }
                // Two crossings are a piece; four, at a saddle of the function, are two.
                for pair in crossings.chunks_exact(2) {
                    pieces.push([pair[0], pair[1]]);
                }
            }
        }
        joined(pieces)
    }
}

/// Joins pieces that share an end into long lines, so that dashes and joints look right.
fn joined(pieces: Vec<[(f64, f64); 2]>) -> Vec<(f64, f64)> {
    let key = |p: (f64, f64)| (p.0.to_bits(), p.1.to_bits());
    let mut ends: std::collections::BTreeMap<(u64, u64), Vec<usize>> = std::collections::BTreeMap::new();
    for (index, piece) in pieces.iter().enumerate() {
        for end in piece {
            ends.entry(key(*end)).or_default().push(index);
        }
    }
    let mut used = vec![false; pieces.len()];
    let mut lines = Vec::new();
    for start in 0..pieces.len() {
        if std::mem::replace(&mut used[start], true) {
            continue;
        }
        let mut line = std::collections::VecDeque::from(pieces[start]);
        for forward in [true, false] {
            while let Some(&tip) = if forward { line.back() } else { line.front() } {
                let next = ends[&key(tip)].iter().copied().find(|index| !used[*index]);
                let Some(next) = next else { break };
                used[next] = true;
                let [a, b] = pieces[next];
                let far = if key(a) == key(tip) { b } else { a };
                if forward {
                    line.push_back(far)
                } else {
                    line.push_front(far)
                }
            }
        }
        lines.extend(line);
        lines.push((f64::NAN, f64::NAN));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zero_line_of_a_circle_is_one_closed_line_on_it() {
        let grid = Grid::new(&(-2.0..2.0), &(-2.0..2.0), 81);
        let values: Vec<f64> = grid.places().iter().map(|(x, y)| x * x + y * y - 1.0).collect();
        let line = grid.zero_lines(&values);
        assert_eq!(line.iter().filter(|p| p.0.is_nan()).count(), 1, "one line");
        let line = &line[..line.len() - 1];
        assert!(line.len() > 100 && line.first() == line.last());
        assert!(line.iter().all(|p| (p.0.hypot(p.1) - 1.0).abs() < 1e-3));
    }

    #[test]
    fn a_function_without_a_zero_has_no_line_and_gaps_are_left_out() {
        let grid = Grid::new(&(0.0..1.0), &(0.0..1.0), 5);
        assert!(grid.zero_lines(&[1.0; 25]).is_empty());
        assert!(grid.zero_lines(&[f64::NAN; 25]).is_empty());
    }
}
