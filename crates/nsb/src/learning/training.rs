//! What is shown to a network, as ordinary spike sources and intervals of learning.

use std::ops::Range;
use std::sync::Arc;

use nsb_engine::network::{CellSet, Course, Learning, Network, Rate, SourceSpikes, SpikeSource, Stimulus, Waveform};
use nsb_lang::{Quantity, Unit};

use super::images::Images;
use super::pattern::Pattern;
use super::schedule::{Schedule, Timing, Window};

/// Names of sources begin with this; no name in a project can.
const PREFIX: &str = "training.";

/// Patterns are shown, learned and tested.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// The population whose cells make up the patterns.
    pub population: String,
    /// Number of its cells.
    pub n_cells: usize,
    /// The population whose spikes are scored.
    pub readout: String,
    /// Number of its cells.
    pub n_readout: usize,
    /// Which patterns.
    pub patterns: PatternRule,
    /// When.
    pub timing: Timing,
    /// What the cells receive.
    pub shown: Shown,
    /// What is measured.
    pub score: Score,
    /// What learning is compared with.
    pub controls: Vec<Condition>,
    /// Projections whose weights may change while patterns are shown, and not in tests. Others follow intervals of their
    /// own.
    pub learning: Vec<String>,
    /// Seeds with which everything is repeated; the first is that of the run itself.
    pub seeds: Vec<u64>,
}

/// Which cells belong together.
#[derive(Debug, Clone, PartialEq)]
pub enum PatternRule {
    /// So many cells for each label, drawn by [`Pattern::drawn`].
    Drawn {
        /// One for each pattern.
        labels: Vec<String>,
        /// Cells of each.
        size: usize,
    },
    /// The listed ones, the same for all seeds.
    Given(Vec<Pattern>),
    /// Images whose pixels are the cells, the same for all seeds.
    Images(Arc<Images>),
}

/// What cells receive while a pattern is shown, and in a test.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// Spikes into the cells of a pattern.
    Spikes {
        /// While it is shown.
        input: Input,
        /// In a test.
        cue: Cue,
    },
    /// A rate for each cell, by its pixel of an image: the cells are sources that fire at random.
    Rates {
        /// Of a pixel of intensity 1, while an image is learned.
        learned: Quantity,
        /// The same in a test.
        tested: Quantity,
    },
}

/// Spikes from outside into the cells of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Receptor of the population.
    pub receptor: String,
    /// Strength of each spike, in the unit of the receptor's weight.
    pub weight: Quantity,
    /// When they come.
    pub spikes: InputSpikes,
}

/// When the spikes of a presentation come.
#[derive(Debug, Clone, PartialEq)]
pub enum InputSpikes {
    /// At random at this rate, independently in each cell.
    Poisson(Quantity),
    /// One in each cell, one cell after the other with this interval between them: a sequence.
    Sequence(Quantity),
}

/// What is shown in a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Cue {
    /// The part of the pattern's cells that receive input, above 0 and up to 1.
    pub fraction: f64,
    /// What they receive.
    pub input: Input,
}

/// What is measured in a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Score {
    /// Jaccard index of the recalled cells and the pattern.
    #[default]
    Jaccard,
    /// Whether the votes of cells, assigned by their responses in the epoch before, tell the pattern.
    Accuracy,
    /// Kendall's rank correlation of the first spikes of the cells that the cue leaves out, and their order in a sequence.
    KendallTau,
}

impl Score {
    /// All.
    pub const ALL: [Score; 3] = [Score::Jaccard, Score::Accuracy, Score::KendallTau];

    /// The name used in projects.
    pub const fn name(self) -> &'static str {
        match self {
            Score::Jaccard => "jaccard",
            Score::Accuracy => "accuracy",
            Score::KendallTau => "kendall_tau",
        }
    }

    /// The name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Score::Jaccard => "Jaccard index",
            Score::Accuracy => "accuracy",
            Score::KendallTau => "Kendall's τ of the recalled order",
        }
    }

    /// The worst and the best value.
    pub const fn range(self) -> Range<f64> {
        match self {
            Score::Jaccard | Score::Accuracy => 0.0..1.0,
            Score::KendallTau => -1.0..1.0,
        }
    }
}

/// Learning, or what it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Weights change while patterns are shown.
    Learning,
    /// The same without any change of weights.
    NoLearning,
    /// Weights change, but in each epoch a label stands for other cells: as much input and as many co-active cells, but
    /// nothing that repeats. (Labels permuted among the same patterns would leave what is learned as it is.)
    Shuffled,
}

