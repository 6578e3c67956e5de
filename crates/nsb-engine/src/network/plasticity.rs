//! Rules by which synapses change.

use std::collections::BTreeMap;
use std::sync::Arc;

use nsb_lang::{Model, Quantity};

/// A rule for the synapses of a projection.
#[derive(Debug, Clone, PartialEq)]
pub struct SynapseRule {
    /// Name, unique within the projection.
    pub name: String,
    /// A model of the kind `synapse`.
    pub model: Arc<Model>,
    /// Parameters that differ from the model's defaults. Where the model says `weight`, the unit is that of the
    /// receptor's weight.
    pub parameters: BTreeMap<String, Quantity>,
}

impl SynapseRule {
    /// A rule with the model's own parameters.
    pub fn new(name: impl Into<String>, model: Arc<Model>) -> SynapseRule {
        SynapseRule {
            name: name.into(),
            model,
            parameters: BTreeMap::new(),
        }
    }
}

/// How the synapses of a projection change.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plasticity {
    /// The rules, in the order in which they act on an event. Without any the synapses are static.
    pub rules: Vec<SynapseRule>,
    /// The part of the delay that lies behind the synapse, rounded to whole steps; none if left out. A rule sees a
    /// presynaptic spike after the rest of the delay, and a postsynaptic one after this part.
    pub dendritic_delay: Option<Quantity>,
    /// When weights may change.
    pub learning: Learning,
    /// What the weights onto each cell are scaled to, if to anything.
    pub normalisation: Option<Normalisation>,
}

/// The weights of a projection onto each cell are multiplied by a common factor so that they add up to a total: at the
/// beginning of the run, and from time to time while weights may change. Then each is put within its bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalisation {
    /// What the sizes of the weights onto a cell add up to, in the unit of the receptor's weight.
    pub total: Quantity,
    /// Time between two scalings, counted from the beginning of the run and rounded to whole steps.
    pub interval: Quantity,
}

/// When weights may change. At other times they stay as they are, while traces and short-term plasticity go on.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Learning {
    /// At all times.
    #[default]
    Always,
    /// In each of these intervals, from the first time (included) to the second (excluded); rounded to whole steps.
    During(Vec<(Quantity, Quantity)>),
}
