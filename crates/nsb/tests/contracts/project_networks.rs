//! Slices, functions of the pair, voltage clamps, correlated and conductance input in projects: what is right is read and written back, what is wrong is said with code, place
//! and fix.

use nsb::{Overrides, Project, RunOptions, Source};

use crate::project_errors::{GOOD, check, findings, marked, open};

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
        "E0514",
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
        "[\"voltage_clamp.I\"]",
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

#[test]
fn conductance_noise_is_read_and_its_mistakes_are_explained() {
    let receptor = "[populations.cells.receptors.excitatory]";
    let background = format!("[populations.cells.receptors.background]\nmodel = \"conductance_input\"\n\n{receptor}");
    let drive = |rest: &str| {
        let drive = format!("receptor = \"background\"\n{rest}");
        let text = GOOD.replace(receptor, &background).replace(DRIVE, &drive);
        text.replace("\"excitatory.g\"", "\"background.g\"")
    };
    let noise = "kind = \"noise\"\nmean = \"12 nS\"\nsd = \"3 nS\"\ntau = \"2.7 ms\"";
    let read = open(&drive(noise)).unwrap();
    let again = open(&read.text).unwrap();
    assert_eq!(read.network, again.network);
    let run = read.run(&RunOptions::default(), &mut ()).unwrap();
    assert!(run.recording.variables[0].series[1].values.iter().any(|g| *g > 0.0));
    let mistake = |text: &str| {
        let found = findings(text);
        assert_eq!(found.len(), 1, "{found:?}");
        (found[0].code, marked(&found[0]).to_owned())
    };
    let (current, own) = (
        noise.replace("12 nS", "12 pA"),
        DRIVE.replace("kind", "receptor = \"excitatory\"\nkind"),
    );
    assert_eq!(mistake(&drive(&current)), ("E0507", "\"12 pA\"".to_owned()));
    assert_eq!(
        mistake(&GOOD.replace(DRIVE, &own)),
        ("E0616", "\"excitatory\"".to_owned())
    );
    let unknown = drive(noise).replace("receptor = \"background\"\nkind", "receptor = \"backround\"\nkind");
    assert_eq!(mistake(&unknown), ("E0511", "\"backround\"".to_owned()));
}

const WEIGHT: &str = "weight = \"1 nS\"\ndelay = \"1 ms\"";

#[test]
fn functions_of_the_pair_give_the_numbers_of_a_list() {
    // Of 4 cells all 12 pairs, in the order of source, then target.
    let connect = "connect = { rule = \"pairwise_probability\", probability = 0.3 }";
    let all = GOOD.replace(connect, "connect = { rule = \"all_to_all\" }");
    let list = |number: fn(f64, f64) -> String| {
        let pairs = (0..4).flat_map(|i| {
            (0..4)
                .filter(move |j| i != *j)
                .map(move |j| (f64::from(i), f64::from(j)))
        });
        let numbers: Vec<String> = pairs.map(|(i, j)| format!("\"{}\"", number(i, j))).collect();
        format!("[{}]", numbers.join(", "))
    };
    let (weights, delays) = (
        list(|i, j| format!("{} nS", 20.0 * (1.0 + i) + j * j)),
        list(|i, j| format!("{} ms", 1.0 + 0.5 * (i - j).abs() + 0.25 * 4.0)),
    );
    let hash = |weight: &str, delay: &str| {
        let text = all.replace(WEIGHT, &format!("weight = {weight}\ndelay = {delay}"));
        let project = open(&text).unwrap_or_else(|error| panic!("{error}"));
        let run = |project: &Project| project.run(&RunOptions::default(), &mut ()).unwrap().recording;
        let recording = run(&project);
        assert_eq!(recording.spike_hash, run(&open(&project.text).unwrap()).spike_hash);
        (recording.spike_hash, recording.variables[0].series[1].values.clone())
    };
    let function = hash(
        "{ function = \"20 nS * (1 + i) + 0.001 uS * j^2\" }",
        "{ function = \"1 ms + 500 us * abs(i - j) + N_source * 0.25 ms\" }",
    );
    assert_eq!(function, hash(&weights, &delays));
    assert_ne!(function.0, hash("\"1 nS\"", "\"1 ms\"").0);
}

