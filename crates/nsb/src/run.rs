//! One executed run: plan, simulate, time, sum up.

use std::path::PathBuf;
use std::time::Instant;

use nsb_engine::monitor::Recording;
use nsb_engine::{Observer, Outcome, PlannedConnection, Simulation};
use nsb_kernels::{Executor, Simd};
use nsb_lang::Diagnostics;
use nsb_lang::lower::Method;

use crate::conditioning::{self, run_sampled};
use crate::error::Error;
use crate::learning::{
    Condition, Counts, Detected, DetectionTrial, Heard, Learned, Listener, PartObserver, Responses, Trial, detect,
    detections, simulations, study,
};
use crate::output::{Recorder, RunFolder, Stream};
use crate::project::Project;
use crate::summary::{PopulationSummary, Summary, peak_rss_mb, rate_hz};
use crate::weights;

/// How to run, as far as results do not depend on it.
#[derive(Debug, Clone, Copy, Default)]
pub struct RunOptions {
    /// Vector width; the widest of this CPU if left out.
    pub simd: Option<Simd>,
    /// What runs the equations; kernels compiled at build time where there are any, if left out.
    pub executor: Executor,
}

/// What a run gave.
#[derive(Debug, Clone)]
pub struct Run {
    /// Key facts.
    pub summary: Summary,
    /// Spikes and traces; of a run into a folder only names, units and counts.
    pub recording: Recording,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// The integration method of each population, in the order of the project.
    pub methods: Vec<Method>,
    /// Warnings of the project and of its plan, with their places.
    pub warnings: Diagnostics,
    /// For each projection whose rules change weights the smallest and the largest size of a weight, engine units.
    pub(crate) weight_bounds: Vec<Option<(f64, f64)>>,
    /// The data files, if they were written while the run went on.
    pub(crate) written: Vec<PathBuf>,
    /// For each recording of weights, the connections at the end; none of a run into a folder.
    pub(crate) connections: Vec<Vec<PlannedConnection>>,
    pub(crate) opened: Instant,
}

impl Project {
    /// Plans and simulates, and keeps the recording in memory. An observer may stop it: the run then holds what was
    /// simulated until there. `&mut ()` lets it run to its end.
    pub fn run(&self, options: &RunOptions, observer: &mut dyn Observer) -> Result<Run, Error> {
        self.simulate(options, observer, None)
    }

    /// As [`Project::run`], but writes what is recorded into a folder while the run goes on, so that memory does not
    /// grow with the duration. [`RunFolder::write`] adds the rest.
    ///
    /// If the folder can take no more, what was recorded until then stays in files whose names end with `.partial`.
    pub fn run_into(
        &self,
        folder: &RunFolder,
        options: &RunOptions,
        observer: &mut dyn Observer,
    ) -> Result<Run, Error> {
        self.simulate(options, observer, Some(folder))
    }

