//! `[projections.NAME.plasticity.RULE]`, `dendritic_delay` and `learning`: how the synapses of a projection change.

use std::collections::BTreeMap;

use nsb_engine::network::{Learning, Normalisation, Plasticity, SynapseRule};
use nsb_lang::model::Parameter;
use nsb_lang::{Model, ModelKind, Quantity, Unit};

use super::models::Models;
use super::node::{Entry, Kind, Node};
use super::schema::{Findings, Section, milliseconds, name_is_good, quantity};

/// The keys of a projection that are read here.
pub(super) const KEYS: [&str; 4] = ["plasticity", "dendritic_delay", "learning", "normalisation"];

/// Reads the rules of a projection. `weight` is the unit of its receptor's weights, if that is known.
pub(super) fn read(
    section: &Section<'_>,
    weight: Option<&Unit>,
    models: &Models,
    findings: &mut Findings,
) -> Plasticity {
    let rules = section.named("plasticity", findings).iter();
    let rules = rules
        .filter_map(|entry| rule(entry, weight, models, findings))
        .collect();
    let dendritic_delay = section
        .get("dendritic_delay")
        .and_then(|node| quantity(node, "`dendritic_delay`", &[milliseconds()], findings));
    let learning = section.get("learning").and_then(|node| learning(node, findings));
    Plasticity {
        rules,
        dendritic_delay,
        learning: learning.unwrap_or_default(),
        normalisation: section
            .get("normalisation")
            .and_then(|node| normalisation(node, weight, findings)),
    }
}

/// `{ total = "12 nS", interval = "500 ms" }`
fn normalisation(node: &Node, weight: Option<&Unit>, findings: &mut Findings) -> Option<Normalisation> {
    let section = Section::open(node, &node.place, "normalisation", &["total", "interval"], findings)?;
    let units: Vec<Unit> = weight.into_iter().cloned().collect();
    let example = weight.map_or("\"10 nS\"".to_owned(), |unit| format!("\"10 {unit}\""));
    let total = section.required("total", &example, findings);
    let total = total.and_then(|node| quantity(node, "`total`", &units, findings));
    let interval = section.required("interval", "\"500 ms\"", findings);
    let interval = interval.and_then(|node| quantity(node, "`interval`", &[milliseconds()], findings));
    Some(Normalisation {
        total: total?,
        interval: interval?,
    })
}

fn rule(entry: &Entry, weight: Option<&Unit>, models: &Models, findings: &mut Findings) -> Option<SynapseRule> {
    name_is_good(entry, "rule", findings);
    let section = Section::open(
        &entry.value,
        &entry.key_place,
        format!("rule `{}`", entry.key),
        &["model", "preset", "parameters"],
        findings,
    )?;
    let (name, node) = section.required_text("model", "\"pair_stdp\"", findings)?;
    let model = models.find(ModelKind::Synapse, name, &node.place, findings)?;
    let mut parameters = preset(&section, &model, weight, findings);
    for entry in section.named("parameters", findings) {
        let Some(parameter) = model.parameters.iter().find(|parameter| parameter.name == entry.key) else {
            let message = format!("synapse model `{}` has no parameter `{}`", model.name, entry.key);
            let known = model.parameters.iter().map(|parameter| parameter.name.as_str());
            findings.unknown("E0509", &entry.key_place, message, &entry.key, known);
            continue;
        };
        let Some(unit) = unit(parameter, weight) else { continue };
        let what = format!("`{}`", entry.key);
        if let Some(value) = quantity(&entry.value, &what, &[unit], findings) {
            parameters.insert(entry.key.clone(), value);
        }
    }
    Some(SynapseRule {
        name: entry.key.clone(),
        model,
        parameters,
    })
}

/// The values of the preset that a rule names, if it names one.
fn preset(
    section: &Section<'_>,
    model: &Model,
    weight: Option<&Unit>,
    findings: &mut Findings,
) -> BTreeMap<String, Quantity> {
    let Some(preset) = super::models::preset(section, model, findings) else {
        return BTreeMap::new();
    };
    let value = |(name, value): &(String, f64)| {
        let parameter = model.parameters.iter().find(|parameter| parameter.name == *name)?;
        Some((name.clone(), Quantity::from_engine(*value, unit(parameter, weight)?)))
    };
    preset.values.iter().filter_map(value).collect()
}

/// The unit of a parameter, with that of the receptor where the model says `weight`; none if it is not known.
fn unit(parameter: &Parameter, weight: Option<&Unit>) -> Option<Unit> {
    if !parameter.unit.dimension().has_weight() {
        return Some(parameter.unit.clone());
    }
    let symbol = parameter.unit.symbol().replace("weight", weight?.symbol());
    Unit::parse(&symbol).ok()
}

/// `true`, `false`, or intervals such as `[["0 s", "10 s"], ["20 s", "30 s"]]`.
fn learning(node: &Node, findings: &mut Findings) -> Option<Learning> {
    const HINT: &str = "write true, false, or intervals such as [[\"0 s\", \"10 s\"], [\"20 s\", \"30 s\"]]";
    match &node.kind {
        Kind::Boolean(true) => Some(Learning::Always),
        Kind::Boolean(false) => Some(Learning::During(Vec::new())),
        Kind::Array(items) => {
            let mut intervals = Vec::new();
            for item in items {
                let ends = match &item.kind {
                    Kind::Array(ends) => &ends[..],
                    _ => &[],
                };
                let [start, stop] = ends else {
                    let error = item.place.error("E0504", "an interval is a list of a start and a stop");
                    findings.push(error.hint(HINT));
                    return None;
                };
                let mut time = |node| quantity(node, "`learning`", &[milliseconds()], findings);
                intervals.push((time(start)?, time(stop)?));
            }
            Some(Learning::During(intervals))
        }
        _ => {
            let message = "`learning` says when weights may change";
            findings.push(node.place.error("E0504", message).hint(HINT));
            None
        }
    }
}
