//! What a protocol gave: changes of weights, as numbers, tables and figures.

use std::path::PathBuf;

use nsb_lang::Model;
use serde_json::{Map, Value, json};

use super::pairs::Pairs;
use super::{AT_BOUND, Protocol};
use crate::error::Error;
use crate::output::{RunFolder, extra_file};
use crate::plot::{self, ChartAxis, ChartData, ChartPanel, Curve, Figure, Heading, Mark};
use crate::project::Project;
use crate::run::Run;

/// Changes of weights over the distance of two spikes, and over the frequency of pairs.
#[derive(Debug)]
pub struct ProtocolCurves {
    /// The project that was simulated: two cells and a synapse for each point.
    pub project: Project,
    /// Its run.
    pub run: Run,
    /// Name of the rule.
    pub rule: String,
    /// What changes are relative to: `w_max`, or `initial weight` of rules without that parameter.
    pub relative_to: &'static str,
    /// Spike of the target minus arrival, ms, ascending; without 0, where rules differ by convention.
    pub dt_ms: Vec<f64>,
    /// Change of the weight by all pairs of each distance.
    pub change: Vec<f64>,
    /// How often pairs came, Hz, ascending.
    pub frequency_hz: Vec<f64>,
    /// Change by pairs pre before post at each frequency.
    pub change_plus: Vec<f64>,
    /// Change by pairs post before pre.
    pub change_minus: Vec<f64>,
    /// Weights that ended at 0 or at `w_max`: what they would have become is not known.
    pub at_bound: usize,
    /// Pairs of each synapse.
    pub pairs: usize,
    /// How often pairs came in the window, Hz.
    pub rate_hz: f64,
    /// Distance of the pairs at each frequency, ms.
    pub distance_ms: f64,
    parameters: Vec<(String, String)>,
}

impl ProtocolCurves {
    /// Reads weights from the snapshots of a run. Of an interrupted one nothing is read.
    pub(super) fn new(model: &Model, protocol: &Protocol, pairs: &Pairs, project: Project, mut run: Run) -> Self {
        let has_largest = model.parameters.iter().any(|parameter| parameter.name == "w_max");
        let recorded = run.recording.weights.pop();
        let over_ms = pairs.over_ms();
        let (mut changes, mut at_bound) = (vec![f64::NAN; over_ms.len()], 0);
        if let Some(recorded) = recorded.filter(|_| !run.interrupted) {
            let rows: Vec<&[f64]> = recorded.weights.chunks_exact(over_ms.len()).collect();
            let largest = project.network.projections.iter().flat_map(|p| &p.plasticity.rules);
            let largest = largest
                .filter_map(|rule| rule.parameters.get("w_max"))
                .map(|value| value.engine())
                .next();
            let initial = Pairs::initial_weight(&project);
            let unit = if has_largest { largest.unwrap_or(1.0) } else { initial };
            for (synapse, over_ms) in over_ms.iter().enumerate() {
                let row = recorded
                    .times_ms
                    .partition_point(|time| time + 1e-6 < *over_ms)
                    .min(rows.len().saturating_sub(1));
                let Some(weight) = rows.get(row).map(|row| row[synapse]) else {
                    continue;
                };
                changes[synapse] = (weight - initial) / unit;
                let is_high = has_largest && weight >= unit * (1.0 - AT_BOUND);
                at_bound += usize::from((is_high || weight <= unit * AT_BOUND) && weight != initial);
            }
        }
        let (window, frequencies) = changes.split_at(pairs.distances_ms.len());
        let (plus, minus) = frequencies.split_at(pairs.frequencies_hz.len());
        let preset = protocol
            .preset
            .iter()
            .map(|preset| ("preset".to_owned(), preset.clone()));
        let all = preset
            .chain(protocol.parameters.iter().cloned())
            .chain(protocol.cell.iter().cloned());
        ProtocolCurves {
            project,
            run,
            rule: model.name.clone(),
            relative_to: if has_largest { "w_max" } else { "initial weight" },
            dt_ms: pairs.distances_ms.clone(),
            change: window.to_vec(),
            frequency_hz: pairs.frequencies_hz.clone(),
            change_plus: plus.to_vec(),
            change_minus: minus.to_vec(),
            at_bound,
            pairs: protocol.pairs,
            rate_hz: pairs.rate_hz,
            distance_ms: pairs.distance_ms,
            parameters: all.collect(),
        }
    }

    /// Whether not a single weight changed.
    pub(super) fn shows_nothing(&self) -> bool {
        let mut all = self.change.iter().chain(&self.change_plus).chain(&self.change_minus);
        all.all(|change| *change == 0.0)
    }

    /// The object of `--json`.
    pub fn to_json(&self) -> Value {
        let parameters: Map<String, Value> = self.parameters.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        json!({
            "rule": self.rule,
            "relative_to": self.relative_to,
            "pairs": self.pairs,
            "rate_hz": self.rate_hz,
            "dt_ms": self.dt_ms,
            "change": self.change,
            "distance_ms": self.distance_ms,
            "frequency_hz": self.frequency_hz,
            "change_plus": self.change_plus,
            "change_minus": self.change_minus,
            "at_bound": self.at_bound,
            "step_ms": self.run.summary.dt_ms,
            "parameters": parameters,
            "spike_hash": self.run.summary.spike_hash,
            "version": self.run.summary.version,
            "out_dir": self.run.summary.out_dir,
            "warnings": self.run.summary.warnings,
        })
    }

