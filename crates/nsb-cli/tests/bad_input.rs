//! Whatever is given: a message with the place and the fix, the right exit code, never a panic, no run folder.

use crate::sandbox::{PROJECT, Sandbox};

/// A mistake: what of [`PROJECT`] is replaced, by what, and what the message must hold.
struct Mistake {
    find: &'static str,
    replace: &'static str,
    message: &'static [&'static str],
}

/// The head of [`PROJECT`], and the same with a step that is too large for an explicit method.
const EXPLICIT: (&str, &str) = (
    "dt = \"0.025 ms\"\nseed = 1\n\n[populations.cells]\n",
    "dt = \"0.1 ms\"\nseed = 1\n\n[populations.cells]\nmethod = \"exponential_euler\"\n",
);

const MISTAKES: &[Mistake] = &[
    // Units.
    Mistake {
        find: "\"10 nS\"",
        replace: "\"10 nSS\"",
        message: &["nSS", "nS"],
    },
    Mistake {
        find: "\"10 nS\"",
        replace: "\"10 mV\"",
        message: &["`weight`", "a conductance (nS), not a voltage"],
    },
    Mistake {
        find: "\"10 nS\"",
        replace: "10",
        message: &["`weight`", "bare number", "\"10 nS\""],
    },
    Mistake {
        find: "duration = \"20 ms\"",
        replace: "duration = 20",
        message: &["`duration`", "bare number", "ms"],
    },
    Mistake {
        find: "\"20 uA/cm^2\"",
        replace: "\"20 mV\"",
        message: &["`amplitude`", "not a voltage"],
    },
    Mistake {
        find: "\"36 mS/cm^2\"",
        replace: "\"36 mS\"",
        message: &["g_K", "not a conductance"],
    },
    // Names.
    Mistake {
        find: "\"hodgkin_huxley\"",
        replace: "\"hodgkin_huxly\"",
        message: &["hodgkin_huxly", "did you mean `hodgkin_huxley`"],
    },
    Mistake {
        find: "g_K =",
        replace: "g_k =",
        message: &["g_k", "did you mean `g_K`"],
    },
    Mistake {
        find: "[\"V\"]",
        replace: "[\"v\"]",
        message: &["`v`", "did you mean `V`"],
    },
    Mistake {
        find: "[\"V\"]",
        replace: "[\"excitatory.h\"]",
        message: &["excitatory.h"],
    },
    Mistake {
        find: "receptor = \"excitatory\"",
        replace: "receptor = \"exitatory\"",
        message: &["exitatory", "excitatory"],
    },
    Mistake {
        find: "source = \"cells\"",
        replace: "source = \"cell\"",
        message: &["`cell`", "did you mean `cells`"],
    },
    Mistake {
        find: "size = 4",
        replace: "siez = 4",
        message: &["`siez`", "did you mean `size`"],
    },
    Mistake {
        find: "[stimuli.drive]",
        replace: "[stimulus.drive]",
        message: &["`stimulus`", "did you mean `stimuli`"],
    },
    // Values.
    Mistake {
        find: "\"1 ms\"\n\n[stimuli",
        replace: "\"0.01 ms\"\n\n[stimuli",
        message: &["delay", "0.01 ms", "0.025 ms"],
    },
    Mistake {
        find: "\"1 ms\"\n\n[stimuli",
        replace: "\"-1 ms\"\n\n[stimuli",
        message: &["delay", "-1 ms"],
    },
    Mistake {
        find: "probability = 0.5",
        replace: "probability = 1.5",
        message: &["probability", "1.5", "0 to 1"],
    },
    Mistake {
        find: "probability = 0.5",
        replace: "probability = -0.1",
        message: &["probability", "-0.1"],
    },
    Mistake {
        find: "probability = 0.5",
        replace: "probability = nan",
        message: &["probability"],
    },
    Mistake {
        find: "size = 4",
        replace: "size = 0",
        message: &["size", "0"],
    },
    Mistake {
        find: "size = 4",
        replace: "size = -4",
        message: &["size", "-4"],
    },
    Mistake {
        find: "size = 4",
        replace: "size = 4.5",
        message: &["size", "whole number"],
    },
    Mistake {
        find: "size = 4",
        replace: "size = 1000000000000000",
        message: &["size"],
    },
    Mistake {
        find: "\"36 mS/cm^2\"",
        replace: "\"1e9 mS/cm^2\"",
        message: &["g_K", "1000"],
    },
    Mistake {
        find: "\"0..2\"\nkind",
        replace: "\"0..5\"\nkind",
        message: &["0..5", "4"],
    },
    Mistake {
        find: "dt = \"0.025 ms\"",
        replace: "dt = \"0 ms\"",
        message: &["dt"],
    },
    Mistake {
        find: "dt = \"0.025 ms\"",
        replace: "dt = \"-1 ms\"",
        message: &["dt"],
    },
    Mistake {
        find: "duration = \"20 ms\"",
        replace: "duration = \"-20 ms\"",
        message: &["duration"],
    },
    Mistake {
        find: "\"1 ms\"\n\n[stimuli",
        replace: "\"1e9 s\"\n\n[stimuli",
        message: &["E0609", "delay", "1e9 s is longer than 2^31 steps", "shorter delay"],
    },
    Mistake {
        find: "rule = \"pairwise_probability\", probability = 0.5",
        replace: "rule = \"fixed_in_degree\", degree = 4, multapses = false",
        message: &["E0616", "degree", "degree = 3"],
    },
    Mistake {
        find: "seed = 1",
        replace: "seed = 1\nprecision = \"half\"",
        message: &["precision", "half", "double", "single", "compact"],
    },
    Mistake {
        find: "seed = 1",
        replace: "seed = 1\nthreads = 10000",
        message: &["E0614", "threads", "10000", "1 to 1024"],
    },
    // dt too large for an explicit method on Hodgkin-Huxley.
    Mistake {
        find: EXPLICIT.0,
        replace: EXPLICIT.1,
        message: &["0.1 ms", "0.05 ms", "exponential_euler", "strang"],
    },
    // TOML itself.
    Mistake {
        find: "size = 4",
        replace: "size = = 4",
        message: &["error["],
    },
    Mistake {
        find: "[stimuli.drive]",
        replace: "[stimuli.drive",
        message: &["error["],
    },
    Mistake {
        find: "size = 4",
        replace: "size = 4\nsize = 5",
        message: &["size"],
    },
];

