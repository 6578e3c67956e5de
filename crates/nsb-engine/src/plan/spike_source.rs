//! Spike sources: receptor, weight, cells and times checked; Poisson rates per step.

use nsb_lang::program::{ColumnId, Role};
use nsb_lang::{Dimension, Quantity, math};

use super::checker::Checker;
use super::correlated_poisson::{self, CorrelatedPoisson};
use super::projection::receptor;
use super::signal::{Signal, rate};
use super::stimulus::times;
use super::{PlanError, PlannedPopulation};
use crate::index::{PopulationId, Step};
use crate::network::{Rate, SourceSpikes, SpikeSource};

/// Most spikes per step and cell: e^−λ must be a normal number.
const MAX_PER_STEP: f64 = 500.0;

/// A spike source on a time grid.
#[derive(Debug, Clone)]
pub struct PlannedSpikeSource {
    pub(super) name: String,
    pub(super) population: PopulationId,
    pub(super) receptor: String,
    pub(super) arrivals: ColumnId,
    pub(super) weight: f64,
    pub(super) spikes: PlannedSpikes,
}

/// When the spikes of a source come.
#[derive(Debug, Clone)]
pub(crate) enum PlannedSpikes {
    Poisson {
        cells: Vec<u32>,
        rate: PlannedRate,
        start: Step,
        stop: Option<Step>,
    },
    Correlated(CorrelatedPoisson),
    /// (step, cell), ascending.
    Given(Vec<(Step, u32)>),
}

/// Spikes to expect per step.
#[derive(Debug, Clone)]
pub(crate) enum PlannedRate {
    Constant(CountTable),
    Varying(Signal),
}

/// The distribution of Poisson counts, for drawing by inversion: P(count ≤ n) for n = 0, 1, ….
#[derive(Debug, Clone)]
pub(crate) struct CountTable(Vec<f64>);

impl CountTable {
    /// Counts with a mean up to [`MAX_PER_STEP`].
    pub(crate) fn new(mean: f64) -> CountTable {
        let mut term = math::exp(-mean);
        let mut sums = vec![term];
        // Beyond the mode terms fall; those that no longer change the sum cannot be drawn.
        for n in 1u32.. {
            term *= mean / f64::from(n);
            let sum = sums[sums.len() - 1] + term;
            if sum == sums[sums.len() - 1] && f64::from(n) > mean {
                break;
            }
            sums.push(sum);
        }
        CountTable(sums)
    }

    /// The count of a uniform draw.
    pub(crate) fn count(&self, uniform: f64) -> u32 {
        self.0.iter().take_while(|&&sum| sum <= uniform).count() as u32
    }
}

impl PlannedSpikeSource {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The population that receives the spikes.
    pub fn population(&self) -> PopulationId {
        self.population
    }

    /// The receptor that receives them.
    pub fn receptor(&self) -> &str {
        &self.receptor
    }

    /// The column that gathers the weights.
    pub(crate) fn arrivals(&self) -> ColumnId {
        self.arrivals
    }

    /// Strength of each spike, engine units.
    pub(crate) fn weight(&self) -> f64 {
        self.weight
    }

    pub(crate) fn spikes(&self) -> &PlannedSpikes {
        &self.spikes
    }
}

pub(super) fn check(
    source: &SpikeSource,
    planned: &[Option<PlannedPopulation>],
    checker: &mut Checker<'_>,
) -> Option<PlannedSpikeSource> {
    let path = format!("stimuli.{}", source.name);
    let population = checker.population(&format!("{path}.population"), &source.population);
    let receptor = population.and_then(|id| receptor(&path, &source.receptor, id, checker));
    let unit = population.zip(receptor).and_then(|(id, receptor)| {
        let network = checker.network;
        network.populations[id.index()].receptors[receptor as usize]
            .model
            .weight_unit
            .as_ref()
    });
    let weight_path = format!("{path}.weight");
    let weight = match unit {
        Some(unit) => checker.number(&weight_path, &source.weight, unit.dimension(), unit.symbol()),
        None => checker.finite(&weight_path, &source.weight),
    };
    let spikes = spikes(&path, &source.spikes, population, checker);
    let planned = planned[population?.index()].as_ref()?;
    let role = Role::Arrivals { receptor: receptor? };
    Some(PlannedSpikeSource {
        name: source.name.clone(),
        population: population?,
        receptor: source.receptor.clone(),
        arrivals: planned.program.columns_with(role).next()?,
        weight: weight?,
        spikes: spikes?,
    })
}

