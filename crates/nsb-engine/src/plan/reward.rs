//! Rewards checked and in steps.

use nsb_lang::rule::Event;
use nsb_lang::{Dimension, Quantity};

use super::checker::Checker;
use super::projection::CheckedProjection;
use super::sampler::Sampler;
use super::{PlanError, PlannedPlasticity};
use crate::index::{PopulationId, ProjectionId, Step};
use crate::network::{CellGroup, Cues, Reward, RewardCondition, RewardDelay};
use crate::random::{Purpose, Stream};

/// Longest delay, steps.
const MAX_DELAY: f64 = (1u64 << 31) as f64;

/// A reward, checked.
#[derive(Debug, Clone)]
pub struct PlannedReward {
    name: String,
    projections: Vec<ProjectionId>,
    condition: PlannedCondition,
    delay: PlannedDelay,
    amount: f64,
    stream: Stream,
    dt_ms: f64,
}

/// What a reward is given for, in steps.
#[derive(Debug, Clone)]
pub(crate) enum PlannedCondition {
    /// At these grid points, in order.
    Times(Vec<Step>),
    SpikePair {
        first: Group,
        second: Group,
        within: u64,
    },
    MoreSpikes {
        more: Group,
        fewer: Group,
        cues: PlannedCues,
        window: u64,
    },
}

/// Some cells of a population.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) population: PopulationId,
    /// Ascending.
    pub(crate) cells: Vec<u32>,
}

impl Group {
    pub(crate) fn has(&self, population: PopulationId, cell: u32) -> bool {
        self.population == population && self.cells.binary_search(&cell).is_ok()
    }
}

/// When windows begin.
#[derive(Debug, Clone)]
pub(crate) enum PlannedCues {
    /// In order.
    At(Vec<Step>),
    Every {
        start: Step,
        interval: u64,
    },
}

impl PlannedCues {
    /// The cue of this number, if there is one.
    pub(crate) fn get(&self, number: u64) -> Option<Step> {
        match self {
            PlannedCues::At(times) => times.get(usize::try_from(number).ok()?).copied(),
            PlannedCues::Every { start, interval } => Some(start.after(number.checked_mul(*interval)?)),
        }
    }
}

#[derive(Debug, Clone)]
enum PlannedDelay {
    Fixed(u64),
    Random(Sampler),
}

impl PlannedReward {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The projections whose synapses get it.
    pub fn projections(&self) -> &[ProjectionId] {
        &self.projections
    }

    /// How much is given.
    pub fn amount(&self) -> f64 {
        self.amount
    }

    /// When the condition is met, if that is known beforehand.
    pub(crate) fn known_times(&self) -> &[Step] {
        match &self.condition {
            PlannedCondition::Times(times) => times,
            _ => &[],
        }
    }

    pub(crate) fn condition(&self) -> &PlannedCondition {
        &self.condition
    }

    /// Steps from the n-th time that the condition is met until the reward comes.
    pub(crate) fn delay_steps(&self, n: u64) -> u64 {
        match &self.delay {
            PlannedDelay::Fixed(steps) => *steps,
            PlannedDelay::Random(sampler) => steps(sampler.draw(self.stream, n), self.dt_ms),
        }
    }

    /// The shortest delay of what depends on spikes, steps.
    pub(crate) fn least_feedback(&self) -> Option<u64> {
        match (&self.condition, &self.delay) {
            (PlannedCondition::Times(_), _) => None,
            (_, PlannedDelay::Fixed(steps)) => Some(*steps),
            (_, PlannedDelay::Random(sampler)) => Some(steps(sampler.least(), self.dt_ms)),
        }
    }
}

/// A delay in whole steps, at least one.
fn steps(delay_ms: f64, dt_ms: f64) -> u64 {
    (delay_ms / dt_ms).round().clamp(1.0, MAX_DELAY) as u64
}

