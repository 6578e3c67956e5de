//! Values from outside the file: `--set`, `--duration`, `--dt`, `--seed`, `--threads`, `--precision`. They are put
//! into the tree before it is read, so they are checked like all others and appear in the effective project.

use std::sync::Arc;

use nsb_lang::{Source, Span};

use super::node::{Kind, Node, Place, parse_value};
use super::schema::Findings;

/// What the command line changes in a project.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Replaces `duration`, such as `200 ms`.
    pub duration: Option<String>,
    /// Replaces `dt`, such as `0.01 ms`.
    pub dt: Option<String>,
    /// Replaces `seed`.
    pub seed: Option<u64>,
    /// Replaces `threads`.
    pub threads: Option<usize>,
    /// Replaces `precision`, such as `compact`.
    pub precision: Option<String>,
    /// Pairs of a dotted path and a TOML value; what is no TOML value is taken as a text.
    pub set: Vec<(String, String)>,
    /// Models to use besides, or in place of, those of the project.
    pub model: Option<Arc<Source>>,
}

/// Tables whose entries users name.
const NAMED: [&str; 6] = [
    "models",
    "populations",
    "projections",
    "gap_junctions",
    "stimuli",
    "recordings",
];

/// Puts all values into the tree. A later value of the same path wins.
pub(crate) fn apply(root: &mut Node, overrides: &Overrides, findings: &mut Findings) {
    let number = |option: &str, key: &str, number: i128| {
        let source = Source::new(option, format!("{key}={number}"));
        let place = Place::new(&source, Span::new(key.len() + 1, source.text.len()));
        (
            Place::new(&source, Span::new(0, key.len())),
            Node {
                place,
                kind: Kind::Integer(number),
            },
        )
    };
    for (option, key, value) in [
        ("--duration", "duration", &overrides.duration),
        ("--dt", "dt", &overrides.dt),
        ("--precision", "precision", &overrides.precision),
    ] {
        if let Some(value) = value {
            let source = Source::new(option, value.as_str());
            let place = Place::new(&source, Span::new(0, value.len()));
            root.set(
                key,
                &place,
                Node {
                    place: place.clone(),
                    kind: Kind::String(value.clone()),
                },
            );
        }
    }
    if let Some(seed) = overrides.seed {
        let (place, node) = number("--seed", "seed", seed.into());
        root.set("seed", &place, node);
    }
    if let Some(threads) = overrides.threads {
        let (place, node) = number("--threads", "threads", threads as i128);
        root.set("threads", &place, node);
    }
    for (path, value) in &overrides.set {
        set(root, path, value, findings);
    }
}

fn set(root: &mut Node, path: &str, value: &str, findings: &mut Findings) {
    let source = Source::new("--set", format!("{path}={value}"));
    let keys: Vec<&str> = path.split('.').collect();
    let mut places = Vec::new();
    let mut at = 0;
    for key in &keys {
        places.push(Place::new(&source, Span::new(at, at + key.len())));
        at += key.len() + 1;
    }
    if keys.iter().any(|k| k.trim().is_empty()) {
        findings.push(
            Place::new(&source, Span::new(0, path.len()))
                .error("E0519", format!("`{path}` is not a path into a project"))
                .hint("write names with dots between: --set populations.cells.size=20"),
        );
        return;
    }
    let node = parse_value(&source, path.len() + 1).unwrap_or_else(|| Node {
        place: Place::new(&source, Span::new(path.len() + 1, source.text.len())),
        kind: Kind::String(value.to_owned()),
    });
    let mut table = root;
    for (depth, (key, place)) in keys.iter().zip(&places).enumerate() {
        let key = key.trim();
        let user_named = (depth == 1 && NAMED.contains(&keys[0]))
            || (depth == 3 && keys[0] == "populations" && keys[2] == "receptors")
            || (depth == 3 && keys[0] == "projections" && keys[2] == "plasticity");
        if user_named && table.table().is_some_and(|t| t.iter().all(|e| e.key != key)) {
            let known: Vec<String> = table
                .table()
                .unwrap_or_default()
                .iter()
                .map(|e| e.key.clone())
                .collect();
            let parent = keys[..depth].join(".");
            let message = format!("`{parent}` has no `{key}` to be set");
            if known.is_empty() {
                let hint = format!("--set changes what a project has: add a table [{parent}.{key}] to the file");
                findings.push(place.error("E0519", message).hint(hint));
            } else {
                findings.unknown("E0519", place, message, key, known.iter().map(String::as_str));
            }
            return;
        }
        if table.table().is_none() {
            let parent = keys[..depth].join(".");
            findings.push(
                place
                    .error(
                        "E0519",
                        format!("`{parent}` is {}, it has no `{key}`", table.kind.name()),
                    )
                    .hint(format!("set the whole value: --set {parent}=VALUE")),
            );
            return;
        }
        if depth + 1 == keys.len() {
            table.set(key, place, node);
            return;
        }
        let Some(entry) = table.entry(key, place) else { return };
        table = &mut entry.value;
    }
}

