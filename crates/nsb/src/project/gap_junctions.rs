//! `[gap_junctions.NAME]`: electrical connections.

use nsb_engine::network::{Connector, GapJunctions};
use nsb_lang::Unit;

use super::connectors;
use super::joined::Joined;
use super::node::Entry;
use super::populations::Populations;
use super::projections::pair_value;
use super::schema::{Findings, Section, name_is_good};

const KEYS: [&str; 6] = [
    "source",
    "source_cells",
    "target",
    "target_cells",
    "connect",
    "conductance",
];

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
    let joined = Joined::read(&section, populations, findings);
    let units = [Unit::parse("nS").expect("nS is a unit")];
    let ends = joined.ends(&units);
    let conductance = section
        .get("conductance")
        .and_then(|node| pair_value(node, "`conductance`", &units, &ends, findings));
    let connector = section
        .required("connect", "{ rule = \"ring\", neighbours = 1 }", findings)
        .and_then(|node| connectors::read(node, &ends, findings))?;
    // The entries of a list may have their own.
    if !matches!(connector, Connector::ExplicitList(_)) {
        section.required("conductance", "\"1 nS\"", findings);
    }
    Some(GapJunctions {
        name: entry.key.clone(),
        source: joined.source.name?.to_owned(),
        source_cells: joined.source.cells,
        target: joined.target.name?.to_owned(),
        target_cells: joined.target.cells,
        connector,
        conductance,
    })
}
