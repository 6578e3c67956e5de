//! The figure of a training: its score after each epoch, beside those of controls.

use crate::learning::{Condition, Learned, MeanSd};
use crate::plot::{self, ChartAxis, ChartData, ChartPanel, Curve, Figure, Heading, Mark};
use crate::project::Project;

pub(super) fn draw(project: &Project, learned: &Learned) -> Option<Figure> {
    let epochs = learned.epochs();
    if epochs.len() < 2 {
        return None;
    }
    let curves = |of: &dyn Fn(Condition, usize) -> Option<MeanSd>| -> Vec<Curve> {
        let conditions = learned.conditions();
        let curve = |(number, condition): (usize, Condition)| {
            let points: Vec<(f64, MeanSd)> = epochs
                .iter()
                .filter_map(|epoch| Some((*epoch as f64, of(condition, *epoch)?)))
                .collect();
            let line = |label: &str, mark, value: &dyn Fn(&MeanSd) -> f64| Curve {
                label: label.to_owned(),
                mark,
                colour: Some(number),
                x: points.iter().map(|(epoch, _)| *epoch).collect(),
                y: points.iter().map(|(_, score)| value(score)).collect(),
            };
            let mut curves = vec![line(condition.name(), Mark::LineAndDots, &|score| score.0)];
            if points.iter().any(|(_, (_, sd))| sd.is_some_and(|sd| sd > 0.0)) {
                curves.push(line("", Mark::Dashed, &|(mean, sd)| mean + sd.unwrap_or(0.0)));
                curves.push(line("", Mark::Dashed, &|(mean, sd)| mean - sd.unwrap_or(0.0)));
            }
            curves
        };
        conditions.into_iter().enumerate().flat_map(curve).collect()
    };
    let score = curves(&|condition, epoch| learned.score(condition, epoch));
    let n_seeds = learned.seeds().len();
    let spread = if n_seeds > 1 {
        format!(" Mean over {n_seeds} seeds; dashed: one standard deviation above and below.")
    } else {
        String::new()
    };
    Some(plot::chart(&ChartData {
        heading: Heading::new("learning", "Learning curve", &project.title),
        x: ChartAxis::new("epochs", ""),
        panels: vec![ChartPanel {
            y: ChartAxis::new(learned.score.name(), "").over(0.0..1.05),
            curves: score,
            ..ChartPanel::default()
        }],
        caption: format!(
            "Score of the tests before the first epoch and after each, mean over {} patterns.{spread}",
            learned.labels.len()
        ),
    }))
}
