//! A workload executed: built, simulated, timed, and summed up in one flat object.

use std::time::Instant;

use nsb_engine::monitor::Recording;
use nsb_engine::{Observer, Outcome, ProjectionId, Simulation};
use nsb_kernels::Simd;
use nsb_lang::{Diagnostics, Source};
use serde_json::{Map, Value, json};

use super::request::{BenchRequest, Conditions};
use super::{Workload, process, rounded};
use crate::error::Error;
use crate::project::{Overrides, Project};
use crate::summary::{peak_rss_mb, rate_hz};

/// Decimals of a time in s.
const MICROSECONDS: u32 = 6;

/// A workload that is ready to run.
#[derive(Debug)]
pub struct Bench {
    /// The project that is simulated; its text can be kept, changed and run.
    pub project: Project,
    workload: &'static Workload,
    request: BenchRequest,
    conditions: Conditions,
    started: Instant,
}

/// What a workload's own measures are taken from.
pub(super) struct Measured<'a> {
    pub(super) recording: &'a Recording,
    pub(super) conditions: &'a Conditions,
    /// The spikes of each population that count: those after the transient.
    pub(super) counted: Vec<Counted<'a>>,
    /// The weights that are measured, projection by projection in the order of sources, engine units.
    pub(super) weights: Vec<f64>,
}

/// The spikes of one population after the transient, in the order of (step, cell).
pub(super) struct Counted<'a> {
    pub(super) name: &'a str,
    pub(super) size: usize,
    pub(super) times_ms: &'a [f64],
    pub(super) cells: &'a [u32],
}

impl Bench {
    /// Checks the request and reads the workload's project.
    ///
    /// # Errors
    /// An unknown workload, and numbers that do not fit it.
    pub fn prepare(request: &BenchRequest) -> Result<Bench, Error> {
        let started = Instant::now();
        let (workload, conditions) = request.check()?;
        let draft = (workload.draft)(&conditions)?;
        let overrides = Overrides {
            duration: Some(format!("{} ms", conditions.transient_ms + conditions.counted_ms)),
            dt: Some(format!("{} ms", conditions.dt_ms)),
            seed: Some(request.seed),
            threads: Some(request.threads),
            precision: Some(request.precision.clone()),
            set: draft.set,
            model: None,
        };
        let source = Source::new(format!("{}.toml (workload)", workload.name), draft.text);
        Ok(Bench {
            project: Project::from_source(&source, workload.name, None, &overrides)?,
            workload,
            request: request.clone(),
            conditions,
            started,
        })
    }

