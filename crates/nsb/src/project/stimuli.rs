//! `[stimuli.NAME]`: currents and spikes from outside.

use nsb_engine::network::{Course, Population, Rate, SourceSpikes, SpikeSource, Stimulus, VoltageClamp, Waveform};
use nsb_lang::{Quantity, Unit};

use super::cells;
use super::courses::{self, quantities};
use super::node::{Entry, Kind, Node};
use super::populations::Populations;
use super::projections::receptor_unit;
use super::repeating_pattern;
use super::schema::{Findings, Section, milliseconds, name_is_good, number, quantity};
use super::table::{self, Column, Content};

/// Keys of every kind.
const COMMON: [&str; 3] = ["population", "kind", "cells"];

/// The keys of a kind besides the common ones.
const KINDS: [(&str, &[&str]); 6] = [
    ("constant", &["receptor", "amplitude"]),
    ("step", &["receptor", "amplitude", "start", "stop"]),
    ("voltage_clamp", &["command", "start", "stop"]),
    (
        "poisson",
        &["receptor", "weight", "rate", "correlation", "jitter", "start", "stop"],
    ),
    ("repeating_pattern", &repeating_pattern::KEYS),
    ("spike_trains", &["receptor", "weight", "times", "file", "csv"]),
];

/// All that acts from outside.
#[derive(Default)]
pub(crate) struct Stimuli {
    pub(crate) currents: Vec<Stimulus>,
    pub(crate) clamps: Vec<VoltageClamp>,
    pub(crate) spikes: Vec<SpikeSource>,
}

/// Reads all stimuli.
pub(crate) fn read(root: &Section<'_>, populations: &Populations<'_>, findings: &mut Findings) -> Stimuli {
    let mut stimuli = Stimuli::default();
    for entry in root.named("stimuli", findings) {
        // What is wrong has been noted.
        let _ = stimulus(entry, populations, &mut stimuli, findings);
    }
    stimuli
}

fn known_kinds() -> impl Iterator<Item = &'static str> {
    KINDS
        .iter()
        .map(|(kind, _)| *kind)
        .chain(courses::READERS.iter().map(|reader| reader.kind))
}

fn stimulus(
    entry: &Entry,
    populations: &Populations<'_>,
    stimuli: &mut Stimuli,
    findings: &mut Findings,
) -> Option<()> {
    name_is_good(entry, "stimulus", findings);
    let kind = entry.value.get("kind").and_then(|e| e.value.string());
    let course = courses::READERS.iter().find(|reader| Some(reader.kind) == kind);
    let mut keys = COMMON.to_vec();
    match (KINDS.iter().find(|(known, _)| Some(*known) == kind), course) {
        (Some((_, more)), _) => keys.extend(*more),
        (None, Some(reader)) => keys.extend(reader.keys.iter().chain(&["receptor", "start", "stop"])),
        // Of an unknown kind no key is wrong.
        (None, None) => {
            keys.extend(KINDS.iter().flat_map(|(_, keys)| *keys));
            keys.extend(courses::READERS.iter().flat_map(|reader| reader.keys));
        }
    }
    let section = Section::open(
        &entry.value,
        &entry.key_place,
        format!("stimulus `{}`", entry.key),
        &keys,
        findings,
    )?;
    let target = section.required_text("population", "\"POPULATION\"", findings);
    if let Some((name, node)) = target {
        populations.check(name, &node.place, findings);
    }
    let population = target.and_then(|(name, _)| populations.get(name));
    let (kind, kind_node) = section.required_text("kind", "\"constant\"", findings)?;
    if !known_kinds().any(|known| known == kind) {
        let message = format!("unknown kind of stimulus `{kind}`");
        findings.unknown("E0513", &kind_node.place, message, kind, known_kinds());
        return None;
    }
    if ["poisson", "repeating_pattern", "spike_trains"].contains(&kind) {
        let source = spike_source(entry, &section, population, kind, findings)?;
        stimuli.spikes.push(source);
        return Some(());
    }
    let cells = cells::read(&section, population, findings);
    if kind == "voltage_clamp" {
        let command = command(&section, population, findings);
        stimuli.clamps.push(VoltageClamp {
            name: entry.key.clone(),
            population: target?.0.to_owned(),
            cells,
            command: command?,
        });
        return Some(());
    }
    let receptor = section.text("receptor", findings);
    let units = match (population, receptor) {
        (Some(population), Some((name, node))) => receptor_inputs(population, name, node, findings)?,
        (Some(population), None) => input_units(population),
        (None, _) => Vec::new(),
    };
    let waveform = match course {
        Some(reader) => {
            let course = reader.read(&section, &units, findings);
            let (start, stop) = (time(&section, "start", findings), time(&section, "stop", findings));
            course.map(|course| Waveform::Varying { course, start, stop })
        }
        None => switched(&section, kind, &units, findings),
    };
    stimuli.currents.push(Stimulus {
        name: entry.key.clone(),
        population: target?.0.to_owned(),
        cells,
        receptor: receptor.map(|(name, _)| name.to_owned()),
        waveform: waveform?,
    });
    Some(())
}

