//! The numbers of a run: what `--json` prints and `summary.json` holds.

use serde_json::{Map, Value, json};

use crate::conditioning::Conditioned;
use crate::learning::{Detected, Learned};

/// Key facts of a run. [`Summary::to_json`] gives them in this order, what was learned last.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Cells of all populations.
    pub n_neurons: u64,
    /// Synapses of all projections.
    pub n_synapses: u64,
    /// Simulated time, ms; less than asked for if interrupted.
    pub sim_ms: f64,
    /// Step, ms.
    pub dt_ms: f64,
    /// Spikes of all cells, recorded or not.
    pub spikes: u64,
    /// Spikes per cell and second; 0 if no time was simulated.
    pub mean_rate_hz: f64,
    /// The populations in the order of the project.
    pub populations: Vec<PopulationSummary>,
    /// Time to plan and lay out the network, s.
    pub build_s: f64,
    /// Time of the simulation loop without the time it waited for data to be written, s.
    pub run_s: f64,
    /// Time from opening the project to the end of the last step of the work so far (files included once they are
    /// written), s.
    pub total_s: f64,
    /// `run_s` in units of the simulated time; below 1 is faster than nature. 0 if no time was simulated.
    pub realtime_factor: f64,
    /// Highest memory use of the process, MiB; `None` where the system does not tell.
    pub peak_rss_mb: Option<f64>,
    /// Threads used: no more than there are blocks of cells.
    pub threads: u64,
    /// Vector width used.
    pub simd: String,
    /// What ran the equations: kernels built in (`generated`, where there are any) or the `interpreter`.
    pub executor: String,
    /// How exactly numbers were kept.
    pub precision: String,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Version of the program.
    pub version: String,
    /// Hash of all spikes; equal for equal results.
    pub spike_hash: String,
    /// Hash of all weights that can change, at the end; `None` if none can.
    pub weight_hash: Option<String>,
    /// What a training gave; `None` if there is none.
    pub learning: Option<Learned>,
    /// Whether a repeating pattern was found; `None` if there is no detection.
    pub detection: Option<Detected>,
    /// What conditioning gave; `None` if there is none.
    pub conditioning: Option<Conditioned>,
    /// The run folder; `None` if nothing was written.
    pub out_dir: Option<String>,
    /// Whether the run was stopped before its end.
    pub interrupted: bool,
    /// What works but is probably not meant.
    pub warnings: Vec<String>,
}

/// One population in a [`Summary`].
#[derive(Debug, Clone, PartialEq)]
pub struct PopulationSummary {
    /// Its name.
    pub name: String,
    /// Number of cells.
    pub size: u64,
    /// Spikes of its cells.
    pub spikes: u64,
    /// Spikes per cell and second.
    pub rate_hz: f64,
}

impl Summary {
    /// The JSON object, with its keys in the order of the fields.
    pub fn to_json(&self) -> Value {
        let populations: Map<String, Value> = self
            .populations
            .iter()
            .map(|p| {
                (
                    p.name.clone(),
                    json!({ "size": p.size, "spikes": p.spikes, "rate_hz": p.rate_hz }),
                )
            })
            .collect();
        let mut object = json!({
            "n_neurons": self.n_neurons,
            "n_synapses": self.n_synapses,
            "sim_ms": self.sim_ms,
            "dt_ms": self.dt_ms,
            "spikes": self.spikes,
            "mean_rate_hz": self.mean_rate_hz,
            "populations": populations,
            "build_s": self.build_s,
            "run_s": self.run_s,
            "total_s": self.total_s,
            "realtime_factor": self.realtime_factor,
            "peak_rss_mb": self.peak_rss_mb,
            "threads": self.threads,
            "simd": self.simd,
            "executor": self.executor,
            "precision": self.precision,
            "seed": self.seed,
            "version": self.version,
            "spike_hash": self.spike_hash,
            "weight_hash": self.weight_hash,
            "out_dir": self.out_dir,
            "interrupted": self.interrupted,
            "warnings": self.warnings,
        });
        if let (Some(learned), Value::Object(object)) = (&self.learning, &mut object) {
            object.insert("learning".to_owned(), learned.to_json());
        }
        if let (Some(detected), Value::Object(object)) = (&self.detection, &mut object) {
            object.insert("detection".to_owned(), detected.to_json());
        }
        if let (Some(conditioned), Value::Object(object)) = (&self.conditioning, &mut object) {
            object.insert("conditioning".to_owned(), conditioned.to_json());
        }
        object
    }

    /// Reads what [`Summary::to_json`] wrote; `None` if something is missing or of another kind.
    pub fn from_json(value: &Value) -> Option<Summary> {
        let number = |key: &str| value.get(key)?.as_f64();
        let whole = |key: &str| value.get(key)?.as_u64();
        let text = |key: &str| value.get(key)?.as_str().map(str::to_owned);
        let population = |(name, value): (&String, &Value)| {
            Some(PopulationSummary {
                name: name.clone(),
                size: value.get("size")?.as_u64()?,
                spikes: value.get("spikes")?.as_u64()?,
                rate_hz: value.get("rate_hz")?.as_f64()?,
            })
        };
        let warnings = value.get("warnings")?.as_array()?;
        Some(Summary {
            n_neurons: whole("n_neurons")?,
            n_synapses: whole("n_synapses")?,
            sim_ms: number("sim_ms")?,
            dt_ms: number("dt_ms")?,
            spikes: whole("spikes")?,
            mean_rate_hz: number("mean_rate_hz")?,
            populations: value
                .get("populations")?
                .as_object()?
                .iter()
                .map(population)
                .collect::<Option<_>>()?,
            build_s: number("build_s")?,
            run_s: number("run_s")?,
            total_s: number("total_s")?,
            realtime_factor: number("realtime_factor")?,
            peak_rss_mb: number("peak_rss_mb"),
            threads: whole("threads")?,
            simd: text("simd")?,
            // Older summaries have none.
            executor: text("executor").unwrap_or_default(),
            precision: text("precision").unwrap_or_default(),
            seed: whole("seed")?,
            version: text("version")?,
            spike_hash: text("spike_hash")?,
            weight_hash: text("weight_hash"),
            learning: value.get("learning").and_then(Learned::from_json),
            detection: value.get("detection").and_then(Detected::from_json),
            conditioning: value.get("conditioning").and_then(Conditioned::from_json),
            out_dir: text("out_dir"),
            interrupted: value.get("interrupted")?.as_bool()?,
            warnings: warnings.iter().filter_map(|w| w.as_str().map(str::to_owned)).collect(),
        })
    }
}

/// Spikes per cell and second.
pub(crate) fn rate_hz(spikes: u64, cells: u64, time_ms: f64) -> f64 {
    if cells == 0 || time_ms <= 0.0 {
        0.0
    } else {
        1000.0 * spikes as f64 / (cells as f64 * time_ms)
    }
}

/// The highest memory use of this process so far, MiB.
pub(crate) fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some((kibibytes / 1024.0 * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_per_cell_and_second_and_never_not_a_number() {
        assert_eq!(rate_hz(50, 10, 100.0), 50.0);
        assert_eq!(rate_hz(0, 10, 0.0), 0.0);
        assert_eq!(rate_hz(0, 0, 10.0), 0.0);
    }

    #[test]
    fn memory_is_known_where_the_system_tells() {
        if std::path::Path::new("/proc/self/status").exists() {
            assert!(peak_rss_mb().unwrap() > 1.0);
        }
    }
}
