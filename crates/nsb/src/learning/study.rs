//! Repeats a training for its controls and its other seeds.

use std::ops::ControlFlow;

use nsb_engine::monitor::Recording;
use nsb_engine::{Observer, Outcome, Progress, Simulation};

use super::learned::{Learned, Trial};
use super::responses::{Counts, Listener, Responses};
use super::training::{Condition, Training};
use crate::error::Error;
use crate::project::Project;
use crate::run::RunOptions;

/// The scores of a study whose first simulation, the run itself, has been made. An observer may stop it; what is complete
/// by then is kept, and the second value says so.
pub(crate) fn study(
    project: &Project,
    training: &Training,
    first: Trial,
    options: &RunOptions,
    observer: &mut dyn Observer,
) -> Result<(Learned, bool), Error> {
    let mut trials = vec![first];
    let conditions = [Condition::Learning]
        .into_iter()
        .chain(training.controls.iter().copied());
    let conditions: Vec<Condition> = conditions.collect();
    let all = training
        .seeds
        .iter()
        .flat_map(|seed| conditions.iter().map(move |c| (*seed, *c)));
    let mut interrupted = false;
    for (number, (seed, condition)) in all.enumerate().skip(1) {
        let mut observer = PartObserver::new(observer, number, simulations(training));
        let Some(trial) = trial(project, training, (condition, seed), options, &mut observer)? else {
            interrupted = true;
            break;
        };
        trials.push(trial);
    }
    Ok((Learned::new(training, trials), interrupted))
}

/// How many simulations a study makes.
pub(crate) fn simulations(training: &Training) -> usize {
    training.seeds.len() * (1 + training.controls.len())
}

fn trial(
    project: &Project,
    training: &Training,
    (condition, seed): (Condition, u64),
    options: &RunOptions,
    observer: &mut dyn Observer,
) -> Result<Option<Trial>, Error> {
    let variant = project.variant(training, condition, seed);
    let mut simulation = Simulation::new(variant.plan(options)?)?;
    let mut responses = Responses::new(training, &training.schedule(seed));
    let mut forgetful = Forgetful(observer);
    let mut listener = Listener {
        counts: Some(&mut responses),
        observer: &mut forgetful,
    };
    if simulation.run_for(variant.duration_ms, &mut listener)? == Outcome::Interrupted {
        return Ok(None);
    }
    responses.add(simulation.recording());
    let until_ms = simulation.recording().simulated_ms;
    Ok(Some(Trial::new(training, condition, seed, &responses, until_ms)))
}

/// Forgets what is recorded, so that memory does not grow.
pub(super) struct Forgetful<'a>(pub(super) &'a mut dyn Observer);

impl Observer for Forgetful<'_> {
    fn progress(&mut self, now: Progress) -> ControlFlow<()> {
        self.0.progress(now)
    }

    fn recorded(&mut self, held: &mut Recording) -> ControlFlow<()> {
        held.clear();
        ControlFlow::Continue(())
    }
}

/// Tells another observer of one of several simulations as of a part of the whole.
pub(crate) struct PartObserver<'a> {
    observer: &'a mut dyn Observer,
    number: usize,
    of: usize,
}

impl<'a> PartObserver<'a> {
    pub(crate) fn new(observer: &'a mut dyn Observer, number: usize, of: usize) -> PartObserver<'a> {
        PartObserver { observer, number, of }
    }
}

impl Observer for PartObserver<'_> {
    fn progress(&mut self, now: Progress) -> ControlFlow<()> {
        self.observer.progress(Progress {
            time_ms: self.number as f64 * now.end_ms + now.time_ms,
            end_ms: self.of as f64 * now.end_ms,
            spikes: now.spikes,
        })
    }

    fn recorded(&mut self, held: &mut Recording) -> ControlFlow<()> {
        self.observer.recorded(held)
    }
}
