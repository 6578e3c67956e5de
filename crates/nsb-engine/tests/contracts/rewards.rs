//! Rewards for what a network does: their times are what their definition says of the recorded spikes, their effect is the
//! closed form, and neither depends on threads, executors, vector widths, cuts of a run or the length of epochs.

use nsb_engine::{
    CellGroup, CellSet, Connector, Cues, Distribution, Network, Plan, PlanError, Reward, RewardCondition, RewardDelay,
    RewardRecording, Settings, Shape, SourceSpikes, SpikeRecording, SpikeSource,
};
use nsb_kernels::{Executor, Simd};
use nsb_lang::math;

use crate::models::{projection, quantity, settings, simulation, watch_spikes};
use crate::plasticity::{connections, lively, puppets, rule};

fn group(population: &str, cells: CellSet) -> CellGroup {
    CellGroup {
        population: population.to_owned(),
        cells,
    }
}

/// Cells 0 to 29, then cells 20 to 59, within 3 ms.
fn pairs() -> RewardCondition {
    RewardCondition::SpikePair {
        first: group("cells", CellSet::Range(0, 30)),
        second: group("cells", CellSet::Range(20, 60)),
        within: quantity("3 ms"),
    }
}

fn reward(name: &str, condition: RewardCondition, delay: RewardDelay) -> Reward {
    Reward {
        name: name.to_owned(),
        projections: Vec::new(),
        condition,
        delay: Some(delay),
        amount: 0.3,
    }
}

fn fixed(delay: &str) -> RewardDelay {
    RewardDelay::Fixed(quantity(delay))
}

fn uniform(low: &str, high: &str) -> RewardDelay {
    RewardDelay::Random(Distribution::new(Shape::Uniform {
        low: quantity(low),
        high: quantity(high),
    }))
}

/// Cells that drive each other through synapses that learn from rewards.
fn rewarded(rewards: Vec<Reward>) -> Network {
    let mut network = lively(150);
    let short = [
        ("w_max", "60 pA"),
        ("A_plus", "0.5"),
        ("tau_c", "50 ms"),
        ("tau_d", "20 ms"),
        ("gain", "50/s"),
    ];
    network.projections[0].plasticity.rules = vec![rule("reward_stdp", &short)];
    network.rewards = rewards;
    network.monitors = vec![watch_spikes("spikes", "cells")];
    network
}

/// Grid points at which cells fired, with the cells: a reported time lies within the step that ends at its grid point.
fn grid(spikes: &SpikeRecording) -> Vec<(u64, u32)> {
    let points = spikes.times_ms.iter().map(|time| (time / 0.1 - 1e-9).ceil() as u64);
    points.zip(spikes.cells.iter().copied()).collect()
}

fn steps(times_ms: &[f64]) -> Vec<u64> {
    times_ms.iter().map(|time| (time / 0.1).round() as u64).collect()
}

#[test]
fn a_pair_is_a_spike_that_follows_another_in_time() {
    let network = rewarded(vec![reward("pair", pairs(), fixed("0.1 ms"))]);
    let mut simulation = simulation(&network, &settings());
    simulation.run_for(300.0, &mut ()).unwrap();
    let recording = simulation.recording();
    let spikes = grid(&recording.spikes[0]);
    // By definition, over all pairs.
    let mut expected: Vec<u64> = Vec::new();
    for (at, _) in spikes.iter().filter(|(_, cell)| (20..60).contains(cell)) {
        let is_first = |(earlier, cell): &(u64, u32)| *cell < 30 && earlier < at && at - earlier <= 30;
        if spikes.iter().any(is_first) {
            expected.push(*at);
        }
    }
    expected.sort_unstable();
    let followers = spikes.iter().filter(|(_, cell)| (20..60).contains(cell)).count();
    assert!(
        expected.len() > 20 && expected.len() < followers,
        "{} of {followers}",
        expected.len()
    );
    let found = &recording.rewards[0];
    assert_eq!(steps(&found.earned_ms), expected);
    let later: Vec<u64> = expected.iter().map(|at| at + 1).collect();
    assert_eq!(steps(&found.given_ms), later);
}

