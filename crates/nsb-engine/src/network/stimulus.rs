//! Currents from outside.

use nsb_lang::Quantity;

use super::{CellSet, Course};

/// A current from outside, or what else a model takes as an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Stimulus {
    /// Unique name.
    pub name: String,
    /// The population that receives it.
    pub population: String,
    /// The cells that receive it.
    pub cells: CellSet,
    /// The receptor whose input it is; the neuron's own if left out.
    pub receptor: Option<String>,
    /// The course over time.
    pub waveform: Waveform,
}

/// When a stimulus is on, and how strong. The amplitude is a current or a current density, told apart by its unit; of a
/// voltage clamp it is the potential.
#[derive(Debug, Clone, PartialEq)]
pub enum Waveform {
    /// The same from beginning to end.
    Constant {
        /// Current or current density.
        amplitude: Quantity,
    },
    /// On in `start..stop`.
    Step {
        /// Current or current density.
        amplitude: Quantity,
        /// On from here, rounded to whole steps.
        start: Quantity,
        /// Off from here; the run's end if left out.
        stop: Option<Quantity>,
    },
    /// Something that varies in `start..stop`.
    Varying {
        /// How it varies.
        course: Course,
        /// On from here, rounded to whole steps; the run's beginning if left out.
        start: Option<Quantity>,
        /// Off from here; the run's end if left out.
        stop: Option<Quantity>,
    },
}

impl Waveform {
    /// The current or current density that tells the input: the amplitude, or the first of a course.
    pub fn amplitude(&self) -> Option<&Quantity> {
        match self {
            Waveform::Constant { amplitude } | Waveform::Step { amplitude, .. } => Some(amplitude),
            Waveform::Varying { course, .. } => course.levels().first().map(|(_, level)| *level),
        }
    }
}
