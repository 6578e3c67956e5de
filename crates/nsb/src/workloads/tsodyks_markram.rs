//! Short-term plasticity against its closed form: ten spikes at 20 Hz and one half a second later, for four sets of
//! parameters; jumps of the current, and peaks of the potential of a passive cell.

use std::fmt::Write;

use nsb_lang::math;
use serde_json::{Map, Value, json};

use super::bench::Measured;
use super::request::{Conditions, unfit};
use super::{Draft, Workload, rounded};
use crate::error::Error;
use crate::puppets::puppets;

const DELAY_MS: f64 = 1.0;
/// Current of a synapse that releases everything, pA.
const EFFICACY: f64 = 250.0;
const TAU_SYNAPSE_MS: f64 = 3.0;
const TAU_MEMBRANE_MS: f64 = 40.0;
const CAPACITANCE_PF: f64 = 1000.0;
/// Peaks are looked for so long after the last arrival, ms.
const LAST_PEAK_WITHIN_MS: f64 = 200.0;

/// Release probability, recovery and facilitation in ms; 0 ms: no facilitation.
const SETS: [(&str, f64, f64, f64); 4] = [
    ("depressing", 0.5, 800.0, 0.0),
    ("depressing_weak_facil", 0.5, 800.0, 20.0),
    ("facilitating", 0.15, 50.0, 750.0),
    ("facilitating_strong", 0.03, 130.0, 530.0),
];

pub(super) const TSODYKS_MARKRAM: Workload = Workload {
    name: "tsodyks_markram",
    about: "errors of short-term plasticity against its closed form",
    dt_ms: 0.1,
    seconds: 1.3,
    transient_ms: 0.0,
    delay_ms: None,
    fixed: true,
    learning: None,
    draft,
    measure,
};

/// When spikes arrive, ms.
fn arrivals() -> Vec<f64> {
    let mut times: Vec<f64> = (0..10).map(|n| 100.0 + 50.0 * f64::from(n)).collect();
    times.push(1050.0);
    times
}

fn draft(conditions: &Conditions) -> Result<Draft, Error> {
    let dt_ms = conditions.dt_ms;
    let steps = DELAY_MS / dt_ms;
    if (steps - steps.round()).abs() > 1e-9 || steps < 0.5 {
        let message = format!("the delay of {DELAY_MS} ms is no multiple of the step of {dt_ms} ms");
        return Err(unfit("--dt", message, "give a --dt of 0.1, 0.05, 0.025 or 0.01"));
    }
    let sent: Vec<f64> = arrivals()
        .iter()
        .map(|time| rounded(time - DELAY_MS - dt_ms, 6))
        .collect();
    let mut text = "title = \"Short-term plasticity against its closed form\"\nduration = \"1.3 s\"\n".to_owned();
    text.push_str(&puppets("before", "", &[sent]));
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\n[populations.after]\nmodel = \"lif\"\nsize = {}\nparameters = {{ C = \"{CAPACITANCE_PF} pF\", \
         tau_m = \"{TAU_MEMBRANE_MS} ms\", E_L = \"0 mV\", V_reset = \"0 mV\", V_th = \"200 mV\" }}\n\n\
         [populations.after.receptors.synaptic]\nmodel = \"exponential_current\"\n\
         parameters = {{ tau = \"{TAU_SYNAPSE_MS} ms\" }}\n\n\
         [recordings.after]\npopulation = \"after\"\nvariables = [\"synaptic.I_syn\", \"V\"]\n",
        SETS.len()
    );
    for (cell, (name, release, recovery, facilitation)) in SETS.iter().enumerate() {
        let _ = write!(
            text,
            "\n[projections.{name}]\nsource = \"before\"\ntarget = \"after\"\ntarget_cells = [{cell}]\n\
             receptor = \"synaptic\"\nconnect = {{ rule = \"all_to_all\" }}\nweight = \"{EFFICACY} pA\"\n\
             delay = \"{DELAY_MS} ms\"\n\n[projections.{name}.plasticity.short_term]\nmodel = \"tsodyks_markram\"\n\
             parameters = {{ U = {release}, tau_d = \"{recovery} ms\", tau_f = \"{facilitation} ms\" }}\n"
        );
    }
    Ok(Draft { text, set: Vec::new() })
}

/// What each arrival adds to the current, pA: the recursion of Maass and Markram (2002).
fn currents(release: f64, recovery_ms: f64, facilitation_ms: f64) -> Vec<f64> {
    let (mut u, mut x) = (release, 1.0);
    let times = arrivals();
    let mut all = vec![EFFICACY * u * x];
    for pair in times.windows(2) {
        let interval = pair[1] - pair[0];
        let remembered = if facilitation_ms > 0.0 {
            math::exp(-interval / facilitation_ms)
        } else {
            0.0
        };
        x = 1.0 + (x - u * x - 1.0) * math::exp(-interval / recovery_ms);
        u = release + u * (1.0 - release) * remembered;
        all.push(EFFICACY * u * x);
    }
    all
}

