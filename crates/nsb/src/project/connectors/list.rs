//! `rule = "list"`: pairs written in the project.

use nsb_engine::network::{Connection, Connector};
use nsb_lang::Unit;

use super::{Ends, Reader};
use crate::project::node::{Kind, Node};
use crate::project::schema::{Findings, Section, milliseconds, quantity, whole};

pub(super) const READER: Reader = Reader {
    rule: "list",
    keys: &["pairs"],
    read,
};

fn read(section: &Section<'_>, ends: &Ends<'_>, findings: &mut Findings) -> Option<Connector> {
    let node = section.required("pairs", "[[0, 1], [1, 2]]", findings)?;
    pairs(node, ends.weight_units, findings).map(Connector::ExplicitList)
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
