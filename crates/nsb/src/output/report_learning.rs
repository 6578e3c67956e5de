//! What a report says about learning: what was shown and tested, the scores, and each rule with the parameters that it
//! has in this run.

use nsb_engine::network::{Learning, Projection, SynapseRule};
use nsb_lang::model::Parameter;
use nsb_lang::{Quantity, Unit};

use crate::conditioning::Conditioned;
use crate::learning::{Detected, Input, InputSpikes, Learned, PatternRule, Score, Shown, Training};
use crate::project::Project;
use crate::report::{LearningTable, ParameterRow, RulePage};

/// The scores of a training, with what was done.
pub(super) fn table(project: &Project, learned: &Learned) -> LearningTable {
    let (head, rows) = learned.table();
    let measure = match learned.score {
        Score::Jaccard => "Jaccard index of the cells that a cue recalled and the pattern",
        Score::Accuracy => "part of the cues whose pattern the votes of cells tell",
        Score::KendallTau => {
            "Kendall's τ of the first spikes of the cells that the cue leaves out and their order in the sequence (1: all \
             in order, 0: as by chance)"
        }
    };
    let over = over(&learned.seeds());
    LearningTable {
        facts: project
            .training
            .as_ref()
            .map_or_else(Vec::new, |training| facts(project, training)),
        head,
        rows,
        note: format!(
            "{measure}, mean over {} patterns; {over}. Separation is 1 minus the mean correlation of two recalls. All \
             numbers: learning.csv.",
            learned.labels.len()
        ),
    }
}

/// The scores of a detection.
pub(super) fn detection(detected: &Detected) -> LearningTable {
    let (head, rows) = detected.table();
    let over = over(&detected.seeds());
    LearningTable {
        facts: Vec::new(),
        head,
        rows,
        note: format!(
            "Hits: part of the patterns while which a cell fired. False alarms: spikes at other times. Latency: from the \
             beginning of a pattern to the first spike. Strong weights: their number, and the part of them that comes from \
             cells of the pattern. Of the end of the run; {over}. All numbers: detection.csv."
        ),
    }
}

/// The weights of a conditioning.
pub(super) fn conditioning(conditioned: &Conditioned) -> LearningTable {
    let (head, rows) = conditioned.table();
    let over = over(&conditioned.seeds());
    LearningTable {
        facts: Vec::new(),
        head,
        rows,
        note: format!(
            "Mean weights of `{}` (target) and `{}` (others) at a time, and how often the reward `{}` was earned a minute \
             since the row before; {over}. All numbers: conditioning.csv.",
            conditioned.target, conditioned.others, conditioned.reward
        ),
    }
}

fn over(seeds: &[u64]) -> String {
    match seeds {
        [first, .., last] => format!("mean ± standard deviation over the seeds {first} to {last}"),
        _ => "of one seed".to_owned(),
    }
}

fn facts(project: &Project, training: &Training) -> Vec<(String, String)> {
    let timing = &training.timing;
    let labels = training.labels();
    let shown = match (labels.len(), &training.patterns) {
        (_, PatternRule::Images(images)) => format!(
            "{} images of {} labels to learn from, {} to test, in {}",
            images.n_training,
            labels.len(),
            images.n_tested(),
            training.population
        ),
        (0..=6, _) => format!("{} in {}", labels.join(", "), training.population),
        (n, _) => format!("{n} in {}", training.population),
    };
    let controls: Vec<&str> = training.controls.iter().map(|control| control.name()).collect();
    let mut facts = vec![
        ("Patterns", shown),
        ("Epochs", timing.epochs.to_string()),
        (
            "Presentation",
            format!("{} ms, then {} ms rest", timing.presentation_ms, timing.rest_ms),
        ),
        ("Input", shown_in(training).0),
        ("Test", shown_in(training).1),
        ("Learns", training.learning.join(", ")),
        (
            "Control",
            if controls.is_empty() {
                "none".to_owned()
            } else {
                controls.join(", ")
            },
        ),
        (
            "Seeds",
            match training.seeds.as_slice() {
                [first, .., last] => format!("{first} to {last}"),
                _ => project.seed.to_string(),
            },
        ),
    ];
    if let Some(calibrated) = &project.calibrated {
        facts.push(("Calibrated", calibrated.clone()));
    }
    facts
        .into_iter()
        .map(|(label, value)| (label.to_owned(), value))
        .collect()
}

