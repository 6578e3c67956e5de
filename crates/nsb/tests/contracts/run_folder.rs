//! What a run leaves behind: whole files, readable numbers, and nothing where nothing should be.

use std::fs::{self, File};
use std::path::Path;

use ndarray::{Array1, Array2};
use ndarray_npy::NpzReader;
use nsb::{Error, OutputOptions, Overrides, Project, Run, RunFolder, RunOptions, Source};

fn level1(overrides: &Overrides) -> (Project, Run) {
    let project = Project::open("level1", overrides).unwrap();
    let run = project.run(&RunOptions::default(), &mut ()).unwrap();
    (project, run)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn parse<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

#[test]
fn a_run_leaves_data_figures_a_report_and_its_project() {
    let base = tempfile::tempdir().unwrap();
    let (project, mut run) = level1(&Overrides::default());
    let folder = RunFolder::create(Some(&base.path().join("out")), &project.name).unwrap();
    let written = folder.write(&project, &mut run, &OutputOptions::default()).unwrap();
    assert_eq!(
        names(folder.path()),
        [
            "figures",
            "project.toml",
            "report.html",
            "spikes.csv",
            "spikes.npz",
            "statistics.json",
            "summary.json",
            "traces.npz",
            "traces_channels.csv",
            "traces_membrane.csv"
        ]
    );
    assert_eq!(
        names(&folder.path().join("figures")),
        [
            "gates.png",
            "gates.svg",
            "raster.png",
            "raster.svg",
            "rate.png",
            "rate.svg",
            "voltage.png",
            "voltage.svg"
        ]
    );
    assert!(written.last().unwrap().ends_with("summary.json"));
    assert!(written.iter().all(|file| fs::metadata(file).unwrap().len() > 100));

    let summary = fs::read_to_string(folder.path().join("summary.json")).unwrap();
    assert_eq!(summary, format!("{:#}\n", run.summary.to_json()));
    assert_eq!(run.summary.out_dir, Some(folder.path().display().to_string()));
    let png = fs::read(folder.path().join("figures/raster.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    let svg = fs::read_to_string(folder.path().join("figures/gates.svg")).unwrap();
    assert!(svg.contains("<svg") && svg.contains("mV"));

    let again = Project::open(
        &folder.path().join("project.toml").display().to_string(),
        &Overrides::default(),
    )
    .unwrap();
    let again = again.run(&RunOptions::default(), &mut ()).unwrap();
    assert_eq!(again.summary.spike_hash, run.summary.spike_hash);
    drop(folder);
    assert!(base.path().join("out/summary.json").is_file());
}

#[test]
fn csv_numbers_read_back_as_the_same_doubles() {
    let base = tempfile::tempdir().unwrap();
    let (project, mut run) = level1(&Overrides {
        duration: Some("30 ms".into()),
        ..Overrides::default()
    });
    let folder = RunFolder::create(Some(&base.path().join("out")), &project.name).unwrap();
    folder
        .write(&project, &mut run, &OutputOptions { figures: false })
        .unwrap();
    assert!(!folder.path().join("figures").exists() && !folder.path().join("report.html").exists());

    let spikes = fs::read_to_string(folder.path().join("spikes.csv")).unwrap();
    let mut lines = spikes.lines();
    assert_eq!(lines.next(), Some("time_ms,population,cell"));
    let rows: Vec<(f64, &str, u32)> = lines
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            (parse(fields[0]), fields[1], parse(fields[2]))
        })
        .collect();
    let recorded = &run.recording.spikes[0];
    assert_eq!(rows.len(), recorded.times_ms.len());
    assert!(rows.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    let mut expected: Vec<(f64, &str, u32)> = recorded
        .times_ms
        .iter()
        .zip(&recorded.cells)
        .map(|(t, c)| (*t, "cells", *c))
        .collect();
    expected.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.2.cmp(&b.2)));
    assert_eq!(rows, expected);

    let traces = fs::read_to_string(folder.path().join("traces_channels.csv")).unwrap();
    let mut lines = traces.lines();
    assert_eq!(
        lines.next(),
        Some("time_ms,cell,V (mV),m,h,n,I_Na (uA/cm^2),I_K (uA/cm^2),I_L (uA/cm^2),I (uA/cm^2)")
    );
    let channels = run
        .recording
        .variables
        .iter()
        .find(|r| r.monitor == "channels")
        .unwrap();
    for (row, line) in lines.enumerate() {
        let fields: Vec<f64> = line.split(',').map(parse).collect();
        assert_eq!(fields[0], channels.times_ms[row]);
        for (series, field) in channels.series.iter().zip(&fields[2..]) {
            assert_eq!(series.unit.from_engine(series.values[row]).to_bits(), field.to_bits());
        }
    }
    // The drive of 20 uA/cm^2 is 0.2 pA/um^2 inside and 20 in the file.
    assert!(traces.lines().any(|line| line.ends_with(",20.0")));
}