impl Condition {
    /// All; learning first.
    pub const ALL: [Condition; 3] = [Condition::Learning, Condition::NoLearning, Condition::Shuffled];

    /// The name used in projects and results.
    pub const fn name(self) -> &'static str {
        match self {
            Condition::Learning => "learning",
            Condition::NoLearning => "no_learning",
            Condition::Shuffled => "shuffled",
        }
    }
}

impl Training {
    /// The labels of the patterns.
    pub fn labels(&self) -> Vec<String> {
        match &self.patterns {
            PatternRule::Drawn { labels, .. } => labels.clone(),
            PatternRule::Given(patterns) => patterns.iter().map(|pattern| pattern.label.clone()).collect(),
            PatternRule::Images(images) => images.labels.clone(),
        }
    }

    /// The label, as a number, of what is shown or tested in a window.
    pub(crate) fn class(&self, window: &Window, tested: bool) -> usize {
        match &self.patterns {
            PatternRule::Images(images) => images.class(window.pattern, tested),
            _ => window.pattern,
        }
    }

    /// How many patterns are shown in an epoch, and how many are tested.
    pub(crate) fn numbers(&self) -> (usize, usize) {
        match &self.patterns {
            PatternRule::Images(images) => (images.n_training, images.n_tested()),
            PatternRule::Drawn { labels, .. } => (labels.len(), labels.len()),
            PatternRule::Given(patterns) => (patterns.len(), patterns.len()),
        }
    }

    /// The patterns with a seed; none where there are images.
    pub fn patterns(&self, seed: u64) -> Vec<Pattern> {
        match &self.patterns {
            PatternRule::Drawn { labels, size } => labels
                .iter()
                .map(|label| Pattern::drawn(label, *size, self.n_cells, seed))
                .collect(),
            PatternRule::Given(patterns) => patterns.clone(),
            PatternRule::Images(_) => Vec::new(),
        }
    }

    /// The part of a pattern that its cue has; an image is shown as a whole.
    pub(crate) fn cue_fraction(&self) -> f64 {
        match &self.shown {
            Shown::Spikes { cue, .. } => cue.fraction,
            Shown::Rates { .. } => 1.0,
        }
    }

    /// The schedule with a seed.
    pub fn schedule(&self, seed: u64) -> Schedule {
        let (n_shown, n_tested) = self.numbers();
        Schedule::new(&self.timing, n_shown, n_tested, seed)
    }

    /// How long everything takes, ms.
    pub fn duration_ms(&self) -> f64 {
        self.schedule(0).end_ms
    }

    /// Puts sources of patterns and cues, and times of learning, into a network, in place of those of another condition.
    pub(crate) fn apply(&self, network: &mut Network, condition: Condition, seed: u64) {
        network.spike_sources.retain(|source| !source.name.starts_with(PREFIX));
        network.stimuli.retain(|stimulus| !stimulus.name.starts_with(PREFIX));
        match (&self.shown, &self.patterns) {
            (Shown::Spikes { input, cue }, _) => self.add_sources(network, (input, cue), condition, seed),
            (Shown::Rates { learned, tested }, PatternRule::Images(images)) => {
                self.add_images(network, images, (learned, tested), seed);
            }
            (Shown::Rates { .. }, _) => {}
        }
        for projection in &mut network.projections {
            let follows = self.learning.contains(&projection.name);
            if follows || condition == Condition::NoLearning {
                projection.plasticity.learning = Learning::During(self.learning_intervals(condition, seed));
            }
        }
    }

    /// The rates of images, as inputs of the cells that are their pixels.
    fn add_images(&self, network: &mut Network, images: &Images, levels: (&Quantity, &Quantity), seed: u64) {
        let schedule = self.schedule(seed);
        let parts = [
            ("input", levels.0, &schedule.presentations, false),
            ("test", levels.1, &schedule.tests, true),
        ];
        for (name, level, windows, tested) in parts {
            network.stimuli.push(Stimulus {
                name: format!("{PREFIX}{name}"),
                population: self.population.clone(),
                cells: CellSet::All,
                receptor: None,
                waveform: Waveform::Varying {
                    course: Course::Frames {
                        level: level.clone(),
                        frames: Arc::new(images.frames(windows, tested)),
                    },
                    start: None,
                    stop: None,
                },
            });
        }
    }