#[test]
fn every_mistake_in_a_project_is_refused_at_its_place_with_a_fix() {
    let missed: Vec<String> = MISTAKES
        .iter()
        .filter_map(|mistake| try_mistake(mistake).err())
        .collect();
    assert!(
        missed.is_empty(),
        "{} of {} mistakes:\n{}",
        missed.len(),
        MISTAKES.len(),
        missed.join("\n")
    );
}

/// Runs and checks a project with a mistake in it; an error says what is wrong with the answer.
fn try_mistake(Mistake { find, replace, message }: &Mistake) -> Result<(), String> {
    assert!(PROJECT.contains(find), "{find}");
    let sandbox = Sandbox::new();
    sandbox.write("broken.toml", PROJECT.replacen(find, replace, 1));
    for verb in ["run", "check"] {
        let ended = sandbox.nsb([verb, "broken.toml"]);
        let mut expected = vec!["error[", "broken.toml:", "help:"];
        expected.extend(*message);
        let missing: Vec<&str> = expected
            .into_iter()
            .filter(|part| !ended.stderr.contains(part))
            .collect();
        if ended.code != Some(2) || !ended.stdout.is_empty() || !missing.is_empty() {
            return Err(format!(
                "{replace}: {verb} gave code {:?}; missing {missing:?} in\n{}",
                ended.code, ended.stderr
            ));
        }
    }
    if sandbox.names() != ["broken.toml"] {
        return Err(format!("{replace} left something behind: {:?}", sandbox.names()));
    }
    Ok(())
}

/// A million cells all to all are 10¹² synapses: terabytes, which no machine of today gives.
#[test]
fn a_network_that_does_not_fit_into_memory_is_refused_with_numbers() {
    let sandbox = Sandbox::new();
    let text = PROJECT.replace("size = 4", "size = 1000000");
    let all = text.replace("\"pairwise_probability\", probability = 0.5", "\"all_to_all\"");
    sandbox.write("huge.toml", all);
    for verb in ["check", "run"] {
        sandbox.nsb([verb, "huge.toml"]).refusal(
            2,
            &[
                "error[E0615]",
                "huge.toml:14:14",
                "about 2.0 TB of memory, 2.0 TB of it for these synapses",
                "fewer connections",
            ],
        );
    }
    assert_eq!(sandbox.names(), ["huge.toml"]);
}

