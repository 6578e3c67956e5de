//! Every example that `--help` shows does what it says.

use crate::sandbox::{PLANE, PROJECT, Sandbox};

/// The commands under `Examples:` of a help text.
fn examples(help: &str) -> Vec<String> {
    let listed = help.split("Examples:\n").nth(1).expect("the help has examples");
    listed
        .lines()
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .map(str::to_string)
        .collect()
}

#[cfg(unix)]
#[test]
fn every_example_of_every_command_runs() {
    for verb in ["run", "check", "models", "fi", "phase", "protocol", "plot", "bench"] {
        let sandbox = Sandbox::new();
        let examples = examples(&sandbox.nsb([verb, "--help"]).success());
        assert!(!examples.is_empty());
        // The files that examples may name.
        sandbox.write("my.toml", PROJECT);
        sandbox.write("my_lif.model", sandbox.nsb(["models", "lif", "--source"]).success());
        sandbox.write("my_plane.model", PLANE);
        for example in examples {
            let by_another = verb == "plot" && example.starts_with("nsb run");
            assert!(by_another || example.starts_with(&format!("nsb {verb}")), "{example}");
            let ended = sandbox.shell(&example);
            assert_eq!(ended.code, Some(0), "{example}\n{}{}", ended.stdout, ended.stderr);
        }
    }
}

#[cfg(unix)]
#[test]
fn the_commands_of_the_greeting_run() {
    let sandbox = Sandbox::with_project();
    std::fs::rename(sandbox.path("project.toml"), sandbox.path("my.toml")).unwrap();
    let greeting = sandbox.nsb::<&str>([]).success();
    let commands: Vec<&str> = greeting.lines().filter(|line| line.starts_with("  nsb ")).collect();
    assert!(commands[0].starts_with("  nsb run level1"), "{greeting}");
    for command in commands {
        let command = command.trim().split("  ").next().unwrap();
        assert_eq!(sandbox.shell(command).code, Some(0), "{command}");
    }
}

#[test]
fn each_command_has_help_with_every_option_explained() {
    let sandbox = Sandbox::new();
    for verb in ["run", "check", "models", "fi", "phase", "protocol", "plot", "bench"] {
        let help = sandbox.nsb([verb, "--help"]).success();
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        for line in help.lines().filter(|line| line.trim_start().starts_with("--")) {
            let option = line.split_whitespace().next().unwrap();
            let after = help.split(line).nth(1).unwrap();
            let same_line = line.trim_start().split("  ").nth(1).is_some();
            let next_line = after.lines().nth(1).is_some_and(|next| next.starts_with("          "));
            assert!(same_line || next_line, "{option} of {verb} has no explanation:\n{help}");
        }
    }
    let run = sandbox.nsb(["run", "--help"]).success();
    for option in [
        "--duration",
        "--dt",
        "--seed",
        "--threads",
        "--set",
        "--model",
        "--simd",
        "--executor",
        "--out",
        "--open",
        "--quiet",
        "--json",
        "--no-figures",
    ] {
        assert!(run.contains(option), "{option} is missing in:\n{run}");
    }
}