    fn add_sources(&self, network: &mut Network, (input, cue): (&Input, &Cue), condition: Condition, seed: u64) {
        let schedule = self.schedule(seed);
        for (number, pattern) in self.patterns(seed).iter().enumerate() {
            let of = |window: &&Window| window.pattern == number;
            let shown: Vec<Window> = schedule.presentations.iter().filter(of).copied().collect();
            let mut source = |name: String, input: &Input, cells: &[u32], windows: &[Window]| {
                network.spike_sources.push(SpikeSource {
                    name,
                    population: self.population.clone(),
                    receptor: input.receptor.clone(),
                    weight: input.weight.clone(),
                    spikes: input.spikes(cells, windows),
                });
            };
            let name = format!("{PREFIX}input.{}", pattern.label);
            if condition == Condition::Shuffled {
                for window in &shown {
                    let (label, size, round) = (&pattern.label, pattern.cells.len(), window.epoch as u32);
                    let other = Pattern::redrawn(label, size, self.n_cells, seed, round);
                    source(format!("{name}.{round}"), input, &other.cells, &[*window]);
                }
            } else if !shown.is_empty() {
                source(name, input, &pattern.cells, &shown);
            }
            let tested: Vec<Window> = schedule.tests.iter().filter(of).copied().collect();
            source(
                format!("{PREFIX}test.{}", pattern.label),
                &cue.input,
                pattern.cue(cue.fraction),
                &tested,
            );
        }
    }

    /// The intervals in which weights change.
    fn learning_intervals(&self, condition: Condition, seed: u64) -> Vec<(Quantity, Quantity)> {
        if condition == Condition::NoLearning {
            return Vec::new();
        }
        let intervals = self.schedule(seed).learning_ms.into_iter();
        intervals
            .map(|(start, stop)| (milliseconds(start), milliseconds(stop)))
            .collect()
    }
}

impl Input {
    fn spikes(&self, cells: &[u32], windows: &[Window]) -> SourceSpikes {
        match &self.spikes {
            InputSpikes::Poisson(rate) => SourceSpikes::Poisson {
                cells: CellSet::List(cells.iter().map(|cell| *cell as usize).collect()),
                rate: Rate::Varying(on_in(windows, rate)),
                start: None,
                stop: None,
            },
            InputSpikes::Sequence(interval) => {
                let spike = |window: &Window, n: usize| window.start_ms + n as f64 * interval.engine();
                let trains = windows.iter().flat_map(|window| {
                    let cells = cells.iter().enumerate();
                    cells.map(move |(n, cell)| (*cell as usize, milliseconds(spike(window, n))))
                });
                SourceSpikes::Trains(trains.collect())
            }
        }
    }
}

/// A rate that is on in some windows, which are in the order of time.
fn on_in(windows: &[Window], rate: &Quantity) -> Course {
    let off = Quantity::new(0.0, rate.unit().clone());
    let (mut times, mut levels) = (Vec::new(), Vec::new());
    for window in windows {
        if times.last() == Some(&milliseconds(window.start_ms)) {
            // The same pattern once more, without a rest.
            times.pop();
            levels.pop();
        } else {
            times.push(milliseconds(window.start_ms));
            levels.push(rate.clone());
        }
        times.push(milliseconds(window.stop_ms));
        levels.push(off.clone());
    }
    Course::Pattern { times, levels }
}

fn milliseconds(time_ms: f64) -> Quantity {
    Quantity::new(time_ms, Unit::parse("ms").expect("ms is a unit"))
}

#[cfg(test)]
mod tests {
    use super::super::schedule::{PresentationOrder, TestTimes, TestTiming};
    use super::*;

    fn training(spikes: InputSpikes) -> Training {
        let input = Input {
            receptor: "kick".to_owned(),
            weight: Quantity::parse("1 mV").unwrap(),
            spikes,
        };
        Training {
            population: "cells".to_owned(),
            n_cells: 20,
            readout: "cells".to_owned(),
            n_readout: 20,
            patterns: PatternRule::Drawn {
                labels: vec!["A".to_owned(), "B".to_owned()],
                size: 4,
            },
            timing: Timing {
                epochs: 3,
                start_ms: 0.0,
                presentation_ms: 100.0,
                rest_ms: 0.0,
                order: PresentationOrder::Interleaved,
                test: TestTiming {
                    times: TestTimes::End,
                    duration_ms: 50.0,
                    rest_ms: 10.0,
                },
            },
            shown: Shown::Spikes {
                cue: Cue {
                    fraction: 0.5,
                    input: input.clone(),
                },
                input,
            },
            score: Score::Jaccard,
            controls: Vec::new(),
            learning: Vec::new(),
            seeds: vec![1],
        }
    }

