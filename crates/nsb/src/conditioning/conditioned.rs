//! What conditioning gave: weights of the rewarded synapses and of all others over time, over seeds and beside controls.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Conditioning, RewardSchedule};
use crate::learning::MeanSd;
use crate::learning::scores::mean_sd;

/// Rows of the table for people, besides the first.
const ROWS: usize = 6;

const MS_PER_MIN: f64 = 60_000.0;

/// The weights of all simulations of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditioned {
    /// The reward.
    pub reward: String,
    /// The projection whose synapses are to grow.
    pub target: String,
    /// The projection of the others.
    pub others: String,
    /// The unit of weights.
    pub unit: String,
    /// One for each seed and schedule.
    pub trials: Vec<ConditioningTrial>,
}

/// One simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditioningTrial {
    /// When it was rewarded.
    pub schedule: RewardSchedule,
    /// Its seed.
    pub seed: u64,
    /// In order of time, the first at 0.
    pub samples: Vec<Sample>,
}

/// The state of a simulation at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Simulated time, ms.
    pub time_ms: f64,
    /// How often the condition of the reward has been met so far.
    pub earned: u64,
    /// Mean weight of the synapses that are to grow, in the unit of the results.
    pub target: f64,
    /// Mean weight of the others, in the same unit.
    pub others: f64,
}

impl Conditioned {
    pub(crate) fn new(conditioning: &Conditioning, unit: &str, trials: Vec<ConditioningTrial>) -> Conditioned {
        Conditioned {
            reward: conditioning.reward.clone(),
            target: conditioning.target.clone(),
            others: conditioning.others.clone(),
            unit: unit.to_owned(),
            trials,
        }
    }

    /// The schedules that were simulated, contingent first.
    pub fn schedules(&self) -> Vec<RewardSchedule> {
        let has = |schedule: &RewardSchedule| self.trials.iter().any(|trial| trial.schedule == *schedule);
        RewardSchedule::ALL.into_iter().filter(has).collect()
    }

    /// The seeds, in the order in which they were simulated.
    pub fn seeds(&self) -> Vec<u64> {
        let mut seeds: Vec<u64> = self.trials.iter().map(|trial| trial.seed).collect();
        seeds.dedup();
        seeds
    }

    /// The times of samples, ms.
    pub fn times_ms(&self) -> Vec<f64> {
        let first = self.trials.first();
        first.map_or_else(Vec::new, |trial| {
            trial.samples.iter().map(|sample| sample.time_ms).collect()
        })
    }

    /// Mean weight of the synapses that are to grow at the n-th time, over seeds.
    pub fn target(&self, schedule: RewardSchedule, n: usize) -> Option<MeanSd> {
        self.over_seeds(schedule, |samples| Some(samples.get(n)?.target))
    }

    /// Mean weight of the others at the n-th time, over seeds.
    pub fn others(&self, schedule: RewardSchedule, n: usize) -> Option<MeanSd> {
        self.over_seeds(schedule, |samples| Some(samples.get(n)?.others))
    }

    /// How often a minute the condition was met between two of the times, over seeds.
    pub fn earned_per_min(&self, schedule: RewardSchedule, from: usize, to: usize) -> Option<MeanSd> {
        self.over_seeds(schedule, |samples| {
            let (from, to) = (samples.get(from)?, samples.get(to)?);
            let minutes = (to.time_ms - from.time_ms) / MS_PER_MIN;
            (minutes > 0.0).then(|| (to.earned - from.earned) as f64 / minutes)
        })
    }

    fn over_seeds(&self, schedule: RewardSchedule, of: impl Fn(&[Sample]) -> Option<f64>) -> Option<MeanSd> {
        let own = self.trials.iter().filter(|trial| trial.schedule == schedule);
        let values: Vec<f64> = own.filter_map(|trial| of(&trial.samples)).collect();
        (!values.is_empty()).then(|| mean_sd(&values))
    }

    /// Some of the times, the first and the last among them, for a table or a coarse curve.
    pub fn some_times(&self, rows: usize) -> Vec<usize> {
        let last = self.times_ms().len().saturating_sub(1);
        let mut times: Vec<usize> = (0..=rows).map(|row| last * row / rows.max(1)).collect();
        times.dedup();
        times
    }

