//! What training gave: a score for each test, over seeds and beside controls.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::responses::Responses;
use super::scores::{self, Voting, jaccard, kendall_tau, mean_sd, recalled};
use super::training::{Condition, Score, Training};

/// The scores of all tests of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// What was measured.
    pub score: Score,
    /// The patterns.
    pub labels: Vec<String>,
    /// One for each seed and condition that was simulated to its end; of the run itself what it reached.
    pub trials: Vec<Trial>,
}

/// One simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Learning, or a control.
    pub condition: Condition,
    /// Its seed.
    pub seed: u64,
    /// Its tests.
    pub blocks: Vec<Block>,
}

/// The tests of all patterns after some epochs.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Epochs before.
    pub epoch: usize,
    /// Mean over patterns.
    pub score: f64,
    /// Pattern-separation index, where it is defined.
    pub separation: Option<f64>,
    /// The score of each label, of images the mean over those with the label; empty where it was read back from a
    /// summary.
    pub by_pattern: Vec<f64>,
    /// Of an accuracy: for each label (row) how often each label was told (column), and in the last column how often
    /// none; empty where it was read back from a summary.
    pub confusion: Vec<Vec<u32>>,
}

/// Mean over seeds, and standard deviation where there are two or more.
pub type MeanSd = (f64, Option<f64>);

impl Trial {
    /// Scores the tests that were over at a time.
    pub(crate) fn new(
        training: &Training,
        condition: Condition,
        seed: u64,
        responses: &Responses,
        until_ms: f64,
    ) -> Trial {
        let patterns: Vec<Vec<u32>> = training.patterns(seed).iter().map(|p| p.sorted()).collect();
        let sequences = training.patterns(seed);
        let tests: Vec<_> = responses.rates(true).filter(|(w, _)| w.stop_ms <= until_ms).collect();
        let shown: Vec<_> = responses.rates(false).collect();
        let n_labels = training.labels().len();
        let mut blocks = Vec::new();
        for block in tests.chunk_by(|a, b| a.0.epoch == b.0.epoch) {
            if block.len() < training.numbers().1 {
                continue;
            }
            let epoch = block[0].0.epoch;
            // Before the first epoch nothing has been shown: cells are assigned by it all the same.
            let known = shown.iter().filter(|(window, _)| window.epoch == epoch.max(1));
            let known: Vec<(usize, &[f64])> = known
                .map(|(w, rates)| (training.class(w, false), rates.as_slice()))
                .collect();
            let voting = Voting::new(n_labels, &known);
            let mut confusion = vec![vec![0; n_labels + 1]; n_labels];
            let mut of_label = vec![Vec::new(); n_labels];
            let mut all = Vec::new();
            for (window, rates) in block {
                let label = training.class(window, true);
                let score = match training.score {
                    Score::Jaccard => jaccard(&recalled(rates), &patterns[window.pattern]),
                    Score::Accuracy => {
                        let told = voting.decode(rates);
                        confusion[label][told.unwrap_or(n_labels)] += 1;
                        f64::from(told == Some(label))
                    }
                    Score::KendallTau => {
                        let rest = sequences[window.pattern].rest(training.cue_fraction());
                        kendall_tau(responses.first_spikes_ms(window), rest).unwrap_or(0.0)
                    }
                };
                of_label[label].push(score);
                all.push(score);
            }
            if training.score != Score::Accuracy {
                confusion.clear();
            }
            let recalls: Vec<&[f64]> = block.iter().map(|(_, rates)| rates.as_slice()).collect();
            blocks.push(Block {
                epoch,
                score: mean_sd(&all).0,
                separation: scores::separation(&recalls),
                by_pattern: of_label.iter().map(|scores| mean_sd(scores).0).collect(),
                confusion,
            });
        }
        Trial {
            condition,
            seed,
            blocks,
        }
    }
}

impl Learned {
    pub(crate) fn new(training: &Training, trials: Vec<Trial>) -> Learned {
        Learned {
            score: training.score,
            labels: training.labels(),
            trials,
        }
    }

    /// The conditions that were simulated, learning first.
    pub fn conditions(&self) -> Vec<Condition> {
        let has = |condition: &Condition| self.trials.iter().any(|trial| trial.condition == *condition);
        Condition::ALL.into_iter().filter(has).collect()
    }

    /// The seeds, in the order in which they were simulated.
    pub fn seeds(&self) -> Vec<u64> {
        let mut seeds: Vec<u64> = self.trials.iter().map(|trial| trial.seed).collect();
        seeds.dedup();
        seeds
    }

    /// After how many epochs there are tests.
    pub fn epochs(&self) -> Vec<usize> {
        let first = self.trials.first();
        first.map_or_else(Vec::new, |trial| trial.blocks.iter().map(|block| block.epoch).collect())
    }

