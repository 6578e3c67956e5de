//! A TOML text as a tree in which every key and value knows the text and the place it came from.
//!
//! Values set on the command line become nodes with a source of their own, so that a mistake in them is shown
//! where it was made.

use std::sync::Arc;

use nsb_lang::{Diagnostic, Diagnostics, Source, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Syntax errors shown at most; one missing quote can cause many.
const MAX_SYNTAX_ERRORS: usize = 10;

/// A range of a text.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) source: Arc<Source>,
    pub(crate) span: Span,
}

impl Place {
    pub(crate) fn new(source: &Arc<Source>, span: Span) -> Place {
        Place {
            source: Arc::clone(source),
            span,
        }
    }

    pub(crate) fn error(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, &self.source, self.span, message)
    }
}

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) kind: Kind,
}

/// What TOML can say. Integers go beyond 64 signed bits so that every seed can be written.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    String(String),
    Integer(i128),
    Float(f64),
    Boolean(bool),
    DateTime(String),
    Array(Vec<Node>),
    Table(Vec<Entry>),
}

impl Kind {
    /// With article, for messages.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Kind::String(_) => "a text",
            Kind::Integer(_) => "a whole number",
            Kind::Float(_) => "a number",
            Kind::Boolean(_) => "true or false",
            Kind::DateTime(_) => "a date or time",
            Kind::Array(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }
}

/// A key of a table with its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_place: Place,
    pub(crate) value: Node,
}

impl Node {
    pub(crate) fn table(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Table(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn string(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.table()?.iter().find(|e| e.key == key)
    }

    /// The entry of `key`, put at the end as an empty table if it is missing. `None` if this is no table.
    pub(crate) fn entry(&mut self, key: &str, place: &Place) -> Option<&mut Entry> {
        let Kind::Table(entries) = &mut self.kind else {
            return None;
        };
        let at = entries.iter().position(|e| e.key == key).unwrap_or_else(|| {
            entries.push(Entry {
                key: key.to_owned(),
                key_place: place.clone(),
                value: Node {
                    place: place.clone(),
                    kind: Kind::Table(Vec::new()),
                },
            });
            entries.len() - 1
        });
        Some(&mut entries[at])
    }

    /// Sets or replaces a value of a table.
    pub(crate) fn set(&mut self, key: &str, key_place: &Place, value: Node) {
        if let Some(entry) = self.entry(key, key_place) {
            entry.key_place = key_place.clone();
            entry.value = value;
        }
    }
}

/// Reads a whole document; syntax errors are collected.
pub(crate) fn parse_document(source: &Arc<Source>) -> Result<Node, Diagnostics> {
    let (document, errors) = DeTable::parse_recoverable(&source.text);
    if !errors.is_empty() {
        return Err(Diagnostics(
            errors
                .iter()
                .take(MAX_SYNTAX_ERRORS)
                .map(|e| syntax_error(source, e))
                .collect(),
        ));
    }
    let mut findings = Diagnostics::default();
    let span = Span::new(0, 0);
    let kind = Kind::Table(entries(source, 0, document.into_inner(), &mut findings));
    if findings.has_errors() {
        Err(findings)
    } else {
        Ok(Node {
            place: Place::new(source, span),
            kind,
        })
    }
}

/// Reads one value that stands at `offset` of the source and reaches to its end.
pub(crate) fn parse_value(source: &Arc<Source>, offset: usize) -> Option<Node> {
    let (value, errors) = DeValue::parse_recoverable(&source.text[offset..]);
    let mut findings = Diagnostics::default();
    if !errors.is_empty() {
        return None;
    }
    let node = convert(source, offset, value, &mut findings);
    if findings.has_errors() { None } else { Some(node) }
}

fn syntax_error(source: &Arc<Source>, error: &toml::de::Error) -> Diagnostic {
    let span = error.span().unwrap_or(source.text.len()..source.text.len());
    let message = error.message().trim().replace('\n', "; ");
    let diagnostic = Diagnostic::error(
        "E0501",
        source,
        Span::new(span.start, span.end),
        format!("this is not valid TOML: {message}"),
    );
    if message.contains("duplicate key") {
        diagnostic.hint("each key may be given once: remove one of them, or rename it")
    } else if message.contains("quote") || message.contains("string") {
        diagnostic.hint("texts and quantities stand in quotes: \"100 ms\"")
    } else if message.contains("unclosed") || message.contains("expected `]`") || message.contains("expected `}`") {
        diagnostic.hint("close every bracket, brace and quote that is opened")
    } else {
        diagnostic
            .hint("write `key = value`, one a line, below a `[table]` header; quantities stand in quotes: \"100 ms\"")
    }
}

fn entries(source: &Arc<Source>, offset: usize, table: DeTable<'_>, findings: &mut Diagnostics) -> Vec<Entry> {
    table
        .into_iter()
        .map(|(key, value)| {
            let key_place = Place::new(source, span_of(&key, offset));
            Entry {
                key: key.into_inner().into_owned(),
                key_place,
                value: convert(source, offset, value, findings),
            }
        })
        .collect()
}

fn convert(source: &Arc<Source>, offset: usize, value: Spanned<DeValue<'_>>, findings: &mut Diagnostics) -> Node {
    let place = Place::new(source, span_of(&value, offset));
    let kind = match value.into_inner() {
        DeValue::String(text) => Kind::String(text.into_owned()),
        DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Kind::Integer(number),
            Err(_) => {
                findings.push(
                    place
                        .error("E0501", "this whole number is too large")
                        .hint("write a smaller number"),
                );
                Kind::Integer(0)
            }
        },
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(number) => Kind::Float(number),
            Err(_) => {
                findings.push(
                    place
                        .error("E0501", "this is not a number")
                        .hint("write a number such as 0.3 or 1e-3"),
                );
                Kind::Float(0.0)
            }
        },
        DeValue::Boolean(value) => Kind::Boolean(value),
        DeValue::Datetime(value) => Kind::DateTime(value.to_string()),
        DeValue::Array(items) => Kind::Array(
            items
                .into_iter()
                .map(|item| convert(source, offset, item, findings))
                .collect(),
        ),
        DeValue::Table(table) => Kind::Table(entries(source, offset, table, findings)),
    };
    Node { place, kind }
}