#[test]
fn npz_archives_hold_the_same_numbers_and_the_units() {
    let base = tempfile::tempdir().unwrap();
    let (project, mut run) = level1(&Overrides {
        duration: Some("30 ms".into()),
        ..Overrides::default()
    });
    let folder = RunFolder::create(Some(&base.path().join("out")), &project.name).unwrap();
    folder
        .write(&project, &mut run, &OutputOptions { figures: false })
        .unwrap();

    let mut spikes = NpzReader::new(File::open(folder.path().join("spikes.npz")).unwrap()).unwrap();
    let times: Array1<f64> = spikes.by_name("time_ms").unwrap();
    let cells: Array1<u32> = spikes.by_name("cell").unwrap();
    let populations: Array1<u32> = spikes.by_name("population").unwrap();
    assert_eq!(times.len() as u64, run.summary.spikes);
    assert!(cells.iter().all(|c| *c < 10) && populations.iter().all(|p| *p == 0));

    let mut traces = NpzReader::new(File::open(folder.path().join("traces.npz")).unwrap()).unwrap();
    let membrane: Array2<f64> = traces.by_name("membrane.V").unwrap();
    let times: Array1<f64> = traces.by_name("membrane.time_ms").unwrap();
    assert_eq!(membrane.dim(), (times.len(), 10));
    assert!(membrane.iter().all(|v| (-90.0..60.0).contains(v)));
    assert!(traces.names().unwrap().contains(&"channels.I_Na.unit".to_owned()));
    // NumPy's header of a text: 64 characters of UTF-32.
    let bytes = fs::read(folder.path().join("traces.npz")).unwrap();
    assert!(bytes.windows(14).any(|w| w == b"'descr': '<U64"));
}

#[test]
fn an_output_folder_with_content_is_refused_and_left_alone() {
    let base = tempfile::tempdir().unwrap();
    fs::write(base.path().join("mine.txt"), "mine").unwrap();
    let error = RunFolder::create(Some(base.path()), "x").unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert_eq!(names(base.path()), ["mine.txt"]);
}

#[test]
fn a_folder_below_a_file_is_a_clear_error() {
    let base = tempfile::tempdir().unwrap();
    fs::write(base.path().join("file"), "x").unwrap();
    let error = RunFolder::create(Some(&base.path().join("file/out")), "x").unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("--out"), "{error}");
}

