//! `[populations.NAME]` and `[populations.NAME.receptors.NAME]`.

use std::collections::BTreeMap;

use nsb_engine::network::{Population, Receptor, SpikeTiming, Value};
use nsb_lang::lower::Method;
use nsb_lang::{Model, ModelKind, Quantity, Unit};

use super::distributions;
use super::functions;
use super::models::Models;
use super::node::{Entry, Kind, Node, Place};
use super::schema::{Findings, Section, name_is_good, quantity, whole};

const KEYS: [&str; 8] = [
    "model",
    "preset",
    "size",
    "method",
    "spike_timing",
    "parameters",
    "initial",
    "receptors",
];

/// The populations of a project, for those who refer to them.
#[derive(Debug)]
pub(crate) struct Populations<'a> {
    /// All names, those of populations with mistakes too.
    pub(crate) declared: Vec<&'a str>,
    /// The populations without mistakes that would hide others.
    pub(crate) good: &'a [Population],
}

impl<'a> Populations<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&'a Population> {
        self.good.iter().find(|p| p.name == name)
    }

    /// Reports a name that no population has.
    pub(crate) fn check(&self, name: &str, place: &Place, findings: &mut Findings) {
        if !self.declared.contains(&name) {
            findings.unknown(
                "E0510",
                place,
                format!("unknown population `{name}`"),
                name,
                self.declared.iter().copied(),
            );
        }
    }
}

/// Reads all populations; those with mistakes in model or size are left out.
pub(crate) fn read(root: &Section<'_>, models: &Models, findings: &mut Findings) -> Vec<Population> {
    root.named("populations", findings)
        .iter()
        .filter_map(|entry| population(entry, models, findings))
        .collect()
}

fn population(entry: &Entry, models: &Models, findings: &mut Findings) -> Option<Population> {
    name_is_good(entry, "population", findings);
    let section = Section::open(
        &entry.value,
        &entry.key_place,
        format!("population `{}`", entry.key),
        &KEYS,
        findings,
    )?;
    let model = section.required_text("model", "\"hodgkin_huxley\"", findings);
    let size = section
        .required("size", "10", findings)
        .and_then(|node| whole(node, "size", 1, findings));
    let method = method(&section, findings);
    let spike_timing = spike_timing(&section, findings);
    let receptors: Vec<Receptor> = section
        .named("receptors", findings)
        .iter()
        .filter_map(|r| receptor(r, size, models, findings))
        .collect();
    let (model_name, model_node) = model?;
    let model = models.find(ModelKind::Neuron, model_name, &model_node.place, findings)?;
    let imposed = models.imposed.as_deref() == Some(model_name);
    let owner = format!("model `{}`", model.name);

    let units: Vec<(&str, &Unit)> = model.parameters.iter().map(|p| (p.name.as_str(), &p.unit)).collect();
    let remedy = |key: &str| {
        imposed.then(|| {
            format!(
                "`{}` comes from --model; drop the project's values with --set populations.{}.{key}={{}}",
                model.name, entry.key
            )
        })
    };
    let own = values(
        &section,
        "parameters",
        "parameter",
        &owner,
        (&units, size),
        remedy("parameters"),
        findings,
    );
    let parameters = with_preset(&section, &model, own, findings);
    // States of receptors are called as in recordings: `excitation.g`.
    let of_receptors: Vec<(String, &Unit)> = receptors
        .iter()
        .flat_map(|r| {
            r.model
                .states
                .iter()
                .map(|s| (format!("{}.{}", r.name, s.name), &s.unit))
        })
        .collect();
    let units: Vec<(&str, &Unit)> = model
        .states
        .iter()
        .map(|s| (s.name.as_str(), &s.unit))
        .chain(of_receptors.iter().map(|(name, unit)| (name.as_str(), *unit)))
        .collect();
    let initial = values(
        &section,
        "initial",
        "state variable",
        &owner,
        (&units, size),
        remedy("initial"),
        findings,
    );

    let size = usize::try_from(size?).unwrap_or(usize::MAX);
    Some(Population {
        name: entry.key.clone(),
        size,
        model,
        method,
        spike_timing,
        parameters,
        initial,
        receptors,
    })
}

