//! Patterns that are shown and tested: what a project says is what happens.

use nsb::learning::{Condition, Pattern};
use nsb::network::{CellSet, SourceSpikes};
use nsb::{Overrides, Project, Run, RunOptions, Severity, Source};

use crate::project_errors::findings;

/// Twenty cells without connections: a test recalls what its cue fires, and nothing else.
pub(crate) const UNCONNECTED: &str = r#"
dt = "0.1 ms"
seed = 3

[populations.cells]
model = "lif"
size = 20

[populations.cells.receptors.kick]
model = "delta"

[patterns]
population = "cells"
labels = ["A", "B"]
size = 6

[training]
epochs = 2
presentation = "50 ms"
rest = "20 ms"
input = { receptor = "kick", weight = "11 mV", rate = "300 Hz" }
test = { duration = "100 ms", cue = 0.5, weight = "16 mV" }
"#;

fn open(text: &str) -> Project {
    Project::from_source(&Source::new("p.toml", text), "p", None, &Overrides::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn run(text: &str) -> Run {
    open(text)
        .run(&RunOptions::default(), &mut ())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn changed(from: &str, to: &str) -> String {
    assert!(UNCONNECTED.contains(from), "{from}");
    UNCONNECTED.replacen(from, to, 1)
}

#[test]
fn cells_without_connections_recall_the_cue_and_no_more() {
    let run = run(UNCONNECTED);
    let learned = run.summary.learning.as_ref().unwrap();
    assert_eq!(learned.epochs(), [0, 1, 2]);
    assert_eq!(learned.conditions(), [Condition::Learning, Condition::NoLearning]);
    for trial in &learned.trials {
        // Half of the pattern fires at about 300 Hz for 100 ms, each cell some 30 times.
        assert!(
            trial.blocks.iter().all(|block| block.by_pattern == [0.5, 0.5]),
            "{trial:?}"
        );
    }
    // 3 tests of (20 + 2 * 120) ms, 2 epochs of 2 * 70 ms.
    assert_eq!(run.summary.sim_ms, 3.0 * 260.0 + 2.0 * 140.0);
}

#[test]
fn cells_fire_when_and_only_when_their_pattern_is_shown() {
    let project = open(UNCONNECTED);
    let run = project.run(&RunOptions::default(), &mut ()).unwrap();
    let training = project.training.as_ref().unwrap();
    let (patterns, schedule) = (training.patterns(3), training.schedule(3));
    assert_eq!(patterns[1], Pattern::drawn("B", 6, 20, 3));
    let spikes = &run.recording.spikes[0];
    assert!(spikes.times_ms.len() > 200);
    for (time, cell) in spikes.times_ms.iter().zip(&spikes.cells) {
        let shown = schedule
            .presentations
            .iter()
            .map(|window| (window, &patterns[window.pattern].cells[..]));
        let tested = schedule
            .tests
            .iter()
            .map(|window| (window, patterns[window.pattern].cue(0.5)));
        let now = |window: &nsb::learning::Window| window.start_ms <= *time && *time <= window.stop_ms;
        assert!(
            shown
                .chain(tested)
                .any(|(window, cells)| now(window) && cells.contains(cell)),
            "cell {cell} at {time} ms"
        );
    }
}

#[test]
fn each_seed_of_a_study_gives_what_a_run_with_it_gives() {
    // Hard to fire, so that scores differ from seed to seed.
    let text = changed("weight = \"16 mV\"", "weight = \"9 mV\", rate = \"120 Hz\"");
    let study = run(&text.replace(
        "epochs = 2",
        "seeds = 3\ncontrol = [\"shuffled\", \"no_learning\"]\nepochs = 2",
    ));
    let learned = study.summary.learning.unwrap();
    assert_eq!(learned.seeds(), [3, 4, 5]);
    assert_eq!(learned.trials.len(), 9);
    let mut scores = Vec::new();
    for seed in 3..=5 {
        let alone = run(&text.replace("seed = 3", &format!("seed = {seed}")));
        let alone = alone.summary.learning.unwrap();
        let trial = learned
            .trials
            .iter()
            .find(|t| t.seed == seed && t.condition == Condition::Learning);
        assert_eq!(trial.unwrap().blocks, alone.trials[0].blocks, "seed {seed}");
        scores.push(format!("{:?}", alone.trials[0].blocks));
    }
    scores.dedup();
    assert_eq!(scores.len(), 3, "the seeds differ");
}

#[test]
fn the_effective_project_repeats_training_and_scores() {
    let first = open(UNCONNECTED);
    let again = open(&first.text);
    assert_eq!(first.text, again.text);
    assert_eq!(first.training, again.training);
    assert_eq!(run(UNCONNECTED).summary.spike_hash, run(&first.text).summary.spike_hash);
}

#[test]
fn scores_do_not_depend_on_threads_or_on_what_is_recorded() {
    let reference = run(UNCONNECTED).summary;
    let threads = run(&changed("seed = 3", "seed = 3\nthreads = 2")).summary;
    let recorded = format!("{UNCONNECTED}\n[recordings.v]\npopulation = \"cells\"\nvariables = [\"V\"]\n");
    for other in [threads, run(&recorded).summary] {
        assert_eq!(other.spike_hash, reference.spike_hash);
        assert_eq!(other.learning, reference.learning);
    }
}

#[test]
fn a_sequence_is_played_cell_by_cell() {
    let text = changed(
        "weight = \"11 mV\", rate = \"300 Hz\"",
        "weight = \"16 mV\", interval = \"5 ms\"",
    );
    let project = open(&text);
    let run = project.run(&RunOptions::default(), &mut ()).unwrap();
    let training = project.training.as_ref().unwrap();
    let pattern = &training.patterns(3)[0].cells;
    let window = training
        .schedule(3)
        .presentations
        .into_iter()
        .find(|w| w.pattern == 0)
        .unwrap();
    let spikes = &run.recording.spikes[0];
    let all = spikes.times_ms.iter().zip(&spikes.cells);
    let own = all.filter(|(time, _)| (window.start_ms..window.stop_ms).contains(time));
    let played: Vec<u32> = own.map(|(_, cell)| *cell).collect();
    assert_eq!(&played, pattern);
    // The cue plays the first half.
    let SourceSpikes::Trains(cue) = &project.network.spike_sources[1].spikes else {
        panic!("a sequence is given spikes")
    };
    assert_eq!(cue[2].0 as u32, pattern[2]);
    assert!(cue.iter().all(|(cell, _)| pattern[..3].contains(&(*cell as u32))));
}

#[test]
fn listed_patterns_and_numbered_ones_are_patterns_too() {
    let listed = changed(
        "labels = [\"A\", \"B\"]\nsize = 6",
        "cells = { left = \"0..4\", right = [9, 7, 8] }",
    );
    let project = open(&listed);
    assert_eq!(project.training.as_ref().unwrap().patterns(1)[1].cells, [9, 7, 8]);
    let SourceSpikes::Poisson { cells, .. } = &project.network.spike_sources[0].spikes else {
        panic!("shown at random")
    };
    assert_eq!(*cells, CellSet::List(vec![0, 1, 2, 3]));
    let numbered = open(&changed("labels = [\"A\", \"B\"]", "number = 3"));
    assert_eq!(numbered.training.unwrap().labels(), ["A", "B", "C"]);
}

#[test]
fn a_readout_is_decoded_by_votes() {
    let text = changed("seed = 3", "seed = 3\n[populations.output]\nmodel = \"lif\"\nsize = 20\n[populations.output.receptors.kick]\nmodel = \"delta\"\n[projections.relay]\nsource = \"cells\"\ntarget = \"output\"\nreceptor = \"kick\"\nconnect = { rule = \"one_to_one\" }\nweight = \"16 mV\"\ndelay = \"1 ms\"")
        .replace("[populations.output]", "\n[populations.output]")
        .replace("epochs = 2", "epochs = 2\nreadout = \"output\"\nscore = \"accuracy\"");
    let learned = run(&text).summary.learning.unwrap();
    // Each output cell follows one cell of a pattern: after an epoch the votes are right.
    assert_eq!(learned.score(Condition::Learning, 2), Some((1.0, None)));
}

#[test]
fn a_run_that_is_too_short_is_scored_as_far_as_it_goes_and_warns() {
    let text = format!("duration = \"300 ms\"\n{UNCONNECTED}");
    let run = run(&text);
    assert_eq!(run.summary.learning.unwrap().epochs(), [0]);
    assert!(run.warnings.0.iter().any(|w| w.code == "W0502"), "{}", run.warnings);
}

#[test]
fn mistakes_are_shown_where_they_are_with_what_to_write() {
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            "size = 6",
            "size = 21",
            "E0515",
            "longer than the population `cells` of 20",
        ),
        (
            "labels = [\"A\", \"B\"]",
            "labels = []",
            "E0515",
            "the set of patterns is empty",
        ),
        (
            "labels = [\"A\", \"B\"]",
            "number = 0",
            "E0515",
            "the set of patterns is empty",
        ),
        (
            "labels = [\"A\", \"B\"]",
            "labels = [\"A\", \"A\"]",
            "E0515",
            "two patterns `A`",
        ),
        (
            "labels = [\"A\", \"B\"]",
            "labels = [\"a b\"]",
            "E0516",
            "cannot be the label",
        ),
        ("labels = [\"A\", \"B\"]\n", "", "E0503", "no `labels`"),
        (
            "population = \"cells\"\nlabels",
            "population = \"cell\"\nlabels",
            "E0510",
            "unknown population `cell`",
        ),
        ("epochs = 2", "epochs = 0", "E0515", "`epochs` is 0"),
        ("epochs = 2", "epoch = 2", "E0502", "unknown key `epoch`"),
        ("\"50 ms\"", "50", "E0505", "bare number"),
        ("\"50 ms\"", "\"50 mV\"", "E0507", "must be"),
        ("\"50 ms\"", "\"50.05 ms\"", "E0515", "no whole number of steps"),
        ("\"50 ms\"", "\"0 ms\"", "E0515", "more than 0 ms"),
        ("\"20 ms\"", "\"-20 ms\"", "E0515", "cannot be negative"),
        (
            "receptor = \"kick\"",
            "receptor = \"kik\"",
            "E0511",
            "no receptor `kik`",
        ),
        ("\"11 mV\"", "\"11 nS\"", "E0507", "must be"),
        (", rate = \"300 Hz\"", "", "E0503", "no `rate`"),
        ("\"300 Hz\"", "\"0 Hz\"", "E0515", "must be positive"),
        (
            "\"300 Hz\"",
            "\"300 Hz\", interval = \"1 ms\"",
            "E0515",
            "both by `rate` and by `interval`",
        ),
        (
            "rate = \"300 Hz\"",
            "interval = \"10 ms\"",
            "E0515",
            "a sequence of 6 cells takes 60 ms",
        ),
        ("cue = 0.5", "cue = 1.5", "E0515", "`cue` is 1.5"),
        (", cue = 0.5", "", "E0503", "no `cue`"),
        ("epochs = 2", "epochs = 2\nscore = \"jacard\"", "E0513", "unknown score"),
        ("epochs = 2", "epochs = 2\norder = \"random\"", "E0513", "unknown order"),
        (
            "epochs = 2",
            "epochs = 2\ncontrol = \"shuffle\"",
            "E0513",
            "unknown control",
        ),
        ("epochs = 2", "epochs = 2\nseeds = 0", "E0515", "`seeds` is 0"),
        (
            "epochs = 2",
            "epochs = 2\nreadout = \"outputs\"",
            "E0510",
            "unknown population",
        ),
    ];
    for (from, to, code, message) in cases {
        let found = findings(&changed(from, to));
        let right = found.iter().find(|d| d.code == *code && d.message.contains(message));
        let right = right.unwrap_or_else(|| panic!("{to}: {found:?}"));
        assert!(
            !right.hints.is_empty() && !right.source.text.is_empty(),
            "{to}: {right}"
        );
        let errors = found.iter().filter(|d| d.severity == Severity::Error).count();
        assert_eq!(errors, 1, "{to}: {found:?}");
    }
}

#[test]
fn a_training_needs_patterns_and_all_spikes_of_its_readout() {
    let start = UNCONNECTED.find("[patterns]").unwrap();
    let end = UNCONNECTED.find("[training]").unwrap();
    let without = format!("{}{}", &UNCONNECTED[..start], &UNCONNECTED[end..]);
    let found = findings(&without);
    assert!(
        found.iter().any(|d| d.message.contains("no patterns to show")),
        "{found:?}"
    );

    let some = format!("{UNCONNECTED}\n[recordings.few]\nkind = \"spikes\"\npopulation = \"cells\"\ncells = [1]\n");
    let found = findings(&some);
    assert!(
        found[0].message.contains("`few` keeps the spikes of some cells"),
        "{found:?}"
    );

    let never = format!("duration = \"10 ms\"\n{}", &UNCONNECTED[..end]);
    assert!(open(&never).warnings.0.iter().any(|w| w.code == "W0502"));
}

#[test]
fn a_rate_that_cannot_be_drawn_is_shown_once_where_it_acts() {
    let found = findings(&changed("\"300 Hz\"", "\"3 GHz\""));
    let marked: Vec<&str> = found.iter().map(|d| &d.source.text[d.span.start..d.span.end]).collect();
    // The cue takes its rate from training.
    assert_eq!(marked, ["input", "test"], "{found:?}");
    // 3 GHz in steps of 0.1 ms, however often it is switched on.
    assert!(
        found
            .iter()
            .all(|d| d.code == "E0616" && d.message.contains("300000 spikes in a step")),
        "{found:?}"
    );
}
