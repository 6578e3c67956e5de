//! Every example of the repository and of the manual runs as it stands.

use std::fs;
use std::path::Path;

use nsb::{Overrides, Project, RunOptions, Source};

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Longer examples are cut here.
const LONGEST_MS: f64 = 300.0;

/// Runs an example for a while.
fn run(name: &str, overrides: Overrides) -> nsb::Run {
    let path = repository().join("examples").join(name).display().to_string();
    let project = Project::open(&path, &overrides).unwrap_or_else(|error| panic!("{path}: {error}"));
    project.run(&RunOptions::default(), &mut ()).unwrap()
}

/// Times of the spikes of one cell of the first population.
fn spikes(run: &nsb::Run, cell: u32) -> Vec<f64> {
    let spikes = &run.recording.spikes[0];
    let own = spikes.cells.iter().zip(&spikes.times_ms).filter(|(c, _)| **c == cell);
    own.map(|(_, time)| *time).collect()
}

#[test]
fn every_example_fires() {
    let mut examples = 0;
    for entry in fs::read_dir(repository().join("examples")).unwrap().flatten() {
        if entry.path().extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let path = entry.path().display().to_string();
        let open = |overrides| Project::open(&path, &overrides).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut project = open(Overrides::default());
        if project.duration_ms > LONGEST_MS {
            project = open(Overrides {
                duration: Some(format!("{LONGEST_MS} ms")),
                ..Overrides::default()
            });
        }
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

/// The wave goes in one direction at constant speed, and around more than once.
#[test]
fn the_wave_on_the_ring_keeps_its_speed() {
    let run = run("ring_wave.toml", Overrides::default());
    let first: Vec<f64> = (0..60).map(|cell| spikes(&run, cell)[0]).collect();
    // Away from the kick each cell fires the same time after its neighbour: the delay and the rise of the spike.
    let step = (first[50] - first[10]) / 40.0;
    assert!((1.0..3.0).contains(&step), "{step} ms per cell");
    for cell in 10..50 {
        let own = first[cell + 1] - first[cell];
        assert!((own - step).abs() < 0.03, "cell {cell}: {own} ms, mean {step} ms");
    }
    let again = spikes(&run, 30);
    assert!(again.len() >= 2, "{again:?}");
    let lap = again[1] - again[0];
    assert!(
        (lap - 60.0 * step).abs() < 0.1 * lap,
        "a lap takes {lap} ms, {step} ms per cell"
    );
}

/// Cells that would fire at different rates fire together.
#[test]
fn gap_junctions_synchronise_pacemakers() {
    let last = |run: &nsb::Run| -> Vec<f64> { (0..20).map(|cell| *spikes(run, cell).last().unwrap()).collect() };
    let counts = |run: &nsb::Run| -> Vec<usize> { (0..20).map(|cell| spikes(run, cell).len()).collect() };
    let width = |times: &[f64]| {
        let (low, high) = (
            times.iter().copied().fold(f64::MAX, f64::min),
            times.iter().copied().fold(0.0, f64::max),
        );
        high - low
    };
    let coupled = run("coupled_pacemakers.toml", Overrides::default());
    let apart = run(
        "coupled_pacemakers.toml",
        Overrides {
            set: vec![("gap_junctions.neighbours.conductance".to_owned(), "0 nS".to_owned())],
            ..Overrides::default()
        },
    );
    let (first, others) = (counts(&coupled)[0], counts(&coupled));
    assert!(others.iter().all(|n| n.abs_diff(first) <= 1), "{others:?}");
    assert!(
        counts(&apart).iter().any(|n| n.abs_diff(first) > 2),
        "{:?}",
        counts(&apart)
    );
    assert!(width(&last(&coupled)) < 3.0, "{:?}", last(&coupled));
    assert!(width(&last(&apart)) > 6.0, "{:?}", last(&apart));
}
