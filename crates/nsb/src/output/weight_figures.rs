//! Which figures of weights a run gets: for each recorded projection whose weights change a histogram, the course of the
//! weights over time, and a matrix of those between patterns.

use std::ops::Range;
use std::path::Path;

use nsb_engine::monitor::WeightRecording;
use nsb_engine::network::Projection;

use super::pattern_order::PatternOrder;
use super::weight_data::WeightData;
use super::{weight_evolution, weight_histogram, weight_matrix};
use crate::error::Error;
use crate::plot::{Figure, Heading};
use crate::project::Project;
use crate::run::Run;

/// A recorded projection whose weights change.
pub(super) struct LearningWeights<'a> {
    pub(super) data: WeightData<'a>,
    /// Unit of the weights for people.
    pub(super) unit: String,
    /// The weights that the rules allow, in that unit; infinite where nothing is said.
    pub(super) bounds: Range<f64>,
    /// End of the run, ms.
    pub(super) end_ms: f64,
    /// Cells of the source and of the target, if those are one population with patterns.
    pub(super) patterns: Option<PatternOrder>,
    /// Cells of the source and of the target as a matrix shows them.
    pub(super) orders: (PatternOrder, PatternOrder),
    /// Names of source and target.
    pub(super) populations: (String, String),
    subtitle: String,
    /// What titles and names of figures say besides, where there are several recordings.
    of: String,
    ending: String,
}

impl LearningWeights<'_> {
    /// The heading of a figure of these weights.
    pub(super) fn heading(&self, name: &str, title: &str) -> Heading {
        let name = format!("{name}{}", self.ending);
        Heading::new(name, format!("{title}{}", self.of), &self.subtitle)
    }
}

/// Draws the figures of all recordings.
pub(super) fn draw(project: &Project, run: &Run, folder: &Path) -> Result<Vec<Figure>, Error> {
    let recordings: Vec<(&WeightRecording, &Projection, (f64, f64))> = run
        .recording
        .weights
        .iter()
        .filter_map(|recording| {
            let number = recording.id.0 as usize;
            let bounds = (*run.weight_bounds.get(number)?)?;
            Some((recording, project.network.projections.get(number)?, bounds))
        })
        .collect();
    let mut figures = Vec::new();
    for &(recording, projection, bounds) in &recordings {
        let several = recordings.len() > 1;
        let weights = open(project, run, folder, (recording, projection, bounds), several)?;
        figures.extend(weight_matrix::draw(&weights)?);
        figures.extend(weight_histogram::draw(&weights)?);
        figures.extend(weight_evolution::draw(&weights)?);
    }
    Ok(figures)
}

fn open<'a>(
    project: &Project,
    run: &Run,
    folder: &Path,
    (recording, projection, bounds): (&'a WeightRecording, &Projection, (f64, f64)),
    several: bool,
) -> Result<LearningWeights<'a>, Error> {
    let data = WeightData::open(project, folder, recording)?;
    let mut is_negative = false;
    data.each(&mut |synapse| is_negative |= synapse.before < 0.0 || synapse.after < 0.0)?;
    // Bounds are those of sizes; all weights of a projection have one sign.
    let [low, high] = [bounds.0, bounds.1].map(|bound| recording.unit.from_engine(bound));
    let bounds = if is_negative { -high..-low } else { low..high };
    let size = |name: &str| {
        let mut populations = project.network.populations.iter();
        populations.find(|p| p.name == name).map_or(0, |p| p.size)
    };
    let order = |name: &str| PatternOrder::new(project.training.as_ref(), name, size(name), project.seed);
    let orders = (order(&projection.source), order(&projection.target));
    let recurrent = projection.source == projection.target && orders.0.has_patterns();
    let (of, ending) = if several {
        (format!(" of {}", projection.name), format!("_{}", recording.monitor))
    } else {
        (String::new(), String::new())
    };
    Ok(LearningWeights {
        data,
        unit: recording.unit.symbol().to_owned(),
        bounds,
        end_ms: run.recording.simulated_ms,
        patterns: recurrent.then(|| orders.0.clone()),
        orders,
        populations: (projection.source.clone(), projection.target.clone()),
        subtitle: project.title.clone(),
        of,
        ending,
    })
}
