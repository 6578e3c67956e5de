//! `[detection]`: who finds a repeating pattern, and what that is compared with.

use nsb_engine::network::{CellSet, Monitor, Projection, SourceSpikes, SpikeSource};

use super::populations::Populations;
use super::projections::receptor_unit;
use super::schema::{Findings, Section, milliseconds, quantity};
use super::training::{controls, seeds};
use crate::learning::Detection;

const KEYS: [&str; 7] = [
    "stimulus",
    "readout",
    "projection",
    "window",
    "strong",
    "control",
    "seeds",
];

/// What the rest of the project says.
pub(super) struct Given<'a> {
    pub(super) populations: &'a Populations<'a>,
    pub(super) projections: &'a [Projection],
    pub(super) monitors: &'a [Monitor],
    pub(super) sources: &'a [SpikeSource],
    pub(super) duration_ms: Option<f64>,
    pub(super) seed: Option<u64>,
}

/// Reads the table, if there is one without mistakes.
pub(super) fn read(root: &Section<'_>, given: Given<'_>, findings: &mut Findings) -> Option<Detection> {
    let node = root.get("detection")?;
    let section = Section::open(node, &node.place, "table `detection`", &KEYS, findings)?;
    if let Some(other) = root.get("training") {
        let error = other
            .place
            .error("E0515", "a project has a `[training]` or a `[detection]`, not both");
        findings.push(error.hint("remove one of the two"));
    }
    let stimulus = section.required_text("stimulus", "\"STIMULUS\"", findings);
    let repeats = |source: &&SpikeSource| matches!(source.spikes, SourceSpikes::Repeating(_));
    let source = stimulus.and_then(|(name, node)| {
        let found = given.sources.iter().filter(repeats).find(|source| source.name == name);
        if found.is_none() {
            let message = format!("there is no stimulus `{name}` of the kind `repeating_pattern`");
            let known = given.sources.iter().filter(repeats).map(|source| source.name.as_str());
            findings.unknown("E0510", &node.place, message, name, known);
        }
        found
    });
    let readout = section.required_text("readout", "\"POPULATION\"", findings);
    if let Some((name, node)) = readout {
        given.populations.check(name, &node.place, findings);
    }
    let readout = readout.and_then(|(name, _)| given.populations.get(name));
    let projection = section.required_text("projection", "\"PROJECTION\"", findings);
    let projection = projection.and_then(|(name, node)| {
        let found = given.projections.iter().find(|projection| projection.name == name);
        match (found, source, readout) {
            (None, ..) => {
                let known = given.projections.iter().map(|projection| projection.name.as_str());
                let message = format!("there is no projection `{name}`");
                findings.unknown("E0510", &node.place, message, name, known);
            }
            (Some(found), Some(source), Some(readout))
                if found.source != source.population || found.target != readout.name =>
            {
                let (from, to) = (&source.population, &readout.name);
                let message =
                    format!("the projection `{name}` does not lead from `{from}`, which has the pattern, to `{to}`");
                let error = node.place.error("E0515", message);
                findings.push(error.hint(format!("name a projection with source `{from}` and target `{to}`")));
                return None;
            }
            _ => {}
        }
        found
    });
    let units = match (projection, readout) {
        (Some(projection), Some(readout)) => receptor_unit(readout, &projection.receptor, node, findings),
        _ => Vec::new(),
    };
    let example = units
        .first()
        .map_or("\"1 nS\"".to_owned(), |unit| format!("\"1 {unit}\""));
    let strong = section.required("strong", &example, findings);
    let strong = strong.and_then(|node| quantity(node, "`strong`", &units, findings));
    let window = section.required("window", "\"50 s\"", findings);
    let window_ms = window.and_then(|node| {
        let window_ms = quantity(node, "`window`", &[milliseconds()], findings)?.engine();
        let duration_ms = given.duration_ms?;
        if window_ms > 0.0 && window_ms <= duration_ms {
            return Some(window_ms);
        }
        let message = format!("`window` is {window_ms} ms of a run of {duration_ms} ms");
        let hint = "write how much of the end of the run is scored: more than nothing, and no more than all";
        findings.push(node.place.error("E0515", message).hint(hint));
        None
    });
    let controls = controls(&section, findings);
    let seeds = seeds(&section, given.seed, findings);
    let readout = readout?;
    let partly = given.monitors.iter().find_map(|monitor| match monitor {
        Monitor::Spikes {
            name,
            population,
            cells,
        } if *population == readout.name && *cells != CellSet::All => Some(name),
        _ => None,
    });
    if let Some(name) = partly {
        let message = format!(
            "the recording `{name}` keeps the spikes of some cells of `{}`, of which all are scored",
            readout.name
        );
        let error = section.place().error("E0515", message);
        findings.push(error.hint(format!("remove [recordings.{name}], or its `cells`")));
        return None;
    }
    Some(Detection {
        stimulus: source?.name.clone(),
        readout: readout.name.clone(),
        n_readout: readout.size,
        projection: projection?.name.clone(),
        window_ms: window_ms?,
        strong: strong?.engine(),
        controls: controls?,
        seeds: seeds?,
    })
}
