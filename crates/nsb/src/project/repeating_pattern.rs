//! The stimulus of the kind `repeating_pattern`.

use nsb_engine::network::{Population, RepeatingPattern};
use nsb_lang::{Quantity, Unit};

use super::patterns::label_is_good;
use super::schema::{Findings, Section, milliseconds, number, quantity, whole};

pub(super) const KEYS: [&str; 11] = [
    "receptor", "weight", "label", "size", "duration", "share", "jitter", "low", "high", "change", "noise",
];

/// Reads what the kind has of its own; all but `size` may be left out.
pub(super) fn read(
    section: &Section<'_>,
    population: Option<&Population>,
    findings: &mut Findings,
) -> Option<RepeatingPattern> {
    if let Some(node) = section.get("cells") {
        let error = node
            .place
            .error("E0502", "a repeating pattern goes to all cells of its population");
        findings.push(error.hint("remove `cells`; `size` says how many of them the pattern has"));
        return None;
    }
    let label = match section.text("label", findings) {
        Some((label, node)) => label_is_good(label, &node.place, findings).then(|| label.to_owned()),
        None => Some("A".to_owned()),
    };
    let size_node = section.required("size", "1000", findings);
    let size = size_node
        .and_then(|node| whole(node, "size", 1, findings))
        .map(|size| size as usize);
    if let (Some(size), Some(node), Some(population)) = (size, size_node, population)
        && size > population.size
    {
        let (name, n_cells) = (&population.name, population.size);
        let message = format!("a pattern of {size} cells is longer than the population `{name}` of {n_cells}");
        let hint = format!("write `size = {n_cells}` or less, or enlarge the population");
        findings.push(node.place.error("E0515", message).hint(hint));
        return None;
    }
    let share = match section.get("share") {
        Some(node) => {
            let share = number(node, "share", findings);
            if let Some(share) = share.filter(|share| !(*share > 0.0 && *share < 1.0)) {
                let message = format!("`share` is {share}; it must be above 0 and below 1");
                let hint = "write the part of time that the pattern takes: `share = 0.25`";
                findings.push(node.place.error("E0515", message).hint(hint));
                return None;
            }
            share
        }
        None => Some(0.25),
    };
    let mut given = |key: &str, default: &str, unit: Unit| match section.get(key) {
        Some(node) => quantity(node, &format!("`{key}`"), &[unit], findings),
        None => Some(Quantity::parse(default).expect("a default is a quantity")),
    };
    let hertz = || Unit::parse("Hz").expect("Hz is a unit");
    let duration = given("duration", "50 ms", milliseconds());
    let jitter = given("jitter", "1 ms", milliseconds());
    let change = given("change", "50 ms", milliseconds());
    let (low, high, noise) = (
        given("low", "0 Hz", hertz()),
        given("high", "90 Hz", hertz()),
        given("noise", "10 Hz", hertz()),
    );
    Some(RepeatingPattern {
        label: label?,
        size: size?,
        duration: duration?,
        share: share?,
        jitter: jitter?,
        low: low?,
        high: high?,
        change: change?,
        noise: noise?,
        shuffled: false,
    })
}
