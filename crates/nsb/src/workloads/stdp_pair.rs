//! Pair STDP against its closed form: pairs, triplets, quadruplets and trains of 60 pairs, all at once, additive and
//! multiplicative. Cells fire at given times because each spike from outside lifts them far above their threshold.

use std::fmt::Write;

use nsb_lang::math;
use serde_json::{Map, Value, json};

use super::bench::Measured;
use super::request::{Conditions, unfit};
use super::{Draft, Learning, Workload, rounded};
use crate::error::Error;
use crate::puppets::puppets;

/// The whole delay lies behind the synapse, ms.
const DELAY_MS: f64 = 1.0;
/// All weights at the start, and the largest; pA.
const INITIAL: f64 = 0.5;
const LARGEST: f64 = 1.0;
const POTENTIATION: f64 = 0.01;
const DEPRESSION: f64 = 0.0105;
/// Of both traces, ms.
const TAU_MS: f64 = 20.0;
/// Times of protocols are multiples of this, ms.
const GRID_MS: f64 = 0.1;
/// The worst protocols that are shown.
const WORST: usize = 4;

pub(super) const STDP_PAIR: Workload = Workload {
    name: "stdp_pair",
    about: "errors of pair STDP against its closed form",
    dt_ms: GRID_MS,
    seconds: 1.9,
    transient_ms: 0.0,
    delay_ms: None,
    fixed: true,
    learning: Some(Learning {
        projections: &["additive", "multiplicative"],
        cells: u32::MAX,
    }),
    draft,
    measure,
};

/// Spike times as the synapse sees them, ms.
struct Protocol {
    name: String,
    before: Vec<f64>,
    after: Vec<f64>,
}

/// As in the scripts of other simulators. Spikes at the same time are left out: simulators differ by convention.
fn protocols() -> Vec<Protocol> {
    let protocol = |name: String, before: Vec<f64>, after: Vec<f64>| Protocol { name, before, after };
    let mut all = Vec::new();
    let regular = (-20..=20).filter(|n| *n != 0).map(|n| 5.0 * f64::from(n));
    for distance in regular.chain([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0]) {
        all.push(protocol(
            format!("pair_{distance:+.1}"),
            vec![200.0],
            vec![200.0 + distance],
        ));
    }
    for d in [5.0, 10.0, 20.0] {
        let (outer, inner) = (vec![200.0, 200.0 + 2.0 * d], vec![200.0 + d]);
        all.push(protocol(
            format!("triplet_pre-post-pre_{d}"),
            outer.clone(),
            inner.clone(),
        ));
        all.push(protocol(format!("triplet_post-pre-post_{d}"), inner, outer));
    }
    for d in [10.0, 20.0, 50.0] {
        let (outer, inner) = (vec![200.0, 210.0 + d], vec![205.0, 205.0 + d]);
        let name = format!("quadruplet_prepost-postpre_{d}");
        all.push(protocol(name, outer.clone(), inner.clone()));
        all.push(protocol(format!("quadruplet_postpre-prepost_{d}"), inner, outer));
    }
    for d in [10.0, -10.0] {
        let before: Vec<f64> = (0..60).map(|n| 200.0 + 16.7 * f64::from(n)).collect();
        let after = before.iter().map(|time| time + d).collect();
        all.push(protocol(format!("train60Hz_{d:+}"), before, after));
    }
    all
}

fn draft(conditions: &Conditions) -> Result<Draft, Error> {
    let dt_ms = conditions.dt_ms;
    let steps = GRID_MS / dt_ms;
    if (steps - steps.round()).abs() > 1e-9 || steps < 0.5 {
        let message = format!("spikes at multiples of {GRID_MS} ms are not on a grid of {dt_ms} ms");
        return Err(unfit("--dt", message, "give a --dt of 0.1, 0.05, 0.025 or 0.01"));
    }
    let protocols = protocols();
    let mut text = "title = \"Pair STDP against its closed form\"\nduration = \"1.9 s\"\n".to_owned();
    // A spike from outside at a grid point makes its cell fire at the next.
    let trains = |side: fn(&Protocol) -> &[f64], earlier_ms: f64| -> Vec<Vec<f64>> {
        let shifted = |time: &f64| rounded(time - dt_ms - earlier_ms, 6);
        protocols
            .iter()
            .map(|p| side(p).iter().map(shifted).collect())
            .collect()
    };
    text.push_str(&puppets("before", "", &trains(|p| &p.before, 0.0)));
    text.push_str(&puppets("after", "", &trains(|p| &p.after, DELAY_MS)));
    text.push_str("\n[populations.after.receptors.synaptic]\nmodel = \"exponential_current\"\n");
    for (name, mu) in [("additive", 0), ("multiplicative", 1)] {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n[projections.{name}]\nsource = \"before\"\ntarget = \"after\"\nreceptor = \"synaptic\"\n\
             connect = {{ rule = \"one_to_one\" }}\nweight = \"{INITIAL} pA\"\ndelay = \"{DELAY_MS} ms\"\n\
             dendritic_delay = \"{DELAY_MS} ms\"\n\n[projections.{name}.plasticity.stdp]\nmodel = \"pair_stdp\"\n\
             parameters = {{ w_max = \"{LARGEST} pA\", A_plus = {POTENTIATION}, A_minus = {DEPRESSION}, mu = {mu}, \
             tau_plus = \"{TAU_MS} ms\", tau_minus = \"{TAU_MS} ms\" }}\n"
        );
    }
    Ok(Draft { text, set: Vec::new() })
}

