//! Stimuli: cells, times and amplitude checked, and the input found that the amplitude's unit means.

use nsb_lang::model::Clamp;
use nsb_lang::program::{Column, ColumnId, Role};
use nsb_lang::{Quantity, Unit};

use super::checker::Checker;
use super::signal::Signal;
use super::{PlanError, PlannedPopulation};
use crate::index::{PopulationId, Step};
use crate::network::{Course, Stimulus, Waveform};

/// A current on a time grid.
#[derive(Debug, Clone)]
pub struct PlannedStimulus {
    pub(super) name: String,
    pub(super) population: PopulationId,
    pub(super) cells: Vec<u32>,
    pub(super) column: ColumnId,
    pub(super) amplitude: Quantity,
    pub(super) signal: Option<Signal>,
    pub(super) start: Step,
    pub(super) stop: Option<Step>,
}

impl PlannedStimulus {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The population that receives it.
    pub fn population(&self) -> PopulationId {
        self.population
    }

    /// The cells that receive it, ascending.
    pub fn cells(&self) -> &[u32] {
        &self.cells
    }

    /// Current or current density while it is on; the first level of one that varies.
    pub fn amplitude(&self) -> &Quantity {
        &self.amplitude
    }

    /// The first step in which it is on.
    pub fn start(&self) -> Step {
        self.start
    }

    /// The first step in which it is off again.
    pub fn stop(&self) -> Option<Step> {
        self.stop
    }

    /// The input column it is added to.
    pub(crate) fn column(&self) -> ColumnId {
        self.column
    }

    /// How it varies, if it does.
    pub(crate) fn signal(&self) -> Option<&Signal> {
        self.signal.as_ref()
    }

    /// Whether it varies while it is on.
    pub fn is_varying(&self) -> bool {
        self.signal.is_some()
    }

    /// Whether it is on in a step.
    pub(crate) fn is_on(&self, step: Step) -> bool {
        self.start <= step && self.stop.is_none_or(|stop| step < stop)
    }
}

pub(super) fn check(
    stimulus: &Stimulus,
    planned: &[Option<PlannedPopulation>],
    checker: &mut Checker<'_>,
) -> Option<PlannedStimulus> {
    let path = format!("stimuli.{}", stimulus.name);
    let population = checker.population(&format!("{path}.population"), &stimulus.population);
    let cells = population.and_then(|id| checker.cells(&format!("{path}.cells"), &stimulus.cells, id));
    let planned = population.and_then(|id| planned[id.index()].as_ref());
    let column = planned
        .zip(stimulus.waveform.amplitude())
        .and_then(|(planned, amplitude)| {
            let key = first_key(&stimulus.waveform).unwrap_or("amplitude".to_owned());
            let owner = receptor(&path, stimulus, planned, checker)?;
            input(&format!("{path}.{key}"), amplitude, &owner, planned, checker)
        });
    let unit = planned
        .zip(column)
        .map(|(planned, id)| &planned.program.columns()[id.0 as usize].unit);
    let on = course(&path, "amplitude", &stimulus.waveform, unit, checker)?;
    if let Waveform::Varying {
        course: Course::Frames { frames, .. },
        ..
    } = &stimulus.waveform
    {
        let size = checker.network.populations[population?.index()].size;
        if frames.width != size {
            checker.error(PlanError::Unfit {
                path: format!("{path}.frames"),
                reason: format!("the pictures have {} pixels, the population {size} cells", frames.width),
                hint: "give a pixel for each cell".to_owned(),
            });
            return None;
        }
    }
    Some(PlannedStimulus {
        name: stimulus.name.clone(),
        population: population?,
        cells: cells?,
        column: column?,
        amplitude: stimulus.waveform.amplitude()?.clone(),
        signal: on.signal,
        start: on.start?,
        stop: on.stop,
    })
}

/// The key of the first level of a course that varies.
fn first_key(waveform: &Waveform) -> Option<String> {
    match waveform {
        Waveform::Varying { course, .. } => course.levels().into_iter().next().map(|(key, _)| key),
        _ => None,
    }
}

/// When something is on, and how it varies.
pub(super) struct On {
    pub(super) signal: Option<Signal>,
    pub(super) start: Option<Step>,
    pub(super) stop: Option<Step>,
}

