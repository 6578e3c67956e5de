//! Courses over time, checked and in steps.

use std::sync::Arc;

use nsb_lang::{Dimension, Quantity, math};

use super::PlanError;
use super::checker::Checker;
use crate::index::Step;
use crate::network::{Course, Frames};

/// A course in engine units.
#[derive(Debug, Clone)]
pub(crate) struct Signal {
    start: Step,
    dt_ms: f64,
    shape: Shape,
}

#[derive(Debug, Clone)]
enum Shape {
    /// Level at the start, and rise per ms.
    Ramp {
        from: f64,
        slope: f64,
    },
    /// Frequency in 1/ms.
    Sine {
        mean: f64,
        amplitude: f64,
        frequency: f64,
        phase: f64,
    },
    /// Frequency at the start in 1/ms, and half its rise per ms.
    Chirp {
        amplitude: f64,
        from: f64,
        half_slope: f64,
    },
    /// In steps.
    Pulses {
        amplitude: f64,
        width: u64,
        interval: u64,
    },
    /// Steps after the start, ascending, with levels.
    Pattern(Vec<(u64, f64)>),
    Noise(Noise),
    /// Windows in steps after the start, ascending, with the numbers of pictures.
    Frames {
        level: f64,
        windows: Vec<(u64, u64, u32)>,
        frames: Arc<Frames>,
    },
}

/// Ornstein–Uhlenbeck noise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noise {
    /// Mean.
    pub(crate) mean: f64,
    /// Standard deviation.
    pub(crate) sd: f64,
    /// Correlation of neighbouring steps: e^(−dt/τ).
    pub(crate) kept: f64,
    /// Deviation of what is new in a step: sd · √(1 − e^(−2 dt/τ)), which makes the discretisation exact.
    pub(crate) fresh: f64,
    /// What acts is not smaller than this.
    pub(crate) least: f64,
}

