//! Reading project and model files: a missing, unreadable, binary or empty file gives an error that says so.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use nsb_lang::suggest::nearest;
use nsb_lang::{Diagnostic, Diagnostics, Source, Span};

use super::Project;
use super::node::Node;
use super::schema::{Findings, text};
use crate::error::Error;

/// Reads a project or model file as text.
pub fn read_source(path: &Path) -> Result<Arc<Source>, Error> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|reason| cannot_read(path, &name, &reason))?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let good = String::from_utf8_lossy(&error.as_bytes()[..at]).into_owned();
            let source = Source::new(name, good);
            let message = format!("the file is not text: byte {at} is not valid UTF-8");
            return Err(Error::User(Diagnostics(vec![
                Diagnostic::error("E0518", &source, Span::new(at, at), message)
                    .label("readable up to here")
                    .hint("save the file as UTF-8; a project is a TOML text, a model is a plain text"),
            ])));
        }
    };
    if text.trim().is_empty() {
        return Err(Error::about(
            "E0518",
            &name,
            "the file is empty",
            "write a project into it; `nsb run level1` leaves an example in its run folder as project.toml",
        ));
    }
    // A byte order mark is no part of the text.
    let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
    Ok(Source::new(name, text))
}

/// Reads a file that a project names; relative paths start at `folder`. Without a readable text, problems are shown
/// where the project names the file.
pub(super) fn read_named(named: &Node, folder: Option<&Path>, findings: &mut Findings) -> Option<Arc<Source>> {
    let path = text(named, "file", findings)?;
    let path = folder.map_or_else(|| Path::new(path).to_owned(), |folder| folder.join(path));
    match read_source(&path) {
        Ok(source) => Some(source),
        Err(Error::User(diagnostics)) => {
            for diagnostic in diagnostics.0 {
                findings.push(if diagnostic.source.text.is_empty() {
                    named
                        .place
                        .error(diagnostic.code, format!("`{}`: {}", path.display(), diagnostic.message))
                        .hint("paths start at the folder of the project file")
                } else {
                    diagnostic
                });
            }
            None
        }
        Err(_) => None,
    }
}

fn cannot_read(path: &Path, name: &str, reason: &std::io::Error) -> Error {
    if path.is_dir() {
        let inside = path.join("project.toml");
        let hint = if inside.is_file() {
            format!("name the file: {}", inside.display())
        } else {
            "name a project file: FOLDER/FILE.toml".to_owned()
        };
        return Error::about("E0518", name, "this is a folder, not a file", hint);
    }
    match reason.kind() {
        ErrorKind::NotFound => {
            let builtin: Vec<&str> = Project::builtin_names().collect();
            let hint = match nearest(name, builtin.iter().copied()) {
                Some(near) => format!("did you mean the built-in project `{near}`?"),
                None => format!(
                    "check the path; built-in projects are {}",
                    builtin.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
                ),
            };
            Error::about("E0518", name, "there is no such file", hint)
        }
        ErrorKind::PermissionDenied => Error::about(
            "E0518",
            name,
            "the file may not be read",
            "change its permissions, or copy it to a place of your own",
        ),
        _ => Error::about(
            "E0518",
            name,
            format!("the file cannot be read: {reason}"),
            "check the path and the disk",
        ),
    }
}
