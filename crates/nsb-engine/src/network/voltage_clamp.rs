//! Potentials held from outside.

use super::{CellSet, Waveform};

/// Holds the membrane potential of cells at a voltage: an ideal clamp, without series resistance or capacity current.
///
/// A held cell keeps its state `V` at the command while all else goes on, and records as `voltage_clamp.I` what would
/// have to be injected for that. It fires once where the command crosses its threshold upwards; of what a spike resets,
/// `V` is left out. Set free, it goes on from the last command.
#[derive(Debug, Clone, PartialEq)]
pub struct VoltageClamp {
    /// Unique name, also among stimuli.
    pub name: String,
    /// The population.
    pub population: String,
    /// The cells that are held.
    pub cells: CellSet,
    /// The potential, and when it is held.
    pub command: Waveform,
}
