//! Typed indices and integer time: never a bare number.

use std::fmt;

/// Position of a population in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PopulationId(pub u32);

impl PopulationId {
    /// As an index into a list.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Position of a projection in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectionId(pub u32);

/// Position of a cell in its population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId(pub u32);

impl CellId {
    /// As an index into a list.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for CellId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A point of the time grid: `Step(n)` is the time n · dt, and also the name of the step that begins there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Step(pub u64);

impl Step {
    /// Steps beyond this are not told apart by f64 times.
    pub const MAX: u64 = 1 << 53;

    /// The time on the grid, ms. A product, never a running sum, so that it does not depend on how one got there.
    pub fn time_ms(self, dt_ms: f64) -> f64 {
        self.0 as f64 * dt_ms
    }

    /// The grid point `steps` later.
    #[must_use]
    pub fn after(self, steps: u64) -> Step {
        Step(self.0 + steps)
    }
}
