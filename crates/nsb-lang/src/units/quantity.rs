//! A number with its unit.

use std::fmt;

use super::dimension::Dimension;
use super::error::UnitError;
use super::unit::Unit;

/// A finite number and the unit it was written in.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    value: f64,
    unit: Unit,
}

impl Quantity {
    /// `value` in `unit`.
    pub fn new(value: f64, unit: Unit) -> Quantity {
        Quantity { value, unit }
    }

    /// A number in engine units, to be shown in `unit`.
    pub fn from_engine(value: f64, unit: Unit) -> Quantity {
        Quantity {
            value: unit.from_engine(value),
            unit,
        }
    }

    /// Reads `20 uA/cm^2`, `-65mV`, `1e-3 s`, `5/ms`, or a plain number.
    ///
    /// ```
    /// # use nsb_lang::Quantity;
    /// let current = Quantity::parse("20 uA/cm^2").expect("a current density");
    /// assert_eq!(current.engine(), 0.2);
    /// assert_eq!(current.to_string(), "20 uA/cm^2");
    /// ```
    pub fn parse(text: &str) -> Result<Quantity, UnitError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UnitError::Empty);
        }
        let (value, rest) = number(text)?;
        let rest = rest.trim_start();
        let unit = if rest.is_empty() {
            Unit::one()
        } else if rest.starts_with('/') {
            Unit::parse(&format!("1{rest}"))?
        } else {
            Unit::parse(rest.strip_prefix(['*', '·', '×']).unwrap_or(rest))?
        };
        let quantity = Quantity { value, unit };
        if quantity.engine().is_finite() {
            Ok(quantity)
        } else {
            Err(UnitError::NotFinite { text: text.to_owned() })
        }
    }

    /// The number in [`unit`](Quantity::unit).
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The unit it was written in.
    pub fn unit(&self) -> &Unit {
        &self.unit
    }

    /// The number in engine units.
    pub fn engine(&self) -> f64 {
        self.unit.to_engine(self.value)
    }

    /// What kind of quantity it is.
    pub fn dimension(&self) -> Dimension {
        self.unit.dimension()
    }
}

/// Splits a leading number off. The rest may be a unit.
fn number(text: &str) -> Result<(f64, &str), UnitError> {
    let (negative, body) = match text.strip_prefix(['-', '−']) {
        Some(body) => (true, body),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let body = body.trim_start();
    let word: String = body.chars().take_while(|c| c.is_alphabetic()).collect();
    if ["nan", "inf", "infinity"].contains(&word.to_lowercase().as_str()) || body.starts_with('∞') {
        return Err(UnitError::NotFinite { text: text.to_owned() });
    }
    let end = number_end(body);
    let (digits, rest) = body.split_at(end);
    if !digits.contains(|c: char| c.is_ascii_digit()) {
        return Err(UnitError::MissingNumber { text: text.to_owned() });
    }
    let next = rest.chars().next();
    if matches!(next, Some('_' | ',' | '\'' | '.')) {
        let tail = rest
            .find(|c: char| !c.is_ascii_digit() && !"_,'.".contains(c))
            .unwrap_or(rest.len());
        let written = format!("{digits}{}", &rest[..tail]);
        return Err(UnitError::MalformedNumber {
            meant: meant_number(&written),
            text: written,
        });
    }
    let value: f64 = digits.parse().map_err(|_| UnitError::MalformedNumber {
        text: digits.to_owned(),
        meant: None,
    })?;
    // A number too small to hold would silently become 0.
    let mantissa = digits.split(['e', 'E']).next().unwrap_or_default();
    let vanished = value == 0.0 && mantissa.contains(|c: char| ('1'..='9').contains(&c));
    if !value.is_finite() || vanished {
        return Err(UnitError::NotFinite {
            text: digits.to_owned(),
        });
    }
    Ok((if negative { -value } else { value }, rest))
}

/// Length of the number at the start of `text`: digits, a decimal point, an exponent.
fn number_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits_from = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits_from(0);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits_from(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let digits = digits_from((end + 1 + sign).min(bytes.len()));
        if digits > 0 {
            end += 1 + sign + digits;
        }
    }
    end
}

