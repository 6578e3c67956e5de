//! What a run that learns leaves behind: weights that nobody asked for, figures, and the same again from the folder.

use std::fs;
use std::path::Path;

use nsb::network::Monitor;
use nsb::{OutputOptions, Overrides, Project, Run, RunFolder, RunOptions, Source, redraw};

use crate::project_errors::findings;

/// A sequence of five of twelve cells, and synapses that are strong enough for a chain from the beginning.
const CHAIN: &str = r#"
dt = "0.1 ms"
seed = 3

[populations.cells]
model = "lif"
size = 12
parameters = { t_ref = "50 ms" }

[populations.cells.receptors.kick]
model = "delta"

[projections.recurrent]
source = "cells"
target = "cells"
receptor = "kick"
connect = { rule = "list", pairs = [[0, 1], [1, 2], [2, 3], [3, 4], [4, 0], [5, 7]] }
weight = "16 mV"
delay = "4 ms"

[projections.recurrent.plasticity.order]
model = "pair_stdp"
parameters = { w_max = "20 mV", A_minus = 0.02 }

[patterns]
population = "cells"
cells = { A = [0, 1, 2, 3, 4], B = [8, 7, 6] }

[training]
epochs = 2
presentation = "50 ms"
rest = "60 ms"
input = { receptor = "kick", weight = "16 mV", interval = "5 ms" }
test = { duration = "40 ms", cue = 0.2 }
score = "kendall_tau"
calibrated = "nothing"
"#;

fn open(text: &str, overrides: &Overrides) -> Project {
    Project::from_source(&Source::new("p.toml", text), "p", None, overrides).unwrap_or_else(|error| panic!("{error}"))
}

fn run(text: &str) -> Run {
    let project = open(text, &Overrides::default());
    project.run(&RunOptions::default(), &mut ()).unwrap()
}

fn changed(from: &str, to: &str) -> String {
    assert!(CHAIN.contains(from), "{from}");
    CHAIN.replacen(from, to, 1)
}

fn into(folder: &Path, project: &Project) -> Run {
    let folder = RunFolder::create(Some(folder), &project.name).unwrap();
    let mut run = project.run_into(&folder, &RunOptions::default(), &mut ()).unwrap();
    folder.write(project, &mut run, &OutputOptions::default()).unwrap();
    run
}

#[test]
fn a_chain_recalls_the_order_of_its_cells_and_silence_scores_nothing() {
    let run = run(CHAIN);
    for trial in run.summary.learning.unwrap().trials {
        for block in trial.blocks {
            // The first cell of A fires the four others in turn; nothing follows the first cell of B.
            assert_eq!(block.by_pattern, [1.0, 0.0]);
            assert_eq!(block.score, 0.5);
        }
    }
    // The same chain, where the opposite order was shown.
    let turned = self::run(&changed("A = [0, 1, 2, 3, 4]", "A = [0, 4, 3, 2, 1]"));
    let learned = turned.summary.learning.unwrap();
    assert_eq!(learned.trials[0].blocks[0].by_pattern[0], -1.0);
}

#[test]
fn scores_do_not_depend_on_how_many_simulations_go_on_at_a_time() {
    let text = changed(
        "calibrated",
        "seeds = 4\ncontrol = [\"no_learning\", \"shuffled\"]\ncalibrated",
    );
    let with = |threads| {
        let overrides = Overrides {
            threads,
            ..Overrides::default()
        };
        let run = open(&text, &overrides).run(&RunOptions::default(), &mut ()).unwrap();
        run.summary.learning.unwrap()
    };
    let one = with(Some(1));
    assert_eq!(one.trials.len(), 12);
    assert_eq!(one, with(Some(5)));
    assert_eq!(one, with(None));
}

