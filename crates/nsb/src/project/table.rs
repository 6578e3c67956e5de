//! Tables in CSV: a header with names and units, `source,target,weight (nS)`, then one row a line.
//!
//! A file is put into the tree as a text under the key `csv`, so that the effective project needs no other file.

use std::path::Path;

use nsb_lang::{Span, Unit};

use super::files::read_named;
use super::node::{Kind, Node, Place};
use super::schema::{Findings, Section};

/// Problems reported for one table; more are usually the same.
const MAX_PROBLEMS: usize = 10;

/// A column that a table has or may have.
pub(super) struct Column<'a> {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) content: Content<'a>,
}

/// What stands in a column.
pub(super) enum Content<'a> {
    /// Cells of a population, which is not known if its name is empty.
    Cell { population: String, size: usize },
    /// Numbers in a unit of one of these dimensions; any unit if there are none.
    Quantity(&'a [Unit]),
}

/// The numbers of a column in its unit.
pub(super) struct Values {
    pub(super) unit: Unit,
    pub(super) values: Vec<f64>,
}

/// Puts the texts of all table files into the tree.
pub(super) fn inline_files(root: &mut Node, folder: Option<&Path>, findings: &mut Findings) {
    let Kind::Table(top) = &mut root.kind else { return };
    for entry in top {
        let Kind::Table(named) = &mut entry.value.kind else {
            continue;
        };
        for one in named {
            match entry.key.as_str() {
                "patterns" if one.key == "images" => inline_file(&mut one.value, folder, findings),
                "stimuli" => inline_file(&mut one.value, folder, findings),
                "projections" | "gap_junctions" => {
                    if let Kind::Table(keys) = &mut one.value.kind {
                        let connect = keys.iter_mut().find(|e| e.key == "connect");
                        connect
                            .into_iter()
                            .for_each(|e| inline_file(&mut e.value, folder, findings));
                    }
                }
                _ => {}
            }
        }
    }
}

fn inline_file(node: &mut Node, folder: Option<&Path>, findings: &mut Findings) {
    let Kind::Table(entries) = &mut node.kind else { return };
    let Some(entry) = entries.iter_mut().find(|e| e.key == "file") else {
        return;
    };
    if let Some(source) = read_named(&entry.value, folder, findings) {
        entry.key = "csv".to_owned();
        entry.value = Node {
            place: Place::new(&source, Span::new(0, source.text.len())),
            kind: Kind::String(source.text.clone()),
        };
    }
}

