//! A repeating pattern and whoever fires when it comes: hits, false alarms, latency, and whose synapses are strong.

use nsb_engine::Simulation;
use nsb_engine::monitor::Recording;
use nsb_engine::network::{Learning, Network, RepeatingPattern, SourceSpikes};
use nsb_engine::{Observer, Outcome, ProjectionId};

use super::responses::{Counts, Listener};
use super::study::side_by_side;
use super::training::Condition;
use crate::error::Error;
use crate::project::Project;
use crate::run::RunOptions;

/// What is scored, and what it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// The stimulus whose pattern is to be found.
    pub stimulus: String,
    /// The population whose spikes are scored; each cell alone, and the scores are means over cells.
    pub readout: String,
    /// Number of its cells.
    pub n_readout: usize,
    /// The projection onto it, whose sources are the cells of the stimulus.
    pub projection: String,
    /// So much of the end of the run is scored, ms.
    pub window_ms: f64,
    /// A weight above this is strong, engine units.
    pub strong: f64,
    /// What learning is compared with.
    pub controls: Vec<Condition>,
    /// Seeds with which everything is repeated; the first is that of the run itself.
    pub seeds: Vec<u64>,
}

/// The scores of one simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectionTrial {
    /// Learning, or a control.
    pub condition: Condition,
    /// Its seed.
    pub seed: u64,
    /// The part of the patterns while which a cell fired.
    pub hits: f64,
    /// Spikes of a cell at other times, per second of these.
    pub false_alarms_hz: f64,
    /// From the beginning of a pattern to the first spike, mean over hits, ms; none without hits.
    pub latency_ms: Option<f64>,
    /// Spikes of a cell per second, all over the window.
    pub rate_hz: f64,
    /// Number of strong weights.
    pub strong: u64,
    /// The part of them whose source is a cell of the pattern; none without strong weights.
    pub on_pattern: Option<f64>,
}

/// When the cells of the readout fire.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    population: String,
    from_ms: f64,
    spikes: Vec<(f64, u32)>,
    seen: usize,
}

impl Counts for Heard {
    fn add(&mut self, held: &Recording) {
        let Some(all) = held.spikes.iter().find(|spikes| spikes.population == self.population) else {
            return;
        };
        let new = all.times_ms[self.seen..].iter().zip(&all.cells[self.seen..]);
        let late = new.filter(|(time, _)| **time >= self.from_ms);
        self.spikes.extend(late.map(|(time, cell)| (*time, *cell)));
        self.seen = all.times_ms.len();
    }

    fn taken(&mut self, held: &Recording) {
        let found = held.spikes.iter().find(|spikes| spikes.population == self.population);
        self.seen = found.map_or(0, |spikes| spikes.times_ms.len());
    }
}

impl Detection {
    /// Listens from the beginning of the window on.
    pub(crate) fn heard(&self, duration_ms: f64) -> Heard {
        Heard {
            population: self.readout.clone(),
            from_ms: (duration_ms - self.window_ms).max(0.0),
            ..Heard::default()
        }
    }

    /// The pattern, and the number of its source.
    fn pattern<'n>(&self, network: &'n Network) -> Option<(&'n RepeatingPattern, u32, &'n str)> {
        let number = network
            .spike_sources
            .iter()
            .position(|source| source.name == self.stimulus)?;
        let source = &network.spike_sources[number];
        match &source.spikes {
            SourceSpikes::Repeating(pattern) => Some((pattern, number as u32, &source.population)),
            _ => None,
        }
    }

    /// Turns a network into that of a condition.
    fn apply(&self, network: &mut Network, condition: Condition) {
        for source in &mut network.spike_sources {
            if let (true, SourceSpikes::Repeating(pattern)) = (source.name == self.stimulus, &mut source.spikes) {
                pattern.shuffled = condition == Condition::Shuffled;
            }
        }
        if condition == Condition::NoLearning {
            for projection in &mut network.projections {
                projection.plasticity.learning = Learning::During(Vec::new());
            }
        }
    }

    /// The scores of a simulation that has come to its end, or as far as it came.
    pub(crate) fn trial(
        &self,
        project: &Project,
        (condition, seed): (Condition, u64),
        heard: &Heard,
        simulation: &mut Simulation,
        until_ms: f64,
    ) -> Option<DetectionTrial> {
        let network = &project.network;
        let (pattern, source, afferents) = self.pattern(network)?;
        let n_cells = network
            .populations
            .iter()
            .find(|population| population.name == afferents)?
            .size;
        let mut is_member = vec![false; n_cells];
        let members = pattern.cells(n_cells, seed);
        members.iter().for_each(|cell| is_member[*cell as usize] = true);
        let projection = network.projections.iter().position(|own| own.name == self.projection)?;
        let (mut strong, mut on_pattern) = (0_u64, 0_u64);
        simulation.connections(ProjectionId(projection as u32), &mut |connection| {
            if connection.weight.abs() > self.strong {
                strong += 1;
                on_pattern += u64::from(is_member[connection.source as usize]);
            }
        });
        let windows = windows(pattern, (source, seed), project.dt_ms, (heard.from_ms, until_ms));
        let told = told(&windows, &heard.spikes, self.n_readout);
        let scored_s = (until_ms - heard.from_ms) / 1000.0;
        let free_s = scored_s - windows.iter().map(|(from, to)| to - from).sum::<f64>() / 1000.0;
        let cells = self.n_readout as f64;
        Some(DetectionTrial {
            condition,
            seed,
            hits: told.hits as f64 / (cells * windows.len().max(1) as f64),
            false_alarms_hz: told.false_alarms as f64 / (cells * free_s),
            latency_ms: (told.hits > 0).then(|| told.latency_ms / told.hits as f64),
            rate_hz: heard.spikes.len() as f64 / (cells * scored_s),
            strong,
            on_pattern: (strong > 0).then(|| on_pattern as f64 / strong as f64),
        })
    }
}

