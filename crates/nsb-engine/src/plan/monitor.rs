//! Monitors: cells and variables found, intervals in whole steps.

use nsb_lang::program::{ColumnId, Role};
use nsb_lang::{Quantity, Unit};

use super::checker::{Checker, names};
use super::{PlanError, PlannedPopulation};
use crate::index::PopulationId;
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

    /// The population watched.
    pub fn population(&self) -> PopulationId {
        self.population
    }

    /// The cells watched, ascending.
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
    let (Monitor::Spikes { population, cells, .. } | Monitor::Variables { population, cells, .. }) = monitor;
    let id = checker.population(&format!("{path}.population"), population);
    let cells = id.and_then(|id| checker.cells(&format!("{path}.cells"), cells, id));
    let kind = match monitor {
        Monitor::Spikes { .. } => Some(MonitorKind::Spikes),
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
