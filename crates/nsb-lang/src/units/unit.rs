//! A unit: what is written after a number.

use std::fmt;

use super::dimension::Dimension;
use super::error::UnitError;
use super::scale::Scale;
use super::{parse, symbols};

/// Converts between numbers as people write them and engine units.
///
/// Two units are equal if they are written the same way; `uA/cm^2` and `µA/cm²` are, `uA/cm^2` and `A/m^2` are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    symbol: String,
    dimension: Dimension,
    scale: Scale,
    affine: bool,
}

/// 0 °C in kelvin.
const CELSIUS_ZERO: f64 = 273.15;

impl Unit {
    /// The unit of plain numbers, written `1`.
    pub fn one() -> Unit {
        Unit {
            symbol: "1".to_owned(),
            dimension: Dimension::DIMENSIONLESS,
            scale: Scale::default(),
            affine: false,
        }
    }

    /// Reads a unit such as `mS/cm^2`, `mS cm^-2`, `µA/cm²`, `1/ms`, `degC` or `1`.
    pub fn parse(text: &str) -> Result<Unit, UnitError> {
        parse::parse(text)
    }

    /// The unit with that one symbol, prefix included: `mV`, `Mohm`, `µm`. No products, quotients or powers.
    pub fn from_symbol(symbol: &str) -> Option<Unit> {
        let symbol = symbols::normalise(symbol);
        let meaning = symbols::meaning(&symbol)?;
        Some(Unit {
            symbol,
            dimension: meaning.dimension,
            scale: meaning.scale,
            affine: meaning.affine,
        })
    }

    /// The symbol that was probably meant by an unknown one: `mV` for `mv`, `cm^2` for `cm2`.
    pub fn nearest_symbol(symbol: &str) -> Option<String> {
        symbols::suggestion(&symbols::normalise(symbol))
    }

    /// The unit as it was written, in plain letters: `µA/cm²` reads `uA/cm^2`.
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// What kind of quantity it measures.
    pub fn dimension(&self) -> Dimension {
        self.dimension
    }

    /// Whether it is `1`.
    pub fn is_one(&self) -> bool {
        self.symbol == "1"
    }

    /// Whether its zero is not the zero of the quantity. Only `degC`; such a unit cannot be part of a larger one.
    pub fn is_affine(&self) -> bool {
        self.affine
    }

    /// For messages: `a voltage (mV)`, `a dimensionless number`.
    pub fn describe(&self) -> String {
        if self.is_one() {
            self.dimension.with_article()
        } else if self.dimension.name().is_some() {
            format!("{} ({})", self.dimension.with_article(), self.symbol)
        } else {
            format!("a quantity in {}", self.symbol)
        }
    }

    /// A number in this unit, expressed in engine units.
    pub fn to_engine(&self, value: f64) -> f64 {
        let scaled = self.scale.apply(value);
        if self.affine { scaled + CELSIUS_ZERO } else { scaled }
    }

    /// A number in engine units, expressed in this unit.
    pub fn from_engine(&self, value: f64) -> f64 {
        if self.affine {
            // The sum in `to_engine` was rounded; nanokelvins carry nothing but that rounding.
            let nanokelvins = ((value - CELSIUS_ZERO) * 1e9).round();
            return nanokelvins / 1e9;
        }
        self.scale.remove(value)
    }

    /// The product, written `a*b`.
    #[must_use]
    pub fn multiply(&self, other: &Unit) -> Unit {
        let symbol = match (self.is_one(), other.is_one()) {
            (true, _) => other.symbol.clone(),
            (_, true) => self.symbol.clone(),
            _ => format!("{}*{}", self.spaceless(), other.grouped_if(|c| "/ ".contains(c))),
        };
        self.combined(
            symbol,
            self.dimension.multiply(other.dimension),
            self.scale.multiply(other.scale),
        )
    }

    /// The quotient, written `a/b`.
    #[must_use]
    pub fn divide(&self, other: &Unit) -> Unit {
        let symbol = if other.is_one() {
            self.symbol.clone()
        } else {
            format!("{}/{}", self.spaceless(), other.grouped_if(|c| "*/ ".contains(c)))
        };
        let scale = self.scale.multiply(other.scale.power(-1));
        self.combined(symbol, self.dimension.divide(other.dimension), scale)
    }

