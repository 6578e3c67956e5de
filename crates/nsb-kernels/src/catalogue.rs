//! The library of models by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use nsb_lang::{Diagnostics, Model, Source, model, syntax};

include!(concat!(env!("OUT_DIR"), "/models.rs"));

/// Models by name: the built-in ones, and those a user adds.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    models: BTreeMap<String, Arc<Model>>,
}

impl Catalogue {
    /// The models that come with the simulator: every `.model` file under `models/`.
    ///
    /// # Panics
    /// Never: the build script refuses to build with a model that has errors.
    pub fn builtin() -> Catalogue {
        let mut catalogue = Catalogue::default();
        for (name, text) in BUILTIN_MODELS {
            let added = catalogue.add(&Source::new(*name, *text));
            debug_assert!(
                added.is_ok_and(|a| !a.1.has_errors()),
                "the build script checked {name}"
            );
        }
        catalogue
    }

    /// Adds all models of a text; a model of a name that exists takes its place. Returns their names and warnings.
    ///
    /// # Errors
    /// All findings about the text if any of them is an error; nothing is added then.
    pub fn add(&mut self, source: &Arc<Source>) -> Result<(Vec<Arc<Model>>, Diagnostics), Diagnostics> {
        let (file, mut diagnostics) = syntax::parse(source);
        let (models, findings) = model::check(&file, source);
        diagnostics.0.extend(findings.0);
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        for model in &models {
            self.insert(Arc::clone(model));
        }
        Ok((models, diagnostics))
    }

    /// Adds a model, or replaces the one of the same name.
    pub fn insert(&mut self, model: Arc<Model>) {
        self.models.insert(model.name.clone(), model);
    }

    /// The model of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Model>> {
        self.models.get(name)
    }

    /// All models, by kind, then by name.
    pub fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        let mut all: Vec<&Arc<Model>> = self.models.values().collect();
        all.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        all.into_iter()
    }
}