/// 48 million synapses of the microcircuit: `check` tells what they need and builds nothing.
#[test]
fn large_networks_are_checked_without_being_built() {
    let sandbox = Sandbox::new();
    let bench = [
        "bench",
        "--workload",
        "microcircuit",
        "--scale",
        "0.4",
        "--show-project",
    ];
    sandbox.write("large.toml", sandbox.nsb(bench).success());
    let text = sandbox.nsb(["check", "large.toml"]).success();
    for part in [
        "large.toml is good, as far as can be seen without building it",
        "30868 cells, about 47820953 synapses",
        "memory: about 3",
        "synapses 286.9 MB",
        "while it is built",
        "Not checked: whether lists",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    sandbox.write("small.toml", PROJECT);
    let text = sandbox.nsb(["check", "small.toml"]).success();
    assert!(
        text.contains("memory: about ") && !text.contains("Not checked"),
        "{text}"
    );
}

#[test]
fn a_method_that_does_not_fit_is_refused_with_the_equation_and_one_that_does() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "broken.toml",
        PROJECT.replace("size = 4", "size = 4\nmethod = \"exact\""),
    );
    sandbox
        .nsb(["run", "broken.toml"])
        .refusal(2, &["error[", "`exact`", "dV/dt", "hodgkin_huxley", "`auto`"]);
    assert_eq!(sandbox.names(), ["broken.toml"]);
}

#[test]
fn wrong_arguments_are_refused_with_the_argument_named() {
    let sandbox = Sandbox::with_project();
    let cases: &[(&[&str], &[&str])] = &[
        (&["run"], &["TARGET"]),
        (&["run", "project.toml", "--thread", "2"], &["--thread", "--threads"]),
        (&["run", "project.toml", "--threads", "0"], &["threads", "0"]),
        (&["run", "project.toml", "--threads", "100000"], &["threads", "100000"]),
        (&["run", "project.toml", "--seed", "-1"], &["--seed"]),
        (&["run", "project.toml", "--simd", "sse"], &["--simd", "avx2"]),
        (
            &["run", "project.toml", "--duration", "20"],
            &["`duration`", "bare number"],
        ),
        (&["run", "project.toml", "--duration", "-5 ms"], &["duration", "-5 ms"]),
        (&["run", "project.toml", "--duration", "20 mz"], &["mz"]),
        (&["run", "project.toml", "--dt", "1 nS"], &["`dt`", "not a conductance"]),
        (
            &["run", "project.toml", "--set", "populations.cells.size"],
            &["KEY=VALUE", "populations.cells.size"],
        ),
        (&["run", "project.toml", "--set", "=4"], &["KEY=VALUE"]),
        (
            &["run", "project.toml", "--set", "populations.cels.size=4"],
            &["cels", "cells"],
        ),
        (
            &[
                "run",
                "project.toml",
                "--set",
                "populations.cells.parameters.g_k=1 mS/cm^2",
            ],
            &["g_k", "g_K"],
        ),
        (
            &["run", "project.toml", "--set", "populations.cells.parameters.g_K=36"],
            &["g_K", "bare number"],
        ),
        (&["run", "project.toml", "--model", "missing.model"], &["missing.model"]),
        (
            &["run", "project.toml", "--open", "--no-figures"],
            &["--open", "--no-figures"],
        ),
        (&["run", "levl1"], &["levl1", "level1"]),
        (&["run", "missing.toml"], &["missing.toml"]),
        (&["run", "."], &["folder"]),
        (&["check", "missing.model"], &["missing.model"]),
        (&["fly"], &["fly"]),
        (&["models", "lif", "hodgkin_huxley"], &["hodgkin_huxley"]),
    ];
    for (arguments, message) in cases {
        let ended = sandbox.nsb(*arguments);
        let missing: Vec<&&str> = message.iter().filter(|part| !ended.stderr.contains(**part)).collect();
        assert!(
            ended.code == Some(2) && ended.stdout.is_empty() && missing.is_empty(),
            "{arguments:?} gave code {:?}; missing {missing:?} in\n{}",
            ended.code,
            ended.stderr
        );
    }
    assert_eq!(
        sandbox.names(),
        ["project.toml"],
        "a refused command left something behind"
    );
}