#[test]
fn a_window_counts_spikes_per_cell_after_its_cue() {
    // 40 against 20 cells, in windows that overlap; the last ones are not over.
    let condition = |cues| RewardCondition::MoreSpikes {
        more: group("cells", CellSet::Range(0, 40)),
        fewer: group("cells", CellSet::Range(100, 120)),
        cues,
        window: quantity("12 ms"),
    };
    let every = condition(Cues::Every {
        start: quantity("5 ms"),
        interval: quantity("8 ms"),
    });
    let times = (0..60).rev().map(|n| quantity(&format!("{} ms", 5 + 8 * n)));
    let listed = condition(Cues::At(times.collect()));
    let network = rewarded(vec![
        reward("every", every, fixed("7 ms")),
        reward("listed", listed, fixed("2 ms")),
    ]);
    let mut simulation = simulation(&network, &settings());
    simulation.run_for(300.0, &mut ()).unwrap();
    let recording = simulation.recording();
    let spikes = grid(&recording.spikes[0]);
    let mut expected = Vec::new();
    let (mut windows, mut ties) = (0, 0);
    for begin in (0..).map(|n| 50 + 80 * n).take_while(|begin| begin + 120 <= 3000) {
        let count = |cells: std::ops::Range<u32>| {
            let own = spikes
                .iter()
                .filter(|(at, cell)| cells.contains(cell) && (begin + 1..=begin + 120).contains(at));
            own.count() as f64 / cells.len() as f64
        };
        let (more, fewer) = (count(0..40), count(100..120));
        windows += 1;
        ties += usize::from(more == fewer);
        if more > fewer {
            expected.push(begin + 120);
        }
    }
    assert!(
        expected.len() > 3 && expected.len() + ties < windows,
        "{} of {windows}",
        expected.len()
    );
    for found in &recording.rewards {
        assert_eq!(steps(&found.earned_ms), expected, "{}", found.reward);
    }
}

#[test]
fn random_delays_fill_their_range_and_each_reward_draws_its_own() {
    let network = rewarded(vec![
        reward("one", pairs(), uniform("10 ms", "30 ms")),
        reward("other", pairs(), uniform("10 ms", "30 ms")),
    ]);
    let mut simulation = simulation(&network, &settings());
    simulation.run_for(600.0, &mut ()).unwrap();
    let delays = |found: &RewardRecording| -> Vec<f64> {
        let both = found.earned_ms.iter().zip(&found.given_ms);
        both.map(|(earned, given)| given - earned).collect()
    };
    let recording = simulation.recording();
    let (one, other) = (delays(&recording.rewards[0]), delays(&recording.rewards[1]));
    assert!(one.len() > 60, "{}", one.len());
    assert_ne!(one, other);
    for delays in [one, other] {
        assert!(delays.iter().all(|delay| (10.0 - 1e-9..=30.0 + 1e-9).contains(delay)));
        let mean = delays.iter().sum::<f64>() / delays.len() as f64;
        // Five standard errors of an even distribution.
        let error = 5.0 * 20.0 / (12.0 * delays.len() as f64).sqrt();
        assert!((mean - 20.0).abs() < error, "{mean}");
    }
}

#[test]
fn rewards_do_not_depend_on_threads_executors_widths_cuts_or_epochs() {
    let rewards = || {
        let race = RewardCondition::MoreSpikes {
            more: group("cells", CellSet::Range(0, 100)),
            fewer: group("cells", CellSet::Range(100, 150)),
            cues: Cues::Every {
                start: quantity("0 ms"),
                interval: quantity("5 ms"),
            },
            window: quantity("5 ms"),
        };
        vec![
            reward("pair", pairs(), uniform("0.4 ms", "20 ms")),
            reward("race", race, fixed("3 ms")),
        ]
    };
    let network = rewarded(rewards());
    let results = |network: &Network, settings: &Settings, cuts: &[f64]| {
        let mut simulation = simulation(network, settings);
        cuts.iter().for_each(|&ms| {
            simulation.run_for(ms, &mut ()).unwrap();
        });
        let weights = simulation.weight_hash().unwrap();
        let recording = simulation.recording();
        (recording.spike_hash.clone(), weights, recording.rewards.clone())
    };
    let whole = [300.0];
    let reference = results(&network, &settings(), &whole);
    assert!(
        reference.2.iter().all(|found| found.earned_ms.len() > 10),
        "{:?}",
        reference.2
    );
    // They matter.
    let without = results(&rewarded(Vec::new()), &settings(), &whole);
    assert_ne!(without.0, reference.0);
    for threads in [2, 3, 5] {
        let settings = Settings { threads, ..settings() };
        assert_eq!(results(&network, &settings, &whole), reference, "{threads} threads");
    }
    for simd in Simd::ALL.into_iter().filter(|simd| simd.is_available()) {
        assert_eq!(
            results(&network, &Settings { simd, ..settings() }, &whole),
            reference,
            "{simd}"
        );
    }
    let executor = Executor::Interpreter;
    assert_eq!(
        results(&network, &Settings { executor, ..settings() }, &whole),
        reference
    );
    assert_eq!(results(&network, &settings(), &[0.1, 17.3, 182.6, 100.0]), reference);
    // A reward that is never earned, but would come after one step, makes epochs two steps long.
    let never = RewardCondition::SpikePair {
        first: group("silent", CellSet::All),
        second: group("silent", CellSet::All),
        within: quantity("1 ms"),
    };
    let mut short = rewarded(rewards());
    short.populations.push(puppets("silent", 1));
    short.rewards.push(reward("never", never, fixed("0.1 ms")));
    let (spikes, weights, mut found) = results(&short, &settings(), &whole);
    assert_eq!(found.pop().unwrap().earned_ms, Vec::<f64>::new());
    assert_eq!((spikes, weights, found), reference);
}

