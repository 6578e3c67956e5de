//! The figure of a conditioning: weights that are rewarded beside all others over time, and how often rewards are earned.

use crate::conditioning::{Conditioned, RewardSchedule};
use crate::learning::MeanSd;
use crate::plot::{self, ChartAxis, ChartData, ChartPanel, Curve, Figure, Heading, Mark};
use crate::project::Project;

const MS_PER_MIN: f64 = 60_000.0;

/// Bins in which earned rewards are counted.
const BINS: usize = 12;

pub(super) fn draw(project: &Project, conditioned: &Conditioned) -> Option<Figure> {
    let times: Vec<f64> = conditioned.times_ms().iter().map(|ms| ms / MS_PER_MIN).collect();
    if times.len() < 2 {
        return None;
    }
    let schedules = || conditioned.schedules().into_iter().enumerate();
    let line = |label: String, mark, colour, points: Vec<(f64, f64)>| Curve {
        label,
        mark,
        colour: Some(colour),
        x: points.iter().map(|(x, _)| *x).collect(),
        y: points.iter().map(|(_, y)| *y).collect(),
    };
    let over_time = |of: &dyn Fn(usize) -> Option<MeanSd>, value: fn(MeanSd) -> f64| -> Vec<(f64, f64)> {
        let points = times.iter().enumerate();
        points.filter_map(|(n, time)| Some((*time, value(of(n)?)))).collect()
    };
    let mut weights = Vec::new();
    for (number, schedule) in schedules() {
        let target = |n| conditioned.target(schedule, n);
        let label = match schedule {
            RewardSchedule::Contingent => "rewarded synapses".to_owned(),
            control => format!("the same, {}", control.name()),
        };
        weights.push(line(label, Mark::Line, number, over_time(&target, |(mean, _)| mean)));
        if target(0).is_some_and(|(_, sd)| sd.is_some()) {
            for side in [
                |(mean, sd): MeanSd| mean + sd.unwrap_or(0.0),
                |(mean, sd): MeanSd| mean - sd.unwrap_or(0.0),
            ] {
                weights.push(line(String::new(), Mark::Dashed, number, over_time(&target, side)));
            }
        }
    }
    let others = |n| conditioned.others(RewardSchedule::Contingent, n);
    let grey = RewardSchedule::ALL.len();
    weights.push(line(
        "all others".to_owned(),
        Mark::Line,
        grey,
        over_time(&others, |(mean, _)| mean),
    ));
    let bins = conditioned.some_times(BINS);
    let rate = |(number, schedule): (usize, RewardSchedule)| {
        let pieces = bins.windows(2);
        let points = pieces.filter_map(|ends| {
            let (mean, _) = conditioned.earned_per_min(schedule, ends[0], ends[1])?;
            Some((0.5 * (times[ends[0]] + times[ends[1]]), mean))
        });
        line(schedule.name().to_owned(), Mark::LineAndDots, number, points.collect())
    };
    let n_seeds = conditioned.seeds().len();
    let spread = if n_seeds > 1 {
        format!(" Mean over {n_seeds} seeds; dashed: one standard deviation above and below.")
    } else {
        String::new()
    };
    Some(plot::chart(&ChartData {
        heading: Heading::new("conditioning", "Conditioning", &project.title),
        x: ChartAxis::new("time", "min"),
        panels: vec![
            ChartPanel {
                y: ChartAxis::new("mean weight", &conditioned.unit),
                curves: weights,
                ..ChartPanel::default()
            },
            ChartPanel {
                y: ChartAxis::new("rewards earned", "1/min"),
                curves: schedules().map(rate).collect(),
                ..ChartPanel::default()
            },
        ],
        caption: format!(
            "Weights of `{}`, which is to grow for the reward `{}`, and of `{}`. no_reward: never given; shuffled: given as \
             often, at times drawn evenly.{spread}",
            conditioned.target, conditioned.reward, conditioned.others
        ),
    }))
}
