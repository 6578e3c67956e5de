//! `[training]`: when the patterns are shown, learned and tested, and what that is compared with.

use nsb_engine::network::{CellSet, Monitor, Population, Projection};
use nsb_lang::{Diagnostic, Quantity, Unit};

use super::node::{Kind, Node};
use super::patterns::Patterns;
use super::populations::Populations;
use super::projections::receptor_unit;
use super::schema::{self, Findings, Section, milliseconds, number, quantity, whole};
use crate::learning::{
    Condition, Cue, Input, InputSpikes, PresentationOrder, Score, TestTimes, TestTiming, Timing, Training,
};

pub(super) const KEYS: [&str; 11] = [
    "epochs",
    "start",
    "presentation",
    "rest",
    "order",
    "input",
    "test",
    "readout",
    "score",
    "control",
    "seeds",
];
const INPUT_KEYS: [&str; 4] = ["receptor", "weight", "rate", "interval"];
const TEST_KEYS: [&str; 8] = [
    "duration", "rest", "times", "cue", "receptor", "weight", "rate", "interval",
];

/// What the rest of the project says.
pub(super) struct Given<'a> {
    pub(super) populations: &'a Populations<'a>,
    pub(super) patterns: Option<Patterns<'a>>,
    pub(super) projections: &'a [Projection],
    pub(super) monitors: &'a [Monitor],
    pub(super) dt_ms: Option<f64>,
    pub(super) seed: Option<u64>,
}

/// Reads the table, if there is one without mistakes.
pub(super) fn read(root: &Section<'_>, given: Given<'_>, findings: &mut Findings) -> Option<Training> {
    let node = root.get("training")?;
    let section = Section::open(node, &node.place, "table `training`", &KEYS, findings)?;
    if root.get("patterns").is_none() {
        findings.push(
            node.place
                .error("E0503", "the training has no patterns to show")
                .hint("add a table [patterns] with `population`, `labels` and `size`"),
        );
    }
    let times = Times { dt_ms: given.dt_ms };
    let epochs = section.required("epochs", "10", findings);
    let epochs = epochs.and_then(|node| whole(node, "epochs", 1, findings));
    let presentation_ms = times.required(&section, "presentation", "\"250 ms\"", findings);
    let rest_ms = times.optional(&section, "rest", 0.0, findings);
    let start_ms = times.optional(&section, "start", 0.0, findings);
    let order = choice(
        &section,
        "order",
        PresentationOrder::ALL.map(PresentationOrder::name),
        findings,
    );
    let score = choice(&section, "score", Score::ALL.map(Score::name), findings);
    let controls = controls(&section, findings);
    let seeds = seeds(&section, given.seed, findings);

    let population = given.patterns.as_ref().map(|patterns| patterns.population);
    let input_node = section.required(
        "input",
        "{ receptor = \"RECEPTOR\", weight = \"10 mV\", rate = \"200 Hz\" }",
        findings,
    );
    let input_section =
        input_node.and_then(|node| Section::open(node, &node.place, "`input` of the training", &INPUT_KEYS, findings));
    let input = input_section
        .as_ref()
        .and_then(|section| input(section, None, population, findings));
    let test_node = section.required("test", "{ duration = \"300 ms\", cue = 0.5 }", findings);
    let test_section =
        test_node.and_then(|node| Section::open(node, &node.place, "`test` of the training", &TEST_KEYS, findings));
    let test = test_section
        .as_ref()
        .and_then(|section| test(section, &times, rest_ms, findings));
    let cue = test_section
        .as_ref()
        .and_then(|section| cue(section, input_section.as_ref()?, population, findings));
    let readout = readout(&section, population, &given, findings);

    let (patterns, input, cue) = (given.patterns?, input?, cue?);
    let (presentation_ms, test) = (presentation_ms?, test?);
    let cued = ((cue.fraction * patterns.largest as f64).round() as usize).max(1);
    fits(
        &input,
        patterns.largest,
        presentation_ms,
        "presentation",
        &section,
        findings,
    )?;
    fits(
        &cue.input,
        cued,
        test.duration_ms,
        "duration",
        test_section.as_ref()?,
        findings,
    )?;
    let readout = readout?;
    Some(Training {
        population: patterns.population.name.clone(),
        n_cells: patterns.population.size,
        readout: readout.name.clone(),
        n_readout: readout.size,
        patterns: patterns.rule,
        timing: Timing {
            epochs: usize::try_from(epochs?).unwrap_or(usize::MAX),
            start_ms: start_ms?,
            presentation_ms,
            rest_ms: rest_ms?,
            order: PresentationOrder::ALL[order?],
            test,
        },
        input,
        cue,
        score: Score::ALL[score?],
        controls: controls?,
        learning: following(root, given.projections, findings),
        seeds: seeds?,
    })
}

