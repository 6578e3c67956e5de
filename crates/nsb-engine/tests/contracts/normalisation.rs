//! Weights that are scaled to a total onto each cell.

use nsb_engine::{
    Connector, Distribution, Learning, Network, Normalisation, PairValue, Plan, Plasticity, Population, ProjectionId,
    Receptor, Settings, Shape, SynapseRule, Value,
};

use crate::models::{built_in, projection, quantity, settings, simulation};

/// 40 random sources onto `n` cells, through weights of 0 to 0.3 nS that are scaled to 6 nS every 10 ms.
fn network(n: usize, rate: &str, learning: Learning) -> Network {
    let mut inputs = Population::new("inputs", 40, built_in("poisson"));
    inputs
        .parameters
        .insert("rate".to_owned(), Value::Uniform(quantity(rate)));
    let cells = Population {
        receptors: vec![Receptor::new("synapse", built_in("exponential_conductance"))],
        ..Population::new("cells", n, built_in("lif"))
    };
    let all = Connector::AllToAll { self_connections: true };
    let mut synapses = projection("synapses", ("inputs", "cells"), all, "0 nS", "0.5 ms");
    synapses.weight = Some(PairValue::Random(Distribution::new(Shape::Uniform {
        low: quantity("0 nS"),
        high: quantity("0.3 nS"),
    })));
    let mut rule = SynapseRule::new("growth", built_in("pair_stdp"));
    // Bounds that no weight reaches: what is put within them no longer adds up.
    rule.parameters.insert("w_max".to_owned(), quantity("6 nS"));
    rule.parameters.insert("A_plus".to_owned(), quantity("0.002"));
    rule.parameters.insert("A_minus".to_owned(), quantity("0.005"));
    synapses.plasticity = Plasticity {
        rules: vec![rule],
        learning,
        normalisation: Some(Normalisation {
            total: quantity("6 nS"),
            interval: quantity("10 ms"),
        }),
        ..Plasticity::default()
    };
    Network {
        populations: vec![inputs, cells],
        projections: vec![synapses],
        ..Network::default()
    }
}

/// The weights onto each cell after some time, nS: of each cell those of all sources.
fn weights(network: &Network, settings: &Settings, duration_ms: f64) -> Vec<Vec<f64>> {
    let mut simulation = simulation(network, settings);
    simulation.run_for(duration_ms, &mut ()).unwrap();
    let mut weights = vec![Vec::new(); network.populations[1].size];
    simulation.connections(ProjectionId(0), &mut |c| weights[c.target as usize].push(c.weight));
    weights
}

fn sums(weights: &[Vec<f64>]) -> Vec<f64> {
    let sum = |weights: &Vec<f64>| weights.iter().sum();
    weights.iter().map(sum).collect()
}

#[test]
fn weights_add_up_to_the_total_from_the_beginning_and_keep_their_ratios() {
    let scaled = weights(&network(3, "0 Hz", Learning::Always), &settings(), 0.1);
    let mut bare = network(3, "0 Hz", Learning::Always);
    bare.projections[0].plasticity.normalisation = None;
    let bare = weights(&bare, &settings(), 0.1);
    for ((sum, scaled), bare) in sums(&scaled).iter().zip(&scaled).zip(&bare) {
        // Weights are read as numbers of 32 bits.
        assert!((sum - 6.0).abs() < 1e-5, "{sum}");
        for (a, b) in scaled.iter().zip(bare) {
            let (left, right) = (a * bare[0], b * scaled[0]);
            assert!((left - right).abs() < 1e-6 * left.abs().max(1e-9), "{left} {right}");
        }
    }
}

#[test]
fn they_are_scaled_again_in_each_interval_while_they_learn_and_not_else() {
    // At 200 Hz cells fire, and each of their spikes adds about 1 nS. The last scaling is one step before the end; a few
    // arrivals in that step change the sum by some 0.01 nS.
    let learning = weights(&network(3, "200 Hz", Learning::Always), &settings(), 2000.1);
    assert!(
        sums(&learning).iter().all(|sum| (sum - 6.0).abs() < 0.2),
        "{:?}",
        sums(&learning)
    );
    let between = weights(&network(3, "200 Hz", Learning::Always), &settings(), 2009.9);
    assert!(
        sums(&between).iter().any(|sum| (sum - 6.0).abs() > 0.2),
        "{:?}",
        sums(&between)
    );
    let until = Learning::During(vec![(quantity("0 ms"), quantity("1005 ms"))]);
    let stopped = network(3, "200 Hz", until);
    let (at_stop, later) = (
        weights(&stopped, &settings(), 1005.0),
        weights(&stopped, &settings(), 1500.0),
    );
    assert_eq!(at_stop, later);
}

#[test]
fn weights_do_not_depend_on_threads() {
    let hash = |threads| {
        let mut simulation = simulation(
            &network(3000, "50 Hz", Learning::Always),
            &Settings { threads, ..settings() },
        );
        simulation.run_for(50.0, &mut ()).unwrap();
        simulation.weight_hash()
    };
    assert_eq!(hash(1), hash(3));
}

#[test]
fn a_total_of_nothing_and_rules_between_events_are_refused() {
    let refused = |change: &dyn Fn(&mut Plasticity)| {
        let mut network = network(3, "10 Hz", Learning::Always);
        change(&mut network.projections[0].plasticity);
        Plan::new(&network, &settings()).unwrap_err().to_string()
    };
    let total = |text: &'static str| move |p: &mut Plasticity| p.normalisation.as_mut().unwrap().total = quantity(text);
    assert!(refused(&total("0 nS")).contains("no total"));
    assert!(refused(&total("5 mV")).contains("total"));
    let reward = refused(&|plasticity| {
        let mut rule = SynapseRule::new("reward", built_in("reward_stdp"));
        rule.parameters.insert("w_max".to_owned(), quantity("1 nS"));
        plasticity.rules = vec![rule];
    });
    assert!(reward.contains("between events"), "{reward}");
    let none = refused(&|plasticity| plasticity.rules.clear());
    assert!(none.contains("no rule"), "{none}");
}