fn spikes(
    path: &str,
    given: &SourceSpikes,
    population: Option<PopulationId>,
    checker: &mut Checker<'_>,
) -> Option<PlannedSpikes> {
    match given {
        SourceSpikes::Poisson {
            cells,
            rate,
            start,
            stop,
        } => {
            let cells = population.and_then(|id| checker.cells(&format!("{path}.cells"), cells, id));
            let zero = Quantity::parse("0 ms").expect("a time");
            let (start, stop) = times(path, start.as_ref().unwrap_or(&zero), stop.as_ref(), checker);
            let rate = poisson_rate(&format!("{path}.rate"), rate, 1.0, (start?, stop), checker);
            Some(PlannedSpikes::Poisson {
                cells: cells?,
                rate: rate?,
                start: start?,
                stop,
            })
        }
        SourceSpikes::CorrelatedPoisson {
            cells,
            rate,
            correlation,
            jitter,
            start,
            stop,
        } => {
            let given = correlated_poisson::Given {
                cells,
                rate,
                correlation: *correlation,
                jitter: jitter.as_ref(),
                start: start.as_ref(),
                stop: stop.as_ref(),
            };
            let cells = population.and_then(|id| checker.cells(&format!("{path}.cells"), given.cells, id));
            correlated_poisson::check(path, &given, cells, checker).map(PlannedSpikes::Correlated)
        }
        SourceSpikes::Times { cells, times } => {
            let cells = population.and_then(|id| checker.cells(&format!("{path}.cells"), cells, id));
            let steps = steps(
                times.iter().enumerate().map(|(n, t)| (format!("{path}.times[{n}]"), t)),
                checker,
            );
            let (cells, steps) = (cells?, steps?);
            let all = steps
                .iter()
                .flat_map(|&step| cells.iter().map(move |&cell| (step, cell)));
            Some(PlannedSpikes::Given(sorted(all.collect())))
        }
        SourceSpikes::Trains(trains) => {
            let size = checker.network.populations[population?.index()].size;
            if let Some(n) = trains.iter().position(|&(cell, _)| cell >= size) {
                checker.error(PlanError::CellOutOfRange {
                    path: format!("{path}.trains[{n}]"),
                    cell: trains[n].0,
                    population: checker.network.populations[population?.index()].name.clone(),
                    size,
                });
                return None;
            }
            let numbered = trains.iter().enumerate();
            let steps = steps(numbered.map(|(n, (_, t))| (format!("{path}.trains[{n}]"), t)), checker)?;
            let all = steps
                .into_iter()
                .zip(trains)
                .map(|(step, &(cell, _))| (step, cell as u32));
            Some(PlannedSpikes::Given(sorted(all.collect())))
        }
    }
}

fn sorted(mut spikes: Vec<(Step, u32)>) -> Vec<(Step, u32)> {
    spikes.sort_unstable();
    spikes
}

/// Times as the nearest grid points. That they rarely are multiples of the step is in the nature of spike times.
fn steps<'q>(times: impl Iterator<Item = (String, &'q Quantity)>, checker: &mut Checker<'_>) -> Option<Vec<Step>> {
    let n_warnings = checker.warnings.len();
    let mut steps = Vec::new();
    for (path, time) in times {
        steps.push(checker.grid_point(&path, "spike time", time)?);
    }
    checker.warnings.truncate(n_warnings);
    Some(steps)
}

