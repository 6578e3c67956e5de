//! What goes to stdout and stderr, and what happens when nobody reads.

use crate::sandbox::{Sandbox, ended};

#[cfg(unix)]
#[test]
fn a_reader_that_stops_early_is_no_failure() {
    use std::io::Read;
    let sandbox = Sandbox::with_project();
    let commands: [&[&str]; 5] = [
        &["models"],
        &["models", "lif"],
        &["check", "project.toml"],
        &["run", "project.toml", "--json", "--no-figures"],
        &["--help"],
    ];
    for arguments in commands {
        let mut child = sandbox.start(arguments);
        // Closed before anything was written: as severe as it gets.
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments:?}\n{stderr}");
        assert_eq!(stderr, "", "{arguments:?}");
    }
}

#[test]
fn a_run_tells_rates_hash_and_where_the_report_is() {
    let sandbox = Sandbox::with_project();
    let ended = sandbox.nsb(["run", "project.toml", "--out", "here"]);
    assert_eq!(ended.stderr, "", "no bar and no remark where nothing is wrong");
    let stdout = ended.success();
    for part in ["cells", "Hz", "real time", "spike hash", "here", "report.html", "open"] {
        assert!(stdout.contains(part), "`{part}` is missing in:\n{stdout}");
    }
    let widest = stdout.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 100, "a line has {widest} characters:\n{stdout}");
    assert!(!stdout.contains('\x1b'), "colour in a pipe:\n{stdout}");
}

#[test]
fn quiet_prints_nothing_but_errors() {
    let sandbox = Sandbox::with_project();
    let ended = sandbox.nsb(["run", "project.toml", "--quiet", "--out", "here"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (Some(0), "", "")
    );
    assert!(sandbox.path("here/report.html").is_file());
    sandbox
        .nsb(["run", "missing.toml", "--quiet"])
        .refusal(2, &["missing.toml"]);
}

#[test]
fn errors_in_a_pipe_have_no_colour() {
    let sandbox = Sandbox::with_project();
    for arguments in [["run", "missing.toml"], ["models", "zebra"], ["run", "--wrong"]] {
        let stderr = sandbox.nsb(arguments).refusal(2, &["error"]);
        assert!(!stderr.contains('\x1b'), "{stderr}");
    }
}

#[cfg(unix)]
#[test]
fn open_hands_the_report_to_the_desktop_and_shrugs_if_there_is_none() {
    let sandbox = Sandbox::with_project();
    sandbox.shell("nsb run project.toml --out here --open").success();
    assert!(
        sandbox.read("opened.txt").trim().ends_with("here/report.html"),
        "{}",
        sandbox.read("opened.txt")
    );

    let without = std::process::Command::new(env!("CARGO_BIN_EXE_nsb"))
        .args(["run", "project.toml", "--out", "there", "--open"])
        .current_dir(sandbox.path(""))
        .env("PATH", sandbox.path("nowhere"))
        .output();
    let without = ended(without.unwrap());
    assert_eq!(without.code, Some(0), "{}", without.stderr);
    assert!(
        without.stderr.contains("note:") && without.stderr.contains("open"),
        "{}",
        without.stderr
    );
}

#[test]
fn version_and_help_go_to_stdout_with_code_0() {
    let sandbox = Sandbox::new();
    assert!(sandbox.nsb(["--version"]).success().contains(env!("CARGO_PKG_VERSION")));
    let help = sandbox.nsb(["--help"]).success();
    for part in ["run", "check", "models", "130"] {
        assert!(help.contains(part), "`{part}` is missing in:\n{help}");
    }
}
