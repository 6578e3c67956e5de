//! `[rewards.NAME]`: what plastic synapses get for what the network does.

use nsb_engine::network::{CellGroup, Cues, Reward, RewardCondition, RewardDelay};
use nsb_lang::{Quantity, Unit};

use super::courses::quantities;
use super::node::{Entry, Kind, Node};
use super::populations::Populations;
use super::schema::{Findings, Section, milliseconds, name_is_good, number, quantity, text};
use super::{cells, distributions};

/// Keys of every kind.
const COMMON: [&str; 4] = ["kind", "projections", "amount", "delay"];

const TIMES_EXAMPLE: &str = "[\"10 s\", \"20 s\"]";
const GROUP_EXAMPLE: &str = "{ population = \"POPULATION\", cells = [0] }";

/// What a reward may be given for: its name, its keys besides the common ones, and how they are read.
struct Reader {
    kind: &'static str,
    keys: &'static [&'static str],
    read: fn(&mut Keys<'_, '_>) -> Option<RewardCondition>,
}

const READERS: [Reader; 3] = [
    Reader {
        kind: "spike_pair",
        keys: &["first", "second", "within"],
        read: |keys| {
            let (first, second) = (keys.group("first"), keys.group("second"));
            let within = keys.time("within", "10 ms");
            Some(RewardCondition::SpikePair {
                first: first?,
                second: second?,
                within: within?,
            })
        },
    },
    Reader {
        kind: "more_spikes",
        keys: &["more", "fewer", "cues", "start", "interval", "window"],
        read: |keys| {
            let (more, fewer) = (keys.group("more"), keys.group("fewer"));
            let cues = keys.cues();
            let window = keys.time("window", "20 ms");
            Some(RewardCondition::MoreSpikes {
                more: more?,
                fewer: fewer?,
                cues: cues?,
                window: window?,
            })
        },
    },
    Reader {
        kind: "times",
        keys: &["times"],
        read: |keys| keys.times("times").map(RewardCondition::Times),
    },
];

/// Reads all rewards; those with mistakes are left out.
pub(crate) fn read(root: &Section<'_>, populations: &Populations<'_>, findings: &mut Findings) -> Vec<Reward> {
    let entries = root.named("rewards", findings).iter();
    entries
        .filter_map(|entry| reward(root, entry, populations, findings))
        .collect()
}

fn reward(root: &Section<'_>, entry: &Entry, populations: &Populations<'_>, findings: &mut Findings) -> Option<Reward> {
    name_is_good(entry, "reward", findings);
    let kind = entry.value.get("kind").and_then(|e| e.value.string());
    let reader = READERS.iter().find(|reader| Some(reader.kind) == kind);
    let mut keys = COMMON.to_vec();
    match reader {
        Some(reader) => keys.extend(reader.keys),
        // Of an unknown kind no key is wrong.
        None => keys.extend(READERS.iter().flat_map(|reader| reader.keys)),
    }
    let what = format!("reward `{}`", entry.key);
    let section = Section::open(&entry.value, &entry.key_place, what, &keys, findings)?;
    let (kind, kind_node) = section.required_text("kind", "\"spike_pair\"", findings)?;
    let Some(reader) = reader else {
        let message = format!("unknown kind of reward `{kind}`");
        findings.unknown("E0513", &kind_node.place, message, kind, READERS.iter().map(|r| r.kind));
        return None;
    };
    let projections = section.get("projections").map(|node| projections(root, node, findings));
    let amount = section
        .required("amount", "1", findings)
        .and_then(|node| number(node, "amount", findings));
    let given = match kind {
        "times" => section.get("delay"),
        _ => section.required("delay", "\"1 s\"", findings),
    };
    let delay = given.map(|node| delay(node, findings));
    let condition = (reader.read)(&mut Keys {
        section: &section,
        populations,
        findings,
    });
    Some(Reward {
        name: entry.key.clone(),
        projections: projections.unwrap_or_else(|| Some(Vec::new()))?,
        condition: condition?,
        delay: match delay {
            Some(delay) => Some(delay?),
            None => None,
        },
        amount: amount?,
    })
}

