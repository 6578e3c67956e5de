//! Every mistake in a project is found, with code, place and fix, and all of them in one go.

use std::fs;

use nsb::{Diagnostic, Error, Overrides, Project, Source, render};

const GOOD: &str = r#"duration = "100 ms"
dt = "0.025 ms"
seed = 1

[populations.cells]
model = "hodgkin_huxley"
size = 4
parameters = { g_Na = "120 mS/cm^2" }
initial = { V = "-65 mV" }

[populations.cells.receptors.excitatory]
model = "exponential_conductance"
parameters = { tau = "2 ms" }

[projections.recurrent]
source = "cells"
target = "cells"
receptor = "excitatory"
connect = { rule = "pairwise_probability", probability = 0.3 }
weight = "1 nS"
delay = "1 ms"

[stimuli.drive]
population = "cells"
cells = "0..2"
kind = "step"
amplitude = "20 uA/cm^2"
start = "10 ms"
stop = "90 ms"

[recordings.membrane]
population = "cells"
variables = ["V", "excitatory.g"]
interval = "0.1 ms"
"#;

fn open(text: &str) -> Result<Project, Error> {
    let project = Project::from_source(&Source::new("p.toml", text), "p", None, &Overrides::default())?;
    project.plan(&nsb::RunOptions::default())?;
    Ok(project)
}

fn findings(text: &str) -> Vec<Diagnostic> {
    match open(text).expect_err("the project has a mistake") {
        Error::User(found) => {
            // Whatever is found can be shown.
            assert!(!render(&found, false).is_empty());
            found.0
        }
        other => panic!("{other}"),
    }
}

fn marked(found: &Diagnostic) -> &str {
    &found.source.text[found.span.start..found.span.end]
}

/// One mistake at a time: replace, expect code, marked text, and a part of the fix.
#[track_caller]
fn check(replace: &str, with: &str, code: &str, place: &str, fix: &str) {
    assert!(GOOD.contains(replace), "{replace} is not in the project");
    let found = findings(&GOOD.replacen(replace, with, 1));
    let one = match found.as_slice() {
        [one] => one,
        all => panic!("one finding expected, not {all:#?}"),
    };
    assert_eq!(one.code, code, "{one}");
    assert_eq!(marked(one), place, "{one}");
    let fixes = format!("{} {}", one.label, one.hints.join(" "));
    assert!(fixes.contains(fix), "{fix} is not in {fixes}");
    assert_eq!(one.source.name, "p.toml");
}

#[test]
fn the_project_without_mistakes_is_accepted() {
    let project = open(GOOD).unwrap();
    assert_eq!(
        (project.duration_ms, project.dt_ms, project.seed, project.threads),
        (100.0, 0.025, 1, 1)
    );
    assert_eq!(
        project.models.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(),
        ["hodgkin_huxley", "exponential_conductance"]
    );
}

#[test]
fn syntax_errors() {
    check("seed = 1", "seed = ", "E0501", "", "quotes");
    check("seed = 1", "seed", "E0501", "", "key = value");
    check("seed = 1", "seed = 1\nseed = 2", "E0501", "seed", "once");
}

#[test]
fn unknown_keys() {
    check("seed = 1", "sead = 1", "E0502", "sead", "`seed`");
    check("weight = \"1 nS\"", "wieght = \"1 nS\"", "E0502", "wieght", "`weight`");
    check("size = 4", "size = 4\nmetod = \"auto\"", "E0502", "metod", "`method`");
    check(
        "probability = 0.3",
        "probability = 0.3, pairs = []",
        "E0502",
        "pairs",
        "`probability`",
    );
    check("[stimuli.drive]", "[stimulus.drive]", "E0502", "stimulus", "`stimuli`");
    check(
        "{ tau = \"2 ms\" }",
        "{ tau = \"2 ms\" }\nweight = 1",
        "E0502",
        "weight",
        "`model`",
    );
}

#[test]
fn missing_keys() {
    check(
        "duration = \"100 ms\"\n",
        "",
        "E0503",
        "dt = \"0.025 ms\"",
        "duration = \"100 ms\"",
    );
    check("size = 4\n", "", "E0503", "cells", "size = 10");
    check("weight = \"1 nS\"\n", "", "E0503", "recurrent", "weight = \"1 nS\"");
    check("start = \"10 ms\"\n", "", "E0503", "drive", "start");
    check(
        "variables = [\"V\", \"excitatory.g\"]\n",
        "",
        "E0503",
        "membrane",
        "variables",
    );
    let found = findings("duration = \"1 ms\"\n[populations]\n");
    assert_eq!(found[0].code, "E0503");
}

