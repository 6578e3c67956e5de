//! What a detection gave: tables for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::detection::DetectionTrial;
use super::learned::MeanSd;
use super::scores::mean_sd;
use super::training::Condition;

/// The scores of all simulations of a detection.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Detected {
    /// One for each seed and condition that was simulated to its end.
    pub trials: Vec<DetectionTrial>,
}

/// A column of the tables: its name and unit, and the value of a trial.
type Measure = (&'static str, fn(&DetectionTrial) -> Option<f64>);

const MEASURES: [Measure; 6] = [
    ("hits", |trial| Some(trial.hits)),
    ("false alarms (Hz)", |trial| Some(trial.false_alarms_hz)),
    ("latency (ms)", |trial| trial.latency_ms),
    ("rate (Hz)", |trial| Some(trial.rate_hz)),
    ("strong weights", |trial| Some(trial.strong as f64)),
    ("on pattern", |trial| trial.on_pattern),
];

impl Detected {
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

    fn over_seeds(&self, condition: Condition, value: fn(&DetectionTrial) -> Option<f64>) -> Option<MeanSd> {
        let own = self.trials.iter().filter(|trial| trial.condition == condition);
        let values: Vec<f64> = own.filter_map(value).collect();
        (!values.is_empty()).then(|| mean_sd(&values))
    }

    /// The scores as a table for people: its head, and a row for each condition.
    pub fn table(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let told = |value: Option<MeanSd>| match value {
            None => "–".to_owned(),
            Some((mean, None)) => format!("{mean:.2}"),
            Some((mean, Some(sd))) => format!("{mean:.2} ± {sd:.2}"),
        };
        let names = MEASURES.iter().map(|(name, _)| (*name).to_owned());
        let head = [String::new()].into_iter().chain(names).collect();
        let row = |condition: Condition| {
            let name = match condition {
                Condition::Learning => "learning".to_owned(),
                control => format!("control: {}", control.name()),
            };
            let values = MEASURES
                .iter()
                .map(|(_, value)| told(self.over_seeds(condition, *value)));
            [name].into_iter().chain(values).collect()
        };
        (head, self.conditions().into_iter().map(row).collect())
    }

    /// The table `detection.csv`: a row for each simulation.
    pub fn to_csv(&self) -> String {
        let names = MEASURES
            .iter()
            .map(|(name, _)| name.replacen(' ', "_", name.matches(' ').count() - usize::from(name.contains('('))));
        let mut text = format!("condition,seed,{}\n", names.collect::<Vec<_>>().join(","));
        for trial in &self.trials {
            let _ = write!(text, "{},{}", trial.condition.name(), trial.seed);
            for (_, value) in MEASURES {
                let _ = match value(trial) {
                    Some(value) => write!(text, ",{value:?}"),
                    None => write!(text, ","),
                };
            }
            text.push('\n');
        }
        text
    }

    /// The object `detection` of a summary.
    pub fn to_json(&self) -> Value {
        let trial = |trial: &DetectionTrial| {
            json!({
                "condition": trial.condition.name(),
                "seed": trial.seed,
                "hits": trial.hits,
                "false_alarms_hz": trial.false_alarms_hz,
                "latency_ms": trial.latency_ms,
                "rate_hz": trial.rate_hz,
                "strong": trial.strong,
                "on_pattern": trial.on_pattern,
            })
        };
        json!({ "seeds": self.seeds(), "trials": self.trials.iter().map(trial).collect::<Vec<Value>>() })
    }

    /// Reads what [`Detected::to_json`] wrote.
    pub fn from_json(value: &Value) -> Option<Detected> {
        let trial = |value: &Value| {
            let name = value.get("condition")?.as_str()?;
            Some(DetectionTrial {
                condition: Condition::ALL.into_iter().find(|condition| condition.name() == name)?,
                seed: value.get("seed")?.as_u64()?,
                hits: value.get("hits")?.as_f64()?,
                false_alarms_hz: value.get("false_alarms_hz")?.as_f64()?,
                latency_ms: value.get("latency_ms")?.as_f64(),
                rate_hz: value.get("rate_hz")?.as_f64()?,
                strong: value.get("strong")?.as_u64()?,
                on_pattern: value.get("on_pattern")?.as_f64(),
            })
        };
        let trials = value.get("trials")?.as_array()?.iter().map(trial);
        Some(Detected {
            trials: trials.collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected() -> Detected {
        let trial = |condition, seed, hits, latency_ms| DetectionTrial {
            condition,
            seed,
            hits,
            false_alarms_hz: 0.25,
            latency_ms,
            rate_hz: 4.0,
            strong: 400,
            on_pattern: Some(0.975),
        };
        Detected {
            trials: vec![
                trial(Condition::Learning, 4, 0.5, Some(6.0)),
                trial(Condition::Shuffled, 4, 0.0, None),
                trial(Condition::Learning, 5, 1.0, Some(8.0)),
                trial(Condition::Shuffled, 5, 0.0, None),
            ],
        }
    }

    #[test]
    fn a_summary_reads_back() {
        assert_eq!(Detected::from_json(&detected().to_json()), Some(detected()));
    }

    #[test]
    fn people_see_means_over_seeds_and_programs_each_simulation() {
        let (head, rows) = detected().table();
        assert_eq!(head[1..4], ["hits", "false alarms (Hz)", "latency (ms)"]);
        // 0.5 and 1: 0.25 · √2.
        assert_eq!(rows[0][..4], ["learning", "0.75 ± 0.35", "0.25 ± 0.00", "7.00 ± 1.41"]);
        assert_eq!(rows[1][3], "–");
        let text = detected().to_csv();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "condition,seed,hits,false_alarms (Hz),latency (ms),rate (Hz),strong_weights,on_pattern"
        );
        assert_eq!(lines[2], "shuffled,4,0.0,0.25,,4.0,400.0,0.975");
        assert_eq!(lines.len(), 5);
    }
}
