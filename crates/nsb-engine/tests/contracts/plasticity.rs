//! Synapses that follow rules: every weight is what a slow event-by-event reference computes, and does not depend on
//! threads, executors, vector widths, or on how a run is cut.

use nsb_engine::random::{Purpose, Stream};
use nsb_engine::{
    Connector, Distribution, Learning, Network, PairValue, Plan, PlanError, PlannedConnection, Plasticity, Population,
    Projection, ProjectionId, Receptor, Reward, RewardCondition, Settings, Shape, Simulation, SimulationError,
    SourceSpikes, SpikeSource, SynapseRule,
};
use nsb_kernels::{Executor, Simd};
use nsb_lang::math;

use crate::models::{built_in, lif, model, projection, quantity, settings, simulation};

const STEPS: u64 = 6000;
const W_MAX: f64 = 2.0;

/// Cells that fire when they get a spike from outside, and hardly notice what arrives at `synapse`.
pub(crate) fn puppets(name: &str, size: usize) -> Population {
    let mut population = lif(name, size);
    population.receptors.push(Receptor::new("strings", built_in("delta")));
    population
}

/// Spikes from outside at random grid points, far enough apart that each makes its cell fire. Gives the grid point of
/// each spike of each cell, and the source.
fn strings(population: &str, size: usize, seed: u64) -> (Vec<Vec<u64>>, SpikeSource) {
    let stream = Stream::new(seed, 0, Purpose::Parameter);
    let mut index = 0..;
    let mut trains = Vec::new();
    let mut spikes = Vec::new();
    for cell in 0..size {
        let mut train = Vec::new();
        let mut step = stream.below(index.next().unwrap(), 300);
        while step < STEPS - 10 {
            trains.push((cell, quantity(&format!("{} ms", step as f64 / 10.0))));
            // Fired in the step that begins there.
            train.push(step + 1);
            step += 30 + stream.below(index.next().unwrap(), 500);
        }
        spikes.push(train);
    }
    let source = SpikeSource {
        name: format!("strings_of_{population}"),
        population: population.to_owned(),
        receptor: "strings".to_owned(),
        weight: quantity("100 mV"),
        spikes: SourceSpikes::Trains(trains),
    };
    (spikes, source)
}

pub(crate) fn rule(name: &str, parameters: &[(&str, &str)]) -> SynapseRule {
    let mut rule = SynapseRule::new(name, built_in(name));
    for (name, value) in parameters {
        rule.parameters.insert((*name).to_owned(), quantity(value));
    }
    rule
}

pub(crate) fn between(low: &str, high: &str) -> PairValue {
    PairValue::Random(Distribution::new(Shape::Uniform {
        low: quantity(low),
        high: quantity(high),
    }))
}

/// Two populations, random connections with weights and delays at random. Gives the spikes of both, too.
fn network(plasticity: Plasticity) -> (Network, Vec<Vec<u64>>, Vec<Vec<u64>>) {
    let (before, source) = strings("before", 20, 5);
    let (after, target) = strings("after", 15, 6);
    let connector = Connector::PairwiseProbability {
        probability: 0.5,
        self_connections: true,
    };
    let mut learning = projection("learning", ("before", "after"), connector, "1 pA", "1 ms");
    learning.weight = Some(between("0.5 pA", "1.5 pA"));
    learning.delay = Some(between("1 ms", "5 ms"));
    learning.plasticity = plasticity;
    let network = Network {
        populations: vec![puppets("before", 20), puppets("after", 15)],
        projections: vec![learning],
        spike_sources: vec![source, target],
        ..Network::default()
    };
    (network, before, after)
}

fn pair_stdp(parameters: &[(&str, &str)], dendritic_delay: Option<&str>) -> Plasticity {
    let parameters: Vec<_> = [("w_max", "2 pA")].iter().chain(parameters).copied().collect();
    Plasticity {
        rules: vec![rule("pair_stdp", &parameters)],
        dendritic_delay: dendritic_delay.map(quantity),
        ..Plasticity::default()
    }
}

