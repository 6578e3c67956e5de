//! The data of a run folder, read back for statistics and figures with bounded memory: a long run is read from
//! beginning to end, and what figures cannot show is thinned on the way.

use std::ops::Range;
use std::path::Path;

use nsb_engine::monitor::{RateRecording, Recording, Series, VariableRecording};

use super::npy::Kind;
use super::npy_read::{Npz, unreadable};
use super::table::SpikeRow;
use crate::error::Error;
use crate::plot::Line;
use crate::round;

/// Spikes that are held; of more, statistics see the last ones, figures a part.
const MOST_SPIKES: u64 = 2_000_000;
/// Spikes in a raster of a longer recording.
const RASTER_SPIKES: u64 = 500_000;
/// Samples of a line that are drawn one by one; more are thinned.
const MOST_SAMPLES: u64 = 200_000;
/// Stretches of a longer line; each keeps its first, lowest, highest and last sample.
const STRETCHES: u64 = 20_000;
/// Bins of the figure of rates.
const RATE_BINS: f64 = 50.0;
/// Parts of such a bin in which the spikes of a long recording are counted.
const PARTS_OF_BIN: usize = 100;
/// Elements read at a time.
const PIECE: usize = 8192;

/// Spikes of a run.
#[derive(Debug, Default)]
pub(super) struct SpikeData {
    /// All spikes, or the last ones of a long recording; in order.
    pub(super) last: Vec<SpikeRow>,
    /// The period in which `last` has all spikes, ms.
    pub(super) period_ms: Range<f64>,
    /// Spikes of each cell of each population over the whole run.
    pub(super) counts: Vec<Vec<u64>>,
    /// Of a long recording one spike in so many, evenly over the whole run.
    pub(super) sample: Option<(u64, Vec<SpikeRow>)>,
    /// Of a long recording the spikes of each population in each part of a bin.
    pub(super) binned: Vec<Vec<u64>>,
    /// Width of a bin in the figure of rates, ms.
    pub(super) bin_ms: f64,
}

impl SpikeData {
    /// Width of what `binned` counts in, ms.
    pub(super) fn part_ms(&self) -> f64 {
        self.bin_ms / PARTS_OF_BIN as f64
    }
}

/// Reads `spikes.npz` of a run that recorded what `recording` names, and ended at `end_ms`.
pub(super) fn spikes(folder: &Path, recording: &Recording, end_ms: f64) -> Result<SpikeData, Error> {
    spikes_within(folder, recording, end_ms, MOST_SPIKES)
}

fn spikes_within(folder: &Path, recording: &Recording, end_ms: f64, most: u64) -> Result<SpikeData, Error> {
    let path = &folder.join("spikes.npz");
    // One array of an archive can be read at a time.
    let (mut a, mut b, mut c) = (Npz::open(path)?, Npz::open(path)?, Npz::open(path)?);
    let mut times = a.array("time_ms", Kind::F64)?;
    let mut populations = b.array("population", Kind::U32)?;
    let mut cells = c.array("cell", Kind::U32)?;
    if times.shape != populations.shape || times.shape != cells.shape || times.shape.len() != 1 {
        return Err(unreadable(path, &"its arrays have different lengths"));
    }
    let n = times.shape[0];
    let long = n > most;
    let every = n.div_ceil(RASTER_SPIKES.min(most)).max(1);
    let bin_ms = round::up(end_ms / RATE_BINS);
    let n_parts = if long {
        (end_ms / bin_ms).ceil() as usize * PARTS_OF_BIN
    } else {
        0
    };
    let mut data = SpikeData {
        period_ms: 0.0..end_ms,
        counts: recording.populations.iter().map(|p| vec![0; p.size]).collect(),
        sample: long.then(|| (every, Vec::new())),
        binned: vec![vec![0; n_parts]; recording.populations.len()],
        bin_ms,
        ..SpikeData::default()
    };
    let mut piece = (vec![0.0; PIECE], vec![0_u32; PIECE], vec![0_u32; PIECE]);
    let mut at = 0;
    while at < n {
        let length = PIECE.min((n - at) as usize);
        times.read(&mut piece.0[..length])?;
        populations.read(&mut piece.1[..length])?;
        cells.read(&mut piece.2[..length])?;
        for i in 0..length {
            let row @ (time_ms, population, cell) = (piece.0[i], piece.1[i], piece.2[i]);
            let Some(counts) = data.counts.get_mut(population as usize) else {
                return Err(unreadable(path, &format!("the project has no population {population}")));
            };
            let Some(count) = counts.get_mut(cell as usize) else {
                let name = &recording.populations[population as usize].name;
                return Err(unreadable(path, &format!("`{name}` has no cell {cell}")));
            };
            *count += 1;
            if at + most >= n {
                data.last.push(row);
            } else {
                // Spikes at the very moment of the first one that is held may be missing.
                data.period_ms.start = time_ms;
            }
            if let Some((_, sample)) = data.sample.as_mut().filter(|_| is_sampled(at, every)) {
                sample.push(row);
            }
            if let Some(last) = n_parts.checked_sub(1) {
                let part = (time_ms / bin_ms * PARTS_OF_BIN as f64 + 1e-9) as usize;
                data.binned[population as usize][part.min(last)] += 1;
            }
            at += 1;
        }
    }
    let from_ms = data.period_ms.start;
    if long {
        data.last.retain(|row| row.0 > from_ms);
    }
    Ok(data)
}

