//! All that changes in a run. `epoch.rs` is the hot loop and says why results do not depend on
//! threads: read it first.

mod barrier;
mod block;
mod calendar;
mod clamp;
mod correlated;
mod crew;
mod delivery;
mod domain;
mod epoch;
mod error;
mod feed;
mod gap;
mod gathered;
mod noise;
mod observer;
mod plasticity;
mod recorder;
mod repeating;
mod rewards;
mod rewire;
mod spike;
mod spike_hash;
#[cfg(test)]
mod tests;
mod voltages;
mod weights;

pub use error::SimulationError;
pub use observer::{Observer, Outcome, Progress};
pub use rewire::Rewired;
pub use weights::WeightChanges;

pub(crate) use spike::Spike;

use std::sync::RwLock;
use std::sync::atomic::AtomicU64;

use nsb_kernels::Scratch;

use crate::index::{PopulationId, Step};
use crate::monitor::Recording;
use crate::plan::Plan;
use block::{Failure, Machine};
use domain::{Domain, Handed, Outboxes};
use epoch::{Epoch, Left, Run};
use plasticity::PlasticMachine;
use recorder::Recorder;

/// A network in time.
pub struct Simulation {
    plan: Plan,
    machines: Vec<Machine>,
    plastic: Vec<PlasticMachine>,
    domains: Vec<Domain>,
    outboxes: Vec<Outboxes>,
    now: Step,
    recorder: Recorder,
    rewirings: rewire::History,
    failure: Option<SimulationError>,
}

impl Simulation {
    /// The network at time 0, its initial state recorded.
    ///
    /// # Errors
    /// If an initial state is not finite.
    pub fn new(plan: Plan) -> Result<Simulation, SimulationError> {
        let machines: Vec<Machine> = (0..plan.populations().len())
            .map(|n| Machine::new(&plan, PopulationId(n as u32)))
            .collect();
        let mut scratch = scratch(&machines);
        let plastic = PlasticMachine::all(&plan);
        let domain = |n| Domain::new(&plan, n, (&machines, &plastic), &mut scratch);
        let domains: Vec<Domain> = (0..plan.domains().len()).map(domain).collect();
        let outboxes = |domain: &Domain| [RwLock::new(domain.outbox()), RwLock::new(domain.outbox())];
        let mut simulation = Simulation {
            outboxes: domains.iter().map(outboxes).collect(),
            now: Step(0),
            recorder: Recorder::new(&plan),
            rewirings: rewire::History::default(),
            failure: None,
            plan,
            machines,
            plastic,
            domains,
        };
        simulation.record_initial_state(&mut scratch)?;
        Ok(simulation)
    }

