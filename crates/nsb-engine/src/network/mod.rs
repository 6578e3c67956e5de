//! What the user says: plain, cloneable data. Nothing here computes; [`plan`](crate::plan) checks it.

mod cells;
pub(crate) mod connector;
mod monitor;
mod population;
mod projection;
mod stimulus;

pub use cells::CellSet;
pub use connector::{Connection, Connector};
pub use monitor::Monitor;
pub use population::{Population, Receptor, Value};
pub use projection::Projection;
pub use stimulus::{Stimulus, Waveform};

/// A whole network. References are by name; the plan resolves them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Network {
    /// Groups of cells of one model.
    pub populations: Vec<Population>,
    /// Spike-driven connections between populations.
    pub projections: Vec<Projection>,
    /// Currents from outside.
    pub stimuli: Vec<Stimulus>,
    /// What to record.
    pub monitors: Vec<Monitor>,
}
