//! Lines that stand once: headers without a colon, and sections that take one expression.

use crate::syntax::keywords::{Header, SECTIONS, Section};
use crate::syntax::token::TokenKind;
use crate::syntax::tree::Item;

use super::{Parsed, Parser};

impl Section {
    /// Whether its body is a list of lines, rather than one expression.
    pub(super) fn takes_lines(self) -> bool {
        !matches!(
            self,
            Section::Threshold
                | Section::Rearm
                | Section::Refractory
                | Section::Current
                | Section::Bounds
                | Section::UpdateEvery
                | Section::UpdateWhere
        )
    }

    /// The word that opens it.
    pub(super) fn keyword(self) -> &'static str {
        SECTIONS
            .iter()
            .find(|(_, section)| *section == self)
            .map_or("", |(word, _)| word)
    }
}

impl Parser<'_> {
    /// `reference "…"`, `method NAME`, `max_dt 0.05 ms`.
    pub(super) fn header(&mut self, header: Header, colon: bool) -> Parsed<Item> {
        self.advance();
        if colon {
            let hint = "leave the colon out; only sections have one";
            self.report
                .error("E0113", self.span(), "there is a colon too much here", hint);
            self.advance();
        }
        match header {
            Header::Reference => match self.text() {
                Some(text) => Ok(Item::Reference(text)),
                None => Err(self.unexpected("a text", "write `reference \"authors (year) title. journal\"`")),
            },
            Header::Method => {
                let name = self.declared_name("the name of a method", "for example `method strang`")?;
                Ok(Item::Method(name))
            }
            Header::MaxDt => {
                if self.kind(0).ends_line() {
                    return Err(self.unexpected("a time", "for example `max_dt 0.05 ms`"));
                }
                Ok(Item::MaxDt(self.expression()?))
            }
        }
    }

    /// `threshold: …`, `rearm: …`, `current: …`, `refractory: … holding …`, `bounds: […]`, `update every: …`, `update where: …`.
    pub(super) fn single(&mut self, section: Section, keyword: &str) -> Parsed<Item> {
        self.continue_line();
        let example = match section {
            Section::Threshold => "write a condition, for example `threshold: V > V_spike`",
            Section::Rearm => "write a condition, for example `rearm: V < V_spike - 10 mV`",
            Section::Refractory => "write a duration, for example `refractory: t_ref holding V`",
            Section::Bounds => "write two weights, for example `bounds: [0 weight, w_max]`",
            Section::UpdateEvery => "write a duration, for example `update every: 10 ms`",
            Section::UpdateWhere => "write a condition, for example `update where: V > theta`",
            _ => "write an expression, for example `current: g * (E_rev - V)`",
        };
        if self.kind(0).ends_line() {
            return Err(self.unexpected(&format!("an expression after `{keyword}:`"), example));
        }
        if section == Section::Bounds {
            let (low, high) = self.range()?;
            return Ok(Item::Bounds(low, high));
        }
        self.in_condition = matches!(section, Section::Threshold | Section::Rearm | Section::UpdateWhere);
        let value = self.expression()?;
        match section {
            Section::Threshold => Ok(Item::Threshold(value)),
            Section::Rearm => Ok(Item::Rearm(value)),
            Section::UpdateEvery => Ok(Item::UpdateEvery(value)),
            Section::UpdateWhere => Ok(Item::UpdateWhere(value)),
            Section::Refractory => {
                let mut holding = Vec::new();
                if self.accept(&TokenKind::Holding) {
                    loop {
                        self.continue_line();
                        holding.push(self.declared_name("the name of a state", example)?);
                        if !self.accept(&TokenKind::Comma) {
                            break;
                        }
                    }
                }
                Ok(Item::Refractory {
                    duration: value,
                    holding,
                })
            }
            _ => Ok(Item::Current(value)),
        }
    }
}