/// Whether one of `every` spikes is taken: evenly, but in no period, because cells that fire in turn have one too. The
/// multiples of the golden section modulo 1 are spread so.
fn is_sampled(number: u64, every: u64) -> bool {
    const GOLDEN_SECTION: u64 = 0x9E37_79B9_7F4A_7C15;
    number.wrapping_mul(GOLDEN_SECTION) < u64::MAX / every
}

/// Reads one variable of a recording: gives the time and the values of all cells, row by row, in its unit.
pub(super) fn rows(
    folder: &Path,
    recording: &VariableRecording,
    series: &Series,
    visit: &mut dyn FnMut(u64, f64, &[f64]),
) -> Result<(), Error> {
    let path = &folder.join("traces.npz");
    let (mut a, mut b) = (Npz::open(path)?, Npz::open(path)?);
    let mut times = a.array(&format!("{}.time_ms", recording.monitor), Kind::F64)?;
    let name = format!("{}.{}", recording.monitor, series.variable);
    let mut values = b.array(&name, Kind::F64)?;
    let width = recording.cells.len();
    if times.shape.len() != 1 || values.shape != [times.shape[0], width as u64] {
        return Err(unreadable(path, &format!("`{name}` does not fit its times and cells")));
    }
    let n = times.shape[0];
    let (mut time, mut row) = ([0.0], vec![0.0; width]);
    for _ in 0..n {
        times.read(&mut time)?;
        values.read(&mut row)?;
        visit(n, time[0], &row);
    }
    Ok(())
}

/// Lines of some columns of one variable, without labels.
pub(super) fn lines(
    folder: &Path,
    recording: &VariableRecording,
    series: &Series,
    columns: &[usize],
) -> Result<Vec<Line>, Error> {
    let mut thinners: Vec<Thinner> = columns.iter().map(|_| Thinner::default()).collect();
    rows(folder, recording, series, &mut |n, time_ms, row| {
        let stretch = if n > MOST_SAMPLES { n.div_ceil(STRETCHES) } else { 1 };
        for (thinner, &column) in thinners.iter_mut().zip(columns) {
            thinner.add(stretch, (time_ms, row[column]));
        }
    })?;
    Ok(thinners.into_iter().map(Thinner::line).collect())
}

/// A recorded rate in Hz, in steps from the beginning of the first bin to the end of the last.
pub(super) fn rate(folder: &Path, recording: &RateRecording) -> Result<Line, Error> {
    let path = &folder.join("rates.npz");
    let (mut a, mut b) = (Npz::open(path)?, Npz::open(path)?);
    let mut times = a.array(&format!("{}.time_ms", recording.monitor), Kind::F64)?;
    let mut rates = b.array(&format!("{}.rate_hz", recording.monitor), Kind::F64)?;
    if times.shape.len() != 1 || times.shape != rates.shape {
        return Err(unreadable(
            path,
            &format!("`{}` has arrays of different lengths", recording.monitor),
        ));
    }
    let n = times.shape[0];
    let stretch = if n > MOST_SAMPLES { n.div_ceil(STRETCHES) } else { 1 };
    let (mut thinner, mut time, mut rate) = (Thinner::default(), [0.0], [0.0]);
    for _ in 0..n {
        times.read(&mut time)?;
        rates.read(&mut rate)?;
        thinner.add(stretch, (time[0], rate[0]));
    }
    let mut line = thinner.line();
    line.steps = true;
    if n > 0 {
        line.times_ms.push(time[0] + recording.bin_ms);
        line.values.push(rate[0]);
    }
    Ok(line)
}

/// Keeps the first, lowest, highest and last sample of each stretch, in their order.
#[derive(Default)]
struct Thinner {
    line: Line,
    /// Samples of the stretch so far, and those of them that are kept, with their numbers.
    n: u64,
    kept: [(u64, (f64, f64)); 4],
}

