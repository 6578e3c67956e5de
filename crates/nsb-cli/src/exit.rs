//! How a command ends: the exit codes, and the failures that lead to them.

use std::io;

/// Done.
pub(crate) const DONE: u8 = 0;
/// A failure during work.
pub(crate) const FAILED: u8 = 1;
/// Something wrong in what was given.
pub(crate) const USER: u8 = 2;
/// Stopped by the user; outputs kept.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// From the library: it knows whose fault it is.
    Library(nsb::Error),
    /// A wrong argument: what is wrong, and what to do about it.
    Argument {
        /// One sentence.
        message: String,
        /// What to write instead; may be empty.
        hint: String,
    },
    /// stdout cannot be written.
    Stdout(io::Error),
}

impl Failure {
    /// A wrong argument with a fix.
    pub(crate) fn argument(message: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::Argument {
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// The exit code. A reader that closed its end early (`nsb models | head -1`) has what it wanted.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Library(error) => error.exit_code(),
            Failure::Argument { .. } => USER,
            Failure::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe => DONE,
            Failure::Stdout(_) => FAILED,
        }
    }
}

impl From<nsb::Error> for Failure {
    fn from(error: nsb::Error) -> Failure {
        Failure::Library(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Stdout(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_no_failure_but_a_full_disk_is() {
        assert_eq!(
            Failure::from(io::Error::from(io::ErrorKind::BrokenPipe)).exit_code(),
            DONE
        );
        assert_eq!(
            Failure::from(io::Error::from(io::ErrorKind::StorageFull)).exit_code(),
            FAILED
        );
    }

    #[test]
    fn a_wrong_argument_is_the_users() {
        assert_eq!(Failure::argument("no", "").exit_code(), USER);
    }
}
