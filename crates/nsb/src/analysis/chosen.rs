//! The model that an analysis is about, and the small project that simulates a neuron.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use nsb_kernels::Catalogue;
use nsb_lang::{Model, ModelKind, Quantity, Source};

use crate::error::Error;
use crate::project::{Overrides, Project, check_models, read_source};
use crate::run::RunOptions;

/// A model: built in, or from a file.
#[derive(Debug, Clone)]
pub struct ChosenModel {
    /// The model.
    pub model: Arc<Model>,
    /// Its text, if it is not built in.
    pub source: Option<Arc<Source>>,
}

/// What all analyses let the user change. `None` is the default of the analysis or of the model.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// Simulated time, such as `2 s`.
    pub duration: Option<String>,
    /// Step, such as `0.01 ms`.
    pub dt: Option<String>,
    /// Name of the integration method.
    pub method: Option<String>,
    /// Parameters that differ from the model's, as name and value with unit.
    pub parameters: Vec<(String, String)>,
    /// Threads.
    pub threads: Option<usize>,
    /// Vector width and executor, on which results do not depend.
    pub options: RunOptions,
}

impl ChosenModel {
    /// A built-in neuron model by name, or the only neuron model of a `.model` file.
    pub fn open(target: &str) -> Result<ChosenModel, Error> {
        ChosenModel::of_kind(ModelKind::Neuron, target)
    }

    /// A built-in model of a kind by name, or the only one of that kind in a `.model` file.
    pub fn of_kind(kind: ModelKind, target: &str) -> Result<ChosenModel, Error> {
        if Path::new(target).extension().is_some_and(|ending| ending == "model") {
            return ChosenModel::of_file(kind, &read_source(Path::new(target))?);
        }
        let catalogue = Catalogue::builtin();
        match catalogue.get(target) {
            Some(model) if model.kind == kind => Ok(ChosenModel {
                model: Arc::clone(model),
                source: None,
            }),
            Some(model) => Err(Error::about(
                "E0508",
                "MODEL",
                format!("`{target}` is a {} model; a {kind} model is due here", model.kind),
                format!("`nsb models` lists the {kind} models"),
            )),
            None => {
                let known = catalogue.models().filter(|m| m.kind == kind);
                let hint = match nsb_lang::suggest::nearest(target, known.map(|m| m.name.as_str())) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`nsb models` lists all models; a model of your own is given as FILE.model".to_owned(),
                };
                Err(Error::about(
                    "E0508",
                    "MODEL",
                    format!("unknown {kind} model `{target}`"),
                    hint,
                ))
            }
        }
    }

    /// The only model of a kind in a text.
    fn of_file(kind: ModelKind, source: &Arc<Source>) -> Result<ChosenModel, Error> {
        let (models, findings) = check_models(source);
        if findings.has_errors() {
            return Err(findings.into());
        }
        let fitting: Vec<&Arc<Model>> = models.iter().filter(|m| m.kind == kind).collect();
        match fitting.as_slice() {
            [model] => Ok(ChosenModel {
                model: Arc::clone(model),
                source: Some(Arc::clone(source)),
            }),
            [] => Err(Error::about(
                "E0520",
                &source.name,
                format!("the file defines no {kind} model"),
                format!("begin a model with `{kind} NAME \"what it is\"`"),
            )),
            several => Err(Error::about(
                "E0520",
                &source.name,
                format!("the file defines {} {kind} models", several.len()),
                "leave only one in the file",
            )),
        }
    }

    /// A project of `size` independent cells, with more tables in `text`.
    pub(crate) fn project(&self, what: &str, size: usize, text: &str, setting: &Setting) -> Result<Project, Error> {
        let name = &self.model.name;
        let mut project = format!("title = \"{what} of {name}\"\nname = \"{name}\"\nduration = \"1 s\"\n");
        let _ = write!(project, "\n[populations.cells]\nmodel = \"{name}\"\nsize = {size}\n");
        if let Some(method) = &setting.method {
            let _ = writeln!(project, "method = {method:?}");
        }
        project.push_str(text);
        let set = setting.parameters.iter();
        let overrides = Overrides {
            duration: setting.duration.clone(),
            dt: setting.dt.clone(),
            threads: setting.threads,
            set: set
                .map(|(key, value)| (format!("populations.cells.parameters.{key}"), value.clone()))
                .collect(),
            model: self.source.clone(),
            ..Overrides::default()
        };
        Project::from_source(
            &Source::new(format!("{what} of {name}"), project),
            name,
            None,
            &overrides,
        )
    }
}

/// Reads a quantity given for an option.
pub(crate) fn quantity(option: &str, text: &str) -> Result<Quantity, Error> {
    let quantity = Quantity::parse(text).map_err(|error| {
        Error::about(
            "E0540",
            option,
            format!("`{text}` is no quantity: {error}"),
            error.hint(),
        )
    })?;
    if quantity.engine().is_finite() {
        return Ok(quantity);
    }
    Err(Error::about(
        "E0540",
        option,
        format!("`{text}` is not finite"),
        "write a number with its unit",
    ))
}

/// A constant current into some cells, as a table of a project.
pub(crate) fn constant_current(index: usize, cells: &str, amplitude: &Quantity) -> String {
    format!(
        "\n[stimuli.current_{index}]\npopulation = \"cells\"\ncells = {cells}\nkind = \"constant\"\namplitude = \"{}\"\n",
        written(amplitude)
    )
}

/// A quantity as text that reads back as the same number.
pub(crate) fn written(quantity: &Quantity) -> String {
    if quantity.unit().is_one() {
        format!("{:?}", quantity.value())
    } else {
        format!("{:?} {}", quantity.value(), quantity.unit().symbol())
    }
}
