//! Correlated Poisson spikes: copies of the spikes of a mother process that all cells of a source share.
//!
//! Every number is drawn by counter, so blocks make the same mother spikes without talking to each other, and nothing is
//! remembered from step to step: with jitter, the mother spikes of the steps before are made again.

use nsb_kernels::{PoissonCounts, Real};

use super::noise::STEP_BITS;
use crate::index::Step;
use crate::plan::{CorrelatedPoisson, PlannedRate};
use crate::random::Stream;

/// Stands for the mother process where a cell stands in the index of a draw, and so does the number before it: no
/// population has so many cells.
const MOTHER: u64 = (1 << 23) - 1;

/// Adds the copies that come at the beginning of a step to the arrivals of the block that begins at cell `first`; tells
/// whether any may have come. `cells` are positions in the block.
pub(super) fn add<R: Real>(
    source: &CorrelatedPoisson,
    (stream, dt_ms): (Stream, f64),
    step: Step,
    (first, cells): (u32, &[u32]),
    (weight, arrivals): (R, &mut [R]),
) -> bool {
    if step < source.start || source.stop.is_some_and(|stop| step >= stop) {
        return false;
    }
    let lags = source.jitter_steps + 1;
    let mut any = false;
    for lag in 0..lags {
        // Mother spikes are numbered from the longest jitter before the run, so that the first steps miss none.
        let mother_step = step.0 + source.jitter_steps - lag;
        let at = Step((mother_step.saturating_sub(source.jitter_steps)).max(source.start.0));
        let bits = [MOTHER, MOTHER - 1].map(|number| stream.u64(number << STEP_BITS | mother_step));
        for spike in 0..mother_count(source, at, dt_ms, bits) {
            let draws = stream.attempt(spike + 1);
            any = true;
            for &cell in cells {
                let uniform = draws.uniform(u64::from(first + cell) << STEP_BITS | mother_step);
                // Below the correlation the draw is evenly distributed, and tells the jitter as well.
                if uniform < source.correlation {
                    let drawn = (uniform / source.correlation * lags as f64) as u64;
                    if drawn.min(lags - 1) == lag {
                        arrivals[cell as usize] += weight;
                    }
                }
            }
        }
    }
    any
}

fn mother_count(source: &CorrelatedPoisson, at: Step, dt_ms: f64, [bits, more]: [u64; 2]) -> u32 {
    match &source.mother {
        PlannedRate::Constant(table) => table.count(bits, more),
        PlannedRate::Varying(signal) => {
            let mean = signal.at(at) * dt_ms / source.correlation;
            PoissonCounts::new(mean.max(0.0)).count(bits, more)
        }
    }
}
