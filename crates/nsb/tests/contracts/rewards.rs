//! Rewards and conditioning in project files: what they do to a small network, and every mistake with its place.

use nsb::conditioning::{RewardSchedule, Sample};
use nsb::{Overrides, Project, RunOptions, Source};

use crate::project_errors::{findings, marked, open};

const GOOD: &str = r#"duration = "6 s"
dt = "0.1 ms"

[populations.cells]
model = "lif"
size = 40

[populations.cells.receptors.input]
model = "delta"

[projections.target]
source = "cells"
target = "cells"
receptor = "input"
connect = { rule = "list", pairs = [[0, 1]] }
weight = "4 mV"
delay = "1 ms"

[projections.target.plasticity.reward]
model = "reward_stdp"
parameters = { w_max = "20 mV", gain = "40/s", tau_c = "200 ms", tau_d = "50 ms" }

[projections.others]
source = "cells"
target = "cells"
receptor = "input"
connect = { rule = "fixed_in_degree", degree = 4 }
weight = "1 mV"
delay = "1 ms"

[projections.others.plasticity.reward]
model = "reward_stdp"
parameters = { w_max = "20 mV", gain = "40/s", tau_c = "200 ms", tau_d = "50 ms" }

[projections.fixed]
source = "cells"
target = "cells"
receptor = "input"
connect = { rule = "one_to_one" }
weight = "0.1 mV"
delay = "1 ms"

[stimuli.background]
population = "cells"
receptor = "input"
kind = "poisson"
weight = "4 mV"
rate = "200 Hz"

[rewards.pair]
kind = "spike_pair"
first = { population = "cells", cells = [0] }
second = { population = "cells", cells = [1] }
within = "10 ms"
delay = { distribution = "uniform", low = "50 ms", high = "200 ms" }
amount = 0.5
projections = ["target", "others"]

[conditioning]
reward = "pair"
target = "target"
others = "others"
interval = "1.5 s"
control = ["no_reward", "shuffled"]
seeds = 2
"#;

fn project(text: &str) -> Project {
    Project::from_source(&Source::new("p.toml", text), "p", None, &Overrides::default())
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn conditioning_compares_schedules_over_seeds() {
    let run = project(GOOD).run(&RunOptions::default(), &mut ()).unwrap();
    let found = run.summary.conditioning.clone().unwrap();
    assert_eq!(found.times_ms(), [0.0, 1500.0, 3000.0, 4500.0, 6000.0]);
    assert_eq!((found.seeds(), found.unit.as_str()), (vec![1, 2], "mV"));
    assert_eq!(found.trials.len(), 6);
    let last = |schedule, seed| -> Sample {
        let mut trials = found.trials.iter();
        let trial = trials
            .find(|trial| trial.schedule == schedule && trial.seed == seed)
            .unwrap();
        *trial.samples.last().unwrap()
    };
    for seed in [1, 2] {
        let contingent = last(RewardSchedule::Contingent, seed);
        let (never, shuffled) = (
            last(RewardSchedule::NoReward, seed),
            last(RewardSchedule::Shuffled, seed),
        );
        assert!(contingent.earned > 5, "{contingent:?}");
        // Without rewards nothing is learned, to the last bit.
        assert!(
            never.target == 4.0 && (never.others - 1.0).abs() < 1e-12 && never.earned > 0,
            "{never:?}"
        );
        // All of them change with a reward, and not in the same way.
        assert!(contingent.others != shuffled.others && contingent.others != 1.0 && shuffled.others != 1.0);
    }
    // The run itself is the first of the study.
    let rewards = &run.recording.rewards;
    assert_eq!(
        (rewards.len(), rewards[0].count),
        (1, last(RewardSchedule::Contingent, 1).earned)
    );
}

#[test]
fn looking_at_weights_makes_no_difference() {
    let hashes = |text: &str| {
        let run = project(text).run(&RunOptions::default(), &mut ()).unwrap();
        (run.summary.spike_hash, run.summary.weight_hash)
    };
    let (without, _) = GOOD.split_once("[conditioning]").unwrap();
    let seldom = GOOD.replace("seeds = 2", "seeds = 1").replace("1.5 s", "6 s");
    assert_eq!(hashes(without), hashes(&seldom));
    assert_eq!(
        hashes(&seldom),
        hashes(&seldom.replace("\"6 s\"\ncontrol", "\"0.7 s\"\ncontrol"))
    );
}

/// Changes the good project and wants one finding: its code and the text that it marks.
#[track_caller]
fn one(from: &str, to: &str, code: &str, at: &str) {
    assert!(GOOD.contains(from), "{from}");
    let found = findings(&GOOD.replacen(from, to, 1));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].code, marked(&found[0])), (code, at), "{found:?}");
    assert!(!found[0].hints.is_empty(), "{found:?}");
}

