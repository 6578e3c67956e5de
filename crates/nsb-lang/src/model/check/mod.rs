//! Syntax to model: names, units and dimensions. All findings of a file are collected.

pub(crate) mod declarations;
mod expressions;
pub(crate) mod finish;
mod presets;
mod rules;
pub(crate) mod scopes;
mod synapse;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Model, ModelKind, Symbol};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Source, Span};
use crate::suggest;
use crate::syntax::{File, FunctionSyntax, Item, ModelSyntax, Owner, Trigger};
use crate::units::{Dimension, Unit};

/// Kinds that the language knows and the engine cannot run yet.
const PLANNED_KINDS: [&str; 3] = ["junction", "coupling", "metabolism"];

/// Checks every model of a file. Models without errors are returned even if others have some.
pub fn check(file: &File, source: &Arc<Source>) -> (Vec<Arc<Model>>, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let mut models: Vec<Arc<Model>> = Vec::new();
    for syntax in &file.models {
        let before = diagnostics.0.len();
        let model = check_model(syntax, source, &mut diagnostics);
        if models.iter().any(|m| m.name == syntax.name.value) {
            diagnostics.push(
                Diagnostic::error(
                    "E0202",
                    source,
                    syntax.name.span,
                    format!("the model `{}` is defined twice in this file", syntax.name.value),
                )
                .hint("give one of them another name"),
            );
        } else if let Some(model) = model
            && !diagnostics.0[before..]
                .iter()
                .any(|d| d.severity == crate::Severity::Error)
        {
            models.push(Arc::new(model));
        }
    }
    (models, diagnostics)
}

fn check_model(syntax: &ModelSyntax, source: &Arc<Source>, diagnostics: &mut Diagnostics) -> Option<Model> {
    let kind = match syntax.kind.value.as_str() {
        "neuron" => ModelKind::Neuron,
        "receptor" => ModelKind::Receptor,
        "synapse" => ModelKind::Synapse,
        planned if PLANNED_KINDS.contains(&planned) => {
            diagnostics.push(
                Diagnostic::error(
                    "E0201",
                    source,
                    syntax.kind.span,
                    format!("models of the kind `{planned}` are not implemented yet"),
                )
                .hint("this version runs the kinds `neuron`, `receptor` and `synapse`"),
            );
            return None;
        }
        other => {
            diagnostics.push(
                Diagnostic::error(
                    "E0201",
                    source,
                    syntax.kind.span,
                    format!("`{other}` is no kind of model"),
                )
                .hint("write `neuron NAME`, `receptor NAME` or `synapse NAME`"),
            );
            return None;
        }
    };
    let planned = syntax.items.iter().filter_map(|item| match item {
        Item::Planned { what, span } => Some((what, *span)),
        _ => None,
    });
    let before = diagnostics.0.len();
    for (what, span) in planned {
        diagnostics.push(
            Diagnostic::error("E0201", source, span, format!("`{what}` is not implemented yet"))
                .hint("remove this section; docs/reference/language.md lists what this version runs"),
        );
    }
    if diagnostics.0.len() > before {
        // The rest of the model may refer to what the planned section declares.
        return None;
    }
    let mut checker = Checker::new(kind, syntax, source, diagnostics);
    if checker.misplaced_declarations() {
        return None;
    }
    checker.declare();
    checker.rules();
    let model = checker.finish();
    if kind == ModelKind::Synapse
        && !diagnostics.0[before..]
            .iter()
            .any(|d| d.severity == crate::Severity::Error)
        && let Err(findings) = crate::rule::Rule::new(&model)
    {
        diagnostics.0.extend(findings.0);
    }
    Some(model)
}

/// A declared name.
#[derive(Debug, Clone)]
struct Name {
    symbol: Symbol,
    /// Absent where the declaration's unit could not be read, which was reported there.
    dimension: Option<Dimension>,
    span: Span,
    used: bool,
}

