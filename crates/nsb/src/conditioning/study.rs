//! Repeats a conditioning for its controls and its other seeds.

use std::ops::ControlFlow;

use nsb_engine::monitor::Recording;
use nsb_engine::{Observer, Outcome, Progress, Simulation};

use super::conditioned::{Conditioned, ConditioningTrial, Sample};
use super::{Conditioning, RewardSchedule};
use crate::error::Error;
use crate::learning::PartObserver;
use crate::project::Project;
use crate::run::RunOptions;

/// How many simulations a study makes.
pub(crate) fn simulations(conditioning: &Conditioning) -> usize {
    conditioning.seeds.len() * (1 + conditioning.controls.len())
}

/// The results of a study whose first simulation, the run itself, has been made; nothing is added if that was stopped. An observer may stop it; what is complete by
/// then is kept, and the second value says so.
pub(crate) fn study(
    project: &Project,
    conditioning: &Conditioning,
    first: Vec<Sample>,
    stopped: bool,
    options: &RunOptions,
    observer: &mut dyn Observer,
) -> Result<(Conditioned, bool), Error> {
    let mut trials = vec![ConditioningTrial {
        schedule: RewardSchedule::Contingent,
        seed: project.seed,
        samples: first,
    }];
    let schedules = [RewardSchedule::Contingent]
        .into_iter()
        .chain(conditioning.controls.iter().copied());
    let schedules: Vec<RewardSchedule> = schedules.collect();
    let seeds = conditioning.seeds.iter();
    let all = seeds.flat_map(|seed| schedules.iter().map(move |schedule| (*seed, *schedule)));
    let mut interrupted = false;
    // How often the reward was earned by the run that controls are compared with.
    let mut earned = trials[0].samples.last().map_or(0, |sample| sample.earned);
    let first_only = if stopped { 1 } else { usize::MAX };
    for (number, (seed, schedule)) in all.enumerate().take(first_only).skip(1) {
        let variant = project.conditioned(conditioning, schedule, seed, earned);
        let mut simulation = Simulation::new(variant.plan(options)?)?;
        let mut part = PartObserver::new(&mut *observer, number, simulations(conditioning));
        let mut forgetful = Forgetful(&mut part);
        let (outcome, samples) = run_sampled(&mut simulation, project.duration_ms, Some(conditioning), &mut forgetful)?;
        if outcome == Outcome::Interrupted {
            interrupted = true;
            break;
        }
        if schedule == RewardSchedule::Contingent {
            earned = samples.last().map_or(0, |sample| sample.earned);
        }
        trials.push(ConditioningTrial {
            schedule,
            seed,
            samples,
        });
    }
    Ok((
        Conditioned::new(conditioning, &unit(project, conditioning), trials),
        interrupted,
    ))
}

/// The unit of the weights that are compared.
fn unit(project: &Project, conditioning: &Conditioning) -> String {
    let network = &project.network;
    let projection = network.projections.iter().find(|p| p.name == conditioning.target);
    let receptor = projection.and_then(|projection| {
        let population = network.populations.iter().find(|p| p.name == projection.target)?;
        population.receptors.iter().find(|r| r.name == projection.receptor)
    });
    let unit = receptor.and_then(|receptor| receptor.model.weight_unit.clone());
    unit.map_or_else(String::new, |unit| unit.symbol().to_owned())
}

/// Runs a simulation and looks at the weights now and then, if there is something to look at. That makes no difference to
/// the simulation.
pub(crate) fn run_sampled(
    simulation: &mut Simulation,
    duration_ms: f64,
    conditioning: Option<&Conditioning>,
    observer: &mut dyn Observer,
) -> Result<(Outcome, Vec<Sample>), Error> {
    let Some(conditioning) = conditioning else {
        return Ok((simulation.run_for(duration_ms, observer)?, Vec::new()));
    };
    let mut observer = Whole {
        observer,
        end_ms: duration_ms,
    };
    let mut samples = vec![sample(simulation, conditioning)];
    let half_step = 0.5 * simulation.plan().settings().dt_ms;
    for n in 1u32.. {
        let until = (f64::from(n) * conditioning.interval_ms).min(duration_ms);
        let piece = until - simulation.time_ms();
        if piece > half_step {
            let outcome = simulation.run_for(piece, &mut observer)?;
            samples.push(sample(simulation, conditioning));
            if outcome == Outcome::Interrupted {
                return Ok((outcome, samples));
            }
        }
        if until >= duration_ms {
            break;
        }
    }
    Ok((Outcome::Completed, samples))
}

fn sample(simulation: &mut Simulation, conditioning: &Conditioning) -> Sample {
    let rewards = &simulation.recording().rewards;
    let reward = rewards.iter().find(|reward| reward.reward == conditioning.reward);
    Sample {
        time_ms: simulation.time_ms(),
        earned: reward.map_or(0, |reward| reward.count),
        target: mean_weight(simulation, &conditioning.target),
        others: mean_weight(simulation, &conditioning.others),
    }
}

/// The mean size of the weights of a projection, in the unit of its receptor for people; 0 if it has no synapses.
fn mean_weight(simulation: &mut Simulation, name: &str) -> f64 {
    let numbered = (0u32..).zip(simulation.plan().projections());
    let Some((number, unit)) = numbered.into_iter().find_map(|(number, projection)| {
        let plasticity = projection.plasticity()?;
        (projection.name() == name).then(|| (number, plasticity.unit().clone()))
    }) else {
        return 0.0;
    };
    let (mut sum, mut count) = (0.0, 0u64);
    simulation.connections(nsb_engine::ProjectionId(number), &mut |connection| {
        sum += connection.weight.abs();
        count += 1;
    });
    unit.from_engine(sum / count.max(1) as f64)
}

/// Tells of a piece of a run as of the whole.
struct Whole<'a> {
    observer: &'a mut dyn Observer,
    end_ms: f64,
}

impl Observer for Whole<'_> {
    fn progress(&mut self, now: Progress) -> ControlFlow<()> {
        self.observer.progress(Progress {
            end_ms: self.end_ms,
            ..now
        })
    }

    fn recorded(&mut self, held: &mut Recording) -> ControlFlow<()> {
        self.observer.recorded(held)
    }
}

/// Forgets what is recorded, so that memory does not grow.
struct Forgetful<'a>(&'a mut dyn Observer);

impl Observer for Forgetful<'_> {
    fn progress(&mut self, now: Progress) -> ControlFlow<()> {
        self.0.progress(now)
    }

    fn recorded(&mut self, held: &mut Recording) -> ControlFlow<()> {
        held.clear();
        ControlFlow::Continue(())
    }
}
