//! Project files: a TOML text, and what the command line changes in it, become a [`Network`] and its settings.
//!
//! Everything that is wrong is found in one go, each problem with its place. The way through:
//! [`node`] (text to tree) → [`overrides`] → [`models`] → one file per table → [`Project`]; [`write`] turns the
//! tree, with everything applied, back into the text that re-creates the run; [`places`] finds the line for a
//! problem that the plan reports. The format is described in `docs/reference/project-file.md`.

mod builtin;
mod cells;
mod conditioning;
mod connectors;
mod courses;
mod detection;
mod distributions;
mod files;
mod functions;
mod gap_junctions;
mod images;
mod joined;
mod models;
mod node;
mod overrides;
mod patterns;
mod places;
mod plasticity;
mod populations;
mod projections;
mod recordings;
mod repeating_pattern;
mod rewards;
mod schema;
mod stimuli;
mod table;
mod training;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use nsb_engine::network::{Monitor, Network};
use nsb_engine::{Forecast, Plan, PlanErrors, Precision, Settings};
use nsb_kernels::Simd;
use nsb_lang::{Diagnostic, Diagnostics, Model, Quantity, Source};

use crate::conditioning::{Conditioning, RewardSchedule};
use crate::error::Error;
use crate::learning::{Condition, Detection, Training};
use crate::memory;
use crate::run::RunOptions;
use models::Models;
use node::{Kind, Node};
use populations::Populations;
use schema::{Findings, Section, milliseconds};

pub use files::read_source;
pub use models::check_models;
pub use overrides::Overrides;

/// Top-level keys, in the order in which a project is written.
const KEYS: [&str; 18] = [
    "title",
    "name",
    "duration",
    "dt",
    "seed",
    "threads",
    "precision",
    "models",
    "populations",
    "projections",
    "gap_junctions",
    "stimuli",
    "rewards",
    "patterns",
    "training",
    "detection",
    "conditioning",
    "recordings",
];

/// Longest name of a run folder.
const MAX_NAME: usize = 100;

/// Steps that a double counts exactly.
const MAX_STEPS: f64 = 9_007_199_254_740_992.0;

const DEFAULT_DT: &str = "0.025 ms";
const DEFAULT_SEED: u64 = 1;
const DEFAULT_THREADS: u64 = 1;

/// Everything that decides a run, read and checked.
#[derive(Debug, Clone)]
pub struct Project {
    /// Short name, used for the run folder.
    pub name: String,
    /// One line for people; the name if the project gives none.
    pub title: String,
    /// Simulated time, ms.
    pub duration_ms: f64,
    /// Step, ms.
    pub dt_ms: f64,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Threads, at least 1.
    pub threads: usize,
    /// How exactly numbers are kept.
    pub precision: Precision,
    /// Populations, projections, stimuli and monitors.
    pub network: Network,
    /// What is shown, learned and tested; its spike sources are part of the network.
    pub training: Option<Training>,
    /// Whether a repeating pattern is found.
    pub detection: Option<Detection>,
    /// What the project says was calibrated for its training, and how.
    pub calibrated: Option<String>,
    /// What a reward should bring about, and how that is measured.
    pub conditioning: Option<Conditioning>,
    /// The effective project: overrides applied, models of files inlined. Running it re-creates the run.
    pub text: String,
    /// The models in use, neurons before receptors before synapses, each once.
    pub models: Vec<Arc<Model>>,
    /// What works but is probably not meant.
    pub warnings: Diagnostics,
    /// The project text as it was given.
    pub source: Arc<Source>,
    /// Whether the number of threads is said, rather than left to its default.
    pub(crate) threads_given: bool,
    pub(crate) opened: Instant,
    root: Node,
    catalogue: Models,
}

