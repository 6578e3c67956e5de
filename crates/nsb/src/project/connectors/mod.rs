//! `connect = { rule = … }`: one file per rule. A new one is a file and a line in [`READERS`].

mod all_to_all;
mod drawn;
mod fixed_in_degree;
mod fixed_out_degree;
mod fixed_total_number;
mod grid;
mod list;
mod one_to_one;
mod pairwise_probability;
mod ring;
mod small_world;
mod table;

use nsb_engine::network::{CellSet, Connector, Population};
use nsb_lang::Unit;

use super::node::Node;
use super::schema::{Findings, Section, number, whole};

/// How a rule is read.
struct Reader {
    rule: &'static str,
    /// Its keys besides `rule`.
    keys: &'static [&'static str],
    read: fn(&Section<'_>, &Ends<'_>, &mut Findings) -> Option<Connector>,
}

const READERS: [Reader; 11] = [
    pairwise_probability::READER,
    all_to_all::READER,
    one_to_one::READER,
    fixed_in_degree::READER,
    fixed_out_degree::READER,
    fixed_total_number::READER,
    ring::READER,
    small_world::READER,
    grid::READER,
    list::READER,
    table::READER,
];

/// What a projection connects, as far as it is known.
pub(super) struct Ends<'a> {
    /// The unit of its weights; none if the receptor is not known.
    pub(super) weight_units: &'a [Unit],
    pub(super) source: Side<'a>,
    pub(super) target: Side<'a>,
}

/// The cells at one end.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) population: Option<&'a Population>,
    pub(super) cells: &'a CellSet,
}

impl Side<'_> {
    /// How people call them, and how many there are.
    pub(super) fn name_and_size(&self) -> (String, usize) {
        let Some(population) = self.population else {
            return (String::new(), usize::MAX);
        };
        match self.cells {
            CellSet::All => (population.name.clone(), population.size),
            CellSet::Range(start, end) => (format!("{}, cells {start}..{end}", population.name), end - start),
            CellSet::List(list) => (format!("{}, listed cells", population.name), list.len()),
        }
    }
}

/// Reads a connector.
pub(super) fn read(node: &Node, ends: &Ends<'_>, findings: &mut Findings) -> Option<Connector> {
    let rule = node.get("rule").and_then(|e| e.value.string());
    let reader = READERS.iter().find(|reader| Some(reader.rule) == rule);
    let mut keys = vec!["rule"];
    match reader {
        Some(reader) => keys.extend(reader.keys),
        // Of an unknown rule no key is wrong.
        None => keys.extend(READERS.iter().flat_map(|reader| reader.keys)),
    }
    let what = reader.map_or("connector".to_owned(), |reader| format!("connector `{}`", reader.rule));
    let section = Section::open(node, &node.place, what, &keys, findings)?;
    let (rule, rule_node) = section.required_text("rule", "\"all_to_all\"", findings)?;
    let Some(reader) = reader else {
        let message = format!("unknown connector rule `{rule}`");
        let known = READERS.iter().map(|reader| reader.rule);
        findings.unknown("E0513", &rule_node.place, message, rule, known);
        return None;
    };
    (reader.read)(&section, ends, findings)
}

/// A required whole number from 0.
fn count(section: &Section<'_>, key: &str, example: &str, findings: &mut Findings) -> Option<usize> {
    let node = section.required(key, example, findings)?;
    whole(node, key, 0, findings).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

/// A required number from 0 to 1.
fn probability(section: &Section<'_>, key: &str, findings: &mut Findings) -> Option<f64> {
    let node = section.required(key, "0.1", findings)?;
    let probability = number(node, key, findings)?;
    if (0.0..=1.0).contains(&probability) {
        return Some(probability);
    }
    let message = format!("`{key}` is {probability}; it must be from 0 to 1");
    findings.push(
        node.place
            .error("E0515", message)
            .hint(if probability > 1.0 && probability <= 100.0 {
                format!("{probability} % is written {}", probability / 100.0)
            } else {
                "write a number such as 0.1".to_owned()
            }),
    );
    None
}
