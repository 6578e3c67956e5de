//! Distributions checked, and numbers drawn from them.

use nsb_lang::{Dimension, Quantity, math};

use super::PlanError;
use super::checker::Checker;
use crate::network::{Distribution, Outside, Shape};
use crate::random::{Purpose, Stream};

/// Draws after which limits count as unreachable. With at least one hit in so many trials at planning, a later draw
/// needs fewer attempts than this with a probability that no computer lives to see fail.
const TRIALS: u32 = 10_000;

/// Attempts at most; a stream has 2²⁴.
const MAX_ATTEMPTS: u32 = 1 << 23;

/// A distribution in engine units.
#[derive(Debug, Clone)]
pub(super) struct Sampler {
    shape: Numbers,
    min: f64,
    max: f64,
    redraw: bool,
}

#[derive(Debug, Clone)]
enum Numbers {
    Normal {
        mean: f64,
        sd: f64,
    },
    Uniform {
        low: f64,
        high: f64,
    },
    /// Mean and deviation of the logarithm.
    Lognormal {
        mean: f64,
        sd: f64,
    },
    Exponential {
        mean: f64,
    },
}

impl Sampler {
    /// Checks a distribution of numbers of one kind; `unit` is one that would fit.
    pub(super) fn check(
        path: &str,
        given: &Distribution,
        expected: Option<(Dimension, &str)>,
        checker: &mut Checker<'_>,
    ) -> Option<Sampler> {
        let before = checker.errors.len();
        let mut number = |key: &str, quantity: &Quantity| {
            let path = format!("{path}.{key}");
            match expected {
                Some((dimension, unit)) => checker.number(&path, quantity, dimension, unit),
                None => checker.finite(&path, quantity),
            }
        };
        let parts: Vec<Option<f64>> = given.shape.parts().iter().map(|(key, q)| number(key, q)).collect();
        let min = given.min.as_ref().map_or(Some(f64::NEG_INFINITY), |q| number("min", q));
        let max = given.max.as_ref().map_or(Some(f64::INFINITY), |q| number("max", q));
        let parts = parts.into_iter().collect::<Option<Vec<f64>>>()?;
        let (min, max) = (min?, max?);
        let mut wrong = |key: &str, reason: &str, hint: &str| {
            checker.error(PlanError::Unfit {
                path: format!("{path}.{key}"),
                reason: reason.to_owned(),
                hint: hint.to_owned(),
            });
        };
        let shape = match &given.shape {
            Shape::Normal { sd, .. } => Numbers::Normal {
                mean: parts[0],
                sd: difference(sd),
            },
            Shape::Uniform { .. } => Numbers::Uniform {
                low: parts[0],
                high: parts[1],
            },
            Shape::Lognormal { sd, .. } => {
                let ratio = difference(sd) / parts[0];
                let variance = math::log(1.0 + ratio * ratio);
                Numbers::Lognormal {
                    mean: math::log(parts[0]) - 0.5 * variance,
                    sd: variance.sqrt(),
                }
            }
            Shape::Exponential { .. } => Numbers::Exponential { mean: parts[0] },
        };
        match &given.shape {
            Shape::Normal { sd, .. } | Shape::Lognormal { sd, .. } if difference(sd) < 0.0 => {
                wrong(
                    "sd",
                    "a standard deviation cannot be negative",
                    "write it without the minus sign",
                );
            }
            Shape::Uniform { .. } if parts[0] > parts[1] => {
                wrong("high", "`high` is below `low`", "exchange `low` and `high`");
            }
            Shape::Lognormal { .. } | Shape::Exponential { .. } if parts[0] <= 0.0 => wrong(
                "mean",
                "the numbers of this distribution are positive, and so is their mean",
                "write a mean above 0, or choose distribution = \"normal\"",
            ),
            _ => {}
        }
        if min > max {
            wrong("max", "`max` is below `min`", "exchange `min` and `max`");
        }
        let sampler = Sampler {
            shape,
            min,
            max,
            redraw: given.outside == Outside::Redraw,
        };
        if checker.errors.len() > before {
            return None;
        }
        sampler.reachable(path, checker).then_some(sampler)
    }

    /// The same with a smallest number besides its own.
    pub(super) fn at_least(self, path: &str, least: f64, checker: &mut Checker<'_>) -> Option<Sampler> {
        let sampler = Sampler {
            min: self.min.max(least),
            ..self
        };
        if sampler.min > sampler.max {
            checker.error(PlanError::Unfit {
                path: format!("{path}.max"),
                reason: "`max` is below the smallest possible value".to_owned(),
                hint: format!("write {least} (in engine units) or more"),
            });
            return None;
        }
        sampler.reachable(path, checker).then_some(sampler)
    }

    /// No number is smaller.
    pub(super) fn least(&self) -> f64 {
        match self.shape {
            Numbers::Uniform { low, .. } => self.min.max(low),
            _ => self.min,
        }
    }

    /// The number of an index.
    pub(super) fn draw(&self, stream: Stream, index: u64) -> f64 {
        let mut value = self.attempt(stream, index);
        let mut attempt = 0;
        while self.redraw && !(self.min..=self.max).contains(&value) && attempt < MAX_ATTEMPTS {
            attempt += 1;
            value = self.attempt(stream.attempt(attempt), index);
        }
        value.clamp(self.min, self.max)
    }

    /// The numbers of the indices `first`, `first` + 1, …, all at once.
    pub(super) fn draw_all(&self, stream: Stream, first: u64, numbers: &mut [f64]) {
        let Numbers::Normal { mean, sd } = self.shape else {
            for (index, number) in (first..).zip(numbers) {
                *number = self.draw(stream, index);
            }
            return;
        };
        stream.normals(first, numbers);
        for (index, number) in (first..).zip(numbers) {
            *number = mean + sd * *number;
            if !(self.min..=self.max).contains(number) {
                *number = self.draw(stream, index);
            }
        }
    }