/// The largest potential between each arrival and the next, mV. There the potential is a sum of two exponentials, of
/// the membrane and of the current, with one extremum at most.
fn peaks(currents: &[f64]) -> Vec<f64> {
    let times = arrivals();
    let gain = TAU_SYNAPSE_MS * TAU_MEMBRANE_MS / (TAU_MEMBRANE_MS - TAU_SYNAPSE_MS) / CAPACITANCE_PF;
    // V = slow e^(−t/τ_m) − fast e^(−t/τ_s).
    let (mut slow, mut fast) = (0.0, 0.0);
    let mut all = Vec::new();
    for (n, current) in currents.iter().enumerate() {
        slow += gain * current;
        fast += gain * current;
        let interval = times.get(n + 1).map_or(LAST_PEAK_WITHIN_MS, |next| next - times[n]);
        let (membrane, synapse) = (1.0 / TAU_MEMBRANE_MS, 1.0 / TAU_SYNAPSE_MS);
        let extremum = math::log(fast * synapse / (slow * membrane)) / (synapse - membrane);
        let at = |time: f64| slow * math::exp(-time * membrane) - fast * math::exp(-time * synapse);
        all.push(at(0.0).max(at(extremum.clamp(0.0, interval))).max(at(interval)));
        slow *= math::exp(-interval * membrane);
        fast *= math::exp(-interval * synapse);
    }
    all
}

fn measure(measured: &Measured<'_>) -> Map<String, Value> {
    let mut fields = Map::new();
    let Some(recorded) = measured.recording.variables.first() else {
        return fields;
    };
    let dt_ms = measured.conditions.dt_ms;
    let decay = math::exp(-dt_ms / TAU_SYNAPSE_MS);
    let width = recorded.cells.len();
    let mut results = Map::new();
    let mut worst: f64 = 0.0;
    for (cell, &(name, release, recovery_ms, facilitation_ms)) in SETS.iter().enumerate() {
        let of_cell = |n: usize| -> Vec<f64> {
            let values = recorded.series.get(n).map_or(&[][..], |series| &series.values);
            values.iter().skip(cell).step_by(width).copied().collect()
        };
        let (current, potential) = (of_cell(0), of_cell(1));
        // What arrives at a grid point has decayed for a step when the next sample is taken.
        let jumps = current.windows(2).map(|pair| pair[1] / decay - pair[0]);
        let (onsets, jumps): (Vec<usize>, Vec<f64>) = jumps.enumerate().filter(|(_, j)| *j > 1e-6 * EFFICACY).unzip();
        let ends = onsets.iter().skip(1).copied().chain([potential.len() - 1]);
        let highest = onsets.iter().zip(ends).map(|(&start, end)| {
            let between = &potential[start..=end];
            between.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        });
        let due = currents(release, recovery_ms, facilitation_ms);
        let relative = |got: &[f64], due: &[f64]| -> f64 {
            let pairs = got.iter().zip(due);
            pairs.map(|(got, due)| (got / due - 1.0).abs()).fold(0.0, f64::max)
        };
        let deviation = relative(&jumps, &due);
        worst = worst.max(deviation);
        let told = json!({
            "n": jumps.len(),
            "max_rel_dev_psc": deviation,
            "max_rel_dev_psp": relative(&highest.collect::<Vec<_>>(), &peaks(&due)),
            "psc_pA": jumps.iter().map(|jump| rounded(*jump, 4)).collect::<Vec<_>>(),
        });
        results.insert(name.to_owned(), told);
    }
    fields.insert("results".to_owned(), Value::Object(results));
    fields.insert("max_rel_dev_psc".to_owned(), json!(worst));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By an independent program in NumPy, which looks for peaks on a grid of 20,000 points.
    #[test]
    fn currents_and_peaks_are_those_of_an_independent_program() {
        for (n, last_pa, last_mv, first_mv) in [
            (0, 61.94745570581407, 0.15063783056316304, 0.303962506761474),
            (1, 61.63978965444922, 0.1498896793075141, 0.303962506761474),
            (2, 109.32064728644853, 0.26583666004897344, 0.0911887520284422),
            (3, 24.5071469046792, 0.05959449590375618, 0.018237750405688438),
        ] {
            let (_, release, recovery_ms, facilitation_ms) = SETS[n];
            let currents = currents(release, recovery_ms, facilitation_ms);
            let peaks = peaks(&currents);
            assert!((currents[10] / last_pa - 1.0).abs() < 1e-12, "{n}: {}", currents[10]);
            assert!((peaks[10] / last_mv - 1.0).abs() < 1e-7, "{n}: {}", peaks[10]);
            assert!((peaks[0] / first_mv - 1.0).abs() < 1e-7, "{n}: {}", peaks[0]);
        }
    }
}