/// The plastic projections that do not say themselves when they learn.
fn following(root: &Section<'_>, projections: &[Projection], findings: &mut Findings) -> Vec<String> {
    let plastic = || {
        projections
            .iter()
            .filter(|projection| !projection.plasticity.rules.is_empty())
    };
    if let (None, Some(node)) = (plastic().next(), root.get("training")) {
        let message = "no projection has a rule of plasticity, so nothing can be learned";
        findings.push(
            Diagnostic::warning("W0503", &node.place.source, node.place.span, message)
                .hint("add a table [projections.NAME.plasticity.RULE] with model = \"triplet_stdp\""),
        );
    }
    let table = root.get("projections");
    let says = |name: &str| table.and_then(|table| table.get(name)?.value.get("learning")).is_some();
    let following = plastic().filter(|projection| !says(&projection.name));
    following.map(|projection| projection.name.clone()).collect()
}

/// Times that are whole numbers of steps, so that each presentation has as many.
struct Times {
    dt_ms: Option<f64>,
}

impl Times {
    fn required(&self, section: &Section<'_>, key: &str, example: &str, findings: &mut Findings) -> Option<f64> {
        let node = section.required(key, example, findings)?;
        let time_ms = self.read(node, key, findings)?;
        if time_ms > 0.0 {
            return Some(time_ms);
        }
        let message = format!("`{key}` is {time_ms} ms; it must be more than 0 ms");
        findings.push(
            node.place
                .error("E0515", message)
                .hint(format!("write `{key} = {example}`")),
        );
        None
    }

    fn optional(&self, section: &Section<'_>, key: &str, default_ms: f64, findings: &mut Findings) -> Option<f64> {
        section
            .get(key)
            .map_or(Some(default_ms), |node| self.read(node, key, findings))
    }

    fn read(&self, node: &Node, key: &str, findings: &mut Findings) -> Option<f64> {
        let time_ms = quantity(node, &format!("`{key}`"), &[milliseconds()], findings)?.engine();
        if time_ms < 0.0 {
            let message = format!("`{key}` is {time_ms} ms; a time cannot be negative");
            findings.push(
                node.place
                    .error("E0515", message)
                    .hint(format!("write `{key} = \"{} ms\"`", -time_ms)),
            );
            return None;
        }
        if let Some(dt_ms) = self.dt_ms {
            let steps = (time_ms / dt_ms).round();
            if (steps * dt_ms - time_ms).abs() > 1e-9 * time_ms {
                let message = format!("`{key}` is {time_ms} ms, no whole number of steps of {dt_ms} ms");
                let hint = format!("write `{key} = \"{} ms\"`", steps.max(1.0) * dt_ms);
                findings.push(node.place.error("E0515", message).hint(hint));
                return None;
            }
        }
        Some(time_ms)
    }
}