    fn attempt(&self, stream: Stream, index: u64) -> f64 {
        match self.shape {
            Numbers::Normal { mean, sd } => mean + sd * stream.normal(index),
            Numbers::Uniform { low, high } => low + (high - low) * stream.uniform(index),
            Numbers::Lognormal { mean, sd } => math::exp(mean + sd * stream.normal(index)),
            Numbers::Exponential { mean } => -mean * math::log(1.0 - stream.uniform(index)),
        }
    }

    fn reachable(&self, path: &str, checker: &mut Checker<'_>) -> bool {
        let stream = Stream::new(0, 0, Purpose::Parameter);
        let hit = |index| (self.min..=self.max).contains(&self.attempt(stream, u64::from(index)));
        if !self.redraw || (0..TRIALS).any(hit) {
            return true;
        }
        checker.error(PlanError::Unfit {
            path: path.to_owned(),
            reason: format!("none of {TRIALS} draws lies between the limits, so that drawing again would not end"),
            hint: "widen `min` and `max`, or write outside = \"clip\"".to_owned(),
        });
        false
    }
}

/// A deviation in engine units. Of units such as degC only the size of the degree counts.
fn difference(deviation: &Quantity) -> f64 {
    if deviation.unit().is_affine() {
        deviation.engine() - Quantity::new(0.0, deviation.unit().clone()).engine()
    } else {
        deviation.engine()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: u64 = 100_000;

    fn draws(shape: Numbers, min: f64, max: f64, redraw: bool) -> Vec<f64> {
        let sampler = Sampler {
            shape,
            min,
            max,
            redraw,
        };
        let stream = Stream::new(11, 2, Purpose::Weight);
        (0..N).map(|index| sampler.draw(stream, index)).collect()
    }

    /// All at once is one by one, redrawn and clipped numbers included.
    #[test]
    fn many_draws_are_the_same_as_one_by_one() {
        let shapes = [
            Numbers::Normal { mean: 1.0, sd: 0.8 },
            Numbers::Uniform { low: -1.0, high: 3.0 },
        ];
        for (shape, redraw) in shapes
            .into_iter()
            .flat_map(|shape| [(shape.clone(), true), (shape, false)])
        {
            let sampler = Sampler {
                shape,
                min: 0.2,
                max: 1.9,
                redraw,
            };
            let (stream, first) = (Stream::new(3, 4, Purpose::Delay), (1 << 32) - 100);
            let mut all = [0.0; 1000];
            sampler.draw_all(stream, first, &mut all);
            let one_by_one: Vec<f64> = (0..1000).map(|n| sampler.draw(stream, first + n)).collect();
            assert_eq!(all[..], one_by_one);
        }
    }

    fn mean(draws: &[f64]) -> f64 {
        draws.iter().sum::<f64>() / draws.len() as f64
    }

    fn deviation(draws: &[f64]) -> f64 {
        let mean = mean(draws);
        (draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / draws.len() as f64).sqrt()
    }

    #[track_caller]
    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!(
            (found - expected).abs() < tolerance,
            "{found} is not {expected} ± {tolerance}"
        );
    }

    const FREE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

    #[test]
    fn moments_are_those_of_the_distribution() {
        // Five standard errors: 5 σ/√N for the mean, 5 σ √((κ − 1)/(4 N)) for the deviation (κ the kurtosis).
        let normal = draws(Numbers::Normal { mean: 3.0, sd: 2.0 }, FREE.0, FREE.1, false);
        near(mean(&normal), 3.0, 0.032);
        near(deviation(&normal), 2.0, 0.023);
        let uniform = draws(Numbers::Uniform { low: -1.0, high: 5.0 }, FREE.0, FREE.1, false);
        near(mean(&uniform), 2.0, 0.028);
        near(deviation(&uniform), 6.0 / 12f64.sqrt(), 0.013);
        let exponential = draws(Numbers::Exponential { mean: 4.0 }, FREE.0, FREE.1, false);
        near(mean(&exponential), 4.0, 0.064);
        near(deviation(&exponential), 4.0, 0.09);
        assert!(exponential.iter().all(|&x| x >= 0.0));
        // Mean 2 and deviation 1: the logarithm has variance ln(1 + 1/4); kurtosis 11.
        let variance: f64 = 0.223_143_551_314_209_76;
        let lognormal = draws(
            Numbers::Lognormal {
                mean: std::f64::consts::LN_2 - 0.5 * variance,
                sd: variance.sqrt(),
            },
            FREE.0,
            FREE.1,
            false,
        );
        near(mean(&lognormal), 2.0, 0.016);
        near(deviation(&lognormal), 1.0, 0.03);
    }

    #[test]
    fn clipping_piles_up_at_the_limits_and_redrawing_does_not() {
        let shape = || Numbers::Normal { mean: 0.0, sd: 1.0 };
        let clipped = draws(shape(), 0.0, f64::INFINITY, false);
        let at_limit = clipped.iter().filter(|&&x| x == 0.0).count() as f64;
        near(at_limit, 0.5 * N as f64, 5.0 * 158.0);
        // Mean of max(0, x) is 1/√(2π), of x given x > 0 it is √(2/π).
        near(mean(&clipped), 0.398_942_280_401_432_7, 0.01);
        let redrawn = draws(shape(), 0.0, f64::INFINITY, true);
        assert!(redrawn.iter().all(|&x| x > 0.0));
        near(mean(&redrawn), 0.797_884_560_802_865_4, 0.01);
        near(deviation(&redrawn), (1.0 - 2.0 / std::f64::consts::PI).sqrt(), 0.01);
    }
}
