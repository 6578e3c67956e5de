//! Spike sources: receptor, weight, cells and times checked; Poisson rates per step.

use nsb_kernels::PoissonCounts;
use nsb_kernels::poisson::MAX_MEAN;
use nsb_lang::program::{ColumnId, Role};
use nsb_lang::{Dimension, Quantity};

use super::checker::Checker;
use super::correlated_poisson::{self, CorrelatedPoisson};
use super::projection::receptor;
use super::repeating_pattern::{self, PlannedRepeating};
use super::signal::{Signal, rate};
use super::stimulus::times;
use super::{PlanError, PlannedPopulation};
use crate::index::{PopulationId, Step};
use crate::network::{Course, Rate, SourceSpikes, SpikeSource};

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
    Repeating(PlannedRepeating),
    /// (step, cell), ascending.
    Given(Vec<(Step, u32)>),
}

/// Spikes to expect per step.
#[derive(Debug, Clone)]
pub(crate) enum PlannedRate {
    Constant(PoissonCounts),
    Varying(Signal),
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
        SourceSpikes::Repeating(given) => {
            let size = checker.network.populations[population?.index()].size;
            repeating_pattern::check(path, given, size, checker).map(PlannedSpikes::Repeating)
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
        let is_too_high = per_step > MAX_MEAN;
        if is_too_high {
            checker.error(PlanError::Unfit {
                path: path.to_owned(),
                reason: if factor == 1.0 {
                    format!("the rate gives {per_step} spikes in a step; at most {MAX_MEAN} can be drawn")
                } else {
                    format!(
                        "rate / correlation gives {per_step} mother spikes in a step; at most {MAX_MEAN} can be drawn"
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
            (!too_high(rate, checker)).then(|| PlannedRate::Constant(PoissonCounts::new(factor * rate * dt_ms)))
        }
        Rate::Varying(course) => {
            let levels = course.levels();
            let levels = levels.iter().map(|(_, level)| level.engine().abs());
            // The levels of a pattern follow each other; those of a sine add up.
            let highest = match course {
                Course::Pattern { .. } => levels.fold(0.0, f64::max),
                _ => levels.sum(),
            };
            let signal = Signal::check(path, course, (Dimension::RATE, "Hz"), on, checker)?;
            if signal.noise().is_some() || signal.has_frames() {
                checker.error(PlanError::Unfit {
                    path: path.to_owned(),
                    reason: "a rate cannot be a noise, nor pictures".to_owned(),
                    hint: "choose a ramp, sine, pattern or pulses".to_owned(),
                });
                return None;
            }
            (!too_high(highest, checker)).then_some(PlannedRate::Varying(signal))
        }
    }
}
