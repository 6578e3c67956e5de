//! A plan in words.

use std::fmt;

use super::{
    Group, MonitorKind, Plan, PlannedCondition, PlannedMonitor, PlannedPopulation, PlannedProjection, PlannedReward,
    PlannedSpikeSource, PlannedSpikes, PlannedStimulus,
};
use crate::index::{PopulationId, Step};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = self.settings();
        writeln!(
            f,
            "{}, {}; dt {} ms, seed {}, {}, {}",
            counted(self.n_cells(), "cell"),
            counted(self.n_synapses(), "synapse"),
            settings.dt_ms,
            settings.seed,
            counted(self.n_threads() as u64, "thread"),
            settings.simd,
        )?;
        section(f, "populations", self.populations(), |p| self.population(p))?;
        section(f, "projections", self.projections(), |p| self.projection(p))?;
        section(f, "gap junctions", self.gap_junctions(), |j| {
            let (source, target) = j.ends();
            let n = counted(j.n_junctions(), "junction");
            format!("{}: {} to {}, {n}", j.name(), self.name(source), self.name(target))
        })?;
        section(f, "stimuli", self.stimuli(), |s| self.stimulus(s, "into"))?;
        section(f, "voltage clamps", self.voltage_clamps(), |c| {
            self.stimulus(c.command(), "held in")
        })?;
        section(f, "spike sources", self.spike_sources(), |s| self.spike_source(s))?;
        section(f, "rewards", self.rewards(), |r| self.reward(r))?;
        section(f, "monitors", self.monitors(), |m| self.monitor(m))?;
        write!(f, "{}", self.forecast())
    }
}

impl Plan {
    fn population(&self, population: &PlannedPopulation) -> String {
        let receptors: Vec<String> = population
            .receptors()
            .iter()
            .map(|(name, model)| format!("{name} ({})", model.name))
            .collect();
        let receptors = if receptors.is_empty() {
            String::new()
        } else {
            format!("; receptors {}", receptors.join(", "))
        };
        format!(
            "{}: {} of {}, method {}{receptors}",
            population.name(),
            counted(population.size() as u64, "cell"),
            population.model().name,
            population.method().name(),
        )
    }

    fn projection(&self, projection: &PlannedProjection) -> String {
        let delays = projection.delays();
        let steps = |delay: u32| format!("{} ms", self.time(Step(u64::from(delay))));
        let delay = match delays {
            [] => String::new(),
            [one] => format!(", delay {}", steps(*one)),
            [first, .., last] => format!(", {} delays from {} to {}", delays.len(), steps(*first), steps(*last)),
        };
        format!(
            "{}: {} to {}.{}, {}{delay}",
            projection.name(),
            self.name(projection.source()),
            self.name(projection.target()),
            projection.receptor(),
            counted(projection.n_synapses(), "synapse"),
        )
    }

    fn stimulus(&self, stimulus: &PlannedStimulus, acts: &str) -> String {
        let stop = stimulus
            .stop()
            .map_or("the end".to_owned(), |stop| format!("{} ms", self.time(stop)));
        let course = stimulus
            .signal()
            .map_or(String::new(), |signal| format!("{} ", signal.phrase()));
        format!(
            "{}: {course}{} {acts} {} of {}, from {} ms to {stop}",
            stimulus.name(),
            stimulus.amplitude(),
            counted(stimulus.cells().len() as u64, "cell"),
            self.name(stimulus.population()),
            self.time(stimulus.start()),
        )
    }

    fn spike_source(&self, source: &PlannedSpikeSource) -> String {
        let target = format!("{}.{}", self.name(source.population()), source.receptor());
        match source.spikes() {
            PlannedSpikes::Poisson { cells, .. } => format!(
                "{}: Poisson spikes into {} of {target}",
                source.name(),
                counted(cells.len() as u64, "cell")
            ),
            PlannedSpikes::Correlated(correlated) => format!(
                "{}: Poisson spikes of correlation {} into {} of {target}",
                source.name(),
                correlated.correlation,
                counted(correlated.cells.len() as u64, "cell")
            ),
            PlannedSpikes::Repeating(repeating) => format!(
                "a pattern of {} of {} cells that repeats",
                repeating.cells.len(),
                repeating.n_cells
            ),
            PlannedSpikes::Given(spikes) => {
                format!(
                    "{}: {} into {target}",
                    source.name(),
                    counted(spikes.len() as u64, "given spike")
                )
            }
        }
    }

    fn reward(&self, reward: &PlannedReward) -> String {
        let group = |group: &Group| {
            let cells = counted(group.cells.len() as u64, "cell");
            format!("{cells} of {}", self.name(group.population))
        };
        let condition = match reward.condition() {
            PlannedCondition::Times(times) => format!("at {}", counted(times.len() as u64, "given time")),
            PlannedCondition::SpikePair { first, second, within } => format!(
                "when {} fire at most {} ms after {}",
                group(second),
                self.time(Step(*within)),
                group(first)
            ),
            PlannedCondition::MoreSpikes {
                more, fewer, window, ..
            } => format!(
                "when {} fire more than {} within {} ms after a cue",
                group(more),
                group(fewer),
                self.time(Step(*window))
            ),
        };
        let names = reward.projections().iter();
        let names: Vec<&str> = names.map(|id| self.projections()[id.0 as usize].name()).collect();
        format!(
            "{}: {} to {}, {condition}",
            reward.name(),
            reward.amount(),
            names.join(", ")
        )
    }

    fn monitor(&self, monitor: &PlannedMonitor) -> String {
        let cells = counted(monitor.cells().len() as u64, "cell");
        let what = match monitor.kind() {
            MonitorKind::Spikes => "spikes".to_owned(),
            MonitorKind::Variables { variables, interval } => {
                let names: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
                format!("{} every {} ms", names.join(", "), self.time(Step(*interval)))
            }
            MonitorKind::Rate { bin } => format!("rate in bins of {} ms", self.time(Step(*bin))),
            MonitorKind::Weights { projection, .. } => {
                let projection = &self.projections()[projection.0 as usize];
                return format!(
                    "{}: weights of {}, {}",
                    monitor.name(),
                    projection.name(),
                    counted(projection.n_synapses(), "connection")
                );
            }
        };
        format!(
            "{}: {what}, {cells} of {}",
            monitor.name(),
            self.name(monitor.population())
        )
    }

    fn name(&self, population: PopulationId) -> &str {
        self.populations()[population.index()].name()
    }

    /// A time on the grid, without the noise of the last digits.
    fn time(&self, step: Step) -> f64 {
        super::checker::without_noise(step.time_ms(self.settings().dt_ms))
    }
}

fn section<T>(f: &mut fmt::Formatter<'_>, title: &str, parts: &[T], line: impl Fn(&T) -> String) -> fmt::Result {
    if parts.is_empty() {
        return Ok(());
    }
    writeln!(f, "{title}")?;
    parts.iter().try_for_each(|part| writeln!(f, "  {}", line(part)))
}

pub(super) fn counted(n: u64, what: &str) -> String {
    if n == 1 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}

/// A number of bytes for people, such as `1.2 MB`.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} bytes")
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}