impl Project {
    /// Names of the projects that come with the program.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        builtin::PROJECTS.iter().map(|(name, _)| *name)
    }

    /// Opens a built-in project by name, or a project file.
    pub fn open(target: &str, overrides: &Overrides) -> Result<Project, Error> {
        if let Some((name, text)) = builtin::PROJECTS.iter().find(|(name, _)| *name == target) {
            return Project::from_source(
                &Source::new(format!("{name}.toml (built in)"), *text),
                name,
                None,
                overrides,
            );
        }
        let path = Path::new(target);
        let source = read_source(path)?;
        let stem = path
            .file_stem()
            .map_or_else(|| "project".to_owned(), |stem| stem.to_string_lossy().into_owned());
        let name: String = stem
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .take(MAX_NAME)
            .collect();
        Project::from_source(&source, &name, path.parent(), overrides)
    }

    /// Reads a project text. `name` is used if the text gives none; model files are looked for in `folder`.
    pub fn from_source(
        source: &Arc<Source>,
        name: &str,
        folder: Option<&Path>,
        overrides: &Overrides,
    ) -> Result<Project, Error> {
        let opened = Instant::now();
        let mut root = node::parse_document(source)?;
        // What is missing at the top level is shown at the first line.
        let first_line = source.text.trim_end().lines().next().map_or(0, str::len);
        root.place.span.end = first_line;
        let mut findings = Findings::default();
        overrides::apply(&mut root, overrides, &mut findings);
        let imposed = overrides
            .model
            .as_ref()
            .and_then(|model| models::impose(&mut root, model, &mut findings));
        let mut models = Models::read(&mut root, folder, &mut findings);
        models.imposed = imposed;
        table::inline_files(&mut root, folder, &mut findings);
        let read = Read::new(&root, &models, name, &mut findings);
        models.relocate(&mut findings.0);
        findings.0.0.sort_by_key(|d| (d.source.name.clone(), d.span.start));
        findings.0.0.dedup();
        let (Some(read), false) = (read, findings.0.has_errors()) else {
            return Err(findings.0.into());
        };
        let calibrated = root.get("training").and_then(|entry| entry.value.get("calibrated"));
        let calibrated = calibrated.and_then(|entry| entry.value.string().map(str::to_owned));
        let threads_given = root.get("threads").is_some();
        complete(&mut root, &read);
        Ok(Project {
            text: format!(
                "# Re-creates this run: nsb run project.toml (nsb {})\n\n{}",
                env!("CARGO_PKG_VERSION"),
                write::document(&root)
            ),
            models: models_in_use(&read.network),
            warnings: findings.0,
            source: Arc::clone(source),
            name: read.name,
            title: read.title,
            duration_ms: read.duration_ms,
            dt_ms: read.dt_ms,
            seed: read.seed,
            threads: read.threads,
            precision: read.precision,
            network: read.network,
            training: read.training,
            detection: read.detection,
            calibrated,
            threads_given,
            conditioning: read.conditioning,
            opened,
            root,
            catalogue: models,
        })
    }

    /// Checks the network and lays it out. Problems are shown at their places in the project text.
    pub fn plan(&self, options: &RunOptions) -> Result<Plan, Error> {
        let plan = Plan::new(&self.network, &self.settings(options)?);
        plan.map_err(|errors| self.located(&errors))
    }

    /// Checks the network and says how much memory it will take, without building it. With it come the warnings.
    pub fn forecast(&self, options: &RunOptions) -> Result<(Forecast, Diagnostics), Error> {
        let forecast = Plan::forecast_of(&self.network, &self.settings(options)?);
        let (forecast, found) = forecast.map_err(|errors| self.located(&errors))?;
        let mut warnings = self.warnings.clone();
        warnings.0.extend(places::warnings(&self.root, &found).0);
        Ok((forecast, warnings))
    }

    fn settings(&self, options: &RunOptions) -> Result<Settings, Error> {
        if let Some(simd) = options.simd.filter(|simd| !simd.is_available()) {
            let available: Vec<&str> = Simd::ALL
                .iter()
                .filter(|simd| simd.is_available())
                .map(|simd| simd.name())
                .collect();
            let message = format!("this CPU has no {simd}");
            return Err(Error::about(
                "E0614",
                "--simd",
                message,
                format!("choose one of {}", available.join(", ")),
            ));
        }
        Ok(Settings {
            dt_ms: self.dt_ms,
            seed: self.seed,
            threads: self.threads,
            simd: options.simd.unwrap_or_else(Simd::best),
            executor: options.executor,
            precision: self.precision,
            memory_limit: memory::available_bytes(),
        })
    }

    /// Errors at their places in the texts that the user gave.
    fn located(&self, errors: &PlanErrors) -> Error {
        let mut diagnostics = places::errors(&self.root, errors);
        self.catalogue.relocate(&mut diagnostics);
        Error::User(diagnostics)
    }

    /// The same project with another seed and condition of its training; of what is recorded only the spikes that are
    /// scored are left.
    pub(crate) fn variant(&self, training: &Training, condition: Condition, seed: u64) -> Project {
        let mut variant = self.with_seed_and_spikes_of(seed, &training.readout);
        training.apply(&mut variant.network, condition, seed);
        variant
    }

    /// The same project with another seed, of which only the spikes of one population are recorded.
    pub(crate) fn with_seed_and_spikes_of(&self, seed: u64, readout: &str) -> Project {
        let mut variant = self.clone();
        variant.seed = seed;
        let scored = |monitor: &Monitor| matches!(monitor, Monitor::Spikes { population, .. } if population == readout);
        variant.network.monitors.retain(scored);
        variant
    }

    /// The same project with another seed and schedule of its rewards; nothing is recorded. `earned` says how often the
    /// reward was earned by the run that it is compared with.
    pub(crate) fn conditioned(
        &self,
        conditioning: &Conditioning,
        schedule: RewardSchedule,
        seed: u64,
        earned: u64,
    ) -> Project {
        let mut variant = self.clone();
        variant.seed = seed;
        variant.network.monitors.clear();
        conditioning.apply(&mut variant.network, schedule, seed, (earned, self.duration_ms));
        variant
    }

    /// A warning at the place of a value of the project.
    pub(crate) fn warning(&self, code: &'static str, path: &str, message: String, hint: &str) -> Diagnostic {
        let place = places::place_of(&self.root, path);
        Diagnostic::warning(code, &place.source, place.span, message).hint(hint)
    }

    /// The project's own warnings and those of its plan, with their places.
    pub fn all_warnings(&self, plan: &Plan) -> Diagnostics {
        let mut all = self.warnings.clone();
        all.0.extend(places::warnings(&self.root, plan.warnings()).0);
        all
    }
}

