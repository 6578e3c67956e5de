//! `[gap_junctions.NAME]`: electrical connections.

use nsb_engine::network::{Connector, GapJunctions};
use nsb_lang::Unit;

use super::connectors::{self, Ends};
use super::node::Entry;
use super::populations::Populations;
use super::projections::pair_value;
use super::schema::{Findings, Section, name_is_good};

const KEYS: [&str; 4] = ["source", "target", "connect", "conductance"];

/// Reads all gap junctions; those with mistakes in their ends are left out.
pub(crate) fn read(root: &Section<'_>, populations: &Populations<'_>, findings: &mut Findings) -> Vec<GapJunctions> {
    root.named("gap_junctions", findings)
        .iter()
        .filter_map(|entry| junctions(entry, populations, findings))
        .collect()
}

fn junctions(entry: &Entry, populations: &Populations<'_>, findings: &mut Findings) -> Option<GapJunctions> {
    name_is_good(entry, "group of gap junctions", findings);
    let what = format!("gap junctions `{}`", entry.key);
    let section = Section::open(&entry.value, &entry.key_place, what, &KEYS, findings)?;
    let source = section.required_text("source", "\"POPULATION\"", findings);
    let target = section.required_text("target", "\"POPULATION\"", findings);
    for (name, node) in [source, target].into_iter().flatten() {
        populations.check(name, &node.place, findings);
    }
    let units = [Unit::parse("nS").expect("nS is a unit")];
    let conductance = section
        .get("conductance")
        .and_then(|node| pair_value(node, "`conductance`", &units, findings));
    let ends = Ends {
        weight_units: &units,
        source: source.and_then(|(name, _)| populations.get(name)),
        target: target.and_then(|(name, _)| populations.get(name)),
    };
    let connector = section
        .required("connect", "{ rule = \"ring\", neighbours = 1 }", findings)
        .and_then(|node| connectors::read(node, &ends, findings))?;
    // The entries of a list may have their own.
    if !matches!(connector, Connector::ExplicitList(_)) {
        section.required("conductance", "\"1 nS\"", findings);
    }
    Some(GapJunctions {
        name: entry.key.clone(),
        source: source?.0.to_owned(),
        target: target?.0.to_owned(),
        connector,
        conductance,
    })
}
