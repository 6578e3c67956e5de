//! Collects the diagnostics of one text.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Source, Span};

/// After so many errors the text is probably no model at all.
const MOST: usize = 100;

pub(super) struct Report {
    source: Arc<Source>,
    list: Vec<Diagnostic>,
    left_out: bool,
}

impl Report {
    pub(super) fn new(source: &Arc<Source>) -> Report {
        Report {
            source: Arc::clone(source),
            list: Vec::new(),
            left_out: false,
        }
    }

    /// Adds an error with its fix.
    pub(super) fn error(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        if self.list.len() >= MOST {
            self.left_out = true;
            return;
        }
        let (message, hint) = (message.into(), hint.into());
        let diagnostic = Diagnostic::error(code, &self.source, span, message);
        self.list.push(if hint.is_empty() {
            diagnostic
        } else {
            diagnostic.hint(hint)
        });
    }

    /// Where the last error is.
    pub(super) fn last_span(&self) -> Option<Span> {
        self.list.last().map(|d| d.span)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The diagnostics in the order of the text.
    pub(super) fn finish(mut self) -> Diagnostics {
        self.list.sort_by_key(|d| (d.span.start, d.span.end));
        if self.left_out {
            let end = Span::new(self.source.text.len(), self.source.text.len());
            let message = format!("there are more than {MOST} errors; the others are left out");
            let hint = "correct the first ones and try again; is this file a model?";
            self.list
                .push(Diagnostic::error("E0116", &self.source, end, message).hint(hint));
        }
        Diagnostics(self.list)
    }
}
