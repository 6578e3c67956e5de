//! Connectors, tables, distributions, stimuli, gap junctions and presets in projects: what is right is read, what is
//! wrong is said with code, place and fix.

use std::fs;

use nsb::{Error, Overrides, Project, RunOptions, Source};

use crate::project_errors::{GOOD, check, findings, marked, open};

const CONNECT: &str = "connect = { rule = \"pairwise_probability\", probability = 0.3 }";

#[test]
fn connectors_say_what_they_need() {
    let connect = |rule: &str| format!("connect = {{ rule = {rule} }}");
    check(
        CONNECT,
        &connect("\"fixed_in_degree\""),
        "E0503",
        "{ rule = \"fixed_in_degree\" }",
        "degree = 80",
    );
    check(
        CONNECT,
        &connect("\"fixed_in_degree\", degree = 4"),
        "E0616",
        "4",
        "multapses = true",
    );
    check(
        CONNECT,
        &connect("\"fixed_out_degree\", degree = -4"),
        "E0515",
        "-4",
        "degree",
    );
    check(
        CONNECT,
        &connect("\"fixed_total_number\", number = 13"),
        "E0616",
        "13",
        "number = 12",
    );
    check(
        CONNECT,
        &connect("\"ring\", neighbours = 2"),
        "E0616",
        "2",
        "neighbours = 1",
    );
    check(
        CONNECT,
        &connect("\"ring\", neighbors = 1"),
        "E0502",
        "neighbors",
        "`neighbours`",
    );
    check(
        CONNECT,
        &connect("\"small_world\", neighbours = 1, rewiring = 10"),
        "E0515",
        "10",
        "0.1",
    );
    check(
        CONNECT,
        &connect("\"grid\", width = 3, height = 2, radius = 1"),
        "E0616",
        "3",
        "whose product is 4",
    );
    check(
        CONNECT,
        &connect("\"grid\", width = 2, height = 2, radius = \"1\""),
        "E0504",
        "\"1\"",
        "radius",
    );
    check(
        CONNECT,
        &connect("\"one_to_one\", probability = 1"),
        "E0502",
        "probability",
        "`rule`",
    );
    check(
        CONNECT,
        &connect("\"table\""),
        "E0503",
        "{ rule = \"table\" }",
        "file = ",
    );
    check(
        CONNECT,
        &connect("\"table\", file = \"nowhere.csv\""),
        "E0518",
        "\"nowhere.csv\"",
        "folder of the project",
    );
}

#[test]
fn tables_are_checked_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let with_table = GOOD.replacen(CONNECT, "connect = { rule = \"table\", file = \"t.csv\" }", 1);
    let open = |table: &str| {
        fs::write(folder.path().join("t.csv"), table).unwrap();
        let source = Source::new("p.toml", with_table.as_str());
        Project::from_source(&source, "p", Some(folder.path()), &Overrides::default())
    };
    let project = open("# a comment\nsource,target,weight (pS),delay (ms)\n0,1,500,1.5\n\n3, 0, 250, 2\n").unwrap();
    let plan = project.plan(&RunOptions::default()).unwrap();
    assert_eq!((plan.n_synapses(), plan.projections()[0].delays()), (2, &[60, 80][..]));
    // The effective project needs no other file.
    let again = Project::from_source(
        &Source::new("q.toml", project.text.as_str()),
        "q",
        None,
        &Overrides::default(),
    );
    assert_eq!(again.unwrap().network, project.network);

    for (table, code, place, fix) in [
        ("source,target\n0,1\n2,4\n", "E0514", "4", "from 0 to 3"),
        ("source,target\n0,x\n", "E0521", "x", "whole numbers"),
        ("source,targte\n0,1\n", "E0521", "targte", "`target`"),
        ("source,weight (nS)\n0,1\n", "E0521", "source,weight (nS)", "target"),
        (
            "source,target,weight (mV)\n0,1,2\n",
            "E0521",
            "weight (mV)",
            "weight (nS)",
        ),
        ("source,target,weight\n0,1,2\n", "E0521", "weight", "weight (nS)"),
        (
            "source,target,weight (nS)\n0,1,2\n1,2,abc\n",
            "E0521",
            "abc",
            "plain number",
        ),
        ("source,target,weight (nS)\n0,1,inf\n", "E0521", "inf", "plain number"),
        (
            "source,target\n0,1\n0,1,2\n",
            "E0521",
            "0,1,2",
            "one value for each column",
        ),
        ("# nothing\n", "E0521", "# nothing\n", "source,target"),
    ] {
        let Err(Error::User(found)) = open(table) else {
            panic!("{table} has a mistake")
        };
        let [one] = found.0.as_slice() else {
            panic!("one finding expected for {table}, not {found}")
        };
        assert_eq!((one.code, marked(one)), (code, place), "{table}");
        assert!(format!("{} {}", one.label, one.hints.join(" ")).contains(fix), "{one}");
        assert!(one.source.name.ends_with("t.csv"), "{}", one.source.name);
    }
}

