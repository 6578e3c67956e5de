//! Recordings of rates, weights and synaptic conductances: what is written is what happened.

use std::fs::{self, File};

use ndarray::{Array0, Array1};
use ndarray_npy::NpzReader;
use nsb::{OutputOptions, Overrides, Project, RunFolder, RunOptions, Source};
use nsb_lang::math::exp;

use crate::project_errors::{GOOD, check};

/// Cell 0 fires at once, and sends to cells 1 and 2.
const PROJECT: &str = r#"
duration = "40 ms"
dt = "0.1 ms"

[populations.cells]
model = "lif"
size = 3

[populations.cells.receptors.excitatory]
model = "exponential_conductance"
parameters = { tau = "4 ms", E_rev = "0 mV" }

[projections.fan]
source = "cells"
target = "cells"
receptor = "excitatory"
connect = { rule = "list", pairs = [{ source = 0, target = 2, weight = "0.25 nS", delay = "3 ms" }, [0, 1]] }
weight = "0.5 nS"
delay = "1.5 ms"

[stimuli.kick]
population = "cells"
cells = [0]
kind = "step"
amplitude = "100 nA"
start = "5 ms"
stop = "5.1 ms"

[recordings.conductance]
population = "cells"
variables = ["excitatory.g"]

[recordings.activity]
kind = "rate"
population = "cells"
interval = "2 ms"

[recordings.wiring]
kind = "weights"
projection = "fan"
"#;

fn project(text: &str) -> Project {
    Project::from_source(&Source::new("p.toml", text), "p", None, &Overrides::default()).unwrap()
}

fn archive(folder: &RunFolder, name: &str) -> NpzReader<File> {
    NpzReader::new(File::open(folder.path().join(name)).unwrap()).unwrap()
}

#[test]
fn rates_and_weights_are_written_as_tables_and_archives() {
    let base = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(Some(&base.path().join("out")), "p").unwrap();
    let project = project(PROJECT);
    let mut run = project.run_into(&folder, &RunOptions::default(), &mut ()).unwrap();
    folder.write(&project, &mut run, &OutputOptions::default()).unwrap();
    assert_eq!(run.summary.spikes, 1);

    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(
        read("weights_wiring.csv"),
        "source,target,weight (nS),delay_ms\n0,1,0.5,1.5\n0,2,0.25,3.0\n"
    );
    let rates = read("rates_activity.csv");
    let lines: Vec<&str> = rates.lines().collect();
    assert_eq!((lines.len(), lines[0]), (21, "time_ms,rate (Hz)"));
    // One spike of three cells in 2 ms; the kick ends in the bin from 4 ms on.
    for (n, line) in lines[1..].iter().enumerate() {
        let (time, rate) = line.split_once(',').unwrap();
        assert!((time.parse::<f64>().unwrap() - 2.0 * n as f64).abs() < 1e-9);
        let expected = if n == 2 { 1000.0 / 6.0 } else { 0.0 };
        assert!((rate.parse::<f64>().unwrap() - expected).abs() < 1e-9, "{line}");
    }

    let mut weights = archive(&folder, "weights.npz");
    let targets: Array1<u32> = weights.by_name("wiring.target").unwrap();
    let values: Array1<f64> = weights.by_name("wiring.weight").unwrap();
    let delays: Array1<f64> = weights.by_name("wiring.delay_ms").unwrap();
    assert_eq!(
        (targets.to_vec(), values.to_vec(), delays.to_vec()),
        (vec![1, 2], vec![0.5, 0.25], vec![1.5, 3.0])
    );
    let mut rates = archive(&folder, "rates.npz");
    let bin: Array0<f64> = rates.by_name("activity.bin_ms").unwrap();
    let hz: Array1<f64> = rates.by_name("activity.rate_hz").unwrap();
    assert_eq!((bin.into_scalar(), hz.len()), (2.0, 20));
    assert!(folder.path().join("figures/rates.svg").is_file());

    // The effective project records the same.
    let again = Project::open(
        &folder.path().join("project.toml").to_string_lossy(),
        &Overrides::default(),
    )
    .unwrap();
    assert_eq!(again.network.monitors, project.network.monitors);

    // In memory, the connections are taken from a plan made again.
    let in_memory = RunFolder::create(Some(&base.path().join("memory")), "p").unwrap();
    let mut run = project.run(&RunOptions::default(), &mut ()).unwrap();
    in_memory.write(&project, &mut run, &OutputOptions::default()).unwrap();
    for name in [
        "weights_wiring.csv",
        "weights.npz",
        "rates_activity.csv",
        "rates.npz",
        "figures/rates.svg",
    ] {
        let bytes = |folder: &RunFolder| fs::read(folder.path().join(name)).unwrap();
        assert!(bytes(&folder) == bytes(&in_memory), "{name}");
    }
}

/// g jumps by the weight when the spike arrives and fades as exp(-t / tau).
#[test]
fn a_synaptic_conductance_is_recorded_like_any_variable() {
    let run = project(PROJECT).run(&RunOptions::default(), &mut ()).unwrap();
    let g = &run.recording.variables[0];
    assert_eq!(
        (g.series[0].variable.as_str(), g.series[0].unit.symbol()),
        ("excitatory.g", "nS")
    );
    // The step in which cell 0 crosses ends at 5.1 ms; spikes are sent from there.
    let spike_ms = 5.1;
    for (row, time_ms) in g.times_ms.iter().enumerate() {
        for (cell, weight, delay_ms) in [(0, 0.0, 0.0), (1, 0.5, 1.5), (2, 0.25, 3.0)] {
            let since_ms = time_ms - spike_ms - delay_ms;
            // At the grid point of the arrival itself the sample may be taken before it.
            if since_ms.abs() < 0.05 {
                continue;
            }
            let expected = if since_ms > 0.0 {
                weight * exp(-since_ms / 4.0)
            } else {
                0.0
            };
            let found = g.series[0].values[3 * row + cell];
            assert!(
                (found - expected).abs() < 1e-9,
                "cell {cell} at {time_ms} ms: {found}, not {expected}"
            );
        }
    }
}