/// Of one synapse: the network earns the reward itself, and the weight is that of the closed form for it.
#[test]
fn an_earned_reward_does_what_a_given_one_does() {
    let once = |population: &str, ms: &str| SpikeSource {
        name: format!("strings_of_{population}"),
        population: population.to_owned(),
        receptor: "strings".to_owned(),
        weight: quantity("100 mV"),
        spikes: SourceSpikes::Times {
            cells: CellSet::All,
            times: vec![quantity(ms)],
        },
    };
    let mut marked = projection("learning", ("before", "after"), Connector::OneToOne, "1 pA", "1 ms");
    marked.plasticity.rules = vec![rule("reward_stdp", &[("w_max", "1000 pA")])];
    let pair = |within: &str| RewardCondition::SpikePair {
        first: group("before", CellSet::List(vec![0])),
        second: group("after", CellSet::All),
        within: quantity(within),
    };
    let weight = |within: &str| {
        let network = Network {
            populations: vec![puppets("before", 1), puppets("after", 1)],
            projections: vec![marked.clone()],
            // Fired at 100.1 and 111.1 ms; the synapse sees the first at 101.1 ms.
            spike_sources: vec![once("before", "100 ms"), once("after", "111 ms")],
            rewards: vec![reward("pair", pair(within), fixed("1 s"))],
            ..Network::default()
        };
        let mut simulation = simulation(&network, &settings());
        simulation.run_for(20_000.0, &mut ()).unwrap();
        (
            connections(&mut simulation)[0].weight,
            simulation.into_recording().rewards.remove(0),
        )
    };
    let (changed, found) = weight("11 ms");
    assert_eq!(
        (steps(&found.earned_ms), steps(&found.given_ms)),
        (vec![1111], vec![11_111])
    );
    // c₀ = A₊ w_max e^(−10/20), D = gain · 0.3, one second later: c₀ D e^(−1) / (1 + 5) with times in seconds.
    let expected = 1.0 + 0.1 * 1000.0 * math::exp(-0.5) * 0.3 * math::exp(-1.0) / 6.0;
    assert!((changed - expected).abs() < 1e-9, "{changed} and {expected}");
    assert_eq!(weight("10.9 ms").0, 1.0);
}

#[test]
fn what_cannot_be_rewarded_is_an_error() {
    let error = |change: &dyn Fn(&mut Network)| {
        let mut network = rewarded(vec![reward("pair", pairs(), fixed("1 ms"))]);
        change(&mut network);
        let mut errors = Plan::new(&network, &settings()).unwrap_err().0;
        assert_eq!(errors.len(), 1, "{errors:?}");
        let error = errors.remove(0);
        (format!("{}: {error} ({})", error.path(), error.hint()), error)
    };
    let (text, _) = error(&|n| n.rewards[0].projections = vec!["inhibiting".to_owned()]);
    assert!(
        text.starts_with("rewards.pair.projections[0]: no rule of the projection `inhibiting` knows rewards"),
        "{text}"
    );
    let (_, found) = error(&|n| n.rewards[0].projections = vec!["learnin".to_owned()]);
    assert!(
        matches!(&found, PlanError::UnknownName { nearest: Some(near), .. } if near == "learning"),
        "{found:?}"
    );
    let (text, _) = error(&|n| n.projections[0].plasticity.rules.clear());
    assert!(
        text.starts_with("rewards.pair: no projection has a rule that knows rewards"),
        "{text}"
    );
    let (_, found) = error(&|n| n.rewards[0].delay = Some(fixed("0 ms")));
    assert!(
        matches!(&found, PlanError::DelayBelowStep { path, .. } if path == "rewards.pair.delay"),
        "{found:?}"
    );
    let (_, found) = error(&|n| n.rewards[0].delay = None);
    assert!(matches!(&found, PlanError::Missing { what: "delay", .. }), "{found:?}");
    let (text, _) = error(&|n| {
        if let RewardCondition::SpikePair { within, .. } = &mut n.rewards[0].condition {
            *within = quantity("0 ms");
        }
    });
    assert!(
        text.starts_with("rewards.pair.within: the longest distance 0 ms is shorter than"),
        "{text}"
    );
    let (_, found) = error(&|n| {
        if let RewardCondition::SpikePair { first, .. } = &mut n.rewards[0].condition {
            first.population = "nobody".to_owned();
        }
    });
    assert!(
        matches!(&found, PlanError::UnknownName { path, .. } if path == "rewards.pair.first.population"),
        "{found:?}"
    );
    let (_, found) = error(&|n| n.rewards[0].amount = f64::NAN);
    assert!(matches!(&found, PlanError::NotANumber { .. }), "{found:?}");
    let (_, found) = error(&|n| n.rewards.push(n.rewards[0].clone()));
    assert!(matches!(&found, PlanError::DuplicateName { .. }), "{found:?}");
}
