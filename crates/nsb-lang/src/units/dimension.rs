//! What kind of quantity a number is: exponents over the base quantities.

use std::fmt;

/// The engine units of the base quantities, in the order of the exponents.
const BASE: [&str; 7] = ["um", "ms", "pA", "mV", "K", "amol", "weight"];

/// Product of powers of length, time, current, voltage, temperature, amount of substance, and weight: within a synapse
/// model, weight stands for the unit of the receptor that the synapse ends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dimension {
    exponents: [i8; 7],
}

impl Dimension {
    /// A plain number.
    pub const DIMENSIONLESS: Dimension = Dimension::base([0, 0, 0, 0, 0, 0, 0]);
    /// Engine unit µm.
    pub const LENGTH: Dimension = Dimension::base([1, 0, 0, 0, 0, 0, 0]);
    /// Engine unit µm².
    pub const AREA: Dimension = Dimension::base([2, 0, 0, 0, 0, 0, 0]);
    /// Engine unit µm³.
    pub const VOLUME: Dimension = Dimension::base([3, 0, 0, 0, 0, 0, 0]);
    /// Engine unit ms.
    pub const TIME: Dimension = Dimension::base([0, 1, 0, 0, 0, 0, 0]);
    /// Engine unit 1/ms.
    pub const RATE: Dimension = Dimension::base([0, -1, 0, 0, 0, 0, 0]);
    /// Engine unit µm/ms.
    pub const VELOCITY: Dimension = Dimension::base([1, -1, 0, 0, 0, 0, 0]);
    /// Engine unit pA.
    pub const CURRENT: Dimension = Dimension::base([0, 0, 1, 0, 0, 0, 0]);
    /// Engine unit pA/µm².
    pub const CURRENT_DENSITY: Dimension = Dimension::base([-2, 0, 1, 0, 0, 0, 0]);
    /// Engine unit mV.
    pub const VOLTAGE: Dimension = Dimension::base([0, 0, 0, 1, 0, 0, 0]);
    /// Engine unit mV/ms.
    pub const VOLTAGE_RATE: Dimension = Dimension::base([0, -1, 0, 1, 0, 0, 0]);
    /// Engine unit fC.
    pub const CHARGE: Dimension = Dimension::base([0, 1, 1, 0, 0, 0, 0]);
    /// Engine unit nS.
    pub const CONDUCTANCE: Dimension = Dimension::base([0, 0, 1, -1, 0, 0, 0]);
    /// Engine unit nS/µm².
    pub const CONDUCTANCE_DENSITY: Dimension = Dimension::base([-2, 0, 1, -1, 0, 0, 0]);
    /// Engine unit Gohm.
    pub const RESISTANCE: Dimension = Dimension::base([0, 0, -1, 1, 0, 0, 0]);
    /// Engine unit Gohm·µm.
    pub const RESISTIVITY: Dimension = Dimension::base([1, 0, -1, 1, 0, 0, 0]);
    /// Engine unit pF.
    pub const CAPACITANCE: Dimension = Dimension::base([0, 1, 1, -1, 0, 0, 0]);
    /// Engine unit pF/µm².
    pub const CAPACITANCE_DENSITY: Dimension = Dimension::base([-2, 1, 1, -1, 0, 0, 0]);
    /// Engine unit K.
    pub const TEMPERATURE: Dimension = Dimension::base([0, 0, 0, 0, 1, 0, 0]);
    /// Engine unit amol.
    pub const AMOUNT: Dimension = Dimension::base([0, 0, 0, 0, 0, 1, 0]);
    /// Engine unit mM = amol/µm³.
    pub const CONCENTRATION: Dimension = Dimension::base([-3, 0, 0, 0, 0, 1, 0]);
    /// Engine unit mM/ms.
    pub const CONCENTRATION_RATE: Dimension = Dimension::base([-3, -1, 0, 0, 0, 1, 0]);
    /// Engine unit aJ.
    pub const ENERGY: Dimension = Dimension::base([0, 1, 1, 1, 0, 0, 0]);
    /// Engine unit fW.
    pub const POWER: Dimension = Dimension::base([0, 0, 1, 1, 0, 0, 0]);
    /// Engine unit aJ·ms²/µm² (1e-12 kg).
    pub const MASS: Dimension = Dimension::base([-2, 3, 1, 1, 0, 0, 0]);
    /// The weight of a synapse, in the unit of the receptor that it ends on.
    pub const WEIGHT: Dimension = Dimension::base([0, 0, 0, 0, 0, 0, 1]);

