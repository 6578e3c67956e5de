//! CSV: `spikes.csv`, and `traces_NAME.csv`, `rates_NAME.csv` and `weights_NAME.csv` for each recording of variables,
//! rates and weights, `rewards.csv` if there are rewards, with snapshots in `weight_changes_NAME.csv`. Numbers are the shortest decimals that read back as the same double.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use nsb_engine::monitor::{Recording, RewardRecording, VariableRecording};

use super::part::Part;
use super::table::{SpikeRow, column_title, with_unit};
use super::{DataFormat, Table};
use crate::error::Error;

struct Csv {
    /// Names of the populations.
    populations: Vec<String>,
    spikes: Part,
    traces: Vec<Part>,
    rates: Vec<Part>,
    weights: Vec<Part>,
    /// Rewards, if there are any.
    rewards: Option<Part>,
    /// Snapshots, begun with the first one.
    snapshots: Vec<Option<Part>>,
    folder: PathBuf,
}

/// Begins all files with their headers.
pub(super) fn open(folder: &Path, recording: &Recording) -> Result<Box<dyn DataFormat>, Error> {
    let begin = |name: String, header: String| {
        let mut part = Part::create(folder.join(name))?;
        part.write(|file| writeln!(file, "{header}"))?;
        Ok(part)
    };
    let header = |recording: &VariableRecording| {
        let titles = recording
            .series
            .iter()
            .map(|series| format!(",{}", column_title(series)));
        format!("time_ms,cell{}", titles.collect::<String>())
    };
    Ok(Box::new(Csv {
        populations: recording.populations.iter().map(|p| p.name.clone()).collect(),
        spikes: begin("spikes.csv".to_owned(), "time_ms,population,cell".to_owned())?,
        traces: recording
            .variables
            .iter()
            .map(|r| begin(format!("traces_{}.csv", r.monitor), header(r)))
            .collect::<Result<_, Error>>()?,
        rates: recording
            .rates
            .iter()
            .map(|r| begin(format!("rates_{}.csv", r.monitor), "time_ms,rate (Hz)".to_owned()))
            .collect::<Result<_, Error>>()?,
        weights: recording
            .weights
            .iter()
            .map(|r| {
                let header = format!("source,target,{},delay_ms", with_unit("weight", &r.unit));
                begin(format!("weights_{}.csv", r.monitor), header)
            })
            .collect::<Result<_, Error>>()?,
        rewards: match recording.rewards.is_empty() {
            true => None,
            false => {
                let header = "reward,earned_ms,given_ms,amount";
                Some(begin("rewards.csv".to_owned(), header.to_owned())?)
            }
        },
        snapshots: recording.weights.iter().map(|_| None).collect(),
        folder: folder.to_owned(),
    }))
}

impl DataFormat for Csv {
    fn append(&mut self, piece: Table<'_>) -> Result<(), Error> {
        let populations = &self.populations;
        let part = match piece {
            Table::Spikes(_) => &mut self.spikes,
            Table::Traces(n, _) => &mut self.traces[n],
            Table::Rates(n, _) => &mut self.rates[n],
            Table::Weights(n, _) => &mut self.weights[n],
            Table::Rewards(_) => match &mut self.rewards {
                Some(part) => part,
                None => return Ok(()),
            },
            Table::Snapshots(n, recording) => match &mut self.snapshots[n] {
                Some(part) => part,
                none => {
                    let name = format!("weight_changes_{}.csv", recording.monitor);
                    let mut part = Part::create(self.folder.join(name))?;
                    let title = with_unit("weight", &recording.unit);
                    part.write(|file| writeln!(file, "time_ms,connection,{title}"))?;
                    none.insert(part)
                }
            },
        };
        part.write(|file| match piece {
            Table::Spikes(rows) => write_spikes(rows, populations, file),
            Table::Traces(_, recording) => write_traces(recording, file),
            Table::Rates(_, recording) => {
                let mut bins = recording.times_ms.iter().zip(&recording.rates_hz);
                bins.try_for_each(|(time, rate)| writeln!(file, "{time:?},{rate:?}"))
            }
            Table::Rewards(rewards) => write_rewards(rewards, file),
            Table::Weights(_, rows) => {
                let mut rows = rows.iter();
                rows.try_for_each(|(source, target, weight, delay)| {
                    writeln!(file, "{source},{target},{weight:?},{delay:?}")
                })
            }
            Table::Snapshots(_, recording) => {
                let width = recording.weights.len() / recording.times_ms.len().max(1);
                let snapshots = recording.times_ms.iter().zip(recording.weights.chunks(width.max(1)));
                snapshots.into_iter().try_for_each(|(time, weights)| {
                    let mut weights = weights.iter().enumerate();
                    weights.try_for_each(|(n, weight)| {
                        writeln!(file, "{time:?},{n},{:?}", recording.unit.from_engine(*weight))
                    })
                })
            }
        })?;
        // So that those who look on see whole pieces.
        part.flush()
    }

    fn finish(self: Box<Self>) -> Result<Vec<PathBuf>, Error> {
        self.parts().map(Part::finish).collect()
    }

    fn keep(self: Box<Self>) {
        self.parts().for_each(Part::keep);
    }
}

impl Csv {
    fn parts(self) -> impl Iterator<Item = Part> {
        let snapshots = self.snapshots.into_iter().flatten();
        let others = self
            .traces
            .into_iter()
            .chain(self.rates)
            .chain(self.weights)
            .chain(self.rewards)
            .chain(snapshots);
        std::iter::once(self.spikes).chain(others)
    }
}

fn write_spikes(rows: &[SpikeRow], populations: &[String], file: &mut impl Write) -> io::Result<()> {
    for (time, population, cell) in rows {
        // Names of populations are identifiers: no quotes are needed.
        writeln!(file, "{time:?},{},{cell}", populations[*population as usize])?;
    }
    Ok(())
}

/// In the order of time, then of the rewards in the project.
fn write_rewards(rewards: &[RewardRecording], file: &mut impl Write) -> io::Result<()> {
    let of = |reward: &'_ RewardRecording| reward.earned_ms.len();
    let mut rows: Vec<(f64, usize, f64)> = Vec::with_capacity(rewards.iter().map(of).sum());
    for (number, reward) in rewards.iter().enumerate() {
        let times = reward.earned_ms.iter().zip(&reward.given_ms);
        rows.extend(times.map(|(earned, given)| (*earned, number, *given)));
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    rows.iter().try_for_each(|(earned, number, given)| {
        let RewardRecording { reward, amount, .. } = &rewards[*number];
        writeln!(file, "{reward},{earned:?},{given:?},{amount:?}")
    })
}

fn write_traces(recording: &VariableRecording, file: &mut impl Write) -> io::Result<()> {
    let cells = recording.cells.len();
    for (row, time) in recording.times_ms.iter().enumerate() {
        for (column, cell) in recording.cells.iter().enumerate() {
            write!(file, "{time:?},{cell}")?;
            for series in &recording.series {
                let value = series.unit.from_engine(series.values[row * cells + column]);
                write!(file, ",{value:?}")?;
            }
            writeln!(file)?;
        }
    }
    Ok(())
}