    /// The window as a table, one row a distance.
    pub fn window_csv(&self) -> String {
        let mut text = "dt (ms),change\n".to_owned();
        for (dt, change) in self.dt_ms.iter().zip(&self.change) {
            text.push_str(&format!("{dt:?},{change:?}\n"));
        }
        text
    }

    /// The changes over the frequency as a table, one row a frequency.
    pub fn frequency_csv(&self) -> String {
        let mut text = "frequency (Hz),change_plus,change_minus\n".to_owned();
        for ((hz, plus), minus) in self.frequency_hz.iter().zip(&self.change_plus).zip(&self.change_minus) {
            text.push_str(&format!("{hz:?},{plus:?},{minus:?}\n"));
        }
        text
    }

    /// The window and the dependence on frequency.
    pub fn figures(&self) -> Vec<Figure> {
        vec![self.window(), self.frequency()]
    }

    fn window(&self) -> Figure {
        let split = self.dt_ms.partition_point(|dt| *dt < 0.0);
        let half = |range: std::ops::Range<usize>, colour| Curve {
            mark: if range.len() > 30 {
                Mark::Line
            } else {
                Mark::LineAndDots
            },
            colour: Some(colour),
            x: self.dt_ms[range.clone()].to_vec(),
            y: self.change[range].to_vec(),
            ..Curve::default()
        };
        let reach = self.dt_ms.last().copied().unwrap_or(1.0);
        let mut curves = vec![self.zero(-reach, reach)];
        curves.extend([half(0..split, 1), half(split..self.dt_ms.len(), 0)]);
        let title = "Change of weight over the distance of two spikes".to_owned();
        let caption = format!(
            "Change of the weight of a synapse of {} by {} pairs at {} Hz, relative to its {}, over the spike of the target \
             minus the arrival of the presynaptic spike. {}",
            self.rule,
            self.pairs,
            self.rate_hz,
            self.of(),
            self.bound_note()
        );
        plot::chart(&ChartData {
            heading: Heading::new(
                "window",
                title,
                self.subtitle(&format!("{} pairs at {} Hz", self.pairs, self.rate_hz)),
            ),
            x: ChartAxis::new("post − pre", "ms").over(-reach..reach),
            panels: vec![self.panel(curves)],
            caption,
        })
    }

    fn frequency(&self) -> Figure {
        let curve = |label: String, colour, y: &[f64]| Curve {
            label,
            mark: Mark::LineAndDots,
            colour: Some(colour),
            x: self.frequency_hz.clone(),
            y: y.to_vec(),
        };
        let ends = self.frequency_hz.first().zip(self.frequency_hz.last());
        let (_, last) = ends.map_or((0.0, 1.0), |(first, last)| (*first, *last));
        let distance = self.distance_ms;
        let curves = vec![
            self.zero(0.0, last),
            curve(format!("+{distance} ms"), 0, &self.change_plus),
            curve(format!("−{distance} ms"), 1, &self.change_minus),
        ];
        let title = "Change of weight over the frequency of pairs".to_owned();
        let caption = format!(
            "Change of the weight of a synapse of {} by {} pairs, relative to its {}, over how often pairs come: pre {distance} \
             ms before post (+) and post {distance} ms before pre (−). {}",
            self.rule,
            self.pairs,
            self.of(),
            self.bound_note()
        );
        plot::chart(&ChartData {
            heading: Heading::new("frequency", title, self.subtitle(&format!("{} pairs", self.pairs))),
            x: ChartAxis::new("frequency of pairs", "Hz").over(0.0..last),
            panels: vec![self.panel(curves)],
            caption,
        })
    }

    fn panel(&self, curves: Vec<Curve>) -> ChartPanel {
        ChartPanel {
            y: ChartAxis::new(format!("change / {}", self.of()), ""),
            curves,
            ..ChartPanel::default()
        }
    }

    /// Where nothing changes.
    fn zero(&self, from: f64, to: f64) -> Curve {
        Curve {
            mark: Mark::Dashed,
            colour: Some(6),
            x: vec![from, to],
            y: vec![0.0, 0.0],
            ..Curve::default()
        }
    }

    /// The reference in words.
    fn of(&self) -> &'static str {
        if self.relative_to == "w_max" {
            "largest weight"
        } else {
            "initial weight"
        }
    }

    fn bound_note(&self) -> String {
        match self.at_bound {
            0 => String::new(),
            n => format!(
                "{n} of {} weights ended at a bound.",
                self.dt_ms.len() + 2 * self.frequency_hz.len()
            ),
        }
    }

    fn subtitle(&self, spikes: &str) -> String {
        let mut parts = vec![self.rule.clone()];
        parts.extend(self.parameters.iter().map(|(name, value)| format!("{name} = {value}")));
        parts.push(spikes.to_owned());
        parts.push(format!("dt = {} ms", self.run.summary.dt_ms));
        parts.join(", ")
    }

    /// Writes `window.csv`, `frequency.csv`, the spikes, the figures, a report, the project, and the object of `--json`
    /// as `summary.json`.
    pub fn write(&mut self, folder: &RunFolder) -> Result<Vec<PathBuf>, Error> {
        self.run.summary.out_dir = Some(folder.path().display().to_string());
        let files = vec![
            extra_file("window.csv", self.window_csv()),
            extra_file("frequency.csv", self.frequency_csv()),
        ];
        let summary = format!("{:#}\n", self.to_json());
        folder.write_analysis(&self.project, &self.run, files, self.figures(), summary)
    }
}