    const fn base(exponents: [i8; 7]) -> Dimension {
        Dimension { exponents }
    }

    /// Whether it is a plain number.
    pub fn is_dimensionless(self) -> bool {
        self == Dimension::DIMENSIONLESS
    }

    /// Dimension of a product.
    #[must_use]
    pub fn multiply(self, other: Dimension) -> Dimension {
        self.zip(other, i8::saturating_add)
    }

    /// Dimension of a quotient.
    #[must_use]
    pub fn divide(self, other: Dimension) -> Dimension {
        self.zip(other, i8::saturating_sub)
    }

    /// Dimension of an integer power.
    #[must_use]
    pub fn power(self, exponent: i32) -> Dimension {
        let clamped = exponent.clamp(i32::from(i8::MIN), i32::from(i8::MAX)) as i8;
        Dimension {
            exponents: self.exponents.map(|e| e.saturating_mul(clamped)),
        }
    }

    /// Dimension of a root (2 for the square root), if its exponents are whole.
    pub fn root(self, degree: u32) -> Option<Dimension> {
        let degree = i8::try_from(degree).ok().filter(|d| *d > 0)?;
        let whole = self.exponents.iter().all(|e| e % degree == 0);
        whole.then(|| Dimension {
            exponents: self.exponents.map(|e| e / degree),
        })
    }

    /// Whether it depends on the receptor that a synapse ends on.
    pub fn has_weight(self) -> bool {
        self.exponents[6] != 0
    }

    /// The dimension once the receptor is known: powers of weight become powers of `weight`.
    #[must_use]
    pub fn with_weight(self, weight: Dimension) -> Dimension {
        let power = i32::from(self.exponents[6]);
        let mut exponents = self.exponents;
        exponents[6] = 0;
        Dimension { exponents }.multiply(weight.power(power))
    }

    /// What people call it (`current density`), if it has a name.
    pub fn name(self) -> Option<&'static str> {
        NAMED
            .iter()
            .find(|(dimension, ..)| *dimension == self)
            .map(|(_, _, name, _)| *name)
    }

    /// A unit that people use for it: `uA/cm^2` for a current density, else a product of engine units.
    pub fn usual_unit(self) -> String {
        match NAMED.iter().find(|(dimension, ..)| *dimension == self) {
            Some((.., unit)) => (*unit).to_owned(),
            None => self.engine_unit(),
        }
    }

    /// The name with its article, without an example: `a current density`, `a quantity in mV/ms^2`.
    pub fn with_article(self) -> String {
        match NAMED.iter().find(|(dimension, ..)| *dimension == self) {
            Some((_, article, name, _)) => format!("{article} {name}"),
            None => format!("a quantity in {}", self.engine_unit()),
        }
    }

    /// The coherent unit in which the engine stores it, as a product of base units: `pA*um^-2` is written `pA/um^2`.
    pub fn engine_unit(self) -> String {
        let side = |sign: i8| -> Vec<String> {
            BASE.iter()
                .zip(self.exponents)
                .filter(|(_, e)| e.signum() == sign)
                .map(|(symbol, e)| match e.unsigned_abs() {
                    1 => (*symbol).to_owned(),
                    power => format!("{symbol}^{power}"),
                })
                .collect()
        };
        let (above, below) = (side(1), side(-1));
        let numerator = if above.is_empty() {
            "1".to_owned()
        } else {
            above.join("*")
        };
        match below.len() {
            0 => numerator,
            1 => format!("{numerator}/{}", below[0]),
            _ => format!("{numerator}/({})", below.join("*")),
        }
    }

    fn zip(self, other: Dimension, combine: fn(i8, i8) -> i8) -> Dimension {
        let mut exponents = self.exponents;
        for (mine, its) in exponents.iter_mut().zip(other.exponents) {
            *mine = combine(*mine, its);
        }
        Dimension { exponents }
    }
}

