//! All that changes in a run. `epoch.rs` is the hot loop and says why results do not depend on
//! threads: read it first.

mod block;
mod crew;
mod epoch;
mod error;
mod exchange;
mod feed;
mod gap;
mod noise;
mod observer;
mod spike_hash;
#[cfg(test)]
mod tests;

pub use error::SimulationError;
pub use observer::{Observer, Outcome, Progress};

pub(crate) use exchange::Spike;

use std::sync::{Mutex, PoisonError, RwLock};

use nsb_kernels::Scratch;

use crate::index::{PopulationId, Step};
use crate::monitor::{RateRecorder, Recording, SpikeRecorder, VariableRecorder, weights};
use crate::plan::Plan;
use block::{Block, Failure, Machine};
use epoch::{Epoch, KEEP_INTERVAL, Outbox};
use exchange::Exchange;
use spike_hash::SpikeHash;

/// A network in time.
pub struct Simulation {
    plan: Plan,
    machines: Vec<Machine>,
    blocks: Vec<Block>,
    /// One per block; filled by the thread that owns the block, emptied between epochs.
    outboxes: Vec<Mutex<Outbox>>,
    exchange: RwLock<Exchange>,
    now: Step,
    recorder: Recorder,
    failure: Option<SimulationError>,
}

/// Takes in what an epoch brings.
struct Recorder {
    spikes: SpikeRecorder,
    variables: VariableRecorder,
    rates: RateRecorder,
    hash: SpikeHash,
    recording: Recording,
    n_spikes: u64,
    merged: Vec<Spike>,
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
        let mut blocks: Vec<Block> = Vec::new();
        for (n, planned) in plan.blocks().iter().enumerate() {
            let population = planned.population.index();
            blocks.push(Block::new(&plan, n, &machines[population], &mut scratch[population]));
        }
        // States are kept for at most an epoch beyond the interval.
        let mut exchange = Exchange::new(&plan, KEEP_INTERVAL + plan.epoch_steps());
        for block in &blocks {
            if let Some(voltages) = block.voltages(&plan) {
                exchange.set_voltages(block.population, block.first, voltages);
            }
        }
        let outbox = |block: &Block| Outbox {
            samples: vec![Vec::new(); block.n_taps()],
            ..Outbox::default()
        };
        let mut simulation = Simulation {
            outboxes: blocks.iter().map(|block| Mutex::new(outbox(block))).collect(),
            exchange: RwLock::new(exchange),
            now: Step(0),
            recorder: Recorder::new(&plan),
            failure: None,
            plan,
            machines,
            blocks,
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
        let Recorder { hash, recording, .. } = &mut self.recorder;
        recording.spike_hash = hash.hex();
        recording.simulated_ms = self.now.time_ms(self.plan.settings().dt_ms);
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

    /// What is simulated.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What was recorded so far.
    pub fn recording(&self) -> &Recording {
        &self.recorder.recording
    }

    /// What was recorded, without the simulation.
    pub fn into_recording(self) -> Recording {
        self.recorder.recording
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
    fn run_to(&mut self, end: Step, observer: &mut dyn Observer) -> Result<Outcome, Epoch> {
        let Simulation {
            plan,
            machines,
            blocks,
            outboxes,
            exchange,
            now,
            recorder,
            ..
        } = self;
        let dt_ms = plan.settings().dt_ms;
        let work = |block: &mut Block, epoch: Epoch, scratch: &mut Vec<Scratch>| {
            let population = block.population.index();
            let exchange = exchange.read().unwrap_or_else(PoisonError::into_inner);
            let mut outbox = outboxes[block.index].lock().unwrap_or_else(PoisonError::into_inner);
            let (machine, scratch) = (&machines[population], &mut scratch[population]);
            epoch::advance(block, epoch, plan, machine, &exchange, scratch, &mut outbox);
        };
        let drive = |advance: &mut dyn FnMut(Epoch)| {
            while *now < end {
                let epoch = Epoch {
                    first: *now,
                    end: end.min(now.after(plan.epoch_steps())),
                };
                exchange
                    .write()
                    .unwrap_or_else(PoisonError::into_inner)
                    .prepare(plan, epoch.first, epoch.end);
                advance(epoch);
                if outboxes.iter().any(|outbox| locked(outbox).failed) {
                    return Err(epoch);
                }
                let spikes = recorder.collect(epoch.first.after(1), epoch.end, dt_ms, outboxes);
                let mut exchange = exchange.write().unwrap_or_else(PoisonError::into_inner);
                exchange.add(spikes);
                for (planned, outbox) in plan.blocks().iter().zip(outboxes.iter()) {
                    let voltages = &locked(outbox).voltages;
                    if !voltages.is_empty() {
                        exchange.set_voltages(planned.population, planned.first, voltages);
                    }
                }
                drop(exchange);
                *now = epoch.end;
                let (time_ms, end_ms) = (now.time_ms(dt_ms), end.time_ms(dt_ms));
                let progress = Progress {
                    time_ms,
                    end_ms,
                    spikes: recorder.n_spikes,
                };
                recorder.recording.simulated_ms = time_ms;
                if observer.recorded(&mut recorder.recording).is_break() || observer.progress(progress).is_break() {
                    return Ok(Outcome::Interrupted);
                }
            }
            Ok(Outcome::Completed)
        };
        let cost = |block: &Block| block.len() as u64 * machines[block.population.index()].cost();
        crew::with_crew(plan.n_threads(), blocks, cost, || scratch(machines), work, drive)
    }

    fn record_initial_state(&mut self, scratch: &mut [Scratch]) -> Result<(), SimulationError> {
        let Simulation {
            plan,
            machines,
            blocks,
            outboxes,
            recorder,
            ..
        } = self;
        for (block, outbox) in blocks.iter_mut().zip(outboxes.iter_mut()) {
            let population = block.population.index();
            let outbox = outbox.get_mut().unwrap_or_else(PoisonError::into_inner);
            block.sample(
                &machines[population],
                Step(0),
                &mut scratch[population],
                &mut outbox.samples,
            );
        }
        let failures = blocks.iter().filter_map(|block| {
            block
                .failure(&machines[block.population.index()], Step(0))
                .map(|failure| (block.index, failure))
        });
        // Blocks are in order of population and cell.
        if let Some((block, failure)) = failures.into_iter().next() {
            return Err(self.not_finite(block, &failure));
        }
        recorder.collect(Step(0), Step(0), plan.settings().dt_ms, outboxes);
        recorder.recording.spike_hash = recorder.hash.hex();
        Ok(())
    }

    /// Finds the first state that became non-finite in an epoch, by doing it again from the last remembered state.
    fn explain(&mut self, failed: Epoch) -> SimulationError {
        let Simulation {
            plan,
            machines,
            blocks,
            outboxes,
            exchange,
            ..
        } = self;
        let exchange = exchange.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = scratch(machines);
        let mut first: Option<(usize, Failure)> = None;
        for block in blocks.iter_mut().filter(|block| locked(&outboxes[block.index]).failed) {
            let population = block.population.index();
            exchange.prepare(plan, block.kept_at(), failed.end);
            let failure = block
                .replay(
                    plan,
                    &machines[population],
                    exchange,
                    failed.end,
                    &mut scratch[population],
                )
                .expect("doing the same steps again gives the same states");
            // Blocks come in order of population and cell, so among equal steps the first stays.
            if first.as_ref().is_none_or(|(_, earliest)| failure.at < earliest.at) {
                first = Some((block.index, failure));
            }
        }
        let (block, failure) = first.expect("an epoch fails only if a block has failed");
        self.not_finite(block, &failure)
    }

    fn not_finite(&self, block: usize, failure: &Failure) -> SimulationError {
        let block = &self.blocks[block];
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

impl Recorder {
    fn new(plan: &Plan) -> Recorder {
        let (spike_recorder, spikes, populations) = SpikeRecorder::new(plan);
        let (variable_recorder, variables) = VariableRecorder::new(plan);
        let (rate_recorder, rates) = RateRecorder::new(plan);
        let hash = SpikeHash::new();
        let recording = Recording {
            spikes,
            variables,
            rates,
            weights: weights(plan),
            populations,
            spike_hash: hash.hex(),
            simulated_ms: 0.0,
        };
        Recorder {
            spikes: spike_recorder,
            variables: variable_recorder,
            rates: rate_recorder,
            hash,
            recording,
            n_spikes: 0,
            merged: Vec::new(),
        }
    }

    /// Empties all outboxes, whose samples are of the grid points `first..=last`; returns the spikes in order.
    fn collect(&mut self, first: Step, last: Step, dt_ms: f64, outboxes: &[Mutex<Outbox>]) -> &[Spike] {
        let mut outboxes: Vec<_> = outboxes.iter().map(locked).collect();
        self.merged.clear();
        outboxes
            .iter_mut()
            .for_each(|outbox| self.merged.append(&mut outbox.spikes));
        // Blocks bring sorted runs, which this sort merges.
        self.merged
            .sort_by_key(|spike| (spike.step, spike.population, spike.cell));
        self.n_spikes += self.merged.len() as u64;
        self.hash.add(&self.merged);
        self.spikes.add(
            &self.merged,
            &mut self.recording.spikes,
            &mut self.recording.populations,
        );
        self.rates.add(&self.merged, last, dt_ms, &mut self.recording.rates);
        let samples = |block: usize, tap: usize| outboxes[block].samples[tap].as_slice();
        self.variables
            .add((first, last), dt_ms, samples, &mut self.recording.variables);
        outboxes
            .iter_mut()
            .flat_map(|outbox| &mut outbox.samples)
            .for_each(Vec::clear);
        &self.merged
    }
}

fn scratch(machines: &[Machine]) -> Vec<Scratch> {
    machines.iter().map(Machine::scratch).collect()
}

fn locked(outbox: &Mutex<Outbox>) -> std::sync::MutexGuard<'_, Outbox> {
    outbox.lock().unwrap_or_else(PoisonError::into_inner)
}
