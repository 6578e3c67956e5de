//! Numbers that are drawn.

use nsb_lang::Quantity;

/// How numbers are drawn: one for each cell or connection, independently.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// The distribution.
    pub shape: Shape,
    /// No number is smaller.
    pub min: Option<Quantity>,
    /// No number is larger.
    pub max: Option<Quantity>,
    /// What happens to a number beyond `min` or `max`.
    pub outside: Outside,
}

/// A probability distribution. Means and deviations are those of the numbers themselves.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// Normal (Gaussian).
    Normal {
        /// Mean.
        mean: Quantity,
        /// Standard deviation.
        sd: Quantity,
    },
    /// Evenly between two ends.
    Uniform {
        /// Smallest.
        low: Quantity,
        /// Largest.
        high: Quantity,
    },
    /// The logarithm is normal; all numbers are positive.
    Lognormal {
        /// Mean of the numbers, not of their logarithms.
        mean: Quantity,
        /// Standard deviation of the numbers.
        sd: Quantity,
    },
    /// Exponential; all numbers are positive.
    Exponential {
        /// Mean.
        mean: Quantity,
    },
}

/// What happens to a drawn number outside its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outside {
    /// It becomes the limit.
    #[default]
    Clip,
    /// It is drawn again.
    Redraw,
}

impl Distribution {
    /// A distribution without limits.
    pub fn new(shape: Shape) -> Distribution {
        Distribution {
            shape,
            min: None,
            max: None,
            outside: Outside::Clip,
        }
    }
}

impl Shape {
    /// Its numbers by name.
    pub fn parts(&self) -> Vec<(&'static str, &Quantity)> {
        match self {
            Shape::Normal { mean, sd } | Shape::Lognormal { mean, sd } => vec![("mean", mean), ("sd", sd)],
            Shape::Uniform { low, high } => vec![("low", low), ("high", high)],
            Shape::Exponential { mean } => vec![("mean", mean)],
        }
    }
}
