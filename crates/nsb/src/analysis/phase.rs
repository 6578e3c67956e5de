//! The phase plane of a model with two states: nullclines, vector field, fixed points with their stability, and
//! trajectories.
//!
//! Trajectories are simulated like any network; everything else comes from the right-hand sides (`field`).

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use nsb_engine::Observer;
use nsb_lang::model::State;
use nsb_lang::{Dimension, Model, Quantity};
use serde_json::{Value, json};

use super::chosen::{ChosenModel, constant_current, quantity, written};
use super::contour::Grid;
use super::field::Field;
use super::fixed_points;
use crate::error::Error;
use crate::output::RunFolder;
use crate::plot::{self, ChartAxis, ChartData, ChartPanel, Curve, Figure, Heading, Mark};
use crate::project::Project;
use crate::run::Run;

pub use super::chosen::Setting;
pub use super::fixed_points::{FixedPoint, Stability};

/// Places in each direction for nullclines and the search for fixed points.
const FINE: usize = 241;
/// Arrows in each direction.
const ARROWS: (usize, usize) = (24, 16);
/// Simulated time of a trajectory if nothing is said.
const DEFAULT_DURATION: &str = "300 ms";
/// A longer step, as a share of the range shown, is a reset.
const LONGEST_STEP: f64 = 0.15;
/// A trajectory that covers less, as a share of the range shown, hides behind a dot.
const LEAST_EXTENT: f64 = 0.005;
/// Trajectories at most.
const MOST_STARTS: usize = 50;

/// What is shown. `None` leaves it to the model.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Constant input, such as `40 uA/cm^2`; 0 if left out.
    pub current: Option<String>,
    /// Range of the first state, such as `-80 mV..60 mV`.
    pub x: Option<String>,
    /// Range of the second state.
    pub y: Option<String>,
    /// Where trajectories begin, such as `V=-20 mV, w=0.1`; states left out start where the model says.
    pub starts: Vec<String>,
}

/// A phase plane with the run that its trajectories are taken from.
#[derive(Debug)]
pub struct PhasePlane {
    /// The project that was simulated: one cell for each trajectory.
    pub project: Project,
    /// Its run.
    pub run: Run,
    /// Fixed points within the ranges, engine units.
    pub fixed_points: Vec<FixedPoint>,
    model: Arc<Model>,
    current: Option<Quantity>,
    parameters: Vec<(String, String)>,
    x: Range<f64>,
    y: Range<f64>,
    nullclines: [Vec<(f64, f64)>; 2],
    arrows: Vec<(f64, f64)>,
    trajectories: Vec<Vec<(f64, f64)>>,
}

/// Simulates trajectories and analyses the plane.
pub fn phase(
    chosen: &ChosenModel,
    view: &View,
    setting: &Setting,
    observer: &mut dyn Observer,
) -> Result<PhasePlane, Error> {
    let model = &chosen.model;
    let [first, second] = model.states.as_slice() else {
        let names: Vec<&str> = model.states.iter().map(|state| state.name.as_str()).collect();
        let message = format!(
            "`{}` has {} state{} ({}); a phase plane shows models with two",
            model.name,
            names.len(),
            if names.len() == 1 { "" } else { "s" },
            names.join(", ")
        );
        let hint = "choose a model with two states, such as fitzhugh_nagumo, morris_lecar, or a FILE.model of your own";
        return Err(Error::about("E0540", "MODEL", message, hint));
    };
    let current = view
        .current
        .as_deref()
        .map(|text| quantity("--current", text))
        .transpose()?;
    let given = |option: &str, text: &Option<String>, state: &State| -> Result<Option<Range<f64>>, Error> {
        text.as_deref().map(|text| range(option, text, state)).transpose()
    };
    let (given_x, given_y) = (given("--x", &view.x, first)?, given("--y", &view.y, second)?);
    let project = project(chosen, view, current.as_ref(), setting)?;
    let run = project.run(&setting.options, observer)?;
    let trajectories = trajectories(&run);

    let parameters: Vec<(String, Quantity)> = uniform_parameters(&project);
    let field = Field::new(model, &parameters, current.as_ref())?;
    let all = || trajectories.iter().flatten();
    let x = given_x.unwrap_or_else(|| wide_range(first, all().map(|p| p.0)));
    let y = given_y.unwrap_or_else(|| range_of_second(&field, &x, all().map(|p| p.1)));
    let grid = Grid::new(&x, &y, FINE);
    let rates = field.at(&grid.places());
    let part = |pick: fn(&(f64, f64)) -> f64| rates.iter().map(pick).collect::<Vec<f64>>();
    Ok(PhasePlane {
        nullclines: [grid.zero_lines(&part(|r| r.0)), grid.zero_lines(&part(|r| r.1))],
        fixed_points: fixed_points::find(&field, &grid, &rates),
        arrows: arrows(&field, &x, &y),
        model: Arc::clone(model),
        parameters: setting.parameters.clone(),
        current,
        x,
        y,
        trajectories,
        project,
        run,
    })
}

