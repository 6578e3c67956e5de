//! `report.html`: figures, parameters with units and references, warnings, and the project text on one page.

use nsb_engine::network::{Population, Value};
use nsb_lang::model::Parameter;
use nsb_lang::{Model, ModelKind, Quantity};

use super::{OutputFile, report_learning};
use crate::plot::Figure;
use crate::project::Project;
use crate::report::{self, ModelPage, ParameterRow, PopulationRow, Report, StatisticsRow};
use crate::run::Run;
use crate::statistics::{PopulationStatistics, Statistics};

pub(super) fn file(project: &Project, run: &Run, statistics: &Statistics, figures: Vec<Figure>) -> OutputFile<'static> {
    let page = report::html(&content(project, run, statistics, figures));
    OutputFile {
        name: "report.html".to_owned(),
        write: Box::new(move |sink| sink.write_all(page.as_bytes())),
    }
}

fn content(project: &Project, run: &Run, statistics: &Statistics, figures: Vec<Figure>) -> Report {
    let rows = run
        .summary
        .populations
        .iter()
        .zip(&project.network.populations)
        .zip(&run.methods);
    let populations = rows.map(|((counted, population), method)| PopulationRow {
        name: counted.name.clone(),
        model: population.model.name.clone(),
        method: method.name().to_owned(),
        size: counted.size,
        spikes: counted.spikes,
        rate_hz: counted.rate_hz,
    });
    Report {
        title: project.title.clone(),
        description: description(project, run),
        facts: facts(run),
        learning: match (&run.summary.learning, &run.summary.detection) {
            (Some(learned), _) => Some(report_learning::table(project, learned)),
            (None, Some(detected)) => Some(report_learning::detection(detected)),
            (None, None) => run.summary.conditioning.as_ref().map(report_learning::conditioning),
        },
        populations: populations.collect(),
        statistics: statistics.populations.iter().map(statistics_row).collect(),
        figures,
        rules: report_learning::rules(project),
        models: project.models.iter().map(|model| model_page(project, model)).collect(),
        // Those of the run: a figure drawn again knows nothing of how its weights moved.
        warnings: run.summary.warnings.clone(),
        project_text: project.text.clone(),
        reproduce_command: "nsb run project.toml".to_owned(),
    }
}

fn statistics_row(population: &PopulationStatistics) -> StatisticsRow {
    let intervals = population.intervals.as_ref();
    StatisticsRow {
        name: population.name.clone(),
        rates_hz: (population.rates.mean_hz, population.rates.standard_deviation_hz),
        silent: population.rates.silent as u64,
        interval_ms: intervals.map(|i| i.mean_ms),
        cv: intervals.and_then(|i| i.cv),
        cv2: intervals.and_then(|i| i.cv2),
        fano: population.fano.as_ref().map(|f| f.mean),
        correlation: population.correlation.as_ref().map(|c| c.mean),
        chi: population.chi_counts,
        peak_hz: population.spectrum.as_ref().and_then(|s| s.rhythm_hz()),
    }
}

fn description(project: &Project, run: &Run) -> String {
    let summary = &run.summary;
    let stopped = if run.interrupted {
        format!(" It was interrupted; {} ms had been asked for.", project.duration_ms)
    } else {
        String::new()
    };
    format!(
        "{} cells with {} synapses over {} ms of simulated time in steps of {} ms.{stopped}",
        summary.n_neurons, summary.n_synapses, summary.sim_ms, summary.dt_ms
    )
}

fn facts(run: &Run) -> Vec<(String, String)> {
    let summary = &run.summary;
    let memory = summary
        .peak_rss_mb
        .map_or_else(|| "unknown".to_owned(), |mb| format!("{mb} MiB"));
    let facts = [
        ("Cells", summary.n_neurons.to_string()),
        ("Synapses", summary.n_synapses.to_string()),
        ("Spikes", summary.spikes.to_string()),
        ("Mean rate", format!("{:.2} Hz", summary.mean_rate_hz)),
        ("Simulated time", format!("{} ms", summary.sim_ms)),
        ("Step", format!("{} ms", summary.dt_ms)),
        ("Seed", summary.seed.to_string()),
        ("Spike hash", summary.spike_hash.clone()),
        ("Weight hash", summary.weight_hash.clone().unwrap_or_default()),
        ("Wall time of the simulation", format!("{:.3} s", summary.run_s)),
        ("Wall time / simulated time", format!("{:.3}", summary.realtime_factor)),
        ("Peak memory", memory),
        (
            "Threads, vector width, kernels",
            format!("{}, {}, {}", summary.threads, summary.simd, summary.executor),
        ),
        ("Precision", summary.precision.clone()),
        ("Version", format!("nsb {}", summary.version)),
    ];
    facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| (label.to_owned(), value))
        .collect()
}

fn model_page(project: &Project, model: &Model) -> ModelPage {
    ModelPage {
        name: model.name.clone(),
        title: model.title.clone(),
        references: model.references.clone(),
        equations: model.equations.clone(),
        rules: report::rules(model),
        // Those of rules stand with the projections that use them.
        parameters: model
            .parameters
            .iter()
            .filter(|_| model.kind != ModelKind::Synapse)
            .map(|parameter| parameter_row(project, model, parameter))
            .collect(),
    }
}

fn parameter_row(project: &Project, model: &Model, parameter: &Parameter) -> ParameterRow {
    let default = Quantity::from_engine(parameter.default, parameter.unit.clone())
        .value()
        .to_string();
    let values = project
        .network
        .populations
        .iter()
        .flat_map(|population| used_values(population, model, &parameter.name));
    let mut shown: Vec<String> = values
        .map(|value| value.map_or_else(|| default.clone(), |value| in_unit(value, parameter)))
        .collect();
    shown.dedup();
    let value = match shown.as_slice() {
        [] => default.clone(),
        [one] => one.clone(),
        _ => "differs between populations".to_owned(),
    };
    ParameterRow {
        name: parameter.name.clone(),
        changed: value != default,
        value,
        unit: if parameter.unit.is_one() {
            String::new()
        } else {
            parameter.unit.symbol().to_owned()
        },
        default,
        doc: parameter.doc.clone(),
    }
}

/// What a population sets a parameter of a model to, once for each use of the model; `None` is the default.
fn used_values<'a>(
    population: &'a Population,
    model: &'a Model,
    name: &'a str,
) -> impl Iterator<Item = Option<&'a Value>> {
    let own = (population.model.name == model.name).then(|| population.parameters.get(name));
    let receptors = population
        .receptors
        .iter()
        .filter(|r| r.model.name == model.name)
        .map(|r| r.parameters.get(name));
    own.into_iter().chain(receptors)
}

/// A value as a number in the unit of the parameter.
fn in_unit(value: &Value, parameter: &Parameter) -> String {
    match value {
        Value::Uniform(quantity) => Quantity::from_engine(quantity.engine(), parameter.unit.clone())
            .value()
            .to_string(),
        Value::List(_) | Value::Random(_) => "varies between cells".to_owned(),
    }
}