#[cfg(test)]
mod tests {
    use super::super::node::parse_document;
    use super::super::write::document;
    use super::*;

    fn changed(text: &str, set: &[(&str, &str)]) -> (String, Findings) {
        let mut root = parse_document(&Source::new("p.toml", text)).unwrap();
        let mut findings = Findings::default();
        let set = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        apply(
            &mut root,
            &Overrides {
                set,
                ..Overrides::default()
            },
            &mut findings,
        );
        (document(&root), findings)
    }

    #[test]
    fn values_may_be_texts_numbers_lists_and_tables() {
        let (text, findings) = changed(
            "[populations.c]\nsize = 1\n",
            &[
                ("populations.c.size", "5"),
                ("populations.c.parameters.g", "100 mS/cm^2"),
                ("populations.c.initial", "{ V = [\"1 mV\", \"2 mV\"] }"),
                ("duration", "\"2 s\""),
            ],
        );
        assert!(findings.0.0.is_empty());
        for line in [
            "size = 5",
            "parameters = { g = \"100 mS/cm^2\" }",
            "initial = { V = [\"1 mV\", \"2 mV\"] }",
            "duration = \"2 s\"",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }

    #[test]
    fn a_name_where_there_is_none_asks_for_a_table() {
        let (_, findings) = changed(
            "[populations.cells]\nsize = 1\n",
            &[("stimuli.drive.amplitude", "1 nA")],
        );
        let found = &findings.0.0[0];
        assert_eq!(found.code, "E0519");
        let hint = format!("{found:?}");
        assert!(hint.contains("add a table [stimuli.drive] to the file"), "{hint}");
    }

    #[test]
    fn a_name_that_does_not_exist_is_reported_at_its_place_with_the_nearest() {
        let (_, findings) = changed("[populations.cells]\nsize = 1\n", &[("populations.cell.size", "5")]);
        let found = &findings.0.0[0];
        assert_eq!((found.code, found.source.name.as_str()), ("E0519", "--set"));
        assert_eq!(&found.source.text[found.span.start..found.span.end], "cell");
        assert!(found.label.contains("`cells`"), "{found}");
    }

    #[test]
    fn a_path_through_a_value_is_an_error() {
        let (_, findings) = changed("[populations.cells]\nsize = 1\n", &[("populations.cells.size.x", "5")]);
        assert!(
            findings.0.0[0]
                .message
                .contains("`populations.cells.size` is a whole number"),
            "{}",
            findings.0
        );
    }

    #[test]
    fn an_empty_part_of_a_path_is_an_error() {
        let (_, findings) = changed("a = 1\n", &[("populations..x", "5"), ("", "1")]);
        assert_eq!(findings.0.0.len(), 2);
    }

    #[test]
    fn the_largest_seed_survives() {
        let mut root = parse_document(&Source::new("p.toml", "")).unwrap();
        apply(
            &mut root,
            &Overrides {
                seed: Some(u64::MAX),
                ..Overrides::default()
            },
            &mut Findings::default(),
        );
        assert_eq!(document(&root), format!("seed = {}\n", u64::MAX));
    }
}