/// The small project whose cells run along the trajectories.
fn project(chosen: &ChosenModel, view: &View, current: Option<&Quantity>, setting: &Setting) -> Result<Project, Error> {
    let states = &chosen.model.states;
    let size = view.starts.len().max(1);
    if size > MOST_STARTS {
        let message = format!("{size} trajectories cannot be told apart");
        return Err(Error::about(
            "E0540",
            "--start",
            message,
            format!("give at most {MOST_STARTS}"),
        ));
    }
    let starts: Vec<Vec<Option<String>>> = view
        .starts
        .iter()
        .map(|text| start(text, states))
        .collect::<Result<_, _>>()?;
    let mut initial = Vec::new();
    for (index, state) in states.iter().enumerate() {
        let given: Vec<&String> = starts.iter().filter_map(|start| start[index].as_ref()).collect();
        if given.is_empty() {
            continue;
        }
        if given.len() < size {
            let message = format!("some trajectories say where `{}` starts and others do not", state.name);
            return Err(Error::about(
                "E0540",
                "--start",
                message,
                "give it for all of them, or for none",
            ));
        }
        let values: Vec<String> = given.iter().map(|value| format!("\"{value}\"")).collect();
        initial.push(format!("{} = [{}]", state.name, values.join(", ")));
    }
    let mut text = String::new();
    if !initial.is_empty() {
        text.push_str(&format!("initial = {{ {} }}\n", initial.join(", ")));
    }
    if let Some(current) = current {
        text.push_str(&constant_current(0, "\"all\"", current));
    }
    text.push_str(&format!(
        "\n[recordings.trajectory]\npopulation = \"cells\"\nvariables = [\"{}\", \"{}\"]\n",
        states[0].name, states[1].name
    ));
    let setting = Setting {
        duration: setting.duration.clone().or_else(|| Some(DEFAULT_DURATION.to_owned())),
        ..setting.clone()
    };
    chosen.project("phase plane", size, &text, &setting)
}

/// `V=-20 mV, w=0.1`: a value for each state that is named.
fn start(text: &str, states: &[State]) -> Result<Vec<Option<String>>, Error> {
    let names = || states.iter().map(|state| state.name.as_str());
    let example = names()
        .map(|name| format!("{name}=VALUE"))
        .collect::<Vec<_>>()
        .join(", ");
    let mut values = vec![None; states.len()];
    for part in text.split(',') {
        let Some((name, value)) = part.split_once('=') else {
            let message = format!("`{}` is no start of a trajectory", part.trim());
            return Err(Error::about(
                "E0540",
                "--start",
                message,
                format!("write --start \"{example}\""),
            ));
        };
        let Some(index) = names().position(|known| known == name.trim()) else {
            let message = format!("the model has no state `{}`", name.trim());
            return Err(Error::about(
                "E0540",
                "--start",
                message,
                format!("write --start \"{example}\""),
            ));
        };
        values[index] = Some(written(&of_state("--start", value.trim(), &states[index])?));
    }
    Ok(values)
}