/// The potential of a voltage clamp: one, or a course such as `{ kind = "ramp", … }`.
fn command(section: &Section<'_>, population: Option<&Population>, findings: &mut Findings) -> Option<Waveform> {
    let voltage = population.and_then(|p| p.model.states.iter().find(|state| state.name == "V"));
    let units = match (population, voltage) {
        (Some(_), Some(state)) => vec![state.unit.clone()],
        // What has no `V` is reported with the network.
        _ => Vec::new(),
    };
    let node = section.required("command", "\"-60 mV\"", findings);
    let command = node.and_then(|node| level_or_course(node, "command", &units, &[], findings));
    let (start, stop) = (time(section, "start", findings), time(section, "stop", findings));
    Some(match command? {
        LevelOrCourse::Course(course) => Waveform::Varying { course, start, stop },
        LevelOrCourse::Level(amplitude) => match start {
            None if stop.is_none() => Waveform::Constant { amplitude },
            start => Waveform::Step {
                amplitude,
                start: start.unwrap_or_else(|| Quantity::new(0.0, milliseconds())),
                stop,
            },
        },
    })
}

/// A current that is on or off.
fn switched(section: &Section<'_>, kind: &str, units: &[Unit], findings: &mut Findings) -> Option<Waveform> {
    let example = units
        .first()
        .map_or("\"20 uA/cm^2\"".to_owned(), |u| format!("\"20 {}\"", u.symbol()));
    let amplitude = section
        .required("amplitude", &example, findings)
        .and_then(|node| quantity(node, "`amplitude`", units, findings));
    if kind == "constant" {
        return amplitude.map(|amplitude| Waveform::Constant { amplitude });
    }
    section.required("start", "\"10 ms\"", findings);
    let (start, stop) = (time(section, "start", findings), time(section, "stop", findings));
    Some(Waveform::Step {
        amplitude: amplitude?,
        start: start?,
        stop,
    })
}

fn time(section: &Section<'_>, key: &str, findings: &mut Findings) -> Option<Quantity> {
    let node = section.get(key)?;
    quantity(node, &format!("`{key}`"), &[milliseconds()], findings)
}

fn spike_source(
    entry: &Entry,
    section: &Section<'_>,
    population: Option<&Population>,
    kind: &str,
    findings: &mut Findings,
) -> Option<SpikeSource> {
    let receptor = section.required_text("receptor", "\"RECEPTOR\"", findings);
    let units = match (population, receptor) {
        (Some(population), Some((name, node))) => receptor_unit(population, name, node, findings),
        _ => Vec::new(),
    };
    let example = units
        .first()
        .map_or("\"1 nS\"".to_owned(), |u| format!("\"1 {}\"", u.symbol()));
    let weight = section
        .required("weight", &example, findings)
        .and_then(|node| quantity(node, "`weight`", &units, findings));
    let spikes = if kind == "repeating_pattern" {
        repeating_pattern::read(section, population, findings).map(SourceSpikes::Repeating)
    } else if kind == "poisson" {
        let cells = cells::read(section, population, findings);
        let rate = section
            .required("rate", "\"100 Hz\"", findings)
            .and_then(|node| rate(node, findings));
        let (start, stop) = (time(section, "start", findings), time(section, "stop", findings));
        let jitter = time(section, "jitter", findings);
        if let (Some(node), None) = (section.get("jitter"), section.get("correlation")) {
            findings.push(
                node.place
                    .error("E0502", "spikes that are not correlated have no jitter")
                    .hint("add `correlation = 0.1`, or remove `jitter`"),
            );
        }
        match section.get("correlation") {
            None => rate.map(|rate| SourceSpikes::Poisson {
                cells,
                rate,
                start,
                stop,
            }),
            Some(node) => {
                let correlation = number(node, "correlation", findings)?;
                rate.map(|rate| SourceSpikes::CorrelatedPoisson {
                    cells,
                    rate,
                    correlation,
                    jitter,
                    start,
                    stop,
                })
            }
        }
    } else {
        given_spikes(section, population, findings)
    };
    Some(SpikeSource {
        name: entry.key.clone(),
        population: population?.name.clone(),
        receptor: receptor?.0.to_owned(),
        weight: weight?,
        spikes: spikes?,
    })
}

/// `"100 Hz"`, or a course such as `{ kind = "sine", … }`; a noise has no place in a rate.
fn rate(node: &Node, findings: &mut Findings) -> Option<Rate> {
    let hertz = [Unit::parse("Hz").expect("Hz is a unit")];
    match level_or_course(node, "rate", &hertz, &["noise"], findings)? {
        LevelOrCourse::Level(rate) => Some(Rate::Constant(rate)),
        LevelOrCourse::Course(course) => Some(Rate::Varying(course)),
    }
}

