//! Monitors: cells and variables found, intervals in whole steps.

use nsb_lang::program::{ColumnId, Role};
use nsb_lang::{Quantity, Unit};

use super::checker::{Checker, names};
use super::{PlanError, PlannedPopulation};
use crate::index::{PopulationId, ProjectionId};
use crate::network::Monitor;

/// What to record, resolved.
#[derive(Debug, Clone)]
pub struct PlannedMonitor {
    pub(super) name: String,
    pub(super) population: PopulationId,
    pub(super) cells: Vec<u32>,
    pub(super) kind: MonitorKind,
}

/// What a monitor records.
#[derive(Debug, Clone)]
pub enum MonitorKind {
    /// Spike times.
    Spikes,
    /// Variables every `interval` steps.
    Variables {
        /// The variables.
        variables: Vec<PlannedVariable>,
        /// Steps between samples.
        interval: u64,
    },
    /// Spikes per cell in bins of so many steps.
    Rate {
        /// Steps of a bin.
        bin: u64,
    },
    /// The connections of a projection.
    Weights {
        /// The projection.
        projection: ProjectionId,
        /// The unit of its weights.
        unit: Unit,
        /// Steps between snapshots, if any are wanted.
        interval: Option<u64>,
    },
}

/// A variable to be recorded.
#[derive(Debug, Clone)]
pub struct PlannedVariable {
    /// Its name.
    pub name: String,
    /// Its unit for people; recorded numbers are in engine units.
    pub unit: Unit,
    /// Its column.
    pub column: ColumnId,
    /// Whether it must be derived before it is read.
    pub derived: bool,
}

impl PlannedMonitor {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The population watched; of weights, the target.
    pub fn population(&self) -> PopulationId {
        self.population
    }

    /// The cells watched, ascending; none of weights.
    pub fn cells(&self) -> &[u32] {
        &self.cells
    }

    /// What is recorded.
    pub fn kind(&self) -> &MonitorKind {
        &self.kind
    }
}

pub(super) fn check(
    monitor: &Monitor,
    planned: &[Option<PlannedPopulation>],
    checker: &mut Checker<'_>,
) -> Option<PlannedMonitor> {
    let path = format!("monitors.{}", monitor.name());
    let (population, cells) = match monitor {
        Monitor::Weights {
            projection, interval, ..
        } => {
            let interval = match interval {
                Some(interval) => Some(steps(&format!("{path}.interval"), interval, checker)?),
                None => None,
            };
            return weights(monitor.name(), projection, interval, &path, checker);
        }
        Monitor::Spikes { population, cells, .. }
        | Monitor::Variables { population, cells, .. }
        | Monitor::Rate { population, cells, .. } => (population, cells),
    };
    let id = checker.population(&format!("{path}.population"), population);
    let cells = id.and_then(|id| checker.cells(&format!("{path}.cells"), cells, id));
    let kind = match monitor {
        Monitor::Spikes { .. } | Monitor::Weights { .. } => Some(MonitorKind::Spikes),
        Monitor::Rate { bin, .. } => {
            steps(&format!("{path}.interval"), bin, checker).map(|bin| MonitorKind::Rate { bin })
        }
        Monitor::Variables {
            variables, interval, ..
        } => {
            let interval = interval
                .as_ref()
                .map_or(Some(1), |i| steps(&format!("{path}.interval"), i, checker));
            let planned = id.and_then(|id| planned[id.index()].as_ref());
            let variables = planned.and_then(|p| find(&format!("{path}.variables"), variables, p, checker));
            variables
                .zip(interval)
                .map(|(variables, interval)| MonitorKind::Variables { variables, interval })
        }
    };
    Some(PlannedMonitor {
        name: monitor.name().to_owned(),
        population: id?,
        cells: cells?,
        kind: kind?,
    })
}

/// The connections of a projection. Whether the projection is in order is not looked at here.
fn weights(
    name: &str,
    projection: &str,
    interval: Option<u64>,
    path: &str,
    checker: &mut Checker<'_>,
) -> Option<PlannedMonitor> {
    let network = checker.network;
    let Some(number) = network.projections.iter().position(|p| p.name == projection) else {
        let known = network.projections.iter().map(|p| p.name.clone()).collect();
        checker.unknown(
            &format!("{path}.projection"),
            "projection",
            projection,
            "the network",
            known,
        );
        return None;
    };
    let described = &network.projections[number];
    let target = network.populations.iter().position(|p| p.name == described.target)?;
    let receptors = &network.populations[target].receptors;
    let receptor = receptors.iter().find(|r| r.name == described.receptor)?;
    Some(PlannedMonitor {
        name: name.to_owned(),
        population: PopulationId(target as u32),
        cells: Vec::new(),
        kind: MonitorKind::Weights {
            projection: ProjectionId(number as u32),
            unit: receptor.model.weight_unit.clone().unwrap_or_else(Unit::one),
            interval,
        },
    })
}

fn steps(path: &str, given: &Quantity, checker: &mut Checker<'_>) -> Option<u64> {
    let interval_ms = checker.time_ms(path, given)?;
    let dt_ms = checker.dt_ms()?;
    if interval_ms / dt_ms < 1.0 - 1e-9 {
        checker.error(PlanError::IntervalBelowStep {
            path: path.to_owned(),
            found: given.clone(),
            dt_ms,
        });
        return None;
    }
    checker.grid_point(path, "interval", given).map(|step| step.0)
}

/// The columns of states, derived variables and inputs.
fn find(
    path: &str,
    wanted: &[String],
    population: &PlannedPopulation,
    checker: &mut Checker<'_>,
) -> Option<Vec<PlannedVariable>> {
    let recordable = |role| matches!(role, Role::State | Role::Derived | Role::Input);
    let columns = population
        .program
        .columns()
        .iter()
        .enumerate()
        .filter(|(_, column)| recordable(column.role));
    let columns: Vec<_> = columns.collect();
    let known = || {
        columns
            .iter()
            .map(|(_, column)| column.name.clone())
            .collect::<Vec<_>>()
    };
    if wanted.is_empty() {
        checker.error(PlanError::NoVariables {
            path: path.to_owned(),
            known: known(),
        });
        return None;
    }
    names(checker, path, wanted.iter().map(String::as_str));
    let mut variables = Vec::new();
    for name in wanted {
        match columns.iter().find(|(_, column)| column.name == *name) {
            Some((n, column)) => variables.push(PlannedVariable {
                name: name.clone(),
                unit: column.unit.clone(),
                column: ColumnId(*n as u32),
                derived: column.role == Role::Derived,
            }),
            None => {
                let owner = format!("population `{}`", population.name);
                checker.unknown(path, "variable", name, &owner, known());
            }
        }
    }
    (variables.len() == wanted.len()).then_some(variables)
}
