//! The built-in first circuit does what its file says, and its effective text re-creates it.

use std::ops::ControlFlow;

use nsb::network::Monitor;
use nsb::{Observer, Overrides, Progress, Project, Run, RunOptions, Simd, Source};

fn open(overrides: &Overrides) -> Project {
    Project::open("level1", overrides).unwrap()
}

fn run(overrides: &Overrides) -> Run {
    open(overrides).run(&RunOptions::default(), &mut ()).unwrap()
}

fn set(pairs: &[(&str, &str)]) -> Overrides {
    Overrides {
        set: pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        ..Overrides::default()
    }
}

fn firing_cells(run: &Run) -> Vec<u32> {
    let mut cells = run.recording.spikes[0].cells.clone();
    cells.sort_unstable();
    cells.dedup();
    cells
}

#[test]
fn driven_cells_fire_and_make_some_others_fire() {
    let run = run(&Overrides::default());
    // The comment in the project file says which and why.
    assert_eq!(firing_cells(&run), [0, 1, 2, 3, 4, 5, 8, 9]);
    assert!(
        run.recording.spikes[0]
            .times_ms
            .iter()
            .all(|t| (10.0..100.0).contains(t))
    );
    assert_eq!(
        (run.summary.n_neurons, run.summary.sim_ms, run.summary.dt_ms),
        (10, 100.0, 0.025)
    );
    assert!(run.warnings.0.is_empty(), "{}", run.warnings);
}

#[test]
fn without_synapses_only_driven_cells_fire() {
    let run = run(&set(&[("projections.recurrent.weight", "0 nS")]));
    assert_eq!(firing_cells(&run), [0, 1, 2]);
}

#[test]
fn a_driven_cell_alone_fires_at_the_rate_of_the_model() {
    // 86.47 Hz at 20 uA/cm^2: 8 to 9 intervals fit into one second cut to 100 ms; measured over a longer run.
    let long = set(&[
        ("projections.recurrent.weight", "0 nS"),
        ("stimuli.drive.kind", "constant"),
        ("stimuli.drive.cells", "[0]"),
        (
            "stimuli.drive",
            "{ population = \"cells\", cells = [0], kind = \"constant\", amplitude = \"20 uA/cm^2\" }",
        ),
        ("duration", "1000 ms"),
        ("recordings", "{}"),
    ]);
    let run = run(&long);
    let times = &run.recording.spikes[0].times_ms;
    let late: Vec<f64> = times.iter().copied().filter(|t| *t > 200.0).collect();
    let rate = 1000.0 * (late.len() - 1) as f64 / (late[late.len() - 1] - late[0]);
    assert!((rate - 86.47).abs() < 0.005 * 86.47, "{rate} Hz");
}

#[test]
fn the_effective_project_gives_the_same_spikes() {
    let changed = Overrides {
        duration: Some("60 ms".into()),
        dt: Some("0.02 ms".into()),
        seed: Some(u64::MAX),
        threads: Some(2),
        ..set(&[
            ("populations.cells.parameters.g_Na", "118.5 mS/cm^2"),
            (
                "populations.cells.initial.V",
                "[\"-65 mV\", \"-64 mV\", \"-63 mV\", \"-62 mV\", \"-61 mV\", \"-60 mV\", \"-65 mV\", \"-65 mV\", \"-65 mV\", \"-65 mV\"]",
            ),
            ("projections.recurrent.weight", "2 nS"),
            ("title", "changed"),
        ])
    };
    for overrides in [Overrides::default(), changed] {
        let project = open(&overrides);
        let first = project.run(&RunOptions::default(), &mut ()).unwrap();
        let again = Project::from_source(
            &Source::new("project.toml", project.text.as_str()),
            "other",
            None,
            &Overrides::default(),
        )
        .unwrap();
        assert_eq!((again.name.as_str(), &again.title), ("level1", &project.title));
        assert_eq!(again.text, project.text);
        let second = again.run(&RunOptions::default(), &mut ()).unwrap();
        assert_eq!(first.summary.spike_hash, second.summary.spike_hash);
        assert_eq!(first.recording, second.recording);
        assert!(first.summary.spikes > 0);
    }
}

#[test]
fn threads_and_vector_widths_change_nothing() {
    let reference = run(&Overrides::default());
    for threads in [2, 3, 7] {
        let other = run(&Overrides {
            threads: Some(threads),
            ..Overrides::default()
        });
        assert_eq!(other.recording, reference.recording, "{threads} threads");
    }
    let project = open(&Overrides::default());
    for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
        let other = project
            .run(
                &RunOptions {
                    simd: Some(simd),
                    ..RunOptions::default()
                },
                &mut (),
            )
            .unwrap();
        assert_eq!(other.summary.simd, simd.name());
        assert_eq!(other.recording, reference.recording, "{simd}");
    }
}

