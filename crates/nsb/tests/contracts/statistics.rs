//! Statistics of a run: what is written, and that they agree with what they are taken from.

use std::fs;

use nsb::{OutputOptions, Overrides, Project, RunFolder, RunOptions, Source};
use serde_json::Value;

/// Driven cells that inhibit each other: 60 cells fire some thousand spikes in 2 s.
const PROJECT: &str = r#"
duration = "2 s"
dt = "0.1 ms"

[populations.cells]
model = "lif"
size = 60

[populations.cells.receptors.inhibitory]
model = "exponential_current"

[populations.silent]
model = "lif"
size = 2

[projections.p]
source = "cells"
target = "cells"
receptor = "inhibitory"
connect = { rule = "pairwise_probability", probability = 0.2 }
weight = "-40 pA"
delay = "2 ms"

[stimuli.drive]
population = "cells"
kind = "constant"
amplitude = "250 pA"
"#;

fn written(project: &Project, figures: bool) -> (tempfile::TempDir, Value) {
    let base = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(Some(base.path()), "x").unwrap();
    let mut run = project.run(&RunOptions::default(), &mut ()).unwrap();
    folder.write(project, &mut run, &OutputOptions { figures }).unwrap();
    let text = fs::read_to_string(base.path().join("statistics.json")).unwrap();
    (base, serde_json::from_str(&text).unwrap())
}

fn project() -> Project {
    Project::from_source(&Source::new("p.toml", PROJECT), "p", None, &Overrides::default()).unwrap()
}

#[test]
fn statistics_agree_with_the_spikes_that_they_are_taken_from() {
    let (base, statistics) = written(&project(), false);
    let summary: Value = serde_json::from_str(&fs::read_to_string(base.path().join("summary.json")).unwrap()).unwrap();
    let cells = &statistics["populations"]["cells"];
    let spikes = cells["spikes"].as_u64().unwrap();
    assert_eq!(summary["populations"]["cells"]["spikes"], spikes);
    assert!((cells["rate_hz"]["mean"].as_f64().unwrap() - spikes as f64 / 120.0).abs() < 1e-9);
    // One interval fewer than spikes in each cell.
    assert_eq!(cells["intervals"]["count"], spikes - 60);
    let histogram = cells["intervals"]["histogram"]["counts"].as_array().unwrap();
    let counted: u64 = histogram.iter().map(|count| count.as_u64().unwrap()).sum();
    assert!(
        counted <= spikes - 60 && counted >= (spikes - 60) * 98 / 100,
        "{counted} of {spikes}"
    );
    for number in ["fano_factor", "correlation"] {
        assert!(cells[number]["mean"].is_number(), "{number}");
    }
    assert!(cells["spectrum"]["peak_hz"].is_number() && cells["synchrony"]["chi_counts"].is_number());
}

#[test]
fn silent_cells_have_a_rate_of_zero_and_nothing_else() {
    let (_base, statistics) = written(&project(), false);
    let silent = &statistics["populations"]["silent"];
    assert_eq!(silent["rate_hz"]["mean"], 0.0);
    assert_eq!(silent["rate_hz"]["silent_cells"], 2);
    for key in ["intervals", "fano_factor", "correlation", "spectrum"] {
        assert!(silent[key].is_null(), "{key}: {silent:#}");
    }
}

#[test]
fn figures_of_statistics_are_drawn_where_there_are_enough_spikes() {
    let (many, _) = written(&project(), true);
    let few = Project::open("level1", &Overrides::default()).unwrap();
    let (few, _) = written(&few, true);
    for name in ["intervals", "spectrum"] {
        let figure = |base: &tempfile::TempDir| base.path().join(format!("figures/{name}.png")).is_file();
        assert!(figure(&many) && !figure(&few), "{name}");
    }
    let report = fs::read_to_string(many.path().join("report.html")).unwrap();
    assert!(report.contains("id=\"statistics\"") && report.contains("Intervals between spikes"));
}
