//! `[stimuli.NAME]`: currents from outside.

use nsb_engine::network::{Population, Stimulus, Waveform};
use nsb_lang::Unit;

use super::cells;
use super::node::Entry;
use super::populations::Populations;
use super::schema::{Findings, Section, milliseconds, name_is_good, quantity};

const KEYS: [&str; 6] = ["population", "cells", "kind", "amplitude", "start", "stop"];
const KINDS: [&str; 2] = ["constant", "step"];

/// Reads all stimuli.
pub(crate) fn read(root: &Section<'_>, populations: &Populations<'_>, findings: &mut Findings) -> Vec<Stimulus> {
    root.named("stimuli", findings)
        .iter()
        .filter_map(|entry| stimulus(entry, populations, findings))
        .collect()
}

fn stimulus(entry: &Entry, populations: &Populations<'_>, findings: &mut Findings) -> Option<Stimulus> {
    name_is_good(entry, "stimulus", findings);
    let kind = entry.value.get("kind").and_then(|e| e.value.string());
    let keys = if kind == Some("constant") {
        &KEYS[..4]
    } else {
        &KEYS[..]
    };
    let section = Section::open(
        &entry.value,
        &entry.key_place,
        format!("stimulus `{}`", entry.key),
        keys,
        findings,
    )?;
    let target = section.required_text("population", "\"POPULATION\"", findings);
    if let Some((name, node)) = target {
        populations.check(name, &node.place, findings);
    }
    let population = target.and_then(|(name, _)| populations.get(name));
    let cells = cells::read(&section, population, findings);
    let units = population.map(input_units).unwrap_or_default();
    let example = units
        .first()
        .map_or("\"20 uA/cm^2\"".to_owned(), |u| format!("\"20 {}\"", u.symbol()));
    let amplitude = section
        .required("amplitude", &example, findings)
        .and_then(|node| quantity(node, "`amplitude`", &units, findings));
    let (kind, kind_node) = section.required_text("kind", "\"constant\"", findings)?;
    let waveform = match kind {
        "constant" => amplitude.map(|amplitude| Waveform::Constant { amplitude }),
        "step" => {
            let time = [milliseconds()];
            let start = section
                .required("start", "\"10 ms\"", findings)
                .and_then(|node| quantity(node, "`start`", &time, findings));
            let stop = section
                .get("stop")
                .and_then(|node| quantity(node, "`stop`", &time, findings));
            match (amplitude, start) {
                (Some(amplitude), Some(start)) => Some(Waveform::Step { amplitude, start, stop }),
                _ => None,
            }
        }
        _ => {
            findings.unknown(
                "E0513",
                &kind_node.place,
                format!("unknown kind of stimulus `{kind}`"),
                kind,
                KINDS,
            );
            None
        }
    };
    Some(Stimulus {
        name: entry.key.clone(),
        population: target?.0.to_owned(),
        cells,
        waveform: waveform?,
    })
}

/// The units in which a population takes a stimulus: that of its inputs, and an absolute current where an `area`
/// can turn it into a density.
fn input_units(population: &Population) -> Vec<Unit> {
    let model = &population.model;
    let mut units: Vec<Unit> = model.inputs.iter().map(|input| input.unit.clone()).collect();
    let current = Unit::parse("pA").expect("pA is a unit");
    let has_area = model.parameters.iter().any(|p| p.name == "area");
    if has_area && units.iter().all(|u| u.dimension() != current.dimension()) {
        units.push(current);
    }
    units
}