    /// A table for people: its head, and a row for some of the times.
    pub fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let told = |value: Option<MeanSd>, digits: usize| match value {
            None => "–".to_owned(),
            Some((mean, None)) => format!("{mean:.digits$}"),
            Some((mean, Some(sd))) => format!("{mean:.digits$} ± {sd:.digits$}"),
        };
        let mut head = vec!["minutes".to_owned()];
        for schedule in self.schedules() {
            let prefix = match schedule {
                RewardSchedule::Contingent => String::new(),
                control => format!("{}: ", control.name()),
            };
            head.push(format!("{prefix}target ({})", self.unit));
            if schedule == RewardSchedule::Contingent {
                head.push(format!("others ({})", self.unit));
            }
            head.push(format!("{prefix}earned/min"));
        }
        let (times, shown) = (self.times_ms(), self.some_times(ROWS));
        let mut rows = Vec::new();
        for (row, &n) in shown.iter().enumerate() {
            let mut cells = vec![format!("{:.1}", times[n] / MS_PER_MIN)];
            for schedule in self.schedules() {
                cells.push(told(self.target(schedule, n), 2));
                if schedule == RewardSchedule::Contingent {
                    cells.push(told(self.others(schedule, n), 2));
                }
                let before = row.checked_sub(1).map(|before| shown[before]);
                cells.push(told(
                    before.and_then(|before| self.earned_per_min(schedule, before, n)),
                    1,
                ));
            }
            rows.push(cells);
        }
        (head, rows)
    }

    /// The object `conditioning` of a summary.
    pub fn to_json(&self) -> Value {
        let times = self.times_ms();
        let mut schedules = Map::new();
        for schedule in self.schedules() {
            let column = |of: &dyn Fn(usize) -> Option<MeanSd>, part: fn(MeanSd) -> Option<f64>| {
                let values = (0..times.len()).map(|n| of(n).and_then(part));
                values.collect::<Vec<Option<f64>>>()
            };
            let target = |n| self.target(schedule, n);
            let others = |n| self.others(schedule, n);
            let own = self.trials.iter().filter(|trial| trial.schedule == schedule);
            let by_seed: Vec<Value> = own
                .map(|trial| {
                    let samples = || trial.samples.iter();
                    json!({
                        "seed": trial.seed,
                        "target": samples().map(|sample| sample.target).collect::<Vec<f64>>(),
                        "others": samples().map(|sample| sample.others).collect::<Vec<f64>>(),
                        "earned": samples().map(|sample| sample.earned).collect::<Vec<u64>>(),
                        "time_ms": samples().map(|sample| sample.time_ms).collect::<Vec<f64>>(),
                    })
                })
                .collect();
            let value = json!({
                "target_mean": column(&target, |(mean, _)| Some(mean)),
                "target_sd": column(&target, |(_, sd)| sd),
                "others_mean": column(&others, |(mean, _)| Some(mean)),
                "others_sd": column(&others, |(_, sd)| sd),
                "by_seed": by_seed,
            });
            schedules.insert(schedule.name().to_owned(), value);
        }
        json!({
            "reward": self.reward,
            "target": self.target,
            "others": self.others,
            "unit": self.unit,
            "seeds": self.seeds(),
            "time_ms": times,
            "schedules": schedules,
        })
    }

    /// Reads what [`Conditioned::to_json`] wrote.
    pub fn from_json(value: &Value) -> Option<Conditioned> {
        let text = |key: &str| value.get(key)?.as_str().map(str::to_owned);
        let mut trials = Vec::new();
        for schedule in RewardSchedule::ALL {
            let Some(own) = value.get("schedules")?.get(schedule.name()) else {
                continue;
            };
            for trial in own.get("by_seed")?.as_array()? {
                let list = |key: &str| trial.get(key)?.as_array();
                let (target, others) = (list("target")?, list("others")?);
                let (earned, times) = (list("earned")?, list("time_ms")?);
                let samples = times.iter().zip(target).zip(others.iter().zip(earned));
                let samples = samples.map(|((time, target), (others, earned))| {
                    Some(Sample {
                        time_ms: time.as_f64()?,
                        earned: earned.as_u64()?,
                        target: target.as_f64()?,
                        others: others.as_f64()?,
                    })
                });
                trials.push(ConditioningTrial {
                    schedule,
                    seed: trial.get("seed")?.as_u64()?,
                    samples: samples.collect::<Option<_>>()?,
                });
            }
        }
        // As simulated: all schedules of a seed, then the next seed.
        let seeds: Vec<u64> = value
            .get("seeds")?
            .as_array()?
            .iter()
            .map(Value::as_u64)
            .collect::<Option<_>>()?;
        trials.sort_by_key(|trial| seeds.iter().position(|seed| *seed == trial.seed));
        Some(Conditioned {
            reward: text("reward")?,
            target: text("target")?,
            others: text("others")?,
            unit: text("unit")?,
            trials,
        })
    }

    /// The table `conditioning.csv`: a row for each sample of a simulation.
    pub fn to_csv(&self) -> String {
        let mut text = format!("schedule,seed,time_ms,target ({0}),others ({0}),earned\n", self.unit);
        for trial in &self.trials {
            for sample in &trial.samples {
                let _ = writeln!(
                    text,
                    "{},{},{:?},{:?},{:?},{}",
                    trial.schedule.name(),
                    trial.seed,
                    sample.time_ms,
                    sample.target,
                    sample.others,
                    sample.earned
                );
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditioned() -> Conditioned {
        let trial = |schedule, seed, weights: [f64; 3], earned: [u64; 3]| ConditioningTrial {
            schedule,
            seed,
            samples: (0..3)
                .map(|n| Sample {
                    time_ms: 30_000.0 * n as f64,
                    earned: earned[n],
                    target: weights[n],
                    others: 0.5,
                })
                .collect(),
        };
        Conditioned {
            reward: "pair".to_owned(),
            target: "target".to_owned(),
            others: "rest".to_owned(),
            unit: "mV".to_owned(),
            trials: vec![
                trial(RewardSchedule::Contingent, 7, [0.0, 1.0, 4.0], [0, 2, 8]),
                trial(RewardSchedule::NoReward, 7, [0.0, 0.0, 0.0], [0, 1, 2]),
                trial(RewardSchedule::Contingent, 3, [0.0, 2.0, 3.0], [0, 4, 6]),
                trial(RewardSchedule::NoReward, 3, [0.0, 0.0, 0.0], [0, 0, 3]),
            ],
        }
    }

    #[test]
    fn weights_and_rates_are_means_over_seeds() {
        let found = conditioned();
        assert_eq!((found.seeds(), found.times_ms()), (vec![7, 3], vec![0.0, 3e4, 6e4]));
        let (mean, sd) = found.target(RewardSchedule::Contingent, 2).unwrap();
        // Of 4 and 3: 1/√2.
        assert!(mean == 3.5 && (sd.unwrap() - 0.5f64.sqrt()).abs() < 1e-15);
        // 6 and 2 in half a minute.
        assert_eq!(found.earned_per_min(RewardSchedule::Contingent, 1, 2).unwrap().0, 8.0);
        assert_eq!(found.earned_per_min(RewardSchedule::Contingent, 1, 1), None);
        assert_eq!(found.target(RewardSchedule::Shuffled, 0), None);
    }

    #[test]
    fn a_summary_reads_back_and_the_table_has_a_row_for_each_sample() {
        let found = conditioned();
        assert_eq!(Conditioned::from_json(&found.to_json()).unwrap(), found);
        let text = found.to_csv();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "schedule,seed,time_ms,target (mV),others (mV),earned");
        assert_eq!(lines[3], "contingent,7,60000.0,4.0,0.5,8");
        assert_eq!(lines.len(), 13);
        let (head, rows) = found.table();
        assert_eq!(head[1..3], ["target (mV)", "others (mV)"]);
        assert_eq!(rows[2][..4], ["1.0", "3.50 ± 0.71", "0.50 ± 0.00", "8.0 ± 5.7"]);
    }
}