#[test]
fn wrong_types() {
    check("size = 4", "size = \"4\"", "E0504", "\"4\"", "size = 1");
    check("model = \"hodgkin_huxley\"", "model = 3", "E0504", "3", "quotes");
    check("duration = \"100 ms\"", "duration = true", "E0504", "true", "\"1 ms\"");
    check(
        "probability = 0.3",
        "probability = \"0.3\"",
        "E0504",
        "\"0.3\"",
        "without quotes",
    );
    check(
        "0.3 }",
        "0.3, self_connections = 1 }",
        "E0504",
        "1",
        "self_connections = true",
    );
    check("[\"V\", \"excitatory.g\"]", "\"V\"", "E0504", "\"V\"", "[\"V\"]");
    check(
        "parameters = { tau = \"2 ms\" }",
        "parameters = 2",
        "E0504",
        "2",
        "[parameters.NAME]",
    );
}

#[test]
fn bare_numbers_where_a_unit_is_due() {
    check(
        "duration = \"100 ms\"",
        "duration = 100",
        "E0505",
        "100",
        "write \"100 ms\"",
    );
    check("\"120 mS/cm^2\"", "120", "E0505", "120", "write \"120 mS/cm^2\"");
    check("weight = \"1 nS\"", "weight = 1.5", "E0505", "1.5", "write \"1.5 nS\"");
    check(
        "\"20 uA/cm^2\"",
        "\"20\"",
        "E0505",
        "\"20\"",
        "write \"20 uA/cm^2\" or \"20 pA\"",
    );
}

#[test]
fn texts_that_are_no_quantities() {
    check("\"100 ms\"", "\"100 mz\"", "E0506", "\"100 mz\"", "did you mean");
    check("\"1 nS\"", "\"one nS\"", "E0506", "\"one nS\"", "");
    check("delay = \"1 ms\"", "delay = \"\"", "E0506", "\"\"", "");
}

#[test]
fn wrong_dimensions() {
    check("\"100 ms\"", "\"100 mV\"", "E0507", "\"100 mV\"", "\"100 ms\"");
    check("\"120 mS/cm^2\"", "\"120 nS\"", "E0507", "\"120 nS\"", "mS/cm^2");
    check(
        "weight = \"1 nS\"",
        "weight = \"1 pA\"",
        "E0507",
        "\"1 pA\"",
        "\"1 nS\"",
    );
    check("\"20 uA/cm^2\"", "\"20 mV\"", "E0507", "\"20 mV\"", "uA/cm^2");
}

#[test]
fn unknown_models_parameters_states_and_methods() {
    check(
        "hodgkin_huxley",
        "hodgkin_huxly",
        "E0508",
        "\"hodgkin_huxly\"",
        "`hodgkin_huxley`",
    );
    check(
        "\"hodgkin_huxley\"",
        "\"exponential_current\"",
        "E0508",
        "\"exponential_current\"",
        "`hodgkin_huxley`",
    );
    check("g_Na =", "g_na =", "E0509", "g_na", "`g_Na`");
    check("{ V = \"-65 mV\" }", "{ v = \"-65 mV\" }", "E0509", "v", "`V`");
    check("{ tau =", "{ tua =", "E0509", "tua", "`tau`");
    check(
        "size = 4",
        "size = 4\nmethod = \"strong\"",
        "E0513",
        "\"strong\"",
        "`strang`",
    );
}

#[test]
fn unknown_names_in_a_network() {
    check(
        "source = \"cells\"",
        "source = \"cell\"",
        "E0510",
        "\"cell\"",
        "`cells`",
    );
    check(
        "receptor = \"excitatory\"",
        "receptor = \"excitatry\"",
        "E0511",
        "\"excitatry\"",
        "`excitatory`",
    );
    check("[\"V\", ", "[\"U\", ", "E0512", "\"U\"", "`V`");
    check(
        "\"excitatory.g\"",
        "\"excitatory.h\"",
        "E0512",
        "\"excitatory.h\"",
        "`excitatory.g`",
    );
    check(
        "[\"V\", \"excitatory.g\"]",
        "[\"V\", \"V\"]",
        "E0512",
        "\"V\"",
        "remove",
    );
    check(
        "pairwise_probability",
        "pairwise_probabilty",
        "E0513",
        "\"pairwise_probabilty\"",
        "`pairwise_probability`",
    );
    check("kind = \"step\"", "kind = \"stepp\"", "E0513", "\"stepp\"", "`step`");
    check(
        "variables = [",
        "kind = \"spike\"\nvariables = [",
        "E0513",
        "\"spike\"",
        "`spikes`",
    );
}

