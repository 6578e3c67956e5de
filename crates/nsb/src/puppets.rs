//! Cells that fire at given times, as tables of a project.

use std::fmt::Write;

/// A population of `lif` cells, one for each train, which fire a step after the times of its train, in ms: what comes
/// in at a grid point is received in the step that begins there. A spike from outside lifts a cell by 100 mV, far above
/// its threshold. `parameters` stand there as in a project: `E_L = "-70 mV", V_reset = "-70 mV"`.
pub(crate) fn puppets(name: &str, parameters: &str, trains_ms: &[Vec<f64>]) -> String {
    let mut text = format!(
        "\n[populations.{name}]\nmodel = \"lif\"\nsize = {}\nparameters = {{ {parameters} }}\n\n\
         [populations.{name}.receptors.strings]\nmodel = \"delta\"\n\n\
         [stimuli.strings_of_{name}]\npopulation = \"{name}\"\nkind = \"spike_trains\"\nreceptor = \"strings\"\n\
         weight = \"100 mV\"\ncsv = \"\"\"\ncell,time (ms)\n",
        trains_ms.len()
    );
    for (cell, train) in trains_ms.iter().enumerate() {
        for time in train {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{cell},{time:?}");
        }
    }
    text.push_str("\"\"\"\n");
    text
}
