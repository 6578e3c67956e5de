//! `[recordings.NAME]`: what is kept of a run.
//!
//! Spikes of a population that no recording of spikes names are recorded from all its cells. A project without
//! `[recordings]` keeps the membrane potential of a few cells of each population.

use nsb_engine::network::{CellSet, Monitor, Population, Projection, SynapseRule};
use nsb_lang::rule::Rule;
use nsb_lang::{ModelKind, Quantity, Unit};

use super::cells;
use super::models::Models;
use super::node::{Entry, Kind, Node};
use super::populations::Populations;
use super::schema::{Findings, Section, milliseconds, name_is_good, quantity};

const KEYS: [&str; 5] = ["kind", "population", "variables", "cells", "interval"];
const KINDS: [&str; 4] = ["spikes", "variables", "rate", "weights"];

/// Snapshots of weights in a training that records none itself.
const SNAPSHOTS: u64 = 60;
/// Weights in all such snapshots of a projection: 32 MB.
const MOST_WEIGHTS: u64 = 4_000_000;

/// Cells of which the membrane potential is recorded if nothing is said.
const DEFAULT_CELLS: usize = 5;

/// Reads all recordings and adds those that need not be written.
pub(crate) fn read(
    root: &Section<'_>,
    populations: &Populations<'_>,
    projections: &[Projection],
    models: &Models,
    findings: &mut Findings,
) -> Vec<Monitor> {
    let mut monitors: Vec<Monitor> = root
        .named("recordings", findings)
        .iter()
        .filter_map(|entry| {
            if kind(entry) == Some("weights") {
                weights(root, entry, projections, findings)
            } else {
                recording(entry, populations, models, findings)
            }
        })
        .collect();
    let taken: Vec<String> = root
        .named("recordings", &mut Findings::default())
        .iter()
        .map(|e| e.key.clone())
        .collect();
    let free = |name: String| {
        if taken.contains(&name) {
            format!("{name}_")
        } else {
            name
        }
    };
    for population in populations.good {
        let named = monitors
            .iter()
            .any(|m| matches!(m, Monitor::Spikes { population: p, .. } if *p == population.name));
        if !named {
            monitors.push(Monitor::Spikes {
                name: free(format!("{}_spikes", population.name)),
                population: population.name.clone(),
                cells: CellSet::All,
            });
        }
        let voltage = voltage_of(population).filter(|_| root.get("recordings").is_none());
        if let Some(variable) = voltage {
            monitors.push(Monitor::Variables {
                name: free(format!("{}_voltage", population.name)),
                population: population.name.clone(),
                variables: vec![variable],
                cells: CellSet::Range(0, population.size.min(DEFAULT_CELLS)),
                interval: None,
            });
        }
    }
    monitors
}

/// Adds what a training needs for its figures: the weights of projections that change, unless a recording names them.
/// There are up to [`SNAPSHOTS`] snapshots, in large networks fewer, in very large ones none.
pub(crate) fn add_weights(
    monitors: &mut Vec<Monitor>,
    populations: &[Population],
    projections: &[Projection],
    (duration_ms, dt_ms): (f64, f64),
) {
    for projection in projections {
        let changes = |rule: &SynapseRule| Rule::new(&rule.model).is_ok_and(|rule| rule.changes_weights());
        let named = monitors
            .iter()
            .any(|m| matches!(m, Monitor::Weights { projection: p, .. } if *p == projection.name));
        if named || !projection.plasticity.rules.iter().any(changes) {
            continue;
        }
        let size = |name: &str| populations.iter().find(|p| p.name == name).map_or(0, |p| p.size as u64);
        let pairs = size(&projection.source).saturating_mul(size(&projection.target));
        let snapshots = SNAPSHOTS.min(MOST_WEIGHTS / pairs.max(1));
        if snapshots < 2 {
            continue;
        }
        let steps = (duration_ms / dt_ms / snapshots as f64).ceil().max(1.0);
        let mut name = format!("{}_weights", projection.name);
        while monitors.iter().any(|m| m.name() == name) {
            name.push('_');
        }
        monitors.push(Monitor::Weights {
            name,
            projection: projection.name.clone(),
            interval: Some(Quantity::new(steps * dt_ms, milliseconds())),
        });
    }
}

fn kind(entry: &Entry) -> Option<&str> {
    entry.value.get("kind").and_then(|e| e.value.string())
}

/// The connections of a projection.
fn weights(root: &Section<'_>, entry: &Entry, projections: &[Projection], findings: &mut Findings) -> Option<Monitor> {
    name_is_good(entry, "recording", findings);
    let what = format!("recording `{}`", entry.key);
    let section = Section::open(
        &entry.value,
        &entry.key_place,
        what,
        &["kind", "projection", "interval"],
        findings,
    )?;
    let interval = section
        .get("interval")
        .and_then(|node| quantity(node, "`interval`", &[milliseconds()], findings));
    let (projection, node) = section.required_text("projection", "\"PROJECTION\"", findings)?;
    // One with mistakes of its own is declared, but not among those that were read.
    let declared = root.get("projections").and_then(Node::table).unwrap_or_default();
    if !declared.iter().any(|entry| entry.key == projection) {
        let known: Vec<&str> = declared.iter().map(|entry| entry.key.as_str()).collect();
        findings.unknown(
            "E0510",
            &node.place,
            format!("unknown projection `{projection}`"),
            projection,
            known,
        );
        return None;
    }
    projections
        .iter()
        .any(|p| p.name == projection)
        .then(|| Monitor::Weights {
            name: entry.key.clone(),
            projection: projection.to_owned(),
            interval,
        })
}

