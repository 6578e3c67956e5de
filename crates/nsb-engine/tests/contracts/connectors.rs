//! Connections, weights and delays of every kind: what is built is what was said, whatever the number of threads.

use nsb_engine::{
    Connection, Connector, Distribution, Network, Outside, PairFunction, PairPredicate, PairValue, Plan, ProjectionId,
    Recording, Settings, Shape, Value,
};

use crate::models::{connection, constant, kick, lif, projection, quantity, run, settings, watch, watch_spikes};
use nsb_engine::CellSet;

fn connectors() -> Vec<(&'static str, Connector)> {
    let (multapses, self_connections) = (true, false);
    vec![
        ("one_to_one", Connector::OneToOne),
        (
            "fixed_in_degree",
            Connector::FixedInDegree {
                degree: 20,
                multapses,
                self_connections,
            },
        ),
        (
            "fixed_out_degree",
            Connector::FixedOutDegree {
                degree: 20,
                multapses: false,
                self_connections,
            },
        ),
        (
            "fixed_total_number",
            Connector::FixedTotalNumber {
                number: 20_000,
                multapses: false,
                self_connections,
            },
        ),
        (
            "ring",
            Connector::Ring {
                neighbours: 10,
                periodic: true,
            },
        ),
        (
            "small_world",
            Connector::SmallWorld {
                neighbours: 10,
                rewiring: 0.2,
            },
        ),
        (
            "grid",
            Connector::Grid {
                width: 25,
                height: 40,
                radius: 2.5,
                periodic: true,
            },
        ),
        (
            "function",
            Connector::Function(PairPredicate::new(|source, target| source % 50 == target % 50)),
        ),
    ]
}

fn normal(mean: &str, sd: &str, outside: Outside) -> PairValue {
    PairValue::Random(Distribution {
        min: Some(quantity("0 pA")),
        outside,
        ..Distribution::new(Shape::Normal {
            mean: quantity(mean),
            sd: quantity(sd),
        })
    })
}

fn delays() -> PairValue {
    PairValue::Random(Distribution::new(Shape::Uniform {
        low: quantity("0.3 ms"),
        high: quantity("2 ms"),
    }))
}

/// 1,000 cells in two blocks, driven so that they fire, connected with random weights and delays.
fn network(connector: Connector) -> Network {
    let mut cells = lif("cells", 1000);
    let voltages = Distribution::new(Shape::Uniform {
        low: quantity("-65 mV"),
        high: quantity("-50 mV"),
    });
    cells.initial.insert("V".to_owned(), Value::Random(voltages));
    let mut recurrent = projection("recurrent", ("cells", "cells"), connector, "1 pA", "1 ms");
    recurrent.weight = Some(normal("20 pA", "10 pA", Outside::Clip));
    recurrent.delay = Some(delays());
    Network {
        populations: vec![cells],
        projections: vec![recurrent],
        stimuli: vec![constant("drive", "cells", CellSet::All, "450 pA")],
        monitors: vec![watch_spikes("spikes", "cells")],
        ..Network::default()
    }
}

fn with_threads(network: &Network, threads: usize, seed: u64) -> Recording {
    run(
        network,
        &Settings {
            threads,
            seed,
            ..settings()
        },
        50.0,
    )
}

#[test]
fn random_connections_weights_and_delays_do_not_depend_on_threads_but_on_the_seed() {
    for (name, connector) in connectors() {
        let network = network(connector);
        let one = with_threads(&network, 1, 3);
        assert!(one.populations[0].spikes > 500, "{name}: {}", one.populations[0].spikes);
        assert_eq!(one, with_threads(&network, 2, 3), "{name}");
        assert_ne!(one.spike_hash, with_threads(&network, 2, 4).spike_hash, "{name}");
    }
}

#[test]
fn plans_count_the_connections_of_each_rule() {
    let counts: Vec<u64> = connectors()
        .into_iter()
        .map(|(_, connector)| Plan::new(&network(connector), &settings()).unwrap().n_synapses())
        .collect();
    // A disc of radius 2.5 has 20 grid points besides its centre.
    assert_eq!(counts, [1000, 20_000, 20_000, 20_000, 20_000, 20_000, 20_000, 20_000]);
}