/// What a tree says.
struct Read {
    name: String,
    title: String,
    duration_ms: f64,
    dt_ms: f64,
    seed: u64,
    threads: usize,
    precision: Precision,
    network: Network,
    training: Option<Training>,
    detection: Option<Detection>,
    conditioning: Option<Conditioning>,
}

impl Read {
    fn new(root: &Node, models: &Models, name: &str, findings: &mut Findings) -> Option<Read> {
        let section = Section::open(root, &root.place, "project", &KEYS, findings)?;
        let name = section.text("name", findings).map_or(name, |(name, _)| name).to_owned();
        if let (Some(node), false) = (section.get("name"), file_name_is_good(&name)) {
            findings.push(
                node.place
                    .error("E0516", format!("`{name}` cannot be the name of a run folder"))
                    .hint("use letters, digits, `_` and `-`: `my-circuit`"),
            );
        }
        let title = section
            .text("title", findings)
            .map_or_else(|| name.clone(), |(title, _)| title.to_owned());
        // A training knows how long it takes.
        let trained = section.get("training").is_some();
        let duration = match section.get("duration") {
            None if trained => None,
            _ => section.required("duration", "\"100 ms\"", findings),
        };
        let duration_left_out = trained && duration.is_none();
        let duration = duration.and_then(|node| time(node, "duration", findings));
        let default_dt = Quantity::parse(DEFAULT_DT).expect("the default is a quantity").engine();
        let dt = section
            .get("dt")
            .map_or(Some(default_dt), |node| time(node, "dt", findings));
        if let (Some(duration), Some(dt)) = (duration, dt)
            && dt > duration
        {
            let node = section.get("dt").or(section.get("duration"));
            let place = node.map_or(section.place(), |node| &node.place);
            findings.push(
                place
                    .error(
                        "E0515",
                        format!("the step dt = {dt} ms is longer than the duration {duration} ms"),
                    )
                    .hint("write a shorter `dt` or a longer `duration`"),
            );
        }
        if let (Some(duration), Some(dt), Some(node)) = (duration, dt, section.get("duration"))
            && duration / dt > MAX_STEPS
        {
            let message = format!(
                "`duration` is {:e} steps of {dt} ms, more than can be counted",
                duration / dt
            );
            findings.push(node.place.error("E0515", message).hint("write a shorter `duration`"));
        } else if let (Some(duration), Some(dt), Some(node)) = (duration, dt, section.get("duration")) {
            let steps = (duration / dt).round();
            if (steps * dt - duration).abs() > 1e-9 * duration && steps >= 1.0 {
                let message = format!(
                    "the duration {duration} ms is no multiple of dt = {dt} ms; {} ms are simulated",
                    steps * dt
                );
                findings.push(
                    Diagnostic::warning("W0501", &node.place.source, node.place.span, message)
                        .hint("write a multiple of `dt`"),
                );
            }
        }
        let seed = section
            .get("seed")
            .map_or(Some(DEFAULT_SEED), |node| schema::whole(node, "seed", 0, findings));
        let threads = section.get("threads").map_or(Some(DEFAULT_THREADS), |node| {
            schema::whole(node, "threads", 1, findings)
        });
        let precision = precision(&section, findings);
        if let Some(node) = section.required(
            "populations",
            "{ cells = { model = \"hodgkin_huxley\", size = 10 } }",
            findings,
        ) && node.table().is_some_and(<[_]>::is_empty)
        {
            findings.push(
                node.place
                    .error("E0503", "the project has no population")
                    .hint("add a table [populations.cells] with `model` and `size`"),
            );
        }

        let good = populations::read(&section, models, findings);
        let declared = section.get("populations").and_then(Node::table).unwrap_or_default();
        let populations = Populations {
            declared: declared.iter().map(|e| e.key.as_str()).collect(),
            good: &good,
        };
        let projections = projections::read(&section, &populations, models, findings);
        let gap_junctions = gap_junctions::read(&section, &populations, findings);
        let stimuli = stimuli::read(&section, &populations, findings);
        let rewards = rewards::read(&section, &populations, findings);
        let mut monitors = recordings::read(&section, &populations, &projections, models, findings);
        let patterns = patterns::read(&section, &populations, findings);
        let given = training::Given {
            populations: &populations,
            patterns,
            projections: &projections,
            monitors: &monitors,
            dt_ms: dt,
            seed,
        };
        let training = training::read(&section, given, findings);
        unused_patterns(&section, findings);
        let given = detection::Given {
            populations: &populations,
            projections: &projections,
            monitors: &monitors,
            sources: &stimuli.spikes,
            duration_ms: duration,
            seed,
        };
        let detection = detection::read(&section, given, findings);
        let conditioning = conditioning::read(&section, &rewards, &projections, seed, findings);
        let duration = match (&training, duration_left_out) {
            (Some(training), true) => Some(training.duration_ms()),
            _ => duration,
        };
        if let (Some(training), Some(duration)) = (&training, duration) {
            cut_short(&section, training, duration, findings);
        }
        if let (Some(_), Some(duration), Some(dt)) = (&training, duration, dt) {
            recordings::add_weights(&mut monitors, &good, &projections, (duration, dt));
        }
        let mut network = Network {
            populations: good,
            projections,
            gap_junctions,
            stimuli: stimuli.currents,
            voltage_clamps: stimuli.clamps,
            spike_sources: stimuli.spikes,
            rewards,
            monitors,
        };
        if let (Some(training), Some(seed)) = (&training, seed) {
            training.apply(&mut network, Condition::Learning, seed);
        }
        Some(Read {
            name,
            title,
            duration_ms: duration?,
            dt_ms: dt?,
            seed: seed?,
            threads: usize::try_from(threads?).unwrap_or(usize::MAX),
            precision,
            network,
            training,
            detection,
            conditioning,
        })
    }
}

