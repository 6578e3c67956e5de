//! The program `nsb`: arguments and terminals. Everything else is the library `nsb`.
//!
//! Start at [`args`]; each verb is one file of [`commands`], all printing is in [`output`].

mod args;
mod browser;
mod commands;
mod exit;
mod interrupt;
mod output;
mod progress;

use std::process::ExitCode;

use args::{Arguments, Command};
use clap::Parser;
use exit::Failure;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version come here too; clap sends each to the right stream. A closed pipe is no failure.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USER } else { exit::DONE });
        }
    };
    let ended = match arguments.command {
        None => output::result(args::GREETING)
            .map(|()| exit::DONE)
            .map_err(Failure::from),
        Some(Command::Run(args)) => commands::run::run(args),
        Some(Command::Check(args)) => commands::check::run(args),
        Some(Command::Models(args)) => commands::models::run(args),
        Some(Command::Fi(args)) => commands::fi::run(args),
        Some(Command::Phase(args)) => commands::phase::run(args),
        Some(Command::Protocol(args)) => commands::protocol::run(args),
        Some(Command::Plot(args)) => commands::plot::run(args),
        Some(Command::Bench(args)) => commands::bench::run(args),
    };
    ExitCode::from(ended.unwrap_or_else(|failure| {
        output::failure(&failure);
        failure.exit_code()
    }))
}