/// Reads the table of a section, whose text stands under `csv`: for each column its numbers, or nothing if it is not
/// there.
pub(super) fn read(
    section: &Section<'_>,
    columns: &[Column<'_>],
    findings: &mut Findings,
) -> Option<Vec<Option<Values>>> {
    if section.get("file").is_some() {
        // The file could not be read, which has been said.
        return None;
    }
    let names: Vec<&str> = columns.iter().filter(|c| c.required).map(|c| c.name).collect();
    let Some(node) = section.get("csv") else {
        section.required("file", "\"table.csv\"", findings);
        return None;
    };
    let text = super::schema::text(node, "csv", findings)?;
    let mut lines = Lines::new(node, text);
    let Some(header) = lines.next() else {
        let message = "the table has no header";
        findings.push(
            node.place
                .error("E0521", message)
                .hint(format!("begin it with the line {}", names.join(","))),
        );
        return None;
    };
    let order = read_header(&header, columns, findings)?;
    let mut values: Vec<Option<Values>> = columns.iter().map(|_| None).collect();
    for (column, unit) in order.iter().flatten() {
        values[*column] = Some(Values {
            unit: unit.clone(),
            values: Vec::new(),
        });
    }
    let mut problems = 0;
    for line in lines {
        let fields = line.fields();
        if fields.len() != order.len() {
            let message = format!(
                "line {} has {} values, the header {}",
                line.number,
                fields.len(),
                order.len()
            );
            findings.push(
                line.whole()
                    .error("E0521", message)
                    .hint("write one value for each column, with commas between"),
            );
            problems += 1;
        } else {
            for ((at, field), wanted) in fields.iter().zip(&order) {
                let Some((column, _)) = wanted else { continue };
                match columns[*column].value(field, &line, *at, findings) {
                    Some(value) => values[*column].iter_mut().for_each(|v| v.values.push(value)),
                    None => problems += 1,
                }
            }
        }
        if problems >= MAX_PROBLEMS {
            break;
        }
    }
    (problems == 0).then_some(values)
}

/// For each field of the header the column it names and its unit; fields that are not known are errors.
fn read_header(
    header: &Line<'_>,
    columns: &[Column<'_>],
    findings: &mut Findings,
) -> Option<Vec<Option<(usize, Unit)>>> {
    let before = findings.0.0.len();
    let mut order: Vec<Option<(usize, Unit)>> = Vec::new();
    for (at, title) in header.fields() {
        let (name, unit) = match title.split_once('(') {
            Some((name, unit)) => (name.trim(), unit.trim_end_matches(')').trim()),
            None => (title, ""),
        };
        let place = header.place(at, title);
        let Some(column) = columns.iter().position(|column| column.name == name) else {
            let message = format!("unknown column `{name}`");
            findings.unknown("E0521", &place, message, name, columns.iter().map(|c| c.name));
            continue;
        };
        if order.iter().flatten().any(|(other, _)| *other == column) {
            let message = format!("the column `{name}` occurs twice");
            findings.push(place.error("E0521", message).hint("remove one of the two"));
            continue;
        }
        let parsed = if unit.is_empty() {
            Ok(Unit::one())
        } else {
            Unit::parse(unit)
        };
        match parsed {
            Err(error) => findings.push(
                place
                    .error("E0521", format!("the unit of column `{name}`: {error}"))
                    .hint(error.hint()),
            ),
            Ok(unit) => match columns[column].content {
                Content::Quantity(units)
                    if !units.is_empty() && units.iter().all(|u| u.dimension() != unit.dimension()) =>
                {
                    let wanted = units.iter().map(Unit::describe).collect::<Vec<_>>().join(" or ");
                    let message = format!("the column `{name}` must be {wanted}, not {}", unit.describe());
                    let hint = format!("write `{name} ({})`", units[0].symbol());
                    findings.push(place.error("E0521", message).hint(hint));
                }
                _ => order.push(Some((column, unit))),
            },
        }
    }
    for (n, column) in columns.iter().enumerate() {
        if column.required && findings.0.0.len() == before && order.iter().flatten().all(|(other, _)| *other != n) {
            let message = format!("the table has no column `{}`", column.name);
            let hint = format!("name it in the header and give it in each line: `…,{}`", column.name);
            findings.push(header.whole().error("E0521", message).hint(hint));
        }
    }
    (findings.0.0.len() == before).then_some(order)
}

impl Column<'_> {
    fn value(&self, field: &str, line: &Line<'_>, at: usize, findings: &mut Findings) -> Option<f64> {
        let place = || line.place(at, field);
        match &self.content {
            Content::Cell { population, size } => match field.parse::<usize>() {
                Ok(cell) if cell < *size => Some(cell as f64),
                Ok(cell) => {
                    let message = format!("line {}: there is no cell {cell} in `{population}`", line.number);
                    findings.push(
                        place()
                            .error("E0514", message)
                            .hint(format!("its cells are counted from 0 to {}", size - 1)),
                    );
                    None
                }
                Err(_) => {
                    let message = format!("line {}: `{field}` is no number of a cell", line.number);
                    findings.push(place().error("E0521", message).hint("cells are whole numbers from 0"));
                    None
                }
            },
            Content::Quantity(_) => match field.parse::<f64>() {
                Ok(value) if value.is_finite() => Some(value),
                _ => {
                    let message = format!("line {}: the {} `{field}` is no finite number", line.number, self.name);
                    let hint = "write a plain number such as 0.5; the unit stands in the header";
                    findings.push(place().error("E0521", message).hint(hint));
                    None
                }
            },
        }
    }
}

/// The lines of a table that are neither empty nor comments (`#`).
pub(super) struct Lines<'a> {
    node: &'a Node,
    text: &'a str,
    number: usize,
    at: usize,
}

pub(super) struct Line<'a> {
    node: &'a Node,
    pub(super) number: usize,
    at: usize,
    text: &'a str,
}

impl<'a> Lines<'a> {
    pub(super) fn new(node: &'a Node, text: &'a str) -> Lines<'a> {
        Lines {
            node,
            text,
            number: 0,
            at: 0,
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let line = Line {
                node: self.node,
                number: self.number + 1,
                at: self.at,
                text: rest[..length].trim_end(),
            };
            self.at += length;
            self.number += 1;
            if !line.text.trim_start().is_empty() && !line.text.trim_start().starts_with('#') {
                return Some(line);
            }
        }
        None
    }
}

impl<'a> Line<'a> {
    /// The values between commas, with their positions in the text.
    pub(super) fn fields(&self) -> Vec<(usize, &'a str)> {
        let mut at = self.at;
        let mut fields = Vec::new();
        for field in self.text.split(',') {
            let inner = field.trim();
            fields.push((at + field.len() - field.trim_start().len(), inner));
            at += field.len() + 1;
        }
        fields
    }

    pub(super) fn whole(&self) -> Place {
        self.place(self.at, self.text)
    }

    /// Where a part of the text stands: in its file, or, if it is written in the project, the whole of it.
    pub(super) fn place(&self, at: usize, part: &str) -> Place {
        let place = &self.node.place;
        if self.node.string() == Some(place.source.text.as_str()) {
            Place::new(&place.source, Span::new(at, at + part.len()))
        } else {
            place.clone()
        }
    }
}