    /// Goes on for a duration (ms), rounded to whole steps. Several calls give the same as one for their sum.
    ///
    /// # Errors
    /// If a state becomes NaN or infinite; the recording then ends with the last whole epoch, and the simulation
    /// cannot go on. If the duration is not one.
    pub fn run_for(&mut self, duration_ms: f64, observer: &mut dyn Observer) -> Result<Outcome, SimulationError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let end = self.end_of(duration_ms)?;
        let result = self.run_to(end, observer);
        self.recorder.finish(self.now.time_ms(self.plan.settings().dt_ms));
        match result {
            Ok(outcome) => Ok(outcome),
            Err(failed) => {
                let error = self.explain(failed);
                self.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Simulated time, ms.
    pub fn time_ms(&self) -> f64 {
        self.now.time_ms(self.plan.settings().dt_ms)
    }

    /// What is simulated: with the synapses that there are now.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What was recorded so far.
    pub fn recording(&self) -> &Recording {
        self.recorder.recording()
    }

    /// What was recorded, without the simulation.
    pub fn into_recording(self) -> Recording {
        self.recorder.into_recording()
    }

    fn end_of(&self, duration_ms: f64) -> Result<Step, SimulationError> {
        let dt_ms = self.plan.settings().dt_ms;
        let steps = (duration_ms / dt_ms).round();
        let lost = steps == 0.0 && duration_ms != 0.0;
        // Written so that NaN is refused too.
        if !(0.0..=Step::MAX as f64).contains(&(steps + self.now.0 as f64)) || steps < 0.0 || lost {
            return Err(SimulationError::Duration { duration_ms, dt_ms });
        }
        Ok(self.now.after(steps as u64))
    }

    /// Runs epochs until `end`, or until the observer stops it. Fails with the epoch in which a state became
    /// non-finite, of which nothing is recorded.
    fn run_to(&mut self, end: Step, observer: &mut dyn Observer) -> Result<Outcome, Failed> {
        let dt_ms = self.plan.settings().dt_ms;
        let n_threads = self.plan.n_threads();
        let Simulation {
            plan,
            machines,
            plastic,
            domains,
            outboxes,
            now,
            recorder,
            ..
        } = self;
        let run = Run {
            plan,
            machines,
            plastic,
            outboxes,
            begin: *now,
            end,
            last_epoch: &AtomicU64::new(u64::MAX),
        };
        let mut stopped = false;
        let lead = |own: &mut [&mut Domain], barrier: &barrier::Barrier| {
            run.epochs(own, barrier, |number, epoch, handed| {
                recorder.take_in(plan, epoch, handed);
                *now = epoch.end;
                let progress = Progress {
                    time_ms: now.time_ms(dt_ms),
                    end_ms: end.time_ms(dt_ms),
                    spikes: recorder.n_spikes(),
                };
                let takes = observer.recorded(recorder.recording_mut());
                // The others are in the next epoch already.
                if (takes.is_break() || observer.progress(progress).is_break()) && !stopped {
                    stopped = true;
                    run.stop_after(number + 1);
                }
            })
        };
        let work = |own: &mut [&mut Domain], barrier: &barrier::Barrier| {
            // The lead tells why the run has ended.
            let _ = run.epochs(own, barrier, |_, _, _| {});
        };
        match crew::with_crew(n_threads, domains, lead, work) {
            Err(Left::Failed(epoch)) => Err(Failed::State(epoch)),
            Err(Left::Diverged(epoch, projection)) => Err(Failed::Plasticity(epoch, projection)),
            _ if stopped => Ok(Outcome::Interrupted),
            _ => Ok(Outcome::Completed),
        }
    }

    fn record_initial_state(&mut self, scratch: &mut [Scratch]) -> Result<(), SimulationError> {
        let Simulation {
            plan,
            machines,
            plastic,
            domains,
            outboxes,
            recorder,
            ..
        } = self;
        let mut first: Option<(usize, Failure)> = None;
        for (domain, outboxes) in domains.iter_mut().zip(outboxes.iter_mut()) {
            let outbox = outboxes[0].get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
            domain.record_initial_state(plan, (machines, plastic), scratch, outbox);
            if let Some((block, failure)) = domain.failure(machines, Step(0)) {
                first = earlier(first, plan.domains()[domain.index()].blocks[block], failure);
            }
        }
        // Blocks are in order of population and cell.
        if let Some((block, failure)) = first {
            return Err(self.not_finite(block, &failure));
        }
        let handed = domain::read(outboxes, 0);
        domains
            .iter_mut()
            .for_each(|domain| domain.take_in(plan, &handed, Step(0)));
        let met = domains.first().map_or(&[][..], Domain::met);
        let handed = Handed {
            spikes: &[],
            met,
            outboxes: &handed,
        };
        recorder.take_in_initial_state(plan, &handed);
        Ok(())
    }

    /// Finds the first state that became non-finite in an epoch, by doing it again from the last remembered state.
    fn explain(&mut self, failed: Failed) -> SimulationError {
        let failed = match failed {
            Failed::State(epoch) => epoch,
            Failed::Plasticity(epoch, number) => return self.diverged(epoch, number),
        };
        let Simulation {
            plan,
            machines,
            domains,
            recorder,
            ..
        } = self;
        let mut scratch = scratch(machines);
        let history = recorder.history();
        let mut first: Option<(usize, Failure)> = None;
        for domain in domains
            .iter_mut()
            .filter(|domain| domain.failure(machines, failed.end).is_some())
        {
            let failure = domain.replay(plan, machines, &mut scratch, failed.end, history);
            let (block, failure) = failure.expect("doing the same steps again gives the same states");
            first = earlier(first, plan.domains()[domain.index()].blocks[block], failure);
        }
        let (block, failure) = first.expect("an epoch fails only if a block has failed");
        self.not_finite(block, &failure)
    }

    /// `number` is a position among the plastic projections.
    fn diverged(&self, epoch: Epoch, number: usize) -> SimulationError {
        let dt_ms = self.plan.settings().dt_ms;
        let projection = plasticity::projections(&self.plan)[number];
        SimulationError::Diverged {
            projection: self.plan.projections()[projection.0 as usize].name().to_owned(),
            from_ms: epoch.first.time_ms(dt_ms),
            to_ms: epoch.end.time_ms(dt_ms),
        }
    }

    /// `block` is a position in the plan.
    fn not_finite(&self, block: usize, failure: &Failure) -> SimulationError {
        let block = &self.plan.blocks()[block];
        let dt_ms = self.plan.settings().dt_ms;
        let machine = &self.machines[block.population.index()];
        let column = |id: nsb_lang::program::ColumnId| &machine.program.columns()[id.0 as usize];
        let states = machine.states.iter().zip(&failure.last_good);
        SimulationError::NotFinite {
            population: self.plan.populations()[block.population.index()].name().to_owned(),
            cell: block.first + failure.cell as u32,
            time_ms: failure.at.time_ms(dt_ms),
            variable: column(failure.variable).name.clone(),
            value: failure.value,
            last_good: states
                .map(|(&id, &value)| (column(id).name.clone(), value, column(id).unit.clone()))
                .collect(),
            last_good_ms: Step(failure.at.0.saturating_sub(1)).time_ms(dt_ms),
        }
    }
}

/// Why a run cannot go on.
enum Failed {
    /// A state of a cell became non-finite in this epoch.
    State(Epoch),
    /// A weight or variable of a plastic projection did.
    Plasticity(Epoch, usize),
}

/// The earlier of two failures; of those in the same step, the one in the first block.
fn earlier(first: Option<(usize, Failure)>, block: usize, failure: Failure) -> Option<(usize, Failure)> {
    match first {
        Some(first) if (first.1.at, first.0) <= (failure.at, block) => Some(first),
        _ => Some((block, failure)),
    }
}

fn scratch(machines: &[Machine]) -> Vec<Scratch> {
    machines.iter().map(Machine::scratch).collect()
}
