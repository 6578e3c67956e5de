//! What works, but probably not as meant.

use nsb_lang::Quantity;

/// A finding that does not stop a simulation. `path` names the place, such as `projections.recurrent.delay`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanWarning {
    /// A time that is no multiple of the step.
    #[error("the {what} {given} is no multiple of dt = {dt_ms} ms; {used_ms} ms is used")]
    Rounded {
        /// The place.
        path: String,
        /// What kind of time: `delay`, `start`, `stop`, `interval`.
        what: &'static str,
        /// What was given.
        given: Quantity,
        /// What is used, ms.
        used_ms: f64,
        /// The step, ms.
        dt_ms: f64,
    },
    /// A projection without a synapse.
    #[error("the projection has no synapses")]
    NoSynapses {
        /// The place.
        path: String,
    },
    /// A conductance that is taken away by spikes. Inhibition is a matter of the reversal potential.
    #[error("the weight {weight} makes the conductance of `{receptor}` negative")]
    NegativeConductance {
        /// The place.
        path: String,
        /// The receptor.
        receptor: String,
        /// What was given.
        weight: Quantity,
    },
}

impl PlanWarning {
    /// The place in the network.
    pub fn path(&self) -> &str {
        match self {
            PlanWarning::Rounded { path, .. }
            | PlanWarning::NoSynapses { path }
            | PlanWarning::NegativeConductance { path, .. } => path,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            PlanWarning::Rounded { used_ms, .. } => format!("write \"{used_ms} ms\", or choose another dt"),
            PlanWarning::NoSynapses { .. } => "raise the probability or the number of cells, or remove it".to_owned(),
            PlanWarning::NegativeConductance { .. } => {
                "use a positive weight; a receptor inhibits by a low reversal potential E_rev".to_owned()
            }
        }
    }
}