#[test]
fn bad_cells() {
    check("\"0..2\"", "\"0..5\"", "E0514", "\"0..5\"", "\"0..4\"");
    check("\"0..2\"", "\"2..2\"", "E0514", "\"2..2\"", "\"2..3\"");
    check("\"0..2\"", "\"some\"", "E0514", "\"some\"", "\"all\"");
    check("\"0..2\"", "[0, 9]", "E0514", "9", "from 0 to 3");
    check("\"0..2\"", "[0, -1]", "E0514", "-1", "from 0 to 3");
    check("\"0..2\"", "[0, \"1\"]", "E0514", "\"1\"", "[0, 1, 2]");
}

#[test]
fn numbers_outside_their_range() {
    check("probability = 0.3", "probability = 30", "E0515", "30", "0.3");
    check("probability = 0.3", "probability = -0.1", "E0515", "-0.1", "0.1");
    check("probability = 0.3", "probability = nan", "E0515", "nan", "0.1");
    check("size = 4", "size = 0", "E0515", "0", "size = 1");
    check("seed = 1", "seed = -1", "E0515", "-1", "seed");
    check("seed = 1", "threads = 0", "E0515", "0", "threads = 1");
    check("\"100 ms\"", "\"-1 ms\"", "E0515", "\"-1 ms\"", "100 ms");
    check("\"100 ms\"", "\"0 ms\"", "E0515", "\"0 ms\"", "100 ms");
    check("\"100 ms\"", "\"1e300 ms\"", "E0515", "\"1e300 ms\"", "shorter");
    check("dt = \"0.025 ms\"", "dt = \"0 ms\"", "E0515", "\"0 ms\"", "0.025 ms");
    check("dt = \"0.025 ms\"", "dt = \"1 s\"", "E0515", "\"1 s\"", "shorter");
    check("\"120 mS/cm^2\"", "nan", "E0515", "nan", "number");
}

#[test]
fn bad_names() {
    check(
        "[recordings.membrane]",
        "[recordings.\"my membrane\"]",
        "E0516",
        "\"my membrane\"",
        "letters",
    );
    check("seed = 1", "name = \"../up\"", "E0516", "\"../up\"", "letters");
}

#[test]
fn problems_of_the_plan_are_shown_at_their_lines() {
    check(
        "delay = \"1 ms\"",
        "delay = \"0.01 ms\"",
        "E0609",
        "\"0.01 ms\"",
        "0.025 ms",
    );
    check(
        "delay = \"1 ms\"",
        "delay = \"-1 ms\"",
        "E0609",
        "\"-1 ms\"",
        "0.025 ms",
    );
    check(
        "\"120 mS/cm^2\"",
        "\"-1 mS/cm^2\"",
        "E0605",
        "\"-1 mS/cm^2\"",
        "0 mS/cm^2",
    );
    check(
        "{ V = \"-65 mV\" }",
        "{ V = [\"-65 mV\"] }",
        "E0606",
        "[\"-65 mV\"]",
        "one value per cell",
    );
    check("stop = \"90 ms\"", "stop = \"5 ms\"", "E0611", "\"5 ms\"", "after");
    check(
        "interval = \"0.1 ms\"",
        "interval = \"0.01 ms\"",
        "E0612",
        "\"0.01 ms\"",
        "0.025 ms",
    );
    let coarse = GOOD
        .replace("0.025 ms", "0.1 ms")
        .replace("size = 4", "size = 4\nmethod = \"exponential_euler\"");
    let found = findings(&coarse);
    assert_eq!((found[0].code, found.len()), ("E0613", 1), "{found:?}");
    assert!(
        ["\"0.1 ms\"", "\"exponential_euler\"", "cells"].contains(&marked(&found[0])),
        "{found:?}"
    );
    assert!(found[0].hints[0].contains("0.05 ms"), "{found:?}");
}

#[test]
fn all_problems_are_found_in_one_go_and_in_their_order() {
    let text = GOOD
        .replace("duration = \"100 ms\"", "duration = 100")
        .replace("g_Na =", "g_na =")
        .replace("target = \"cells\"", "target = \"sells\"")
        .replace("kind = \"step\"", "kind = \"stepp\"")
        .replace("[\"V\", ", "[\"U\", ");
    let codes: Vec<_> = findings(&text).iter().map(|d| d.code).collect();
    assert_eq!(codes, ["E0505", "E0509", "E0510", "E0513", "E0512"]);
}