/// `1_000` and `1,000.5` without separators, `0,5` with a decimal point.
fn meant_number(written: &str) -> Option<String> {
    let commas = written.matches(',').count();
    let meant = if commas == 1 && !written.contains('.') && written.split(',').nth(1).is_none_or(|tail| tail.len() != 3)
    {
        written.replace(',', ".")
    } else {
        written.replace(['_', ',', '\''], "")
    };
    meant.parse::<f64>().is_ok().then_some(meant)
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.value.abs();
        if size == 0.0 || (1e-4..1e9).contains(&size) {
            write!(f, "{}", self.value)?;
        } else {
            write!(f, "{:e}", self.value)?;
        }
        match self.unit.symbol() {
            "1" => Ok(()),
            symbol => match symbol.strip_prefix("1/") {
                Some(below) => write!(f, "/{below}"),
                None => write!(f, " {symbol}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_and_printed_back() {
        for (text, value, printed) in [
            ("20 uA/cm^2", 20.0, "20 uA/cm^2"),
            ("20µA/cm²", 20.0, "20 uA/cm^2"),
            ("-65mV", -65.0, "-65 mV"),
            ("−65 mV", -65.0, "-65 mV"),
            ("+1e-3 s", 1e-3, "0.001 s"),
            (".5", 0.5, "0.5"),
            ("5/ms", 5.0, "5/ms"),
            ("5 1/ms", 5.0, "5/ms"),
            ("5 ms^-1", 5.0, "5 ms^-1"),
            ("3 * mV", 3.0, "3 mV"),
            ("1e12 um^2", 1e12, "1e12 um^2"),
            ("50%", 50.0, "50 %"),
            ("0.3", 0.3, "0.3"),
            ("  6.3 °C ", 6.3, "6.3 degC"),
        ] {
            let quantity = Quantity::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(quantity.value(), value, "{text}");
            assert_eq!(quantity.to_string(), printed, "{text}");
            assert_eq!(Quantity::parse(&quantity.to_string()), Ok(quantity));
        }
    }

    #[test]
    fn wrong_quantities_say_what_to_write() {
        for (text, reason, hint) in [
            ("", "there is no unit or quantity", "write a number"),
            ("mV", "`mV` has no number", "put the number first, for example `1 mV`"),
            ("nan mV", "is not a finite number", "give a finite number"),
            ("-inf", "is not a finite number", "give a finite number"),
            ("1e999 mV", "is not a finite number", "give a finite number"),
            ("1e-999 mV", "is not a finite number", "give a finite number"),
            ("1e300 mol", "is not a finite number", "give a finite number"),
            ("1_000 ms", "`1_000` is not a number", "write `1000`"),
            ("1,000 ms", "`1,000` is not a number", "write `1000`"),
            ("0,5 ms", "`0,5` is not a number", "write `0.5`"),
            (
                "1.2.3 ms",
                "`1.2.3` is not a number",
                "write digits with a decimal point",
            ),
            ("20 ua/cm2", "unknown unit `ua`", "did you mean `uA/cm^2`?"),
            ("20 mV extra", "unknown unit `extra`", "units are built"),
            ("2 eV", "unknown unit `eV`", ""),
            ("20 30", "the unit contains the number `30`", "put all numbers"),
        ] {
            let error = Quantity::parse(text).expect_err(text);
            assert!(error.to_string().contains(reason), "{text}: {error}");
            assert!(error.hint().starts_with(hint), "{text}: {}", error.hint());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic() {
        for text in [
            "-", "+", ".", "e", "1e", "1e+", "5 e", "∞", "- 5 mV", "5é", "é5", "\0", "1\0", "²", "5²",
        ] {
            let _ = Quantity::parse(text);
        }
        assert_eq!(Quantity::parse("- 5 mV").map(|q| q.value()), Ok(-5.0));
    }
}
