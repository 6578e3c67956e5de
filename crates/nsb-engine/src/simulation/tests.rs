//! What only the crate itself can try: other sizes of blocks.

use std::sync::Arc;

use nsb_kernels::{Catalogue, Simd};
use nsb_lang::Quantity;

use super::Simulation;
use crate::monitor::Recording;
use crate::network::{CellSet, Connector, Monitor, Network, Population, Projection, Receptor, Stimulus, Waveform};
use crate::plan::{Plan, Precision, Settings};

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

fn network() -> Network {
    let model = |name| Arc::clone(Catalogue::builtin().get(name).unwrap());
    let mut cells = Population::new("cells", 300, model("lif"));
    cells
        .receptors
        .push(Receptor::new("synapse", model("exponential_current")));
    let stimulus = |n: usize| Stimulus {
        name: format!("drive {n}"),
        population: "cells".to_owned(),
        cells: CellSet::Range(30 * n, 300),
        receptor: None,
        waveform: Waveform::Constant {
            amplitude: quantity("40 pA"),
        },
    };
    Network {
        populations: vec![cells],
        projections: vec![Projection {
            name: "recurrent".to_owned(),
            source: "cells".to_owned(),
            source_cells: CellSet::All,
            target: "cells".to_owned(),
            target_cells: CellSet::All,
            receptor: "synapse".to_owned(),
            connector: Connector::PairwiseProbability {
                probability: 0.1,
                self_connections: false,
            },
            weight: Some(quantity("13.7 pA").into()),
            delay: Some(quantity("0.6 ms").into()),
            plasticity: crate::network::Plasticity::default(),
        }],
        stimuli: (0..10).map(stimulus).collect(),
        monitors: vec![Monitor::Variables {
            name: "trace".to_owned(),
            population: "cells".to_owned(),
            variables: vec!["V".to_owned()],
            cells: CellSet::Range(50, 250),
            interval: Some(quantity("0.5 ms")),
        }],
        ..Network::default()
    }
}

fn run(block_cells: u32, threads: usize) -> Recording {
    let settings = Settings {
        dt_ms: 0.1,
        seed: 5,
        threads,
        simd: Simd::best(),
        executor: nsb_kernels::Executor::default(),
        precision: Precision::default(),
        memory_limit: None,
    };
    let plan = Plan::with_block_cells(&network(), &settings, block_cells).unwrap();
    let mut simulation = Simulation::new(plan).unwrap();
    simulation.run_for(100.0, &mut ()).unwrap();
    simulation.into_recording()
}

#[test]
fn results_do_not_depend_on_the_size_of_blocks() {
    let reference = run(512, 1);
    assert!(
        reference.populations[0].spikes > 500,
        "{} spikes",
        reference.populations[0].spikes
    );
    for (block_cells, threads) in [(300, 1), (64, 3), (37, 2), (1, 2)] {
        assert_eq!(run(block_cells, threads), reference, "blocks of {block_cells}");
    }
}