/// The times of the pattern that lie within a window, ms.
fn windows(
    pattern: &RepeatingPattern,
    (source, seed): (u32, u64),
    dt_ms: f64,
    (from_ms, until_ms): (f64, f64),
) -> Vec<(f64, f64)> {
    let (length, period) = pattern.steps(dt_ms);
    let last = (until_ms / (period as f64 * dt_ms)).ceil() as u64;
    let begin = |n: u64| n * period + pattern.offset(n, (length, period), source, seed);
    let windows = (0..last).map(|n| (begin(n) as f64 * dt_ms, (begin(n) + length) as f64 * dt_ms));
    windows
        .filter(|(from, to)| from_ms <= *from && *to <= until_ms)
        .collect()
}

/// Sums over cells.
#[derive(Debug, PartialEq)]
struct Told {
    hits: u64,
    false_alarms: u64,
    latency_ms: f64,
}

/// Hits, and spikes outside all windows, which ascend.
fn told(windows: &[(f64, f64)], spikes: &[(f64, u32)], n_cells: usize) -> Told {
    let mut first = vec![vec![f64::INFINITY; n_cells]; windows.len()];
    let mut false_alarms = 0;
    for (time, cell) in spikes {
        let after = windows.partition_point(|(from, _)| from <= time);
        match after.checked_sub(1).filter(|n| *time < windows[*n].1) {
            None => false_alarms += 1,
            Some(n) => {
                let latency = &mut first[n][*cell as usize];
                *latency = latency.min(time - windows[n].0);
            }
        }
    }
    let latencies = first.iter().flatten().filter(|latency| latency.is_finite());
    Told {
        hits: latencies.clone().count() as u64,
        false_alarms,
        latency_ms: latencies.sum(),
    }
}

/// How many simulations there are.
pub(crate) fn simulations(detection: &Detection) -> usize {
    detection.seeds.len() * (1 + detection.controls.len())
}

/// The trials of all seeds and conditions, the first of which has been made. An observer may stop it; what is complete by
/// then is kept, and the second value says so.
pub(crate) fn study(
    project: &Project,
    detection: &Detection,
    first: Option<DetectionTrial>,
    options: &RunOptions,
    observer: &mut dyn Observer,
) -> Result<(Vec<DetectionTrial>, bool), Error> {
    let conditions: Vec<Condition> = [&[Condition::Learning][..], &detection.controls].concat();
    let all = detection
        .seeds
        .iter()
        .flat_map(|seed| conditions.iter().map(move |c| (*c, *seed)));
    let jobs: Vec<(Condition, u64)> = all.skip(1).collect();
    if jobs.is_empty() {
        return Ok((first.into_iter().collect(), false));
    }
    let work = |job: usize, threads: usize, observer: &mut dyn Observer| {
        let (condition, seed) = jobs[job];
        let mut variant = project.with_seed_and_spikes_of(seed, &detection.readout);
        variant.threads = threads;
        detection.apply(&mut variant.network, condition);
        let mut simulation = Simulation::new(variant.plan(options)?)?;
        let mut heard = detection.heard(variant.duration_ms);
        let mut listener = Listener {
            counts: Some(&mut heard),
            observer,
        };
        if simulation.run_for(variant.duration_ms, &mut listener)? == Outcome::Interrupted {
            return Ok(None);
        }
        heard.add(simulation.recording());
        let until_ms = simulation.recording().simulated_ms;
        Ok(detection.trial(&variant, (condition, seed), &heard, &mut simulation, until_ms))
    };
    let (others, interrupted) = side_by_side(project, jobs.len(), options, observer, &work)?;
    Ok((first.into_iter().chain(others).collect(), interrupted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_spike_in_a_window_is_a_hit_and_all_outside_are_false_alarms() {
        let windows = [(100.0, 150.0), (300.0, 350.0)];
        // Cell 0 hits once, after 7 ms, cell 1 twice, after 0 and 49 ms; the end of a window is outside.
        let spikes = [
            (107.0, 0),
            (120.0, 0),
            (100.0, 1),
            (349.0, 1),
            (350.0, 1),
            (99.0, 0),
            (500.0, 0),
        ];
        let told = told(&windows, &spikes, 2);
        let expected = Told {
            hits: 3,
            false_alarms: 3,
            latency_ms: 7.0 + 0.0 + 49.0,
        };
        assert_eq!(told, expected);
    }
}