impl Thinner {
    fn add(&mut self, stretch: u64, sample: (f64, f64)) {
        let own = (self.n, sample);
        if self.n == 0 {
            self.kept = [own; 4];
        }
        let [_, lowest, highest, last] = &mut self.kept;
        if sample.1 < lowest.1.1 {
            *lowest = own;
        }
        if sample.1 > highest.1.1 {
            *highest = own;
        }
        *last = own;
        self.n += 1;
        if self.n >= stretch {
            self.end();
        }
    }

    fn end(&mut self) {
        if self.n == 0 {
            return;
        }
        self.kept.sort_by_key(|kept| kept.0);
        let mut before = None;
        for (number, (time_ms, value)) in self.kept {
            if before != Some(number) {
                self.line.times_ms.push(time_ms);
                self.line.values.push(value);
                before = Some(number);
            }
        }
        self.n = 0;
    }

    fn line(mut self) -> Line {
        self.end();
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Stream;
    use crate::{Overrides, Project, RunOptions};

    #[test]
    fn of_a_long_recording_counts_are_of_all_spikes_and_the_last_ones_are_held() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::open("level1", &Overrides::default()).unwrap();
        let run = project.run(&RunOptions::default(), &mut ()).unwrap();
        let mut stream = Stream::open(folder.path(), &run.recording, project.dt_ms).unwrap();
        stream.append(&run.recording).unwrap();
        stream.finish().unwrap();

        let all = spikes(folder.path(), &run.recording, 100.0).unwrap();
        assert_eq!(all.last.len() as u64, run.summary.spikes);
        assert!(all.sample.is_none() && all.period_ms == (0.0..100.0));
        let part = spikes_within(folder.path(), &run.recording, 100.0, 20).unwrap();
        assert_eq!(part.counts, all.counts);
        assert_eq!(part.counts[0].iter().sum::<u64>(), run.summary.spikes);
        assert_eq!(part.binned[0].iter().sum::<u64>(), run.summary.spikes);
        // Every spike after the beginning of the period, and none before.
        assert!(part.period_ms.start > 0.0 && part.last.len() <= 20 && part.last.len() > 10);
        let late = all.last.iter().filter(|row| row.0 > part.period_ms.start);
        assert!(late.eq(&part.last));
        let (every, sample) = part.sample.unwrap();
        assert_eq!(every, run.summary.spikes.div_ceil(20));
        let expected = run.summary.spikes as f64 / every as f64;
        assert!(
            (sample.len() as f64 - expected).abs() < 3.0,
            "{} of {expected}",
            sample.len()
        );
        assert!(sample.iter().all(|row| all.last.contains(row)));
        // Bins of the figure hold whole parts.
        assert_eq!(part.bin_ms, 2.0);
        let bin = &part.binned[0][10 * PARTS_OF_BIN..11 * PARTS_OF_BIN];
        let within = all.last.iter().filter(|row| (20.0..22.0).contains(&row.0)).count();
        assert_eq!(bin.iter().sum::<u64>(), within as u64);
    }

    #[test]
    fn a_sample_is_even_over_time_and_over_cells_that_fire_in_turn() {
        let (n, every, cells) = (1_000_000_u64, 26, 200);
        let mut of_cell = vec![0_u32; cells as usize];
        let mut of_stretch = [0_u32; 10];
        for number in (0..n).filter(|&number| is_sampled(number, every)) {
            of_cell[(number % cells) as usize] += 1;
            of_stretch[(number * 10 / n) as usize] += 1;
        }
        // 192 of each cell and 3,846 of each stretch.
        assert!(of_cell.iter().all(|n| (180..=205).contains(n)), "{of_cell:?}");
        assert!(of_stretch.iter().all(|n| n.abs_diff(3846) < 20), "{of_stretch:?}");
    }

    #[test]
    fn a_thinned_line_keeps_the_extremes_of_each_stretch_at_their_times() {
        let mut thinner = Thinner::default();
        for n in 0..1000 {
            let value = if n == 333 {
                9.0
            } else if n == 777 {
                -9.0
            } else {
                f64::from(n % 3)
            };
            thinner.add(100, (f64::from(n), value));
        }
        let line = thinner.line();
        assert!(line.values.len() <= 40);
        let at = |time: f64| line.times_ms.iter().position(|t| *t == time).map(|n| line.values[n]);
        assert_eq!((at(333.0), at(777.0)), (Some(9.0), Some(-9.0)));
        assert_eq!((at(0.0), at(999.0)), (Some(0.0), Some(0.0)));
        assert!(line.times_ms.is_sorted());
    }
}
