//! Reading typed values out of a tree: every mistake becomes a finding with a place, and reading goes on.

use nsb_lang::suggest::nearest;
use nsb_lang::units::UnitError;
use nsb_lang::{Diagnostic, Diagnostics, Quantity, Unit};

use super::node::{Entry, Kind, Node, Place};

/// All mistakes of a project found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(pub(crate) Diagnostics);

impl Findings {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// "unknown …" with the nearest of the names that would do, and all of them if they are few.
    pub(crate) fn unknown<'a>(
        &mut self,
        code: &'static str,
        place: &Place,
        message: String,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let mut diagnostic = place.error(code, message);
        if let Some(near) = nearest(name, known.iter().copied()) {
            diagnostic = diagnostic.label(format!("did you mean `{near}`?"));
        }
        self.push(diagnostic.hint(choices(name, &known)));
    }
}

/// A fix for an unknown name.
fn choices(name: &str, known: &[&str]) -> String {
    let list = known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
    match (nearest(name, known.iter().copied()), known.len()) {
        (_, 0) => "there is none here; remove it".to_owned(),
        (Some(near), 13..) => format!("write `{near}`"),
        (Some(near), _) => format!("write `{near}`, or another of {list}"),
        (None, 1) => format!("write {list}"),
        (None, _) => format!("write one of {list}"),
    }
}

/// A table whose keys are fixed.
#[derive(Debug, Clone)]
pub(crate) struct Section<'a> {
    entries: &'a [Entry],
    place: &'a Place,
    keys: Vec<String>,
    /// For messages: "population `cells`".
    pub(crate) what: String,
}

impl<'a> Section<'a> {
    /// Opens a table and reports the keys it should not have.
    pub(crate) fn open(
        node: &'a Node,
        place: &'a Place,
        what: impl Into<String>,
        keys: &[&str],
        findings: &mut Findings,
    ) -> Option<Section<'a>> {
        let what = what.into();
        let Some(entries) = node.table() else {
            findings.push(
                node.place
                    .error("E0504", format!("the {what} must be a table, not {}", node.kind.name()))
                    .hint("write it as a `[table]` with one `key = value` a line, or inline as { key = value }"),
            );
            return None;
        };
        for entry in entries.iter().filter(|e| !keys.contains(&e.key.as_str())) {
            let message = format!("unknown key `{}` in the {what}", entry.key);
            findings.unknown("E0502", &entry.key_place, message, &entry.key, keys.iter().copied());
        }
        Some(Section {
            entries,
            place,
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            what,
        })
    }

    /// Where the table is named.
    pub(crate) fn place(&self) -> &'a Place {
        self.place
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|e| e.key == key).map(|e| &e.value)
    }

    /// A value that must be there; `example` shows how to write it.
    pub(crate) fn required(&self, key: &str, example: &str, findings: &mut Findings) -> Option<&'a Node> {
        let found = self.get(key);
        // A misspelt key has been reported as unknown.
        let misspelt = |entry: &&Entry| !self.keys.contains(&entry.key) && nearest(&entry.key, [key]).is_some();
        if found.is_none() && !self.entries.iter().any(|entry| misspelt(&entry)) {
            findings.push(
                self.place
                    .error("E0503", format!("the {} has no `{key}`", self.what))
                    .label(format!("needs `{key}`"))
                    .hint(format!("add `{key} = {example}`")),
            );
        }
        found
    }

    pub(crate) fn text(&self, key: &str, findings: &mut Findings) -> Option<(&'a str, &'a Node)> {
        let node = self.get(key)?;
        text(node, key, findings).map(|text| (text, node))
    }

    pub(crate) fn required_text(
        &self,
        key: &str,
        example: &str,
        findings: &mut Findings,
    ) -> Option<(&'a str, &'a Node)> {
        let node = self.required(key, example, findings)?;
        text(node, key, findings).map(|text| (text, node))
    }

    pub(crate) fn flag(&self, key: &str, default: bool, findings: &mut Findings) -> bool {
        match self.get(key).map(|node| (node, &node.kind)) {
            None => default,
            Some((_, Kind::Boolean(value))) => *value,
            Some((node, kind)) => {
                findings.push(
                    node.place
                        .error("E0504", format!("`{key}` must be true or false, not {}", kind.name()))
                        .hint(format!("write `{key} = {}`", !default)),
                );
                default
            }
        }
    }

    /// The names of user-named tables below `key`, with their nodes.
    pub(crate) fn named(&self, key: &str, findings: &mut Findings) -> &'a [Entry] {
        let Some(node) = self.get(key) else { return &[] };
        match node.table() {
            Some(entries) => entries,
            None => {
                findings.push(
                    node.place
                        .error("E0504", format!("`{key}` must be a table, not {}", node.kind.name()))
                        .hint(format!("write `[{key}.NAME]` with one `key = value` a line")),
                );
                &[]
            }
        }
    }
}

