//! Groups of cells of one model.

use std::collections::BTreeMap;
use std::sync::Arc;

use nsb_lang::lower::Method;
use nsb_lang::{Model, Quantity};

use super::Distribution;

/// A group of cells of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Unique name.
    pub name: String,
    /// Number of cells, at least 1.
    pub size: usize,
    /// The neuron model.
    pub model: Arc<Model>,
    /// Integration method; `Method::Auto` follows the model, then the equations.
    pub method: Method,
    /// Whether spikes are tied to the grid.
    pub spike_timing: SpikeTiming,
    /// Parameters that differ from the model's defaults.
    pub parameters: BTreeMap<String, Value>,
    /// Initial states that differ from the model's.
    pub initial: BTreeMap<String, Value>,
    /// Where synapses end.
    pub receptors: Vec<Receptor>,
}

impl Population {
    /// Cells with the model's own parameters, initial states and method, without receptors.
    pub fn new(name: impl Into<String>, size: usize, model: Arc<Model>) -> Population {
        Population {
            name: name.into(),
            size,
            model,
            method: Method::Auto,
            spike_timing: SpikeTiming::Grid,
            parameters: BTreeMap::new(),
            initial: BTreeMap::new(),
            receptors: Vec::new(),
        }
    }
}

/// Where threshold crossings take effect in the cell that fires. What it sends arrives on the grid in both cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SpikeTiming {
    /// Reset and refractory time begin at the end of the step.
    #[default]
    Grid,
    /// The crossing is found within the step; reset and refractory time begin there. For methods that are exact.
    Exact,
}

impl SpikeTiming {
    /// Both.
    pub const ALL: [SpikeTiming; 2] = [SpikeTiming::Grid, SpikeTiming::Exact];

    /// The name used in projects.
    pub const fn name(self) -> &'static str {
        match self {
            SpikeTiming::Grid => "grid",
            SpikeTiming::Exact => "exact",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<SpikeTiming> {
        SpikeTiming::ALL.into_iter().find(|t| t.name() == name)
    }
}

/// A receptor of every cell of a population.
#[derive(Debug, Clone, PartialEq)]
pub struct Receptor {
    /// Name, unique within the population.
    pub name: String,
    /// The receptor model.
    pub model: Arc<Model>,
    /// Parameters that differ from the model's defaults.
    pub parameters: BTreeMap<String, Value>,
}

impl Receptor {
    /// A receptor with the model's own parameters.
    pub fn new(name: impl Into<String>, model: Arc<Model>) -> Receptor {
        Receptor {
            name: name.into(),
            model,
            parameters: BTreeMap::new(),
        }
    }
}

/// A number for each cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// The same for all.
    Uniform(Quantity),
    /// One per cell.
    List(Vec<Quantity>),
    /// Drawn for each cell.
    Random(Distribution),
}
