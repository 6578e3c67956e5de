//! The f–I curve: how fast a cell fires at constant currents. All currents are simulated at once, each in a cell of
//! its own that starts from the model's initial state.

use std::path::PathBuf;

use nsb_engine::Observer;
use nsb_lang::Quantity;
use serde_json::{Map, Value, json};

use super::chosen::{ChosenModel, constant_current, quantity};
use crate::error::Error;
use crate::output::{RunFolder, extra_file};
use crate::plot::{self, ChartAxis, ChartData, ChartPanel, Curve, Figure, Heading, Mark};
use crate::project::Project;
use crate::run::Run;
use crate::statistics::trains;

pub use super::chosen::Setting;

/// Currents at most.
const MOST_STEPS: usize = 10_000;
/// Simulated time if nothing is said: the second half of it counts.
const DEFAULT_DURATION: &str = "2 s";
/// Rates of the first interval are shown if they differ from the later ones by this share.
const ADAPTS: f64 = 0.02;

/// Which currents.
#[derive(Debug, Clone)]
pub struct Currents {
    /// The first, such as `0 uA/cm^2`.
    pub from: String,
    /// The last.
    pub to: String,
    /// How many, both ends included.
    pub steps: usize,
}

/// An f–I curve with the run that it is taken from.
#[derive(Debug)]
pub struct FiCurve {
    /// The project that was simulated: one cell for each current.
    pub project: Project,
    /// Its run.
    pub run: Run,
    /// Name of the model.
    pub model: String,
    /// Unit of the currents as the user wrote it.
    pub unit: String,
    /// The currents, ascending or descending as asked for.
    pub current: Vec<f64>,
    /// From the intervals in the second half of the run; 0 with fewer than two spikes there. Hz.
    pub rate_hz: Vec<f64>,
    /// From the first interval; 0 with fewer than two spikes. Hz.
    pub first_rate_hz: Vec<f64>,
    /// Spikes in the whole run.
    pub spikes: Vec<u64>,
    parameters: Vec<(String, String)>,
}

/// Simulates and measures.
pub fn fi(
    chosen: &ChosenModel,
    currents: &Currents,
    setting: &Setting,
    observer: &mut dyn Observer,
) -> Result<FiCurve, Error> {
    let (from, to) = (quantity("--from", &currents.from)?, quantity("--to", &currents.to)?);
    if from.dimension() != to.dimension() {
        for (option, bare, other) in [("--from", &from, &to), ("--to", &to, &from)] {
            if bare.dimension().is_dimensionless() {
                let message = format!("`{}` is a bare number; a unit is due", bare.value());
                let hint = format!("write \"{} {}\"", bare.value(), other.unit().symbol());
                return Err(Error::about("E0505", option, message, hint));
            }
        }
        let message = format!("`{}` is no quantity of the kind of `{}`", currents.to, currents.from);
        return Err(Error::about(
            "E0540",
            "--to",
            message,
            "write both ends in the same unit",
        ));
    }
    if !(2..=MOST_STEPS).contains(&currents.steps) {
        let message = format!("{} currents cannot be simulated", currents.steps);
        return Err(Error::about(
            "E0540",
            "--steps",
            message,
            format!("choose 2 to {MOST_STEPS}"),
        ));
    }
    takes(chosen, &from)?;
    let unit = from.unit().clone();
    let (first, last) = (from.value(), unit.from_engine(to.engine()));
    let current: Vec<f64> = (0..currents.steps)
        .map(|n| value_at(first, last, n, currents.steps))
        .collect();
    let stimuli = current.iter().enumerate();
    let stimuli: String = stimuli
        .map(|(n, value)| constant_current(n, &format!("[{n}]"), &Quantity::new(*value, unit.clone())))
        .collect();
    // Potentials, which are recorded where nothing is said, would fill the disk and show nothing new.
    let tables = stimuli + "\n[recordings.spikes]\npopulation = \"cells\"\nkind = \"spikes\"\n";
    let setting = Setting {
        duration: setting.duration.clone().or_else(|| Some(DEFAULT_DURATION.to_owned())),
        ..setting.clone()
    };
    let project = chosen.project("f–I curve", currents.steps, &tables, &setting)?;
    let run = project.run(&setting.options, observer)?;

    let trains = trains::of_recording(&project.network, &run.recording);
    let trains = trains.first().map_or(&[][..], |(_, trains)| &trains.times_ms);
    let half_ms = run.recording.simulated_ms / 2.0;
    Ok(FiCurve {
        model: chosen.model.name.clone(),
        unit: unit.symbol().to_owned(),
        rate_hz: trains.iter().map(|train| rate_hz(train, half_ms)).collect(),
        first_rate_hz: trains
            .iter()
            .map(|train| rate_hz(&train[..train.len().min(2)], 0.0))
            .collect(),
        spikes: trains.iter().map(|train| train.len() as u64).collect(),
        current,
        parameters: setting.parameters,
        project,
        run,
    })
}

/// The ends are exact, and round steps give round numbers: 0.1 · 3 would print as 0.30000000000000004.
fn value_at(first: f64, last: f64, n: usize, steps: usize) -> f64 {
    let value = first + (last - first) * n as f64 / (steps - 1) as f64;
    let short: f64 = format!("{value:.12e}").parse().expect("a printed number can be read");
    if n == 0 {
        first
    } else if n + 1 == steps {
        last
    } else {
        short
    }
}

