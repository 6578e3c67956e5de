//! The figure of a training: its score after each epoch, beside those of controls.

use crate::learning::{Condition, Learned, MeanSd};
use crate::plot::{self, ChartAxis, ChartData, ChartPanel, Curve, Figure, Heading, Mark};
use crate::project::Project;

/// Draws the curve; none of a training with fewer than two tests.
pub(super) fn draw(project: &Project, learned: &Learned) -> Option<Figure> {
    let epochs = learned.epochs();
    if epochs.len() < 2 {
        return None;
    }
    let n_seeds = learned.seeds().len();
    let (mut areas, mut lines) = (Vec::new(), Vec::new());
    for (number, condition) in learned.conditions().into_iter().enumerate() {
        let score = |epoch: &usize| Some((*epoch as f64, learned.score(condition, *epoch)?));
        let points: Vec<(f64, MeanSd)> = epochs.iter().filter_map(score).collect();
        if n_seeds > 1 {
            areas.push(Curve {
                mark: Mark::Area,
                colour: Some(number),
                x: points.iter().flat_map(|(epoch, _)| [*epoch; 2]).collect(),
                y: points.iter().flat_map(|(_, score)| edges(*score)).collect(),
                ..Curve::default()
            });
        }
        lines.push(Curve {
            label: match condition {
                Condition::Learning => condition.name().to_owned(),
                control => format!("control: {}", control.name()),
            },
            // Controls often have equal scores: one must not hide the other.
            mark: if number < 2 { Mark::LineAndDots } else { Mark::Dashed },
            colour: Some(number),
            x: points.iter().map(|(epoch, _)| *epoch).collect(),
            y: points.iter().map(|(_, (mean, _))| *mean).collect(),
        });
    }
    let (details, spread) = if n_seeds > 1 {
        let details = vec![format!("lines: mean of {n_seeds} seeds"), "shaded: ± 1 s.d.".to_owned()];
        (
            details,
            format!(" Mean over {n_seeds} seeds; shaded: one standard deviation above and below."),
        )
    } else {
        (Vec::new(), " One seed: nothing is known of the spread.".to_owned())
    };
    Some(plot::chart(&ChartData {
        heading: Heading::new("learning", "Learning curve", &project.title),
        x: ChartAxis::new("epochs", ""),
        panels: vec![ChartPanel {
            y: ChartAxis::new(learned.score.title(), "").over(learned.score.range().start..1.05),
            details,
            curves: areas.into_iter().chain(lines).collect(),
            ..ChartPanel::default()
        }],
        caption: format!(
            "Score of the tests before the first epoch and after each, mean over {} patterns.{spread}",
            learned.labels.len()
        ),
    }))
}

/// One standard deviation below and above a mean.
fn edges((mean, sd): MeanSd) -> [f64; 2] {
    let sd = sd.unwrap_or(0.0);
    [mean - sd, mean + sd]
}
