//! The built-in project `level2`: patterns are learned, which a control shows.

use nsb::learning::Condition;
use nsb::{Overrides, Project, Run, RunOptions};

fn level2(set: &[(&str, &str)], threads: usize) -> Run {
    let overrides = Overrides {
        threads: Some(threads),
        set: set
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        ..Overrides::default()
    };
    let project = Project::open("level2", &overrides).unwrap_or_else(|error| panic!("{error}"));
    project.run(&RunOptions::default(), &mut ()).unwrap()
}

#[test]
fn three_patterns_are_recalled_after_ten_epochs_and_not_without_learning() {
    let run = level2(&[], 1);
    assert_eq!(run.summary.n_neurons, 50);
    assert!(run.summary.weight_hash.is_some());
    let learned = run.summary.learning.unwrap();
    assert_eq!((learned.seeds().len(), learned.epochs().len()), (5, 11));
    let score = |condition, epoch| learned.score(condition, epoch).unwrap().0;
    let (before, after) = (score(Condition::Learning, 0), score(Condition::Learning, 10));
    let control = score(Condition::NoLearning, 10);
    // Without learning a cue recalls its own half.
    assert!(
        (before - 0.5).abs() < 0.05 && (control - 0.5).abs() < 0.05,
        "{before} {control}"
    );
    assert!(after > control + 0.25, "{after} beside {control}");
}

#[test]
fn weights_do_not_depend_on_threads_and_change_by_learning_only() {
    let short = [
        ("training.epochs", "1"),
        ("training.control", "none"),
        ("training.seeds", "1"),
    ];
    let reference = level2(&short, 1).summary;
    let threads = level2(&short, 3).summary;
    assert_eq!(reference.weight_hash, threads.weight_hash);
    assert_eq!(reference.spike_hash, threads.spike_hash);
    let frozen = level2(
        &[
            short[0],
            short[1],
            short[2],
            ("projections.recurrent.learning", "false"),
        ],
        1,
    )
    .summary;
    assert_ne!(reference.weight_hash, frozen.weight_hash);
}
