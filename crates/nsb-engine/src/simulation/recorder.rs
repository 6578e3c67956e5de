//! Takes in what epochs bring, in the thread that called.

use std::collections::VecDeque;

use super::domain::Handed;
use super::epoch::{Epoch, KEEP_INTERVAL};
use super::spike::Spike;
use super::spike_hash::SpikeHash;
use crate::index::Step;
use crate::monitor::{
    RateRecorder, Recording, RewardRecording, Snapshot, SpikeRecorder, VariableRecorder, WeightRecorder,
};
use crate::plan::Plan;

/// The recording, and what is needed to go on with it.
pub(super) struct Recorder {
    spikes: SpikeRecorder,
    variables: VariableRecorder,
    rates: RateRecorder,
    weights: WeightRecorder,
    hash: SpikeHash,
    recording: Recording,
    n_spikes: u64,
    /// For each block, its domain and its position there.
    places: Vec<(usize, usize)>,
    /// Spikes that may still arrive when the steps since the last remembered state are done again.
    history: VecDeque<Spike>,
    /// How long they are kept, steps; 0 if nothing arrives anywhere.
    reach: u64,
}

impl Recorder {
    pub(super) fn new(plan: &Plan) -> Recorder {
        let (spike_recorder, spikes, populations) = SpikeRecorder::new(plan);
        let (variable_recorder, variables) = VariableRecorder::new(plan);
        let (rate_recorder, rates) = RateRecorder::new(plan);
        let (weight_recorder, weights) = WeightRecorder::new(plan);
        let rewards = plan.rewards().iter().map(RewardRecording::new).collect();
        let hash = SpikeHash::new();
        let recording = Recording {
            spikes,
            variables,
            rates,
            weights,
            rewards,
            populations,
            spike_hash: hash.hex(),
            simulated_ms: 0.0,
        };
        let mut places = vec![(0, 0); plan.blocks().len()];
        for (domain, planned) in plan.domains().iter().enumerate() {
            for (position, &block) in planned.blocks.iter().enumerate() {
                places[block] = (domain, position);
            }
        }
        Recorder {
            spikes: spike_recorder,
            variables: variable_recorder,
            rates: rate_recorder,
            weights: weight_recorder,
            hash,
            recording,
            n_spikes: 0,
            places,
            history: VecDeque::new(),
            reach: reach(plan),
        }
    }

    /// Takes note of synapses that have changed: delays may have become longer.
    pub(super) fn rewire(&mut self, plan: &Plan) {
        self.reach = reach(plan);
    }

    /// Takes in an epoch.
    pub(super) fn take_in(&mut self, plan: &Plan, epoch: Epoch, handed: &Handed<'_>) {
        self.n_spikes += handed.spikes.len() as u64;
        self.hash.add(handed.spikes);
        self.spikes.add(
            handed.spikes,
            &mut self.recording.spikes,
            &mut self.recording.populations,
        );
        let dt_ms = plan.settings().dt_ms;
        self.rates
            .add(handed.spikes, epoch.end, dt_ms, &mut self.recording.rates);
        self.take_in_rewards(plan, handed);
        self.recording.simulated_ms = epoch.end.time_ms(dt_ms);
        self.take_in_samples(plan, (epoch.first.after(1), epoch.end), handed);
        if self.reach > 0 {
            self.history.extend(handed.spikes);
            let is_over = |spike: &Spike| spike.step.0 + self.reach < epoch.end.0;
            while self.history.front().is_some_and(is_over) {
                self.history.pop_front();
            }
        }
    }

    /// Takes in the samples of time 0.
    pub(super) fn take_in_initial_state(&mut self, plan: &Plan, handed: &Handed<'_>) {
        self.take_in_rewards(plan, handed);
        self.take_in_samples(plan, (Step(0), Step(0)), handed);
    }

    fn take_in_rewards(&mut self, plan: &Plan, handed: &Handed<'_>) {
        let dt_ms = plan.settings().dt_ms;
        for met in handed.met {
            let recording = &mut self.recording.rewards[met.reward];
            recording.count += 1;
            recording.earned_ms.push(met.at.time_ms(dt_ms));
            recording.given_ms.push(met.due.time_ms(dt_ms));
        }
    }

    fn take_in_samples(&mut self, plan: &Plan, steps: (Step, Step), handed: &Handed<'_>) {
        let samples = |block: usize, tap: usize| {
            let (domain, position) = self.places[block];
            handed.outboxes[domain].samples[position][tap].as_slice()
        };
        let snapshots: Vec<&[Snapshot]> = handed.outboxes.iter().map(|outbox| &outbox.snapshots[..]).collect();
        self.weights
            .add(&snapshots, plan.settings().dt_ms, &mut self.recording.weights);
        self.variables
            .add(steps, plan.settings().dt_ms, samples, &mut self.recording.variables);
    }

    /// Brings the recording up to date.
    pub(super) fn finish(&mut self, now_ms: f64) {
        self.recording.spike_hash = self.hash.hex();
        self.recording.simulated_ms = now_ms;
    }

    /// Spikes of all populations so far.
    pub(super) fn n_spikes(&self) -> u64 {
        self.n_spikes
    }

    /// What was recorded so far.
    pub(super) fn recording(&self) -> &Recording {
        &self.recording
    }

    /// What was recorded so far, for those who take it.
    pub(super) fn recording_mut(&mut self) -> &mut Recording {
        &mut self.recording
    }

    /// What was recorded, without the recorder.
    pub(super) fn into_recording(self) -> Recording {
        self.recording
    }

    /// Recent spikes, in order.
    pub(super) fn history(&mut self) -> &[Spike] {
        self.history.make_contiguous()
    }
}

/// How long spikes must be known to do steps again.
fn reach(plan: &Plan) -> u64 {
    match plan.longest_delay() {
        0 => 0,
        // States are kept for at most an epoch beyond the interval.
        longest => longest + KEEP_INTERVAL + plan.epoch_steps(),
    }
}