/// What cells receive while a pattern is shown, and in a test.
fn shown_in(training: &Training) -> (String, String) {
    let duration_ms = training.timing.test.duration_ms;
    match &training.shown {
        Shown::Spikes { input: given, cue } => (
            input(given),
            format!(
                "{} % of a pattern for {duration_ms} ms; {}",
                (1000.0 * cue.fraction).round() / 10.0,
                input(&cue.input)
            ),
        ),
        Shown::Rates { learned, tested } => (
            format!("each cell fires at random, with up to {learned} by its pixel"),
            format!("each image for {duration_ms} ms, with up to {tested}"),
        ),
    }
}

fn input(input: &Input) -> String {
    match &input.spikes {
        InputSpikes::Poisson(rate) => format!("random spikes at {rate} of {} into {}", input.weight, input.receptor),
        InputSpikes::Sequence(interval) => {
            format!(
                "a spike of {} into {}, every {interval} the next cell",
                input.weight, input.receptor
            )
        }
    }
}

/// The rules of all projections.
pub(super) fn rules(project: &Project) -> Vec<RulePage> {
    let network = &project.network;
    let page = |projection: &Projection, rule: &SynapseRule| {
        let target = network.populations.iter().find(|p| p.name == projection.target);
        let receptor = target.and_then(|p| p.receptors.iter().find(|r| r.name == projection.receptor));
        let weight = receptor.and_then(|receptor| receptor.model.weight_unit.as_ref());
        let learning = match &projection.plasticity.learning {
            Learning::During(intervals) if intervals.is_empty() => " (learning is off)",
            _ => "",
        };
        RulePage {
            projection: projection.name.clone(),
            name: format!("{}{learning}", rule.name),
            model: rule.model.name.clone(),
            parameters: rule
                .model
                .parameters
                .iter()
                .map(|p| parameter_row(rule, p, weight))
                .collect(),
        }
    };
    let all = network.projections.iter();
    all.flat_map(|projection| {
        projection
            .plasticity
            .rules
            .iter()
            .map(move |rule| page(projection, rule))
    })
    .collect()
}

/// A parameter with its value in this run: set, or of a preset, or the model's own.
fn parameter_row(rule: &SynapseRule, parameter: &Parameter, weight: Option<&Unit>) -> ParameterRow {
    // What is measured in weights has the unit of the receptor.
    let symbol = weight.map(|weight| parameter.unit.symbol().replace("weight", weight.symbol()));
    let own = symbol.filter(|_| parameter.unit.dimension().has_weight());
    let unit = own
        .and_then(|symbol| Unit::parse(&symbol).ok())
        .unwrap_or_else(|| parameter.unit.clone());
    let shown = |engine: f64| Quantity::from_engine(engine, unit.clone()).value().to_string();
    // What is measured in weights has no default, unless it is 0.
    let must_be_given = parameter.unit.dimension().has_weight() && parameter.default != 0.0;
    let default = if must_be_given {
        String::new()
    } else {
        shown(parameter.default)
    };
    let value = rule
        .parameters
        .get(&parameter.name)
        .map_or_else(|| default.clone(), |value| shown(value.engine()));
    ParameterRow {
        name: parameter.name.clone(),
        changed: value != default,
        value,
        unit: if unit.is_one() {
            String::new()
        } else {
            unit.symbol().to_owned()
        },
        default,
        doc: parameter.doc.clone(),
    }
}