#[test]
fn weights_of_a_training_are_recorded_unless_a_recording_names_them() {
    let weights = |text: &str| -> Vec<(String, bool)> {
        let project = open(text, &Overrides::default());
        let own = project.network.monitors.iter().filter_map(|monitor| match monitor {
            Monitor::Weights { name, interval, .. } => Some((name.clone(), interval.is_some())),
            _ => None,
        });
        own.collect()
    };
    assert_eq!(weights(CHAIN), [("recurrent_weights".to_owned(), true)]);
    let named = format!("{CHAIN}[recordings.mine]\nkind = \"weights\"\nprojection = \"recurrent\"\n");
    assert_eq!(weights(&named), [("mine".to_owned(), false)]);
    // A name that is taken, and synapses that do not learn.
    let taken = format!("{CHAIN}[recordings.recurrent_weights]\nkind = \"spikes\"\npopulation = \"cells\"\n");
    assert_eq!(weights(&taken), [("recurrent_weights_".to_owned(), true)]);
    let short_term = changed("\"pair_stdp\"", "\"tsodyks_markram\"");
    let short_term = short_term.replace("parameters = { w_max = \"20 mV\", A_minus = 0.02 }", "");
    assert!(weights(&short_term).is_empty());
    // Two million pairs of cells are too many to be kept.
    assert!(weights(&changed("size = 12", "size = 1500")).is_empty());
    // Recording changes nothing.
    let (a, b) = (run(CHAIN).summary, run(&named).summary);
    assert_eq!((a.spike_hash, a.weight_hash), (b.spike_hash, b.weight_hash));
}

#[test]
fn a_training_leaves_its_figures_and_they_can_be_drawn_again() {
    let base = tempfile::tempdir().unwrap();
    let out = base.path().join("out");
    into(&out, &open(CHAIN, &Overrides::default()));
    let figures = [
        "learning",
        "recall",
        "weights_matrix",
        "weights_histogram",
        "weights_evolution",
    ];
    let read = |name: &str| fs::read(out.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let all = || {
        let names = figures
            .iter()
            .flat_map(|name| ["svg", "png"].map(|ending| format!("figures/{name}.{ending}")));
        names.chain(["report.html".to_owned()])
    };
    let before: Vec<Vec<u8>> = all().map(|name| read(&name)).collect();
    all().for_each(|name| fs::remove_file(out.join(name)).unwrap());
    redraw(&out).unwrap();
    assert!(all().zip(before).all(|(name, before)| read(&name) == before));

    let report = fs::read_to_string(out.join("report.html")).unwrap();
    // Values of this run, not the defaults of the model; and what the project says of itself.
    for part in [
        "recurrent: order",
        "<td class=\"number\">20</td><td class=\"unit\">mV</td>",
        "Calibrated",
    ] {
        assert!(report.contains(part), "{part}");
    }
}

#[test]
fn a_plain_run_whose_weights_are_recorded_shows_them_and_warns_in_its_report() {
    let plain = r#"
duration = "300 ms"
dt = "0.1 ms"

[populations.inputs]
model = "poisson"
size = 40
parameters = { rate = "50 Hz" }

[populations.cells]
model = "lif"
size = 3

[populations.cells.receptors.kick]
model = "delta"

[projections.forward]
source = "inputs"
target = "cells"
receptor = "kick"
connect = { rule = "all_to_all" }
weight = "2 mV"
delay = "1 ms"

[projections.forward.plasticity.growth]
model = "pair_stdp"
parameters = { w_max = "2.1 mV", A_minus = 0 }

[recordings.course]
kind = "weights"
projection = "forward"
"#;
    let base = tempfile::tempdir().unwrap();
    for (n, (interval, evolution)) in [("", false), ("interval = \"20 ms\"", true)].into_iter().enumerate() {
        let out = base.path().join(n.to_string());
        let run = into(&out, &open(&format!("{plain}{interval}\n"), &Overrides::default()));
        assert!(run.summary.warnings.iter().any(|warning| warning.contains("W0504")));
        assert!(run.summary.warnings.iter().any(|warning| warning.contains("W0505")));
        assert!(out.join("figures/weights_histogram.svg").is_file());
        assert!(out.join("figures/weights_matrix.svg").is_file());
        assert_eq!(out.join("figures/weights_evolution.svg").is_file(), evolution);
        // Weights before are those that the project gives, with and without snapshots.
        let histogram = fs::read_to_string(out.join("figures/weights_histogram.svg")).unwrap();
        assert!(histogram.contains(">120<"), "all 120 synapses are in one bar before");
        redraw(&out).unwrap();
        let report = fs::read_to_string(out.join("report.html")).unwrap();
        assert!(report.contains("W0504") && report.contains("W0505"));
    }
}

#[test]
fn an_order_needs_a_sequence_and_cells_that_are_left_to_recall() {
    let random = changed("interval = \"5 ms\"", "rate = \"200 Hz\"");
    let found = format!("{:?}", findings(&random));
    assert!(
        found.contains("E0515") && found.contains("no order to recall"),
        "{found}"
    );
    let found = format!("{:?}", findings(&changed("cue = 0.2", "cue = 0.6")));
    assert!(found.contains("E0515") && found.contains("fewer than two"), "{found}");
}