/// One model on its way from syntax to `Model`.
struct Checker<'a> {
    syntax: &'a ModelSyntax,
    source: &'a Arc<Source>,
    diagnostics: &'a mut Diagnostics,
    names: BTreeMap<String, Name>,
    functions: BTreeMap<String, &'a FunctionSyntax>,
    /// How deep function calls are nested at the moment; recursion is refused.
    call_depth: usize,
    /// How deep the expression being checked is nested at the moment, functions included.
    depth: usize,
    /// Nodes of all expressions made so far: inlined functions must not grow without bound.
    nodes: usize,
    /// Whether the expression being checked decides about a spike: `uniform`, `normal` and `dt` stand only there.
    decides: bool,
    /// Draws of the model so far.
    draws: usize,
    /// Of a synapse: what the statement being checked answers to.
    trigger: Option<Trigger>,
    /// Of a synapse: whose the derived variables are.
    derived_owners: Vec<Owner>,
    model: Model,
}

impl<'a> Checker<'a> {
    fn new(
        kind: ModelKind,
        syntax: &'a ModelSyntax,
        source: &'a Arc<Source>,
        diagnostics: &'a mut Diagnostics,
    ) -> Checker<'a> {
        let model = Model {
            kind,
            name: syntax.name.value.clone(),
            title: syntax.title.as_ref().map(|t| t.value.clone()).unwrap_or_default(),
            references: Vec::new(),
            method: None,
            max_dt: None,
            parameters: Vec::new(),
            presets: Vec::new(),
            inputs: Vec::new(),
            states: Vec::new(),
            derived: Vec::new(),
            threshold: None,
            reset: Vec::new(),
            refractory: None,
            on_spike: Vec::new(),
            on_membrane: None,
            current: None,
            weight_unit: None,
            synapse: None,
            equations: Vec::new(),
            source: Arc::clone(source),
        };
        Checker {
            syntax,
            source,
            diagnostics,
            names: BTreeMap::new(),
            functions: BTreeMap::new(),
            call_depth: 0,
            depth: 0,
            nodes: 0,
            decides: false,
            draws: 0,
            trigger: None,
            derived_owners: Vec::new(),
            model,
        }
    }

    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>, hint: impl Into<String>) {
        let diagnostic = Diagnostic::error(code, self.source, span, message).hint(hint);
        // A function that is called often is checked often; say it once.
        if !self.diagnostics.0.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// The unit of that text, or a finding; an empty text was reported by the parser.
    fn unit(&mut self, unit: &crate::syntax::UnitSyntax) -> Option<Unit> {
        if unit.text.is_empty() {
            return None;
        }
        match Unit::parse(&unit.text) {
            Ok(parsed) => self.no_weight(unit.span, parsed.dimension()).then_some(parsed),
            Err(problem) => {
                self.error("E0301", unit.span, problem.to_string(), problem.hint());
                None
            }
        }
    }

    /// Whether the unit `weight` may stand in this model where it occurs.
    fn no_weight(&mut self, span: Span, dimension: Dimension) -> bool {
        let fits = self.model.kind == ModelKind::Synapse || !dimension.has_weight();
        if !fits {
            self.error(
                "E0306",
                span,
                "`weight` is a unit in synapse models only",
                "write the unit of what the weights are, such as nS or pA",
            );
        }
        fits
    }

    fn unknown_name(&mut self, name: &str, span: Span) {
        let known = self.names.keys().map(String::as_str);
        let hint = match suggest::nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.model.kind == ModelKind::Synapse => {
                format!("declare `{name}` under `parameters`, `per source`, `per target` or `per synapse`")
            }
            None => format!("declare `{name}` under parameters, inputs or equations"),
        };
        self.error("E0203", span, format!("`{name}` is neither declared nor a unit"), hint);
    }

    /// The text of the source in that range, white space joined.
    fn text(&self, span: Span) -> String {
        let text = self.source.text.get(span.start..span.end).unwrap_or("");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