/// A list of names of projections.
fn projections(root: &Section<'_>, node: &Node, findings: &mut Findings) -> Option<Vec<String>> {
    let items = match &node.kind {
        Kind::Array(items) => &items[..],
        _ => &[],
    };
    if items.is_empty() {
        let error = node
            .place
            .error("E0504", "`projections` must be a list of names of projections");
        findings.push(error.hint("write projections = [\"PROJECTION\"], or leave it out for all that know rewards"));
        return None;
    }
    let declared = root.get("projections").and_then(Node::table).unwrap_or_default();
    let mut names = Vec::new();
    for item in items {
        let name = text(item, "projections", findings)?;
        if !declared.iter().any(|entry| entry.key == name) {
            let known = declared.iter().map(|entry| entry.key.as_str());
            findings.unknown(
                "E0510",
                &item.place,
                format!("unknown projection `{name}`"),
                name,
                known,
            );
            return None;
        }
        names.push(name.to_owned());
    }
    Some(names)
}

/// A time, or a distribution of times.
fn delay(node: &Node, findings: &mut Findings) -> Option<RewardDelay> {
    let units = [milliseconds()];
    match &node.kind {
        Kind::Table(_) => distributions::read(node, "`delay`", &units, findings).map(RewardDelay::Random),
        _ => quantity(node, "`delay`", &units, findings).map(RewardDelay::Fixed),
    }
}

/// The keys of a kind.
struct Keys<'k, 's> {
    section: &'k Section<'s>,
    populations: &'k Populations<'k>,
    findings: &'k mut Findings,
}

impl Keys<'_, '_> {
    /// Some cells of a population.
    fn group(&mut self, key: &str) -> Option<CellGroup> {
        let node = self.section.required(key, GROUP_EXAMPLE, self.findings)?;
        let what = format!("group `{key}`");
        let section = Section::open(node, &node.place, what, &["population", "cells"], self.findings)?;
        let (name, name_node) = section.required_text("population", "\"POPULATION\"", self.findings)?;
        self.populations.check(name, &name_node.place, self.findings);
        let population = self.populations.get(name);
        let cells = cells::read(&section, population, self.findings);
        Some(CellGroup {
            population: population?.name.clone(),
            cells,
        })
    }

    fn time(&mut self, key: &str, example: &str) -> Option<Quantity> {
        let node = self.section.required(key, &format!("\"{example}\""), self.findings)?;
        quantity(node, &format!("`{key}`"), &[milliseconds()], self.findings)
    }

    fn times(&mut self, key: &str) -> Option<Vec<Quantity>> {
        let units: [Unit; 1] = [milliseconds()];
        let node = self.section.required(key, TIMES_EXAMPLE, self.findings)?;
        quantities(node, key, &units, TIMES_EXAMPLE, self.findings)
    }

    /// A list of times, or a start and an interval.
    fn cues(&mut self) -> Option<Cues> {
        if let Some(node) = self.section.get("cues") {
            if let Some(other) = self.section.get("interval").or(self.section.get("start")) {
                let error = other
                    .place
                    .error("E0515", "cues are given both by a list and at equal intervals");
                self.findings
                    .push(error.hint("remove `cues`, or `start` and `interval`"));
                return None;
            }
            return quantities(node, "cues", &[milliseconds()], TIMES_EXAMPLE, self.findings).map(Cues::At);
        }
        if self.section.get("interval").is_none() && self.section.get("start").is_none() {
            let error = self
                .section
                .place()
                .error("E0503", format!("the {} has no `cues`", self.section.what));
            let hint = "add `cues = [\"1 s\", \"2 s\"]`, or `start = \"1 s\"` and `interval = \"1 s\"`";
            self.findings.push(error.label("needs `cues`").hint(hint));
            return None;
        }
        let (start, interval) = (self.time("start", "1 s"), self.time("interval", "1 s"));
        Some(Cues::Every {
            start: start?,
            interval: interval?,
        })
    }
}
