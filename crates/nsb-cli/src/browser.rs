//! Opens a file with whatever the desktop uses for it.

use std::path::Path;
use std::process::{Command, Stdio};

/// Hands the file to the desktop; an error tells in one sentence why that did not work.
pub(crate) fn open(path: &Path) -> Result<(), String> {
    let mut command = opener(path);
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{program}` could not open {} ({status})", path.display())),
        Err(error) => Err(format!("cannot open {}: `{program}`: {error}", path.display())),
    }
}

#[cfg(target_os = "macos")]
fn opener(path: &Path) -> Command {
    let mut command = Command::new("open");
    command.arg(path);
    command
}

#[cfg(target_os = "windows")]
fn opener(path: &Path) -> Command {
    let mut command = Command::new("cmd");
    command.args(["/C", "start", ""]).arg(path); // the empty argument is the window's title
    command
}

#[cfg(not(any(target_os = "macos", target_os = "windows")))]
fn opener(path: &Path) -> Command {
    let mut command = Command::new("xdg-open");
    command.arg(path);
    command
}