/// A text.
pub(crate) fn text<'a>(node: &'a Node, key: &str, findings: &mut Findings) -> Option<&'a str> {
    let found = node.string();
    if found.is_none() {
        findings.push(
            node.place
                .error("E0504", format!("`{key}` must be a text, not {}", node.kind.name()))
                .hint(format!("write `{key} = \"…\"` with quotes")),
        );
    }
    found
}

/// A whole number from `least` upwards.
pub(crate) fn whole(node: &Node, key: &str, least: u64, findings: &mut Findings) -> Option<u64> {
    let Kind::Integer(number) = &node.kind else {
        findings.push(
            node.place
                .error(
                    "E0504",
                    format!("`{key}` must be a whole number, not {}", node.kind.name()),
                )
                .hint(format!(
                    "write a whole number without quotes, such as `{key} = {}`",
                    least.max(1)
                )),
        );
        return None;
    };
    match u64::try_from(*number) {
        Ok(number) if number >= least => Some(number),
        _ => {
            findings.push(
                node.place
                    .error("E0515", format!("`{key}` is {number}; it must be {least} or more"))
                    .hint(format!("write `{key} = {}` or more", least.max(1))),
            );
            None
        }
    }
}

/// A pure number.
pub(crate) fn number(node: &Node, key: &str, findings: &mut Findings) -> Option<f64> {
    match &node.kind {
        Kind::Integer(number) => Some(*number as f64),
        Kind::Float(number) => Some(*number),
        other => {
            findings.push(
                node.place
                    .error("E0504", format!("`{key}` must be a number, not {}", other.name()))
                    .hint(format!("write a number without quotes, such as `{key} = 0.3`")),
            );
            None
        }
    }
}

/// A quantity in the dimension of one of `units`; with no unit given, any quantity will do.
pub(crate) fn quantity(node: &Node, what: &str, units: &[Unit], findings: &mut Findings) -> Option<Quantity> {
    let value = match &node.kind {
        Kind::String(text) => match Quantity::parse(text) {
            Ok(quantity) => quantity,
            Err(error) => {
                findings.push(unit_error(node, what, text, &error));
                return None;
            }
        },
        Kind::Integer(number) => Quantity::new(*number as f64, Unit::one()),
        Kind::Float(number) => Quantity::new(*number, Unit::one()),
        other => {
            let example = units.first().map_or("\"1 ms\"".to_owned(), |unit| example(1.0, unit));
            findings.push(
                node.place
                    .error("E0504", format!("{what} must be a quantity, not {}", other.name()))
                    .hint(format!("write number and unit: {example}")),
            );
            return None;
        }
    };
    if !value.value().is_finite() {
        findings.push(
            node.place
                .error(
                    "E0515",
                    format!("{what} is {}, which is no finite number", value.value()),
                )
                .hint("write an ordinary number"),
        );
        return None;
    }
    if units.is_empty() || units.iter().any(|u| u.dimension() == value.dimension()) {
        return Some(value);
    }
    let examples = units
        .iter()
        .map(|unit| example(value.value(), unit))
        .collect::<Vec<_>>()
        .join(" or ");
    let bare = matches!(node.kind, Kind::Integer(_) | Kind::Float(_)) || value.unit().is_one();
    findings.push(if bare {
        let message = format!("{what} is a bare number; a unit is due");
        node.place
            .error("E0505", message)
            .label("no unit")
            .hint(format!("write {examples}"))
    } else {
        let wanted = units.iter().map(Unit::describe).collect::<Vec<_>>().join(" or ");
        let message = format!("{what} must be {wanted}, not {}", value.unit().describe());
        node.place.error("E0507", message).hint(format!("write {examples}"))
    });
    None
}

/// How a number in a unit is written.
fn example(value: f64, unit: &Unit) -> String {
    if unit.is_one() {
        format!("{value}")
    } else {
        format!("\"{value} {unit}\"")
    }
}

fn unit_error(node: &Node, what: &str, text: &str, error: &UnitError) -> Diagnostic {
    node.place
        .error("E0506", format!("{what}: \"{text}\" is no quantity: {error}"))
        .hint(error.hint())
}

/// The unit of times.
pub(crate) fn milliseconds() -> Unit {
    Unit::parse("ms").expect("ms is a unit")
}

/// Names are used in paths (`populations.NAME.size`), in columns and in file names.
pub(crate) fn name_is_good(entry: &Entry, what: &str, findings: &mut Findings) -> bool {
    let mut chars = entry.key.chars();
    let good = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !good {
        findings.push(
            entry
                .key_place
                .error("E0516", format!("`{}` cannot be the name of a {what}", entry.key))
                .hint("use letters a-z, digits and `_`, beginning with a letter: `layer_4`"),
        );
    }
    good
}
