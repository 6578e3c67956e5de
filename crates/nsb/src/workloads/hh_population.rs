//! Uncoupled classic Hodgkin–Huxley cells under currents from 0 to 20 µA/cm²: the cost of a neuron alone.

use std::fmt::Write;

use super::request::{Conditions, unfit};
use super::{Draft, Workload, nothing_more};
use crate::error::Error;

/// Cells at scale 1.
const CELLS: f64 = 1000.0;
/// The current of the last cell, µA/cm².
const LARGEST: f64 = 20.0;
/// Each cell has a stimulus of its own in the text.
const MOST_SCALE: f64 = 100.0;

pub(super) const HH_POPULATION: Workload = Workload {
    name: "hh_population",
    about: "1,000 uncoupled Hodgkin-Huxley cells",
    dt_ms: 0.01,
    seconds: 1.0,
    transient_ms: 0.0,
    delay_ms: None,
    fixed: false,
    learning: None,
    draft,
    measure: nothing_more,
};

fn draft(conditions: &Conditions) -> Result<Draft, Error> {
    let size = (CELLS * conditions.scale).round_ties_even();
    if size < 1.0 || conditions.scale > MOST_SCALE {
        let message = format!("at scale {} there would be {size} cells", conditions.scale);
        return Err(unfit(
            "--scale",
            message,
            format!("choose a scale from 0.001 to {MOST_SCALE}"),
        ));
    }
    let size = size as usize;
    let mut text = format!(
        "# Uncoupled Hodgkin-Huxley cells; cell i of N has a constant current of {LARGEST} i/(N - 1) uA/cm^2.\n\
         title = \"Uncoupled Hodgkin-Huxley cells\"\n\
         duration = \"1 s\"\n\n\
         [populations.cells]\nmodel = \"hodgkin_huxley\"\nsize = {size}\n\n\
         [recordings.spikes]\npopulation = \"cells\"\nkind = \"spikes\"\n"
    );
    for cell in 0..size {
        let current = LARGEST * cell as f64 / (size.max(2) - 1) as f64;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n[stimuli.current_{cell}]\npopulation = \"cells\"\ncells = [{cell}]\nkind = \"constant\"\n\
             amplitude = \"{current} uA/cm^2\"\n"
        );
    }
    Ok(Draft { text, set: Vec::new() })
}
