//! How something varies over time: a current, a current density, a rate.

use std::sync::Arc;

use nsb_lang::Quantity;

use super::Frames;

/// How something varies while it is on. Time counts from where it is switched on.
///
/// Within a step the value is constant: of smooth courses (ramp, sine, chirp) it is that of the step's middle, which is
/// right to second order; pulses, patterns and noise take the value at the step's beginning, times rounded to steps.
#[derive(Debug, Clone, PartialEq)]
pub enum Course {
    /// Straight from one level to another while it is on.
    Ramp {
        /// Level at the start.
        from: Quantity,
        /// Level at the stop, which must be given.
        to: Quantity,
    },
    /// A sine around a mean.
    Sine {
        /// Level in the middle.
        mean: Quantity,
        /// Largest deviation from it.
        amplitude: Quantity,
        /// Oscillations per time.
        frequency: Quantity,
        /// Where it begins, in cycles: 0.25 begins at the top.
        phase: f64,
    },
    /// A sine around 0 whose frequency goes straight from one to another while it is on.
    Chirp {
        /// Largest value.
        amplitude: Quantity,
        /// Frequency at the start.
        from: Quantity,
        /// Frequency at the stop, which must be given.
        to: Quantity,
    },
    /// Pulses of one height in equal intervals, the first at the start.
    Pulses {
        /// Height.
        amplitude: Quantity,
        /// Duration of a pulse.
        width: Quantity,
        /// From the beginning of a pulse to that of the next.
        interval: Quantity,
    },
    /// Levels that hold from given times on; 0 before the first.
    Pattern {
        /// Times, ascending.
        times: Vec<Quantity>,
        /// One level for each time.
        levels: Vec<Quantity>,
    },
    /// Ornstein–Uhlenbeck noise, independent in each cell: normally distributed with an exponential autocorrelation. Of a
    /// conductance, values below 0 act as 0 while the process itself goes on.
    Noise {
        /// Mean.
        mean: Quantity,
        /// Standard deviation.
        sd: Quantity,
        /// Correlation time.
        tau: Quantity,
    },
    /// Pictures: while one is shown, each cell has its part of a level. Of inputs of populations only.
    Frames {
        /// What a cell of intensity 1 receives.
        level: Quantity,
        /// Which pictures, and when.
        frames: Arc<Frames>,
    },
}

impl Course {
    /// The quantities of the kind that varies, by name.
    pub fn levels<'a>(&'a self) -> Vec<(String, &'a Quantity)> {
        let named = |list: &[(&str, &'a Quantity)]| -> Vec<(String, &'a Quantity)> {
            list.iter().map(|&(name, level)| (name.to_owned(), level)).collect()
        };
        match self {
            Course::Ramp { from, to } => named(&[("from", from), ("to", to)]),
            Course::Sine { mean, amplitude, .. } => named(&[("mean", mean), ("amplitude", amplitude)]),
            Course::Chirp { amplitude, .. } | Course::Pulses { amplitude, .. } => named(&[("amplitude", amplitude)]),
            Course::Pattern { levels, .. } => {
                let numbered = levels.iter().enumerate();
                numbered.map(|(n, level)| (format!("levels[{n}]"), level)).collect()
            }
            Course::Frames { level, .. } => named(&[("level", level)]),
            Course::Noise { mean, sd, .. } => named(&[("mean", mean), ("sd", sd)]),
        }
    }
}