/// Patterns that nothing shows.
fn unused_patterns(section: &Section<'_>, findings: &mut Findings) {
    let patterns = section.get("patterns").filter(|_| section.get("training").is_none());
    if let Some(node) = patterns {
        let message = "the patterns are never shown";
        findings.push(
            Diagnostic::warning("W0502", &node.place.source, node.place.span, message)
                .hint("add a table [training], or remove the patterns"),
        );
    }
}

/// A training that goes on after the end of the run.
fn cut_short(section: &Section<'_>, training: &Training, duration_ms: f64, findings: &mut Findings) {
    let whole_ms = training.duration_ms();
    if duration_ms >= whole_ms - 1e-9 * whole_ms {
        return;
    }
    let place = section.get("duration").map_or(section.place(), |node| &node.place);
    let message =
        format!("the training takes {whole_ms} ms; after `duration`, {duration_ms} ms, nothing is shown or tested");
    findings.push(
        Diagnostic::warning("W0502", &place.source, place.span, message)
            .hint("leave out `duration`, or choose fewer epochs"),
    );
}

/// A positive time in ms.
fn time(node: &Node, key: &str, findings: &mut Findings) -> Option<f64> {
    let quantity = schema::quantity(node, &format!("`{key}`"), &[milliseconds()], findings)?;
    let time_ms = quantity.engine();
    if time_ms > 0.0 && time_ms.is_finite() {
        return Some(time_ms);
    }
    findings.push(
        node.place
            .error("E0515", format!("`{key}` is {quantity}; it must be more than 0 ms"))
            .hint(format!(
                "write `{key} = \"{}\"`",
                if key == "dt" { DEFAULT_DT } else { "100 ms" }
            )),
    );
    None
}

