//! What one neuron model does, without a project: [`fi`] gives rates over currents, [`phase`] the phase plane.

pub mod fi;
pub mod phase;

mod chosen;
mod contour;
mod field;
mod fixed_points;

pub use chosen::ChosenModel;