#[test]
fn truncated_files_are_refused_or_understood_but_never_crash() {
    let sandbox = Sandbox::new();
    let model = sandbox.nsb(["models", "hodgkin_huxley", "--source"]).success();
    for (name, text, stride) in [("cut.toml", PROJECT, 17), ("cut.model", model.as_str(), 53)] {
        for end in (0..text.len())
            .step_by(stride)
            .filter(|end| text.is_char_boundary(*end))
        {
            sandbox.write(name, &text[..end]);
            let ended = sandbox.nsb(["check", name]);
            match ended.code {
                Some(0) => {}
                Some(2) => {
                    ended.refusal(2, &["error[", name]);
                }
                other => panic!("code {other:?} for the first {end} bytes of {name}\n{}", ended.stderr),
            }
        }
    }
}

#[test]
fn files_that_are_no_text_are_refused() {
    let sandbox = Sandbox::with_project();
    let contents: [&[u8]; 4] = [b"\xff\xfe\x00", b"duration = \"\xb5s\"", b"", b"\x00\x00\x00\x00"];
    for content in contents {
        for name in ["odd.toml", "odd.model"] {
            sandbox.write(name, content);
            sandbox.nsb(["check", name]).refusal(2, &["error[", name]);
        }
        sandbox.write("odd.model", content);
        sandbox
            .nsb(["run", "project.toml", "--model", "odd.model"])
            .refusal(2, &["error[", "odd.model"]);
    }
    let report = sandbox.nsb(["check", "odd.toml"]).stderr;
    assert!(!report.contains('\0'), "control characters reach the terminal");
}

#[test]
fn unusual_but_good_files_are_accepted() {
    let sandbox = Sandbox::new();
    sandbox.write("windows.toml", PROJECT.replace('\n', "\r\n"));
    sandbox.nsb(["check", "windows.toml"]).success();
    sandbox.write("mark.toml", format!("\u{feff}{PROJECT}"));
    sandbox.nsb(["check", "mark.toml"]).success();
    for micro in ['µ', 'μ'] {
        sandbox.write("micro.toml", PROJECT.replace("20 uA/cm^2", &format!("20 {micro}A/cm²")));
        sandbox.nsb(["check", "micro.toml"]).success();
    }
    sandbox.write("with space.toml", PROJECT);
    sandbox.nsb(["run", "with space.toml", "--no-figures"]).success();
}

/// dV/dt = V / tau with V growing without bound: 1 mV exceeds every f64 after 710 time constants.
const EXPLODING: &str = r#"neuron exploding "Grows without bound"
parameters:
    tau = 0.1 ms "growth time constant"
inputs:
    I : pA "injected current"
equations:
    dV/dt = V / tau + I / 200 pF : mV "membrane potential"
initial:
    V = 1 mV
threshold: V >= 1e300 mV
"#;

const EXPLODING_PROJECT: &str = r#"
duration = "100 ms"
[models]
exploding = { file = "exploding.model" }
[populations.quiet]
model = "lif"
size = 3
[populations.bombs]
model = "exploding"
size = 2
initial = { V = ["0 mV", "1 mV"] }
"#;

#[test]
fn a_value_that_is_not_finite_stops_the_run_with_place_time_and_last_values() {
    let sandbox = Sandbox::new();
    sandbox.write("exploding.model", EXPLODING);
    sandbox.write("exploding.toml", EXPLODING_PROJECT);
    sandbox.nsb(["check", "exploding.toml"]).success();
    // e^t with t in units of 0.1 ms exceeds the largest number, e^709.78, at 70.978 ms: at the next point of the grid.
    for arguments in [vec!["run", "exploding.toml"], vec!["run", "exploding.toml", "--json"]] {
        let report = sandbox
            .nsb(&arguments)
            .refusal(1, &["`bombs`", "cell 1", "V", "at 71.000 ms", "at 70.975 ms it was"]);
        assert!(report.contains("help:"), "{report}");
    }
    // Nothing half-written that looks whole.
    for run in crate::sandbox::names_in(&sandbox.path("runs")) {
        assert!(
            !sandbox.path("runs").join(&run).join("summary.json").exists(),
            "{run} looks whole"
        );
    }
}

#[test]
fn a_disk_that_is_full_is_a_failure_of_work() {
    if !std::path::Path::new("/dev/full").exists() {
        eprintln!("skipped: this system has no /dev/full");
        return;
    }
    let sandbox = Sandbox::with_project();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_nsb"))
        .arg("models")
        .current_dir(sandbox.path(""))
        .stdout(full)
        .output();
    let ended = crate::sandbox::ended(output.unwrap());
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("cannot write to stdout"), "{}", ended.stderr);
}
