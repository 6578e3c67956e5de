//! What rules do in a network, against what was published of them.

use nsb_engine::{
    Connector, Distribution, Network, PairValue, Plasticity, Population, ProjectionId, Receptor, Settings, Shape,
    SynapseRule, Value,
};

use crate::models::{built_in, projection, quantity, settings, simulation};

fn with(mut population: Population, parameters: &[(&str, &str)]) -> Population {
    for (name, value) in parameters {
        let value = Value::Uniform(quantity(value));
        population.parameters.insert((*name).to_owned(), value);
    }
    population
}

/// Cells that fire at random.
fn inputs(name: &str, size: usize, rate: &str) -> Population {
    with(Population::new(name, size, built_in("poisson")), &[("rate", rate)])
}

fn receptor(name: &str, tau: &str, reversal: &str) -> Receptor {
    let mut receptor = Receptor::new(name, built_in("exponential_conductance"));
    for (parameter, value) in [("tau", tau), ("E_rev", reversal)] {
        let value = Value::Uniform(quantity(value));
        receptor.parameters.insert(parameter.to_owned(), value);
    }
    receptor
}

fn rule(model: &str, parameters: &[(&str, &str)]) -> Plasticity {
    let mut rule = SynapseRule::new(model, built_in(model));
    for (name, value) in parameters {
        rule.parameters.insert((*name).to_owned(), quantity(value));
    }
    Plasticity {
        rules: vec![rule],
        ..Plasticity::default()
    }
}

fn coarse(seed: u64) -> Settings {
    Settings {
        dt_ms: 0.5,
        seed,
        ..settings()
    }
}

/// The network of Song S, Miller KD, Abbott LF (2000) Nat Neurosci 3:919-926: 1000 inputs of 15 Hz compete for a cell.
/// Gives weights relative to the largest.
fn competition(mu: &str, seed: u64) -> Vec<f64> {
    let cell = with(
        Population {
            receptors: vec![receptor("synapse", "5 ms", "0 mV")],
            ..Population::new("cell", 1, built_in("lif"))
        },
        &[
            ("C", "200 pF"),
            ("tau_m", "10 ms"),
            ("E_L", "-74 mV"),
            ("V_th", "-54 mV"),
            ("V_reset", "-60 mV"),
            ("t_ref", "0 ms"),
        ],
    );
    let all = Connector::AllToAll { self_connections: true };
    let mut synapses = projection("synapses", ("inputs", "cell"), all, "0 nS", "0.5 ms");
    synapses.weight = Some(PairValue::Random(Distribution::new(Shape::Uniform {
        low: quantity("0 nS"),
        high: quantity("0.2 nS"),
    })));
    synapses.plasticity = rule("pair_stdp", &[("w_max", "0.2 nS"), ("mu", mu)]);
    let network = Network {
        populations: vec![inputs("inputs", 1000, "15 Hz"), cell],
        projections: vec![synapses],
        ..Network::default()
    };
    let mut simulation = simulation(&network, &coarse(seed));
    simulation.run_for(150_000.0, &mut ()).unwrap();
    let mut weights = Vec::new();
    simulation.connections(ProjectionId(0), &mut |connection| weights.push(connection.weight / 0.2));
    weights
}

#[test]
fn additive_weights_become_bimodal_and_multiplicative_ones_unimodal() {
    let outside = |weights: &[f64]| {
        let outside = weights.iter().filter(|weight| !(0.2..=0.8).contains(*weight)).count();
        outside as f64 / weights.len() as f64
    };
    let additive = competition("0", 1);
    assert!(outside(&additive) >= 0.6, "{}", outside(&additive));
    // Two groups, and few between them.
    let near = |weights: &[f64], low: f64, high: f64| weights.iter().filter(|w| (low..=high).contains(*w)).count();
    let (weak, strong) = (near(&additive, 0.0, 0.2), near(&additive, 0.8, 1.0));
    let middle = near(&additive, 0.4, 0.6);
    assert!(weak > 2 * middle && strong > 100, "{weak}, {middle}, {strong}");
    let multiplicative = competition("1", 1);
    assert!(outside(&multiplicative) < 0.01, "{}", outside(&multiplicative));
}

/// Rate of a cell in the last 50 s after 200 s under inhibitory synapses that learn, Hz. There are many weak ones: a spike
/// of a strong one keeps the cell from firing, and this correlation moves the rate up (by 0.5 Hz for 50 synapses).
fn balanced_rate(excitation_hz: &str) -> f64 {
    let cell = with(
        Population {
            receptors: vec![
                receptor("synapse", "5 ms", "0 mV"),
                receptor("inhibition", "10 ms", "-80 mV"),
            ],
            ..Population::new("cell", 10, built_in("lif"))
        },
        &[("E_L", "-60 mV"), ("V_reset", "-60 mV"), ("t_ref", "5 ms")],
    );
    let all = || Connector::AllToAll { self_connections: true };
    let excitation = projection("excitation", ("excitatory", "cell"), all(), "0.5 nS", "0.5 ms");
    let mut inhibition = projection("inhibition", ("inhibitory", "cell"), all(), "0 nS", "0.5 ms");
    inhibition.receptor = "inhibition".to_owned();
    inhibition.plasticity = rule(
        "inhibitory_stdp",
        &[("w_max", "2 nS"), ("rate", "3 Hz"), ("eta", "0.0005")],
    );
    let network = Network {
        populations: vec![
            inputs("excitatory", 200, excitation_hz),
            inputs("inhibitory", 1000, "10 Hz"),
            cell,
        ],
        projections: vec![excitation, inhibition],
        ..Network::default()
    };
    let mut simulation = simulation(&network, &coarse(1));
    simulation.run_for(200_000.0, &mut ()).unwrap();
    let before = simulation.recording().populations[2].spikes;
    simulation.run_for(50_000.0, &mut ()).unwrap();
    (simulation.recording().populations[2].spikes - before) as f64 / 10.0 / 50.0
}

/// Vogels TP et al. (2011) Science 334:1569-1573: whatever the excitation.
#[test]
fn inhibition_that_learns_holds_the_rate_of_its_target() {
    for excitation in ["10 Hz", "15 Hz"] {
        let rate = balanced_rate(excitation);
        assert!((rate - 3.0).abs() < 0.3, "{rate} Hz at {excitation}");
    }
}
