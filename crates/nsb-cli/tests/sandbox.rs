//! A folder of its own for each test, and the built program run in it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A small, correct project: four Hodgkin–Huxley cells, two of them driven.
pub(crate) const PROJECT: &str = r#"title = "Four cells"
duration = "20 ms"
dt = "0.025 ms"
seed = 1

[populations.cells]
model = "hodgkin_huxley"
size = 4
parameters = { g_K = "36 mS/cm^2" }

[populations.cells.receptors.excitatory]
model = "exponential_conductance"

[projections.recurrent]
source = "cells"
target = "cells"
receptor = "excitatory"
connect = { rule = "pairwise_probability", probability = 0.5 }
weight = "10 nS"
delay = "1 ms"

[stimuli.drive]
population = "cells"
cells = "0..2"
kind = "step"
amplitude = "20 uA/cm^2"
start = "1 ms"

[recordings.voltage]
population = "cells"
variables = ["V"]
cells = "0..2"
"#;

/// The FitzHugh-Nagumo equations: a model with two states, without units.
pub(crate) const PLANE: &str = r#"neuron plane "Two variables, after FitzHugh and Nagumo"
reference "FitzHugh R (1961) Biophys J 1:445-466"
method rk4

parameters:
    a = 0.7  in [-5, 5]  "offset of the recovery"
    b = 0.8  in [0, 5]   "decay of the recovery"
    tau = 12.5 ms in [0.1, 1000] ms "time constant of the recovery"

inputs:
    I : 1 "input"

equations:
    dv/dt = (v - v^3 / 3 - w + I) / (1 ms)  : 1 "fast variable"
    dw/dt = (v + a - b * w) / tau           : 1 "recovery"

initial:
    v = -1
    w = 1

threshold: v > 1
rearm: v < 0
"#;

/// A temporary folder in which commands run.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// How a command ended.
pub(crate) struct Ended {
    /// Exit code; none if a signal ended the command.
    pub(crate) code: Option<i32>,
    /// All of stdout.
    pub(crate) stdout: String,
    /// All of stderr.
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Sandbox {
        Sandbox {
            folder: TempDir::new().expect("the system has a temporary folder"),
        }
    }

    /// A sandbox that holds [`PROJECT`] as `project.toml`.
    pub(crate) fn with_project() -> Sandbox {
        let sandbox = Sandbox::new();
        sandbox.write("project.toml", PROJECT);
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("the sandbox can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Names of all files and folders directly in the sandbox, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        names_in(self.folder.path())
    }

    /// Runs the program to its end.
    pub(crate) fn nsb<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ended {
        ended(
            self.command(env!("CARGO_BIN_EXE_nsb"))
                .args(arguments)
                .output()
                .expect("the program starts"),
        )
    }

    /// The program, ready to be started.
    #[cfg(unix)]
    pub(crate) fn start<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> std::process::Child {
        let mut command = self.command(env!("CARGO_BIN_EXE_nsb"));
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// Runs lines of shell, in which `nsb` is the built program and no desktop is disturbed.
    /// Ends at the first line that fails.
    #[cfg(unix)]
    pub(crate) fn shell(&self, lines: &str) -> Ended {
        let bin = self.path(".bin");
        if !bin.exists() {
            std::fs::create_dir(&bin).expect("the sandbox can be written");
            for opener in ["xdg-open", "open"] {
                use std::os::unix::fs::PermissionsExt;
                let file = bin.join(opener);
                std::fs::write(&file, "#!/bin/sh\necho \"$1\" >> opened.txt\n").expect("the sandbox can be written");
                std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("it is our file");
            }
        }
        let program = Path::new(env!("CARGO_BIN_EXE_nsb"))
            .parent()
            .expect("a file is in a folder")
            .to_path_buf();
        let rest = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([bin, program].into_iter().chain(std::env::split_paths(&rest)))
            .expect("these folders can be joined");
        ended(
            self.command("sh")
                .args(["-e", "-c", lines])
                .env("PATH", path)
                .output()
                .expect("there is a shell"),
        )
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }
}

/// What a finished command left, with the check that holds for all of them: a panic is always our bug.
pub(crate) fn ended(output: Output) -> Ended {
    let ended = Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    };
    for text in [&ended.stdout, &ended.stderr] {
        assert!(
            !text.contains("panicked") && !text.contains("RUST_BACKTRACE"),
            "the program panicked:\n{text}"
        );
    }
    ended
}

impl Ended {
    /// Demands success and returns stdout.
    #[track_caller]
    pub(crate) fn success(self) -> String {
        assert_eq!(self.code, Some(0), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Demands an exit code, an empty stdout, and an explanation that holds all of `parts`; returns stderr.
    #[track_caller]
    pub(crate) fn refusal(self, code: i32, parts: &[&str]) -> String {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        assert_eq!(self.stdout, "", "a failure leaves stdout empty");
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is missing in:\n{}", self.stderr);
        }
        self.stderr
    }

    /// stdout as one JSON object and nothing else.
    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        let stdout = self.success();
        let value: serde_json::Value =
            serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error} in:\n{stdout}"));
        assert!(value.is_object(), "{stdout}");
        value
    }
}

/// Names of all files and folders directly in a folder, sorted; none if there is no such folder.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| {
            entries
                .map(|entry| {
                    entry
                        .expect("the folder can be read")
                        .file_name()
                        .to_string_lossy()
                        .into_owned()
                })
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the crate is in the repository")
}
