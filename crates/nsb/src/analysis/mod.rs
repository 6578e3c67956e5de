//! What one model does, without a project: [`fi`] gives rates over currents, [`phase`] the phase plane of a neuron, and
//! [`protocol`] the changes that a rule of plasticity makes.

pub mod fi;
pub mod phase;
pub mod protocol;

mod chosen;
mod contour;
mod field;
mod fixed_points;

pub use chosen::ChosenModel;
