//! Why a simulation stops by itself.

use nsb_lang::Unit;

/// Why a simulation stops by itself.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SimulationError {
    /// A state variable is NaN or infinite. Of several, the first in (step, population, cell) is reported.
    #[error(
        "{variable} of cell {cell} of `{population}` is {value} at {time_ms:.3} ms{}",
        last_good_text(.last_good, *.last_good_ms)
    )]
    NotFinite {
        /// The population.
        population: String,
        /// The cell.
        cell: u32,
        /// End of the step in which it happened, ms; 0 if the initial state is not finite.
        time_ms: f64,
        /// The first variable of the cell that is not finite.
        variable: String,
        /// Its value: NaN or an infinity.
        value: f64,
        /// All states of the cell one step earlier, in engine units, with the units for people; empty if the initial
        /// state is not finite.
        last_good: Vec<(String, f64, Unit)>,
        /// The time of these values, ms.
        last_good_ms: f64,
    },
    /// A weight, or a variable of a rule of plasticity, is NaN or infinite.
    #[error(
        "a weight or a variable of the rules of `{projection}` is no longer finite, after {from_ms:.3} ms and by {to_ms:.3} ms"
    )]
    Diverged {
        /// The projection.
        projection: String,
        /// All was finite then, ms.
        from_ms: f64,
        /// The end of the epoch in which it happened, ms.
        to_ms: f64,
    },
    /// A duration that is negative, not finite or shorter than half a step, or that ends too late to be counted in
    /// steps.
    #[error("a duration of {duration_ms} ms cannot be simulated in steps of {dt_ms} ms")]
    Duration {
        /// The duration, ms.
        duration_ms: f64,
        /// The step, ms.
        dt_ms: f64,
    },
}

impl SimulationError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            SimulationError::NotFinite { last_good, .. } if last_good.is_empty() => {
                "check the initial values and parameters of this cell".to_owned()
            }
            SimulationError::NotFinite { .. } => {
                "choose a smaller dt, or check the parameters of this cell and what it receives".to_owned()
            }
            SimulationError::Diverged { .. } => {
                "check the parameters of the rules, and give the weights `bounds`".to_owned()
            }
            SimulationError::Duration { dt_ms, .. } => format!("choose a duration of at least dt = {dt_ms} ms"),
        }
    }
}

fn last_good_text(values: &[(String, f64, Unit)], time_ms: f64) -> String {
    if values.is_empty() {
        return String::new();
    }
    let one = |(name, value, unit): &(String, f64, Unit)| {
        format!("{name} = {} {}", readable(unit.from_engine(*value)), unit.symbol())
            .trim_end()
            .to_owned()
    };
    let values: Vec<String> = values.iter().map(one).collect();
    format!("; at {time_ms:.3} ms it was {}", values.join(", "))
}

/// A number with the digits that help: a state that runs away has hundreds before the point.
fn readable(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e6).contains(&size) {
        format!("{value:.6e}")
    } else {
        format!("{value:.6}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_size_stay_short() {
        assert_eq!(readable(-65.0), "-65.000000");
        assert_eq!(readable(0.0), "0.000000");
        assert_eq!(readable(1.5e300), "1.500000e300");
        assert_eq!(readable(-2e-9), "-2.000000e-9");
    }
}
