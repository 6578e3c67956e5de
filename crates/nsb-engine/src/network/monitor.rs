//! What to record.

use nsb_lang::Quantity;

use super::CellSet;

/// What to record.
#[derive(Debug, Clone, PartialEq)]
pub enum Monitor {
    /// Spike times.
    Spikes {
        /// Unique name.
        name: String,
        /// The population watched.
        population: String,
        /// The cells watched.
        cells: CellSet,
    },
    /// States, derived variables or inputs over time.
    Variables {
        /// Unique name.
        name: String,
        /// The population watched.
        population: String,
        /// Names such as `V`, `I_Na`, `excitatory.g`.
        variables: Vec<String>,
        /// The cells watched.
        cells: CellSet,
        /// Time between samples, rounded to whole steps; every step if left out.
        interval: Option<Quantity>,
    },
    /// The rate of a population over time: spikes in bins, per cell.
    Rate {
        /// Unique name.
        name: String,
        /// The population watched.
        population: String,
        /// The cells watched.
        cells: CellSet,
        /// Width of a bin, rounded to whole steps.
        bin: Quantity,
    },
    /// The connections of a projection with their weights.
    Weights {
        /// Unique name.
        name: String,
        /// The projection.
        projection: String,
        /// Time between snapshots of weights that change, rounded to whole steps; none are taken if left out.
        interval: Option<Quantity>,
    },
}

impl Monitor {
    /// Its unique name.
    pub fn name(&self) -> &str {
        match self {
            Monitor::Spikes { name, .. }
            | Monitor::Variables { name, .. }
            | Monitor::Rate { name, .. }
            | Monitor::Weights { name, .. } => name,
        }
    }
}