/// The currents at 2,000 cells that each receive one synapse of one kicked cell, in the step in which they arrive.
#[allow(clippy::disallowed_methods)] // the platform's exponential is the independent truth
fn arriving(weight: PairValue, delay: PairValue) -> Vec<(usize, f64)> {
    let n = 2000;
    let mut p = projection(
        "p",
        ("source", "target"),
        Connector::AllToAll { self_connections: true },
        "1 pA",
        "1 ms",
    );
    (p.weight, p.delay) = (Some(weight), Some(delay));
    let network = Network {
        populations: vec![lif("source", 1), lif("target", n)],
        projections: vec![p],
        stimuli: vec![kick("kick", "source", &[0], 4)],
        monitors: vec![watch("current", "target", &["synapse.I_syn"])],
        ..Network::default()
    };
    let recording = run(&network, &settings(), 4.0);
    let values = &recording.variables[0].series[0].values;
    (0..n)
        .map(|cell| {
            let trace = || values.iter().skip(cell).step_by(n).copied();
            // The grid point of the spike is 5; the sample after arrival has decayed by one step.
            let arrival = trace().position(|x| x != 0.0).unwrap_or(6);
            (arrival - 6, trace().nth(arrival).unwrap() * f64::exp(0.1 / 5.0))
        })
        .collect()
}

#[test]
fn random_weights_and_delays_have_their_distribution() {
    let redrawn = normal("1 pA", "1 pA", Outside::Redraw);
    let found = arriving(redrawn, delays());
    let n = found.len() as f64;
    assert!(found.iter().all(|&(_, weight)| weight > 0.0));
    // A normal distribution with mean and deviation 1 given x > 0: mean 1 + φ(1)/Φ(1) = 1.28760.
    let mean = found.iter().map(|&(_, weight)| weight).sum::<f64>() / n;
    assert!((mean - 1.287_60).abs() < 5.0 * 0.794 / n.sqrt(), "mean {mean}");
    // Uniform from 3 to 20 steps, rounded: 4 to 19 with 1/17 each, the ends with half of it.
    let mut counts = [0.0; 21];
    found.iter().for_each(|&(delay, _)| counts[delay] += 1.0);
    for (delay, &count) in counts.iter().enumerate() {
        let share = match delay {
            0..=2 => 0.0,
            3 | 20 => 0.5 / 17.0,
            _ => 1.0 / 17.0,
        };
        let expected: f64 = n * share;
        assert!(
            (count - expected).abs() <= 5.0 * expected.sqrt(),
            "delay {delay}: {count} of {expected}"
        );
    }
    // Weights and delays are independent of each other: the correlation of n pairs has deviation 1/√n.
    let mean_delay = found.iter().map(|&(delay, _)| delay as f64).sum::<f64>() / n;
    let product = |f: &(usize, f64)| (f.0 as f64 - mean_delay) * (f.1 - mean);
    let correlation = found.iter().map(product).sum::<f64>() / n / 0.794 / 4.9;
    assert!(correlation.abs() < 5.0 / n.sqrt(), "correlation {correlation}");
}

#[test]
fn lists_and_functions_give_each_pair_its_own_number() {
    let unit = quantity("1 pA").unit().clone();
    let weights = PairFunction::new(unit, |source, target| (source + target % 7 + 1) as f64);
    let delays = (0..2000)
        .map(|n| quantity(["0.2 ms", "0.5 ms", "1.1 ms"][n % 3]))
        .collect();
    for (cell, &(delay, weight)) in arriving(PairValue::Function(weights), PairValue::List(delays))
        .iter()
        .enumerate()
    {
        assert_eq!(delay, [2, 5, 11][cell % 3]);
        assert!((weight - (cell % 7 + 1) as f64).abs() < 1e-6, "cell {cell}: {weight}");
    }
}

fn the_error(change: impl FnOnce(&mut Network)) -> String {
    let mut network = network(Connector::OneToOne);
    change(&mut network);
    let errors = Plan::new(&network, &settings()).expect_err("there is a mistake").0;
    assert_eq!(errors.len(), 1, "{errors:?}");
    format!("{}: {}; {}", errors[0].path(), errors[0], errors[0].hint())
}

#[test]
fn what_cannot_be_built_is_said_with_its_fix() {
    let (multapses, self_connections) = (false, false);
    let error = the_error(|n| {
        n.projections[0].connector = Connector::FixedInDegree {
            degree: 1000,
            multapses,
            self_connections,
        };
    });
    assert_eq!(
        error,
        "projections.recurrent.connector.degree: an in-degree of 1000 needs 1000 different source cells, but there are \
         999 to choose from; write degree = 999 or less, enlarge the source population, or allow a pair to be connected \
         more than once with multapses = true"
    );
    let error = the_error(|n| {
        n.populations.push(lif("few", 3));
        n.projections[0].target = "few".to_owned();
    });
    assert!(
        error.contains("populations of the same size, not 1000 and 3 cells"),
        "{error}"
    );
    let error = the_error(|n| n.projections[0].weight = Some(PairValue::List(vec![quantity("1 pA"); 7])));
    assert!(
        error.contains("the list has 7 values, the projection 1000 connections"),
        "{error}"
    );
    let error = the_error(|n| {
        let unit = quantity("1 ms").unit().clone();
        n.projections[0].delay = Some(PairValue::Function(PairFunction::new(unit, |source, _| source as f64)));
    });
    assert!(error.contains("the delay of the pair (0, 0) is 0 ms"), "{error}");
    let error = the_error(|n| {
        let unit = quantity("1 mV").unit().clone();
        n.projections[0].weight = Some(PairValue::Function(PairFunction::new(unit, |_, _| 1.0)));
    });
    assert!(error.contains("expected a current"), "{error}");
}

