//! Every example of the repository and of the manual runs as it stands.

use std::fs;
use std::path::Path;

use nsb::statistics::{PopulationStatistics, Statistics};
use nsb::{Overrides, Project, RunOptions, Source};

#[path = "../../examples/rates/networks.rs"]
mod networks;

use networks::REFERENCES;

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
        if project.training.is_some() {
            // Cut short it would warn: one epoch, and no control.
            let set = [("epochs", "1"), ("seeds", "1"), ("control", "none")];
            project = open(Overrides {
                set: set
                    .map(|(key, value)| (format!("training.{key}"), value.to_owned()))
                    .to_vec(),
                ..Overrides::default()
            });
        } else if project.duration_ms > LONGEST_MS {
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

/// The wave goes from cell to cell in the delay and the time in which a resting cell answers one synapse, rounded up to
/// whole steps because spikes are sent on the grid.
#[test]
fn the_wave_on_the_ring_has_the_speed_of_delay_and_rise() {
    // SciPy's LSODA at a relative tolerance of 1e-10: a resting cell with 0.3 mS/cm² that fade with 2 ms crosses 0 mV.
    const RISE_MS: f64 = 1.564_511_7;
    const DT_MS: f64 = 0.025;
    for delay_ms in [1.0, 1.7, 2.5] {
        let run = run(
            "ring_wave.toml",
            Overrides {
                set: vec![("projections.neighbours.delay".to_owned(), format!("{delay_ms} ms"))],
                ..Overrides::default()
            },
        );
        let first: Vec<f64> = (0..60).map(|cell| spikes(&run, cell)[0]).collect();
        let expected = delay_ms + (RISE_MS / DT_MS).ceil() * DT_MS;
        // Cells near the kick and at the barrier have another past.
        for cell in 15..50 {
            let own = first[cell + 1] - first[cell];
            assert!(
                (own - expected).abs() < 1e-5,
                "cell {cell}: {own} ms, not {expected} ms"
            );
        }
        let again = spikes(&run, 30);
        // A lap with the shortest delay takes half of the run.
        assert!(again.len() >= 2 || delay_ms > 1.0, "{again:?}");
        if let [one, two, ..] = again[..] {
            let lap = two - one;
            assert!((lap - 60.0 * expected).abs() < 0.1 * lap, "a lap takes {lap} ms");
        }
    }
}

/// χ of the potentials (Golomb and Rinzel 1994), with all synapses and with none.
#[test]
fn excitation_and_inhibition_bring_cells_into_a_common_rhythm() {
    let statistics = |weights: &[&str]| {
        let path = repository().join("examples/synchrony.toml").display().to_string();
        let overrides = Overrides {
            set: weights
                .iter()
                .map(|name| (format!("projections.{name}.weight"), "0 nS".to_owned()))
                .collect(),
            ..Overrides::default()
        };
        let project = Project::open(&path, &overrides).unwrap();
        let run = project.run(&RunOptions::default(), &mut ()).unwrap();
        Statistics::of_run(&project.network, &run.recording)
            .populations
            .remove(0)
    };
    let (coupled, apart) = (statistics(&[]), statistics(&["forward", "feedback"]));
    // Independent cells give 1/√200 = 0.07, cells that all do the same give 1.
    let independent = 1.0 / 200.0_f64.sqrt();
    let chi = |statistics: &PopulationStatistics| (statistics.chi_voltage.unwrap(), statistics.chi_counts.unwrap());
    let ((coupled_v, coupled_n), (apart_v, apart_n)) = (chi(&coupled), chi(&apart));
    assert!(coupled_v > 0.5 && coupled_n > 0.5, "{coupled_v} {coupled_n}");
    assert!((0.5 * independent..2.0 * independent).contains(&apart_v), "{apart_v}");
    assert!((0.5 * independent..2.0 * independent).contains(&apart_n), "{apart_n}");
    let rhythm_hz = coupled.spectrum.unwrap().rhythm_hz().unwrap();
    assert!((25.0..80.0).contains(&rhythm_hz), "{rhythm_hz} Hz is no gamma rhythm");
}

/// One seed; `cargo xtask rates` checks the mean of five.
#[test]
fn reference_networks_fire_at_their_rates() {
    for reference in &REFERENCES {
        let rate_hz = reference.mean_rate_hz(1).unwrap();
        assert!(reference.holds(rate_hz), "{}: {rate_hz} Hz", reference.name);
    }
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
