//! `[projections.NAME]`: who sends spikes to whom.

use nsb_engine::network::{Connector, PairValue, Population, Projection};
use nsb_lang::Unit;

use super::connectors::{self, Ends};
use super::distributions;
use super::functions;
use super::joined::Joined;
use super::models::Models;
use super::node::{Entry, Kind, Node};
use super::plasticity;
use super::populations::Populations;
use super::schema::{Findings, Section, milliseconds, name_is_good, quantity};

const KEYS: [&str; 12] = [
    plasticity::KEYS[0],
    plasticity::KEYS[1],
    plasticity::KEYS[2],
    plasticity::KEYS[3],
    "source",
    "source_cells",
    "target",
    "target_cells",
    "receptor",
    "connect",
    "weight",
    "delay",
];

/// Reads all projections; those with mistakes in their ends are left out.
pub(crate) fn read(
    root: &Section<'_>,
    populations: &Populations<'_>,
    models: &Models,
    findings: &mut Findings,
) -> Vec<Projection> {
    root.named("projections", findings)
        .iter()
        .filter_map(|entry| projection(entry, populations, models, findings))
        .collect()
}

fn projection(
    entry: &Entry,
    populations: &Populations<'_>,
    models: &Models,
    findings: &mut Findings,
) -> Option<Projection> {
    name_is_good(entry, "projection", findings);
    let section = Section::open(
        &entry.value,
        &entry.key_place,
        format!("projection `{}`", entry.key),
        &KEYS,
        findings,
    )?;
    let joined = Joined::read(&section, populations, findings);
    let receptor = section.required_text("receptor", "\"RECEPTOR\"", findings);
    let weight_units = match (joined.target.population, receptor) {
        (Some(population), Some((name, node))) => receptor_unit(population, name, node, findings),
        _ => Vec::new(),
    };
    let ends = joined.ends(&weight_units);
    let weight = section
        .get("weight")
        .and_then(|node| pair_value(node, "`weight`", &weight_units, &ends, findings));
    let delay = section
        .get("delay")
        .and_then(|node| pair_value(node, "`delay`", &[milliseconds()], &ends, findings));
    let plasticity = plasticity::read(&section, weight_units.first(), models, findings);
    let connector = section
        .required("connect", "{ rule = \"all_to_all\" }", findings)
        .and_then(|node| connectors::read(node, &ends, findings))?;
    // The entries of a list may have their own.
    if !matches!(connector, Connector::ExplicitList(_)) {
        let example = weight_units
            .first()
            .map_or("\"1 nS\"".to_owned(), |u| format!("\"1 {}\"", u.symbol()));
        section.required("weight", &example, findings);
        section.required("delay", "\"1 ms\"", findings);
    }
    Some(Projection {
        name: entry.key.clone(),
        source: joined.source.name?.to_owned(),
        source_cells: joined.source.cells,
        target: joined.target.name?.to_owned(),
        target_cells: joined.target.cells,
        receptor: receptor?.0.to_owned(),
        connector,
        weight,
        delay,
        plasticity,
    })
}

/// The unit of the weights of a receptor.
pub(super) fn receptor_unit(population: &Population, name: &str, node: &Node, findings: &mut Findings) -> Vec<Unit> {
    match population.receptors.iter().find(|r| r.name == name) {
        Some(receptor) => receptor.model.weight_unit.clone().into_iter().collect(),
        None => {
            let message = format!("population `{}` has no receptor `{name}`", population.name);
            let known: Vec<&str> = population.receptors.iter().map(|r| r.name.as_str()).collect();
            if known.is_empty() {
                findings.push(node.place.error("E0511", message).hint(format!(
                    "add a table [populations.{}.receptors.{name}] with model = \"exponential_conductance\"",
                    population.name
                )));
            } else {
                findings.unknown("E0511", &node.place, message, name, known);
            }
            Vec::new()
        }
    }
}

/// One quantity for all connections, a list with one for each, a distribution, or a function of the pair.
pub(super) fn pair_value(
    node: &Node,
    what: &str,
    units: &[Unit],
    ends: &Ends<'_>,
    findings: &mut Findings,
) -> Option<PairValue> {
    match &node.kind {
        Kind::Array(items) => {
            let read: Vec<_> = items.iter().map(|item| quantity(item, what, units, findings)).collect();
            read.into_iter().collect::<Option<Vec<_>>>().map(PairValue::List)
        }
        Kind::Table(_) if node.get("function").is_some() => {
            let sizes = (ends.source.name_and_size().1, ends.target.name_and_size().1);
            functions::pair(node, what, units.first()?, sizes, findings).map(PairValue::Function)
        }
        Kind::Table(_) => distributions::read(node, what, units, findings).map(PairValue::Random),
        _ => quantity(node, what, units, findings).map(PairValue::Uniform),
    }
}
