//! Every example of the repository and of the manual runs as it stands.

use std::fs;
use std::path::Path;

use nsb::{Overrides, Project, RunOptions, Source};

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn every_example_fires() {
    let mut examples = 0;
    for entry in fs::read_dir(repository().join("examples")).unwrap().flatten() {
        if entry.path().extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let path = entry.path().display().to_string();
        let project = Project::open(&path, &Overrides::default()).unwrap_or_else(|error| panic!("{path}: {error}"));
        let run = project
            .run(&RunOptions::default(), &mut ())
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(
            run.summary.populations.iter().all(|p| p.spikes > 0),
            "{path}: {:?}",
            run.summary.populations
        );
        assert!(run.warnings.0.is_empty(), "{path}: {}", run.warnings);
        examples += 1;
    }
    assert!(examples >= 3);
}

#[test]
fn projects_in_the_manual_run() {
    let manual = fs::read_to_string(repository().join("docs/reference/project-file.md")).unwrap();
    let mut projects = 0;
    for block in manual.split("```toml\n").skip(1) {
        let text = block.split("```").next().unwrap();
        let project = Project::from_source(&Source::new("manual", text), "manual", None, &Overrides::default())
            .unwrap_or_else(|error| panic!("{error}"));
        let run = project.run(&RunOptions::default(), &mut ()).unwrap();
        // The chain passes the spike on: 1 ms to cell 1, 3 ms to cell 2.
        let first = |cell: u32| {
            let spikes = &run.recording.spikes[0];
            spikes
                .cells
                .iter()
                .position(|c| *c == cell)
                .map(|at| spikes.times_ms[at])
        };
        let (a, b, c) = (first(0).unwrap(), first(1).unwrap(), first(2).unwrap());
        assert!(b > a + 1.0 && c > b + 3.0, "{a} {b} {c}");
        projects += 1;
    }
    assert_eq!(projects, 1);
}
