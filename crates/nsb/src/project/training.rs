//! `[training]`: when the patterns are shown, learned and tested, and what that is compared with.

mod input;
mod times;

use nsb_engine::network::{CellSet, Monitor, Population, Projection};
use nsb_lang::Diagnostic;

use super::node::{Kind, Node};
use super::patterns::Patterns;
use super::populations::Populations;
use super::schema::{self, Findings, Section, whole};
use crate::learning::{
    Condition, Cue, Input, InputSpikes, PatternRule, PresentationOrder, Score, Shown, TestTimes, TestTiming, Timing,
    Training,
};
use times::Times;

pub(super) const KEYS: [&str; 12] = [
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
    "calibrated",
];
const TEST_KEYS: [&str; 8] = [
    "duration", "rest", "times", "cue", "receptor", "weight", "rate", "interval",
];

/// Of images.
const IMAGE_TEST_KEYS: [&str; 4] = ["duration", "rest", "times", "rate"];

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
    // For people, in the report.
    section.text("calibrated", findings);

    let population = given.patterns.as_ref().map(|patterns| patterns.population);
    // Of images even if something is wrong with them.
    let images = root
        .get("patterns")
        .is_some_and(|patterns| patterns.get("images").is_some());
    let (example, input_keys, test_keys) = if images {
        ("{ rate = \"100 Hz\" }", &input::RATE_KEYS[..], &IMAGE_TEST_KEYS[..])
    } else {
        let example = "{ receptor = \"RECEPTOR\", weight = \"10 mV\", rate = \"200 Hz\" }";
        (example, &input::INPUT_KEYS[..], &TEST_KEYS[..])
    };
    let input_node = section.required("input", example, findings);
    let input_section =
        input_node.and_then(|node| Section::open(node, &node.place, "`input` of the training", input_keys, findings));
    let example = if images {
        "{ duration = \"300 ms\" }"
    } else {
        "{ duration = \"300 ms\", cue = 0.5 }"
    };
    let test_node = section.required("test", example, findings);
    let test_section =
        test_node.and_then(|node| Section::open(node, &node.place, "`test` of the training", test_keys, findings));
    let test = test_section
        .as_ref()
        .and_then(|section| test(section, &times, rest_ms, findings));
    let shown = match (&input_section, &test_section) {
        (Some(input), Some(test)) if images => population.and_then(|p| input::rates(input, test, p, findings)),
        (Some(input), Some(test_section)) => input::spikes(
            (input, presentation_ms),
            (test_section, test.as_ref().map(|test| test.duration_ms)),
            &section,
            (population, given.patterns.as_ref().map(|patterns| patterns.largest)),
            findings,
        ),
        _ => None,
    };
    if images {
        fit_for_images(&section, controls.as_deref(), findings);
    }
    let readout = readout(&section, population, &given, findings);

    let (patterns, shown, presentation_ms, test) = (given.patterns?, shown?, presentation_ms?, test?);
    if score.map(|score| Score::ALL[score]) == Some(Score::KendallTau)
        && let Shown::Spikes { input, cue } = &shown
    {
        ordered(&section, input, cue, &patterns.rule, findings)?;
    }
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
        shown,
        score: Score::ALL[score?],
        controls: controls?,
        learning: following(root, given.projections, findings),
        seeds: seeds?,
    })
}

/// Of images nothing is recalled, and their labels are given.
fn fit_for_images(section: &Section<'_>, controls: Option<&[Condition]>, findings: &mut Findings) {
    if section.get("score").and_then(Node::string) != Some("accuracy") {
        let place = section.get("score").map_or(section.place(), |node| &node.place);
        let message = "images are told by their labels; nothing of them is recalled";
        findings.push(place.error("E0515", message).hint("write `score = \"accuracy\"`"));
    }
    if section.get("readout").is_none() {
        let message = "the cells that show an image are not those that tell its label";
        let hint = "name the population whose spikes tell it: `readout = \"POPULATION\"`";
        findings.push(section.place().error("E0503", message).hint(hint));
    }
    if controls.is_some_and(|controls| controls.contains(&Condition::Shuffled)) {
        let place = section.get("control").map_or(section.place(), |node| &node.place);
        let message = "the labels of images are given, so no other cells can stand for them";
        findings.push(place.error("E0515", message).hint("write `control = \"no_learning\"`"));
    }
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
pub(super) fn controls(section: &Section<'_>, findings: &mut Findings) -> Option<Vec<Condition>> {
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

/// Whether there is an order to be recalled: sequences, of which a cue leaves out two cells or more.
fn ordered(
    section: &Section<'_>,
    input: &Input,
    cue: &Cue,
    patterns: &PatternRule,
    findings: &mut Findings,
) -> Option<()> {
    let place = |key: &str| section.get(key).map_or(section.place(), |node| &node.place);
    if !matches!(input.spikes, InputSpikes::Sequence(_)) {
        let message = "the cells of a pattern receive random spikes all at once, so they have no order to recall";
        findings.push(
            place("score")
                .error("E0515", message)
                .hint("give `input` an `interval` in place of `rate`, or write `score = \"jaccard\"`"),
        );
        return None;
    }
    let smallest = match patterns {
        PatternRule::Drawn { size, .. } => *size,
        PatternRule::Given(patterns) => patterns.iter().map(|p| p.cells.len()).min().unwrap_or(0),
        PatternRule::Images(images) => images.width,
    };
    let cued = ((cue.fraction * smallest as f64).round() as usize).clamp(1, smallest.max(1));
    if smallest - cued.min(smallest) < 2 {
        let message = format!(
            "a cue of {cued} of the {smallest} cells of a pattern leaves fewer than two to recall, which have no order"
        );
        findings.push(
            place("test")
                .error("E0515", message)
                .hint("write a smaller `cue`, or longer patterns"),
        );
        return None;
    }
    Some(())
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
