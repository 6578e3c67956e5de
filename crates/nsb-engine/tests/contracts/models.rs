//! Models, networks and settings that the tests share.

use std::sync::Arc;

use nsb_engine::{
    CellSet, Connection, Connector, Monitor, Network, Plan, Plasticity, Population, Projection, Receptor, Recording,
    Settings, Simulation, Stimulus, Waveform,
};
use nsb_kernels::{Catalogue, Simd};
use nsb_lang::{Model, Quantity, Source};

/// One thread, step 0.1 ms.
pub(crate) fn settings() -> Settings {
    Settings {
        dt_ms: 0.1,
        seed: 1,
        threads: 1,
        simd: Simd::best(),
        executor: nsb_kernels::Executor::default(),
        precision: nsb_engine::Precision::default(),
        memory_limit: None,
    }
}

pub(crate) fn built_in(name: &str) -> Arc<Model> {
    Arc::clone(Catalogue::builtin().get(name).unwrap())
}

/// A model from its text.
pub(crate) fn model(text: &str) -> Arc<Model> {
    let source = Source::new("test.model", text);
    let (file, diagnostics) = nsb_lang::syntax::parse(&source);
    assert!(!diagnostics.has_errors(), "{diagnostics}");
    let (models, diagnostics) = nsb_lang::model::check(&file, &source);
    assert!(!diagnostics.has_errors(), "{diagnostics}");
    Arc::clone(&models[0])
}

pub(crate) fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

/// Integrate-and-fire cells with a current receptor `synapse`.
pub(crate) fn lif(name: &str, size: usize) -> Population {
    let receptors = vec![Receptor::new("synapse", built_in("exponential_current"))];
    Population {
        receptors,
        ..Population::new(name, size, built_in("lif"))
    }
}

/// Hodgkin–Huxley cells with a conductance receptor `synapse`.
pub(crate) fn hodgkin_huxley(name: &str, size: usize) -> Population {
    let receptors = vec![Receptor::new("synapse", built_in("exponential_conductance"))];
    Population {
        receptors,
        ..Population::new(name, size, built_in("hodgkin_huxley"))
    }
}

/// A projection to the receptor `synapse`.
pub(crate) fn projection(
    name: &str,
    (source, target): (&str, &str),
    connector: Connector,
    weight: &str,
    delay: &str,
) -> Projection {
    Projection {
        name: name.to_owned(),
        source: source.to_owned(),
        source_cells: CellSet::All,
        target: target.to_owned(),
        target_cells: CellSet::All,
        receptor: "synapse".to_owned(),
        connector,
        weight: Some(quantity(weight).into()),
        delay: Some(quantity(delay).into()),
        plasticity: Plasticity::default(),
    }
}

pub(crate) fn connection(source: usize, target: usize) -> Connection {
    Connection {
        source,
        target,
        weight: None,
        delay: None,
    }
}

/// A pulse of one step of 0.1 ms that makes an integrate-and-fire cell at rest fire in that step.
pub(crate) fn kick(name: &str, population: &str, cells: &[usize], step: u32) -> Stimulus {
    let time = |step: u32| quantity(&format!("{} ms", f64::from(step) / 10.0));
    let (start, stop) = (time(step), Some(time(step + 1)));
    Stimulus {
        name: name.to_owned(),
        population: population.to_owned(),
        cells: CellSet::List(cells.to_vec()),
        receptor: None,
        waveform: Waveform::Step {
            amplitude: quantity("100 nA"),
            start,
            stop,
        },
    }
}

pub(crate) fn constant(name: &str, population: &str, cells: CellSet, amplitude: &str) -> Stimulus {
    let waveform = Waveform::Constant {
        amplitude: quantity(amplitude),
    };
    Stimulus {
        name: name.to_owned(),
        population: population.to_owned(),
        cells,
        receptor: None,
        waveform,
    }
}

/// Watches every cell at every step.
pub(crate) fn watch(name: &str, population: &str, variables: &[&str]) -> Monitor {
    Monitor::Variables {
        name: name.to_owned(),
        population: population.to_owned(),
        variables: variables.iter().map(|&v| v.to_owned()).collect(),
        cells: CellSet::All,
        interval: None,
    }
}

pub(crate) fn watch_spikes(name: &str, population: &str) -> Monitor {
    Monitor::Spikes {
        name: name.to_owned(),
        population: population.to_owned(),
        cells: CellSet::All,
    }
}

pub(crate) fn simulation(network: &Network, settings: &Settings) -> Simulation {
    Simulation::new(Plan::new(network, settings).unwrap()).unwrap()
}

/// Runs a network from the beginning.
pub(crate) fn run(network: &Network, settings: &Settings, duration_ms: f64) -> Recording {
    let mut simulation = simulation(network, settings);
    simulation.run_for(duration_ms, &mut ()).unwrap();
    simulation.into_recording()
}