/// A quantity of the dimension of a state.
fn of_state(option: &str, text: &str, state: &State) -> Result<Quantity, Error> {
    let value = quantity(option, text)?;
    if value.dimension() == state.unit.dimension() {
        return Ok(value);
    }
    let message = format!(
        "`{}` is {}, not {}",
        state.name,
        state.unit.describe(),
        value.unit().describe()
    );
    Err(Error::about(
        "E0540",
        option,
        message,
        format!("give it as {}", state.unit.describe()),
    ))
}

/// `LOW..HIGH`, engine units.
fn range(option: &str, text: &str, state: &State) -> Result<Range<f64>, Error> {
    let symbol = if state.unit.is_one() {
        String::new()
    } else {
        format!(" {}", state.unit.symbol())
    };
    let hint = format!("write {option} \"-1{symbol}..1{symbol}\"");
    let Some((low, high)) = text.split_once("..") else {
        return Err(Error::about("E0540", option, format!("`{text}` is no range"), hint));
    };
    let (low, high) = (
        of_state(option, low, state)?.engine(),
        of_state(option, high, state)?.engine(),
    );
    if low < high {
        return Ok(low..high);
    }
    Err(Error::about(
        "E0540",
        option,
        format!("the range `{text}` is empty"),
        hint,
    ))
}

/// Parameters of the project's cells.
fn uniform_parameters(project: &Project) -> Vec<(String, Quantity)> {
    let cells = &project.network.populations[0];
    let uniform = cells.parameters.iter().filter_map(|(name, value)| match value {
        nsb_engine::network::Value::Uniform(quantity) => Some((name.clone(), quantity.clone())),
        _ => None,
    });
    uniform.collect()
}

/// The recorded states, one list a cell, engine units.
fn trajectories(run: &Run) -> Vec<Vec<(f64, f64)>> {
    let Some(recording) = run.recording.variables.first() else {
        return Vec::new();
    };
    let n = recording.cells.len();
    let of_cell = |cell: usize| {
        let values = |series: usize| recording.series[series].values.iter().copied().skip(cell).step_by(n);
        values(0).zip(values(1)).collect()
    };
    (0..n).map(of_cell).collect()
}

/// A trajectory with a gap where a reset moves the state: no step of an integrator goes so far.
fn without_jumps(trajectory: &[(f64, f64)], x: &Range<f64>) -> Vec<(f64, f64)> {
    let longest = LONGEST_STEP * (x.end - x.start);
    let mut broken = Vec::with_capacity(trajectory.len());
    for (index, place) in trajectory.iter().enumerate() {
        if index > 0 && (place.0 - trajectory[index - 1].0).abs() > longest {
            broken.push((f64::NAN, f64::NAN));
        }
        broken.push(*place);
    }
    broken
}

/// A range that shows the trajectories and what is around them: the potentials of neurons, or a symmetric one.
fn wide_range(state: &State, values: impl Iterator<Item = f64>) -> Range<f64> {
    let (low, high) = ends(values);
    if state.unit.dimension() == Dimension::VOLTAGE {
        return (low - 10.0).min(-90.0)..(high + 10.0).max(50.0);
    }
    let half = 1.25 * low.abs().max(high.abs()).max(2.0);
    -half..half
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high { (0.0, 0.0) } else { (low, high) }
}

/// The second state where it comes to rest, over the whole range of the first, and the trajectories. Its equation is
/// linear in itself in all usual models, so two values give the zero.
fn range_of_second(field: &Field, x: &Range<f64>, trajectories: impl Iterator<Item = f64>) -> Range<f64> {
    let places = |y: f64| -> Vec<(f64, f64)> {
        (0..=100)
            .map(|n| (x.start + (x.end - x.start) * f64::from(n) / 100.0, y))
            .collect()
    };
    let (at_zero, at_one) = (field.at(&places(0.0)), field.at(&places(1.0)));
    let resting = at_zero.iter().zip(&at_one).map(|(zero, one)| zero.1 / (zero.1 - one.1));
    let (low, high) = ends(trajectories.chain(resting));
    let margin = if high > low { 0.08 * (high - low) } else { 1.0 };
    low - margin..high + margin
}

