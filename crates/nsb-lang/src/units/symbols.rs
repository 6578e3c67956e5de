//! The table of unit symbols and prefixes.

use super::dimension::Dimension;
use super::scale::Scale;

/// A symbol that may carry a prefix.
pub(super) struct Symbol {
    text: &'static str,
    /// The prefixes that make sense, one letter each.
    prefixes: &'static str,
    dimension: Dimension,
    scale: Scale,
}

/// What a symbol with its prefix stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) dimension: Dimension,
    pub(super) scale: Scale,
    /// Whether the zero of the unit is not the zero of the quantity (°C).
    pub(super) affine: bool,
}

const fn symbol(text: &'static str, prefixes: &'static str, dimension: Dimension, tens: i32, sixes: i32) -> Symbol {
    Symbol {
        text,
        prefixes,
        dimension,
        scale: Scale::new(tens, sixes),
    }
}

/// Sorted so that of two readings of a slip the commoner one in neuroscience comes first.
const SYMBOLS: [Symbol; 23] = [
    symbol("V", "mun", Dimension::VOLTAGE, 3, 0),
    symbol("s", "munpf", Dimension::TIME, 3, 0),
    symbol("S", "nmupfk", Dimension::CONDUCTANCE, 9, 0),
    symbol("A", "pnumfk", Dimension::CURRENT, 12, 0),
    symbol("F", "punfm", Dimension::CAPACITANCE, 12, 0),
    symbol("ohm", "MGkmu", Dimension::RESISTANCE, -9, 0),
    symbol("m", "ucmnkdpf", Dimension::LENGTH, 6, 0),
    symbol("M", "munpfk", Dimension::CONCENTRATION, 3, 0),
    symbol("mol", "fpnumak", Dimension::AMOUNT, 18, 0),
    symbol("Hz", "kMGm", Dimension::RATE, -3, 0),
    symbol("K", "m", Dimension::TEMPERATURE, 0, 0),
    symbol("degC", "", Dimension::TEMPERATURE, 0, 0),
    symbol("C", "pnufm", Dimension::CHARGE, 15, 0),
    symbol("L", "mudnpf", Dimension::VOLUME, 15, 0),
    symbol("l", "mudnpf", Dimension::VOLUME, 15, 0),
    symbol("J", "pnumfk", Dimension::ENERGY, 18, 0),
    symbol("W", "pnumfk", Dimension::POWER, 15, 0),
    symbol("g", "mkunp", Dimension::MASS, 9, 0),
    symbol("min", "", Dimension::TIME, 4, 1),
    symbol("h", "", Dimension::TIME, 5, 2),
    symbol("weight", "", Dimension::WEIGHT, 0, 0),
    symbol("%", "", Dimension::DIMENSIONLESS, -2, 0),
    symbol("1", "", Dimension::DIMENSIONLESS, 0, 0),
];

fn prefix_power(prefix: char) -> Option<i32> {
    Some(match prefix {
        'a' => -18,
        'f' => -15,
        'p' => -12,
        'n' => -9,
        'u' => -6,
        'm' => -3,
        'c' => -2,
        'd' => -1,
        'k' => 3,
        'M' => 6,
        'G' => 9,
        _ => return None,
    })
}