    /// An integer power, written `a^n`.
    #[must_use]
    pub fn power(&self, exponent: i32) -> Unit {
        let symbol = match exponent {
            _ if self.is_one() => return self.clone(),
            0 => "1".to_owned(),
            1 => return self.clone(),
            _ => format!("{}^{exponent}", self.grouped_if(|c| "*/^ ".contains(c))),
        };
        self.combined(symbol, self.dimension.power(exponent), self.scale.power(exponent))
    }

    fn combined(&self, symbol: String, dimension: Dimension, scale: Scale) -> Unit {
        Unit {
            symbol,
            dimension,
            scale,
            affine: false,
        }
    }

    /// The symbol with `*` for blanks, so that more can be appended without changing its meaning.
    fn spaceless(&self) -> String {
        self.symbol.replace(' ', "*")
    }

    fn grouped_if(&self, needs_group: impl Fn(char) -> bool) -> String {
        if self.symbol.contains(needs_group) {
            format!("({})", self.spaceless())
        } else {
            self.symbol.clone()
        }
    }

    pub(super) fn with_symbol(self, symbol: String) -> Unit {
        Unit { symbol, ..self }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(text: &str) -> Unit {
        Unit::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn engine_units_have_scale_one() {
        for text in [
            "ms",
            "mV",
            "pA",
            "nS",
            "pF",
            "um",
            "mM",
            "amol",
            "K",
            "fC",
            "Gohm",
            "pA/um^2",
            "mV/ms",
            "pJ/(mV nC)",
        ] {
            assert_eq!(unit(text).to_engine(1.0), 1.0, "{text}");
        }
        // Coherence: the named units agree with the products that define them.
        for (named, product) in [
            ("S", "A/V"),
            ("F", "A*s/V"),
            ("ohm", "V/A"),
            ("C", "A*s"),
            ("J", "V*C"),
            ("W", "J/s"),
            ("M", "mol/L"),
            ("L", "dm^3"),
            ("Hz", "1/s"),
            ("min", "s"),
            ("kg", "J*s^2/m^2"),
        ] {
            let factor = if named == "min" { 60.0 } else { 1.0 };
            assert_eq!(unit(named).dimension(), unit(product).dimension(), "{named}");
            assert_eq!(unit(named).to_engine(1.0), unit(product).to_engine(factor), "{named}");
        }
    }

    #[test]
    fn numbers_are_converted_decimally_exactly_and_come_back() {
        for (value, text, engine) in [
            (20.0, "uA/cm^2", 0.2),
            (0.3, "mS/cm^2", 0.003),
            (120.0, "mS/cm^2", 1.2),
            (1.0, "uF/cm^2", 0.01),
            (7.0, "uA/cm^2", 0.07),
            (0.025, "ms", 0.025),
            (-54.387, "mV", -54.387),
            (1000.0, "um^2", 1000.0),
            (0.57, "cm", 5700.0),
            (1.5, "s", 1500.0),
            (2.0, "h", 7_200_000.0),
            (50.0, "%", 0.5),
            (86.47, "Hz", 0.08647),
            (0.1, "nA", 100.0),
            (3.0, "Mohm", 0.003),
            (37.0, "degC", 310.15),
            (6.3, "degC", 279.45),
            (-2.0, "degC", 271.15),
        ] {
            let unit = unit(text);
            assert_eq!(unit.to_engine(value), engine, "{value} {text}");
            assert_eq!(unit.from_engine(engine), value, "{value} {text} and back");
        }
    }

    #[test]
    fn every_way_of_writing_a_unit_means_the_same() {
        let wanted = unit("mS/cm^2");
        for text in [
            "mS/cm²",
            "mS cm^-2",
            "mS*cm**-2",
            "mS·cm⁻²",
            "mS cm⁻²",
            " mS / cm ^ 2 ",
            "mS/(cm cm)",
            "mS/(cm^2)",
            "mS*cm^(-2)",
        ] {
            let other = unit(text);
            assert_eq!(other.dimension(), wanted.dimension(), "{text}");
            assert_eq!(other.to_engine(120.0), 1.2, "{text}");
        }
        assert_eq!(unit("µA/cm²"), unit("uA/cm^2"));
        assert_eq!(unit("μA/cm²"), unit("uA/cm^2"));
        assert_eq!(unit("MΩ"), unit("Mohm"));
        assert_eq!(unit("M\u{2126}"), unit("Mohm"));
        assert_eq!(unit("°C"), unit("degC"));
        assert_eq!(unit("1/(ms mV)").dimension(), unit("1/ms/mV").dimension());
    }

    #[test]
    fn the_symbol_is_what_was_written_in_plain_letters() {
        for (written, symbol) in [
            ("µA/cm²", "uA/cm^2"),
            ("mS  cm⁻²", "mS cm^-2"),
            ("mS*cm**-2", "mS*cm^-2"),
            ("1/(ms mV)", "1/(ms mV)"),
            (" 1 ", "1"),
            ("°C", "degC"),
        ] {
            assert_eq!(unit(written).symbol(), symbol);
            assert_eq!(unit(symbol).symbol(), symbol);
        }
    }

    #[test]
    fn composed_units_can_be_read_back() {
        let units = ["mV", "mS/cm^2", "1/ms", "mS cm^-2", "1", "pA*ms", "(mV/ms)^2"].map(unit);
        for a in &units {
            for b in &units {
                for made in [a.multiply(b), a.divide(b), a.power(2), a.power(-1), a.power(0)] {
                    let again = unit(made.symbol());
                    assert_eq!(again, made);
                }
            }
        }
        assert_eq!(unit("mV").divide(&unit("ms")).symbol(), "mV/ms");
        assert_eq!(Unit::one().divide(&unit("ms")).symbol(), "1/ms");
        assert_eq!(unit("nS").multiply(&unit("mV")).dimension(), Dimension::CURRENT);
    }

    #[test]
    fn wrong_units_are_named_and_repaired() {
        for (written, reason, hint) in [
            ("ua/cm2", "unknown unit `ua`", "did you mean `uA/cm^2`?"),
            ("mv", "unknown unit `mv`", "did you mean `mV`?"),
            ("uA/cm2", "unknown unit `cm2`", "did you mean `uA/cm^2`?"),
            ("msec", "unknown unit `msec`", "did you mean `ms`?"),
            ("nS/mvv", "unknown unit `mvv`", "did you mean `nS/mV`?"),
            ("furlong", "unknown unit `furlong`", "units are built from"),
            (
                "mS/",
                "the unit is incomplete: a unit symbol is missing",
                "add a unit symbol",
            ),
            (
                "(mS",
                "the unit is incomplete: a closing `)` is missing",
                "add a closing `)`",
            ),
            (
                "mS)",
                "the unit is incomplete: an opening `(` is missing",
                "add an opening `(`",
            ),
            ("", "there is no unit or quantity", "write a number"),
            ("mV^x", "`x` is not a power", "powers are whole numbers"),
            ("mV^0.5", "`0.5` is not a power", "powers are whole numbers"),
            ("mV^99", "`99` is not a power", "powers are whole numbers"),
            ("1/ms mV", "`1/ms mV` can be read in two ways", "write `1/ms*mV`"),
            ("degC/ms", "`degC` cannot be part", "use `K`"),
            ("1/degC", "`degC` cannot be part", "use `K`"),
            ("degC^2", "`degC` cannot be part", "use `K`"),
            ("10 ms", "the unit contains the number `10`", "put all numbers before"),
            ("mV!", "`!` does not belong in a unit", "join symbols"),
            ("mV - mV", "`-` does not belong in a unit", "join symbols"),
        ] {
            let error = Unit::parse(written).expect_err(written);
            assert!(error.to_string().contains(reason), "{written}: {error}");
            assert!(error.hint().starts_with(hint), "{written}: {}", error.hint());
        }
    }

    #[test]
    fn absurd_texts_are_refused_quickly() {
        for text in [
            "(".repeat(100_000),
            "mV*".repeat(100_000),
            "x".repeat(100_000),
            "(((((((((mV)))))))))".to_owned(),
        ] {
            assert!(Unit::parse(&text).is_err());
        }
    }

    #[test]
    fn units_describe_themselves_in_messages() {
        assert_eq!(unit("mV").describe(), "a voltage (mV)");
        assert_eq!(unit("1").describe(), "a dimensionless number");
        assert_eq!(unit("mV/ms^2").describe(), "a quantity in mV/ms^2");
        assert_eq!(unit("%").describe(), "a dimensionless number (%)");
    }
}