#[test]
fn distributions_are_checked_like_other_quantities() {
    let weight = |inner: &str| format!("weight = {{ {inner} }}");
    let given = "weight = \"1 nS\"";
    let good = "distribution = \"normal\", mean = \"1 nS\", sd = \"300 pS\", min = \"0 nS\", outside = \"redraw\"";
    open(&GOOD.replacen(given, &weight(good), 1)).unwrap();
    check(
        given,
        &weight("distribution = \"gaussian\""),
        "E0513",
        "\"gaussian\"",
        "`normal`",
    );
    check(
        given,
        &weight("mean = \"1 nS\", sd = \"1 nS\""),
        "E0503",
        "{ mean = \"1 nS\", sd = \"1 nS\" }",
        "distribution = ",
    );
    check(
        given,
        &weight("distribution = \"normal\", mean = \"1 nS\""),
        "E0503",
        "{ distribution = \"normal\", mean = \"1 nS\" }",
        "sd = \"1 nS\"",
    );
    check(
        given,
        &weight("distribution = \"exponential\", mean = \"1 mV\""),
        "E0507",
        "\"1 mV\"",
        "nS",
    );
    check(
        given,
        &weight("distribution = \"exponential\", mean = 1"),
        "E0505",
        "1",
        "\"1 nS\"",
    );
    check(
        given,
        &weight(&good.replace("redraw", "again")),
        "E0513",
        "\"again\"",
        "`redraw`",
    );
    check(
        given,
        &weight(&good.replace("300 pS", "-300 pS")),
        "E0616",
        "\"-300 pS\"",
        "minus",
    );
    let parameter = "g_Na = \"120 mS/cm^2\"";
    check(
        parameter,
        "g_Na = { distribution = \"uniform\", low = \"2 mS/cm^2\", high = \"1 mS/cm^2\" }",
        "E0616",
        "\"1 mS/cm^2\"",
        "exchange",
    );
    check(
        "probability = 0.3 }\nweight = \"1 nS\"",
        "probability = 1 }\nweight = [\"1 nS\", \"2 nS\"]",
        "E0616",
        "[\"1 nS\", \"2 nS\"]",
        "one value per connection",
    );
}

/// The stimulus of the good project, replaced by another on its cells.
#[track_caller]
fn check_stimulus(with: &str, code: &str, place: &str, fix: &str) {
    let begin = GOOD.find("kind = \"step\"").unwrap();
    let end = GOOD.find("[recordings").unwrap();
    check(&GOOD[begin..end], &format!("{with}\n\n"), code, place, fix);
}