    /// The score of a condition after some epochs, over seeds.
    pub fn score(&self, condition: Condition, epoch: usize) -> Option<MeanSd> {
        let scores: Vec<f64> = self.blocks(condition, epoch).map(|block| block.score).collect();
        (!scores.is_empty()).then(|| mean_sd(&scores))
    }

    /// The pattern-separation index of a condition after some epochs, over the seeds that have one.
    pub fn separation(&self, condition: Condition, epoch: usize) -> Option<MeanSd> {
        let indices: Vec<f64> = self.blocks(condition, epoch).filter_map(|b| b.separation).collect();
        (!indices.is_empty()).then(|| mean_sd(&indices))
    }

    /// The scores as a table for people: its head, and a row for each number of epochs.
    pub fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let told = |value: Option<MeanSd>| match value {
            None => "–".to_owned(),
            Some((mean, None)) => format!("{mean:.2}"),
            Some((mean, Some(sd))) => format!("{mean:.2} ± {sd:.2}"),
        };
        let conditions = self.conditions();
        let title = |condition: &Condition| match condition {
            Condition::Learning => self.score.name().to_owned(),
            control => format!("control: {}", control.name()),
        };
        let head = ["epochs".to_owned()].into_iter().chain(conditions.iter().map(title));
        let rows = self.epochs().into_iter().map(|epoch| {
            let scores = conditions.iter().map(|condition| told(self.score(*condition, epoch)));
            let separation = told(self.separation(Condition::Learning, epoch));
            let row = [epoch.to_string()].into_iter().chain(scores).chain([separation]);
            row.collect()
        });
        (head.chain(["separation".to_owned()]).collect(), rows.collect())
    }

    fn blocks(&self, condition: Condition, epoch: usize) -> impl Iterator<Item = &Block> {
        let trials = self.trials.iter().filter(move |trial| trial.condition == condition);
        trials.filter_map(move |trial| trial.blocks.iter().find(|block| block.epoch == epoch))
    }

    /// The object `learning` of a summary.
    pub fn to_json(&self) -> Value {
        let epochs = self.epochs();
        let mut conditions = Map::new();
        for condition in self.conditions() {
            let over_seeds = |of: &dyn Fn(usize) -> Option<MeanSd>, part: fn(MeanSd) -> Option<f64>| {
                let values = epochs.iter().map(|epoch| of(*epoch).and_then(part));
                values.collect::<Vec<Option<f64>>>()
            };
            let score = |epoch| self.score(condition, epoch);
            let separation = |epoch| self.separation(condition, epoch);
            let own = self.trials.iter().filter(|trial| trial.condition == condition);
            let by_seed: Vec<Value> = own
                .map(|trial| {
                    let scores: Vec<f64> = trial.blocks.iter().map(|block| block.score).collect();
                    let separations: Vec<Option<f64>> = trial.blocks.iter().map(|block| block.separation).collect();
                    json!({ "seed": trial.seed, "score": scores, "separation": separations })
                })
                .collect();
            let value = json!({
                "mean": over_seeds(&score, |(mean, _)| Some(mean)),
                "sd": over_seeds(&score, |(_, sd)| sd),
                "separation_mean": over_seeds(&separation, |(mean, _)| Some(mean)),
                "separation_sd": over_seeds(&separation, |(_, sd)| sd),
                "by_seed": by_seed,
            });
            conditions.insert(condition.name().to_owned(), value);
        }
        json!({
            "score": self.score.name(),
            "patterns": self.labels,
            "seeds": self.seeds(),
            "epochs": epochs,
            "conditions": conditions,
        })
    }

    /// Reads what [`Learned::to_json`] wrote, but for the scores of single patterns.
    pub fn from_json(value: &Value) -> Option<Learned> {
        let name = value.get("score")?.as_str()?;
        let labels = value.get("patterns")?.as_array()?;
        let epochs: Vec<u64> = value
            .get("epochs")?
            .as_array()?
            .iter()
            .map(Value::as_u64)
            .collect::<Option<_>>()?;
        let mut trials = Vec::new();
        for condition in Condition::ALL {
            let Some(own) = value.get("conditions")?.get(condition.name()) else {
                continue;
            };
            for trial in own.get("by_seed")?.as_array()? {
                let scores = trial.get("score")?.as_array()?;
                let separations = trial.get("separation")?.as_array()?;
                let blocks = epochs.iter().zip(scores.iter().zip(separations));
                let blocks = blocks.map(|(epoch, (score, separation))| {
                    Some(Block {
                        epoch: *epoch as usize,
                        score: score.as_f64()?,
                        separation: separation.as_f64(),
                        by_pattern: Vec::new(),
                        confusion: Vec::new(),
                    })
                });
                trials.push(Trial {
                    condition,
                    seed: trial.get("seed")?.as_u64()?,
                    blocks: blocks.collect::<Option<_>>()?,
                });
            }
        }
        // As simulated: all conditions of a seed, then the next seed.
        let seeds: Vec<u64> = value
            .get("seeds")?
            .as_array()?
            .iter()
            .map(Value::as_u64)
            .collect::<Option<_>>()?;
        trials.sort_by_key(|trial| seeds.iter().position(|seed| *seed == trial.seed));
        Some(Learned {
            score: Score::ALL.into_iter().find(|score| score.name() == name)?,
            labels: labels
                .iter()
                .map(|label| label.as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
            trials,
        })
    }

    /// The table `learning.csv`: a row for each test of a simulation.
    pub fn to_csv(&self) -> String {
        let name = self.score.name();
        let mut text = format!("condition,seed,epoch,{name},separation");
        for label in &self.labels {
            let _ = write!(text, ",{name}_{label}");
        }
        text.push('\n');
        for trial in &self.trials {
            for block in &trial.blocks {
                let separation = block.separation.map_or_else(String::new, |index| format!("{index:?}"));
                let _ = write!(
                    text,
                    "{},{},{},{:?},{separation}",
                    trial.condition.name(),
                    trial.seed,
                    block.epoch,
                    block.score
                );
                for score in &block.by_pattern {
                    // A label that no tested image has has no score.
                    let _ = if score.is_nan() {
                        write!(text, ",")
                    } else {
                        write!(text, ",{score:?}")
                    };
                }
                text.push('\n');
            }
        }
        text
    }
}