/// Refuses a current that the model cannot take before anything is built.
fn takes(chosen: &ChosenModel, current: &Quantity) -> Result<(), Error> {
    let model = &chosen.model;
    let Some(input) = model.inputs.first() else {
        let message = format!("the model `{}` has no input", model.name);
        let hint = "add `inputs:` with a current to the model";
        return Err(Error::about("E0540", "MODEL", message, hint));
    };
    let picoamperes = nsb_lang::Dimension::CURRENT;
    let has_area = model.parameters.iter().any(|parameter| parameter.name == "area");
    let dimension = current.dimension();
    if model.inputs.iter().any(|input| input.unit.dimension() == dimension) || (has_area && dimension == picoamperes) {
        return Ok(());
    }
    let message = format!(
        "`{}` takes its input `{}` as {}, not as {}",
        model.name,
        input.name,
        input.unit.describe(),
        current.unit().describe()
    );
    let hint = format!("give the currents as {}", input.unit.describe());
    Err(Error::about("E0540", "--from", message, hint))
}

/// Intervals after `from_ms` over their sum.
fn rate_hz(train: &[f64], from_ms: f64) -> f64 {
    match &train[train.partition_point(|time| *time < from_ms)..] {
        [first, .., last] if last > first => {
            let intervals = train.len() - train.partition_point(|time| *time < from_ms) - 1;
            1000.0 * intervals as f64 / (last - first)
        }
        _ => 0.0,
    }
}

impl FiCurve {
    /// The object of `--json`.
    pub fn to_json(&self) -> Value {
        let parameters: Map<String, Value> = self.parameters.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        json!({
            "model": self.model,
            "current": self.current,
            "current_unit": self.unit,
            "rate_hz": self.rate_hz,
            "first_rate_hz": self.first_rate_hz,
            "spikes": self.spikes,
            "duration_ms": self.run.summary.sim_ms,
            "dt_ms": self.run.summary.dt_ms,
            "method": self.run.methods.first().map(|method| method.name()),
            "parameters": parameters,
            "spike_hash": self.run.summary.spike_hash,
            "version": self.run.summary.version,
            "out_dir": self.run.summary.out_dir,
            "interrupted": self.run.interrupted,
            "warnings": self.run.summary.warnings,
        })
    }

    /// The curve as a table, one row a current.
    pub fn to_csv(&self) -> String {
        let unit = if self.unit == "1" {
            String::new()
        } else {
            format!(" ({})", self.unit)
        };
        let mut text = format!("current{unit},rate_hz,first_rate_hz,spikes\n");
        for n in 0..self.current.len() {
            let row = (self.current[n], self.rate_hz[n], self.first_rate_hz[n], self.spikes[n]);
            text.push_str(&format!("{:?},{:?},{:?},{}\n", row.0, row.1, row.2, row.3));
        }
        text
    }

    /// The curve as a figure.
    pub fn figure(&self) -> Figure {
        let unit = if self.unit == "1" { "" } else { &self.unit };
        let curve = |label: &str, mark: Mark, rates: &[f64]| Curve {
            label: label.to_owned(),
            mark,
            x: self.current.clone(),
            y: rates.to_vec(),
            ..Curve::default()
        };
        let mut curves = vec![curve("", Mark::LineAndDots, &self.rate_hz)];
        let pairs = || self.rate_hz.iter().zip(&self.first_rate_hz);
        if pairs().any(|(late, first)| (first - late).abs() > ADAPTS * late.max(*first) && *late > 0.0) {
            curves[0].label = "second half".to_owned();
            curves.push(curve("first interval", Mark::Dashed, &self.first_rate_hz));
        }
        plot::chart(&ChartData {
            heading: Heading::new("fi", "Firing rate over constant current", self.subtitle()),
            x: ChartAxis::new("I", unit).variable(),
            panels: vec![ChartPanel {
                y: ChartAxis::new("firing rate", "Hz"),
                curves,
                ..ChartPanel::default()
            }],
            caption: format!(
                "Firing rate of {} from the intervals in the second half of {} ms at constant current; 0 where there \
                 were fewer than two spikes.",
                self.model, self.run.summary.sim_ms
            ),
        })
    }

    fn subtitle(&self) -> String {
        let mut parts = vec![self.model.clone()];
        parts.extend(self.parameters.iter().map(|(name, value)| format!("{name} = {value}")));
        let method = self.run.methods.first().map_or("", |method| method.name());
        parts.push(format!("{method}, dt = {} ms", self.run.summary.dt_ms));
        parts.join(", ")
    }

    /// Writes `fi.csv`, the spikes, the figure, a report, the project, and the object of `--json` as `summary.json`.
    pub fn write(&mut self, folder: &RunFolder) -> Result<Vec<PathBuf>, Error> {
        self.run.summary.out_dir = Some(folder.path().display().to_string());
        let files = vec![extra_file("fi.csv", self.to_csv())];
        let summary = format!("{:#}\n", self.to_json());
        folder.write_analysis(&self.project, &self.run, files, vec![self.figure()], summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_counts_the_intervals_after_a_time() {
        let train = [10.0, 20.0, 60.0, 70.0, 80.0];
        assert_eq!(rate_hz(&train, 50.0), 100.0);
        assert_eq!(rate_hz(&train, 0.0), 4000.0 / 70.0);
        assert_eq!(rate_hz(&train, 75.0), 0.0);
        assert_eq!(rate_hz(&[], 0.0), 0.0);
    }

    #[test]
    fn currents_are_round_and_their_ends_exact() {
        let all: Vec<f64> = (0..11).map(|n| value_at(0.0, 1.0, n, 11)).collect();
        assert_eq!(all, [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]);
        assert_eq!(value_at(5.0, -0.7, 2, 3), -0.7);
    }
}
