//! The cortical microcircuit: eight populations under one square millimetre of cortex, every synapse of its own
//! weight and delay.
//!
//! Potjans TC, Diesmann M (2014) Cereb Cortex 24:785-806. Below scale 1 there are S times as many cells and S² times
//! as many synapses; weights grow by 1/√S, which keeps the fluctuations of the input, and a constant current makes up
//! for the missing mean (van Albada SJ, Helias M, Diesmann M (2015) PLoS Comput Biol 11:e1004490). Correlations change
//! with the size: at a tenth of it rates are 10 to 45 % lower than at full size.

use std::fmt::Write;

use nsb_lang::math;
use serde_json::{Map, Value, json};

use super::bench::{Counted, Measured};
use super::request::{Conditions, unfit};
use super::{Draft, Workload, peak_weight, rounded};
use crate::error::Error;
use crate::summary::rate_hz;

pub(super) const MICROCIRCUIT: Workload = Workload {
    name: "microcircuit",
    about: "the cortical microcircuit, 77,169 cells and 299 million synapses",
    dt_ms: 0.1,
    seconds: 1.0,
    transient_ms: 500.0,
    delay_ms: None,
    fixed: false,
    learning: None,
    draft,
    measure,
};

const NAMES: [&str; 8] = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"];
const CELLS: [f64; 8] = [20683.0, 5834.0, 21915.0, 5479.0, 4850.0, 1065.0, 14395.0, 2948.0];
/// Probability that a pair is connected at least once: a row per target, a column per source.
const PROBABILITIES: [[f64; 8]; 8] = [
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
    [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
];
/// Outside inputs of a cell, each a Poisson train of [`BACKGROUND_HZ`].
const OUTSIDE_INPUTS: [f64; 8] = [1600.0, 1500.0, 2100.0, 1900.0, 2000.0, 1900.0, 2900.0, 2100.0];
const BACKGROUND_HZ: f64 = 8.0;
/// Rates of the published implementation at full size, Hz: what the compensating current makes up for, and what is
/// expected.
const PUBLISHED_HZ: [f64; 8] = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829];
/// Membrane potentials at the start, mV.
const START_MEAN: [f64; 8] = [-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43];
const START_SD: [f64; 8] = [5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48];

const CAPACITANCE_PF: f64 = 250.0;
const TAU_MEMBRANE_MS: f64 = 10.0;
const TAU_SYNAPSE_MS: f64 = 0.5;
/// Peak of the potential that one excitatory spike causes, mV.
const PSP_MV: f64 = 0.15;
/// Inhibitory weights in units of excitatory ones.
const INHIBITION: f64 = -4.0;
/// L4E to L23E is stronger than the rest.
const STRONGER: f64 = 2.0;
/// Standard deviations in units of the means.
const WEIGHT_SPREAD: f64 = 0.1;
const DELAY_SPREAD: f64 = 0.5;
const EXCITATORY_DELAY_MS: f64 = 1.5;
const INHIBITORY_DELAY_MS: f64 = 0.75;

/// The numbers of the network at a scale.
struct Numbers {
    cells: [f64; 8],
    /// A row per target.
    synapses: [[f64; 8]; 8],
    /// pA, a row per target.
    weights: [[f64; 8]; 8],
    outside_weight: f64,
    outside_hz: [f64; 8],
    /// pA.
    compensation: [f64; 8],
}

impl Numbers {
    fn at(scale: f64) -> Numbers {
        let weight = peak_weight(PSP_MV, TAU_SYNAPSE_MS, TAU_MEMBRANE_MS, CAPACITANCE_PF);
        let strength = |target: usize, source: usize| match (target, source) {
            (0, 2) => STRONGER * weight,
            (_, source) if source % 2 == 1 => INHIBITION * weight,
            _ => weight,
        };
        // Both ends are drawn evenly, so that the probability is that of at least one hit in K draws:
        // K = ln(1 − C) / ln(1 − x) with x = 1 / (N_t N_s). As a difference, 1 − x would have lost most digits of x.
        let full = |target: usize, source: usize| {
            let pairs = CELLS[target] * CELLS[source];
            -math::log(1.0 - PROBABILITIES[target][source]) * pairs / (1.0 + 0.5 / pairs)
        };
        let (root, below) = (scale.min(1.0).sqrt(), scale < 1.0);
        let each = std::array::from_fn::<usize, 8, _>(|n| n);
        let missing = |target: usize| {
            let recurrent: f64 = each
                .iter()
                .map(|&source| full(target, source) / CELLS[target] * strength(target, source) * PUBLISHED_HZ[source])
                .sum();
            let outside = OUTSIDE_INPUTS[target] * weight * BACKGROUND_HZ;
            // Rates are per ms where currents are pA and time constants ms.
            TAU_SYNAPSE_MS * (1.0 - root) * (recurrent + outside) / 1000.0
        };
        Numbers {
            cells: CELLS.map(|cells| (cells * scale).round_ties_even()),
            synapses: each.map(|t| each.map(|s| (full(t, s) * scale * scale).round_ties_even())),
            weights: each.map(|t| each.map(|s| strength(t, s) / root)),
            outside_weight: weight / root,
            outside_hz: OUTSIDE_INPUTS.map(|inputs| inputs * scale * BACKGROUND_HZ),
            compensation: each.map(|target| if below { missing(target) } else { 0.0 }),
        }
    }
}

