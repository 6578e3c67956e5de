//! Models: the first line, and which section a line belongs to.

use crate::source::{Span, Spanned};
use crate::suggest;
use crate::syntax::keywords::{self, Header, Section};
use crate::syntax::token::{TokenKind, shorten};
use crate::syntax::tree::{File, Item, ModelSyntax};

use super::{Parsed, Parser, Reported};

/// What the first words of a line say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opener {
    /// `neuron NAME`
    Model,
    /// `reference "…"` and its like; `colon`: written with a colon, which is wrong.
    Header { header: Header, colon: bool },
    /// `parameters:` and its like: how many words the keyword has, and whether its colon is there.
    Section {
        section: Section,
        words: usize,
        colon: bool,
    },
}

/// What the lines of the model belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first section.
    Head,
    /// In a section.
    In(Section),
    /// In a section that takes one expression, after it.
    Full(&'static str),
    /// In a section that nobody knows: its lines are passed over.
    Lost,
}

const NEED_MODEL: &str = "start with `neuron NAME \"title\"`, `receptor NAME \"title\"` or `synapse NAME \"title\"`";

impl Parser<'_> {
    /// Reads the whole text.
    pub(in crate::syntax) fn file(mut self) -> File {
        let mut file = File::default();
        let mut complained = false;
        loop {
            while *self.kind(0) == TokenKind::Newline {
                self.advance();
            }
            if *self.kind(0) == TokenKind::End {
                break;
            }
            if self.line_opener(self.at) == Some(Opener::Model) || self.looks_like_model(true) {
                file.models.extend(self.model());
                continue;
            }
            if !complained && *self.kind(0) != TokenKind::Unknown {
                let message = "this text belongs to no model";
                self.report.error("E0112", self.span(), message, NEED_MODEL);
                complained = true;
            }
            while !self.kind(0).ends_line() {
                self.advance();
            }
        }
        if file.models.is_empty() && self.report.is_empty() {
            self.report
                .error("E0112", Span::new(0, 0), "there is no model here", NEED_MODEL);
        }
        file
    }

    /// What the line at `index` opens, if it is not an ordinary declaration.
    pub(super) fn line_opener(&self, index: usize) -> Option<Opener> {
        let TokenKind::Name(first) = &self.token(index).kind else {
            return None;
        };
        let next = &self.token(index + 1).kind;
        let named = matches!(next, TokenKind::Name(_));
        if keywords::kinds().any(|kind| kind == first) && named {
            return Some(Opener::Model);
        }
        let colon = *next == TokenKind::Colon;
        if let Some((_, header)) = keywords::HEADERS.iter().find(|(word, _)| word == first) {
            let fits = match header {
                Header::Reference => matches!(next, TokenKind::Text(_)),
                Header::Method => named || next.ends_line(),
                Header::MaxDt => matches!(next, TokenKind::Number(_)) || next.ends_line(),
            };
            return (fits || colon).then_some(Opener::Header { header: *header, colon });
        }
        let (words, keyword) = match next {
            TokenKind::Name(second) if matches!(first.as_str(), "on" | "per" | "update") => {
                (2, format!("{first} {second}"))
            }
            _ => (1, first.clone()),
        };
        let (_, section) = keywords::SECTIONS.iter().find(|(word, _)| *word == keyword)?;
        let after = &self.token(index + words).kind;
        let colon = *after == TokenKind::Colon;
        // Without its colon a keyword is still recognised where an expression could not go on.
        let bracket = *section == Section::Bounds && *after == TokenKind::OpenBracket;
        let bare = after.ends_line() || bracket || matches!(after, TokenKind::Name(_) | TokenKind::Number(_));
        (colon || bare).then_some(Opener::Section {
            section: *section,
            words,
            colon,
        })
    }

    /// Whether this line is the first of a model whose kind is mistyped or unknown.
    fn looks_like_model(&self, outside: bool) -> bool {
        let (TokenKind::Name(kind), TokenKind::Name(_)) = (self.kind(0), self.kind(1)) else {
            return false;
        };
        let alone = self.kind(2).ends_line() || matches!(self.kind(2), TokenKind::Text(_)) && self.kind(3).ends_line();
        alone && (outside || suggest::nearest(kind, keywords::kinds()).is_some())
    }

    /// One model; nothing if its first line cannot be read.
    fn model(&mut self) -> Option<ModelSyntax> {
        let start = self.span();
        let mut known = true;
        let kind = match self.kind(0) {
            TokenKind::Name(word) if keywords::kinds().any(|kind| kind == word) => word.clone(),
            TokenKind::Name(word) => {
                let nearest = suggest::nearest(word, keywords::kinds());
                let hint = match nearest {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the kinds are {}", list(keywords::KINDS)),
                };
                self.report.error(
                    "E0105",
                    start,
                    format!("there is no kind of model called `{}`", shorten(word)),
                    hint,
                );
                known = nearest.is_some();
                nearest.unwrap_or_default().to_owned()
            }
            _ => String::new(),
        };
        let kind = Spanned::new(kind, start);
        self.advance();
        let line = self.at;
        let name = self
            .declared_name("the model's name", "write `neuron NAME \"title\"`")
            .ok()?;
        let title = self.text();
        if self.end_of_line().is_err() {
            self.skip_declaration(line);
        }
        let planned = keywords::PLANNED_KINDS.contains(&kind.value.as_str());
        let items = self.items(planned);
        let span = start.to(Span::new(start.start, self.last_end()));
        known.then_some(ModelSyntax {
            kind,
            name,
            title,
            items,
            span,
        })
    }

    /// End of the last token before here that is not a line end.
    fn last_end(&self) -> usize {
        self.tokens[..self.at]
            .iter()
            .rev()
            .find(|t| t.kind != TokenKind::Newline)
            .map_or(0, |t| t.span.end)
    }

    /// Everything up to the next model.
    fn items(&mut self, planned: bool) -> Vec<Item> {
        let mut items = Vec::new();
        let mut place = Place::Head;
        loop {
            while *self.kind(0) == TokenKind::Newline {
                self.advance();
            }
            let start = self.at;
            match self.line_opener(start) {
                _ if *self.kind(0) == TokenKind::End => return items,
                Some(Opener::Model) => return items,
                Some(Opener::Header { header, colon }) => {
                    let read = self.header(header, colon);
                    items.extend(self.finish(start, read));
                }
                Some(Opener::Section { section, words, colon }) => {
                    place = self.section(section, words, colon, planned, &mut items);
                }
                None if self.looks_like_model(false) => return items,
                None => place = self.line(place, planned, &mut items),
            }
        }
    }

    /// Ends a declaration: at its line end, or beyond the text that could not be read.
    fn finish<T>(&mut self, start: usize, read: Parsed<T>) -> Option<T> {
        let ended = if read.is_ok() && !self.broken {
            self.end_of_line()
        } else {
            Err(Reported)
        };
        if ended.is_err() {
            self.skip_declaration(start);
        }
        self.open = 0;
        self.broken = false;
        self.in_condition = false;
        read.ok()
    }

    /// A section from its keyword on: the first line of its body, or nothing yet.
    fn section(&mut self, section: Section, words: usize, colon: bool, planned: bool, items: &mut Vec<Item>) -> Place {
        let start = self.at;
        let keyword = self.words(words);
        self.at += words;
        if colon {
            self.advance();
        } else {
            let end = self.end_of_previous();
            let message = format!("`{keyword}` has no colon");
            self.report.error(
                "E0113",
                Span::new(self.token(start).span.start, end),
                message,
                format!("write `{keyword}:`"),
            );
        }
        if planned || matches!(section, Section::Planned(_)) {
            items.push(self.planned(keyword, start, planned));
            return Place::Lost;
        }
        if section.takes_lines() {
            if !self.kind(0).ends_line() {
                let line = self.at;
                let read = self.declaration(section);
                items.extend(self.finish(line, read));
            }
            return Place::In(section);
        }
        let line = self.at;
        let read = self.single(section, &keyword);
        items.extend(self.finish(line, read));
        Place::Full(section.keyword())
    }

    /// A line that opens nothing.
    fn line(&mut self, place: Place, planned: bool, items: &mut Vec<Item>) -> Place {
        let start = self.at;
        if let Some(words) = self.unknown_section(place) {
            let keyword = self.words(words);
            let span = self.token(start).span.to(self.token(start + words - 1).span);
            self.at += words + 1;
            if planned {
                items.push(self.planned(keyword, start, true));
                return Place::Lost;
            }
            let hint = match suggest::nearest(&keyword, keywords::section_words()) {
                Some(meant) => format!("did you mean `{meant}:`?"),
                None => format!("the sections are {}", list(keywords::section_words().take(12))),
            };
            self.report
                .error("E0104", span, format!("unknown section `{}`", shorten(&keyword)), hint);
            return Place::Lost;
        }
        match place {
            Place::In(section) => {
                let read = self.declaration(section);
                items.extend(self.finish(start, read));
                return place;
            }
            Place::Lost => {}
            Place::Full(keyword) => {
                let hint = "join conditions with `and` or `or`; continue a line after an operator or within brackets";
                self.complain(
                    "E0106",
                    format!("`{keyword}:` takes one expression, this is text after it"),
                    hint,
                );
            }
            Place::Head => {
                let hint = "declare it in a section, for example under `parameters:` or `equations:`";
                self.complain("E0106", "this line belongs to no section".to_owned(), hint);
            }
        }
        self.skip_declaration(start);
        if planned { place } else { Place::Lost }
    }

    fn complain(&mut self, code: &'static str, message: String, hint: &str) {
        if *self.kind(0) != TokenKind::Unknown {
            self.report.error(code, self.span(), message, hint);
        }
    }

    /// Whether the line starts with words and a colon that no section has: how many words.
    fn unknown_section(&self, place: Place) -> Option<usize> {
        let words = (0..3)
            .take_while(|n| matches!(self.kind(*n), TokenKind::Name(_)))
            .count();
        if words == 0 || *self.kind(words) != TokenKind::Colon {
            return None;
        }
        let alone = self.kind(words + 1).ends_line();
        let mistyped = || suggest::nearest(&self.words(words), keywords::section_words()).is_some();
        let is_one = match place {
            // `I : pA` declares an input.
            Place::In(Section::Inputs | Section::Per(_)) => alone || words > 1 || mistyped() && !self.fits_input(),
            // `bursting: a = 2 nS` declares a preset.
            Place::In(Section::Presets) => alone || words > 1 || mistyped() && !self.fits_preset(),
            Place::In(_) => alone || words > 1 || mistyped(),
            Place::Lost => alone || mistyped(),
            Place::Head | Place::Full(_) => true,
        };
        is_one.then_some(words)
    }

    /// Whether what follows `NAME :` can be a unit and a description.
    fn fits_input(&self) -> bool {
        let line = self.tokens[self.at + 2..]
            .iter()
            .map(|t| &t.kind)
            .take_while(|kind| !kind.ends_line());
        line.filter(|kind| !matches!(kind, TokenKind::Text(_))).all(|kind| {
            use TokenKind::{Close, Minus, Name, Number, Open, Power, Slash, Star};
            matches!(kind, Name(_) | Number(_) | Star | Slash | Power | Minus | Open | Close)
        })
    }

    /// Whether what follows `NAME :` begins with a parameter and its value.
    fn fits_preset(&self) -> bool {
        matches!(self.kind(2), TokenKind::Name(_)) && self.kind(3).assigns()
    }

    /// The next words as one.
    fn words(&self, count: usize) -> String {
        let words = (0..count).filter_map(|n| match self.kind(n) {
            TokenKind::Name(word) => Some(word.as_str()),
            _ => None,
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// A section that the engine cannot run yet, its body passed over.
    fn planned(&mut self, what: String, start: usize, lenient: bool) -> Item {
        let from = self.token(start).span.start;
        loop {
            while !self.kind(0).ends_line() {
                self.advance();
            }
            let end = self.last_end();
            if *self.kind(0) == TokenKind::End {
                return Item::Planned {
                    what,
                    span: Span::new(from, end),
                };
            }
            self.advance();
            let place = if lenient {
                Place::Lost
            } else {
                Place::In(Section::Equations)
            };
            let next = self.line_opener(self.at).is_some() || self.unknown_section(place).is_some();
            if next || self.looks_like_model(false) {
                return Item::Planned {
                    what,
                    span: Span::new(from, end),
                };
            }
        }
    }
}

/// `a`, `b` and `c`, for hints.
fn list(words: impl IntoIterator<Item = &'static str>) -> String {
    words
        .into_iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