/// Dimension, article, name, usual unit.
const NAMED: [(Dimension, &str, &str, &str); 27] = [
    (Dimension::DIMENSIONLESS, "a", "dimensionless number", "1"),
    (Dimension::LENGTH, "a", "length", "um"),
    (Dimension::AREA, "an", "area", "um^2"),
    (Dimension::VOLUME, "a", "volume", "um^3"),
    (Dimension::TIME, "a", "time", "ms"),
    (Dimension::RATE, "a", "rate", "1/ms"),
    (Dimension::VELOCITY, "a", "velocity", "m/s"),
    (Dimension::CURRENT, "a", "current", "pA"),
    (Dimension::CURRENT_DENSITY, "a", "current density", "uA/cm^2"),
    (Dimension::VOLTAGE, "a", "voltage", "mV"),
    (Dimension::VOLTAGE_RATE, "a", "rate of voltage change", "mV/ms"),
    (Dimension::CHARGE, "a", "charge", "fC"),
    (Dimension::CONDUCTANCE, "a", "conductance", "nS"),
    (Dimension::CONDUCTANCE_DENSITY, "a", "conductance density", "mS/cm^2"),
    (Dimension::RESISTANCE, "a", "resistance", "Mohm"),
    (Dimension::RESISTIVITY, "a", "resistivity", "ohm*cm"),
    (Dimension::CAPACITANCE, "a", "capacitance", "pF"),
    (Dimension::CAPACITANCE_DENSITY, "a", "capacitance density", "uF/cm^2"),
    (Dimension::TEMPERATURE, "a", "temperature", "K"),
    (Dimension::AMOUNT, "an", "amount of substance", "fmol"),
    (Dimension::CONCENTRATION, "a", "concentration", "mM"),
    (
        Dimension::CONCENTRATION_RATE,
        "a",
        "rate of concentration change",
        "mM/s",
    ),
    (Dimension::ENERGY, "an", "energy", "pJ"),
    (Dimension::POWER, "a", "power", "pW"),
    (Dimension::MASS, "a", "mass", "mg"),
    (Dimension::WEIGHT, "a", "weight", "weight"),
    (
        Dimension::base([-2, 1, 1, 0, 0, 0, 0]),
        "a",
        "charge density",
        "uC/cm^2",
    ),
];

/// Reads well in "expected …, found …": `a current density (such as uA/cm^2)`, `a dimensionless number`,
/// `a quantity in mV/ms^2`.
impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_article())?;
        if !self.is_dimensionless() && self.name().is_some() {
            write!(f, " (such as {})", self.usual_unit())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Unit;

    #[test]
    fn every_usual_unit_has_the_dimension_it_stands_for() {
        for (dimension, _, name, unit) in NAMED {
            assert_eq!(Unit::parse(unit).expect(name).dimension(), dimension, "{name}");
        }
    }

    #[test]
    fn a_quantity_without_a_name_is_shown_in_engine_units() {
        let odd = Dimension::VOLTAGE.divide(Dimension::TIME.power(2));
        assert_eq!(odd.to_string(), "a quantity in mV/ms^2");
        let odder = Dimension::VOLTAGE.divide(Dimension::TIME.multiply(Dimension::TEMPERATURE));
        assert_eq!(odder.engine_unit(), "mV/(ms*K)");
        assert_eq!(Dimension::LENGTH.power(-4).engine_unit(), "1/um^4");
    }

    #[test]
    fn messages_about_dimensions_read_like_sentences() {
        let text = format!(
            "expected {}, found {}",
            Dimension::CURRENT_DENSITY,
            Dimension::DIMENSIONLESS
        );
        assert_eq!(
            text,
            "expected a current density (such as uA/cm^2), found a dimensionless number"
        );
    }

    #[test]
    fn ohms_law_holds_among_dimensions() {
        assert_eq!(Dimension::CONDUCTANCE.multiply(Dimension::VOLTAGE), Dimension::CURRENT);
        assert_eq!(
            Dimension::CURRENT.divide(Dimension::CAPACITANCE),
            Dimension::VOLTAGE_RATE
        );
        assert_eq!(Dimension::AREA.root(2), Some(Dimension::LENGTH));
        assert_eq!(Dimension::VOLTAGE.root(2), None);
        assert_eq!(Dimension::VOLTAGE.root(0), None);
    }

    #[test]
    fn weights_take_the_dimension_of_the_receptor() {
        let rate = Dimension::WEIGHT.power(2).divide(Dimension::TIME);
        assert!(rate.has_weight() && !Dimension::TIME.has_weight());
        let known = rate.with_weight(Dimension::CONDUCTANCE);
        assert_eq!(known, Dimension::CONDUCTANCE.power(2).divide(Dimension::TIME));
        assert_eq!(Dimension::VOLTAGE.with_weight(Dimension::CURRENT), Dimension::VOLTAGE);
        assert_eq!(rate.engine_unit(), "weight^2/ms");
    }

    #[test]
    fn absurd_powers_saturate_instead_of_wrapping() {
        assert_ne!(Dimension::VOLTAGE.power(i32::MAX), Dimension::DIMENSIONLESS);
        assert_ne!(Dimension::VOLTAGE.power(256), Dimension::DIMENSIONLESS);
    }
}