fn draft(conditions: &Conditions) -> Result<Draft, Error> {
    if conditions.scale > 1.0 {
        let message = format!("the microcircuit cannot be enlarged to {}", conditions.scale);
        return Err(unfit("--scale", message, "choose a scale up to 1"));
    }
    let numbers = Numbers::at(conditions.scale);
    if numbers.cells.iter().any(|cells| *cells < 1.0) {
        let message = format!("at scale {} a population would have no cells", conditions.scale);
        return Err(unfit("--scale", message, "choose a scale of at least 0.001"));
    }
    let mut text =
        "# Potjans TC, Diesmann M (2014) Cereb Cortex 24:785-806: the circuit under a square millimetre of cortex.\n\
                    title = \"Cortical microcircuit\"\nduration = \"1 s\"\n"
            .to_owned();
    // Writing to a String cannot fail.
    for (n, name) in NAMES.iter().enumerate() {
        let _ = write!(
            text,
            "\n[populations.{name}]\nmodel = \"lif\"\nsize = {cells}\n\
             parameters = {{ C = \"{CAPACITANCE_PF} pF\", tau_m = \"{TAU_MEMBRANE_MS} ms\", E_L = \"-65 mV\", \
             V_reset = \"-65 mV\", V_th = \"-50 mV\", t_ref = \"2 ms\" }}\n\
             initial = {{ V = {{ distribution = \"normal\", mean = \"{mean} mV\", sd = \"{sd} mV\" }} }}\n\n\
             [populations.{name}.receptors.synaptic]\nmodel = \"exponential_current\"\n\
             parameters = {{ tau = \"{TAU_SYNAPSE_MS} ms\" }}\n",
            cells = numbers.cells[n],
            mean = START_MEAN[n],
            sd = START_SD[n],
        );
    }
    for (target, source) in (0..8).flat_map(|target| (0..8).map(move |source| (target, source))) {
        let number = numbers.synapses[target][source];
        if number > 0.0 {
            text.push_str(&projection(target, source, number, numbers.weights[target][source]));
        }
    }
    for (n, name) in NAMES.iter().enumerate() {
        let _ = write!(
            text,
            "\n[stimuli.background_{name}]\npopulation = \"{name}\"\nkind = \"poisson\"\nreceptor = \"synaptic\"\n\
             weight = \"{weight} pA\"\nrate = \"{rate} Hz\"\n",
            weight = numbers.outside_weight,
            rate = numbers.outside_hz[n],
        );
        if numbers.compensation[n] != 0.0 {
            let _ = write!(
                text,
                "\n[stimuli.compensation_{name}]\npopulation = \"{name}\"\nkind = \"constant\"\n\
                 amplitude = \"{} pA\"\n",
                numbers.compensation[n]
            );
        }
    }
    let _ = write!(
        text,
        "\n[recordings.spikes]\npopulation = \"L23E\"\nkind = \"spikes\"\n"
    );
    Ok(Draft { text, set: Vec::new() })
}

/// Both ends drawn evenly with replacement; weights of the wrong sign and delays below a step are drawn again.
fn projection(target: usize, source: usize, number: f64, weight: f64) -> String {
    let (from, to) = (NAMES[source], NAMES[target]);
    let excitatory = source.is_multiple_of(2);
    let limit = if excitatory { "min" } else { "max" };
    let delay_ms = if excitatory {
        EXCITATORY_DELAY_MS
    } else {
        INHIBITORY_DELAY_MS
    };
    format!(
        "\n[projections.{from}_to_{to}]\nsource = \"{from}\"\ntarget = \"{to}\"\nreceptor = \"synaptic\"\n\
         connect = {{ rule = \"fixed_total_number\", number = {number}, multapses = true, self_connections = true }}\n\
         weight = {{ distribution = \"normal\", mean = \"{weight} pA\", sd = \"{weight_sd} pA\", {limit} = \"0 pA\", \
         outside = \"redraw\" }}\n\
         delay = {{ distribution = \"normal\", mean = \"{delay_ms} ms\", sd = \"{delay_sd} ms\", outside = \"redraw\" }}\n",
        weight_sd = WEIGHT_SPREAD * weight.abs(),
        delay_sd = DELAY_SPREAD * delay_ms,
    )
}