impl Signal {
    /// How it varies, in words before its first level.
    pub(crate) fn phrase(&self) -> &'static str {
        match self.shape {
            Shape::Ramp { .. } => "ramp from",
            Shape::Sine { .. } => "sine around",
            Shape::Chirp { .. } => "chirp of",
            Shape::Pulses { .. } => "pulses of",
            Shape::Pattern(_) => "pattern from",
            Shape::Noise(_) => "noise around",
            Shape::Frames { .. } => "pictures of up to",
        }
    }

    /// The value in a step in which it is on; the mean of a noise, and nothing of pictures.
    pub(crate) fn at(&self, step: Step) -> f64 {
        let since = step.0 - self.start.0;
        let middle_ms = (since as f64 + 0.5) * self.dt_ms;
        match &self.shape {
            Shape::Ramp { from, slope } => from + slope * middle_ms,
            Shape::Sine {
                mean,
                amplitude,
                frequency,
                phase,
            } => mean + amplitude * sine(frequency * middle_ms + phase),
            Shape::Chirp {
                amplitude,
                from,
                half_slope,
            } => amplitude * sine((from + half_slope * middle_ms) * middle_ms),
            Shape::Pulses {
                amplitude,
                width,
                interval,
            } => {
                if since % interval < *width {
                    *amplitude
                } else {
                    0.0
                }
            }
            Shape::Pattern(levels) => match levels.partition_point(|&(from, _)| from <= since) {
                0 => 0.0,
                n => levels[n - 1].1,
            },
            Shape::Noise(noise) => noise.mean,
            Shape::Frames { .. } => 0.0,
        }
    }

    /// Whether pictures are shown.
    pub(crate) fn has_frames(&self) -> bool {
        matches!(self.shape, Shape::Frames { .. })
    }

    /// The level of a full intensity and the intensities of all cells of the population in a step, if a picture is
    /// shown.
    pub(crate) fn frame(&self, step: Step) -> Option<(f64, &[f32])> {
        let Shape::Frames { level, windows, frames } = &self.shape else {
            return None;
        };
        let since = step.0 - self.start.0;
        let after = windows.partition_point(|&(from, ..)| from <= since);
        let &(_, to, picture) = windows.get(after.checked_sub(1)?)?;
        (since < to).then(|| (*level, frames.picture(picture)))
    }

    /// The noise, if it is one.
    pub(crate) fn noise(&self) -> Option<Noise> {
        match self.shape {
            Shape::Noise(noise) => Some(noise),
            _ => None,
        }
    }

    /// Checks a course of quantities of one kind, on from `start` to `stop`.
    pub(super) fn check(
        path: &str,
        course: &Course,
        (dimension, unit): (Dimension, &str),
        (start, stop): (Step, Option<Step>),
        checker: &mut Checker<'_>,
    ) -> Option<Signal> {
        let levels = course.levels();
        let mut numbers = Vec::new();
        for (key, level) in &levels {
            numbers.push(checker.number(&format!("{path}.{key}"), level, dimension, unit));
        }
        let dt_ms = checker.dt_ms()?;
        let length_ms = stop.map(|stop| (stop.0 - start.0.min(stop.0)) as f64 * dt_ms);
        let shape = match course {
            Course::Ramp { .. } => {
                let length_ms = needs_stop(path, length_ms, checker)?;
                Shape::Ramp {
                    from: numbers[0]?,
                    slope: (numbers[1]? - numbers[0]?) / length_ms,
                }
            }
            Course::Sine { frequency, phase, .. } => {
                let frequency = rate(&format!("{path}.frequency"), frequency, checker)?;
                if !phase.is_finite() {
                    checker.error(PlanError::NotANumber {
                        path: format!("{path}.phase"),
                        found: phase.to_string(),
                    });
                    return None;
                }
                Shape::Sine {
                    mean: numbers[0]?,
                    amplitude: numbers[1]?,
                    frequency,
                    phase: *phase,
                }
            }
            Course::Chirp { from, to, .. } => {
                let (first, last) = (
                    rate(&format!("{path}.from"), from, checker),
                    rate(&format!("{path}.to"), to, checker),
                );
                let length_ms = needs_stop(path, length_ms, checker)?;
                Shape::Chirp {
                    amplitude: numbers[0]?,
                    from: first?,
                    half_slope: 0.5 * (last? - first?) / length_ms,
                }
            }
            Course::Pulses { width, interval, .. } => {
                let width = checker.grid_point(&format!("{path}.width"), "width", width)?.0;
                let interval = checker.grid_point(&format!("{path}.interval"), "interval", interval)?.0;
                if width == 0 || width >= interval {
                    checker.error(PlanError::Unfit {
                        path: format!("{path}.width"),
                        reason: "a pulse must last at least one step, and end before the next begins".to_owned(),
                        hint: "choose a width between dt and the interval".to_owned(),
                    });
                    return None;
                }
                Shape::Pulses {
                    amplitude: numbers[0]?,
                    width,
                    interval,
                }
            }
            Course::Pattern { times, levels } => Shape::Pattern(pattern(path, times, levels.len(), &numbers, checker)?),
            Course::Frames { frames, .. } => Shape::Frames {
                level: numbers[0]?,
                windows: windows(path, frames, checker)?,
                frames: Arc::clone(frames),
            },
            Course::Noise { sd, tau, .. } => {
                let noise = noise(path, sd, tau, (numbers[0]?, numbers[1]?), checker)?;
                // As in the published code of the point-conductance model.
                let least = if dimension == Dimension::CONDUCTANCE {
                    0.0
                } else {
                    f64::NEG_INFINITY
                };
                Shape::Noise(Noise { least, ..noise })
            }
        };
        Some(Signal { start, dt_ms, shape })
    }
}