/// The change of the weight, with each trace as the sum over all earlier spikes.
fn closed_form(protocol: &Protocol, is_multiplicative: bool) -> f64 {
    let trace = |spikes: &[f64], at: f64| -> f64 {
        let earlier = spikes.iter().filter(|spike| **spike < at);
        earlier.map(|spike| math::exp(-(at - spike) / TAU_MS)).sum()
    };
    let before = protocol.before.iter().map(|time| (*time, true));
    let mut events: Vec<(f64, bool)> = before.chain(protocol.after.iter().map(|time| (*time, false))).collect();
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut weight = INITIAL;
    for (at, is_before) in events {
        let factor = |share: f64| if is_multiplicative { share } else { 1.0 };
        weight += if is_before {
            -DEPRESSION * LARGEST * factor(weight / LARGEST) * trace(&protocol.after, at)
        } else {
            POTENTIATION * LARGEST * factor(1.0 - weight / LARGEST) * trace(&protocol.before, at)
        };
        weight = weight.clamp(0.0, LARGEST);
    }
    weight - INITIAL
}

fn measure(measured: &Measured<'_>) -> Map<String, Value> {
    let protocols = protocols();
    let (additive, multiplicative) = measured.weights.split_at(protocols.len());
    let mut compared: Vec<(f64, Value)> = Vec::new();
    for ((protocol, additive), multiplicative) in protocols.iter().zip(additive).zip(multiplicative) {
        let got = [additive - INITIAL, multiplicative - INITIAL];
        let due = [false, true].map(|is_multiplicative| closed_form(protocol, is_multiplicative));
        let deviation = (got[0] - due[0]).abs().max((got[1] - due[1]).abs());
        let told = json!({ "protocol": protocol.name, "dev": deviation, "got": got, "ref": due });
        compared.push((deviation, told));
    }
    compared.sort_by(|a, b| b.0.total_cmp(&a.0));
    let worst: Vec<&Value> = compared.iter().take(WORST).map(|(_, told)| told).collect();
    Map::from_iter([
        ("protocols".to_owned(), json!(protocols.len())),
        (
            "max_abs_dev".to_owned(),
            json!(compared.first().map(|(deviation, _)| deviation)),
        ),
        ("worst".to_owned(), json!(worst)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By an independent program in NumPy, whose traces decay from event to event.
    #[test]
    fn changes_are_those_of_an_independent_program() {
        let all = protocols();
        for (name, additive, multiplicative) in [
            ("pair_-100.0", -7.074844349042042e-05, -3.537422174521021e-05),
            ("pair_+0.5", 0.009753099120283326, 0.004876549560141719),
            (
                "triplet_pre-post-pre_10",
                -0.00030326532985630594,
                -0.00017094633558967232,
            ),
            (
                "quadruplet_postpre-prepost_20",
                -0.0005326527899657818,
                -0.00019457638914632813,
            ),
            ("train60Hz_+10", -0.13800038850810714, -0.03684467342068304),
            ("train60Hz_-10", 0.06947873250012526, 0.018336038470837424),
        ] {
            let protocol = all.iter().find(|protocol| protocol.name == name).unwrap();
            assert!((closed_form(protocol, false) - additive).abs() < 1e-14, "{name}");
            assert!((closed_form(protocol, true) - multiplicative).abs() < 1e-14, "{name}");
        }
        assert_eq!(all.len(), 60);
    }
}
