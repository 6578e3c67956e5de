//! Weights and delays: one number for each connection, from whatever the user gave.

use nsb_lang::{Dimension, Model, Quantity};

use super::checker::Checker;
use super::projection::Sides;
use super::sampler::Sampler;
use super::{PlanError, PlanWarning};
use crate::network::connector::Link;
use crate::network::{PairFunction, PairValue, Slice};
use crate::random::Stream;

/// Longest delay, steps.
pub(super) const MAX_DELAY: f64 = (1u64 << 31) as f64;

/// Errors reported for one list; more are usually the same.
pub(super) const MAX_LIST_ERRORS: usize = 10;

/// What is a number for: decides its unit, its limits, and how it is stored.
#[derive(Clone, Copy)]
pub(super) enum Kind<'m> {
    /// A weight, stored in 32 bits; of a receptor, if that is known.
    Weight(Option<&'m Model>),
    /// A delay, stored in steps.
    Delay,
    /// The conductance of a gap junction, stored in 64 bits.
    Conductance,
}

/// Numbers of connections as they are stored: weights in engine units, delays in steps.
pub(super) struct Strengths {
    path: String,
    stored_as: StoredAs,
    dt_ms: f64,
    /// Of the entries of an explicit list; NaN where the entry has none. Empty if no entry has one.
    own: Vec<f64>,
    general: Option<General>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StoredAs {
    Weight,
    Steps,
    Conductance,
}

enum General {
    Uniform(f64),
    List(Vec<f64>),
    Random(Sampler),
    /// Of numbers in the slices of source and target.
    Function(PairFunction, Slice, Slice),
}

/// A connection among those of its projection.
pub(super) struct Place {
    pub(super) source: u32,
    /// Position in the row of the source.
    pub(super) position: u32,
    /// Position among all connections.
    pub(super) number: u64,
    pub(super) link: Link,
}

impl<'m> Kind<'m> {
    fn name(self) -> &'static str {
        match self {
            Kind::Weight(_) => "weight",
            Kind::Delay => "delay",
            Kind::Conductance => "conductance",
        }
    }

    /// The kind of quantity and a unit that fits, if the receptor is known.
    fn expected(self) -> Option<(Dimension, &'m str)> {
        match self {
            Kind::Weight(model) => {
                let unit = model?.weight_unit.as_ref()?;
                Some((unit.dimension(), unit.symbol()))
            }
            Kind::Delay => Some((Dimension::TIME, "ms")),
            Kind::Conductance => Some((Dimension::CONDUCTANCE, "nS")),
        }
    }

    /// Checks one number and gives it as it is stored.
    fn number(self, path: &str, given: &Quantity, checker: &mut Checker<'_>) -> Option<f64> {
        match self {
            Kind::Weight(model) => weight(path, given, model, checker),
            Kind::Delay => delay(path, given, checker).map(f64::from),
            Kind::Conductance => conductance(path, given, checker),
        }
    }

    fn missing(self, path: &str, checker: &mut Checker<'_>) {
        let unit = self.expected().map_or("nS", |(_, unit)| unit);
        checker.error(PlanError::Missing {
            path: path.to_owned(),
            what: self.name(),
            example: format!("1 {unit}").trim_end().to_owned(),
        });
    }
}

impl Strengths {
    /// Checks the numbers of a projection. `own` are those of the entries of an explicit list, if it is one.
    pub(super) fn check(
        path: &str,
        kind: Kind<'_>,
        given: Option<&PairValue>,
        own: Option<&mut dyn ExactSizeIterator<Item = Option<&Quantity>>>,
        sides: Option<&Sides>,
        checker: &mut Checker<'_>,
    ) -> Option<Strengths> {
        let before = checker.errors.len();
        let key = format!("{path}.{}", kind.name());
        let general = given.map(|given| General::check(&key, kind, given, sides, checker));
        let mut numbers = Vec::new();
        match own {
            None if given.is_none() => kind.missing(&key, checker),
            None => {}
            Some(own) => {
                numbers.reserve(own.len());
                let (mut any, already) = (false, checker.errors.len());
                for (n, entry) in own.enumerate() {
                    let entry_path = || format!("{path}.connections[{n}].{}", kind.name());
                    numbers.push(match entry {
                        Some(entry) => {
                            any = true;
                            kind.number(&entry_path(), entry, checker).unwrap_or(f64::NAN)
                        }
                        None => f64::NAN,
                    });
                    if entry.is_none() && given.is_none() {
                        kind.missing(&entry_path(), checker);
                    }
                    if checker.errors.len() - already >= MAX_LIST_ERRORS {
                        return None;
                    }
                }
                if !any {
                    numbers = Vec::new();
                }
            }
        }
        (checker.errors.len() == before).then(|| Strengths {
            path: key,
            stored_as: match kind {
                Kind::Weight(_) => StoredAs::Weight,
                Kind::Delay => StoredAs::Steps,
                Kind::Conductance => StoredAs::Conductance,
            },
            dt_ms: checker.settings.dt_ms,
            own: numbers,
            general: general.flatten(),
        })
    }