pub(crate) fn connections(simulation: &mut Simulation) -> Vec<PlannedConnection> {
    let mut all = Vec::new();
    simulation.connections(ProjectionId(0), &mut |connection| all.push(connection));
    all
}

/// For exponents 0 and 1.
fn power(base: f64, exponent: f64) -> f64 {
    if exponent == 0.0 { 1.0 } else { base }
}

/// Pair STDP by its definition, all to all, for grid points that the synapse sees: traces are sums over all earlier
/// spikes.
fn reference(
    mut weight: f64,
    before: &[u64],
    after: &[u64],
    (plus, minus, mu): (f64, f64, f64),
    learns: &dyn Fn(u64) -> bool,
) -> f64 {
    let trace = |spikes: &[u64], at: u64, tau: f64| -> f64 {
        let earlier = spikes.iter().filter(|&&spike| spike < at);
        earlier
            .map(|&spike| math::exp(-((at - spike) as f64) * 0.1 / tau))
            .sum()
    };
    let mut events: Vec<u64> = before.iter().chain(after).copied().filter(|&at| at < STEPS).collect();
    events.sort_unstable();
    events.dedup();
    for at in events.into_iter().filter(|&at| learns(at)) {
        if before.contains(&at) {
            weight -= minus * W_MAX * power(weight / W_MAX, mu) * trace(after, at, 20.0);
            weight = weight.clamp(0.0, W_MAX);
        }
        if after.contains(&at) {
            weight += plus * W_MAX * power(1.0 - weight / W_MAX, mu) * trace(before, at, 20.0);
            weight = weight.clamp(0.0, W_MAX);
        }
    }
    weight
}

/// Runs and compares every weight with the reference. `dendritic` and the result are in steps and relative.
fn compare(plasticity: Plasticity, dendritic: u64, constants: (f64, f64, f64), learns: &dyn Fn(u64) -> bool) {
    let (network, before, after) = network(plasticity);
    let mut simulation = simulation(&network, &settings());
    let initial = connections(&mut simulation);
    simulation.run_for(STEPS as f64 / 10.0, &mut ()).unwrap();
    let last = connections(&mut simulation);
    assert!(initial.len() > 100);
    let mut largest: f64 = 0.0;
    let mut change: f64 = 0.0;
    for (initial, last) in initial.iter().zip(&last) {
        assert_eq!(
            (initial.source, initial.target, initial.delay),
            (last.source, last.target, last.delay)
        );
        let shifted = |spikes: &[u64], by: u64| spikes.iter().map(|spike| spike + by).collect::<Vec<_>>();
        let pre = shifted(&before[last.source as usize], u64::from(last.delay) - dendritic);
        let post = shifted(&after[last.target as usize], dendritic);
        // The last events before the end are seen a dendritic delay later than they are here.
        let (pre, post) = (shifted(&pre, dendritic), shifted(&post, dendritic));
        let expected = reference(initial.weight, &pre, &post, constants, learns);
        largest = largest.max((last.weight - expected).abs());
        change = change.max((last.weight - initial.weight).abs());
    }
    assert!(change > 0.1, "{change}");
    assert!(largest < 1e-11, "{largest}");
}

#[test]
fn additive_and_multiplicative_weights_are_those_of_the_definition() {
    compare(pair_stdp(&[], None), 0, (0.01, 0.0105, 0.0), &|_| true);
    let strong = [("A_plus", "0.1"), ("A_minus", "0.12"), ("mu", "1")];
    compare(pair_stdp(&strong, None), 0, (0.1, 0.12, 1.0), &|_| true);
    // Strong enough to reach the bounds.
    let strong = [("A_plus", "0.3"), ("A_minus", "0.2")];
    compare(pair_stdp(&strong, None), 0, (0.3, 0.2, 0.0), &|_| true);
}

#[test]
fn release_beside_learning_leaves_the_weights_as_they_are() {
    let mut both = pair_stdp(&[], None);
    both.rules.push(rule("tsodyks_markram", &[]));
    compare(both, 0, (0.01, 0.0105, 0.0), &|_| true);
}