fn receptor(entry: &Entry, size: Option<u64>, models: &Models, findings: &mut Findings) -> Option<Receptor> {
    name_is_good(entry, "receptor", findings);
    let what = format!("receptor `{}`", entry.key);
    let section = Section::open(
        &entry.value,
        &entry.key_place,
        what,
        &["model", "preset", "parameters"],
        findings,
    )?;
    let (name, node) = section.required_text("model", "\"exponential_conductance\"", findings)?;
    let model = models.find(ModelKind::Receptor, name, &node.place, findings)?;
    let units: Vec<(&str, &Unit)> = model.parameters.iter().map(|p| (p.name.as_str(), &p.unit)).collect();
    let owner = format!("receptor model `{}`", model.name);
    let own = values(
        &section,
        "parameters",
        "parameter",
        &owner,
        (&units, size),
        None,
        findings,
    );
    let parameters = with_preset(&section, &model, own, findings);
    Some(Receptor {
        name: entry.key.clone(),
        model,
        parameters,
    })
}

/// The values of the preset that a section names, if it names one, and over them its own.
fn with_preset(
    section: &Section<'_>,
    model: &Model,
    own: BTreeMap<String, Value>,
    findings: &mut Findings,
) -> BTreeMap<String, Value> {
    let Some(preset) = super::models::preset(section, model, findings) else {
        return own;
    };
    let unit = |parameter: &str| {
        model
            .parameters
            .iter()
            .find(|p| p.name == parameter)
            .map(|p| p.unit.clone())
    };
    let value = |(parameter, value): &(String, f64)| {
        let quantity = Quantity::from_engine(*value, unit(parameter)?);
        Some((parameter.clone(), Value::Uniform(quantity)))
    };
    let mut values: BTreeMap<String, Value> = preset.values.iter().filter_map(value).collect();
    values.extend(own);
    values
}

fn method(section: &Section<'_>, findings: &mut Findings) -> Method {
    let Some((name, node)) = section.text("method", findings) else {
        return Method::Auto;
    };
    Method::from_name(name).unwrap_or_else(|| {
        let known: Vec<&str> = Method::ALL.iter().map(|m| m.name()).collect();
        findings.unknown("E0513", &node.place, format!("unknown method `{name}`"), name, known);
        Method::Auto
    })
}

fn spike_timing(section: &Section<'_>, findings: &mut Findings) -> SpikeTiming {
    let Some((name, node)) = section.text("spike_timing", findings) else {
        return SpikeTiming::Grid;
    };
    SpikeTiming::from_name(name).unwrap_or_else(|| {
        let message = format!("unknown spike timing `{name}`");
        findings.unknown(
            "E0513",
            &node.place,
            message,
            name,
            SpikeTiming::ALL.map(SpikeTiming::name),
        );
        SpikeTiming::Grid
    })
}

/// Reads a table of quantities, each one for all cells, a list with one for each, a distribution, or a function of the
/// cell.
fn values(
    section: &Section<'_>,
    key: &str,
    kind: &str,
    owner: &str,
    (units, size): (&[(&str, &Unit)], Option<u64>),
    remedy: Option<String>,
    findings: &mut Findings,
) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    for entry in section.named(key, findings) {
        let Some((_, unit)) = units.iter().find(|(name, _)| *name == entry.key) else {
            let message = format!("{owner} has no {kind} `{}`", entry.key);
            findings.unknown(
                "E0509",
                &entry.key_place,
                message,
                &entry.key,
                units.iter().map(|(name, _)| *name),
            );
            if let (Some(remedy), Some(last)) = (&remedy, findings.0.0.last_mut()) {
                last.hints.push(remedy.clone());
            }
            continue;
        };
        if let Some(value) = value(&entry.value, &entry.key, unit, size, findings) {
            values.insert(entry.key.clone(), value);
        }
    }
    values
}

fn value(node: &Node, name: &str, unit: &Unit, size: Option<u64>, findings: &mut Findings) -> Option<Value> {
    let what = format!("`{name}`");
    let units = std::slice::from_ref(unit);
    match &node.kind {
        Kind::Array(items) => {
            let read: Vec<_> = items
                .iter()
                .map(|item| quantity(item, &what, units, findings))
                .collect();
            read.into_iter().collect::<Option<Vec<_>>>().map(Value::List)
        }
        // Without a size, which has been reported, only the formula is checked.
        Kind::Table(_) if node.get("function").is_some() => {
            functions::cells(node, &what, unit, size.unwrap_or(0), findings).map(Value::List)
        }
        Kind::Table(_) => distributions::read(node, &what, units, findings).map(Value::Random),
        _ => quantity(node, &what, units, findings).map(Value::Uniform),
    }
}