#[test]
fn a_wrong_population_does_not_make_others_wrong() {
    let text = GOOD.replace("hodgkin_huxley", "hodgkin");
    let codes: Vec<_> = findings(&text).iter().map(|d| d.code).collect();
    assert_eq!(codes, ["E0508"]);
}

#[test]
fn mistakes_in_an_inline_model_are_shown_in_the_project_file() {
    let text = format!(
        "{GOOD}\n[models]\nmine = \"\"\"\nneuron mine \"x\"\nequations:\n    dV/dt = -V / (10 mV) : mV \"V\"\n\"\"\"\n"
    );
    let found = findings(&text);
    assert!(found.iter().all(|d| d.source.name == "p.toml"), "{found:?}");
    let line = found[0].source.line_column(found[0].span.start).0;
    assert!(
        text.lines().nth(line - 1).unwrap().contains("dV/dt"),
        "line {line}: {found:?}"
    );
}

#[test]
fn a_model_entry_must_define_the_model_of_its_name() {
    let text = format!(
        "{GOOD}\n[models]\nother = \"\"\"\nneuron mine \"x\"\nequations:\n    dV/dt = -V / (10 ms) : mV \"V\"\ninitial:\n    V = 0 mV\n\"\"\"\n"
    );
    let found = findings(&text);
    assert_eq!((found[0].code, marked(&found[0])), ("E0517", "other"), "{found:?}");
    assert!(found[0].hints[0].contains("mine"), "{found:?}");
}

#[test]
fn files_that_cannot_be_read_are_said_to_be_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let binary = file("binary.toml", b"duration = \"1 ms\"\n\xff\xfe");
    let empty = file("empty.toml", b" \n");
    let truncated = file("truncated.toml", &GOOD.as_bytes()[..GOOD.len() - 4]);
    let missing = folder.path().join("missing.toml").display().to_string();
    let directory = folder.path().display().to_string();
    for (target, code, says) in [
        (binary.as_str(), "E0518", "byte 18 is not valid UTF-8"),
        (&empty, "E0518", "empty"),
        (&truncated, "E0501", "TOML"),
        (&missing, "E0518", "no such file"),
        (&directory, "E0518", "folder"),
        ("levl1", "E0518", "`level1`"),
    ] {
        let error = Project::open(target, &Overrides::default()).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let text = error.to_string();
        assert!(text.contains(code) && text.contains(says), "{target}: {text}");
    }
}

#[test]
fn a_missing_model_file_is_reported_where_it_is_named() {
    let text = format!("{GOOD}\n[models]\nmine = {{ file = \"no-such.model\" }}\n");
    let found = findings(&text);
    assert_eq!(
        (found[0].code, marked(&found[0])),
        ("E0518", "\"no-such.model\""),
        "{found:?}"
    );
}

#[test]
fn windows_line_ends_and_byte_order_marks_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my circuit.toml");
    fs::write(&path, format!("\u{feff}{}", GOOD.replace('\n', "\r\n"))).unwrap();
    let project = Project::open(&path.display().to_string(), &Overrides::default()).unwrap();
    assert_eq!(project.name, "my_circuit");
}

#[test]
fn every_code_is_in_the_manual() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let manual = fs::read_to_string(format!("{root}/docs/reference/project-file.md")).unwrap();
    let mut codes = 0;
    for folder in ["src", "src/project", "src/output"] {
        for entry in fs::read_dir(format!("{}/{folder}", env!("CARGO_MANIFEST_DIR")))
            .unwrap()
            .flatten()
            .filter(|e| e.path().is_file())
        {
            let text = fs::read_to_string(entry.path()).unwrap();
            for (at, _) in text.match_indices("\"E0").chain(text.match_indices("\"W0")) {
                let code = text.get(at + 1..at + 6).unwrap_or_default();
                if code[1..].starts_with("05") || code[1..].starts_with("06") {
                    codes += 1;
                    assert!(
                        manual.contains(&format!("| {code} |")),
                        "{code} of {} is not in the manual",
                        entry.path().display()
                    );
                }
            }
        }
    }
    assert!(codes > 50);
}

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
    let plan = project.plan(&nsb::RunOptions::default()).unwrap();
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
        project.plan(&nsb::RunOptions::default()).unwrap().gap_junctions()[0].n_junctions(),
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
