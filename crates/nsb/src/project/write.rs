//! A tree of nodes as TOML text: what a run folder keeps so that the run can be repeated.

use std::fmt::Write as _;

use super::KEYS;
use super::node::{Entry, Kind, Node};

/// Width beyond which lists are broken into lines.
const MAX_WIDTH: usize = 110;

/// Tables whose entries are values, not tables of their own.
const PLAIN: [&str; 3] = ["models", "patterns", "training"];

/// Tables within those that users name, whose entries users name too.
const NESTED: [&str; 2] = ["receptors", "plasticity"];

/// Writes a whole project. Tables that users name get headers, all deeper ones are inline.
pub(crate) fn document(root: &Node) -> String {
    let mut text = String::new();
    let mut entries: Vec<&Entry> = root.table().unwrap_or_default().iter().collect();
    entries.sort_by_key(|e| KEYS.iter().position(|k| *k == e.key).unwrap_or(KEYS.len()));
    for entry in entries.iter().filter(|e| e.value.table().is_none()) {
        assignment(&mut text, entry);
    }
    for entry in entries.iter().filter(|e| e.value.table().is_some()) {
        let named = entry.value.table().unwrap_or_default();
        if PLAIN.contains(&entry.key.as_str()) {
            header(&mut text, &entry.key);
            named.iter().for_each(|e| assignment(&mut text, e));
            continue;
        }
        for one in named {
            section(&mut text, &format!("{}.{}", entry.key, key(&one.key)), &one.value);
        }
    }
    text
}

fn section(text: &mut String, path: &str, node: &Node) {
    let entries = node.table().unwrap_or_default();
    header(text, path);
    let is_named = |entry: &&Entry| NESTED.contains(&entry.key.as_str());
    for entry in entries.iter().filter(|e| !is_named(e)) {
        assignment(text, entry);
    }
    for named in entries.iter().filter(is_named) {
        for one in named.value.table().unwrap_or_default() {
            section(text, &format!("{path}.{}.{}", named.key, key(&one.key)), &one.value);
        }
    }
}

fn header(text: &mut String, path: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "[{path}]");
}

fn assignment(text: &mut String, entry: &Entry) {
    let key = key(&entry.key);
    match &entry.value.kind {
        Kind::String(value) if value.contains('\n') => {
            let _ = writeln!(text, "{key} = {}", block(value));
        }
        Kind::Array(items) => {
            let line = inline(&entry.value);
            if key.len() + line.len() + 3 <= MAX_WIDTH {
                let _ = writeln!(text, "{key} = {line}");
            } else {
                let _ = writeln!(text, "{key} = [");
                for item in items {
                    let _ = writeln!(text, "    {},", inline(item));
                }
                text.push_str("]\n");
            }
        }
        _ => {
            let _ = writeln!(text, "{key} = {}", inline(&entry.value));
        }
    }
}

fn inline(node: &Node) -> String {
    match &node.kind {
        Kind::String(text) => quoted(text),
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) if number.is_nan() => "nan".to_owned(),
        Kind::Float(number) if number.is_infinite() => if *number > 0.0 { "inf" } else { "-inf" }.to_owned(),
        // Debug prints the shortest decimal that reads back as the same number, always with a point or exponent.
        Kind::Float(number) => format!("{number:?}"),
        Kind::Boolean(value) => value.to_string(),
        Kind::DateTime(text) => text.clone(),
        Kind::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Kind::Table(entries) if entries.is_empty() => "{}".to_owned(),
        Kind::Table(entries) => {
            let inner: Vec<_> = entries
                .iter()
                .map(|e| format!("{} = {}", key(&e.key), inline(&e.value)))
                .collect();
            format!("{{ {} }}", inner.join(", "))
        }
    }
}

fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A text of several lines as it stands, if TOML can hold it so.
fn block(text: &str) -> String {
    let plain = |c: char| c == '\n' || c == '\t' || !c.is_control();
    if text.chars().all(plain) && !text.contains("'''") && !text.ends_with('\'') {
        format!("'''\n{text}'''")
    } else {
        quoted(text)
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use nsb_lang::Source;

    use super::super::node::parse_document;
    use super::*;

    fn rewritten(text: &str) -> String {
        document(&parse_document(&Source::new("p.toml", text)).unwrap())
    }

    #[test]
    fn what_is_written_reads_back_as_the_same_tree() {
        let text = concat!(
            "duration = \"100 ms\"\nseed = 18446744073709551615\nname = \"a \\\"quoted\\\" \\\\ name\\u0007\"\n",
            "[models]\ncell = \"\"\"\nneuron cell \"é\"\n  x = 1\n\"\"\"\nodd = \"a\\r\\n'''b\\n\"\n",
            "[populations.b]\nsize = 3\nparameters = { g = [\"1 nS\", \"2 nS\"], x = 0.1, y = 1e300 }\n",
            "[populations.b.receptors.r]\nmodel = \"m\"\n[populations.a]\nsize = 1\n",
            "[projections.p]\nconnect = { rule = \"list\", pairs = [[0, 1], { source = 1, target = 2, weight = \"1 nS\" }] }\n",
        );
        let once = rewritten(text);
        let twice = rewritten(&once);
        assert_eq!(once, twice);
        for part in [
            "0.1",
            "1e300",
            "18446744073709551615",
            "neuron cell \"é\"\n  x = 1\n",
            "\\u0007",
            "[populations.b.receptors.r]",
        ] {
            assert!(once.contains(part), "{part} is missing in\n{once}");
        }
        assert!(once.find("[populations.b]") < once.find("[populations.a]"));
    }

    #[test]
    fn long_lists_stand_one_item_a_line() {
        let items = vec!["\"1234567890 mV\""; 30].join(", ");
        let text = rewritten(&format!("duration = [{items}]\n"));
        assert!(
            text.lines().count() > 30 && text.lines().all(|l| l.len() <= MAX_WIDTH),
            "{text}"
        );
    }
}