/// Tail and head of arrows of equal length that show where the states move, in the proportions of the picture.
fn arrows(field: &Field, x: &Range<f64>, y: &Range<f64>) -> Vec<(f64, f64)> {
    let (width, height) = (x.end - x.start, y.end - y.start);
    let length = 0.6 / ARROWS.0 as f64;
    let aspect = ARROWS.0 as f64 / ARROWS.1 as f64;
    let mut places = Vec::new();
    for row in 0..ARROWS.1 {
        for column in 0..ARROWS.0 {
            let part = |index: usize, count: usize| (index as f64 + 0.5) / count as f64;
            places.push((
                x.start + width * part(column, ARROWS.0),
                y.start + height * part(row, ARROWS.1),
            ));
        }
    }
    let rates = field.at(&places);
    let mut arrows = Vec::new();
    for (place, rate) in places.iter().zip(rates) {
        let (along, up) = (rate.0 / width, rate.1 / height / aspect);
        let speed = (along * along + up * up).sqrt();
        let (along, up) = (along / speed * length, up / speed * length * aspect);
        if along.is_finite() && up.is_finite() {
            arrows.push((place.0 - along * width / 2.0, place.1 - up * height / 2.0));
            arrows.push((place.0 + along * width / 2.0, place.1 + up * height / 2.0));
        }
    }
    arrows
}

impl PhasePlane {
    /// Names and units of the two states.
    pub fn states(&self) -> [(&str, &str); 2] {
        [0, 1].map(|n| {
            let state = &self.model.states[n];
            (
                state.name.as_str(),
                if state.unit.is_one() { "" } else { state.unit.symbol() },
            )
        })
    }

    /// A place in the units of the states.
    pub fn shown(&self, place: (f64, f64)) -> (f64, f64) {
        let unit = |n: usize| &self.model.states[n].unit;
        (unit(0).from_engine(place.0), unit(1).from_engine(place.1))
    }

    /// The object of `--json`.
    pub fn to_json(&self) -> Value {
        let states = self.states();
        let pair = |place: (f64, f64)| json!([place.0, place.1]);
        let fixed_points = self.fixed_points.iter().map(|point| {
            let place = self.shown((point.x, point.y));
            json!({
                states[0].0: place.0,
                states[1].0: place.1,
                "kind": point.stability.name(),
                "stable": point.stability.is_stable(),
                "eigenvalues_per_ms": point.eigenvalues.map(pair),
            })
        });
        let (low, high) = (
            self.shown((self.x.start, self.y.start)),
            self.shown((self.x.end, self.y.end)),
        );
        json!({
            "model": self.model.name,
            "states": states.map(|(name, _)| name),
            "units": states.map(|(_, unit)| if unit.is_empty() { "1" } else { unit }),
            "current": self.current.as_ref().map(ToString::to_string),
            "range": { states[0].0: [low.0, high.0], states[1].0: [low.1, high.1] },
            "fixed_points": fixed_points.collect::<Vec<_>>(),
            "duration_ms": self.run.summary.sim_ms,
            "dt_ms": self.run.summary.dt_ms,
            "method": self.run.methods.first().map(|method| method.name()),
            "spikes": self.run.summary.spikes,
            "version": self.run.summary.version,
            "out_dir": self.run.summary.out_dir,
            "interrupted": self.run.interrupted,
            "warnings": self.run.summary.warnings,
        })
    }

