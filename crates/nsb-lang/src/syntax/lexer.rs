//! Splits a text into tokens and repairs what is foreign to the language but clear in meaning.

use crate::source::Span;
use crate::units::superscript;

use super::report::Report;
use super::token::{Token, TokenKind, shorten};

/// Splits `text`; the last token is always [`TokenKind::End`].
pub(super) fn split(text: &str, report: &mut Report) -> Vec<Token> {
    let at = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let mut lexer = Lexer {
        text,
        at,
        tokens: Vec::new(),
        report,
    };
    while lexer.at < text.len() {
        lexer.next();
    }
    lexer.push(TokenKind::End, text.len());
    lexer.tokens
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    report: &'a mut Report,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !accept(c)).unwrap_or(rest.len());
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let span = Span::new(start, self.at);
        let repeated = kind == TokenKind::Newline && self.tokens.last().is_none_or(|t| t.kind == TokenKind::Newline);
        if !repeated {
            self.tokens.push(Token { kind, span });
        }
    }

    /// Reports what stands between `start` and here.
    fn error(&mut self, code: &'static str, start: usize, message: impl Into<String>, hint: impl Into<String>) {
        self.report.error(code, Span::new(start, self.at), message, hint);
    }

    fn next(&mut self) {
        let start = self.at;
        let Some(letter) = self.peek() else { return };
        match letter {
            '\n' | '\r' => {
                self.at += 1;
                self.push(TokenKind::Newline, start);
            }
            ' ' | '\t' | '\u{a0}' | '\u{202f}' => self.at += letter.len_utf8(),
            '#' => self.take_while(|c| c != '\n' && c != '\r'),
            '"' | '“' | '”' | '„' | '‘' | '’' | '\'' => self.quote(letter),
            '0'..='9' => self.number(),
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            _ if starts_name(letter) => self.name(),
            _ if superscript(letter).is_some() => self.superscripts(),
            _ => self.sign(letter),
        }
    }

    fn sign(&mut self, letter: char) {
        let start = self.at;
        for (sign, kind) in SIGNS {
            if self.rest().starts_with(sign) {
                self.at += sign.len();
                return self.push(kind, start);
            }
        }
        for (sign, kind, written) in FOREIGN_SIGNS {
            if self.rest().starts_with(sign) {
                self.at += sign.len();
                self.error(
                    "E0109",
                    start,
                    format!("`{sign}` is not a sign of the model language"),
                    format!("write `{written}`"),
                );
                return self.push(kind, start);
            }
        }
        if letter == ';' {
            self.at += 1;
            self.error(
                "E0109",
                start,
                "a line needs no `;` at its end",
                "remove the `;`, and put each declaration on its own line",
            );
            return self.push(TokenKind::Newline, start);
        }
        self.at += letter.len_utf8();
        if letter.is_control() || INVISIBLE.contains(&letter) {
            let same = move |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t') || INVISIBLE.contains(&c);
            self.take_while(same);
            let message = format!("there is an invisible character (U+{:04X}) here", u32::from(letter));
            // Dropping it leaves the text that the writer sees.
            return self.error("E0101", start, message, "delete it; model files are plain UTF-8 text");
        }
        self.take_while(|c| c == letter);
        self.error("E0101", start, format!("unexpected character `{letter}`"), "remove it");
        self.push(TokenKind::Unknown, start);
    }

    fn number(&mut self) {
        let start = self.at;
        let digit = |c: char| c.is_ascii_digit();
        self.take_while(digit);
        if self.peek() == Some('.') {
            self.at += 1;
            self.take_while(digit);
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            let exponent = &self.rest()[1..];
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.starts_with(digit) {
                self.at += 1 + exponent.len() - digits.len();
                self.take_while(digit);
            }
        }
        if self.peek() == Some('_') {
            self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
            let written = &self.text[start..self.at];
            let hint = format!("write `{}`", shorten(&written.replace('_', "")));
            self.error("E0103", start, format!("`{}` is not a number", shorten(written)), hint);
            return self.push(TokenKind::Unknown, start);
        }
        let written = &self.text[start..self.at];
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() => self.push(TokenKind::Number(number), start),
            _ => {
                self.error(
                    "E0103",
                    start,
                    format!("`{}` is too large a number", shorten(written)),
                    "the largest number is about 1e308",
                );
                self.push(TokenKind::Unknown, start);
            }
        }
    }

    fn name(&mut self) {
        let start = self.at;
        if self.peek() == Some('%') {
            self.at += 1;
        } else {
            self.take_while(|c| superscript(c).is_none() && (starts_name(c) && c != '%' || c.is_alphanumeric()));
        }
        let name = &self.text[start..self.at];
        if name.chars().any(is_foreign_letter) {
            let hint = match plain_letters(name) {
                Some(plain) => format!("write `{}`", shorten(&plain)),
                None => "use the letters a-z and A-Z, digits and `_`".to_owned(),
            };
            self.error(
                "E0115",
                start,
                format!("the name `{}` has letters other than a-z", shorten(name)),
                hint,
            );
        }
        let kind = match name {
            "and" => TokenKind::And,
            "or" => TokenKind::Or,
            "not" => TokenKind::Not,
            "in" => TokenKind::In,
            "holding" => TokenKind::Holding,
            _ => TokenKind::Name(name.to_owned()),
        };
        self.push(kind, start);
    }

    /// `cm²` is `cm^2`, `s⁻¹` is `s^-1`.
    fn superscripts(&mut self) {
        let start = self.at;
        self.take_while(|c| superscript(c).is_some());
        let written: String = self.text[start..self.at].chars().filter_map(superscript).collect();
        let digits = written.strip_prefix('-').unwrap_or(&written);
        match digits.parse::<u32>() {
            Ok(power) => {
                self.push(TokenKind::Power, start);
                if digits.len() < written.len() {
                    self.push(TokenKind::Minus, start);
                }
                self.push(TokenKind::Number(f64::from(power)), start);
            }
            Err(_) => {
                self.error("E0103", start, "this is not a power", "write a power as `^2` or `^-1`");
                self.push(TokenKind::Unknown, start);
            }
        }
    }

    fn quote(&mut self, quote: char) {
        let start = self.at;
        if quote == '\'' && self.text[..start].ends_with(|c: char| starts_name(c) || c.is_alphanumeric() || c == '\'') {
            self.at += 1;
            return self.push(TokenKind::Prime, start);
        }
        self.at += quote.len_utf8();
        let ends: &[char] = match quote {
            '"' => &['"'],
            '\'' => &['\''],
            '‘' | '’' => &['‘', '’', '\''],
            _ => &['“', '”', '„', '"'],
        };
        let mut content = String::new();
        let mut closed = false;
        while let Some(letter) = self.peek().filter(|c| !matches!(c, '\n' | '\r')) {
            self.at += letter.len_utf8();
            if ends.contains(&letter) {
                closed = true;
                break;
            }
            match (letter, self.peek()) {
                ('\\', Some(escaped @ ('"' | '\\'))) => {
                    content.push(escaped);
                    self.at += 1;
                }
                _ => content.push(letter),
            }
        }
        if quote != '"' {
            self.error("E0102", start, "texts stand in straight double quotes", "write \"…\"");
        } else if !closed {
            self.error(
                "E0102",
                start,
                "this text has no closing quote",
                "add a `\"` at the end of the text, on the same line",
            );
        }
        if let Some(control) = content.chars().find(|c| c.is_control() && *c != '\t') {
            let message = format!("the text contains a control character (U+{:04X})", u32::from(control));
            self.error("E0101", start, message, "delete it");
        }
        self.push(TokenKind::Text(content), start);
    }
}

