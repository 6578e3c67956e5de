//! `{ distribution = "normal", mean = "0.5 nS", sd = "0.1 nS", min = "0 nS" }`: numbers that are drawn.

use nsb_engine::network::{Distribution, Outside, Shape};
use nsb_lang::{Quantity, Unit};

use super::node::Node;
use super::schema::{Findings, Section, quantity};

/// How a distribution is read: its name, its two numbers (the second may be none), and what they make.
struct Reader {
    name: &'static str,
    keys: &'static [&'static str],
    shape: fn(Vec<Quantity>) -> Option<Shape>,
}

const READERS: [Reader; 4] = [
    Reader {
        name: "normal",
        keys: &["mean", "sd"],
        shape: |numbers| pair(numbers).map(|[mean, sd]| Shape::Normal { mean, sd }),
    },
    Reader {
        name: "uniform",
        keys: &["low", "high"],
        shape: |numbers| pair(numbers).map(|[low, high]| Shape::Uniform { low, high }),
    },
    Reader {
        name: "lognormal",
        keys: &["mean", "sd"],
        shape: |numbers| pair(numbers).map(|[mean, sd]| Shape::Lognormal { mean, sd }),
    },
    Reader {
        name: "exponential",
        keys: &["mean"],
        shape: |numbers| numbers.into_iter().next().map(|mean| Shape::Exponential { mean }),
    },
];

const LIMITS: [&str; 3] = ["min", "max", "outside"];

/// Reads a distribution of quantities in the dimension of one of `units`.
pub(super) fn read(node: &Node, what: &str, units: &[Unit], findings: &mut Findings) -> Option<Distribution> {
    let name = node.get("distribution").and_then(|e| e.value.string());
    let reader = READERS.iter().find(|reader| Some(reader.name) == name);
    let mut keys = vec!["distribution"];
    match reader {
        Some(reader) => keys.extend(reader.keys),
        // Of an unknown distribution no key is wrong.
        None => keys.extend(READERS.iter().flat_map(|reader| reader.keys)),
    }
    keys.extend(LIMITS);
    let section = Section::open(node, &node.place, format!("distribution of {what}"), &keys, findings)?;
    let (name, name_node) = section.required_text("distribution", "\"normal\"", findings)?;
    let Some(reader) = reader else {
        let message = format!("unknown distribution `{name}`");
        findings.unknown("E0513", &name_node.place, message, name, READERS.iter().map(|r| r.name));
        return None;
    };
    let unit = units.first().filter(|unit| !unit.is_one());
    let example = unit.map_or("1".to_owned(), |unit| format!("\"1 {}\"", unit.symbol()));
    let mut number = |key: &str, node: &Node| quantity(node, &format!("`{key}`"), units, findings);
    let min = section.get("min").map(|node| number("min", node));
    let max = section.get("max").map(|node| number("max", node));
    let mut numbers = Vec::new();
    for key in reader.keys {
        let node = section.required(key, &example, findings);
        numbers.push(node.and_then(|node| quantity(node, &format!("`{key}`"), units, findings)));
    }
    let outside = match section.text("outside", findings) {
        None | Some(("clip", _)) => Outside::Clip,
        Some(("redraw", _)) => Outside::Redraw,
        Some((other, node)) => {
            let message = format!("unknown treatment of numbers outside the limits: `{other}`");
            findings.unknown("E0513", &node.place, message, other, ["clip", "redraw"]);
            return None;
        }
    };
    let shape = (reader.shape)(numbers.into_iter().collect::<Option<Vec<_>>>()?)?;
    // `Some(None)`: given, but wrong.
    let limit = |given: Option<Option<Quantity>>| match given {
        Some(None) => None,
        Some(Some(limit)) => Some(Some(limit)),
        None => Some(None),
    };
    Some(Distribution {
        shape,
        min: limit(min)?,
        max: limit(max)?,
        outside,
    })
}

fn pair(numbers: Vec<Quantity>) -> Option<[Quantity; 2]> {
    numbers.try_into().ok()
}
