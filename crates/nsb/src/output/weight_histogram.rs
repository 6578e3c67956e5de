//! The figure of how weights are distributed before and after.

use super::pattern_order::Relation;
use super::weight_figures::LearningWeights;
use crate::error::Error;
use crate::plot::{self, ChartAxis, ChartData, ChartPanel, Curve, Figure, Mark};

const BINS: usize = 50;

/// Draws the histograms; none of a projection without synapses.
pub(super) fn draw(weights: &LearningWeights<'_>) -> Result<Option<Figure>, Error> {
    let bounds = [weights.bounds.start, weights.bounds.end];
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut widen = |value: f64| (low, high) = (low.min(value), high.max(value));
    let mut n = 0_u64;
    weights.data.each(&mut |synapse| {
        n += 1;
        [synapse.before, synapse.after].into_iter().for_each(&mut widen);
    })?;
    if n == 0 {
        return Ok(None);
    }
    bounds.into_iter().filter(|bound| bound.is_finite()).for_each(widen);
    if high - low <= 1e-9 * high.abs().max(low.abs()) {
        let half = if high == 0.0 { 1.0 } else { 0.1 * high.abs() };
        (low, high) = (low - half, high + half);
    }
    let width = (high - low) / BINS as f64;
    let bin = |weight: f64| (((weight - low) / width) as usize).min(BINS - 1);
    // Of those within patterns, and of the others, before and after.
    let mut within = [[0_u64; BINS]; 2];
    let mut others = [[0_u64; BINS]; 2];
    weights.data.each(&mut |synapse| {
        let related = weights
            .patterns
            .as_ref()
            .map(|order| order.relation(synapse.source, synapse.target));
        let counts = match related {
            Some(Relation::Within) => &mut within,
            _ => &mut others,
        };
        for (counts, weight) in counts.iter_mut().zip([synapse.before, synapse.after]) {
            counts[bin(weight)] += 1;
        }
    })?;
    let panel = |time: usize, name: &str| {
        let bars = |label: &str, colour: usize, counts: &[u64; BINS]| Curve {
            label: label.to_owned(),
            mark: Mark::Bars,
            colour: Some(colour),
            x: (0..BINS).map(|bin| low + bin as f64 * width).collect(),
            y: counts.iter().map(|count| *count as f64).collect(),
        };
        let highest = within[time]
            .iter()
            .chain(&others[time])
            .max()
            .copied()
            .unwrap_or_default();
        let highest = highest as f64 * 1.06;
        let mut curves = Vec::new();
        if weights.patterns.is_some() {
            curves.push(bars("all others", 0, &others[time]));
            curves.push(bars("within patterns", 1, &within[time]));
        } else {
            curves.push(bars("synapses", 0, &others[time]));
        }
        let finite = bounds.into_iter().filter(|bound| bound.is_finite());
        for (number, bound) in finite.enumerate() {
            curves.push(Curve {
                label: if number == 0 { "bounds" } else { "" }.to_owned(),
                mark: Mark::Dashed,
                colour: Some(6),
                x: vec![bound, bound],
                y: vec![0.0, highest],
            });
        }
        ChartPanel {
            y: ChartAxis::new("synapses", "").over(0.0..highest.max(1.0)),
            name: name.to_owned(),
            curves,
            ..ChartPanel::default()
        }
    };
    let margin = 0.02 * (high - low);
    let marked = match bounds.iter().filter(|bound| bound.is_finite()).count() {
        0 => "",
        _ => " Dashed: the bounds that the rules set.",
    };
    Ok(Some(plot::chart(&ChartData {
        heading: weights.heading("weights_histogram", "Distribution of weights"),
        x: ChartAxis::new("weight", &weights.unit).over(low - margin..high + margin),
        panels: vec![panel(0, "before"), panel(1, "after")],
        caption: format!(
            "Number of synapses with each weight at the beginning and at the end, {n} in all; the panels have scales of \
             their own.{marked}"
        ),
    })))
}