/// Words that people write where a symbol is due.
const WORDS: [(&str, &str); 34] = [
    ("sec", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("msec", "ms"),
    ("usec", "us"),
    ("millisecond", "ms"),
    ("milliseconds", "ms"),
    ("minute", "min"),
    ("minutes", "min"),
    ("hour", "h"),
    ("hours", "h"),
    ("hr", "h"),
    ("volt", "V"),
    ("mvolt", "mV"),
    ("millivolt", "mV"),
    ("amp", "A"),
    ("ampere", "A"),
    ("siemens", "S"),
    ("mho", "S"),
    ("farad", "F"),
    ("molar", "M"),
    ("mmolar", "mM"),
    ("hertz", "Hz"),
    ("celsius", "degC"),
    ("degree", "degC"),
    ("deg", "degC"),
    ("kelvin", "K"),
    ("coulomb", "C"),
    ("micron", "um"),
    ("meter", "m"),
    ("metre", "m"),
    ("liter", "L"),
    ("litre", "L"),
    ("percent", "%"),
];

/// A symbol in the letters of the table: `µm` and `μm` become `um`, `°C` becomes `degC`, `MΩ` becomes `Mohm`.
pub(super) fn normalise(symbol: &str) -> String {
    symbol
        .replace(['\u{b5}', '\u{3bc}'], "u")
        .replace(['\u{3a9}', '\u{2126}'], "ohm")
        .replace('°', "deg")
}

/// What a normalised symbol stands for.
pub(super) fn meaning(symbol: &str) -> Option<Meaning> {
    let find = |text: &str| SYMBOLS.iter().find(|s| s.text == text);
    if let Some(found) = find(symbol) {
        return Some(Meaning {
            dimension: found.dimension,
            scale: found.scale,
            affine: found.text == "degC",
        });
    }
    let prefix = symbol.chars().next()?;
    let tens = prefix_power(prefix)?;
    let found = find(&symbol[prefix.len_utf8()..]).filter(|s| s.prefixes.contains(prefix))?;
    let scale = found.scale.multiply(Scale::new(tens, 0));
    Some(Meaning {
        dimension: found.dimension,
        scale,
        affine: false,
    })
}

/// The symbol that was probably meant by an unknown one.
pub(super) fn suggestion(symbol: &str) -> Option<String> {
    if symbol.len() > 40 {
        return None;
    }
    let lower = symbol.to_lowercase();
    if let Some((_, meant)) = WORDS.iter().find(|(word, _)| *word == lower) {
        return Some((*meant).to_owned());
    }
    let every = every_symbol();
    if let Some(meant) = every.iter().find(|s| s.to_lowercase() == lower) {
        return Some(meant.clone());
    }
    // `cm2` for `cm^2`; the letters may have the wrong case, too.
    let letters = symbol.trim_end_matches(|c: char| c.is_ascii_digit());
    if letters.len() < symbol.len() && !letters.is_empty() {
        let power = &symbol[letters.len()..];
        let base = if meaning(letters).is_some() {
            Some(letters.to_owned())
        } else {
            suggestion(letters)
        };
        return base.map(|base| format!("{base}^{power}"));
    }
    crate::suggest::nearest(symbol, every.iter().map(String::as_str)).map(str::to_owned)
}

/// Every symbol with every prefix, commoner ones first.
fn every_symbol() -> Vec<String> {
    let named = SYMBOLS.iter().filter(|s| s.text != "1");
    let prefixed = named
        .clone()
        .flat_map(|s| s.prefixes.chars().map(move |p| format!("{p}{}", s.text)));
    // First the prefixed ones: `MV` and `mv` are slips of `mV`, not of something rare without a prefix.
    prefixed.chain(named.map(|s| s.text.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_is_understood_and_unambiguous() {
        let every = every_symbol();
        for symbol in &every {
            assert!(meaning(symbol).is_some(), "{symbol}");
            assert_eq!(
                every.iter().filter(|other| *other == symbol).count(),
                1,
                "{symbol} has two meanings"
            );
        }
    }

    #[test]
    fn every_word_leads_to_a_symbol_and_is_not_one() {
        for (word, symbol) in WORDS {
            assert!(meaning(symbol).is_some(), "{symbol}");
            assert!(meaning(word).is_none(), "{word} is a unit itself");
        }
    }

    #[test]
    fn slips_lead_to_the_unit_that_was_meant() {
        for (slip, meant) in [
            ("mv", "mV"),
            ("MV", "mV"),
            ("ua", "uA"),
            ("PA", "pA"),
            ("khz", "kHz"),
            ("cm2", "cm^2"),
            ("CM2", "cm^2"),
            ("um3", "um^3"),
            ("msec", "ms"),
            ("Mohms", "Mohm"),
            ("mVV", "mV"),
        ] {
            assert_eq!(suggestion(slip).as_deref(), Some(meant), "{slip}");
        }
        assert_eq!(suggestion("furlong"), None);
        assert_eq!(suggestion("222"), None);
    }
}
