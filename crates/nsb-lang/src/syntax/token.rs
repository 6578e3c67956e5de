//! The pieces that a text is split into.

use crate::source::Span;

/// A piece of text and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Number(f64),
    Name(String),
    /// The content of "…".
    Text(String),
    Plus,
    Minus,
    Star,
    Slash,
    Power,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    And,
    Or,
    Not,
    Assign,
    AddAssign,
    SubtractAssign,
    MultiplyAssign,
    DivideAssign,
    In,
    Holding,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Comma,
    Colon,
    Dot,
    Prime,
    /// One or more line ends.
    Newline,
    /// The end of the text.
    End,
    /// Something that the lexer has complained about already.
    Unknown,
}

impl TokenKind {
    /// For "expected …, found …".
    pub(super) fn describe(&self) -> String {
        let sign = match self {
            TokenKind::Number(number) => return format!("the number {}", short_number(*number)),
            TokenKind::Name(name) => return format!("`{}`", shorten(name)),
            TokenKind::Text(_) => return "a text in quotes".to_owned(),
            TokenKind::Newline => return "the end of the line".to_owned(),
            TokenKind::End => return "the end of the file".to_owned(),
            TokenKind::Unknown => return "something unreadable".to_owned(),
            TokenKind::Plus => "+",
            TokenKind::Minus => "-",
            TokenKind::Star => "*",
            TokenKind::Slash => "/",
            TokenKind::Power => "^",
            TokenKind::Equal => "==",
            TokenKind::NotEqual => "!=",
            TokenKind::Less => "<",
            TokenKind::LessEqual => "<=",
            TokenKind::Greater => ">",
            TokenKind::GreaterEqual => ">=",
            TokenKind::And => "and",
            TokenKind::Or => "or",
            TokenKind::Not => "not",
            TokenKind::Assign => "=",
            TokenKind::AddAssign => "+=",
            TokenKind::SubtractAssign => "-=",
            TokenKind::MultiplyAssign => "*=",
            TokenKind::DivideAssign => "/=",
            TokenKind::In => "in",
            TokenKind::Holding => "holding",
            TokenKind::Open => "(",
            TokenKind::Close => ")",
            TokenKind::OpenBracket => "[",
            TokenKind::CloseBracket => "]",
            TokenKind::Comma => ",",
            TokenKind::Colon => ":",
            TokenKind::Dot => ".",
            TokenKind::Prime => "'",
        };
        format!("`{sign}`")
    }

    pub(super) fn ends_line(&self) -> bool {
        matches!(self, TokenKind::Newline | TokenKind::End)
    }

    /// Whether it changes a variable: `=`, `+=`, … Such a sign never stands within an expression.
    pub(super) fn assigns(&self) -> bool {
        matches!(
            self,
            TokenKind::Assign
                | TokenKind::AddAssign
                | TokenKind::SubtractAssign
                | TokenKind::MultiplyAssign
                | TokenKind::DivideAssign
        )
    }

    /// +1 for an opening bracket, −1 for a closing one.
    pub(super) fn nesting(&self) -> isize {
        match self {
            TokenKind::Open | TokenKind::OpenBracket => 1,
            TokenKind::Close | TokenKind::CloseBracket => -1,
            _ => 0,
        }
    }
}

/// Keeps messages to one line, whatever was written.
pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        text.to_owned()
    } else {
        text.chars().take(40).chain(['…']).collect()
    }
}

pub(super) fn short_number(number: f64) -> String {
    let plain = format!("{number}");
    if plain.len() <= 20 {
        plain
    } else {
        format!("{number:e}")
    }
}
