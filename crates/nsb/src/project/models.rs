//! The models of a project: built-in ones, those in `[models]`, and those given with `--model`.

use std::path::Path;
use std::sync::Arc;

use nsb_kernels::Catalogue;
use nsb_lang::{Diagnostics, Model, ModelKind, Preset, Source, Span, model, syntax};

use super::files::read_named;
use super::node::{Kind, Node, Place};
use super::schema::{Findings, Section};

/// Reads a model text: all models that are right, and all findings.
pub fn check_models(source: &Arc<Source>) -> (Vec<Arc<Model>>, Diagnostics) {
    let (file, mut findings) = syntax::parse(source);
    let (models, more) = model::check(&file, source);
    findings.0.extend(more.0);
    (models, findings)
}

/// What populations can be made of.
#[derive(Debug, Clone)]
pub(crate) struct Models {
    pub(crate) catalogue: Catalogue,
    /// The neuron model that `--model` gave to all populations.
    pub(crate) imposed: Option<String>,
    inline: Vec<InlineText>,
    /// Names whose texts have errors.
    failed: Vec<String>,
}

/// A model text inside a project text.
#[derive(Debug, Clone)]
struct InlineText {
    text: Arc<Source>,
    host: Arc<Source>,
    offset: usize,
}

impl Models {
    /// Reads `[models]`, replacing files by their texts in the tree. `folder` is where relative paths start.
    pub(crate) fn read(root: &mut Node, folder: Option<&Path>, findings: &mut Findings) -> Models {
        let mut models = Models {
            catalogue: Catalogue::builtin(),
            imposed: None,
            inline: Vec::new(),
            failed: Vec::new(),
        };
        let Kind::Table(top) = &mut root.kind else {
            return models;
        };
        let Some(entry) = top.iter_mut().find(|e| e.key == "models") else {
            return models;
        };
        let Kind::Table(entries) = &mut entry.value.kind else {
            findings.push(
                entry.value.place.error("E0504", format!("`models` must be a table, not {}", entry.value.kind.name()))
                    .hint("write `[models]` and below it `NAME = \"\"\"model text\"\"\"` or `NAME = { file = \"NAME.model\" }`"),
            );
            return models;
        };
        for entry in entries {
            if let Some(source) = text_of(&mut entry.value, &entry.key, folder, findings) {
                models.add(&entry.key, &entry.key_place, &entry.value, &source, findings);
            }
        }
        models
    }

    /// Takes the model called `name` out of a text.
    fn add(&mut self, name: &str, key_place: &Place, value: &Node, source: &Arc<Source>, findings: &mut Findings) {
        if let Some(offset) = offset_in_host(value, source) {
            self.inline.push(InlineText {
                text: Arc::clone(source),
                host: Arc::clone(&value.place.source),
                offset,
            });
        }
        let (found, mut diagnostics) = check_models(source);
        self.relocate(&mut diagnostics);
        let failed = diagnostics.has_errors();
        for diagnostic in diagnostics.0 {
            // Two entries may name the same file.
            if !findings.0.0.contains(&diagnostic) {
                findings.push(diagnostic);
            }
        }
        match found.iter().find(|m| m.name == name) {
            Some(model) => {
                self.catalogue.insert(Arc::clone(model));
            }
            None if failed => self.failed.push(name.to_owned()),
            None => {
                let names: Vec<&str> = found.iter().map(|m| m.name.as_str()).collect();
                let list = names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
                let (what, fix) = if names.is_empty() {
                    (
                        "no model".to_owned(),
                        format!("begin the text with `neuron {name} \"what it is\"`"),
                    )
                } else {
                    (
                        list,
                        format!("write `{} = …`, or rename the model in its text", names[0]),
                    )
                };
                findings.push(
                    key_place
                        .error("E0517", format!("the text of model `{name}` defines {what}"))
                        .hint(fix),
                );
            }
        }
    }

    /// Moves findings in a model text that stands in a project file to their place in that file.
    pub(crate) fn relocate(&self, diagnostics: &mut Diagnostics) {
        for diagnostic in &mut diagnostics.0 {
            if let Some(inline) = self.inline.iter().find(|i| Arc::ptr_eq(&i.text, &diagnostic.source)) {
                diagnostic.source = Arc::clone(&inline.host);
                diagnostic.span = Span::new(
                    diagnostic.span.start + inline.offset,
                    diagnostic.span.end + inline.offset,
                );
            }
        }
    }

    /// A model of a kind, or an error at the place of its name.
    pub(crate) fn find(
        &self,
        kind: ModelKind,
        name: &str,
        place: &Place,
        findings: &mut Findings,
    ) -> Option<Arc<Model>> {
        let fitting: Vec<&str> = self
            .catalogue
            .models()
            .filter(|m| m.kind == kind)
            .map(|m| m.name.as_str())
            .collect();
        match self.catalogue.get(name) {
            Some(model) if model.kind == kind => return Some(Arc::clone(model)),
            Some(model) => {
                findings.push(
                    place
                        .error(
                            "E0508",
                            format!("`{name}` is a {} model; a {kind} model is due here", model.kind),
                        )
                        .hint(format!(
                            "write one of {}",
                            fitting.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
                        )),
                );
            }
            // Its text is wrong, which has been said.
            None if self.failed.iter().any(|n| n == name) => {}
            None => findings.unknown("E0508", place, format!("unknown {kind} model `{name}`"), name, fitting),
        }
        None
    }
}

/// The preset that a section names, if it names one that the model has.
pub(crate) fn preset<'m>(section: &Section<'_>, model: &'m Model, findings: &mut Findings) -> Option<&'m Preset> {
    let (name, node) = section.text("preset", findings)?;
    let found = model.preset(name);
    if found.is_none() {
        let message = format!("model `{}` has no preset `{name}`", model.name);
        let known = model.presets.iter().map(|preset| preset.name.as_str());
        findings.unknown("E0513", &node.place, message, name, known);
    }
    found
}