/// Counts per step of a Poisson process of `factor` times the given rate.
pub(super) fn poisson_rate(
    path: &str,
    given: &Rate,
    factor: f64,
    on: (Step, Option<Step>),
    checker: &mut Checker<'_>,
) -> Option<PlannedRate> {
    let dt_ms = checker.dt_ms()?;
    let too_high = |level: f64, checker: &mut Checker<'_>| {
        let per_step = factor * level * dt_ms;
        let is_too_high = per_step > MAX_PER_STEP;
        if is_too_high {
            checker.error(PlanError::Unfit {
                path: path.to_owned(),
                reason: if factor == 1.0 {
                    format!("the rate gives {per_step} spikes in a step; at most {MAX_PER_STEP} can be drawn")
                } else {
                    format!(
                        "rate / correlation gives {per_step} mother spikes in a step; at most {MAX_PER_STEP} can be drawn"
                    )
                },
                hint: "choose a smaller rate with a larger weight, or a smaller dt".to_owned(),
            });
        }
        is_too_high
    };
    match given {
        Rate::Constant(quantity) => {
            let rate = rate(path, quantity, checker)?;
            (!too_high(rate, checker)).then(|| PlannedRate::Constant(CountTable::new(factor * rate * dt_ms)))
        }
        Rate::Varying(course) => {
            let highest: f64 = course.levels().iter().map(|(_, level)| level.engine().abs()).sum();
            let signal = Signal::check(path, course, (Dimension::RATE, "Hz"), on, checker)?;
            if signal.noise().is_some() {
                checker.error(PlanError::Unfit {
                    path: path.to_owned(),
                    reason: "a rate cannot be a noise".to_owned(),
                    hint: "choose a ramp, sine, pattern or pulses".to_owned(),
                });
                return None;
            }
            (!too_high(highest, checker)).then_some(PlannedRate::Varying(signal))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    /// Counts against e^−λ λⁿ/n!, by χ² over all counts to be expected at least 10 times.
    #[test]
    fn counts_have_the_poisson_distribution() {
        let stream = Stream::new(5, 1, Purpose::Spikes);
        for mean in [0.01, 0.3, 3.7, 42.0, 480.0] {
            let (table, n) = (CountTable::new(mean), 100_000u64);
            let counts: Vec<u32> = (0..n).map(|index| table.count(stream.uniform(index))).collect();
            let average = counts.iter().map(|&c| f64::from(c)).sum::<f64>() / n as f64;
            assert!(
                (average - mean).abs() < 5.0 * (mean / n as f64).sqrt(),
                "{average} of {mean}"
            );
            let square = |c: &u32| (f64::from(*c) - mean) * (f64::from(*c) - mean);
            let variance = counts.iter().map(square).sum::<f64>() / n as f64;
            // The variance of (count − λ)² is λ + 2 λ².
            let error = ((mean + 2.0 * mean * mean) / n as f64).sqrt();
            assert!((variance - mean).abs() < 5.0 * error, "{variance} of {mean}");
            let mut probability = math::exp(-mean);
            let (mut squares, mut bins) = (0.0, 0.0_f64);
            for count in 0..1000u32 {
                let expected = n as f64 * probability;
                if expected >= 10.0 {
                    let found = counts.iter().filter(|&&c| c == count).count() as f64;
                    squares += (found - expected) * (found - expected) / expected;
                    bins += 1.0;
                }
                probability *= mean / f64::from(count + 1);
            }
            assert!(
                squares < bins + 5.0 * (2.0 * bins).sqrt() + 5.0,
                "λ {mean}: χ² {squares} of {bins}"
            );
        }
    }

    #[test]
    fn a_rate_of_zero_gives_no_spikes_and_the_largest_draw_ends() {
        assert_eq!(CountTable::new(0.0).count(1.0 - f64::EPSILON / 2.0), 0);
        assert!(CountTable::new(500.0).count(1.0 - f64::EPSILON / 2.0) < 800);
    }
}
