//! One Hodgkin–Huxley cell against its truth: spike times under two steps of current, and the f–I curve.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::bench::{Counted, Measured};
use super::hh_truth::{RATES, STEPS, StepTruth};
use super::request::Conditions;
use super::{Draft, Workload, rounded};
use crate::error::Error;

pub(super) const HH_SINGLE_ACCURACY: Workload = Workload {
    name: "hh_single_accuracy",
    about: "spike-time errors of one Hodgkin-Huxley cell",
    dt_ms: 0.025,
    seconds: 0.1,
    transient_ms: 0.0,
    delay_ms: None,
    fixed: true,
    learning: None,
    draft: steps_draft,
    measure: steps_measured,
};

pub(super) const HH_FI: Workload = Workload {
    name: "hh_fi",
    about: "errors of the firing rates of one Hodgkin-Huxley cell",
    seconds: 1.0,
    draft: rates_draft,
    measure: rates_measured,
    ..HH_SINGLE_ACCURACY
};

/// Switching times of the current steps, ms.
const ON_MS: f64 = 10.0;
const OFF_MS: f64 = 90.0;
/// Peaks are looked for so long after a crossing, ms.
const PEAK_WITHIN_MS: f64 = 3.0;
/// Rates are those of the spikes after this, ms.
const SETTLED_MS: f64 = 200.0;

fn steps_draft(_: &Conditions) -> Result<Draft, Error> {
    let mut text = cells("One Hodgkin-Huxley cell under steps of current", "100 ms", STEPS.len());
    text.push_str("\n[recordings.membrane]\npopulation = \"cells\"\nvariables = [\"V\"]\n");
    for (cell, StepTruth { name, current, .. }) in STEPS.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n[stimuli.{name}]\npopulation = \"cells\"\ncells = [{cell}]\nkind = \"step\"\n\
             amplitude = \"{current} uA/cm^2\"\nstart = \"{ON_MS} ms\"\nstop = \"{OFF_MS} ms\"\n"
        );
    }
    Ok(Draft { text, set: Vec::new() })
}

fn rates_draft(_: &Conditions) -> Result<Draft, Error> {
    let mut text = cells("Rates of a Hodgkin-Huxley cell", "1 s", RATES.len());
    for (cell, (current, _)) in RATES.iter().enumerate() {
        let _ = write!(
            text,
            "\n[stimuli.current_{cell}]\npopulation = \"cells\"\ncells = [{cell}]\nkind = \"constant\"\n\
             amplitude = \"{current} uA/cm^2\"\n"
        );
    }
    Ok(Draft { text, set: Vec::new() })
}

/// A population of one cell per current.
fn cells(title: &str, duration: &str, size: usize) -> String {
    format!(
        "title = \"{title}\"\nduration = \"{duration}\"\n\n\
         [populations.cells]\nmodel = \"hodgkin_huxley\"\nsize = {size}\n\n\
         [recordings.spikes]\npopulation = \"cells\"\nkind = \"spikes\"\n"
    )
}

fn steps_measured(measured: &Measured<'_>) -> Map<String, Value> {
    let mut fields = Map::new();
    let Some(membrane) = measured.recording.variables.first() else {
        return fields;
    };
    let potentials = membrane.series.first().map_or(&[][..], |series| &series.values);
    let width = membrane.cells.len();
    for (cell, truth) in STEPS.iter().enumerate() {
        let potential: Vec<f64> = potentials.iter().skip(cell).step_by(width).copied().collect();
        let native: Vec<f64> = times_of(&measured.counted, cell as u32).collect();
        fields.insert(
            truth.name.to_owned(),
            step_compared(
                &membrane.times_ms,
                &potential,
                &native,
                truth,
                measured.conditions.dt_ms,
            ),
        );
    }
    fields
}

/// Errors of one current step. Times are taken from the potential sampled at every step, so that simulators that
/// report spikes in different ways can be compared; `native` are the errors of the reported times.
fn step_compared(times_ms: &[f64], potential: &[f64], native: &[f64], truth: &StepTruth, dt_ms: f64) -> Value {
    let crossings = crossings(times_ms, potential);
    let peaks: Vec<f64> = crossings
        .iter()
        .map(|&crossing| {
            let after = times_ms.iter().zip(potential);
            let within = after.filter(|(time, _)| (crossing..crossing + PEAK_WITHIN_MS).contains(*time));
            within.map(|(_, v)| *v).fold(f64::NEG_INFINITY, f64::max)
        })
        .collect();
    let worst_peak = peaks
        .iter()
        .zip(truth.peaks_mv)
        .map(|(got, due)| (got - due).abs())
        .fold(0.0, f64::max);
    let before = times_ms.iter().position(|time| (time - ON_MS).abs() < 0.5 * dt_ms);
    let mut fields = errors(&crossings, truth.spike_times_ms);
    fields.extend([
        ("native".to_owned(), Value::Object(errors(native, truth.spike_times_ms))),
        (
            "peak_first_mV".to_owned(),
            json!([peaks.first().map(|p| rounded(*p, 3)), rounded(truth.peaks_mv[0], 3)]),
        ),
        ("peak_max_abs_err_mV".to_owned(), json!(rounded(worst_peak, 3))),
        (
            "spike_times_ms".to_owned(),
            json!(crossings.iter().map(|t| rounded(*t, 5)).collect::<Vec<_>>()),
        ),
        ("v_at_10ms".to_owned(), json!(before.map(|n| rounded(potential[n], 5)))),
    ]);
    Value::Object(fields)
}