#[test]
fn a_failed_simulation_leaves_no_folder() {
    let base = tempfile::tempdir().unwrap();
    let out = base.path().join("out");
    let text = "duration = \"100 ms\"\ndt = \"0.1 ms\"\n[models]\nwild = '''
neuron wild \"grows without bound\"
equations:
    dV/dt = V * V / (1 mV*ms) : mV \"potential\"
initial:
    V = 1 mV
threshold: V > 1e9 mV
rearm: V < 0 mV
'''\n[populations.p]\nmodel = \"wild\"\nsize = 3\n";
    let project = Project::from_source(&Source::new("p.toml", text), "p", None, &Overrides::default()).unwrap();
    let folder = RunFolder::create(Some(&out), "p").unwrap();
    let error = project.run(&RunOptions::default(), &mut ()).unwrap_err();
    assert!(
        matches!(error, Error::Simulation(_)) && error.exit_code() == 1,
        "{error}"
    );
    assert!(error.to_string().contains("`p`") && error.hint().is_some(), "{error}");
    drop(folder);
    assert!(!out.exists());
}

#[test]
fn a_disk_that_refuses_during_writing_is_reported_with_the_path() {
    let base = tempfile::tempdir().unwrap();
    let (project, mut run) = level1(&Overrides {
        duration: Some("5 ms".into()),
        ..Overrides::default()
    });
    let folder = RunFolder::create(Some(&base.path().join("out")), &project.name).unwrap();
    // A folder stands where a file should go.
    fs::create_dir_all(folder.path().join("spikes.npz/occupied")).unwrap();
    let error = folder
        .write(&project, &mut run, &OutputOptions { figures: false })
        .unwrap_err();
    assert_eq!(error.exit_code(), 1);
    assert!(error.to_string().contains("spikes.npz"), "{error}");
    assert!(!folder.path().join("summary.json").exists());
    assert!(names(folder.path()).iter().all(|name| !name.contains("partial")));
}

/// `/dev/full` stands for one of the files: the disk is full when it is written.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_the_run_and_what_was_written_is_kept() {
    let base = tempfile::tempdir().unwrap();
    let project = Project::open("level1", &Overrides::default()).unwrap();
    let folder = RunFolder::create(Some(&base.path().join("out")), &project.name).unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path().join("traces.npz.membrane.V.partial")).unwrap();
    let error = project.run_into(&folder, &RunOptions::default(), &mut ()).unwrap_err();
    assert_eq!(error.exit_code(), 1);
    assert!(error.to_string().contains("traces.npz"), "{error}");
    let hint = error.hint().unwrap();
    assert!(hint.contains("free some space") && hint.contains(".partial"), "{hint}");
    let kept = [
        "spikes.csv.partial",
        "traces_channels.csv.partial",
        "traces_membrane.csv.partial",
    ];
    assert_eq!(names(folder.path()), kept);

    let run = project.run(&RunOptions::default(), &mut ()).unwrap();
    let membrane = fs::read_to_string(folder.path().join(kept[2])).unwrap();
    assert!(membrane.ends_with('\n'));
    assert_eq!(
        membrane.lines().count(),
        1 + 10 * run.recording.variables[0].times_ms.len()
    );
}

#[test]
fn a_run_into_a_folder_leaves_what_a_run_in_memory_leaves() {
    let base = tempfile::tempdir().unwrap();
    let (project, mut run) = level1(&Overrides::default());
    let in_memory = RunFolder::create(Some(&base.path().join("memory")), "x").unwrap();
    in_memory.write(&project, &mut run, &OutputOptions::default()).unwrap();
    let folder = RunFolder::create(Some(&base.path().join("folder")), "x").unwrap();
    let mut run = project.run_into(&folder, &RunOptions::default(), &mut ()).unwrap();
    assert_eq!(run.recording.held_bytes(), 0);
    let written = folder.write(&project, &mut run, &OutputOptions::default()).unwrap();
    for path in &written {
        let name = path.strip_prefix(folder.path()).unwrap();
        // These two tell how long it took.
        if !name.ends_with("summary.json") && !name.ends_with("report.html") {
            let same = fs::read(path).unwrap() == fs::read(in_memory.path().join(name)).unwrap();
            assert!(same, "{}", name.display());
        }
    }
    assert_eq!(names(folder.path()), names(in_memory.path()));
}