fn precision(section: &Section<'_>, findings: &mut Findings) -> Precision {
    let Some((name, node)) = section.text("precision", findings) else {
        return Precision::default();
    };
    Precision::from_name(name).unwrap_or_else(|| {
        let message = format!("unknown precision `{name}`");
        findings.unknown("E0513", &node.place, message, name, Precision::ALL.map(Precision::name));
        Precision::default()
    })
}

/// Writes down what was left to defaults, so that the effective project says all.
fn complete(root: &mut Node, read: &Read) {
    let place = root.place.clone();
    let mut add = |key: &str, kind: Kind| {
        if root.get(key).is_none() {
            root.set(
                key,
                &place,
                Node {
                    place: place.clone(),
                    kind,
                },
            );
        }
    };
    add("name", Kind::String(read.name.clone()));
    add("dt", Kind::String(DEFAULT_DT.to_owned()));
    add("seed", Kind::Integer(DEFAULT_SEED.into()));
    add("threads", Kind::Integer(DEFAULT_THREADS.into()));
    add("precision", Kind::String(Precision::default().name().to_owned()));
}

fn file_name_is_good(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn models_in_use(network: &Network) -> Vec<Arc<Model>> {
    let neurons = network.populations.iter().map(|p| &p.model);
    let receptors = network.populations.iter().flat_map(|p| &p.receptors).map(|r| &r.model);
    let rules = network
        .projections
        .iter()
        .flat_map(|p| &p.plasticity.rules)
        .map(|r| &r.model);
    let mut models: Vec<Arc<Model>> = Vec::new();
    for model in neurons.chain(receptors).chain(rules) {
        if models.iter().all(|m| m.name != model.name) {
            models.push(Arc::clone(model));
        }
    }
    models
}
