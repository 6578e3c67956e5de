//! What can be wrong with a unit or a quantity.

use std::fmt;

/// Why a text is no unit or no quantity. `Display` gives the reason, [`hint`](UnitError::hint) the fix.
#[derive(Debug, Clone, PartialEq)]
pub enum UnitError {
    /// Nothing was written where a unit or quantity is due.
    Empty,
    /// A symbol that is no unit.
    UnknownUnit {
        /// The symbol as written.
        symbol: String,
        /// The whole unit with every slip repaired, if all of them could be.
        meant: Option<String>,
    },
    /// A quantity without a number, such as `mV`.
    MissingNumber {
        /// What was written.
        text: String,
    },
    /// The number cannot be read, such as `1_000` or `0,5`.
    MalformedNumber {
        /// What was written.
        text: String,
        /// The number that was probably meant.
        meant: Option<String>,
    },
    /// NaN, infinity, or a number beyond what 64 bits hold.
    NotFinite {
        /// What was written.
        text: String,
    },
    /// A number other than 1 within a unit.
    NumberInUnit {
        /// The number.
        number: String,
    },
    /// A character that belongs in no unit.
    UnexpectedCharacter {
        /// The character.
        character: char,
    },
    /// An operator or parenthesis without its other side, such as `mS/` or `(mS`.
    Incomplete {
        /// What is missing.
        missing: &'static str,
    },
    /// A power that is no whole number between −9 and 9.
    BadPower {
        /// What stands after `^`.
        power: String,
    },
    /// A product written without a sign after a division: `1/ms mV` can be read in two ways.
    Ambiguous {
        /// The unit to the left of the blank.
        left: String,
        /// The unit to the right of the blank.
        right: String,
    },
    /// `degC` in a product, quotient or power.
    AffineInProduct,
}

impl UnitError {
    /// What to write instead.
    pub fn hint(&self) -> String {
        match self {
            UnitError::Empty => "write a number with its unit, for example `20 uA/cm^2`".to_owned(),
            UnitError::UnknownUnit { meant: Some(meant), .. } => format!("did you mean `{meant}`?"),
            UnitError::UnknownUnit { meant: None, .. } => {
                "units are built from V, A, S, ohm, F, s, m, M, mol, Hz, L, J, W, g, K, degC, min, h with prefixes, \
                 for example `mS/cm^2`"
                    .to_owned()
            }
            UnitError::MissingNumber { text } => format!("put the number first, for example `1 {text}`"),
            UnitError::MalformedNumber { meant: Some(meant), .. } => format!("write `{meant}`"),
            UnitError::MalformedNumber { meant: None, .. } => {
                "write digits with a decimal point, for example `0.5` or `1e-3`".to_owned()
            }
            UnitError::NotFinite { .. } => "give a finite number".to_owned(),
            UnitError::NumberInUnit { .. } => {
                "put all numbers before the unit; a unit may only contain a 1, as in `1/ms`".to_owned()
            }
            UnitError::UnexpectedCharacter { .. } => {
                "join symbols with `*`, `/` and `^`, for example `mS/cm^2`".to_owned()
            }
            UnitError::Incomplete { missing } => format!("add {missing}"),
            UnitError::BadPower { .. } => {
                "powers are whole numbers from -9 to 9, for example `cm^2` or `s^-1`".to_owned()
            }
            UnitError::Ambiguous { left, right } => {
                format!("write `{left}*{right}` or put the whole denominator in parentheses, as in `1/(ms*mV)`")
            }
            UnitError::AffineInProduct => "use `K` for differences and rates of temperature".to_owned(),
        }
    }
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnitError::Empty => write!(f, "there is no unit or quantity"),
            UnitError::UnknownUnit { symbol, .. } => write!(f, "unknown unit `{}`", shorten(symbol)),
            UnitError::MissingNumber { text } => write!(f, "`{}` has no number", shorten(text)),
            UnitError::MalformedNumber { text, .. } => write!(f, "`{}` is not a number", shorten(text)),
            UnitError::NotFinite { text } => write!(f, "`{}` is not a finite number", shorten(text)),
            UnitError::NumberInUnit { number } => write!(f, "the unit contains the number `{}`", shorten(number)),
            UnitError::UnexpectedCharacter { character } => write!(f, "{} does not belong in a unit", show(*character)),
            UnitError::Incomplete { missing } => write!(f, "the unit is incomplete: {missing} is missing"),
            UnitError::BadPower { power } => write!(f, "`{}` is not a power that a unit can have", shorten(power)),
            UnitError::Ambiguous { left, right } => {
                write!(f, "`{} {}` can be read in two ways", shorten(left), shorten(right))
            }
            UnitError::AffineInProduct => {
                write!(f, "`degC` cannot be part of a larger unit: its zero is not that of K")
            }
        }
    }
}

impl std::error::Error for UnitError {}

/// Keeps messages to one line, whatever was written.
fn shorten(text: &str) -> String {
    let clean: String = text
        .chars()
        .take(40)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().count() > 40 {
        format!("{clean}…")
    } else {
        clean
    }
}

fn show(character: char) -> String {
    if character.is_control() {
        format!("the control character U+{:04X}", u32::from(character))
    } else {
        format!("`{character}`")
    }
}
