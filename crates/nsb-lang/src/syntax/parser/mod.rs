//! Tokens to tree: recursive descent, one error per declaration.
//!
//! This file holds the cursor that the others share: looking ahead, line ends, brackets, and recovery.
//! [`models`] reads models and finds sections, [`declarations`] reads the lines of sections, [`expressions`] and
//! [`units`] what stands in them.

mod declarations;
mod expressions;
mod models;
mod sections;
mod units;

use crate::source::{Span, Spanned};

use super::report::Report;
use super::token::{Token, TokenKind, shorten};

/// Says that an error was reported and the declaration cannot be completed.
#[derive(Debug)]
struct Reported;

type Parsed<T> = Result<T, Reported>;

/// Levels of brackets and operators in one expression. Keeps the parser, and everything that walks the tree later,
/// far from the end of the stack.
const DEEPEST: u32 = 200;

pub(super) struct Parser<'a> {
    tokens: &'a [Token],
    report: &'a mut Report,
    /// The next token.
    at: usize,
    /// Brackets that are open in this declaration: line ends mean nothing within them.
    open: usize,
    /// Nested calls of the expression reader.
    depth: u32,
    /// Whether a condition is being read, so that `=` is probably meant as `==`.
    in_condition: bool,
    /// Whether the declaration that is being read is kept although its end could not be read.
    broken: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(tokens: &'a [Token], report: &'a mut Report) -> Parser<'a> {
        Parser {
            tokens,
            report,
            at: 0,
            open: 0,
            depth: 0,
            in_condition: false,
            broken: false,
        }
    }

    /// The token at `index`; the end of the text is repeated for ever.
    fn token(&self, index: usize) -> &'a Token {
        &self.tokens[index.min(self.tokens.len() - 1)]
    }

    /// The kind of the token `ahead` places further on, line ends included.
    fn kind(&self, ahead: usize) -> &'a TokenKind {
        &self.token(self.at + ahead).kind
    }

    /// The next token that counts: line ends within brackets are passed over.
    fn peek(&mut self) -> &'a TokenKind {
        if self.open > 0 {
            self.continue_line();
        }
        self.kind(0)
    }

    fn span(&self) -> Span {
        self.token(self.at).span
    }

    /// Where the token before the next one ends.
    fn end_of_previous(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |before| self.token(before).span.end)
    }

    fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    fn accept(&mut self, kind: &TokenKind) -> bool {
        let there = self.peek() == kind;
        if there {
            self.advance();
        }
        there
    }

    /// Passes over a line end, unless a new declaration starts after it: then something was left unfinished.
    fn continue_line(&mut self) {
        if *self.kind(0) == TokenKind::Newline && !self.declaration_starts(self.at + 1) {
            self.advance();
        }
    }

    /// Whether the line at `index` cannot be the rest of an expression.
    fn declaration_starts(&self, index: usize) -> bool {
        if self.token(index).kind == TokenKind::End || self.line_opener(index).is_some() {
            return true;
        }
        let line = self.tokens[index.min(self.tokens.len())..].iter();
        line.take_while(|t| !t.kind.ends_line()).any(|t| t.kind.assigns())
    }

    fn expect(&mut self, kind: &TokenKind, hint: &str) -> Parsed<()> {
        if self.accept(kind) {
            Ok(())
        } else {
            Err(self.unexpected(&kind.describe(), hint))
        }
    }

    /// Reports that something else was expected here. What the lexer has reported is not reported again.
    fn unexpected(&mut self, expected: &str, hint: &str) -> Reported {
        let found = self.peek();
        match found {
            TokenKind::Unknown => return Reported,
            TokenKind::Close | TokenKind::CloseBracket if self.open == 0 => {
                let (closing, opening) = if *found == TokenKind::Close {
                    (")", "(")
                } else {
                    ("]", "[")
                };
                let hint = format!("remove the `{closing}` or add a `{opening}` before it");
                self.report.error(
                    "E0107",
                    self.span(),
                    format!("there is no `{opening}` for this `{closing}`"),
                    hint,
                );
                return Reported;
            }
            _ => {}
        }
        let message = format!("expected {expected}, found {}", found.describe());
        let span = if found.ends_line() {
            Span::new(self.end_of_previous(), self.end_of_previous())
        } else {
            self.span()
        };
        self.report.error("E0106", span, message, hint);
        Reported
    }

    /// A name that is being declared.
    fn declared_name(&mut self, what: &str, hint: &str) -> Parsed<Spanned<String>> {
        let span = self.span();
        match self.peek() {
            TokenKind::Name(name) => {
                self.advance();
                if name.chars().any(|c| !c.is_ascii() || c == '%') && !name.chars().any(super::lexer::is_foreign_letter)
                {
                    let message = format!("`{}` cannot be a name", shorten(name));
                    self.report
                        .error("E0115", span, message, "use the letters a-z and A-Z, digits and `_`");
                }
                Ok(Spanned::new(name.clone(), span))
            }
            word @ (TokenKind::In | TokenKind::Holding | TokenKind::And | TokenKind::Or | TokenKind::Not) => {
                let message = format!("{} is a word of the language and cannot be a name", word.describe());
                self.report.error("E0115", span, message, "choose another name");
                Err(Reported)
            }
            _ => Err(self.unexpected(what, hint)),
        }
    }

    /// Keeps a declaration of which only the beginning could be read, so that its name is known.
    fn keep_going(&mut self, read: Parsed<()>) {
        self.broken |= read.is_err();
    }

    /// `"…"` if it stands here.
    fn text(&mut self) -> Option<Spanned<String>> {
        let span = self.span();
        let TokenKind::Text(text) = self.peek() else {
            return None;
        };
        self.advance();
        Some(Spanned::new(text.clone(), span))
    }

    fn end_of_line(&mut self) -> Parsed<()> {
        self.open = 0;
        if self.kind(0).ends_line() {
            return Ok(());
        }
        let hint = match self.kind(0) {
            TokenKind::Name(_) | TokenKind::Number(_) | TokenKind::Open => {
                "an operator such as `*` may be missing before it; a description stands in double quotes"
            }
            TokenKind::Assign => "start a new line for each declaration",
            TokenKind::Text(_) => {
                "only parameters, inputs, functions, equations and presets have descriptions; use a `#` comment"
            }
            _ => "start a new line for each declaration",
        };
        Err(self.unexpected("the end of the line", hint))
    }

    /// Goes to the end of the declaration that began at `start`, brackets over several lines included.
    fn skip_declaration(&mut self, start: usize) {
        self.open = 0;
        self.depth = 0;
        let mut nesting: isize = self.tokens[start..self.at].iter().map(|t| t.kind.nesting()).sum();
        loop {
            match self.kind(0) {
                TokenKind::End => return,
                TokenKind::Newline if nesting <= 0 || self.declaration_starts(self.at + 1) => return,
                kind => nesting += kind.nesting(),
            }
            self.advance();
        }
    }
}