#[test]
fn a_dendritic_delay_moves_both_spikes() {
    let constants = [("A_plus", "0.05"), ("A_minus", "0.05")];
    compare(pair_stdp(&constants, Some("0.7 ms")), 7, (0.05, 0.05, 0.0), &|_| true);
}

#[test]
fn weights_stay_outside_of_learning_intervals_while_traces_go_on() {
    let during = [("100 ms", "250 ms"), ("300 ms", "420 ms")];
    let during = during.iter().map(|(start, stop)| (quantity(start), quantity(stop)));
    let plasticity = Plasticity {
        learning: Learning::During(during.collect()),
        ..pair_stdp(&[("A_plus", "0.1"), ("A_minus", "0.1")], None)
    };
    let learns = |at: u64| (1000..2500).contains(&at) || (3000..4200).contains(&at);
    compare(plasticity, 0, (0.1, 0.1, 0.0), &learns);
}

/// Cells that drive each other through plastic synapses.
pub(crate) fn lively(size: usize) -> Network {
    let mut population = lif("cells", size);
    population
        .parameters
        .insert("V_reset".to_owned(), nsb_engine::Value::Uniform(quantity("-60 mV")));
    let connector = Connector::PairwiseProbability {
        probability: 0.2,
        self_connections: false,
    };
    let mut learning = projection("learning", ("cells", "cells"), connector.clone(), "30 pA", "1 ms");
    learning.delay = Some(between("0.5 ms", "3 ms"));
    learning.plasticity = Plasticity {
        rules: vec![
            rule(
                "pair_stdp",
                &[("w_max", "60 pA"), ("A_plus", "0.05"), ("A_minus", "0.05")],
            ),
            rule("tsodyks_markram", &[]),
        ],
        ..Plasticity::default()
    };
    let mut inhibiting = projection("inhibiting", ("cells", "cells"), connector, "-20 pA", "0.5 ms");
    inhibiting.plasticity.rules = vec![rule("pair_stdp", &[("w_max", "40 pA")])];
    let noise = SpikeSource {
        name: "noise".to_owned(),
        population: "cells".to_owned(),
        receptor: "synapse".to_owned(),
        weight: quantity("120 pA"),
        spikes: SourceSpikes::Poisson {
            cells: nsb_engine::CellSet::All,
            rate: nsb_engine::Rate::Constant(quantity("800 Hz")),
            start: None,
            stop: None,
        },
    };
    Network {
        populations: vec![population],
        projections: vec![learning, inhibiting],
        spike_sources: vec![noise],
        ..Network::default()
    }
}

#[test]
fn weights_do_not_depend_on_threads_executors_widths_or_cuts() {
    let network = lively(300);
    let hashes = |settings: &Settings, cuts: &[f64]| {
        let mut simulation = simulation(&network, settings);
        cuts.iter().for_each(|&ms| {
            simulation.run_for(ms, &mut ()).unwrap();
        });
        let spikes = simulation.recording().spike_hash.clone();
        (spikes, simulation.weight_hash().unwrap())
    };
    let reference = hashes(&settings(), &[300.0]);
    let mut still = simulation(&network, &settings());
    assert_ne!(still.weight_hash(), Some(reference.1.clone()));
    let changes = {
        still.run_for(300.0, &mut ()).unwrap();
        still.weight_changes(ProjectionId(0)).unwrap()
    };
    assert!(changes.rose && changes.fell, "{changes:?}");
    assert!(still.recording().populations[0].spikes > 300);
    for threads in [2, 3, 5] {
        assert_eq!(
            hashes(&Settings { threads, ..settings() }, &[300.0]),
            reference,
            "{threads} threads"
        );
    }
    for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
        assert_eq!(hashes(&Settings { simd, ..settings() }, &[300.0]), reference, "{simd}");
    }
    let executor = Executor::Interpreter;
    assert_eq!(hashes(&Settings { executor, ..settings() }, &[300.0]), reference);
    assert_eq!(hashes(&settings(), &[0.1, 17.3, 182.6, 100.0]), reference);
}

