//! Voltage clamps: cells, times and command checked; no cell held twice at a time.

use nsb_lang::model::Clamp;
use nsb_lang::program::{ColumnId, Role};

use super::checker::Checker;
use super::signal::Signal;
use super::stimulus::{PlannedStimulus, course};
use super::{PlanError, PlannedPopulation};
use crate::network::{SpikeTiming, VoltageClamp};

/// A voltage clamp on a time grid.
#[derive(Debug, Clone)]
pub struct PlannedVoltageClamp {
    command: PlannedStimulus,
    held: ColumnId,
}

impl PlannedVoltageClamp {
    /// The command: which cells are held, when, and at what potential.
    pub fn command(&self) -> &PlannedStimulus {
        &self.command
    }

    /// The input that is 1 where a cell is held.
    pub(crate) fn held(&self) -> ColumnId {
        self.held
    }
}

pub(super) fn check(
    clamp: &VoltageClamp,
    planned: &[Option<PlannedPopulation>],
    checker: &mut Checker<'_>,
) -> Option<PlannedVoltageClamp> {
    let path = format!("stimuli.{}", clamp.name);
    let population = checker.population(&format!("{path}.population"), &clamp.population);
    let cells = population.and_then(|id| checker.cells(&format!("{path}.cells"), &clamp.cells, id));
    let population = population?;
    let target = planned[population.index()].as_ref()?;
    let unfit = |reason: String, hint: &str, checker: &mut Checker<'_>| {
        checker.error(PlanError::Unfit {
            path: format!("{path}.population"),
            reason,
            hint: hint.to_owned(),
        });
    };
    let program = &target.program;
    let voltage = program
        .column("V")
        .filter(|id| program.columns()[id.0 as usize].role == Role::State);
    let (Some(voltage), Some(held)) = (voltage, program.column(Clamp::HELD)) else {
        let reason = format!("the model `{}` has no state `V` that could be held", target.model.name);
        unfit(reason, "choose a model with an equation for `V`", checker);
        return None;
    };
    if checker.network.populations[population.index()].spike_timing == SpikeTiming::Exact {
        let reason = "cells with exact spike timing cannot be held".to_owned();
        unfit(reason, "leave out the population's spike_timing, or the clamp", checker);
        return None;
    }
    let unit = &program.columns()[voltage.0 as usize].unit;
    let on = course(&path, "command", &clamp.command, Some(unit), checker)?;
    if on.signal.as_ref().is_some_and(Signal::has_frames) {
        let reason = "a command cannot be pictures".to_owned();
        unfit(reason, "choose a level, or a ramp, sine, pattern or pulses", checker);
        return None;
    }
    Some(PlannedVoltageClamp {
        command: PlannedStimulus {
            name: clamp.name.clone(),
            population,
            cells: cells?,
            column: voltage,
            amplitude: clamp.command.amplitude()?.clone(),
            signal: on.signal,
            start: on.start?,
            stop: on.stop,
        },
        held,
    })
}

/// Reports cells that two clamps hold at the same time.
pub(super) fn check_overlaps(clamps: &[Option<PlannedVoltageClamp>], checker: &mut Checker<'_>) {
    let commands: Vec<_> = clamps.iter().flatten().map(PlannedVoltageClamp::command).collect();
    for (n, later) in commands.iter().enumerate() {
        for earlier in &commands[..n] {
            let apart = |a: &PlannedStimulus, b: &PlannedStimulus| a.stop.is_some_and(|stop| stop <= b.start);
            if earlier.population != later.population || apart(earlier, later) || apart(later, earlier) {
                continue;
            }
            let shared = later
                .cells
                .iter()
                .find(|cell| earlier.cells.binary_search(cell).is_ok());
            if let Some(cell) = shared {
                checker.error(PlanError::Unfit {
                    path: format!("stimuli.{}.cells", later.name),
                    reason: format!("cell {cell} is held by the voltage clamp `{}` already", earlier.name),
                    hint: "choose other cells or times, or write one command as a pattern".to_owned(),
                });
            }
        }
    }
}