#[test]
fn stimuli_of_all_kinds_say_what_they_need() {
    check_stimulus("kind = \"sinus\"", "E0513", "\"sinus\"", "`sine`");
    check_stimulus(
        "kind = \"ramp\"\nfrom = \"1 uA/cm^2\"\nstop = \"9 ms\"",
        "E0503",
        "drive",
        "to = \"20 ",
    );
    let ramp = "kind = \"ramp\"\nfrom = \"0 uA/cm^2\"\nto = \"9 uA/cm^2\"";
    check_stimulus(ramp, "E0607", "drive", "stop = \"100 ms\"");
    check_stimulus(
        &format!("{ramp}\nstart = \"9 ms\"\nstop = \"8 ms\""),
        "E0611",
        "\"8 ms\"",
        "after it starts",
    );
    let noise = "kind = \"noise\"\nmean = \"5 uA/cm^2\"\nsd = \"2 uA/cm^2\"\ntau = \"5 ms\"";
    check_stimulus(&noise.replace("5 ms", "5 mV"), "E0507", "\"5 mV\"", "5 ms");
    check_stimulus(
        &noise.replace("\"2 uA", "\"-2 uA"),
        "E0616",
        "\"-2 uA/cm^2\"",
        "0 or more",
    );
    check_stimulus(&noise.replace("sd", "std"), "E0502", "std", "`sd`");
    let pattern = "kind = \"pattern\"\ntimes = [\"1 ms\", \"1 ms\"]\nlevels = [\"1 pA\", \"2 pA\"]";
    check_stimulus(pattern, "E0616", "\"1 ms\"", "ascending");
    check_stimulus(
        &pattern.replace("[\"1 ms\", \"1 ms\"]", "\"1 ms\""),
        "E0504",
        "\"1 ms\"",
        "times = [",
    );
    let poisson = "kind = \"poisson\"\nreceptor = \"excitatory\"\nweight = \"1 nS\"\nrate = \"300 Hz\"";
    check_stimulus(
        &poisson.replace("excitatory", "exitatory"),
        "E0511",
        "\"exitatory\"",
        "`excitatory`",
    );
    check_stimulus(&poisson.replace("1 nS", "1 pA"), "E0507", "\"1 pA\"", "nS");
    check_stimulus(&poisson.replace("\"300 Hz\"", "300"), "E0505", "300", "Hz");
    check_stimulus(
        &poisson.replace("300 Hz", "1e9 Hz"),
        "E0616",
        "\"1e9 Hz\"",
        "smaller rate",
    );
    let course = |course: &str| poisson.replace("\"300 Hz\"", course);
    check_stimulus(&course("{ kind = \"noise\" }"), "E0513", "\"noise\"", "`sine`");
    check_stimulus(
        &course("{ kind = \"sine\", mean = \"5 Hz\", amplitude = \"5 Hz\", frequency = \"2 ms\" }"),
        "E0507",
        "\"2 ms\"",
        "Hz",
    );
    let trains = "kind = \"spike_trains\"\nreceptor = \"excitatory\"\nweight = \"1 nS\"";
    check_stimulus(trains, "E0503", "drive", "file = ");
    check_stimulus(&format!("{trains}\ntimes = [\"-1 ms\"]"), "E0611", "\"-1 ms\"", "0 ms");
    check_stimulus(
        &format!("{trains}\ncsv = \"cell,time (ms)\""),
        "E0502",
        "\"0..2\"",
        "remove `cells`",
    );
    for good in [noise, poisson, &format!("{trains}\ntimes = [\"1 ms\"]")] {
        let begin = GOOD.find("kind = \"step\"").unwrap();
        let end = GOOD.find("[recordings").unwrap();
        open(&GOOD.replacen(&GOOD[begin..end], &format!("{good}\n\n"), 1)).unwrap();
    }
}

#[test]
fn gap_junctions_say_what_they_need() {
    let good = "[gap_junctions.gap]\nsource = \"cells\"\ntarget = \"cells\"\nconnect = { rule = \"ring\", neighbours = 1 }\n\
                conductance = \"0.5 nS\"\n\n[stimuli.drive]";
    let check = |from: &str, to: &str, code, place, fix| {
        assert!(good.contains(from));
        check("[stimuli.drive]", &good.replacen(from, to, 1), code, place, fix);
    };
    let project = open(&GOOD.replacen("[stimuli.drive]", good, 1)).unwrap();
    assert_eq!(
        project.plan(&RunOptions::default()).unwrap().gap_junctions()[0].n_junctions(),
        4
    );
    let again = Project::from_source(
        &Source::new("q.toml", project.text.as_str()),
        "q",
        None,
        &Overrides::default(),
    );
    assert_eq!(again.unwrap().network, project.network);
    check("0.5 nS", "0.5 mS/cm^2", "E0507", "\"0.5 mS/cm^2\"", "nS");
    check("0.5 nS", "-0.5 nS", "E0616", "\"-0.5 nS\"", "0 nS");
    check("conductance", "conductnce", "E0502", "conductnce", "`conductance`");
    check("neighbours = 1", "neighbours = 2", "E0616", "2", "neighbours = 1");
    check(
        "target = \"cells\"",
        "target = \"cell\"",
        "E0510",
        "\"cell\"",
        "`cells`",
    );
}

#[test]
fn presets_set_parameters_and_own_values_win() {
    let text = "duration = \"10 ms\"\n[populations.cells]\nmodel = \"adex\"\nsize = 1\npreset = \"bursting\"\n\
                parameters = { b = \"7 pA\" }\n";
    let project = open(text).unwrap();
    let parameter = |name: &str| match &project.network.populations[0].parameters[name] {
        nsb::network::Value::Uniform(quantity) => quantity.to_string(),
        other => panic!("{other:?}"),
    };
    // The values of the preset in its model text, and the project's own.
    assert_eq!(
        [parameter("tau_w"), parameter("V_reset"), parameter("b")],
        ["120 ms", "-46 mV", "7 pA"]
    );
    let found = findings(&text.replace("bursting", "burstin"));
    assert_eq!(
        (found.len(), found[0].code, marked(&found[0])),
        (1, "E0513", "\"burstin\"")
    );
    assert!(found[0].label.contains("`bursting`"), "{}", found[0]);
    let without = "duration = \"10 ms\"\n[populations.cells]\nmodel = \"lif\"\nsize = 1\npreset = \"fast\"\n";
    assert!(findings(without)[0].hints[0].contains("remove it"));
}