/// 20 Hz, relative to the first spike: the numbers of Tsodyks M, Uziel A, Markram H (2000) J Neurosci 20:RC50, exact.
#[test]
fn short_term_plasticity_has_the_exact_ratios() {
    for (preset, ratios) in [
        ("depressing", [1.0, 0.5303, 0.3097, 0.2060]),
        ("facilitating", [1.0, 1.8668, 2.5822, 3.1611]),
    ] {
        let mut short_term = rule("tsodyks_markram", &[]);
        for (name, value) in &short_term.model.preset(preset).unwrap().values.clone() {
            let parameter = short_term.model.parameters.iter().find(|p| p.name == *name).unwrap();
            let value = nsb_lang::Quantity::from_engine(*value, parameter.unit.clone());
            short_term.parameters.insert(name.clone(), value);
        }
        let mut once = projection("synapses", ("before", "after"), Connector::OneToOne, "1 pA", "1 ms");
        once.plasticity.rules = vec![short_term];
        let times = (0..4).map(|n| quantity(&format!("{} ms", 10 + 50 * n)));
        let network = Network {
            populations: vec![puppets("before", 1), lif("after", 1)],
            projections: vec![once],
            spike_sources: vec![SpikeSource {
                name: "strings".to_owned(),
                population: "before".to_owned(),
                receptor: "strings".to_owned(),
                weight: quantity("100 mV"),
                spikes: SourceSpikes::Times {
                    cells: nsb_engine::CellSet::All,
                    times: times.collect(),
                },
            }],
            monitors: vec![crate::models::watch("current", "after", &["synapse.I_syn"])],
            ..Network::default()
        };
        let names: Vec<String> = {
            let plan = Plan::new(
                &Network {
                    monitors: vec![],
                    ..network.clone()
                },
                &settings(),
            )
            .unwrap();
            plan.populations()[1]
                .program()
                .columns()
                .iter()
                .map(|c| c.name.clone())
                .collect()
        };
        let state = names
            .iter()
            .find(|name| name.starts_with("synapse.") && !name.ends_with("arrivals"))
            .unwrap();
        let network = Network {
            monitors: vec![crate::models::watch("current", "after", &[state])],
            ..network
        };
        let recording = crate::models::run(&network, &settings(), 200.0);
        let current = &recording.variables[0].series[0].values;
        let decay = math::exp(-0.1 / 5.0);
        // Fired at 10.1 ms, arrived at 11.1 ms, seen a step later.
        let jump = |n: usize| {
            let at = 112 + 500 * n;
            current[at] / decay - current[at - 1]
        };
        for (n, ratio) in ratios.iter().enumerate() {
            let found = jump(n) / jump(0);
            assert!((found - ratio).abs() < 6e-5, "{preset} {n}: {found} and {ratio}");
        }
    }
}

/// One pairing and one reward T later: the weight grows by c₀ D e^(−T/τ_c) / (1/τ_c + 1/τ_d) (Izhikevich EM (2007) Cereb
/// Cortex 17:2443-2452).
#[test]
fn a_reward_turns_marks_into_weights() {
    let change = |delay_ms: u32| {
        let once = |population: &str, ms: &str| SpikeSource {
            name: format!("strings_of_{population}"),
            population: population.to_owned(),
            receptor: "strings".to_owned(),
            weight: quantity("100 mV"),
            spikes: SourceSpikes::Times {
                cells: nsb_engine::CellSet::All,
                times: vec![quantity(ms)],
            },
        };
        let mut marked = projection("learning", ("before", "after"), Connector::OneToOne, "1 pA", "1 ms");
        marked.plasticity.rules = vec![rule("reward_stdp", &[("w_max", "1000 pA")])];
        // The synapse sees the presynaptic spike at 101.1 ms and the postsynaptic one at 111.1 ms.
        let reward_ms = f64::from(111 + delay_ms) + 0.1;
        let network = Network {
            populations: vec![puppets("before", 1), puppets("after", 1)],
            projections: vec![marked],
            spike_sources: vec![once("before", "100 ms"), once("after", "111 ms")],
            rewards: vec![Reward {
                name: "reward".to_owned(),
                projections: Vec::new(),
                condition: RewardCondition::Times(vec![quantity(&format!("{reward_ms} ms"))]),
                delay: None,
                amount: 0.5,
            }],
            ..Network::default()
        };
        let mut simulation = simulation(&network, &settings());
        simulation.run_for(20_000.0, &mut ()).unwrap();
        connections(&mut simulation)[0].weight - 1.0
    };
    let (early, late) = (change(1000), change(3000));
    assert!(early > 0.1, "{early}");
    assert!((early / late / math::exp(2.0) - 1.0).abs() < 1e-9, "{}", early / late);
}

