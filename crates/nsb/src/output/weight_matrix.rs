//! The figure of weights from cell to cell, before and after, with the cells of each pattern side by side.

use super::pattern_order::PatternOrder;
use super::weight_figures::LearningWeights;
use crate::error::Error;
use crate::plot::{self, ChartAxis, Figure, MOST_SQUARES, MatrixData, MatrixPanel};

/// Rows of cells that fall into the squares of a matrix.
struct Squares {
    size: usize,
    /// Rows side by side in one square.
    each: usize,
}

impl Squares {
    fn new(order: &PatternOrder) -> Squares {
        let size = order.n_rows;
        Squares {
            size,
            each: size.div_ceil(MOST_SQUARES).max(1),
        }
    }

    fn number(&self) -> usize {
        self.size.div_ceil(self.each)
    }
}

/// Draws the matrix; none of a projection without synapses.
pub(super) fn draw(weights: &LearningWeights<'_>) -> Result<Option<Figure>, Error> {
    let (from, to) = (Squares::new(&weights.orders.0), Squares::new(&weights.orders.1));
    let (across, down) = (from.number(), to.number());
    // Number of synapses in each square, and sums of their weights before and after.
    let mut counts = vec![0_u32; across * down];
    let mut sums = [vec![0.0; across * down], vec![0.0; across * down]];
    weights.data.each(&mut |synapse| {
        let place = |order: &PatternOrder, cell: u32| order.places.get(cell as usize).copied();
        let places = place(&weights.orders.0, synapse.source).zip(place(&weights.orders.1, synapse.target));
        if let Some((source, target)) = places {
            let at = target / to.each * across + source / from.each;
            counts[at] += 1;
            sums[0][at] += synapse.before;
            sums[1][at] += synapse.after;
        }
    })?;
    let means = sums.map(|sums| {
        let mean = |(sum, n): (&f64, &u32)| if *n == 0 { f64::NAN } else { sum / f64::from(*n) };
        sums.iter().zip(&counts).map(mean).collect::<Vec<f64>>()
    });
    let shown = || means.iter().flatten().copied().filter(|mean| mean.is_finite());
    if shown().next().is_none() {
        return Ok(None);
    }
    // From zero, so that a weight that has vanished looks like nothing.
    let (low, high) = shown().fold((0.0_f64, 0.0_f64), |(low, high), mean| (low.min(mean), high.max(mean)));
    let [before, after] = means;
    let panel = |title: &str, values: Vec<f64>| MatrixPanel {
        title: title.to_owned(),
        values,
    };
    let (sources, targets) = &weights.populations;
    let labels = if sources == targets {
        ("from cell".to_owned(), "to cell".to_owned())
    } else {
        (format!("from {sources}"), format!("to {targets}"))
    };
    Ok(Some(plot::matrix(&MatrixData {
        heading: weights.heading("weights_matrix", "Weights before and after"),
        squares: (across, down),
        size: (from.size, to.size),
        labels,
        column_groups: weights.orders.0.groups.clone(),
        row_groups: weights.orders.1.groups.clone(),
        panels: vec![panel("before", before), panel("after", after)],
        scale: ChartAxis::new("weight", &weights.unit).over(low..high),
        caption: caption(weights, (&from, &to), counts.contains(&0)),
    })))
}

fn caption(weights: &LearningWeights<'_>, (from, to): (&Squares, &Squares), has_gaps: bool) -> String {
    let (sources, targets) = &weights.orders;
    let mut text = "Weight of the synapses from each cell (column) to each (row), on one scale; where several share a \
                    square their mean."
        .to_owned();
    if sources.has_patterns() || targets.has_patterns() {
        text.push_str(" Cells are sorted by pattern, with white borders; those of no pattern come last.");
        let sorted = if sources.has_patterns() { sources } else { targets };
        text.push_str(&sorted.remark());
    }
    if from.each.max(to.each) > 1 {
        let (a, b) = (from.each, to.each);
        text.push_str(&format!(
            " There are more cells than can be shown: a square is the mean over the synapses of {a} × {b} of them."
        ));
    }
    if has_gaps {
        text.push_str(" Grey: no synapse.");
    }
    text
}