    /// How many numbers a list has, if it is one.
    pub(super) fn list_length(&self) -> Option<u64> {
        match &self.general {
            Some(General::List(list)) => Some(list.len() as u64),
            _ => None,
        }
    }

    /// Where the numbers are given.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The number that all connections share.
    pub(super) fn uniform(&self) -> Option<f64> {
        match self.general {
            Some(General::Uniform(value)) if self.own.is_empty() => Some(value),
            _ => None,
        }
    }

    /// The numbers of all connections of a source cell, of which `first` is the number of the first.
    pub(super) fn row(
        &self,
        source: u32,
        first: u64,
        links: &[Link],
        stream: Stream,
        numbers: &mut Vec<f64>,
    ) -> Result<(), Box<PlanError>> {
        numbers.clear();
        numbers.resize(links.len(), 0.0);
        match &self.general {
            Some(General::Uniform(value)) if self.own.is_empty() => numbers.fill(*value),
            Some(General::Random(sampler)) if self.own.is_empty() => {
                sampler.draw_all(stream, u64::from(source) << 32, numbers);
                for number in numbers {
                    *number = self.stored(*number, || format!("source cell {source}, as drawn,"))?;
                }
            }
            _ => {
                for ((position, &link), number) in (0u32..).zip(links).zip(numbers) {
                    let place = Place {
                        source,
                        position,
                        number: first + u64::from(position),
                        link,
                    };
                    *number = self.at(&place, stream)?;
                }
            }
        }
        Ok(())
    }

    /// Delays of some connections of a source cell, steps, as they could be: to see how many differ. `first` is the
    /// number of the first connection, if a list asks for it.
    pub(super) fn sample(&self, source: u32, first: u64, links: &[Link], stream: Stream, numbers: &mut Vec<f64>) {
        let place = |position: u32, link| Place {
            source,
            position,
            number: match &self.general {
                Some(General::List(list)) => (first + u64::from(position)) % list.len().max(1) as u64,
                _ => first + u64::from(position),
            },
            link,
        };
        // What cannot be a delay is found when the network is built.
        let number = |(position, &link): (u32, &Link)| match &self.general {
            None if link.entry.is_none() => 1.0,
            Some(General::List(list)) if list.is_empty() => 1.0,
            _ => self.at(&place(position, link), stream).unwrap_or(1.0),
        };
        numbers.clear();
        numbers.extend((0u32..).zip(links).map(number));
    }

    /// The number of a connection.
    pub(super) fn at(&self, place: &Place, stream: Stream) -> Result<f64, Box<PlanError>> {
        if let Some(entry) = place.link.entry
            && let Some(&own) = self.own.get(entry as usize)
            && !own.is_nan()
        {
            return Ok(own);
        }
        match self
            .general
            .as_ref()
            .expect("each connection has a number, or checking has failed")
        {
            General::Uniform(value) => Ok(*value),
            // The length has been compared with the number of connections before.
            General::List(list) => Ok(list[place.number as usize]),
            General::Random(sampler) => {
                let index = u64::from(place.source) << 32 | u64::from(place.position);
                self.stored(sampler.draw(stream, index), || {
                    format!("source cell {}, as drawn,", place.source)
                })
            }
            General::Function(function, sources, targets) => {
                let number = |slice: &Slice, cell| slice.number(cell).expect("only chosen cells are connected");
                let (source, target) = (number(sources, place.source), number(targets, place.link.target));
                let value = function.at(source as usize, target as usize).engine();
                self.stored(value, || format!("the pair ({source}, {target})"))
            }
        }
    }