#[test]
fn what_cannot_be_learned_is_an_error() {
    let errors = |change: &dyn Fn(&mut Projection)| {
        let (mut network, _, _) = network(pair_stdp(&[], None));
        change(&mut network.projections[0]);
        let errors = Plan::new(&network, &settings()).unwrap_err();
        let texts: Vec<String> = errors.0.iter().map(|e| format!("{}: {e}", e.path())).collect();
        (errors.0, texts.join("\n"))
    };
    let (_, text) = errors(&|p| p.weight = Some(quantity("3 pA").into()));
    assert!(
        text.contains("projections.learning.weight: the weight 3 pA lies outside the bounds of the rule, 0 pA to 2 pA"),
        "{text}"
    );
    let (_, text) = errors(&|p| p.weight = Some(between("-1 pA", "1 pA")));
    assert!(text.contains("weights of both signs"), "{text}");
    let (found, _) = errors(&|p| {
        p.plasticity.rules[0].parameters.remove("w_max");
    });
    assert!(
        matches!(&found[0], PlanError::Missing { path, .. } if path == "projections.learning.plasticity.pair_stdp.w_max"),
        "{found:?}"
    );
    let (found, _) = errors(&|p| {
        p.plasticity.rules[0]
            .parameters
            .insert("w_max".to_owned(), quantity("2 nS"));
    });
    assert!(
        matches!(&found[0], PlanError::WrongDimension { unit, .. } if unit == "pA"),
        "{found:?}"
    );
    let (found, _) = errors(&|p| p.plasticity.rules.push(SynapseRule::new("cells", built_in("lif"))));
    assert!(matches!(&found[0], PlanError::WrongModelKind { .. }), "{found:?}");
    let (_, text) = errors(&|p| p.plasticity.dendritic_delay = Some(quantity("2 ms")));
    assert!(
        text.contains("the dendritic delay 2 ms is longer than the shortest delay of the projection, 1 ms"),
        "{text}"
    );
    let (_, text) = errors(&|p| p.plasticity.learning = Learning::During(vec![(quantity("3 ms"), quantity("1 ms"))]));
    assert!(text.contains("it is never on"), "{text}");
    let reads = "synapse nosy \"Reads what is not there\"\nper target:\n    Ca : mM \"calcium\"\n    dz/dt = (Ca / 1 mM - z) / 10 ms : 1\non pre:\n    w = w * (1 - 0.1 * z)\n";
    let (found, _) = errors(&|p| p.plasticity.rules = vec![SynapseRule::new("nosy", model(reads))]);
    assert!(
        matches!(&found[0], PlanError::UnknownName { name, .. } if name == "Ca"),
        "{found:?}"
    );
}

#[test]
fn a_rule_that_runs_away_stops_the_run_with_its_projection() {
    let text = "synapse wild \"Grows without bound\"\non pre:\n    w = w * w * 1e100 / 1 weight\n";
    let (mut network, _, _) = network(pair_stdp(&[], None));
    network.projections[0].plasticity.rules = vec![SynapseRule::new("wild", model(text))];
    network.projections[0].weight = Some(quantity("1 pA").into());
    let error = simulation(&network, &settings()).run_for(600.0, &mut ()).unwrap_err();
    let found = match &error {
        SimulationError::Diverged { projection, .. } => projection == "learning",
        // The cell that received it may be noticed first.
        SimulationError::NotFinite { population, .. } => population == "after",
        _ => false,
    };
    assert!(found, "{error}");
}
