//! Monitors of variables: the samples of all blocks put together.

use super::{Series, VariableRecording};
use crate::index::Step;
use crate::plan::{MonitorKind, Plan, PlannedMonitor};

/// Puts the samples that blocks hand over into the rows and columns of the recordings.
pub(crate) struct VariableRecorder {
    monitors: Vec<Sampled>,
}

struct Sampled {
    interval: u64,
    parts: Vec<Part>,
}

/// The cells of a monitor that lie in one block: neighbouring columns of the recording.
struct Part {
    block: usize,
    /// Which of the block's taps.
    tap: usize,
    first_column: usize,
    n_columns: usize,
}

impl VariableRecorder {
    /// The recorder, and what it writes: an empty recording per monitor.
    pub(crate) fn new(plan: &Plan) -> (VariableRecorder, Vec<VariableRecording>) {
        let (mut monitors, mut recordings) = (Vec::new(), Vec::new());
        let mut taps = vec![0; plan.blocks().len()];
        for monitor in plan.monitors() {
            let MonitorKind::Variables { variables, interval } = monitor.kind() else {
                continue;
            };
            monitors.push(Sampled {
                interval: *interval,
                parts: parts(plan, monitor, &mut taps),
            });
            let series = variables.iter().map(|variable| Series {
                variable: variable.name.clone(),
                unit: variable.unit.clone(),
                values: Vec::new(),
            });
            recordings.push(VariableRecording {
                monitor: monitor.name().to_owned(),
                population: plan.populations()[monitor.population().index()].name().to_owned(),
                cells: monitor.cells().to_vec(),
                times_ms: Vec::new(),
                series: series.collect(),
            });
        }
        (VariableRecorder { monitors }, recordings)
    }

    /// Adds the samples of the grid points `first..=last`. `samples` gives those of a tap of a block, in order of
    /// time, variable, cell.
    pub(crate) fn add<'s>(
        &self,
        (first, last): (Step, Step),
        dt_ms: f64,
        samples: impl Fn(usize, usize) -> &'s [f64],
        recordings: &mut [VariableRecording],
    ) {
        for (monitor, recording) in self.monitors.iter().zip(recordings) {
            let begin = first.0.next_multiple_of(monitor.interval);
            let rows = (begin..=last.0).step_by(usize::try_from(monitor.interval).unwrap_or(usize::MAX));
            let before = recording.times_ms.len();
            recording.times_ms.extend(rows.map(|step| Step(step).time_ms(dt_ms)));
            let width = recording.cells.len();
            let n_series = recording.series.len();
            for series in &mut recording.series {
                series.values.resize(recording.times_ms.len() * width, 0.0);
            }
            for part in &monitor.parts {
                let pieces = samples(part.block, part.tap).chunks_exact(part.n_columns);
                for (n, piece) in pieces.enumerate() {
                    let (row, variable) = (before + n / n_series, n % n_series);
                    let start = row * width + part.first_column;
                    recording.series[variable].values[start..start + part.n_columns].copy_from_slice(piece);
                }
            }
        }
    }
}

/// Cuts a monitor's cells by blocks. `taps` counts the taps of each block, which are in the order of the monitors.
fn parts(plan: &Plan, monitor: &PlannedMonitor, taps: &mut [usize]) -> Vec<Part> {
    let (mut parts, mut first_column) = (Vec::new(), 0);
    for (n, block) in plan
        .blocks()
        .iter()
        .enumerate()
        .filter(|(_, b)| b.population == monitor.population())
    {
        let end = monitor.cells().partition_point(|&cell| cell < block.first + block.len);
        let n_columns = end - first_column;
        if n_columns > 0 {
            parts.push(Part {
                block: n,
                tap: taps[n],
                first_column,
                n_columns,
            });
            taps[n] += 1;
        }
        first_column = end;
    }
    parts
}