#[test]
fn another_seed_is_another_network() {
    let hash = |seed| {
        run(&Overrides {
            seed: Some(seed),
            ..Overrides::default()
        })
        .summary
        .spike_hash
    };
    assert_ne!(hash(1), hash(2));
}

#[test]
fn recording_changes_no_spike() {
    let nothing = run(&set(&[(
        "recordings",
        "{ none = { kind = \"spikes\", population = \"cells\", cells = [9] } }",
    )]));
    assert!(nothing.recording.variables.is_empty());
    assert_eq!(
        nothing.summary.spike_hash,
        run(&Overrides::default()).summary.spike_hash
    );
}

#[test]
fn without_recordings_a_few_potentials_are_kept() {
    let text = "duration = \"1 ms\"\n[populations.a]\nmodel = \"lif\"\nsize = 9\n[populations.b]\nmodel = \"hodgkin_huxley\"\nsize = 2\n";
    let project = Project::from_source(&Source::new("p.toml", text), "p", None, &Overrides::default()).unwrap();
    let names: Vec<&str> = project.network.monitors.iter().map(Monitor::name).collect();
    assert_eq!(names, ["a_spikes", "a_voltage", "b_spikes", "b_voltage"]);
    let run = project.run(&RunOptions::default(), &mut ()).unwrap();
    assert_eq!(
        run.recording
            .variables
            .iter()
            .map(|r| r.cells.len())
            .collect::<Vec<_>>(),
        [5, 2]
    );
}

#[test]
fn an_interrupted_run_keeps_what_was_simulated() {
    struct Stop(f64);
    impl Observer for Stop {
        fn progress(&mut self, now: Progress) -> ControlFlow<()> {
            if now.time_ms >= self.0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
    }
    let run = open(&Overrides::default())
        .run(&RunOptions::default(), &mut Stop(40.0))
        .unwrap();
    assert!(run.interrupted && run.summary.interrupted);
    assert!((40.0..50.0).contains(&run.summary.sim_ms), "{}", run.summary.sim_ms);
    assert!(run.summary.spikes > 0);
}

#[test]
fn the_summary_has_the_promised_keys_in_order() {
    let json = run(&Overrides::default()).summary.to_json();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let promised = [
        "n_neurons",
        "n_synapses",
        "sim_ms",
        "dt_ms",
        "spikes",
        "mean_rate_hz",
        "populations",
        "build_s",
        "run_s",
        "total_s",
        "realtime_factor",
        "peak_rss_mb",
        "threads",
        "simd",
        "executor",
        "precision",
        "seed",
        "version",
        "spike_hash",
        "weight_hash",
        "out_dir",
        "interrupted",
        "warnings",
    ];
    assert_eq!(keys, promised);
    assert_eq!(json["populations"]["cells"]["size"], 10);
    let rate = json["spikes"].as_f64().unwrap() / 10.0 / 0.1;
    assert!((json["mean_rate_hz"].as_f64().unwrap() - rate).abs() < 1e-9);
    assert_eq!(json["spike_hash"].as_str().unwrap().len(), 16);
    // Nothing learns here.
    assert!(json["weight_hash"].is_null());
}

#[test]
fn wrong_overrides_are_reported_at_their_option() {
    for (overrides, source, code) in [
        (
            Overrides {
                duration: Some("100".into()),
                ..Overrides::default()
            },
            "--duration",
            "E0505",
        ),
        (
            Overrides {
                dt: Some("fast".into()),
                ..Overrides::default()
            },
            "--dt",
            "E0506",
        ),
        (
            Overrides {
                threads: Some(0),
                ..Overrides::default()
            },
            "--threads",
            "E0515",
        ),
        (set(&[("populations.cell.size", "3")]), "--set", "E0519"),
        (set(&[("populations.cells.sise", "3")]), "--set", "E0502"),
        (
            set(&[("populations.cells.parameters.g_na", "3 mS/cm^2")]),
            "--set",
            "E0509",
        ),
        (set(&[("projections.recurrent.weight", "2")]), "--set", "E0505"),
        (set(&[("durration", "2 s")]), "--set", "E0502"),
    ] {
        match Project::open("level1", &overrides).unwrap_err() {
            nsb::Error::User(found) => {
                assert_eq!(found.0.len(), 1, "{found}");
                assert_eq!(
                    (found.0[0].source.name.as_str(), found.0[0].code),
                    (source, code),
                    "{found}"
                );
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn a_vector_width_that_the_cpu_lacks_is_a_user_error_that_names_the_others() {
    let project = open(&Overrides::default());
    for simd in Simd::ALL.into_iter().filter(|simd| !simd.is_available()) {
        let error = project
            .run(
                &RunOptions {
                    simd: Some(simd),
                    ..RunOptions::default()
                },
                &mut (),
            )
            .unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(
            error.to_string().contains(simd.name()) && error.to_string().contains("scalar"),
            "{error}"
        );
    }
}
