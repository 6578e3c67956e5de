//! Where both rates of change are zero, and what small disturbances do there.

use std::ops::Range;

use super::contour::Grid;
use super::field::Field;

/// Newton steps at most.
const MOST_STEPS: usize = 40;
/// Step of the numerical Jacobian, as a share of the range shown.
const DIFFERENCE: f64 = 1e-6;
/// Two solutions closer than this share of the range are one.
const SAME: f64 = 1e-5;

/// What small disturbances of a fixed point do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stability {
    /// They die away.
    StableNode,
    /// They die away in oscillations.
    StableFocus,
    /// They grow.
    UnstableNode,
    /// They grow in oscillations.
    UnstableFocus,
    /// They grow in one direction and die away in the other.
    Saddle,
}

impl Stability {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Stability::StableNode => "stable node",
            Stability::StableFocus => "stable focus",
            Stability::UnstableNode => "unstable node",
            Stability::UnstableFocus => "unstable focus",
            Stability::Saddle => "saddle",
        }
    }

    /// Whether all small disturbances die away.
    pub fn is_stable(self) -> bool {
        matches!(self, Stability::StableNode | Stability::StableFocus)
    }

    /// From trace and determinant of the Jacobian.
    fn of(trace: f64, determinant: f64) -> Stability {
        let oscillates = trace * trace < 4.0 * determinant;
        match (determinant < 0.0, trace < 0.0, oscillates) {
            (true, ..) => Stability::Saddle,
            (false, true, false) => Stability::StableNode,
            (false, true, true) => Stability::StableFocus,
            (false, false, false) => Stability::UnstableNode,
            (false, false, true) => Stability::UnstableFocus,
        }
    }
}

/// A fixed point.
#[derive(Debug, Clone, PartialEq)]
pub struct FixedPoint {
    /// The first state, engine units.
    pub x: f64,
    /// The second state, engine units.
    pub y: f64,
    /// What small disturbances do.
    pub stability: Stability,
    /// Eigenvalues of the Jacobian as real and imaginary part, 1/ms.
    pub eigenvalues: [(f64, f64); 2],
}

/// All fixed points in the rectangle that the grid resolves, from left to right.
pub(crate) fn find(field: &Field, grid: &Grid, rates: &[(f64, f64)]) -> Vec<FixedPoint> {
    let range = |values: &[f64]| values[0]..values[values.len() - 1];
    let (x, y) = (range(&grid.x), range(&grid.y));
    let columns = grid.x.len();
    let mut found: Vec<FixedPoint> = Vec::new();
    for row in 0..grid.y.len() - 1 {
        for column in 0..columns - 1 {
            let at = row * columns + column;
            let corners = [at, at + 1, at + columns, at + columns + 1].map(|corner| rates[corner]);
            if !changes_sign(corners.map(|c| c.0)) || !changes_sign(corners.map(|c| c.1)) {
                continue;
            }
            let start = (
                (grid.x[column] + grid.x[column + 1]) / 2.0,
                (grid.y[row] + grid.y[row + 1]) / 2.0,
            );
            let Some(point) = newton(field, start, &x, &y) else {
                continue;
            };
            let near = |a: f64, b: f64, range: &Range<f64>| (a - b).abs() < SAME * (range.end - range.start);
            if !found
                .iter()
                .any(|known| near(known.x, point.x, &x) && near(known.y, point.y, &y))
            {
                found.push(point);
            }
        }
    }
    found.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    found
}

fn changes_sign(values: [f64; 4]) -> bool {
    values.iter().all(|value| value.is_finite())
        && values.iter().any(|value| *value <= 0.0)
        && values.iter().any(|value| *value >= 0.0)
}

fn newton(field: &Field, start: (f64, f64), x: &Range<f64>, y: &Range<f64>) -> Option<FixedPoint> {
    let (width, height) = (x.end - x.start, y.end - y.start);
    let mut place = start;
    for _ in 0..MOST_STEPS {
        let (rate, [a, b, c, d]) = jacobian(field, place, DIFFERENCE * width, DIFFERENCE * height);
        let determinant = a * d - b * c;
        let step = (
            (d * rate.0 - b * rate.1) / determinant,
            (a * rate.1 - c * rate.0) / determinant,
        );
        if !(step.0.is_finite() && step.1.is_finite()) {
            return None;
        }
        place = (place.0 - step.0, place.1 - step.1);
        if step.0.abs() < 1e-10 * width && step.1.abs() < 1e-10 * height {
            let inside = x.contains(&place.0) && y.contains(&place.1);
            return inside.then(|| classified(place, [a, b, c, d]));
        }
    }
    None
}

/// The rates at a place and their partial derivatives: (∂f/∂x, ∂f/∂y, ∂g/∂x, ∂g/∂y), by central differences.
fn jacobian(field: &Field, (x, y): (f64, f64), dx: f64, dy: f64) -> ((f64, f64), [f64; 4]) {
    let rates = field.at(&[(x, y), (x + dx, y), (x - dx, y), (x, y + dy), (x, y - dy)]);
    let along = |up: usize, down: usize, step: f64| {
        (
            (rates[up].0 - rates[down].0) / (2.0 * step),
            (rates[up].1 - rates[down].1) / (2.0 * step),
        )
    };
    let ((fx, gx), (fy, gy)) = (along(1, 2, dx), along(3, 4, dy));
    (rates[0], [fx, fy, gx, gy])
}

fn classified((x, y): (f64, f64), [a, b, c, d]: [f64; 4]) -> FixedPoint {
    let (trace, determinant) = (a + d, a * d - b * c);
    let discriminant = trace * trace / 4.0 - determinant;
    let root = discriminant.abs().sqrt();
    let eigenvalues = if discriminant < 0.0 {
        [(trace / 2.0, root), (trace / 2.0, -root)]
    } else {
        [(trace / 2.0 + root, 0.0), (trace / 2.0 - root, 0.0)]
    };
    FixedPoint {
        x,
        y,
        stability: Stability::of(trace, determinant),
        eigenvalues,
    }
}
