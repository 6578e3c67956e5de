//! Development tasks, run as `cargo xtask <task>`. Standard library only, so that it builds in seconds.
//!
//! Start at [`TASKS`]; each task is one file of `tasks/`.

mod cargo;
mod tasks;

use std::process::ExitCode;

/// A task: its name, what it does in one line, and the function that does it.
struct Task {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<(), String>,
}

const TASKS: &[Task] = &[
    Task {
        name: "test",
        about: "all tests of the workspace, documentation examples included",
        run: tasks::test::run,
    },
    Task {
        name: "lint",
        about: "format check and clippy, warnings are errors",
        run: tasks::lint::run,
    },
    Task {
        name: "fuzz",
        about: "a minute of coverage-guided fuzzing of the model language",
        run: tasks::fuzz::run,
    },
    Task {
        name: "ci",
        about: "lint, test, fuzz",
        run: tasks::ci::run,
    },
    Task {
        name: "accuracy",
        about: "renew figure and table of docs/reference/accuracy.md",
        run: tasks::accuracy::run,
    },
    Task {
        name: "bench",
        about: "micro-benchmarks: step, deliver, Poisson input, build",
        run: tasks::bench::run,
    },
    Task {
        name: "rates",
        about: "run the reference networks with five seeds and renew docs/reference/rates.md",
        run: tasks::rates::run,
    },
];

#[allow(clippy::print_stdout, clippy::print_stderr)] // the front end of the tasks
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next();
    if let Some(extra) = arguments.next() {
        eprintln!("error: unexpected argument `{extra}`\n\n{}", usage());
        return ExitCode::from(2);
    }
    match name.as_deref() {
        None | Some("help" | "--help" | "-h") => {
            println!("{}", usage());
            ExitCode::SUCCESS
        }
        Some(name) => match TASKS.iter().find(|task| task.name == name) {
            None => {
                eprintln!("error: no task is called `{name}`\n\n{}", usage());
                ExitCode::from(2)
            }
            Some(task) => match (task.run)() {
                Ok(()) => ExitCode::SUCCESS,
                Err(reason) => {
                    eprintln!("error: {reason}");
                    ExitCode::FAILURE
                }
            },
        },
    }
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask <task>\n");
    for task in TASKS {
        text.push_str(&format!("\n  {:<6} {}", task.name, task.about));
    }
    text
}