    /// (name, on at a time) of the sources of a condition.
    fn on(training: &Training, condition: Condition, time_ms: f64) -> Vec<String> {
        let mut network = Network::default();
        training.apply(&mut network, condition, 1);
        let is_on = |source: &&SpikeSource| match &source.spikes {
            SourceSpikes::Poisson {
                rate: Rate::Varying(Course::Pattern { times, levels }),
                ..
            } => {
                assert!(times.windows(2).all(|pair| pair[0].engine() < pair[1].engine()));
                let last = times.iter().rposition(|time| time.engine() <= time_ms);
                last.is_some_and(|n| levels[n].engine() > 0.0)
            }
            other => panic!("{other:?}"),
        };
        let on = network.spike_sources.iter().filter(is_on);
        on.map(|source| source.name.clone()).collect()
    }

    #[test]
    fn a_source_is_on_exactly_while_its_pattern_is_shown_or_tested() {
        let training = training(InputSpikes::Poisson(Quantity::parse("200 Hz").unwrap()));
        let schedule = training.schedule(1);
        let labels = training.labels();
        for n in 0..schedule.end_ms as usize {
            let time_ms = n as f64 + 0.5;
            let within = |w: &&Window| w.start_ms < time_ms && time_ms < w.stop_ms;
            let name = |kind: &str, w: &Window| format!("training.{kind}.{}", labels[w.pattern]);
            let mut expected: Vec<String> = Vec::new();
            expected.extend(schedule.presentations.iter().filter(within).map(|w| name("input", w)));
            expected.extend(schedule.tests.iter().filter(within).map(|w| name("test", w)));
            assert_eq!(on(&training, Condition::Learning, time_ms), expected, "{time_ms} ms");
            let shuffled = on(&training, Condition::Shuffled, time_ms);
            assert_eq!(shuffled.len(), expected.len());
            assert!(shuffled.iter().zip(&expected).all(|(a, b)| a.starts_with(b)));
        }
    }

    #[test]
    fn shuffled_labels_stand_for_other_cells_in_each_epoch_and_cues_stay() {
        let training = training(InputSpikes::Poisson(Quantity::parse("200 Hz").unwrap()));
        let cells = |condition| {
            let mut network = Network::default();
            training.apply(&mut network, condition, 1);
            let cells = |source: &SpikeSource| match &source.spikes {
                SourceSpikes::Poisson { cells, .. } => (source.name.clone(), format!("{cells}")),
                other => panic!("{other:?}"),
            };
            network.spike_sources.iter().map(cells).collect::<Vec<_>>()
        };
        let (learning, shuffled) = (cells(Condition::Learning), cells(Condition::Shuffled));
        let tests = |all: &[(String, String)]| {
            let tests = all.iter().filter(|(name, _)| name.contains("test"));
            tests.cloned().collect::<Vec<_>>()
        };
        assert_eq!(tests(&learning), tests(&shuffled));
        let mut shown: Vec<&String> = shuffled.iter().chain(&learning).map(|(_, cells)| cells).collect();
        shown.sort();
        shown.dedup();
        // 2 patterns, 2 cues, and 3 epochs of 2 other sets.
        assert_eq!(shown.len(), 10);
    }

    #[test]
    fn a_sequence_plays_one_cell_after_the_other_in_each_presentation() {
        let training = training(InputSpikes::Sequence(Quantity::parse("5 ms").unwrap()));
        let mut network = Network::default();
        training.apply(&mut network, Condition::Learning, 1);
        let SourceSpikes::Trains(spikes) = &network.spike_sources[0].spikes else {
            panic!("a sequence is given spikes")
        };
        let pattern = &training.patterns(1)[0];
        let starts = training.schedule(1).presentations;
        let starts: Vec<f64> = starts.iter().filter(|w| w.pattern == 0).map(|w| w.start_ms).collect();
        assert_eq!(spikes.len(), 12);
        for (n, (cell, time)) in spikes.iter().enumerate() {
            assert_eq!(*cell as u32, pattern.cells[n % 4]);
            assert_eq!(time.engine(), starts[n / 4] + (n % 4) as f64 * 5.0);
        }
    }

    #[test]
    fn without_learning_there_is_no_interval_and_else_one_an_epoch() {
        let training = training(InputSpikes::Poisson(Quantity::parse("200 Hz").unwrap()));
        assert!(training.learning_intervals(Condition::NoLearning, 1).is_empty());
        assert_eq!(training.learning_intervals(Condition::Shuffled, 1).len(), 3);
    }
}