fn span_of<T>(spanned: &Spanned<T>, offset: usize) -> Span {
    let span = spanned.span();
    Span::new(span.start + offset, span.end + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_the_order_in_which_they_are_written() {
        let source = Source::new(
            "p.toml",
            "[populations.z]\nsize = 1\n[populations.a]\nsize = 2\n[other]\n[populations.m]\n",
        );
        let root = parse_document(&source).unwrap();
        let keys: Vec<_> = root
            .get("populations")
            .unwrap()
            .value
            .table()
            .unwrap()
            .iter()
            .map(|e| e.key.as_str())
            .collect();
        assert_eq!(keys, ["z", "a", "m"]);
    }

    #[test]
    fn values_know_their_places() {
        let source = Source::new("p.toml", "µ = 1\n[a]\nb = [1, \"x\"]\n".replace('µ', "\"µ\""));
        let root = parse_document(&source).unwrap();
        let b = root.get("a").unwrap().value.get("b").unwrap();
        let Kind::Array(items) = &b.value.kind else {
            panic!("b is a list")
        };
        let span = items[1].place.span;
        assert_eq!(&source.text[span.start..span.end], "\"x\"");
        assert_eq!(&source.text[b.key_place.span.start..b.key_place.span.end], "b");
    }

    #[test]
    fn whole_numbers_up_to_the_largest_seed_are_read() {
        let source = Source::new("p.toml", "seed = 18446744073709551615\nhex = 0xff\n");
        let root = parse_document(&source).unwrap();
        assert!(matches!(root.get("seed").unwrap().value.kind, Kind::Integer(n) if n == i128::from(u64::MAX)));
        assert!(matches!(root.get("hex").unwrap().value.kind, Kind::Integer(255)));
    }

    #[test]
    fn all_syntax_errors_are_reported_with_their_lines() {
        let source = Source::new("p.toml", "a = \nb = 1\nc = = 2\n");
        let found = parse_document(&source).unwrap_err();
        let lines: Vec<_> = found.0.iter().map(|d| source.line_column(d.span.start).0).collect();
        assert!(lines.contains(&1) && lines.contains(&3), "{found}");
        assert!(
            found.0.iter().all(|d| d.code == "E0501" && !d.hints.is_empty()),
            "{found}"
        );
    }
}
