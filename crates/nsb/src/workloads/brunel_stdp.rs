//! A balanced random network whose excitatory synapses learn, after Brunel N (2000) J Comput Neurosci 8:183-208: pair
//! STDP with soft bounds, as Morrison A, Aertsen A, Diesmann M (2007) Neural Comput 19:1437-1467 have it.

use serde_json::{Map, Value, json};

use super::bench::Measured;
use super::request::{Conditions, unfit};
use super::{Draft, Learning, Workload, peak_weight, rounded};
use crate::error::Error;

/// Cells at scale 1.
const EXCITATORY: f64 = 9000.0;
const INHIBITORY: f64 = 2250.0;
/// Inputs of a cell at every scale.
const EXCITATORY_INPUTS: u32 = 900;
const INHIBITORY_INPUTS: u32 = 225;
const CAPACITANCE_PF: f64 = 250.0;
const TAU_MEMBRANE_MS: f64 = 20.0;
const TAU_SYNAPSE_MS: f64 = 0.5;
const THRESHOLD_MV: f64 = 20.0;
/// Peak of an excitatory postsynaptic potential, mV.
const PEAK_MV: f64 = 0.15;
/// Inhibitory weights in units of excitatory ones.
const INHIBITION: f64 = -5.0;
/// Input from outside, in units of what brings the mean potential to the threshold.
const OUTSIDE: f64 = 1.05;
/// The most cells: the same as of the largest scale of the other balanced networks.
const MOST_SCALE: f64 = 300.0;
/// Cells whose inputs are measured.
const MEASURED_CELLS: u32 = 50;

pub(super) const BRUNEL_STDP: Workload = Workload {
    name: "brunel_stdp",
    about: "11,250 integrate-and-fire cells, 8.1 million synapses that learn",
    dt_ms: 0.1,
    seconds: 1.0,
    transient_ms: 0.0,
    delay_ms: Some(1.5),
    fixed: false,
    learning: Some(Learning {
        projections: &["excitatory_to_excitatory"],
        cells: MEASURED_CELLS,
    }),
    draft,
    measure,
};

/// The weight whose postsynaptic potential has the peak, pA.
fn weight_pa() -> f64 {
    peak_weight(PEAK_MV, TAU_SYNAPSE_MS, TAU_MEMBRANE_MS, CAPACITANCE_PF)
}

fn draft(conditions: &Conditions) -> Result<Draft, Error> {
    let [excitatory, inhibitory] = [EXCITATORY, INHIBITORY].map(|size| (size * conditions.scale).round_ties_even());
    if inhibitory < 1.0 || conditions.scale > MOST_SCALE {
        let message = format!(
            "at scale {} there would be {inhibitory} inhibitory cells",
            conditions.scale
        );
        let hint = format!("choose a scale from {} to {MOST_SCALE}", 1.0 / INHIBITORY);
        return Err(unfit("--scale", message, hint));
    }
    let weight = weight_pa();
    let outside_hz = OUTSIDE * THRESHOLD_MV * CAPACITANCE_PF / (TAU_MEMBRANE_MS * weight * TAU_SYNAPSE_MS) * 1000.0;
    let delay = conditions.delay_ms.unwrap_or(1.5);
    let mut text =
        "# Brunel N (2000) J Comput Neurosci 8:183-208, with STDP after Morrison A, Aertsen A, Diesmann M (2007)\n\
                    # Neural Comput 19:1437-1467.\ntitle = \"Balanced network that learns\"\nduration = \"1 s\"\n"
            .to_owned();
    for (name, size) in [("excitatory", excitatory), ("inhibitory", inhibitory)] {
        text.push_str(&format!(
            "\n[populations.{name}]\nmodel = \"lif\"\nsize = {size}\n\
             parameters = {{ C = \"{CAPACITANCE_PF} pF\", tau_m = \"{TAU_MEMBRANE_MS} ms\", E_L = \"0 mV\", \
             V_reset = \"10 mV\", V_th = \"{THRESHOLD_MV} mV\", t_ref = \"2 ms\" }}\n\
             initial = {{ V = {{ distribution = \"uniform\", low = \"0 mV\", high = \"{THRESHOLD_MV} mV\" }} }}\n\n\
             [populations.{name}.receptors.synaptic]\nmodel = \"exponential_current\"\n\
             parameters = {{ tau = \"{TAU_SYNAPSE_MS} ms\" }}\n"
        ));
    }
    for (source, degree, weight) in [
        ("excitatory", EXCITATORY_INPUTS, weight),
        ("inhibitory", INHIBITORY_INPUTS, INHIBITION * weight),
    ] {
        for target in ["excitatory", "inhibitory"] {
            text.push_str(&format!(
                "\n[projections.{source}_to_{target}]\nsource = \"{source}\"\ntarget = \"{target}\"\n\
                 receptor = \"synaptic\"\nconnect = {{ rule = \"fixed_in_degree\", degree = {degree}, multapses = true, \
                 self_connections = true }}\nweight = \"{weight} pA\"\ndelay = \"{delay} ms\"\n"
            ));
            if (source, target) == ("excitatory", "excitatory") {
                // The whole delay lies behind the synapse.
                text.push_str(&format!(
                    "dendritic_delay = \"{delay} ms\"\n\n[projections.{source}_to_{target}.plasticity.stdp]\n\
                     model = \"pair_stdp\"\nparameters = {{ w_max = \"{} pA\", A_plus = 0.005, A_minus = 0.005, \
                     mu = 1, tau_plus = \"20 ms\", tau_minus = \"20 ms\" }}\n",
                    2.0 * weight
                ));
            }
        }
    }
    for name in ["excitatory", "inhibitory"] {
        text.push_str(&format!(
            "\n[stimuli.background_{name}]\npopulation = \"{name}\"\nkind = \"poisson\"\nreceptor = \"synaptic\"\n\
             weight = \"{weight} pA\"\nrate = \"{outside_hz} Hz\"\n"
        ));
    }
    text.push_str("\n[recordings.spikes]\npopulation = \"excitatory\"\nkind = \"spikes\"\n");
    text.push_str("\n[recordings.inhibitory_spikes]\npopulation = \"inhibitory\"\nkind = \"spikes\"\n");
    Ok(Draft { text, set: Vec::new() })
}

fn measure(measured: &Measured<'_>) -> Map<String, Value> {
    let relative: Vec<f64> = measured.weights.iter().map(|weight| weight / weight_pa()).collect();
    let n = relative.len().max(1) as f64;
    let mean = relative.iter().sum::<f64>() / n;
    let variance = relative.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    let mut map = Map::from_iter([
        ("rate_last_half_hz".to_owned(), json!(measured.rate_last_half_hz())),
        ("w_mean_over_J".to_owned(), json!(rounded(mean, 5))),
        ("w_std_over_J".to_owned(), json!(rounded(variance.sqrt(), 5))),
    ]);
    for (population, key) in measured.counted.iter().zip(["rate_exc_hz", "rate_inh_hz"]) {
        let spikes = population.cells.len() as u64;
        let rate = crate::summary::rate_hz(spikes, population.size as u64, measured.conditions.counted_ms);
        map.insert(key.to_owned(), json!(rounded(rate, 3)));
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 82.44 pA, 6.37 kHz.
    #[test]
    fn the_weight_is_that_of_the_published_potential() {
        assert!((weight_pa() - 82.44).abs() < 0.01, "{}", weight_pa());
    }
}
