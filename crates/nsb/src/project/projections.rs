//! `[projections.NAME]`: who sends spikes to whom.

use nsb_engine::network::{Connection, Connector, Population, Projection};
use nsb_lang::Unit;

use super::node::{Entry, Kind, Node};
use super::populations::Populations;
use super::schema::{Findings, Section, milliseconds, name_is_good, number, quantity, whole};

const KEYS: [&str; 6] = ["source", "target", "receptor", "connect", "weight", "delay"];
const RULES: [&str; 3] = ["pairwise_probability", "all_to_all", "list"];

/// Reads all projections; those with mistakes in their ends are left out.
pub(crate) fn read(root: &Section<'_>, populations: &Populations<'_>, findings: &mut Findings) -> Vec<Projection> {
    root.named("projections", findings)
        .iter()
        .filter_map(|entry| projection(entry, populations, findings))
        .collect()
}

fn projection(entry: &Entry, populations: &Populations<'_>, findings: &mut Findings) -> Option<Projection> {
    name_is_good(entry, "projection", findings);
    let section = Section::open(
        &entry.value,
        &entry.key_place,
        format!("projection `{}`", entry.key),
        &KEYS,
        findings,
    )?;
    let source = section.required_text("source", "\"POPULATION\"", findings);
    let target = section.required_text("target", "\"POPULATION\"", findings);
    let receptor = section.required_text("receptor", "\"RECEPTOR\"", findings);
    for (name, node) in [source, target].into_iter().flatten() {
        populations.check(name, &node.place, findings);
    }
    let target_population = target.and_then(|(name, _)| populations.get(name));
    let weight_units = match (target_population, receptor) {
        (Some(population), Some((name, node))) => receptor_unit(population, name, node, findings),
        _ => Vec::new(),
    };
    let weight = section
        .get("weight")
        .and_then(|node| quantity(node, "`weight`", &weight_units, findings));
    let delay = section
        .get("delay")
        .and_then(|node| quantity(node, "`delay`", &[milliseconds()], findings));
    let connector = section
        .required("connect", "{ rule = \"all_to_all\" }", findings)
        .and_then(|node| connector(node, &weight_units, findings))?;
    if let Connector::PairwiseProbability { .. } | Connector::AllToAll { .. } = connector {
        let example = weight_units
            .first()
            .map_or("\"1 nS\"".to_owned(), |u| format!("\"1 {}\"", u.symbol()));
        section.required("weight", &example, findings);
        section.required("delay", "\"1 ms\"", findings);
    }
    Some(Projection {
        name: entry.key.clone(),
        source: source?.0.to_owned(),
        target: target?.0.to_owned(),
        receptor: receptor?.0.to_owned(),
        connector,
        weight,
        delay,
    })
}

/// The unit of the weights of a receptor.
fn receptor_unit(population: &Population, name: &str, node: &Node, findings: &mut Findings) -> Vec<Unit> {
    match population.receptors.iter().find(|r| r.name == name) {
        Some(receptor) => receptor.model.weight_unit.clone().into_iter().collect(),
        None => {
            let message = format!("population `{}` has no receptor `{name}`", population.name);
            let known: Vec<&str> = population.receptors.iter().map(|r| r.name.as_str()).collect();
            if known.is_empty() {
                findings.push(node.place.error("E0511", message).hint(format!(
                    "add a table [populations.{}.receptors.{name}] with model = \"exponential_conductance\"",
                    population.name
                )));
            } else {
                findings.unknown("E0511", &node.place, message, name, known);
            }
            Vec::new()
        }
    }
}