#[test]
fn distributions_that_cannot_be_drawn_from_are_refused() {
    let weight = |change: fn(&mut Distribution)| {
        the_error(|n| {
            let (mean, sd) = (quantity("20 pA"), quantity("1 pA"));
            let mut distribution = Distribution::new(Shape::Normal { mean, sd });
            change(&mut distribution);
            n.projections[0].weight = Some(PairValue::Random(distribution));
        })
    };
    let negative = weight(|d| {
        d.shape = Shape::Normal {
            mean: quantity("1 pA"),
            sd: quantity("-1 pA"),
        }
    });
    assert!(negative.starts_with("projections.recurrent.weight.sd: a standard deviation cannot be negative"));
    let reversed = weight(|d| {
        d.shape = Shape::Uniform {
            low: quantity("2 pA"),
            high: quantity("1 pA"),
        }
    });
    assert!(reversed.contains("`high` is below `low`"), "{reversed}");
    let lognormal = weight(|d| {
        d.shape = Shape::Lognormal {
            mean: quantity("0 pA"),
            sd: quantity("1 pA"),
        }
    });
    assert!(lognormal.contains("write a mean above 0"), "{lognormal}");
    let dimension = weight(|d| d.max = Some(quantity("1 mV")));
    assert!(
        dimension.starts_with("projections.recurrent.weight.max: expected a current"),
        "{dimension}"
    );
    let unreachable = weight(|d| (d.min, d.outside) = (Some(quantity("90 pA")), Outside::Redraw));
    assert!(
        unreachable.contains("none of 10000 draws lies between the limits"),
        "{unreachable}"
    );
    let outside = the_error(|n| {
        let (mean, sd) = (quantity("100 pF"), quantity("200 pF"));
        let capacity = Distribution::new(Shape::Normal { mean, sd });
        n.populations[0]
            .parameters
            .insert("C".to_owned(), Value::Random(capacity));
    });
    assert!(outside.contains("outside the allowed range of C") && outside.contains("limit the distribution with min"));
}

/// The connections that a plan gives are those that were said, in the order they promise, across blocks.
#[test]
fn connections_of_a_plan_are_those_of_the_list() {
    let size = 1300;
    let listed: Vec<(usize, usize, f64, f64)> = (0..size)
        .flat_map(|source| {
            (0..3).map(move |n| {
                let target = (source * 7 + n * 431) % 1300;
                (source, target, 10.0 + (source % 5) as f64, 0.5 + 0.5 * n as f64)
            })
        })
        .collect();
    let list = listed.iter().rev().map(|&(source, target, weight, delay)| Connection {
        weight: Some(quantity(&format!("{weight} pA"))),
        delay: Some(quantity(&format!("{delay} ms"))),
        ..connection(source, target)
    });
    let first = projection("first", ("cells", "cells"), Connector::OneToOne, "1 pA", "1 ms");
    let second = projection(
        "second",
        ("cells", "cells"),
        Connector::ExplicitList(list.collect()),
        "1 pA",
        "1 ms",
    );
    let network = Network {
        populations: vec![lif("cells", size)],
        projections: vec![first, second],
        ..Network::default()
    };
    let settings = settings();
    let plan = Plan::new(&network, &settings).unwrap();
    let connections = |projection| {
        let mut found = Vec::new();
        plan.connections(projection, &mut |c| {
            found.push((
                c.source as usize,
                c.target as usize,
                c.weight,
                f64::from(c.delay) * settings.dt_ms,
            ));
        });
        found
    };
    let diagonal = connections(ProjectionId(0));
    assert!(diagonal.len() == size && diagonal.iter().all(|c| c.0 == c.1 && c.2 == 1.0));
    let mut expected = listed;
    expected.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.3.total_cmp(&b.3)));
    let found = connections(ProjectionId(1));
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!((found.0, found.1, found.2), (expected.0, expected.1, expected.2));
        assert!((found.3 - expected.3).abs() < 1e-9, "{found:?} {expected:?}");
    }
}