/// Checks a waveform whose level, or course, stands under `key` (courses of currents beside it: `amplitude`), in the dimension of a unit. Without a unit,
/// which has been reported, all else is checked.
pub(super) fn course(
    path: &str,
    key: &str,
    waveform: &Waveform,
    unit: Option<&Unit>,
    checker: &mut Checker<'_>,
) -> Option<On> {
    let zero = Quantity::parse("0 ms").expect("a time");
    let (start, stop) = match waveform {
        Waveform::Constant { .. } => (Some(Step(0)), None),
        Waveform::Step { start, stop, .. } => times(path, start, stop.as_ref(), checker),
        Waveform::Varying { start, stop, .. } => times(path, start.as_ref().unwrap_or(&zero), stop.as_ref(), checker),
    };
    let Some(amplitude) = waveform.amplitude() else {
        checker.error(PlanError::Unfit {
            path: format!("{path}.levels"),
            reason: "the stimulus has no levels".to_owned(),
            hint: "give at least one time and one level".to_owned(),
        });
        return None;
    };
    let signal = match (waveform, unit) {
        (Waveform::Varying { course, .. }, Some(unit)) => {
            let kind = (unit.dimension(), unit.symbol());
            let levels = match key {
                "amplitude" => path.to_owned(),
                key => format!("{path}.{key}"),
            };
            Some(Signal::check(&levels, course, kind, (start?, stop), checker)?)
        }
        (Waveform::Varying { .. }, None) => None,
        (_, Some(unit)) => {
            checker.number(&format!("{path}.{key}"), amplitude, unit.dimension(), unit.symbol())?;
            None
        }
        (_, None) => {
            checker.finite(&format!("{path}.{key}"), amplitude);
            None
        }
    };
    Some(On { signal, start, stop })
}

/// First step in which it is on, and first in which it is off again.
pub(super) fn times(
    path: &str,
    start: &Quantity,
    stop: Option<&Quantity>,
    checker: &mut Checker<'_>,
) -> (Option<Step>, Option<Step>) {
    let first = checker.grid_point(&format!("{path}.start"), "start", start);
    let last = stop.and_then(|stop| checker.grid_point(&format!("{path}.stop"), "stop", stop));
    if let (Some(first), Some(last), Some(stop)) = (first, last, stop)
        && first >= last
    {
        checker.error(PlanError::StimulusNeverOn {
            path: format!("{path}.stop"),
            start: start.clone(),
            stop: stop.clone(),
            dt_ms: checker.settings.dt_ms,
        });
    }
    (first, last)
}

/// Whose inputs are meant: the receptor's prefix of names, or none for the neuron's own.
fn receptor(
    path: &str,
    stimulus: &Stimulus,
    population: &PlannedPopulation,
    checker: &mut Checker<'_>,
) -> Option<String> {
    let Some(name) = &stimulus.receptor else {
        return Some(String::new());
    };
    let Some((_, model)) = population.receptors.iter().find(|(receptor, _)| receptor == name) else {
        let known = population
            .receptors
            .iter()
            .map(|(receptor, _)| receptor.clone())
            .collect();
        let owner = format!("population `{}`", population.name);
        checker.unknown(&format!("{path}.receptor"), "receptor", name, &owner, known);
        return None;
    };
    if model.inputs.is_empty() {
        checker.error(PlanError::Unfit {
            path: format!("{path}.receptor"),
            reason: format!(
                "the receptor model `{}` has no input that a stimulus could write",
                model.name
            ),
            hint: "use a model such as `conductance_input`, or leave `receptor` out for a current".to_owned(),
        });
        return None;
    }
    Some(format!("{name}."))
}

/// The input of the amplitude's kind: of the neuron its own, or the absolute one that a density model has besides; or one
/// of the receptor whose prefix is given.
fn input(
    path: &str,
    amplitude: &Quantity,
    prefix: &str,
    population: &PlannedPopulation,
    checker: &mut Checker<'_>,
) -> Option<ColumnId> {
    let program = &population.program;
    let column = |id: ColumnId| -> &Column { &program.columns()[id.0 as usize] };
    let is_meant = |id: &ColumnId| {
        let name = &column(*id).name;
        let of = |receptor: &str| name.strip_prefix(receptor).is_some_and(|rest| rest.starts_with('.'));
        let of_receptor = population.receptors.iter().any(|(receptor, _)| of(receptor));
        name != Clamp::HELD && name.starts_with(prefix) && (!prefix.is_empty() || !of_receptor)
    };
    let inputs = || program.columns_with(Role::Input).filter(is_meant);
    let found = inputs().find(|&id| column(id).unit.dimension() == amplitude.dimension());
    if found.is_none() {
        let describe = |id| {
            let Column { name, unit, .. } = column(id);
            (name.clone(), unit.dimension(), unit.symbol().to_owned())
        };
        checker.error(PlanError::NoSuchInput {
            path: path.to_owned(),
            found: amplitude.clone(),
            model: population.model.name.clone(),
            inputs: inputs().map(describe).collect(),
        });
    }
    found
}
