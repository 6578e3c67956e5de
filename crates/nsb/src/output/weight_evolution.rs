//! The figure of how weights change over time, from snapshots: mean and spread within patterns, between patterns, and of
//! all other synapses; of a projection without patterns those of all.

use super::pattern_order::Relation;
use super::weight_figures::LearningWeights;
use crate::error::Error;
use crate::plot::{self, ChartAxis, ChartData, ChartPanel, Curve, Figure, Mark};

/// Snapshots shown; of more some are left out, evenly.
const MOST_SNAPSHOTS: u64 = 300;

/// Synapses that have a curve.
struct Class {
    label: &'static str,
    colour: usize,
    /// Their numbers.
    synapses: Vec<u32>,
    points: Vec<Point>,
}

/// A class at one time, in the unit of weights.
#[derive(Clone, Copy)]
struct Point {
    time_ms: f64,
    mean: f64,
    /// The weights below which 10, 50 and 90 % are.
    quantiles: [f64; 3],
}

/// Draws the course; none without snapshots.
pub(super) fn draw(weights: &LearningWeights<'_>) -> Result<Option<Figure>, Error> {
    if !weights.data.has_snapshots() {
        return Ok(None);
    }
    let mut classes = classes(weights)?;
    weights.data.snapshots(MOST_SNAPSHOTS, &mut |time_ms, row| {
        for class in &mut classes {
            class.add(time_ms, row);
        }
    })?;
    // The end, if it is no snapshot itself.
    let mut last = Vec::new();
    weights.data.each(&mut |synapse| last.push(synapse.after))?;
    for class in &mut classes {
        if class.points.last().is_some_and(|point| point.time_ms < weights.end_ms) {
            class.add(weights.end_ms, &last);
        }
    }
    if classes.iter().all(|class| class.points.len() < 2) {
        return Ok(None);
    }
    Ok(Some(figure(weights, &classes)))
}

fn classes(weights: &LearningWeights<'_>) -> Result<Vec<Class>, Error> {
    let class = |label, colour| Class {
        label,
        colour,
        synapses: Vec::new(),
        points: Vec::new(),
    };
    let mut classes = match weights.patterns {
        Some(_) => vec![
            class("within patterns", 1),
            class("between patterns", 0),
            class("all others", 6),
        ],
        None => vec![class("mean", 0)],
    };
    let mut number = 0;
    weights.data.each(&mut |synapse| {
        let of = match weights
            .patterns
            .as_ref()
            .map(|p| p.relation(synapse.source, synapse.target))
        {
            None | Some(Relation::Within) => 0,
            Some(Relation::Between) => 1,
            Some(Relation::Other) => 2,
        };
        classes[of].synapses.push(number);
        number += 1;
    })?;
    classes.retain(|class| !class.synapses.is_empty());
    Ok(classes)
}

impl Class {
    fn add(&mut self, time_ms: f64, row: &[f64]) {
        let own = self
            .synapses
            .iter()
            .filter_map(|number| row.get(*number as usize).copied());
        let mut own: Vec<f64> = own.collect();
        if own.is_empty() {
            return;
        }
        self.points.push(Point {
            time_ms,
            mean: own.iter().sum::<f64>() / own.len() as f64,
            quantiles: [0.1, 0.5, 0.9].map(|part| quantile(&mut own, part)),
        });
    }
}

/// The value below which a part of the values is: of a few the nearest one.
fn quantile(values: &mut [f64], part: f64) -> f64 {
    let at = (part * (values.len() - 1) as f64).round() as usize;
    *values.select_nth_unstable_by(at, f64::total_cmp).1
}

fn figure(weights: &LearningWeights<'_>, classes: &[Class]) -> Figure {
    let in_seconds = weights.end_ms > 10_000.0;
    let (unit, per_unit) = if in_seconds { ("s", 1000.0) } else { ("ms", 1.0) };
    let mut areas = Vec::new();
    let mut lines = Vec::new();
    for class in classes {
        let times = || class.points.iter().map(|point| point.time_ms / per_unit);
        areas.push(Curve {
            mark: Mark::Area,
            colour: Some(class.colour),
            x: times().flat_map(|time| [time; 2]).collect(),
            y: class
                .points
                .iter()
                .flat_map(|p| [p.quantiles[0], p.quantiles[2]])
                .collect(),
            ..Curve::default()
        });
        let line = |label: &str, mark, of: &dyn Fn(&Point) -> f64| Curve {
            label: label.to_owned(),
            mark,
            colour: Some(class.colour),
            x: times().collect(),
            y: class.points.iter().map(of).collect(),
        };
        lines.push(line(class.label, Mark::Line, &|point| point.mean));
        if classes.len() == 1 {
            lines.push(line("median", Mark::Dashed, &|point| point.quantiles[1]));
        }
    }
    let details = if classes.len() == 1 {
        vec!["shaded: 10 to 90 %".to_owned()]
    } else {
        vec!["lines: means".to_owned(), "shaded: 10 to 90 %".to_owned()]
    };
    let parts: Vec<String> = classes
        .iter()
        .map(|class| format!("{} ({})", class.label, class.synapses.len()))
        .collect();
    let of = if classes.len() == 1 {
        format!("of all {} synapses", classes[0].synapses.len())
    } else {
        format!("of synapses {}", parts.join(", "))
    };
    plot::chart(&ChartData {
        heading: weights.heading("weights_evolution", "Weights over time"),
        x: ChartAxis::new("time", unit).over(0.0..weights.end_ms / per_unit),
        panels: vec![ChartPanel {
            y: ChartAxis::new("weight", &weights.unit),
            details,
            curves: areas.into_iter().chain(lines).collect(),
            ..ChartPanel::default()
        }],
        caption: format!(
            "Mean weight {of}; between the lower and the upper edge of each area are 80 % of the weights (10th to 90th \
             percentile)."
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_sorted_values() {
        let mut values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(
            [0.1, 0.5, 0.9].map(|part| quantile(&mut values, part)),
            [10.0, 50.0, 90.0]
        );
        assert_eq!(quantile(&mut [7.0], 0.9), 7.0);
    }
}