#[test]
fn what_is_wrong_with_a_reward_is_found_at_its_place() {
    open(GOOD).unwrap();
    one(
        "first = { population = \"cells\"",
        "first = { population = \"cell\"",
        "E0510",
        "\"cell\"",
    );
    one("cells = [1] }", "cells = [40] }", "E0514", "40");
    one("within = \"10 ms\"", "within = \"0 ms\"", "E0616", "\"0 ms\"");
    one("within = \"10 ms\"", "within = 10", "E0505", "10");
    one("within = \"10 ms\"\n", "", "E0503", "pair");
    one(
        "kind = \"spike_pair\"",
        "kind = \"spike_pairs\"",
        "E0513",
        "\"spike_pairs\"",
    );
    one("amount = 0.5", "amount = \"0.5\"", "E0504", "\"0.5\"");
    one("amount = 0.5", "amont = 0.5", "E0502", "amont");
    one(
        "[\"target\", \"others\"]",
        "[\"target\", \"fixed\"]",
        "E0616",
        "\"fixed\"",
    );
    one(
        "[\"target\", \"others\"]",
        "[\"target\", \"other\"]",
        "E0510",
        "\"other\"",
    );
    one("[\"target\", \"others\"]", "\"target\"", "E0504", "\"target\"");
    one(
        "projections = [\"target\", \"others\"]",
        "projections = []",
        "E0504",
        "[]",
    );
    let delay = "delay = { distribution = \"uniform\", low = \"50 ms\", high = \"200 ms\" }";
    one(delay, "delay = \"0 ms\"", "E0609", "\"0 ms\"");
    one(delay, "delay = \"0.01 ms\"", "E0609", "\"0.01 ms\"");
    one(delay, "", "E0503", "pair");
    one(
        delay,
        "delay = { distribution = \"uniform\", low = \"200 ms\", high = \"50 ms\" }",
        "E0616",
        "\"50 ms\"",
    );
}

#[test]
fn what_is_wrong_with_windows_and_times_is_found_at_its_place() {
    let pair = GOOD
        .split_once("[rewards.pair]\n")
        .unwrap()
        .1
        .split_once("delay")
        .unwrap()
        .0;
    let race = "kind = \"more_spikes\"\nmore = { population = \"cells\", cells = \"0..20\" }\n\
                fewer = { population = \"cells\", cells = \"20..40\" }\nstart = \"0 s\"\ninterval = \"100 ms\"\nwindow = \"20 ms\"\n";
    let project = GOOD.replace(pair, race);
    open(&project).unwrap();
    for (from, to, code, at) in [
        ("window = \"20 ms\"", "window = \"0 ms\"", "E0616", "\"0 ms\""),
        ("interval = \"100 ms\"", "interval = \"0 ms\"", "E0616", "\"0 ms\""),
        ("interval = \"100 ms\"\n", "", "E0503", "pair"),
        ("start = \"0 s\"\ninterval = \"100 ms\"\n", "", "E0503", "pair"),
        ("start = \"0 s\"\n", "cues = [\"1 s\"]\n", "E0515", "\"100 ms\""),
        ("start = \"0 s\"\ninterval = \"100 ms\"", "cues = []", "E0616", "[]"),
        (
            "start = \"0 s\"\ninterval = \"100 ms\"",
            "cues = [\"-1 s\"]",
            "E0611",
            "\"-1 s\"",
        ),
    ] {
        let found = findings(&project.replacen(from, to, 1));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].code, marked(&found[0])), (code, at), "{found:?}");
    }
}

#[test]
fn what_is_wrong_with_conditioning_is_found_at_its_place() {
    one("reward = \"pair\"", "reward = \"pairs\"", "E0510", "\"pairs\"");
    one(
        "target = \"target\"\nothers",
        "target = \"targets\"\nothers",
        "E0510",
        "\"targets\"",
    );
    one(
        "others = \"others\"\ninterval",
        "others = \"fixed\"\ninterval",
        "E0515",
        "\"fixed\"",
    );
    one("interval = \"1.5 s\"", "interval = \"0 s\"", "E0515", "\"0 s\"");
    one("\"shuffled\"]", "\"shuffle\"]", "E0513", "\"shuffle\"");
    one("seeds = 2", "seeds = 0", "E0515", "0");
}
