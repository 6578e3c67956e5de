//! `[conditioning]`: what a reward should bring about, and how that is measured.

use nsb_engine::network::{Projection, Reward};

use super::node::{Kind, Node};
use super::schema::{self, Findings, Section, milliseconds, quantity};
use super::training::seeds;
use crate::conditioning::{Conditioning, RewardSchedule};

const KEYS: [&str; 6] = ["reward", "target", "others", "interval", "control", "seeds"];

/// Reads the table, if there is one.
pub(crate) fn read(
    root: &Section<'_>,
    rewards: &[Reward],
    projections: &[Projection],
    seed: Option<u64>,
    findings: &mut Findings,
) -> Option<Conditioning> {
    let node = root.get("conditioning")?;
    let place = &node.place;
    let section = Section::open(node, place, "conditioning", &KEYS, findings)?;
    if root.get("training").is_some() {
        let error = place.error("E0515", "a project has a [training] or a [conditioning], not both");
        findings.push(error.hint("split it into two projects"));
        return None;
    }
    let declared = |key: &str| -> Vec<&str> {
        let entries = root.get(key).and_then(Node::table).unwrap_or_default();
        entries.iter().map(|entry| entry.key.as_str()).collect()
    };
    let named = |key: &str, table: &str, what: &str, findings: &mut Findings| {
        let (name, node) = section.required_text(key, &format!("\"{}\"", what.to_uppercase()), findings)?;
        let known = declared(table);
        if !known.contains(&name) {
            findings.unknown("E0510", &node.place, format!("unknown {what} `{name}`"), name, known);
            return None;
        }
        Some((name.to_owned(), node))
    };
    let reward = named("reward", "rewards", "reward", findings);
    let plastic = |key: &str, findings: &mut Findings| {
        let (name, node) = named(key, "projections", "projection", findings)?;
        // One with mistakes of its own is declared, but not among those that were read.
        let projection = projections.iter().find(|projection| projection.name == name)?;
        if projection.plasticity.rules.is_empty() {
            let error = node
                .place
                .error("E0515", format!("the weights of `{name}` never change"));
            findings.push(error.hint("name a projection with a rule of plasticity"));
            return None;
        }
        let end = (projection.target.clone(), projection.receptor.clone());
        Some((name, end, node))
    };
    let (target, others) = (plastic("target", findings), plastic("others", findings));
    if let (Some((_, one, _)), Some((name, other, node))) = (&target, &others)
        && one != other
    {
        let message = format!("`{name}` ends at another receptor, so its weights cannot be compared");
        let hint = "name a projection that ends at the same receptor of the same population";
        findings.push(node.place.error("E0515", message).hint(hint));
        return None;
    }
    let interval = section.required("interval", "\"10 s\"", findings).and_then(|node| {
        let interval_ms = quantity(node, "`interval`", &[milliseconds()], findings)?.engine();
        if interval_ms > 0.0 {
            return Some(interval_ms);
        }
        let error = node.place.error("E0515", "`interval` must be more than 0 ms");
        findings.push(error.hint("write `interval = \"10 s\"`"));
        None
    });
    let controls = controls(&section, findings);
    let seeds = seeds(&section, seed, findings);
    let reward = reward?.0;
    // One with mistakes is declared, too.
    rewards.iter().find(|found| found.name == reward)?;
    Some(Conditioning {
        reward,
        target: target?.0,
        others: others?.0,
        interval_ms: interval?,
        controls: controls?,
        seeds: seeds?,
    })
}

/// `"none"`, one control, or a list; without the key the network without reward.
fn controls(section: &Section<'_>, findings: &mut Findings) -> Option<Vec<RewardSchedule>> {
    let Some(node) = section.get("control") else {
        return Some(vec![RewardSchedule::NoReward]);
    };
    let items = match &node.kind {
        Kind::Array(items) => items.as_slice(),
        Kind::String(none) if none == "none" => return Some(Vec::new()),
        _ => std::slice::from_ref(node),
    };
    let known = [RewardSchedule::NoReward, RewardSchedule::Shuffled];
    let mut controls = Vec::new();
    for item in items {
        let name = schema::text(item, "control", findings)?;
        let Some(control) = known.into_iter().find(|control| control.name() == name) else {
            let names = known.map(RewardSchedule::name).into_iter().chain(["none"]);
            findings.unknown("E0513", &item.place, format!("unknown control `{name}`"), name, names);
            return None;
        };
        if !controls.contains(&control) {
            controls.push(control);
        }
    }
    Some(controls)
}