/// The number of a name among those that can be chosen; the first if none is given.
fn choice<const N: usize>(
    section: &Section<'_>,
    key: &str,
    names: [&'static str; N],
    findings: &mut Findings,
) -> Option<usize> {
    let Some(node) = section.get(key) else { return Some(0) };
    let name = schema::text(node, key, findings)?;
    let found = names.iter().position(|known| *known == name);
    if found.is_none() {
        findings.unknown("E0513", &node.place, format!("unknown {key} `{name}`"), name, names);
    }
    found
}

/// `"no_learning"`, `"none"`, or a list.
fn controls(section: &Section<'_>, findings: &mut Findings) -> Option<Vec<Condition>> {
    let Some(node) = section.get("control") else {
        return Some(vec![Condition::NoLearning]);
    };
    let items = match &node.kind {
        Kind::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let known = [Condition::NoLearning, Condition::Shuffled];
    let mut controls = Vec::new();
    for item in items {
        let name = schema::text(item, "control", findings)?;
        if name == "none" && items.len() == 1 {
            return Some(Vec::new());
        }
        let Some(control) = known.into_iter().find(|control| control.name() == name) else {
            let names = known.map(Condition::name).into_iter().chain(["none"]);
            findings.unknown("E0513", &item.place, format!("unknown control `{name}`"), name, names);
            return None;
        };
        if !controls.contains(&control) {
            controls.push(control);
        }
    }
    Some(controls)
}

/// A number of seeds, from that of the project on.
pub(super) fn seeds(section: &Section<'_>, first: Option<u64>, findings: &mut Findings) -> Option<Vec<u64>> {
    let first = first?;
    let Some(node) = section.get("seeds") else {
        return Some(vec![first]);
    };
    let number = whole(node, "seeds", 1, findings)?;
    let last = first.checked_add(number - 1).filter(|_| number <= 10_000);
    if last.is_none() {
        let message = format!("`seeds` is {number}, which cannot be counted from seed {first} on");
        findings.push(
            node.place
                .error("E0515", message)
                .hint("write the number of seeds, such as `seeds = 5`"),
        );
    }
    last.map(|last| (first..=last).collect())
}

/// What a cell receives. In a test what is not given is that of training.
fn input(
    section: &Section<'_>,
    training: Option<&Section<'_>>,
    population: Option<&Population>,
    findings: &mut Findings,
) -> Option<Input> {
    let get = |key: &str| section.get(key).or_else(|| training?.get(key));
    // In a test the rest has been asked for already.
    let needed = |key: &str, example: &str, findings: &mut Findings| match (get(key), training) {
        (None, None) => section.required(key, example, findings),
        (node, _) => node,
    };
    let receptor = needed("receptor", "\"RECEPTOR\"", findings);
    let receptor = receptor.and_then(|node| schema::text(node, "receptor", findings).map(|name| (name, node)));
    let units: Vec<Unit> = match (population, receptor) {
        (Some(population), Some((name, node))) => receptor_unit(population, name, node, findings),
        _ => Vec::new(),
    };
    let example = units
        .first()
        .map_or("\"10 mV\"".to_owned(), |unit| format!("\"10 {unit}\""));
    let weight = needed("weight", &example, findings);
    let weight = weight.and_then(|node| quantity(node, "`weight`", &units, findings));
    // Of rate and interval the test has its own, or those of training.
    let kinds = ["rate", "interval"];
    let own = kinds.iter().any(|key| section.get(key).is_some());
    let spikes = kinds.map(|key| if own { section.get(key) } else { get(key) });
    let spikes = match spikes {
        [Some(_), Some(other)] => {
            findings.push(
                other
                    .place
                    .error("E0515", "spikes are given both by `rate` and by `interval`")
                    .hint("remove one: `rate` is for random spikes in all cells, `interval` for a sequence"),
            );
            None
        }
        [Some(node), None] => positive(node, "rate", "200 Hz", findings).map(InputSpikes::Poisson),
        [None, Some(node)] => positive(node, "interval", "5 ms", findings).map(InputSpikes::Sequence),
        [None, None] => {
            needed("rate", "\"200 Hz\"", findings);
            None
        }
    };
    Some(Input {
        receptor: receptor?.0.to_owned(),
        weight: weight?,
        spikes: spikes?,
    })
}

/// A positive quantity of the kind of an example.
fn positive(node: &Node, key: &str, example: &str, findings: &mut Findings) -> Option<Quantity> {
    let unit = Quantity::parse(example)
        .expect("examples are quantities")
        .unit()
        .clone();
    let value = quantity(node, &format!("`{key}`"), &[unit], findings)?;
    if value.engine() > 0.0 {
        return Some(value);
    }
    let message = format!("`{key}` is {value}; it must be positive");
    findings.push(
        node.place
            .error("E0515", message)
            .hint(format!("write `{key} = \"{example}\"`")),
    );
    None
}

fn test(section: &Section<'_>, times: &Times, rest_ms: Option<f64>, findings: &mut Findings) -> Option<TestTiming> {
    let which = choice(section, "times", TestTimes::ALL.map(TestTimes::name), findings);
    let duration_ms = times.required(section, "duration", "\"300 ms\"", findings);
    let rest_ms = times.optional(section, "rest", rest_ms.unwrap_or(0.0), findings);
    Some(TestTiming {
        times: TestTimes::ALL[which?],
        duration_ms: duration_ms?,
        rest_ms: rest_ms?,
    })
}

fn cue(
    section: &Section<'_>,
    training: &Section<'_>,
    population: Option<&Population>,
    findings: &mut Findings,
) -> Option<Cue> {
    let node = section.required("cue", "0.5", findings);
    let fraction = node.and_then(|node| {
        let fraction = number(node, "cue", findings)?;
        if fraction > 0.0 && fraction <= 1.0 {
            return Some(fraction);
        }
        let message = format!("`cue` is {fraction}; it must be above 0 and at most 1");
        let hint = "write the part of a pattern's cells that a test shows: `cue = 0.5`";
        findings.push(node.place.error("E0515", message).hint(hint));
        None
    });
    // What is wrong with values taken from training is found twice, and told once.
    let input = input(section, Some(training), population, findings);
    Some(Cue {
        fraction: fraction?,
        input: input?,
    })
}

/// Whether a sequence of `cells` cells is over when the window is.
fn fits(
    input: &Input,
    cells: usize,
    window_ms: f64,
    key: &str,
    section: &Section<'_>,
    findings: &mut Findings,
) -> Option<()> {
    let InputSpikes::Sequence(interval) = &input.spikes else {
        return Some(());
    };
    let length_ms = cells as f64 * interval.engine();
    if length_ms <= window_ms {
        return Some(());
    }
    let place = section.get(key).map_or(section.place(), |node| &node.place);
    let message = format!("a sequence of {cells} cells takes {length_ms} ms, longer than `{key}`, {window_ms} ms");
    findings.push(place.error("E0515", message).hint(format!(
        "write `{key} = \"{length_ms} ms\"` or more, or a shorter `interval`"
    )));
    None
}

/// The population that is scored; all its spikes must be recorded.
fn readout<'a>(
    section: &Section<'_>,
    population: Option<&'a Population>,
    given: &Given<'a>,
    findings: &mut Findings,
) -> Option<&'a Population> {
    let readout = match section.text("readout", findings) {
        None => population?,
        Some((name, node)) => {
            given.populations.check(name, &node.place, findings);
            let readout = given.populations.get(name)?;
            let other = population.is_some_and(|population| population.name != readout.name);
            if other && section.get("score").and_then(Node::string) != Some("accuracy") {
                let message =
                    format!("the cells of `{name}` are not those of the patterns, which cannot be recalled there");
                findings.push(
                    node.place
                        .error("E0515", message)
                        .hint("write `score = \"accuracy\"`, or leave out `readout`"),
                );
                return None;
            }
            readout
        }
    };
    let watched = given.monitors.iter().find_map(|monitor| match monitor {
        Monitor::Spikes {
            name,
            population,
            cells,
        } if *population == readout.name => Some((name, cells)),
        _ => None,
    });
    if let Some((name, cells)) = watched
        && *cells != CellSet::All
    {
        let message = format!(
            "the recording `{name}` keeps the spikes of some cells of `{}`, of which all are scored",
            readout.name
        );
        findings.push(
            section
                .place()
                .error("E0515", message)
                .hint(format!("remove [recordings.{name}], or its `cells`")),
        );
        return None;
    }
    Some(readout)
}
