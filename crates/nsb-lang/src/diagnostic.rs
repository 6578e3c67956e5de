//! What is wrong with a text: place, reason, fix. Rendering is the front ends' work.

use std::fmt;
use std::sync::Arc;

use crate::source::{Source, Span};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The text works, but probably not as meant.
    Warning,
    /// The text cannot be used.
    Error,
}

/// One finding. The message says what is wrong, the hints say what to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable code, such as `E0301`; the first digit pair names the family:
    /// 01 syntax, 02 names, 03 units, 04 methods, 05 project files, 06 networks.
    pub code: &'static str,
    /// One sentence without a final stop.
    pub message: String,
    /// The text that `span` points into.
    pub source: Arc<Source>,
    /// The place.
    pub span: Span,
    /// A few words to stand under the place; may be empty.
    pub label: String,
    /// What to do about it.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: &'static str, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code,
            message: message.into(),
            source: Arc::clone(source),
            span,
            label: String::new(),
            hints: Vec::new(),
        }
    }

    /// A warning at a place.
    pub fn warning(code: &'static str, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(code, source, span, message)
        }
    }

    /// Adds the words under the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }

    /// Adds a fix.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Diagnostic {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source.line_column(self.span.start);
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            f,
            "{severity}[{}] {}:{line}:{column}: {}",
            self.code, self.source.name, self.message
        )?;
        for hint in &self.hints {
            write!(f, " (fix: {hint})")?;
        }
        Ok(())
    }
}

/// All findings about one text or several.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, diagnostic) in self.0.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
