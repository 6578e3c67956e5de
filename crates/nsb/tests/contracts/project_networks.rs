//! Slices, voltage clamps and correlated input in projects: what is right is read and written back, what is wrong is said with code, place
//! and fix.

use nsb::{Overrides, Project, RunOptions, Source};

use crate::project_errors::{GOOD, check};

const ENDS: &str = "target = \"cells\"";
const DRIVE: &str = "kind = \"step\"\namplitude = \"20 uA/cm^2\"\nstart = \"10 ms\"\nstop = \"90 ms\"";

/// The good project with a part replaced. What it writes for its run folder must give the same network again.
fn project(part: &str, by: &str) -> Project {
    assert!(GOOD.contains(part), "{part} is no part");
    let open = |text: &str| {
        Project::from_source(&Source::new("p.toml", text), "p", None, &Overrides::default())
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let first = open(&GOOD.replace(part, by));
    let again = open(&first.text);
    assert_eq!(first.text, again.text);
    let hash = |project: &Project| {
        project
            .run(&RunOptions::default(), &mut ())
            .unwrap()
            .recording
            .spike_hash
    };
    assert_eq!(hash(&first), hash(&again));
    first
}

#[test]
fn slices_are_read_and_limit_who_is_connected() {
    let read = project(ENDS, "source_cells = \"0..2\"\ntarget = \"cells\"\ntarget_cells = [3]");
    let plan = read.plan(&RunOptions::default()).unwrap();
    assert!(plan.projections()[0].n_synapses() <= 2);
    let all = "connect = { rule = \"all_to_all\" }\ntarget_cells = [3]\nsource_cells = \"1..4\"";
    let read = project("connect = { rule = \"pairwise_probability\", probability = 0.3 }", all);
    assert_eq!(
        read.plan(&RunOptions::default()).unwrap().projections()[0].n_synapses(),
        2
    );
}

#[test]
fn slices_that_cannot_be_are_refused() {
    let target = |cells: &str| format!("target = \"cells\"\ntarget_cells = {cells}");
    check(ENDS, &target("\"2..9\""), "E0514", "\"2..9\"", "2..4");
    check(ENDS, &target("[0, 4]"), "E0514", "4", "0 to 3");
    check(ENDS, &target("3"), "E0514", "3", "\"0..3\"");
    check(ENDS, &target("[1, 1]"), "E0610", "[1, 1]", "once");
    check(
        ENDS,
        "target = \"cells\"\ntarget_cell = [1]",
        "E0502",
        "target_cell",
        "`target_cells`",
    );
    let connect = "connect = { rule = \"pairwise_probability\", probability = 0.3 }";
    let sliced = |rule: &str| format!("source_cells = \"0..2\"\nconnect = {{ rule = {rule} }}");
    check(
        connect,
        &sliced("\"fixed_in_degree\", degree = 3"),
        "E0616",
        "3",
        "degree = 1",
    );
    check(connect, &sliced("\"one_to_one\""), "E0616", "connect", "same size");
    check(
        connect,
        &sliced("\"table\", csv = \"source,target\\n2,0\\n\""),
        "E0521",
        "\"source,target\\n2,0\\n\"",
        "0 to 1",
    );
}

#[test]
fn a_voltage_clamp_is_read_with_its_course_and_its_current_recorded() {
    let record = "variables = [\"V\", \"voltage_clamp.I\"]";
    let text = GOOD
        .replace(
            DRIVE,
            "kind = \"voltage_clamp\"\ncommand = \"0 mV\"\nstart = \"10 ms\"\nstop = \"90 ms\"",
        )
        .replace("variables = [\"V\", \"excitatory.g\"]", record);
    let read = Project::from_source(&Source::new("p.toml", &*text), "p", None, &Overrides::default()).unwrap();
    let run = read.run(&RunOptions::default(), &mut ()).unwrap();
    let series = &run.recording.variables[0].series[1];
    assert_eq!(
        (series.variable.as_str(), series.unit.symbol()),
        ("voltage_clamp.I", "uA/cm^2")
    );
    assert!(series.values.iter().any(|&i| i > 0.0));
    for command in [
        "command = { kind = \"ramp\", from = \"-80 mV\", to = \"40 mV\" }\nstop = \"50 ms\"",
        "command = { kind = \"pattern\", times = [\"0 ms\", \"20 ms\"], levels = [\"-65 mV\", \"0 mV\"] }",
        "command = \"-70 mV\"",
    ] {
        let read = project(DRIVE, &format!("kind = \"voltage_clamp\"\n{command}"));
        assert_eq!(read.network.voltage_clamps.len(), 1);
    }
}

#[test]
fn mistakes_of_voltage_clamps_are_explained() {
    let clamp = |rest: &str| format!("kind = \"voltage_clamp\"\n{rest}");
    check(DRIVE, &clamp("command = \"20 pA\""), "E0507", "\"20 pA\"", "mV");
    check(DRIVE, &clamp("command = -60"), "E0505", "-60", "-60 mV");
    check(DRIVE, &clamp("start = \"1 ms\""), "E0503", "drive", "command");
    check(DRIVE, &clamp("comand = \"0 mV\""), "E0502", "comand", "`command`");
    check(
        DRIVE,
        &clamp("command = { kind = \"ramp\", from = \"-80 mV\", to = \"1 nS\" }\nstop = \"9 ms\""),
        "E0507",
        "\"1 nS\"",
        "mV",
    );
    check(
        "variables = [\"V\", \"excitatory.g\"]",
        "variables = [\"voltage_clamp.I\"]",
        "E0602",
        "\"voltage_clamp.I\"",
        "V",
    );
}

const POISSON: &str = "kind = \"poisson\"\nreceptor = \"excitatory\"\nweight = \"1 nS\"\nrate = \"300 Hz\"";

#[test]
fn correlated_input_is_read_and_its_mistakes_are_explained() {
    let correlated = |rest: &str| format!("{POISSON}\n{rest}");
    let read = project(DRIVE, &correlated("correlation = 0.3\njitter = \"2 ms\""));
    let shown = read.plan(&RunOptions::default()).unwrap().to_string();
    assert!(shown.contains("Poisson spikes of correlation 0.3"), "{shown}");
    project(DRIVE, &correlated("correlation = 1"));
    check(DRIVE, &correlated("correlation = 30"), "E0616", "30", "0.1");
    check(
        DRIVE,
        &correlated("correlation = \"0.3\""),
        "E0504",
        "\"0.3\"",
        "without quotes",
    );
    check(
        DRIVE,
        &correlated("jitter = \"2 ms\""),
        "E0502",
        "\"2 ms\"",
        "correlation = 0.1",
    );
    check(
        DRIVE,
        &correlated("correlation = 0.5\njitter = 2"),
        "E0505",
        "2",
        "2 ms",
    );
}