/// Puts the models of a `--model` text into the tree. If the project uses none of them by name, the only neuron
/// model among them becomes the model of every population; its name is returned.
pub(crate) fn impose(root: &mut Node, source: &Arc<Source>, findings: &mut Findings) -> Option<String> {
    let (models, diagnostics) = check_models(source);
    let failed = diagnostics.has_errors();
    if failed {
        diagnostics.0.into_iter().for_each(|d| findings.push(d));
        return None;
    }
    let whole = Place::new(source, Span::new(0, source.text.lines().next().map_or(0, str::len)));
    let used = used_names(root);
    let is_used = |model: &Arc<Model>| used.iter().any(|n| *n == model.name);
    if let Some(entry) = root.entry("models", &whole) {
        for model in &models {
            entry.value.set(
                &model.name,
                &whole,
                Node {
                    place: whole.clone(),
                    kind: Kind::String(source.text.clone()),
                },
            );
        }
    }
    if models.iter().any(is_used) {
        return None;
    }
    let neurons: Vec<&Arc<Model>> = models.iter().filter(|m| m.kind == ModelKind::Neuron).collect();
    match neurons.as_slice() {
        [] if models.is_empty() => findings.push(
            whole
                .error("E0520", "this text defines no model")
                .hint("begin it with `neuron NAME \"what it is\"`"),
        ),
        [] => findings.push(
            whole
                .error(
                    "E0520",
                    format!(
                        "the project uses no {} model called `{}`",
                        models[0].kind, models[0].name
                    ),
                )
                .hint(match models[0].kind {
                    ModelKind::Synapse => format!(
                        "say where: --set projections.NAME.plasticity.RULE.model={}",
                        models[0].name
                    ),
                    _ => format!(
                        "say where: --set populations.NAME.receptors.NAME.model={}",
                        models[0].name
                    ),
                }),
        ),
        [neuron] => {
            if let Kind::Table(top) = &mut root.kind
                && let Some(populations) = top.iter_mut().find(|e| e.key == "populations")
                && let Kind::Table(entries) = &mut populations.value.kind
            {
                for population in entries {
                    population.value.set(
                        "model",
                        &whole,
                        Node {
                            place: whole.clone(),
                            kind: Kind::String(neuron.name.clone()),
                        },
                    );
                }
            }
            return Some(neuron.name.clone());
        }
        several => findings.push(
            whole
                .error(
                    "E0520",
                    format!(
                        "the text defines {} neuron models, and the project uses none of them",
                        several.len()
                    ),
                )
                .hint(format!("say which: --set populations.NAME.model={}", several[0].name)),
        ),
    }
    None
}

/// Names of all models that populations, receptors and rules of plasticity ask for.
fn used_names(root: &Node) -> Vec<String> {
    let tables = |node: &'_ Node, key: &str| -> Vec<Node> {
        let entries = node.get(key).and_then(|e| e.value.table()).unwrap_or_default();
        entries.iter().map(|entry| entry.value.clone()).collect()
    };
    let projections = tables(root, "projections");
    let rules = projections
        .iter()
        .flat_map(|projection| tables(projection, "plasticity"));
    let named = rules.filter_map(|rule| rule.get("model").and_then(|e| e.value.string()).map(str::to_owned));
    let mut names: Vec<String> = named.collect();
    for population in root
        .get("populations")
        .and_then(|e| e.value.table())
        .unwrap_or_default()
    {
        names.extend(
            population
                .value
                .get("model")
                .and_then(|e| e.value.string())
                .map(str::to_owned),
        );
        for receptor in population
            .value
            .get("receptors")
            .and_then(|e| e.value.table())
            .unwrap_or_default()
        {
            names.extend(
                receptor
                    .value
                    .get("model")
                    .and_then(|e| e.value.string())
                    .map(str::to_owned),
            );
        }
    }
    names
}

/// The text of an entry of `[models]`; a file is read and takes the place of its reference in the tree.
fn text_of(node: &mut Node, name: &str, folder: Option<&Path>, findings: &mut Findings) -> Option<Arc<Source>> {
    if let Kind::String(content) = &node.kind {
        if *content == node.place.source.text {
            return Some(Arc::clone(&node.place.source));
        }
        return Some(Source::new(
            format!("{} [models.{name}]", node.place.source.name),
            content.as_str(),
        ));
    }
    if !matches!(node.kind, Kind::Table(_)) {
        findings.push(
            node.place
                .error(
                    "E0504",
                    format!("the model `{name}` must be a text or a file, not {}", node.kind.name()),
                )
                .hint(format!(
                    "write `{name} = \"\"\"model text\"\"\"` or `{name} = {{ file = \"{name}.model\" }}`"
                )),
        );
        return None;
    }
    let place = node.place.clone();
    let section = Section::open(node, &place, format!("model `{name}`"), &["file"], findings)?;
    let path_node = section.required("file", &format!("\"{name}.model\""), findings)?;
    let source = read_named(path_node, folder, findings)?;
    node.kind = Kind::String(source.text.clone());
    node.place = Place::new(&source, Span::new(0, source.text.len()));
    Some(source)
}

/// Where the content of a text value begins in the file, if it stands there literally.
fn offset_in_host(value: &Node, source: &Arc<Source>) -> Option<usize> {
    let place = &value.place;
    if Arc::ptr_eq(&place.source, source) {
        return None;
    }
    let raw = place.source.text.get(place.span.start..place.span.end)?;
    raw.find(&source.text).map(|at| place.span.start + at)
}
