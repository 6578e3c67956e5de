//! What a rule of plasticity does to a synapse under pairs of spikes: its window over the distance of the two spikes,
//! and how the change depends on how often pairs come. All pairs of cells are simulated at once, in one network with
//! one connection for each.

mod curves;
mod pairs;

use nsb_engine::Observer;
use nsb_engine::network::Monitor;
use nsb_lang::model::{Change, Expr};
use nsb_lang::syntax::Trigger;
use nsb_lang::{ModelKind, Quantity};

use super::chosen::{ChosenModel, quantity};
use crate::error::Error;
use crate::run::RunOptions;

pub use curves::ProtocolCurves;
use pairs::Pairs;

/// The code of everything that does not fit a protocol.
const CODE: &str = "E0542";
/// Weights are looked at so often; they are read at the first of these times after a train is over.
const SNAPSHOT_MS: f64 = 500.0;
/// A weight this close to a bound, relative to the largest, is at it.
const AT_BOUND: f64 = 1e-9;

/// What is done to the synapses. Quantities are texts with units.
#[derive(Debug, Clone)]
pub struct Protocol {
    /// Pairs of spikes of each synapse.
    pub pairs: usize,
    /// The window reaches from minus this distance to this distance.
    pub window: String,
    /// Between neighbouring distances of the window.
    pub spacing: String,
    /// How often pairs come in the window.
    pub rate: String,
    /// Distance of the two spikes where the frequency varies: pre before post, and post before pre.
    pub distance: String,
    /// How often pairs come, separated by commas.
    pub frequencies: String,
    /// Initial weight relative to `w_max`, for rules that have this parameter.
    pub weight: f64,
    /// A preset of the rule.
    pub preset: Option<String>,
    /// Parameters of the rule that differ from the model's, as name and value with unit.
    pub parameters: Vec<(String, String)>,
    /// Parameters of the postsynaptic `lif` cell.
    pub cell: Vec<(String, String)>,
    /// Step.
    pub dt: Option<String>,
    /// Threads.
    pub threads: Option<usize>,
    /// Vector width and executor, on which results do not depend.
    pub options: RunOptions,
}

/// Simulates and measures.
///
/// # Errors
/// A rule that pairs of spikes do not change, and numbers that do not fit.
pub fn protocol(
    chosen: &ChosenModel,
    protocol: &Protocol,
    observer: &mut dyn Observer,
) -> Result<ProtocolCurves, Error> {
    let pairs = Pairs::read(protocol)?;
    let mut project = pairs.project(chosen, protocol)?;
    let interval = Quantity::parse(&format!("{SNAPSHOT_MS} ms")).expect("a number with a unit is a quantity");
    project.network.monitors.push(Monitor::Weights {
        name: "weights".to_owned(),
        projection: "pairs".to_owned(),
        interval: Some(interval),
    });
    let run = project.run(&protocol.options, observer)?;
    project.network.monitors.pop();
    let curves = ProtocolCurves::new(&chosen.model, protocol, &pairs, project, run);
    if !curves.run.interrupted && curves.shows_nothing() {
        let message = format!(
            "{} pairs of spikes change no weight of `{}`",
            protocol.pairs, chosen.model.name
        );
        let rewarded = chosen
            .model
            .synapse
            .iter()
            .any(|synapse| synapse.statements(Trigger::Reward).next().is_some());
        let hint = if rewarded {
            "its weights change with a reward, and these pairs come without one: use it in a project"
        } else {
            "choose larger amplitudes with --set, or other spikes with --pairs, --rate and --window"
        };
        return Err(unfit("RULE", message, hint));
    }
    Ok(curves)
}

/// A rule whose weights follow pairs of spikes.
pub fn open_rule(target: &str) -> Result<ChosenModel, Error> {
    let chosen = ChosenModel::of_kind(ModelKind::Synapse, target)?;
    let name = &chosen.model.name;
    let Some(synapse) = &chosen.model.synapse else {
        return Ok(chosen);
    };
    let is_set = synapse.statements.iter().any(|s| s.change == Change::State(0));
    if !is_set
        && chosen
            .model
            .states
            .first()
            .is_none_or(|w| w.derivative == Expr::Constant(0.0))
    {
        let message = format!("`{name}` changes no weight, so there is no change to draw");
        let hint = "short-term plasticity shows in the current: record that of a receptor, as `nsb bench --workload \
                    tsodyks_markram --show-project` does";
        return Err(unfit("RULE", message, hint));
    }
    if synapse.statements(Trigger::Pre).next().is_none() {
        let message = format!("`{name}` does not look at presynaptic spikes: pairs of spikes have no window");
        let hint = "a rule for pairs has `on pre` and `on post`; this one shows in the rates of a network";
        return Err(unfit("RULE", message, hint));
    }
    Ok(chosen)
}

/// A positive quantity of the dimension of `example`, engine units.
fn positive(option: &str, text: &str, example: &str) -> Result<f64, Error> {
    let given = quantity(option, text)?;
    let due = Quantity::parse(example).expect("examples are quantities");
    if given.dimension() != due.dimension() {
        let message = if given.dimension().is_dimensionless() {
            format!("`{text}` is a bare number; a unit is due")
        } else {
            format!("`{text}` is no quantity of the kind of `{example}`")
        };
        let code = if given.dimension().is_dimensionless() {
            "E0505"
        } else {
            CODE
        };
        return Err(Error::about(
            code,
            option,
            message,
            format!("write for example \"{example}\""),
        ));
    }
    if given.engine() > 0.0 {
        return Ok(given.engine());
    }
    let message = format!("`{text}` is not possible; it must be more than 0");
    Err(unfit(option, message, format!("write for example \"{example}\"")))
}

/// A request that does not fit.
fn unfit(option: &str, message: impl Into<String>, hint: impl Into<String>) -> Error {
    Error::about(CODE, option, message, hint)
}