fn measure(measured: &Measured<'_>) -> Map<String, Value> {
    let of_each = |value: &dyn Fn(&Counted<'_>) -> Value| {
        let entries = measured
            .counted
            .iter()
            .map(|population| (population.name.to_owned(), value(population)));
        Value::Object(entries.collect())
    };
    let rate = |population: &Counted<'_>| {
        let spikes = population.cells.len() as u64;
        json!(rounded(
            rate_hz(spikes, population.size as u64, measured.conditions.counted_ms),
            3
        ))
    };
    let published: Map<String, Value> = NAMES
        .iter()
        .zip(PUBLISHED_HZ)
        .map(|(n, hz)| ((*n).to_owned(), json!(hz)))
        .collect();
    Map::from_iter([
        ("rates_hz".to_owned(), of_each(&rate)),
        ("published_hz".to_owned(), Value::Object(published)),
        (
            "cv_isi".to_owned(),
            of_each(&|population| json!(mean_cv(population).map(|cv| rounded(cv, 3)))),
        ),
    ])
}

/// Mean coefficient of variation of the intervals of the cells that have at least three. The deviation is that of the
/// intervals at hand (divided by n), as in the scripts of the peers; with few intervals it is smaller than the estimate
/// for a population that [`statistics`](crate::statistics) gives.
fn mean_cv(population: &Counted<'_>) -> Option<f64> {
    let mut trains: Vec<Vec<f64>> = vec![Vec::new(); population.size];
    for (time, cell) in population.times_ms.iter().zip(population.cells) {
        if let Some(train) = trains.get_mut(*cell as usize) {
            train.push(*time);
        }
    }
    let (mut sum, mut cells) = (0.0, 0.0);
    for train in trains.iter().filter(|train| train.len() > 3) {
        let intervals: Vec<f64> = train.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let n = intervals.len() as f64;
        let mean = intervals.iter().sum::<f64>() / n;
        let variance = intervals.iter().map(|i| (i - mean) * (i - mean)).sum::<f64>() / n;
        if mean > 0.0 {
            sum += variance.sqrt() / mean;
            cells += 1.0;
        }
    }
    (cells > 0.0).then_some(sum / cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_network_has_the_published_size() {
        let full = Numbers::at(1.0);
        assert_eq!(full.cells.iter().sum::<f64>(), 77169.0);
        let synapses: f64 = full.synapses.iter().flatten().sum();
        // The sum of ln(1 − C) / ln(1 − 1/(N_t N_s)), computed in Python with log1p; "about 0.3 billion".
        assert_eq!(synapses, 298_880_970.0);
        assert_eq!(Numbers::at(0.1).synapses.iter().flatten().sum::<f64>(), 2_988_807.0);
        // 87.81 pA: Potjans & Diesmann (2014), table 5.
        assert!((full.weights[0][0] - 87.81).abs() < 0.01, "{}", full.weights[0][0]);
        assert!(full.compensation.iter().all(|current| *current == 0.0));
    }

    /// Mean and variance of the input (Campbell) with all populations at their published rates do not depend on
    /// the scale.
    #[test]
    fn the_mean_and_the_variance_of_the_input_are_those_of_the_full_network() {
        let moments = |scale: f64| {
            let numbers = Numbers::at(scale);
            [0, 3, 6].map(|target| {
                let (mut mean, mut variance) = (numbers.compensation[target], 0.0);
                let mut add = |events_hz: f64, weight: f64| {
                    mean += TAU_SYNAPSE_MS * weight * events_hz / 1000.0;
                    variance += 0.5 * TAU_SYNAPSE_MS * weight * weight * events_hz / 1000.0;
                };
                for (source, hz) in PUBLISHED_HZ.iter().enumerate() {
                    let inputs = numbers.synapses[target][source] / numbers.cells[target];
                    add(inputs * hz, numbers.weights[target][source]);
                }
                add(numbers.outside_hz[target], numbers.outside_weight);
                (mean, variance)
            })
        };
        for ((mean, variance), (full_mean, full_variance)) in moments(0.1).into_iter().zip(moments(1.0)) {
            // Cells and synapses are whole numbers.
            assert!((mean - full_mean).abs() < 1.0, "{mean} pA, not {full_mean}");
            assert!(
                (variance / full_variance - 1.0).abs() < 2e-3,
                "{variance}, not {full_variance}"
            );
        }
    }

    #[test]
    fn regular_trains_have_no_variation_and_short_ones_do_not_count() {
        let cv = |times_ms: &[f64], cells: &[u32]| {
            mean_cv(&Counted {
                name: "",
                size: 2,
                times_ms,
                cells,
            })
        };
        assert_eq!(cv(&[1.0, 2.0, 3.0, 4.0, 4.5], &[0, 0, 0, 0, 1]), Some(0.0));
        assert_eq!(cv(&[1.0, 2.0, 3.0], &[0, 0, 0]), None);
        // Intervals 1, 1, 4: mean 2, variance 2.
        assert_eq!(cv(&[0.0, 1.0, 2.0, 6.0], &[1, 1, 1, 1]), Some(0.5f64.sqrt()));
    }
}