#[test]
fn functions_count_within_slices() {
    let slices = "target = \"cells\"\ntarget_cells = [2, 3]\nsource_cells = \"0..2\"";
    let connect = "connect = { rule = \"pairwise_probability\", probability = 0.3 }";
    let text = GOOD
        .replace(ENDS, slices)
        .replace(connect, "connect = { rule = \"all_to_all\" }");
    let with = |weight: &str| {
        let project = open(&text.replace("weight = \"1 nS\"", &format!("weight = {weight}"))).unwrap();
        let recording = project.run(&RunOptions::default(), &mut ()).unwrap().recording;
        recording.variables[0].series[1].values.clone()
    };
    let function = with("{ function = \"10 nS * (1 + i + 2 * j) * N_target\" }");
    assert_eq!(function, with("[\"20 nS\", \"60 nS\", \"40 nS\", \"80 nS\"]"));
    assert!(function.iter().any(|g| *g > 0.0));
}

#[test]
fn mistakes_in_functions_are_shown_where_they_stand() {
    let weight = |formula: &str| format!("weight = {{ function = {formula} }}\ndelay = \"1 ms\"");
    check(
        WEIGHT,
        &weight("\"2 nS * exp(-abs(i - k) / 20)\""),
        "E0203",
        "k",
        "`N_target`",
    );
    check(
        WEIGHT,
        &weight("\"2 nS * exp(-abs(i - j) / 20 mV)\""),
        "E0303",
        "-abs(i - j) / 20 mV",
        "divide",
    );
    check(WEIGHT, &weight("\"2 nS * expo(i)\""), "E0205", "expo", "exp");
    check(WEIGHT, &weight("\"2 nS * (i\""), "E0107", "\"2 nS * (i\"", "`)`");
    check(WEIGHT, &weight("\"exp(-i)\""), "E0303", "\"exp(-i)\"", "nS");
    check(WEIGHT, &weight("\"2 ms\""), "E0303", "\"2 ms\"", "nS");
    check(WEIGHT, &weight("3"), "E0504", "3", "quotes");
    check(WEIGHT, &weight("\"1 nS # what\""), "E0506", "\"1 nS # what\"", "exp");
    check(WEIGHT, &weight("\"1 nS\", scale = 2"), "E0502", "scale", "`function`");
    // What a formula gives is checked when it is known.
    check(WEIGHT, &weight("\"1 nS / (i - i)\""), "E0616", "weight", "finite");
    let delay = "weight = \"1 nS\"\ndelay = { function = \"1 ms * (i - j)\" }";
    check(WEIGHT, delay, "E0616", "delay", "longer delay");
}

#[test]
fn parameters_and_initial_states_are_functions_of_the_cell() {
    let (parameters, initial) = (
        "parameters = { g_Na = \"120 mS/cm^2\" }",
        "initial = { V = \"-65 mV\" }",
    );
    let trace = |g_na: &str, v: &str, tau: &str| {
        let text = GOOD
            .replace(parameters, &format!("parameters = {{ g_Na = {g_na} }}"))
            .replace(initial, &format!("initial = {{ V = {v} }}"))
            .replace(
                "parameters = { tau = \"2 ms\" }",
                &format!("parameters = {{ tau = {tau} }}"),
            );
        let project = open(&text).unwrap_or_else(|error| panic!("{error}"));
        let again = open(&project.text).unwrap();
        assert_eq!(project.network, again.network);
        let recording = project.run(&RunOptions::default(), &mut ()).unwrap().recording;
        recording.variables[0].series[0].values.clone()
    };
    let function = trace(
        "{ function = \"100 mS/cm^2 + 10 mS/cm^2 * i\" }",
        "{ function = \"-66 mV + 4 mV * i / N\" }",
        "{ function = \"1 ms * (1 + i)\" }",
    );
    let list = trace(
        "[\"100 mS/cm^2\", \"110 mS/cm^2\", \"120 mS/cm^2\", \"130 mS/cm^2\"]",
        "[\"-66 mV\", \"-65 mV\", \"-64 mV\", \"-63 mV\"]",
        "[\"1 ms\", \"2 ms\", \"3 ms\", \"4 ms\"]",
    );
    assert_eq!(function.len(), list.len());
    // Numbers may differ in their last bit, as a formula and a decimal do.
    let early = function.iter().zip(&list).take(400);
    assert!(
        early.clone().all(|(a, b)| (a - b).abs() < 1e-9),
        "{:?}",
        early.collect::<Vec<_>>()
    );
    let with = |formula: &str| format!("parameters = {{ g_Na = {{ function = \"{formula}\" }} }}");
    check(parameters, &with("100 mS/cm^2 * j"), "E0203", "j", "`N`");
    check(parameters, &with("1 mS * i"), "E0303", "\"1 mS * i\"", "");
    check(parameters, &with("-1 mS/cm^2 * i"), "E0605", "g_Na", "0 mS/cm^2");
}