fn connector(node: &Node, weight_units: &[Unit], findings: &mut Findings) -> Option<Connector> {
    const ALL: [&str; 4] = ["rule", "probability", "self_connections", "pairs"];
    let place = &node.place;
    let rule = node.get("rule").and_then(|e| e.value.string());
    let keys: &[&str] = match rule {
        Some("pairwise_probability") => &["rule", "probability", "self_connections"],
        Some("all_to_all") => &["rule", "self_connections"],
        Some("list") => &["rule", "pairs"],
        _ => &ALL,
    };
    let what = rule
        .filter(|r| RULES.contains(r))
        .map_or("connector".to_owned(), |r| format!("connector `{r}`"));
    let section = Section::open(node, place, what, keys, findings)?;
    let (rule, rule_node) = section.required_text("rule", "\"all_to_all\"", findings)?;
    match rule {
        "pairwise_probability" => {
            let node = section.required("probability", "0.1", findings)?;
            let probability = number(node, "probability", findings)?;
            if !(0.0..=1.0).contains(&probability) {
                findings.push(
                    node.place
                        .error(
                            "E0515",
                            format!("`probability` is {probability}; it must be from 0 to 1"),
                        )
                        .hint(if probability > 1.0 && probability <= 100.0 {
                            format!("{probability} % is written {}", probability / 100.0)
                        } else {
                            "write a number such as 0.1".to_owned()
                        }),
                );
                return None;
            }
            Some(Connector::PairwiseProbability {
                probability,
                self_connections: section.flag("self_connections", false, findings),
            })
        }
        "all_to_all" => Some(Connector::AllToAll {
            self_connections: section.flag("self_connections", false, findings),
        }),
        "list" => {
            let node = section.required("pairs", "[[0, 1], [1, 2]]", findings)?;
            pairs(node, weight_units, findings).map(Connector::ExplicitList)
        }
        _ => {
            findings.unknown(
                "E0513",
                &rule_node.place,
                format!("unknown connector rule `{rule}`"),
                rule,
                RULES,
            );
            None
        }
    }
}

fn pairs(node: &Node, weight_units: &[Unit], findings: &mut Findings) -> Option<Vec<Connection>> {
    let Kind::Array(items) = &node.kind else {
        findings.push(
            node.place
                .error("E0504", format!("`pairs` must be a list, not {}", node.kind.name()))
                .hint("write `pairs = [[0, 1], [1, 2]]`: source and target of each connection"),
        );
        return None;
    };
    let read: Vec<_> = items.iter().map(|item| pair(item, weight_units, findings)).collect();
    read.into_iter().collect()
}

fn pair(node: &Node, weight_units: &[Unit], findings: &mut Findings) -> Option<Connection> {
    let cell = |node: &Node, key: &str, findings: &mut Findings| {
        whole(node, key, 0, findings).map(|cell| usize::try_from(cell).unwrap_or(usize::MAX))
    };
    match &node.kind {
        Kind::Array(ends) if ends.len() == 2 => {
            let (source, target) = (cell(&ends[0], "source", findings), cell(&ends[1], "target", findings));
            Some(Connection {
                source: source?,
                target: target?,
                weight: None,
                delay: None,
            })
        }
        Kind::Table(_) => {
            let section = Section::open(
                node,
                &node.place,
                "connection",
                &["source", "target", "weight", "delay"],
                findings,
            )?;
            let source = section
                .required("source", "0", findings)
                .and_then(|node| cell(node, "source", findings));
            let target = section
                .required("target", "1", findings)
                .and_then(|node| cell(node, "target", findings));
            let weight = section
                .get("weight")
                .map(|node| quantity(node, "`weight`", weight_units, findings));
            let delay = section
                .get("delay")
                .map(|node| quantity(node, "`delay`", &[milliseconds()], findings));
            Some(Connection {
                source: source?,
                target: target?,
                weight: weight.flatten(),
                delay: delay.flatten(),
            })
        }
        other => {
            let given = if let Kind::Array(ends) = other {
                format!("a list of {}", ends.len())
            } else {
                other.name().to_owned()
            };
            findings.push(
                node.place
                    .error("E0504", format!("a connection must be a pair of cells, not {given}"))
                    .hint("write `[0, 1]`, or `{ source = 0, target = 1, weight = \"1 nS\", delay = \"1 ms\" }`"),
            );
            None
        }
    }
}
