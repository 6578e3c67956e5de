//! What can go wrong between a project and its results, and the exit code that says whose turn it is.

use std::io;
use std::path::{Path, PathBuf};

use nsb_engine::SimulationError;
use nsb_lang::{Diagnostic, Diagnostics, Source, Span};

use crate::plot::PlotError;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Something in what the user gave: a file, a model, a network, an argument.
    #[error("{0}")]
    User(Diagnostics),
    /// The simulation stopped by itself.
    #[error("{0}")]
    Simulation(#[from] SimulationError),
    /// A file or folder could not be written during the work.
    #[error("cannot {action} `{path}`: {reason}", path = path.display())]
    Output {
        /// What was tried: `write` or `create`.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Whether what was recorded until then is left in files whose names end with `.partial`.
        partial_files: bool,
        /// What the operating system said.
        #[source]
        reason: io::Error,
    },
    /// A figure could not be drawn.
    #[error(transparent)]
    Figure(#[from] PlotError),
}

impl Error {
    /// The exit code of a program that ends with this error: 2 for what the user gave, 1 for failures during work.
    pub fn exit_code(&self) -> u8 {
        match self {
            // A duration that cannot be counted in steps was given, not computed.
            Error::User(_) | Error::Simulation(SimulationError::Duration { .. }) => 2,
            Error::Simulation(_) | Error::Output { .. } | Error::Figure(_) => 1,
        }
    }

    /// What to do about it, if that is known. Diagnostics carry their own hints.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Simulation(error) => Some(error.hint()),
            Error::Output {
                reason, partial_files, ..
            } => {
                let full = reason.kind() == io::ErrorKind::StorageFull;
                let hints = [
                    full.then_some("free some space, or choose another disk with --out DIR"),
                    partial_files.then_some("what was recorded until then is in the files that end with .partial"),
                ];
                let hints: Vec<&str> = hints.into_iter().flatten().collect();
                (!hints.is_empty()).then(|| hints.join("; "))
            }
            Error::User(_) | Error::Figure(_) => None,
        }
    }

    /// A user error about a whole thing (a file, an option) rather than a place in a text.
    pub(crate) fn about(code: &'static str, name: &str, message: impl Into<String>, hint: impl Into<String>) -> Error {
        let source = Source::new(name, "");
        Error::User(Diagnostics(vec![
            Diagnostic::error(code, &source, Span::default(), message).hint(hint),
        ]))
    }

    /// A failed operation on a file.
    pub(crate) fn output(action: &'static str, path: &Path, reason: io::Error) -> Error {
        Error::Output {
            action,
            path: path.to_owned(),
            partial_files: false,
            reason,
        }
    }

    /// Adds that what was recorded is left behind.
    pub(crate) fn with_partial_files(mut self) -> Error {
        if let Error::Output { partial_files, .. } = &mut self {
            *partial_files = true;
        }
        self
    }
}

impl From<Diagnostics> for Error {
    fn from(diagnostics: Diagnostics) -> Error {
        Error::User(diagnostics)
    }
}