    /// Builds, simulates and measures. With the object come warnings; the object is `None` if the observer stopped the
    /// run, because half a measurement is none.
    ///
    /// # Errors
    /// What is wrong with the network, and what fails while it runs.
    pub fn run(&self, observer: &mut dyn Observer) -> Result<(Option<Value>, Diagnostics), Error> {
        let Conditions {
            transient_ms,
            counted_ms,
            ..
        } = self.conditions;
        let plan = self.project.plan(&self.request.options)?;
        let warnings = self.project.all_warnings(&plan);
        let mut methods: Vec<&str> = plan.populations().iter().map(|p| p.method().name()).collect();
        let (n_neurons, n_synapses, n_threads) = (plan.n_cells(), plan.n_synapses(), plan.n_threads());
        let memory_bytes = plan.forecast().total_bytes();
        let mut simulation = Simulation::new(plan)?;
        let build_s = self.started.elapsed().as_secs_f64();

        let start = Instant::now();
        if transient_ms > 0.0 && simulation.run_for(transient_ms, observer)? == Outcome::Interrupted {
            return Ok((None, warnings));
        }
        let transient_s = start.elapsed().as_secs_f64();
        let before = spikes_of(simulation.recording());
        let recorded: Vec<usize> = simulation.recording().spikes.iter().map(|s| s.cells.len()).collect();
        let counted_from_ms = simulation.time_ms();

        let (start, cpu_start) = (Instant::now(), process::cpu_s());
        let outcome = simulation.run_for(counted_ms, observer)?;
        let run_s = start.elapsed().as_secs_f64();
        let run_cpu_s = process::cpu_s().zip(cpu_start).map(|(end, start)| end - start);
        if outcome == Outcome::Interrupted {
            return Ok((None, warnings));
        }

        let weights = self.weights(&mut simulation);
        let weight_hash = simulation.weight_hash();
        let recording = simulation.into_recording();
        let spikes = spikes_of(&recording) - before;
        let sim_ms = rounded(recording.simulated_ms - counted_from_ms, 9);
        let counted = recording.spikes.iter().zip(&recorded).map(|(all, &first)| Counted {
            name: &all.population,
            size: all.population_size,
            times_ms: &all.times_ms[first..],
            cells: &all.cells[first..],
        });
        let measured = Measured {
            recording: &recording,
            conditions: &self.conditions,
            counted: counted.collect(),
            weights,
        };
        methods.dedup();
        let total_s = process::age_s().unwrap_or_else(|| self.started.elapsed().as_secs_f64());
        let seconds = |time: f64| rounded(time, MICROSECONDS);
        let line = json!({
            "workload": self.workload.name,
            "peer": "ours",
            "version": crate::VERSION,
            "threads": self.request.threads,
            "threads_used": n_threads,
            "scale": self.request.scale,
            "dt_ms": self.conditions.dt_ms,
            "delay_ms": self.conditions.delay_ms,
            "n_neurons": n_neurons,
            "n_synapses": n_synapses,
            "sim_ms": sim_ms,
            // Nothing is imported and nothing is compiled.
            "import_s": 0.0,
            "build_s": seconds(build_s),
            "compile_s": null,
            "run_s": seconds(run_s),
            "run_cpu_s": run_cpu_s.map(seconds),
            "total_s": seconds(total_s),
            "realtime_factor": seconds(run_s / (sim_ms / 1000.0)),
            "spikes": spikes,
            "mean_rate_hz": rounded(rate_hz(spikes, n_neurons, sim_ms), 4),
            "peak_rss_mb": peak_rss_mb(),
            "memory_forecast_mb": rounded(memory_bytes as f64 / 1_048_576.0, 1),
            "precision": self.request.precision,
            "simd": self.request.options.simd.unwrap_or_else(Simd::best).name(),
            "executor": self.request.options.executor.name(),
            "integrator": methods.join(", "),
            "seed": self.request.seed,
            "transient_ms": counted_from_ms,
            "transient_s": seconds(transient_s),
            "spike_hash": recording.spike_hash.clone(),
        });
        let mut line: Map<String, Value> = line.as_object().cloned().unwrap_or_default();
        if let Some(hash) = weight_hash {
            line.insert("weight_hash".to_owned(), json!(hash));
        }
        line.extend((self.workload.measure)(&measured));
        Ok((Some(Value::Object(line)), warnings))
    }

    /// The weights that the workload measures, as they are at the end.
    fn weights(&self, simulation: &mut Simulation) -> Vec<f64> {
        let mut weights = Vec::new();
        let Some(learning) = self.workload.learning else {
            return weights;
        };
        for wanted in learning.projections {
            let projections = simulation.plan().projections();
            let found = (0u32..).zip(projections).find(|(_, p)| p.name() == *wanted);
            let Some((n, _)) = found else { continue };
            simulation.connections(ProjectionId(n), &mut |connection| {
                if connection.target < learning.cells {
                    weights.push(connection.weight);
                }
            });
        }
        weights
    }
}

fn spikes_of(recording: &Recording) -> u64 {
    recording.populations.iter().map(|population| population.spikes).sum()
}

impl Measured<'_> {
    /// Spikes per cell and second in the second half of the counted time: what is left once the start has died away.
    pub(super) fn rate_last_half_hz(&self) -> f64 {
        let half_ms = 0.5 * self.conditions.counted_ms;
        let from_ms = self.conditions.transient_ms + half_ms;
        let late = |population: &Counted<'_>| population.times_ms.iter().filter(|time| **time > from_ms).count();
        let spikes: usize = self.counted.iter().map(late).sum();
        let cells: usize = self.counted.iter().map(|population| population.size).sum();
        rounded(rate_hz(spikes as u64, cells as u64, half_ms), 3)
    }
}