    /// A number in engine units as it is stored.
    fn stored(&self, value: f64, whose: impl Fn() -> String) -> Result<f64, Box<PlanError>> {
        let unfit = |reason: String, hint: &str| {
            Err(Box::new(PlanError::Unfit {
                path: self.path.clone(),
                reason,
                hint: hint.to_owned(),
            }))
        };
        if self.stored_as == StoredAs::Conductance {
            return if value.is_finite() && value >= 0.0 {
                Ok(value)
            } else {
                unfit(
                    format!("the conductance of {} is {value} nS", whose()),
                    "give finite conductances of 0 or more; limit a distribution with min = \"0 nS\"",
                )
            };
        }
        if self.stored_as == StoredAs::Weight {
            let stored = value as f32;
            return if stored.is_finite() {
                Ok(f64::from(stored))
            } else {
                unfit(
                    format!("the weight of {} is {value}, which cannot be stored", whose()),
                    "give a finite number below 3e38",
                )
            };
        }
        let steps = value / self.dt_ms;
        // Not `steps < …`, so that NaN is refused too.
        if !(1.0 - 1e-9..=MAX_DELAY).contains(&steps) {
            return unfit(
                format!(
                    "the delay of {} is {value} ms; it must be from one step ({} ms) to 2^31 steps",
                    whose(),
                    self.dt_ms
                ),
                "give a longer delay, or choose a smaller dt",
            );
        }
        // Halves go up; a conversion is quicker than a call of `round`.
        Ok(f64::from((steps + 0.5) as u32))
    }
}

impl General {
    fn check(
        path: &str,
        kind: Kind<'_>,
        given: &PairValue,
        sides: Option<&Sides>,
        checker: &mut Checker<'_>,
    ) -> Option<General> {
        match given {
            PairValue::Uniform(quantity) => kind.number(path, quantity, checker).map(General::Uniform),
            // Of a list, the first error is enough: the others are usually the same.
            PairValue::List(list) => list
                .iter()
                .enumerate()
                .map(|(n, quantity)| kind.number(&format!("{path}[{n}]"), quantity, checker))
                .collect::<Option<Vec<f64>>>()
                .map(General::List),
            PairValue::Random(distribution) => {
                let sampler = Sampler::check(path, distribution, kind.expected(), checker)?;
                match kind {
                    // A drawn delay is at least one step.
                    Kind::Delay => sampler.at_least(path, checker.dt_ms()?, checker).map(General::Random),
                    Kind::Weight(_) | Kind::Conductance => Some(General::Random(sampler)),
                }
            }
            PairValue::Function(function) => {
                let one = Quantity::new(1.0, function.unit().clone());
                if let Some((dimension, unit)) = kind.expected() {
                    checker.number(path, &one, dimension, unit)?;
                }
                let Sides { sources, targets, .. } = sides?;
                Some(General::Function(function.clone(), sources.clone(), targets.clone()))
            }
        }
    }
}

/// A weight that can be stored. Without a usable receptor model only its finiteness can be checked.
fn weight(path: &str, given: &Quantity, receptor: Option<&Model>, checker: &mut Checker<'_>) -> Option<f64> {
    let value = match receptor.and_then(|model| model.weight_unit.as_ref()) {
        Some(unit) => checker.number(path, given, unit.dimension(), unit.symbol())?,
        None => checker.finite(path, given)?,
    };
    if !(value as f32).is_finite() {
        checker.error(PlanError::WeightTooLarge {
            path: path.to_owned(),
            found: given.clone(),
        });
        return None;
    }
    if let Some(model) = receptor
        && value < 0.0
        && given.dimension() == Dimension::CONDUCTANCE
    {
        let (path, receptor, weight) = (path.to_owned(), model.name.clone(), given.clone());
        checker.warning(PlanWarning::NegativeConductance { path, receptor, weight });
    }
    Some(value)
}

/// A conductance in nS.
fn conductance(path: &str, given: &Quantity, checker: &mut Checker<'_>) -> Option<f64> {
    let value = checker.number(path, given, Dimension::CONDUCTANCE, "nS")?;
    if value < 0.0 {
        checker.error(PlanError::Unfit {
            path: path.to_owned(),
            reason: format!("the conductance {given} is negative"),
            hint: "write \"0 nS\" or more".to_owned(),
        });
        return None;
    }
    Some(value)
}

/// The delay in steps.
fn delay(path: &str, given: &Quantity, checker: &mut Checker<'_>) -> Option<u32> {
    let delay_ms = checker.time_ms(path, given)?;
    let dt_ms = checker.dt_ms()?;
    let steps = delay_ms / dt_ms;
    let found = given.clone();
    // A delay that is one step but for rounding is one step.
    if steps < 1.0 - 1e-9 {
        checker.error(PlanError::DelayBelowStep {
            path: path.to_owned(),
            found,
            dt_ms,
        });
        return None;
    }
    if steps > MAX_DELAY {
        checker.error(PlanError::DelayTooLong {
            path: path.to_owned(),
            found,
            dt_ms,
        });
        return None;
    }
    Some(checker.whole_steps(path, "delay", given, delay_ms) as u32)
}