    fn simulate(
        &self,
        options: &RunOptions,
        observer: &mut dyn Observer,
        folder: Option<&RunFolder>,
    ) -> Result<Run, Error> {
        let start = Instant::now();
        let training = self.training.as_ref();
        let mut responses = training.map(|training| Responses::new(training, &training.schedule(self.seed)));
        let detection = self.detection.as_ref();
        let mut heard: Option<Heard> = detection.map(|detection| detection.heard(self.duration_ms));
        // The run itself is the first simulation of a study.
        let of_conditioning = self.conditioning.as_ref().map_or(1, conditioning::simulations);
        let n_simulations = training.map_or(1, simulations) * detection.map_or(1, detections) * of_conditioning;
        let mut first = PartObserver::new(&mut *observer, 0, n_simulations);
        let simd = options.simd.unwrap_or_else(Simd::best);
        let plan = self.plan(options)?;
        let mut warnings = self.all_warnings(&plan);
        let methods = plan.populations().iter().map(|p| p.method()).collect();
        let weight_bounds = weights::bounds(&plan);
        let (n_neurons, n_synapses, threads) = (plan.n_cells(), plan.n_synapses(), plan.n_threads());
        let mut simulation = Simulation::new(plan)?;
        let build_s = start.elapsed().as_secs_f64();

        let mut connections = Vec::new();
        let looks = self.conditioning.as_ref();
        let found;
        let (outcome, samples, run_s, recording, written, weight_hash) = match folder {
            None => {
                let start = Instant::now();
                let mut listener = Listener {
                    counts: counts(&mut responses, &mut heard),
                    observer: &mut first,
                };
                let (outcome, samples) = run_sampled(&mut simulation, self.duration_ms, looks, &mut listener)?;
                let run_s = start.elapsed().as_secs_f64();
                let weight_hash = simulation.weight_hash();
                warnings.0.extend(weights::warnings(self, &mut simulation));
                for weights in &simulation.recording().weights.clone() {
                    let mut all = Vec::new();
                    simulation.connections(weights.id, &mut |connection| all.push(connection));
                    connections.push(all);
                }
                if let Some(counts) = counts(&mut responses, &mut heard) {
                    counts.add(simulation.recording());
                }
                found = self.found(heard.as_ref(), &mut simulation);
                let recording = simulation.into_recording();
                (outcome, samples, run_s, recording, Vec::new(), weight_hash)
            }
            Some(folder) => {
                let stream = Stream::open(folder.path(), simulation.recording(), self.dt_ms)?;
                let mut recorder = Recorder::new(stream, &mut first);
                let start = Instant::now();
                let mut listener = Listener {
                    counts: counts(&mut responses, &mut heard),
                    observer: &mut recorder,
                };
                let (outcome, samples) = run_sampled(&mut simulation, self.duration_ms, looks, &mut listener)?;
                let run_s = (start.elapsed() - recorder.busy).as_secs_f64();
                let mut recording = simulation.recording().clone();
                if let Some(counts) = counts(&mut responses, &mut heard) {
                    counts.add(&recording);
                }
                found = self.found(heard.as_ref(), &mut simulation);
                let written = recorder.finish(&mut simulation, &mut recording)?;
                let weight_hash = simulation.weight_hash();
                warnings.0.extend(weights::warnings(self, &mut simulation));
                // A study needs the memory.
                drop(simulation);
                (outcome, samples, run_s, recording, written, weight_hash)
            }
        };
        let sim_ms = recording.simulated_ms;
        let population = |count: &nsb_engine::monitor::PopulationCount| {
            let (size, spikes) = (count.size as u64, count.spikes);
            PopulationSummary {
                name: count.name.clone(),
                size,
                spikes,
                rate_hz: rate_hz(spikes, size, sim_ms),
            }
        };
        let populations: Vec<PopulationSummary> = recording.populations.iter().map(population).collect();
        let spikes = populations.iter().map(|p| p.spikes).sum();
        let mut interrupted = outcome == Outcome::Interrupted;
        let mut learning = None;
        if let (Some(training), Some(responses)) = (training, &responses) {
            let first = Trial::new(training, Condition::Learning, self.seed, responses, sim_ms);
            let (learned, stopped) = if interrupted {
                (Learned::new(training, vec![first]), true)
            } else {
                study(self, training, first, options, observer)?
            };
            interrupted |= stopped;
            learning = Some(learned);
        }
        let mut detected = None;
        if let Some(detection) = detection {
            let (trials, stopped) = if interrupted {
                (found.into_iter().collect(), true)
            } else {
                detect(self, detection, found, options, observer)?
            };
            interrupted |= stopped;
            detected = Some(Detected { trials });
        }
        let mut conditioned = None;
        if let Some(looks) = &self.conditioning {
            let (found, stopped) = conditioning::study(self, looks, samples, interrupted, options, observer)?;
            interrupted |= stopped;
            conditioned = Some(found);
        }
        let summary = Summary {
            n_neurons,
            n_synapses,
            sim_ms,
            dt_ms: self.dt_ms,
            spikes,
            mean_rate_hz: rate_hz(spikes, n_neurons, sim_ms),
            populations,
            build_s,
            run_s,
            total_s: self.opened.elapsed().as_secs_f64(),
            realtime_factor: if sim_ms > 0.0 { run_s / (sim_ms / 1000.0) } else { 0.0 },
            peak_rss_mb: peak_rss_mb(),
            threads: threads as u64,
            simd: simd.name().to_owned(),
            executor: options.executor.name().to_owned(),
            precision: self.precision.name().to_owned(),
            seed: self.seed,
            version: crate::VERSION.to_owned(),
            spike_hash: recording.spike_hash.clone(),
            weight_hash,
            learning,
            detection: detected,
            conditioning: conditioned,
            out_dir: None,
            interrupted,
            warnings: warnings.0.iter().map(ToString::to_string).collect(),
        };
        Ok(Run {
            summary,
            recording,
            interrupted,
            methods,
            warnings,
            weight_bounds,
            written,
            connections,
            opened: self.opened,
        })
    }

    /// The scores of the run itself, if a pattern is to be found.
    fn found(&self, heard: Option<&Heard>, simulation: &mut Simulation) -> Option<DetectionTrial> {
        let until_ms = simulation.recording().simulated_ms;
        let of = (Condition::Learning, self.seed);
        self.detection.as_ref()?.trial(self, of, heard?, simulation, until_ms)
    }
}

/// What is counted while the run goes on: of a project with a training or a detection.
fn counts<'a>(responses: &'a mut Option<Responses>, heard: &'a mut Option<Heard>) -> Option<&'a mut dyn Counts> {
    match (responses, heard) {
        (Some(responses), _) => Some(responses),
        (None, Some(heard)) => Some(heard),
        (None, None) => None,
    }
}
