//! A number for each connection.

use std::fmt;
use std::sync::Arc;

use nsb_lang::{Quantity, Unit};

use super::Distribution;

/// A number for each connection of a projection.
#[derive(Debug, Clone, PartialEq)]
pub enum PairValue {
    /// The same for all.
    Uniform(Quantity),
    /// One for each connection, in the order of source, then target.
    List(Vec<Quantity>),
    /// Drawn for each connection.
    Random(Distribution),
    /// A function of the pair.
    Function(PairFunction),
}

impl From<Quantity> for PairValue {
    fn from(value: Quantity) -> PairValue {
        PairValue::Uniform(value)
    }
}

/// A number for each pair (source, target), in a unit.
#[derive(Clone)]
pub struct PairFunction {
    unit: Unit,
    function: Arc<dyn Fn(usize, usize) -> f64 + Send + Sync>,
}

impl PairFunction {
    /// `function(source, target)` gives numbers in `unit`.
    pub fn new(unit: Unit, function: impl Fn(usize, usize) -> f64 + Send + Sync + 'static) -> PairFunction {
        PairFunction {
            unit,
            function: Arc::new(function),
        }
    }

    /// The unit of its numbers.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// The quantity of a pair.
    pub fn at(&self, source: usize, target: usize) -> Quantity {
        Quantity::new((self.function)(source, target), self.unit.clone())
    }
}

impl fmt::Debug for PairFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PairFunction in {}", self.unit)
    }
}

/// Functions cannot be compared; equal are copies of one.
impl PartialEq for PairFunction {
    fn eq(&self, other: &PairFunction) -> bool {
        self.unit == other.unit && Arc::ptr_eq(&self.function, &other.function)
    }
}