/// The windows of pictures in steps.
fn windows(path: &str, frames: &Frames, checker: &mut Checker<'_>) -> Option<Vec<(u64, u64, u32)>> {
    let dt_ms = checker.dt_ms()?;
    let steps = |time_ms: f64| (time_ms / dt_ms).round() as u64;
    let windows = frames.windows.iter();
    let windows: Vec<_> = windows.map(|&(from, to, n)| (steps(from), steps(to), n)).collect();
    let ascend = windows.windows(2).all(|pair| pair[0].1 <= pair[1].0);
    let last = frames.windows.iter().map(|window| window.2).max();
    let good = frames
        .windows
        .iter()
        .all(|(from, to, _)| *from >= 0.0 && to.is_finite());
    let finite = frames.intensities.iter().all(|intensity| intensity.is_finite());
    if !good || !ascend || !finite || last.is_some_and(|last| last as usize >= frames.len()) {
        checker.error(PlanError::Unfit {
            path: format!("{path}.frames"),
            reason: "the windows overlap, or name pictures that are not there, or an intensity is not finite"
                .to_owned(),
            hint: "give windows in the order of time, and numbers of pictures from 0".to_owned(),
        });
        return None;
    }
    Some(windows)
}

/// The sine of a number of cycles. Whole cycles are taken off first, so that it stays exact for long times.
fn sine(cycles: f64) -> f64 {
    math::sin(std::f64::consts::TAU * (cycles - cycles.floor()))
}

fn needs_stop(path: &str, length_ms: Option<f64>, checker: &mut Checker<'_>) -> Option<f64> {
    if length_ms.is_none() {
        checker.error(PlanError::Missing {
            path: format!("{path}.stop"),
            what: "stop",
            example: "100 ms".to_owned(),
        });
    }
    length_ms
}

/// A frequency or rate in 1/ms that is not negative.
pub(super) fn rate(path: &str, given: &Quantity, checker: &mut Checker<'_>) -> Option<f64> {
    let rate = checker.number(path, given, Dimension::RATE, "Hz")?;
    if rate < 0.0 {
        checker.error(PlanError::Unfit {
            path: path.to_owned(),
            reason: format!("{given} is negative"),
            hint: "write \"0 Hz\" or more".to_owned(),
        });
        return None;
    }
    Some(rate)
}

fn pattern(
    path: &str,
    times: &[Quantity],
    n_levels: usize,
    numbers: &[Option<f64>],
    checker: &mut Checker<'_>,
) -> Option<Vec<(u64, f64)>> {
    let mut wrong = |key: &str, reason: String, hint: &str| {
        checker.error(PlanError::Unfit {
            path: format!("{path}.{key}"),
            reason,
            hint: hint.to_owned(),
        });
    };
    if times.is_empty() || times.len() != n_levels {
        let reason = format!("there are {} times and {n_levels} levels", times.len());
        wrong("levels", reason, "give one level for each time, and at least one");
        return None;
    }
    if let Some(n) = times.windows(2).position(|pair| pair[0].engine() >= pair[1].engine()) {
        let reason = format!("{} does not come after {}", times[n + 1], times[n]);
        wrong(&format!("times[{}]", n + 1), reason, "give times in ascending order");
        return None;
    }
    let steps = times
        .iter()
        .enumerate()
        .map(|(n, time)| checker.grid_point(&format!("{path}.times[{n}]"), "time", time));
    let steps: Vec<_> = steps.collect();
    steps
        .into_iter()
        .zip(numbers)
        .map(|(step, level)| Some((step?.0, (*level)?)))
        .collect()
}

fn noise(
    path: &str,
    sd: &Quantity,
    tau: &Quantity,
    (mean, deviation): (f64, f64),
    checker: &mut Checker<'_>,
) -> Option<Noise> {
    let tau_ms = checker.time_ms(&format!("{path}.tau"), tau)?;
    let dt_ms = checker.dt_ms()?;
    for (key, given, is_good, least) in [
        ("sd", sd, deviation >= 0.0, "0 or more"),
        ("tau", tau, tau_ms > 0.0, "more than 0"),
    ] {
        if !is_good {
            checker.error(PlanError::Unfit {
                path: format!("{path}.{key}"),
                reason: format!("{given} is not {least}"),
                hint: format!("choose {least}"),
            });
            return None;
        }
    }
    let kept = math::exp(-dt_ms / tau_ms);
    Some(Noise {
        mean,
        sd: deviation,
        kept,
        least: f64::NEG_INFINITY,
        fresh: deviation * (-math::expm1(-2.0 * dt_ms / tau_ms)).sqrt(),
    })
}
