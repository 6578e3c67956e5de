//! `cells = "all" | "0..3" | [0, 1, 2]`, and `source_cells` and `target_cells` alike: some cells of a population.

use nsb_engine::network::{CellSet, Population};

use super::node::{Kind, Node};
use super::schema::{Findings, Section};

/// Reads `cells`; all cells if it is left out. Cells beyond the population are reported here, so that the place is
/// the very number.
pub(crate) fn read(section: &Section<'_>, population: Option<&Population>, findings: &mut Findings) -> CellSet {
    read_key(section, "cells", population, findings)
}

/// Reads the cells that a key names, in the same way.
pub(crate) fn read_key(
    section: &Section<'_>,
    key: &str,
    population: Option<&Population>,
    findings: &mut Findings,
) -> CellSet {
    let Some(node) = section.get(key) else {
        return CellSet::All;
    };
    let size = population.map_or(usize::MAX, |p| p.size);
    match &node.kind {
        Kind::String(text) => range(node, text, size, findings),
        Kind::Array(items) => CellSet::List(items.iter().filter_map(|item| cell(item, size, findings)).collect()),
        other => {
            wrong(
                node,
                format!("`{key}` must be a text or a list, not {}", other.name()),
                findings,
            );
            CellSet::All
        }
    }
}

fn range(node: &Node, text: &str, size: usize, findings: &mut Findings) -> CellSet {
    if text == "all" {
        return CellSet::All;
    }
    let ends = text
        .split_once("..")
        .map(|(start, end)| (start.trim().parse::<usize>(), end.trim().parse::<usize>()));
    match ends {
        Some((Ok(start), Ok(end))) if start < end && end <= size => CellSet::Range(start, end),
        Some((Ok(start), Ok(end))) if start < end => {
            let message = format!("cells \"{start}..{end}\" go beyond the population of {size}");
            findings.push(node.place.error("E0514", message).hint(format!(
                "the last cell is {}: write \"{}..{size}\"",
                size - 1,
                start.min(size - 1)
            )));
            CellSet::All
        }
        Some((Ok(start), Ok(end))) => {
            let message = format!("cells \"{start}..{end}\" are none; the end is not included");
            findings.push(node.place.error("E0514", message).hint(format!(
                "write \"{}..{}\"",
                end.min(start),
                start.max(end) + 1
            )));
            CellSet::All
        }
        _ => {
            wrong(node, format!("\"{text}\" is no set of cells"), findings);
            CellSet::All
        }
    }
}

fn cell(node: &Node, size: usize, findings: &mut Findings) -> Option<usize> {
    let Kind::Integer(number) = &node.kind else {
        wrong(
            node,
            format!("a cell must be a whole number, not {}", node.kind.name()),
            findings,
        );
        return None;
    };
    match usize::try_from(*number) {
        Ok(cell) if cell < size => Some(cell),
        _ => {
            let message = format!("there is no cell {number} in the population of {size}");
            findings.push(
                node.place
                    .error("E0514", message)
                    .hint(format!("cells are counted from 0 to {}", size - 1)),
            );
            None
        }
    }
}

fn wrong(node: &Node, message: String, findings: &mut Findings) {
    findings.push(
        node.place
            .error("E0514", message)
            .hint("write \"all\", a range such as \"0..3\" (0, 1, 2), or a list such as [0, 1, 2]"),
    );
}
