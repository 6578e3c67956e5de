//! The three balanced networks of Brette et al. (2007): the example projects of this repository, at any size.

use serde_json::{Map, Value, json};

use super::bench::Measured;
use super::request::{Conditions, unfit};
use super::{Draft, Workload};
use crate::error::Error;

/// Cells at scale 1.
const EXCITATORY: f64 = 3200.0;
const INHIBITORY: f64 = 800.0;
/// Mean inputs of a cell at every scale.
const INPUTS: f64 = 80.0;
/// The largest scale: four million cells, a third of a billion synapses.
const MOST_SCALE: f64 = 1000.0;

pub(super) const CUBA: Workload = Workload {
    name: "cuba",
    about: "4,000 integrate-and-fire cells with current synapses",
    draft: |conditions| draft(include_str!("../../../../examples/cuba.toml"), conditions),
    ..COBA
};

pub(super) const COBA: Workload = Workload {
    name: "coba",
    about: "4,000 integrate-and-fire cells with conductance synapses",
    dt_ms: 0.1,
    seconds: 1.0,
    transient_ms: 0.0,
    delay_ms: Some(0.1),
    fixed: false,
    learning: None,
    draft: |conditions| draft(include_str!("../../../../examples/coba.toml"), conditions),
    measure,
};

pub(super) const COBAHH: Workload = Workload {
    name: "cobahh",
    about: "4,000 Hodgkin-Huxley cells with conductance synapses",
    dt_ms: 0.05,
    draft: |conditions| draft(include_str!("../../../../examples/cobahh.toml"), conditions),
    ..COBA
};

fn draft(example: &str, conditions: &Conditions) -> Result<Draft, Error> {
    let sizes = [EXCITATORY, INHIBITORY].map(|size| (size * conditions.scale).round_ties_even());
    let cells = sizes[0] + sizes[1];
    if cells < INPUTS || conditions.scale > MOST_SCALE {
        let message = format!(
            "at scale {} there would be {cells} cells with {INPUTS} inputs each",
            conditions.scale
        );
        let least = INPUTS / (EXCITATORY + INHIBITORY);
        return Err(unfit(
            "--scale",
            message,
            format!("choose a scale from {least} to {MOST_SCALE}"),
        ));
    }
    let names = ["excitatory", "inhibitory"];
    // Nothing but spikes is recorded.
    let mut set = vec![(
        "recordings.membrane".to_owned(),
        "{ population = \"excitatory\", kind = \"spikes\" }".to_owned(),
    )];
    for (name, size) in names.iter().zip(sizes) {
        set.push((format!("populations.{name}.size"), size.to_string()));
    }
    for (source, target) in names.iter().flat_map(|source| names.map(|target| (source, target))) {
        let projection = format!("projections.{source}_to_{target}");
        set.push((
            format!("{projection}.connect.probability"),
            format!("{}", INPUTS / cells),
        ));
        if let Some(delay_ms) = conditions.delay_ms {
            set.push((format!("{projection}.delay"), format!("{delay_ms} ms")));
        }
    }
    Ok(Draft {
        text: example.to_owned(),
        set,
    })
}

fn measure(measured: &Measured<'_>) -> Map<String, Value> {
    Map::from_iter([("rate_last_half_hz".to_owned(), json!(measured.rate_last_half_hz()))])
}