/// Upward crossings of 0 mV, interpolated between samples.
fn crossings(times_ms: &[f64], potential: &[f64]) -> Vec<f64> {
    let pairs = times_ms.windows(2).zip(potential.windows(2));
    let upward = pairs.filter(|(_, v)| v[0] < 0.0 && v[1] >= 0.0);
    upward
        .map(|(t, v)| t[0] - v[0] / (v[1] - v[0]) * (t[1] - t[0]))
        .collect()
}

/// Signed error of the first and the last spike and the largest error, ms.
fn errors(got: &[f64], truth: &[f64]) -> Map<String, Value> {
    let errors: Vec<f64> = got.iter().zip(truth).map(|(got, truth)| got - truth).collect();
    let worst = errors.iter().map(|error| error.abs()).fold(f64::NEG_INFINITY, f64::max);
    let told = |error: Option<&f64>| json!(error.map(|error| rounded(*error, 5)));
    Map::from_iter([
        ("n_got".to_owned(), json!(got.len())),
        ("n_ref".to_owned(), json!(truth.len())),
        ("first_err_ms".to_owned(), told(errors.first())),
        ("last_err_ms".to_owned(), told(errors.last())),
        (
            "max_abs_err_ms".to_owned(),
            told(Some(&worst).filter(|worst| worst.is_finite())),
        ),
    ])
}

fn rates_measured(measured: &Measured<'_>) -> Map<String, Value> {
    let rates: Vec<f64> = (0..RATES.len() as u32)
        .map(|cell| settled_rate_hz(times_of(&measured.counted, cell)))
        .collect();
    let pairs = || RATES.iter().zip(&rates);
    let both = pairs().filter(|((_, due), got)| *due > 0.0 && **got > 0.0);
    let worst = both.map(|((_, due), got)| (got - due).abs() / due).fold(0.0, f64::max);
    let differ: Vec<f64> = pairs()
        .filter(|((_, due), got)| (*due > 0.0) != (**got > 0.0))
        .map(|((current, _), _)| *current)
        .collect();
    Map::from_iter([
        ("max_rel_err_pct".to_owned(), json!(rounded(100.0 * worst, 4))),
        ("I".to_owned(), json!(RATES.map(|(current, _)| current).as_slice())),
        (
            "f_hz".to_owned(),
            json!(rates.iter().map(|rate| rounded(*rate, 3)).collect::<Vec<_>>()),
        ),
        ("firing_differs_at_I".to_owned(), json!(differ)),
    ])
}

/// Intervals over their sum; 0 with fewer than two intervals.
fn settled_rate_hz(times_ms: impl Iterator<Item = f64>) -> f64 {
    let late: Vec<f64> = times_ms.filter(|time| *time > SETTLED_MS).collect();
    match late[..] {
        [first, _, .., last] => 1000.0 * (late.len() - 1) as f64 / (last - first),
        _ => 0.0,
    }
}

fn times_of<'a>(counted: &'a [Counted<'a>], cell: u32) -> impl Iterator<Item = f64> {
    let spikes = counted
        .iter()
        .flat_map(|population| population.times_ms.iter().zip(population.cells));
    spikes.filter(move |(_, of)| **of == cell).map(|(time, _)| *time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_upward_and_interpolated() {
        let times = [0.0, 1.0, 2.0, 3.0, 4.0];
        assert_eq!(crossings(&times, &[-3.0, 1.0, 2.0, -1.0, 0.0]), [0.75, 4.0]);
        assert_eq!(crossings(&times, &[0.0, 1.0, 2.0, 1.0, -1.0]), [0.0; 0]);
    }

    #[test]
    fn errors_are_signed_and_missing_spikes_are_counted() {
        let told = errors(&[1.5, 2.0], &[1.0, 2.25, 3.0]);
        assert_eq!(
            Value::Object(told),
            json!({ "n_got": 2, "n_ref": 3, "first_err_ms": 0.5, "last_err_ms": -0.25, "max_abs_err_ms": 0.5 })
        );
        assert_eq!(errors(&[], &[1.0])["max_abs_err_ms"], Value::Null);
    }

    #[test]
    fn rates_leave_out_the_start_and_need_two_intervals() {
        assert_eq!(settled_rate_hz([100.0, 210.0, 220.0, 230.0].into_iter()), 100.0);
        assert_eq!(settled_rate_hz([100.0, 210.0, 220.0].into_iter()), 0.0);
    }
}