#[test]
fn recordings_of_rates_and_weights_say_what_they_need() {
    let table =
        "[recordings.membrane]\npopulation = \"cells\"\nvariables = [\"V\", \"excitatory.g\"]\ninterval = \"0.1 ms\"";
    assert!(GOOD.contains(table), "{GOOD}");
    let with = |keys: &str| format!("[recordings.x]\n{keys}");
    check(
        table,
        &with("kind = \"rate\"\npopulation = \"cells\""),
        "E0503",
        "x",
        "interval = \"1 ms\"",
    );
    check(
        table,
        &with("kind = \"rate\"\npopulation = \"cells\"\ninterval = 5"),
        "E0505",
        "5",
        "5 ms",
    );
    check(
        table,
        &with("kind = \"rate\"\npopulation = \"cells\"\ninterval = \"1 ms\"\nvariables = [\"V\"]"),
        "E0502",
        "variables",
        "interval",
    );
    check(table, &with("kind = \"weights\""), "E0503", "x", "projection");
    check(
        table,
        &with("kind = \"weights\"\nprojection = \"recurent\""),
        "E0510",
        "\"recurent\"",
        "recurrent",
    );
    check(
        table,
        &with("kind = \"weights\"\nprojection = \"recurrent\"\npopulation = \"cells\""),
        "E0502",
        "population",
        "projection",
    );
    check(
        table,
        &with("kind = \"rates\"\npopulation = \"cells\""),
        "E0513",
        "\"rates\"",
        "rate",
    );
}

#[test]
fn snapshots_show_how_weights_change() {
    let base = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(Some(&base.path().join("out")), "p").unwrap();
    // Cell 0 fires at 5 and 25 ms, cell 1 at 15 ms: potentiated by the second, depressed by the third spike.
    let text = r#"
duration = "40 ms"
dt = "0.1 ms"
[populations.cells]
model = "lif"
size = 2
[populations.cells.receptors.kick]
model = "delta"
[projections.pair]
source = "cells"
target = "cells"
receptor = "kick"
connect = { rule = "list", pairs = [[0, 1]] }
weight = "1 mV"
delay = "1 ms"
[projections.pair.plasticity.stdp]
model = "pair_stdp"
parameters = { w_max = "2 mV", A_plus = 0.1, A_minus = 0.1 }
[stimuli.first]
population = "cells"
cells = [0]
receptor = "kick"
kind = "spike_trains"
weight = "20 mV"
times = ["5 ms", "25 ms"]
[stimuli.second]
population = "cells"
cells = [1]
receptor = "kick"
kind = "spike_trains"
weight = "20 mV"
times = ["15 ms"]
[recordings.change]
kind = "weights"
projection = "pair"
interval = "10 ms"
"#;
    let project = project(text);
    let mut run = project.run_into(&folder, &RunOptions::default(), &mut ()).unwrap();
    folder
        .write(&project, &mut run, &OutputOptions { figures: false })
        .unwrap();
    let mut weights = archive(&folder, "weights.npz");
    let times: Array1<f64> = weights.by_name("change.snapshot_time_ms").unwrap();
    let values: ndarray::Array2<f64> = weights.by_name("change.snapshots").unwrap();
    assert_eq!(values.dim(), (times.len(), 1));
    // The spike of 5 ms arrives at 6 ms, that of 25 ms at 26 ms; cell 1 fires at 15 ms.
    let risen = 1.0 + 0.2 * exp(-9.0 / 20.0);
    let fallen = risen - 0.2 * exp(-11.0 / 20.0);
    let mut seen = Vec::new();
    for (time, value) in times.iter().zip(values.column(0)) {
        let expected = match *time {
            t if t < 14.0 => 1.0,
            t if t < 25.0 => risen,
            _ => fallen,
        };
        assert!(
            (value - expected).abs() < 1e-12,
            "{value} instead of {expected} at {time} ms"
        );
        seen.push(*time);
    }
    assert!(seen.len() >= 4, "{seen:?}");
    let table = fs::read_to_string(folder.path().join("weight_changes_change.csv")).unwrap();
    assert!(table.starts_with("time_ms,connection,weight (mV)\n"), "{table}");
    assert_eq!(table.lines().count(), 1 + seen.len());
    // The connections themselves have the weights of the end, in both ways of writing them.
    let last: Array1<f64> = weights.by_name("change.weight").unwrap();
    assert!((last[0] - fallen).abs() < 1e-12, "{last}");
    let later = RunFolder::create(Some(&base.path().join("later")), "p").unwrap();
    let mut run = project.run(&RunOptions::default(), &mut ()).unwrap();
    later
        .write(&project, &mut run, &OutputOptions { figures: false })
        .unwrap();
    let read = |folder: &RunFolder| fs::read_to_string(folder.path().join("weights_change.csv")).unwrap();
    assert_eq!(read(&later), read(&folder));
}
