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
            parameters: BTreeMap::new(),
            initial: BTreeMap::new(),
            receptors: Vec::new(),
        }
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