/// Whether a rule of a projection knows rewards.
fn knows_rewards(plasticity: &PlannedPlasticity) -> bool {
    let programs = [Event::Reward, Event::AfterReward];
    let knows = |event: &Event| {
        let mut rules = plasticity.rules().iter();
        rules.any(|rule| rule.rule().program(*event).is_some())
    };
    programs.iter().any(knows)
}

/// Checks a reward. Of projections that are wrong in themselves nothing is said here.
pub(super) fn check(
    number: usize,
    reward: &Reward,
    projections: &[Option<CheckedProjection<'_>>],
    checker: &mut Checker<'_>,
) -> Option<PlannedReward> {
    let path = format!("rewards.{}", reward.name);
    let targets = targets(reward, &path, projections, checker);
    let condition = condition(&reward.condition, &path, checker);
    let is_feedback = !matches!(reward.condition, RewardCondition::Times(_));
    let delay = delay(reward.delay.as_ref(), &format!("{path}.delay"), is_feedback, checker);
    if !reward.amount.is_finite() {
        checker.error(PlanError::NotANumber {
            path: format!("{path}.amount"),
            found: reward.amount.to_string(),
        });
        return None;
    }
    Some(PlannedReward {
        name: reward.name.clone(),
        projections: targets?,
        condition: condition?,
        delay: delay?,
        amount: reward.amount,
        stream: Stream::new(checker.settings.seed, number as u32, Purpose::RewardDelay),
        dt_ms: checker.dt_ms()?,
    })
}

fn targets(
    reward: &Reward,
    path: &str,
    projections: &[Option<CheckedProjection<'_>>],
    checker: &mut Checker<'_>,
) -> Option<Vec<ProjectionId>> {
    let network = checker.network;
    let knows = |n: usize| match &projections[n] {
        Some(checked) => checked.plasticity.as_ref().is_some_and(knows_rewards),
        None => true,
    };
    let of = |n: usize| ProjectionId(n as u32);
    const HINT: &str = "give it a rule with `on reward`, such as reward_stdp";
    if reward.projections.is_empty() {
        let all: Vec<ProjectionId> = (0..projections.len()).filter(|n| knows(*n)).map(of).collect();
        if all.is_empty() {
            checker.error(PlanError::Unfit {
                path: path.to_owned(),
                reason: "no projection has a rule that knows rewards".to_owned(),
                hint: "remove the reward, or give a projection a rule with `on reward`, such as reward_stdp".to_owned(),
            });
            return None;
        }
        return Some(all);
    }
    let mut found = Vec::new();
    for (n, name) in reward.projections.iter().enumerate() {
        let path = format!("{path}.projections[{n}]");
        let Some(number) = network.projections.iter().position(|p| p.name == *name) else {
            let known = network.projections.iter().map(|p| p.name.clone()).collect();
            checker.unknown(&path, "projection", name, "", known);
            continue;
        };
        if found.contains(&of(number)) {
            checker.error(PlanError::DuplicateName {
                path,
                name: name.clone(),
            });
            continue;
        }
        if !knows(number) {
            checker.error(PlanError::Unfit {
                path,
                reason: format!("no rule of the projection `{name}` knows rewards"),
                hint: format!("{HINT}, or take it off the list"),
            });
            continue;
        }
        found.push(of(number));
    }
    (found.len() == reward.projections.len()).then_some(found)
}

fn condition(given: &RewardCondition, path: &str, checker: &mut Checker<'_>) -> Option<PlannedCondition> {
    match given {
        RewardCondition::Times(times) => {
            grid_points(times, &format!("{path}.times"), "reward", checker).map(PlannedCondition::Times)
        }
        RewardCondition::SpikePair { first, second, within } => {
            let first = group(first, &format!("{path}.first"), checker);
            let second = group(second, &format!("{path}.second"), checker);
            let within = span(within, &format!("{path}.within"), "longest distance", checker);
            Some(PlannedCondition::SpikePair {
                first: first?,
                second: second?,
                within: within?,
            })
        }
        RewardCondition::MoreSpikes {
            more,
            fewer,
            cues,
            window,
        } => {
            let more = group(more, &format!("{path}.more"), checker);
            let fewer = group(fewer, &format!("{path}.fewer"), checker);
            let cues = match cues {
                Cues::At(times) => grid_points(times, &format!("{path}.cues"), "cue", checker).map(PlannedCues::At),
                Cues::Every { start, interval } => {
                    let start = checker.grid_point(&format!("{path}.start"), "start", start);
                    let interval = span(interval, &format!("{path}.interval"), "interval between cues", checker);
                    start
                        .zip(interval)
                        .map(|(start, interval)| PlannedCues::Every { start, interval })
                }
            };
            let window = span(window, &format!("{path}.window"), "window", checker);
            Some(PlannedCondition::MoreSpikes {
                more: more?,
                fewer: fewer?,
                cues: cues?,
                window: window?,
            })
        }
    }
}

fn group(given: &CellGroup, path: &str, checker: &mut Checker<'_>) -> Option<Group> {
    let population = checker.population(&format!("{path}.population"), &given.population)?;
    let cells = checker.cells(&format!("{path}.cells"), &given.cells, population)?;
    Some(Group { population, cells })
}

/// Grid points in order.
fn grid_points(given: &[Quantity], path: &str, what: &'static str, checker: &mut Checker<'_>) -> Option<Vec<Step>> {
    if given.is_empty() {
        checker.error(PlanError::Unfit {
            path: path.to_owned(),
            reason: "no time is given".to_owned(),
            hint: "give at least one, such as [\"10 s\"]".to_owned(),
        });
        return None;
    }
    let times = given.iter().enumerate();
    let times: Vec<_> = times
        .map(|(n, time)| checker.grid_point(&format!("{path}[{n}]"), what, time))
        .collect();
    let mut times = times.into_iter().collect::<Option<Vec<Step>>>()?;
    times.sort_unstable();
    Some(times)
}

/// A length of time of at least one step.
fn span(given: &Quantity, path: &str, what: &'static str, checker: &mut Checker<'_>) -> Option<u64> {
    let Step(steps) = checker.grid_point(path, what, given)?;
    if steps > 0 {
        return Some(steps);
    }
    let dt_ms = checker.dt_ms()?;
    checker.error(PlanError::Unfit {
        path: path.to_owned(),
        reason: format!("the {what} {given} is shorter than the time step dt = {dt_ms} ms"),
        hint: format!("write \"{dt_ms} ms\" or more, such as \"10 ms\""),
    });
    None
}

fn delay(
    given: Option<&RewardDelay>,
    path: &str,
    is_feedback: bool,
    checker: &mut Checker<'_>,
) -> Option<PlannedDelay> {
    let dt_ms = checker.dt_ms()?;
    match given {
        None if is_feedback => {
            checker.error(PlanError::Missing {
                path: path.to_owned(),
                what: "delay",
                example: "1 s".to_owned(),
            });
            None
        }
        None => Some(PlannedDelay::Fixed(0)),
        Some(RewardDelay::Fixed(delay)) => {
            let Step(steps) = checker.grid_point(path, "delay", delay)?;
            if steps == 0 && is_feedback {
                checker.error(PlanError::DelayBelowStep {
                    path: path.to_owned(),
                    found: delay.clone(),
                    dt_ms,
                });
                return None;
            }
            if steps as f64 > MAX_DELAY {
                checker.error(PlanError::DelayTooLong {
                    path: path.to_owned(),
                    found: delay.clone(),
                    dt_ms,
                });
                return None;
            }
            Some(PlannedDelay::Fixed(steps))
        }
        Some(RewardDelay::Random(distribution)) => {
            let sampler = Sampler::check(path, distribution, Some((Dimension::TIME, "ms")), checker)?;
            sampler.at_least(path, dt_ms, checker).map(PlannedDelay::Random)
        }
    }
}
