//! `[gap_junctions.NAME]`: electrical connections.

use nsb_engine::network::{Connector, GapJunctions};
use nsb_lang::Unit;

use super::cells;
use super::connectors::{self, Ends, Side};
use super::node::{Entry, Node};
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
    let source = section.required_text("source", "\"POPULATION\"", findings);
    let target = section.required_text("target", "\"POPULATION\"", findings);
    for (name, node) in [source, target].into_iter().flatten() {
        populations.check(name, &node.place, findings);
    }
    let units = [Unit::parse("nS").expect("nS is a unit")];
    let population = |end: Option<(&str, &Node)>| end.and_then(|(name, _)| populations.get(name));
    let (source_population, target_population) = (population(source), population(target));
    let source_cells = cells::read_key(&section, "source_cells", source_population, findings);
    let target_cells = cells::read_key(&section, "target_cells", target_population, findings);
    let ends = Ends {
        weight_units: &units,
        source: Side {
            population: source_population,
            cells: &source_cells,
        },
        target: Side {
            population: target_population,
            cells: &target_cells,
        },
    };
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
        source: source?.0.to_owned(),
        source_cells,
        target: target?.0.to_owned(),
        target_cells,
        connector,
        conductance,
    })
}
