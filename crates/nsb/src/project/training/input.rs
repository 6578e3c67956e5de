//! What cells receive while a pattern is shown, and in a test: spikes into the cells of a pattern, or rates by the
//! pixels of an image.

use nsb_engine::network::Population;
use nsb_lang::{Quantity, Unit};

use super::super::node::Node;
use super::super::projections::receptor_unit;
use super::super::schema::{self, Findings, Section, number, quantity};
use crate::learning::{Cue, Input, InputSpikes, Shown};

pub(super) const INPUT_KEYS: [&str; 4] = ["receptor", "weight", "rate", "interval"];
/// Of images.
pub(super) const RATE_KEYS: [&str; 1] = ["rate"];

/// The rates of images: `input = { rate = "127 Hz" }`, and in a test the same or another.
pub(super) fn rates(
    training: &Section<'_>,
    test: &Section<'_>,
    population: &Population,
    findings: &mut Findings,
) -> Option<Shown> {
    let hertz = Unit::parse("Hz").expect("Hz is a unit");
    let takes_rate = |input: &nsb_lang::model::Input| input.unit.dimension() == hertz.dimension();
    if !population.model.inputs.iter().any(takes_rate) {
        let (model, name) = (&population.model.name, &population.name);
        let message =
            format!("the model `{model}` of `{name}` has no input for a rate, so no image can be shown to it");
        let hint = format!("in [populations.{name}] write model = \"poisson\" and parameters = {{ rate = \"0 Hz\" }}");
        findings.push(training.place().error("E0515", message).hint(hint));
        return None;
    }
    let learned = training.required("rate", "\"100 Hz\"", findings);
    let learned = learned.and_then(|node| positive(node, "rate", "100 Hz", findings))?;
    let tested = match test.get("rate") {
        Some(node) => positive(node, "rate", "100 Hz", findings)?,
        None => learned.clone(),
    };
    Some(Shown::Rates { learned, tested })
}

/// Spikes into the cells of patterns, of which the largest has so many.
pub(super) fn spikes(
    (training, presentation_ms): (&Section<'_>, Option<f64>),
    (test, duration_ms): (&Section<'_>, Option<f64>),
    table: &Section<'_>,
    (population, largest): (Option<&Population>, Option<usize>),
    findings: &mut Findings,
) -> Option<Shown> {
    let input = input(training, None, population, findings);
    let cue = cue(test, training, population, findings);
    let (input, cue, largest) = (input?, cue?, largest?);
    let cued = ((cue.fraction * largest as f64).round() as usize).max(1);
    fits(&input, largest, presentation_ms?, "presentation", table, findings)?;
    fits(&cue.input, cued, duration_ms?, "duration", test, findings)?;
    Some(Shown::Spikes { input, cue })
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