fn recording(
    entry: &Entry,
    populations: &Populations<'_>,
    models: &Models,
    findings: &mut Findings,
) -> Option<Monitor> {
    name_is_good(entry, "recording", findings);
    let keys: &[&str] = match kind(entry) {
        Some("spikes") => &["kind", "population", "cells"],
        Some("rate") => &["kind", "population", "cells", "interval"],
        _ => &KEYS,
    };
    let section = Section::open(
        &entry.value,
        &entry.key_place,
        format!("recording `{}`", entry.key),
        keys,
        findings,
    )?;
    let watched = section.required_text("population", "\"POPULATION\"", findings);
    if let Some((name, node)) = watched {
        populations.check(name, &node.place, findings);
    }
    let population = watched.and_then(|(name, _)| populations.get(name));
    let cells = cells::read(&section, population, findings);
    match section.text("kind", findings) {
        Some(("spikes", _)) => {
            return Some(Monitor::Spikes {
                name: entry.key.clone(),
                population: watched?.0.to_owned(),
                cells,
            });
        }
        Some(("rate", _)) => {
            let node = section.required("interval", "\"1 ms\"", findings)?;
            return Some(Monitor::Rate {
                name: entry.key.clone(),
                population: watched?.0.to_owned(),
                cells,
                bin: quantity(node, "`interval`", &[milliseconds()], findings)?,
            });
        }
        None | Some(("variables", _)) => {}
        Some((kind, node)) => {
            findings.unknown(
                "E0513",
                &node.place,
                format!("unknown kind of recording `{kind}`"),
                kind,
                KINDS,
            );
            return None;
        }
    }
    let interval = section
        .get("interval")
        .and_then(|node| quantity(node, "`interval`", &[milliseconds()], findings));
    let node = section.required("variables", "[\"V\"]", findings)?;
    let variables = variables(node, population, models, &entry.key, findings)?;
    Some(Monitor::Variables {
        name: entry.key.clone(),
        population: watched?.0.to_owned(),
        variables,
        cells,
        interval,
    })
}

fn variables(
    node: &Node,
    population: Option<&Population>,
    models: &Models,
    recording: &str,
    findings: &mut Findings,
) -> Option<Vec<String>> {
    let items = match &node.kind {
        Kind::Array(items) if !items.is_empty() => items,
        other => {
            let given = if matches!(other, Kind::Array(_)) {
                "an empty list"
            } else {
                other.name()
            };
            findings.push(
                node.place
                    .error("E0504", format!("`variables` must be a list of names, not {given}"))
                    .hint("write `variables = [\"V\"]`"),
            );
            return None;
        }
    };
    let known = population.map(variable_names);
    let mut names = Vec::new();
    for item in items {
        let Some(name) = item.string() else {
            findings.push(
                item.place
                    .error("E0504", format!("a variable must be a text, not {}", item.kind.name()))
                    .hint("write its name in quotes: \"V\""),
            );
            continue;
        };
        if let (Some(known), Some(population)) = (&known, population)
            && !known.iter().any(|k| k == name)
            // Known to the plan, if a clamp holds cells of the population.
            && !name.starts_with("voltage_clamp.")
        {
            let message = format!(
                "population `{}` (model `{}`) has no variable `{name}`",
                population.name, population.model.name
            );
            findings.unknown("E0512", &item.place, message, name, known.iter().map(String::as_str));
            if let (true, Some(last)) = (
                models.imposed.as_deref() == Some(&population.model.name),
                findings.0.0.last_mut(),
            ) {
                let first = known.first().map_or("V", String::as_str);
                last.hints.push(format!(
                    "`{}` comes from --model; choose what to record with --set recordings.{recording}.variables='[\"{first}\"]'",
                    population.model.name
                ));
            }
        } else if names.iter().any(|n| n == name) {
            findings.push(
                item.place
                    .error("E0512", format!("`{name}` is listed twice"))
                    .hint("remove one of them"),
            );
        }
        names.push(name.to_owned());
    }
    Some(names)
}

/// States, derived variables and inputs of the cells, then those of their receptors.
fn variable_names(population: &Population) -> Vec<String> {
    let neuron = &population.model;
    let mut names: Vec<String> = neuron.states.iter().map(|s| s.name.clone()).collect();
    names.extend(neuron.derived.iter().map(|d| d.name.clone()));
    names.extend(neuron.inputs.iter().map(|i| i.name.clone()));
    for receptor in &population.receptors {
        debug_assert_eq!(receptor.model.kind, ModelKind::Receptor);
        let own = receptor
            .model
            .states
            .iter()
            .map(|s| &s.name)
            .chain(receptor.model.derived.iter().map(|d| &d.name))
            .chain(receptor.model.inputs.iter().map(|i| &i.name));
        names.extend(own.map(|name| format!("{}.{name}", receptor.name)));
    }
    names
}

/// The state that is a voltage; the first if there are several.
fn voltage_of(population: &Population) -> Option<String> {
    let voltage = Unit::parse("mV").expect("mV is a unit").dimension();
    population
        .model
        .states
        .iter()
        .find(|s| s.unit.dimension() == voltage)
        .map(|s| s.name.clone())
}