    /// The plane as a figure.
    pub fn figure(&self) -> Figure {
        let curve = |label: &str, mark: Mark, colour: usize, places: &[(f64, f64)]| {
            let (x, y) = places.iter().map(|place| self.shown(*place)).unzip();
            Curve {
                label: label.to_owned(),
                mark,
                colour: Some(colour),
                x,
                y,
            }
        };
        let [x, y] = self.states();
        let mut curves = vec![
            curve("", Mark::Arrows, GREY, &self.arrows),
            curve(&format!("{} nullcline", x.0), Mark::Line, 0, &self.nullclines[0]),
            curve(&format!("{} nullcline", y.0), Mark::Line, 1, &self.nullclines[1]),
        ];
        // One that starts at rest stays where it is: there is no line to name.
        let visible: Vec<_> = self.trajectories.iter().filter(|t| self.is_visible(t)).collect();
        for (index, trajectory) in visible.iter().copied().enumerate() {
            let label = match (index, visible.len()) {
                (0, 1) => "trajectory",
                (0, _) => "trajectories",
                _ => "",
            };
            let trajectory = if self.model.reset.is_empty() {
                trajectory.clone()
            } else {
                without_jumps(trajectory, &self.x)
            };
            curves.push(curve(label, Mark::Line, 2, &trajectory));
        }
        let starts: Vec<(f64, f64)> = visible.iter().filter_map(|t| t.first().copied()).collect();
        if !starts.is_empty() {
            curves.push(curve("start", Mark::Dots, 2, &starts));
        }
        for (label, mark, stable) in [("stable", Mark::Dots, true), ("unstable", Mark::Circles, false)] {
            let points: Vec<(f64, f64)> = self
                .fixed_points
                .iter()
                .filter(|point| point.stability.is_stable() == stable)
                .map(|point| (point.x, point.y))
                .collect();
            if !points.is_empty() {
                curves.push(curve(&format!("{label} fixed point"), mark, GREY, &points));
            }
        }
        let (low, high) = (
            self.shown((self.x.start, self.y.start)),
            self.shown((self.x.end, self.y.end)),
        );
        plot::chart(&ChartData {
            heading: Heading::new("phase", format!("Phase plane of {}", self.model.name), self.subtitle()),
            x: ChartAxis::new(x.0, x.1).variable().over(low.0..high.0),
            panels: vec![ChartPanel {
                y: ChartAxis::new(y.0, y.1).variable().over(low.1..high.1),
                curves,
                height: 520.0,
                ..ChartPanel::default()
            }],
            caption: format!(
                "Nullclines, where {} or {} does not change; arrows: direction of motion; filled and open circles: \
                 stable and unstable fixed points.{}",
                x.0,
                y.0,
                if visible.len() < self.trajectories.len() {
                    " A trajectory that stays where it starts is not drawn."
                } else {
                    ""
                }
            ),
        })
    }

    /// Whether a trajectory is larger than a dot.
    fn is_visible(&self, trajectory: &[(f64, f64)]) -> bool {
        let extent = |values: Vec<f64>, range: &Range<f64>| {
            let (low, high) = ends(values.into_iter());
            (high - low) / (range.end - range.start)
        };
        let x = extent(trajectory.iter().map(|place| place.0).collect(), &self.x);
        let y = extent(trajectory.iter().map(|place| place.1).collect(), &self.y);
        x.max(y) > LEAST_EXTENT
    }

    fn subtitle(&self) -> String {
        let current = self
            .current
            .as_ref()
            .map_or_else(|| "no input".to_owned(), |c| format!("input {c}"));
        let parameters = self.parameters.iter().map(|(name, value)| format!("{name} = {value}"));
        std::iter::once(current)
            .chain(parameters)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Writes the trajectories, the figure, a report, the project, and the object of `--json` as `summary.json`.
    pub fn write(&mut self, folder: &RunFolder) -> Result<Vec<PathBuf>, Error> {
        self.run.summary.out_dir = Some(folder.path().display().to_string());
        let summary = format!("{:#}\n", self.to_json());
        folder.write_analysis(&self.project, &self.run, Vec::new(), vec![self.figure()], summary)
    }
}

/// The dark grey of the palette.
const GREY: usize = 6;
