//! `[patterns]`: which cells belong together.

use std::sync::Arc;

use nsb_engine::network::{CellSet, Population};

use super::cells;
use super::images;
use super::node::{Kind, Node, Place};
use super::populations::Populations;
use super::schema::{Findings, Section, whole};
use crate::learning::{Pattern, PatternRule};

pub(super) const KEYS: [&str; 6] = ["population", "labels", "number", "size", "cells", "images"];

/// Patterns, and the population that they are of.
pub(super) struct Patterns<'a> {
    pub(super) population: &'a Population,
    pub(super) rule: PatternRule,
    /// Cells of the largest pattern.
    pub(super) largest: usize,
}

/// Reads the table, if there is one without mistakes.
pub(super) fn read<'a>(
    root: &Section<'a>,
    populations: &Populations<'a>,
    findings: &mut Findings,
) -> Option<Patterns<'a>> {
    let node = root.get("patterns")?;
    let section = Section::open(node, &node.place, "table `patterns`", &KEYS, findings)?;
    let given = section.required_text("population", "\"POPULATION\"", findings);
    if let Some((name, node)) = given {
        populations.check(name, &node.place, findings);
    }
    let population = given.and_then(|(name, _)| populations.get(name));
    let rule = match (section.get("images"), section.get("cells")) {
        (Some(node), _) => {
            only(&section, "images", &["cells", "labels", "number", "size"], findings);
            images::read(node, population, findings).map(|images| PatternRule::Images(Arc::new(images)))
        }
        (None, Some(node)) => {
            only(&section, "cells", &["labels", "number", "size"], findings);
            listed(node, population, findings)
        }
        (None, None) => drawn(&section, population, findings),
    }?;
    let largest = match &rule {
        PatternRule::Drawn { size, .. } => *size,
        PatternRule::Given(patterns) => patterns.iter().map(|p| p.cells.len()).max().unwrap_or(0),
        PatternRule::Images(images) => images.width,
    };
    Some(Patterns {
        population: population?,
        rule,
        largest,
    })
}

/// Reports keys that say a second time what patterns there are.
fn only(section: &Section<'_>, key: &str, others: &[&str], findings: &mut Findings) {
    for other in others {
        if let Some(node) = section.get(other) {
            let message = format!("patterns are given both by `{key}` and by `{other}`");
            findings.push(node.place.error("E0515", message).hint("remove one of the two"));
        }
    }
}

fn drawn(section: &Section<'_>, population: Option<&Population>, findings: &mut Findings) -> Option<PatternRule> {
    let labels = match (section.get("labels"), section.get("number")) {
        (Some(_), Some(other)) => {
            let message = "patterns are given both by `labels` and by `number`";
            findings.push(other.place.error("E0515", message).hint("remove one of the two"));
            None
        }
        (Some(node), None) => labels(node, findings),
        (None, Some(node)) => match whole(node, "number", 0, findings) {
            Some(0) => {
                none(&node.place, findings);
                None
            }
            number => number.map(|number| (0..number.min(MOST)).map(letters).collect()),
        },
        (None, None) => {
            section.required("labels", "[\"A\", \"B\", \"C\"]", findings);
            None
        }
    };
    let size_node = section.required("size", "10", findings)?;
    let size = whole(size_node, "size", 1, findings)? as usize;
    if let Some(population) = population.filter(|population| population.size < size) {
        let message = format!(
            "patterns of {size} cells are longer than the population `{}` of {}",
            population.name, population.size
        );
        let hint = format!("write `size = {}` or less, or enlarge the population", population.size);
        findings.push(size_node.place.error("E0515", message).hint(hint));
        return None;
    }
    labels.map(|labels| PatternRule::Drawn { labels, size })
}

/// More patterns than anyone can show.
const MOST: u64 = 100_000;

fn none(place: &Place, findings: &mut Findings) {
    findings.push(
        place
            .error("E0515", "the set of patterns is empty")
            .hint("write `labels = [\"A\", \"B\", \"C\"]`, or `number = 3`"),
    );
}

/// `A` to `Z`, then `AA`, `AB`, …
fn letters(mut number: u64) -> String {
    let mut label = String::new();
    loop {
        label.insert(0, char::from(b'A' + (number % 26) as u8));
        if number < 26 {
            return label;
        }
        number = number / 26 - 1;
    }
}

fn labels(node: &Node, findings: &mut Findings) -> Option<Vec<String>> {
    let Kind::Array(items) = &node.kind else {
        let message = format!("`labels` must be a list, not {}", node.kind.name());
        findings.push(
            node.place
                .error("E0504", message)
                .hint("write `labels = [\"A\", \"B\", \"C\"]`"),
        );
        return None;
    };
    if items.is_empty() {
        none(&node.place, findings);
        return None;
    }
    let mut labels: Vec<String> = Vec::new();
    for item in items {
        let Some(label) = item.string() else {
            let message = format!("a label must be a text, not {}", item.kind.name());
            findings.push(item.place.error("E0504", message).hint("write it in quotes: \"A\""));
            return None;
        };
        if label_is_good(label, &item.place, findings) {
            if labels.iter().any(|other| other == label) {
                let message = format!("there are two patterns `{label}`");
                findings.push(item.place.error("E0515", message).hint("rename or remove one of them"));
            }
            labels.push(label.to_owned());
        }
    }
    (labels.len() == items.len()).then_some(labels)
}

/// Labels stand in the titles of columns.
pub(super) fn label_is_good(label: &str, place: &Place, findings: &mut Findings) -> bool {
    let good = !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !good {
        let message = format!("`{label}` cannot be the label of a pattern");
        findings.push(
            place
                .error("E0516", message)
                .hint("use letters a-z, digits and `_`: \"A\", \"7\", \"odour_1\""),
        );
    }
    good
}

/// `{ A = [0, 1, 2], B = "10..20" }`
fn listed(node: &Node, population: Option<&Population>, findings: &mut Findings) -> Option<PatternRule> {
    let names: Vec<&str> = node
        .table()
        .unwrap_or_default()
        .iter()
        .map(|e| e.key.as_str())
        .collect();
    let section = Section::open(node, &node.place, "list of patterns", &names, findings)?;
    if names.is_empty() {
        none(&node.place, findings);
        return None;
    }
    let mut patterns = Vec::new();
    for entry in node.table().unwrap_or_default() {
        label_is_good(&entry.key, &entry.key_place, findings);
        let cells = match cells::read_key(&section, &entry.key, population, findings) {
            CellSet::All => (0..population?.size).collect(),
            CellSet::Range(start, end) => (start..end).collect::<Vec<usize>>(),
            CellSet::List(list) => list,
        };
        let mut sorted = cells.clone();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            let message = format!("the pattern `{}` has cell {} twice", entry.key, pair[0]);
            findings.push(entry.value.place.error("E0514", message).hint("name each cell once"));
        }
        if cells.is_empty() {
            let message = format!("the pattern `{}` has no cell", entry.key);
            findings.push(
                entry
                    .value
                    .place
                    .error("E0514", message)
                    .hint("list some cells, or remove the pattern"),
            );
        }
        patterns.push(Pattern {
            label: entry.key.clone(),
            cells: cells.into_iter().map(|cell| cell as u32).collect(),
        });
    }
    Some(PatternRule::Given(patterns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_patterns_have_the_labels_of_columns_of_a_table() {
        let labels: Vec<String> = [0, 1, 25, 26, 27, 51, 52, 701, 702].map(letters).to_vec();
        assert_eq!(labels, ["A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }
}
