//! `nsb check FILE`: everything that is wrong with a project or a model, or what a good one builds.

use std::path::PathBuf;
use std::sync::Arc;

use nsb::{Model, ModelKind, Overrides, Project, Source};

use crate::exit::{DONE, Failure};
use crate::output::{self, Align, Table, counted};

/// Commands to copy; the tests run each.
pub(crate) const EXAMPLES: &str = "\
Examples:
  nsb check level1           # the plan of the built-in circuit
  nsb check my.toml          # a project: all mistakes at once, or its plan
  nsb check my_lif.model     # a model on its own";

/// A network that needs more memory is not built: a check should take a moment, and leave the machine to others.
const LARGEST_BUILT: u64 = 200_000_000;

const NOT_CHECKED: &str = "\
It is too large to be built for a check. Not checked: whether lists of weights and delays have a number for each
connection, whether each drawn number can be stored, whether each projection has synapses. `nsb run` does that first.";

/// What `nsb check` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A project file (.toml), a model file (.model), or the name of a built-in project
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Checks without simulating; nothing is written.
pub(crate) fn run(args: Args) -> Result<u8, Failure> {
    let text = if args.file.extension().is_some_and(|ending| ending == "model") {
        check_model(&nsb::read_source(&args.file)?)?
    } else {
        check_project(&args.file.to_string_lossy())?
    };
    output::result(&text)?;
    Ok(DONE)
}

fn check_project(target: &str) -> Result<String, Failure> {
    let project = Project::open(target, &Overrides::default())?;
    let options = nsb::RunOptions::default();
    let (forecast, warnings) = project.forecast(&options)?;
    let study = match project.study_plan(&options)? {
        None | Some((1, _)) => String::new(),
        Some((all, at_a_time)) => format!(
            "\ntraining: {all} simulations with all seeds and controls, {at_a_time} at a time, each with this memory"
        ),
    };
    if forecast.total_bytes() > LARGEST_BUILT {
        output::warnings(&warnings);
        return Ok(format!(
            "{target} is good, as far as can be seen without building it\n{}\n\n{}\n{forecast}{study}\n\n{NOT_CHECKED}\n",
            project.title,
            forecast.network(),
        ));
    }
    let plan = project.plan(&options)?;
    output::warnings(&project.all_warnings(&plan));
    Ok(format!("{target} is good\n{}\n\n{plan}{study}\n", project.title))
}

/// Checks the equations, and that a method can integrate them: a text may be right and still have no method.
fn check_model(source: &Arc<Source>) -> Result<String, Failure> {
    let (models, findings) = nsb::check_models(source);
    if findings.has_errors() {
        return Err(nsb::Error::User(findings).into());
    }
    output::warnings(&findings);
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left]);
    for model in &models {
        let method = planned_method(model, source)?;
        let facts = format!(
            "{}, {}{method}",
            counted(model.states.len() as u64, "state"),
            counted(model.parameters.len() as u64, "parameter"),
        );
        table.row([model.kind.name().to_string(), model.name.clone(), facts]);
    }
    Ok(format!("{} is good\n\n{}", source.name, table.text()))
}

/// Plans the smallest network that uses the model. A receptor is tried on a `lif` cell.
fn planned_method(model: &Model, source: &Arc<Source>) -> Result<String, Failure> {
    let name = &model.name;
    let network = match model.kind {
        ModelKind::Neuron => format!("[populations.cell]\nmodel = \"{name}\"\nsize = 1\n"),
        ModelKind::Receptor => {
            format!(
                "[populations.cell]\nmodel = \"lif\"\nsize = 1\n[populations.cell.receptors.tried]\nmodel = \"{name}\"\n"
            )
        }
        // Checking a synapse has solved its equations already.
        ModelKind::Synapse => return Ok(String::new()),
    };
    let trial = Source::new(
        format!("trial of {name}"),
        format!("duration = \"1 ms\"\ndt = \"0.001 ms\"\n{network}"),
    );
    let overrides = Overrides {
        model: Some(Arc::clone(source)),
        ..Overrides::default()
    };
    let plan = Project::from_source(&trial, "trial", None, &overrides)?.plan(&nsb::RunOptions::default())?;
    Ok(match (model.kind, plan.populations().first()) {
        (ModelKind::Neuron, Some(population)) => format!(", method {}", population.method().name()),
        _ => String::new(),
    })
}