/// Something that may vary.
#[allow(clippy::large_enum_variant, reason = "lives for the reading of one line")]
enum LevelOrCourse {
    Level(Quantity),
    Course(Course),
}

/// A quantity, or a course of any kind but those left out.
fn level_or_course(
    node: &Node,
    key: &str,
    units: &[Unit],
    left_out: &[&str],
    findings: &mut Findings,
) -> Option<LevelOrCourse> {
    if !matches!(node.kind, Kind::Table(_)) {
        return quantity(node, &format!("`{key}`"), units, findings).map(LevelOrCourse::Level);
    }
    let readers = || {
        courses::READERS
            .iter()
            .filter(|reader| !left_out.contains(&reader.kind))
    };
    let kind = node.get("kind").and_then(|e| e.value.string());
    let reader = readers().find(|reader| Some(reader.kind) == kind);
    let mut keys = vec!["kind"];
    match reader {
        Some(reader) => keys.extend(reader.keys),
        None => keys.extend(readers().flat_map(|reader| reader.keys)),
    }
    let section = Section::open(node, &node.place, key, &keys, findings)?;
    let (kind, kind_node) = section.required_text("kind", "\"sine\"", findings)?;
    let Some(reader) = reader else {
        let message = format!("unknown course of a {key} `{kind}`");
        let known = readers().map(|reader| reader.kind);
        findings.unknown("E0513", &kind_node.place, message, kind, known);
        return None;
    };
    reader.read(&section, units, findings).map(LevelOrCourse::Course)
}

/// The same times for all cells, or a table of cells and times.
fn given_spikes(
    section: &Section<'_>,
    population: Option<&Population>,
    findings: &mut Findings,
) -> Option<SourceSpikes> {
    let milliseconds = [milliseconds()];
    if let Some(node) = section.get("times") {
        if let Some(other) = section.get("csv").or(section.get("file")) {
            findings.push(
                other
                    .place
                    .error("E0515", "spikes are given both by `times` and by a table")
                    .hint("remove one of the two"),
            );
            return None;
        }
        let times = quantities(node, "times", &milliseconds, "[\"10 ms\", \"12.5 ms\"]", findings);
        let cells = cells::read(section, population, findings);
        return times.map(|times| SourceSpikes::Times { cells, times });
    }
    let table = section.get("csv").or(section.get("file"));
    if let (Some(node), Some(_)) = (section.get("cells"), table) {
        findings.push(
            node.place
                .error("E0502", "a table of spikes names its cells itself")
                .hint("remove `cells`, or give `times` in place of the table"),
        );
        return None;
    }
    let columns = [
        Column {
            name: "cell",
            required: true,
            content: Content::Cell {
                population: population.map_or("", |p| p.name.as_str()).to_owned(),
                size: population.map_or(usize::MAX, |p| p.size),
            },
        },
        Column {
            name: "time",
            required: true,
            content: Content::Quantity(&milliseconds),
        },
    ];
    let table = table::read(section, &columns, findings)?;
    let [Some(cells), Some(times)] = table.as_slice() else {
        return None;
    };
    let spike = |(&cell, &time): (&f64, &f64)| (cell as usize, Quantity::new(time, times.unit.clone()));
    Some(SourceSpikes::Trains(
        cells.values.iter().zip(&times.values).map(spike).collect(),
    ))
}

/// The units of the inputs of a receptor.
fn receptor_inputs(population: &Population, name: &str, node: &Node, findings: &mut Findings) -> Option<Vec<Unit>> {
    let before = findings.0.0.len();
    receptor_unit(population, name, node, findings);
    let receptor = population.receptors.iter().find(|receptor| receptor.name == name)?;
    let units: Vec<Unit> = receptor.model.inputs.iter().map(|input| input.unit.clone()).collect();
    if units.is_empty() && findings.0.0.len() == before {
        let message = format!(
            "the receptor model `{}` has no input that a stimulus could write",
            receptor.model.name
        );
        findings.push(
            node.place
                .error("E0616", message)
                .hint("use a model such as `conductance_input`, or leave `receptor` out for a current"),
        );
        return None;
    }
    Some(units)
}

/// The units in which a population takes a stimulus: that of its inputs, and an absolute current where an `area`
/// can turn it into a density.
fn input_units(population: &Population) -> Vec<Unit> {
    let model = &population.model;
    let mut units: Vec<Unit> = model.inputs.iter().map(|input| input.unit.clone()).collect();
    let current = Unit::parse("pA").expect("pA is a unit");
    let has_area = model.parameters.iter().any(|p| p.name == "area");
    if has_area && units.iter().all(|u| u.dimension() != current.dimension()) {
        units.push(current);
    }
    units
}