/// Longer signs come before their beginnings.
const SIGNS: [(&str, TokenKind); 33] = [
    ("**", TokenKind::Power),
    ("==", TokenKind::Equal),
    ("!=", TokenKind::NotEqual),
    ("<=", TokenKind::LessEqual),
    (">=", TokenKind::GreaterEqual),
    ("+=", TokenKind::AddAssign),
    ("-=", TokenKind::SubtractAssign),
    ("*=", TokenKind::MultiplyAssign),
    ("/=", TokenKind::DivideAssign),
    ("+", TokenKind::Plus),
    ("-", TokenKind::Minus),
    ("−", TokenKind::Minus),
    ("*", TokenKind::Star),
    ("·", TokenKind::Star),
    ("⋅", TokenKind::Star),
    ("×", TokenKind::Star),
    ("/", TokenKind::Slash),
    ("^", TokenKind::Power),
    ("<", TokenKind::Less),
    ("≤", TokenKind::LessEqual),
    (">", TokenKind::Greater),
    ("≥", TokenKind::GreaterEqual),
    ("≠", TokenKind::NotEqual),
    ("=", TokenKind::Assign),
    ("(", TokenKind::Open),
    (")", TokenKind::Close),
    ("[", TokenKind::OpenBracket),
    ("]", TokenKind::CloseBracket),
    (",", TokenKind::Comma),
    (":", TokenKind::Colon),
    (".", TokenKind::Dot),
    ("（", TokenKind::Open),
    ("）", TokenKind::Close),
];

/// Signs of other languages: what they mean and how that is written here.
const FOREIGN_SIGNS: [(&str, TokenKind, &str); 8] = [
    ("&&", TokenKind::And, "and"),
    ("||", TokenKind::Or, "or"),
    ("!", TokenKind::Not, "not"),
    ("&", TokenKind::And, "and"),
    ("|", TokenKind::Or, "or"),
    ("–", TokenKind::Minus, "-"),
    ("—", TokenKind::Minus, "-"),
    ("÷", TokenKind::Slash, "/"),
];

/// Letters of units that are not ASCII: both micro signs, degree, both ohms.
const UNIT_LETTERS: [char; 5] = ['\u{b5}', '\u{3bc}', '°', '\u{3a9}', '\u{2126}'];

/// Characters that take no room on the screen but are no control characters.
const INVISIBLE: [char; 6] = ['\u{feff}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{ad}'];

/// Whether a letter belongs neither in names nor in units, which the lexer reports.
pub(super) fn is_foreign_letter(letter: char) -> bool {
    !letter.is_ascii() && !UNIT_LETTERS.contains(&letter)
}

fn starts_name(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_' || letter == '%' || letter == '°'
}

/// A name in Greek letters, spelled out.
fn plain_letters(name: &str) -> Option<String> {
    const GREEK: [(char, &str); 14] = [
        ('α', "alpha"),
        ('β', "beta"),
        ('γ', "gamma"),
        ('δ', "delta"),
        ('Δ', "Delta"),
        ('ε', "epsilon"),
        ('η', "eta"),
        ('θ', "theta"),
        ('λ', "lambda"),
        ('π', "pi"),
        ('ρ', "rho"),
        ('σ', "sigma"),
        ('τ', "tau"),
        ('φ', "phi"),
    ];
    let mut plain = String::new();
    for letter in name.chars() {
        match GREEK.iter().find(|(greek, _)| *greek == letter) {
            Some((_, word)) => plain.push_str(word),
            None if letter.is_ascii() => plain.push(letter),
            None => return None,
        }
    }
    Some(plain)
}
