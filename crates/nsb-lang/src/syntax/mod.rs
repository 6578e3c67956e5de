//! Text to syntax tree. Parsing never fails: what cannot be understood becomes an error node and a diagnostic.
//!
//! [`parse`] splits the text into tokens (`lexer`), then reads models line by line (`parser`). An error ends its
//! line, not the file, so that all errors of a file are found in one go. Layout is by lines: a new line ends a
//! declaration except within brackets or after an operator; indentation means nothing.

mod keywords;
mod lexer;
mod parser;
mod report;
mod token;
mod tree;

pub use tree::*;

use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::source::Source;

/// Reads a text with any number of models. Any text whatever gives a tree; what is wrong with it stands in the
/// diagnostics, in the order of the text.
pub fn parse(source: &Arc<Source>) -> (File, Diagnostics) {
    let mut report = report::Report::new(source);
    let tokens = lexer::split(&source.text, &mut report);
    let file = parser::Parser::new(&tokens, &mut report).file();
    (file, report.finish())
}

#[cfg(test)]
mod tests;