impl Learned {
    /// The table `confusion.csv`: for each label of a test of a simulation, how often each label was told. None where
    /// labels are not told.
    pub fn confusion_csv(&self) -> Option<String> {
        if self.score != Score::Accuracy {
            return None;
        }
        let mut text = "condition,seed,epoch,label".to_owned();
        self.labels.iter().for_each(|label| {
            let _ = write!(text, ",told_{label}");
        });
        text.push_str(",told_none\n");
        for trial in &self.trials {
            for block in &trial.blocks {
                for (label, counts) in self.labels.iter().zip(&block.confusion) {
                    let (name, seed, epoch) = (trial.condition.name(), trial.seed, block.epoch);
                    let _ = write!(text, "{name},{seed},{epoch},{label}");
                    counts.iter().for_each(|count| {
                        let _ = write!(text, ",{count}");
                    });
                    text.push('\n');
                }
            }
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned() -> Learned {
        let block = |epoch, score: f64, separation| Block {
            epoch,
            score,
            separation,
            by_pattern: vec![score - 0.1, score + 0.1],
            confusion: Vec::new(),
        };
        let trial = |condition, seed, last| Trial {
            condition,
            seed,
            blocks: vec![block(0, 0.5, None), block(3, last, Some(0.9))],
        };
        Learned {
            score: Score::Jaccard,
            labels: vec!["A".to_owned(), "B".to_owned()],
            trials: vec![
                trial(Condition::Learning, 9, 0.75),
                trial(Condition::NoLearning, 9, 0.5),
                trial(Condition::Learning, 2, 1.0),
                trial(Condition::NoLearning, 2, 0.5),
            ],
        }
    }

    #[test]
    fn scores_are_means_over_seeds_with_the_spread_of_a_sample() {
        let learned = learned();
        assert_eq!((learned.seeds(), learned.epochs()), (vec![9, 2], vec![0, 3]));
        let (mean, sd) = learned.score(Condition::Learning, 3).unwrap();
        // Of 0.75 and 1: 0.25 / sqrt(2).
        assert!(mean == 0.875 && (sd.unwrap() - 0.25 / 2.0_f64.sqrt()).abs() < 1e-15);
        assert_eq!(learned.score(Condition::NoLearning, 3), Some((0.5, Some(0.0))));
        assert_eq!(learned.score(Condition::Shuffled, 3), None);
        assert_eq!(learned.separation(Condition::Learning, 0), None);
    }

    #[test]
    fn a_summary_reads_back_but_for_single_patterns() {
        let mut learned = learned();
        let read = Learned::from_json(&learned.to_json()).unwrap();
        let blocks = learned.trials.iter_mut().flat_map(|trial| &mut trial.blocks);
        blocks.for_each(|block| block.by_pattern.clear());
        assert_eq!(read, learned);
    }

    #[test]
    fn people_see_mean_and_spread_beside_the_control() {
        let (head, rows) = learned().table();
        assert_eq!(head, ["epochs", "jaccard", "control: no_learning", "separation"]);
        assert_eq!(rows[0], ["0", "0.50 ± 0.00", "0.50 ± 0.00", "–"]);
        assert_eq!(rows[1], ["3", "0.88 ± 0.18", "0.50 ± 0.00", "0.90 ± 0.00"]);
    }

    #[test]
    fn the_file_has_a_row_for_each_test() {
        let text = learned().to_csv();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "condition,seed,epoch,jaccard,separation,jaccard_A,jaccard_B");
        assert_eq!(lines[1], "learning,9,0,0.5,,0.4,0.6");
        assert_eq!(lines.len(), 9);
    }
}
