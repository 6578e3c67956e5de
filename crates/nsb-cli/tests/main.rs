//! The contracts of the command line, tested on the built program. Start at [`sandbox`].

#![allow(clippy::unwrap_used, clippy::print_stderr)] // tests may

mod sandbox;

mod bad_input;
mod bench;
mod determinism;
mod docs;
mod examples;
mod fi;
mod interrupt;
mod json;
mod models;
mod phase;
mod plot;
mod protocol;
mod run_folder;
mod streams;
