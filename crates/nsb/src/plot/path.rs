//! SVG paths of sampled data, thinned to what can be seen.

use super::data::Line;
use super::scale::Scale;
use super::svg::{self, Element};

/// Samples for each user unit of width up to which a line is drawn sample by sample.
const SAMPLES_PER_UNIT: f64 = 4.0;

/// A line as elements.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    pub(crate) elements: Vec<Element>,
    /// Whether it leaves the panel and has to be clipped.
    pub(crate) exceeds: bool,
}

/// The line of `line` in colour `colour`: broken at samples that are not finite; a sample between two gaps becomes a
/// dot.
///
/// Where there are more samples than the figure can show, each column one unit wide keeps its first, lowest, highest
/// and last sample: the drawing covers the same pixels, and the peak of a spike is never lost (Jugel et al. 2014, M4).
pub(crate) fn line(line: &Line, x: &Scale, y: &Scale, colour: &str, width: f64) -> Drawn {
    let samples = visible(line, x);
    let thin = samples.len() as f64 > SAMPLES_PER_UNIT * x.length();
    let (mut lines, mut dots) = (String::new(), String::new());
    for run in samples.split(|sample| sample.is_none()).filter(|run| !run.is_empty()) {
        let mut points: Vec<(f64, f64)> = run
            .iter()
            .flatten()
            .map(|&(time, value)| (x.position(time), y.position(value)))
            .collect();
        if let [point] = points[..] {
            push_point(&mut dots, 'M', point);
            dots.push_str("h0");
            continue;
        }
        if thin {
            points = thinned(&points);
        }
        for (index, &point) in points.iter().enumerate() {
            push_point(&mut lines, if index == 0 { 'M' } else { 'L' }, point);
            if let Some(next) = points.get(index + 1).filter(|next| line.steps && next.1 != point.1) {
                push_point(&mut lines, 'L', (next.0, point.1));
            }
        }
    }
    let path = |d: String, width: f64| {
        Element::new("path")
            .set("d", d)
            .set("fill", "none")
            .set("stroke", colour)
            .at("stroke-width", width)
    };
    let mut elements = Vec::new();
    if !lines.is_empty() {
        elements.push(path(lines, width).set("stroke-linejoin", "round"));
    }
    if !dots.is_empty() {
        elements.push(path(dots, 3.0 * width).set("stroke-linecap", "round"));
    }
    let exceeds = samples
        .iter()
        .flatten()
        .any(|&(time, value)| !x.contains(time) || !y.contains(value));
    Drawn { elements, exceeds }
}

/// A horizontal dashed line over the whole width at `value`.
pub(crate) fn level(value: f64, x: (f64, f64), y: &Scale, colour: &str) -> Element {
    Element::line(x.0, y.position(value), x.1, y.position(value), colour, 1.2).set("stroke-dasharray", "5 4")
}

/// The samples inside the time axis with one neighbour on each side; `None` for a gap.
fn visible(line: &Line, x: &Scale) -> Vec<Option<(f64, f64)>> {
    let n = line.times_ms.len().min(line.values.len());
    let times = &line.times_ms[..n];
    let inside = |index: usize| times.get(index).is_some_and(|&time| x.contains(time));
    let crosses =
        |index: usize| index + 1 < n && times[index] < times[index + 1] && x.crosses(times[index], times[index + 1]);
    let near = |index: usize| {
        inside(index) || crosses(index) || (index > 0 && (inside(index - 1) || crosses(index - 1))) || inside(index + 1)
    };
    (0..n)
        .filter(|&index| near(index))
        .map(|index| {
            let (time, value) = (times[index], line.values[index]);
            (time.is_finite() && value.is_finite()).then_some((time, value))
        })
        .collect()
}

/// First, lowest, highest and last point of each column, in their order.
pub(crate) fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut out = Vec::new();
    for column in points.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        let extreme = |better: fn(f64, f64) -> bool| {
            (1..column.len()).fold(0, |best, i| if better(column[i].1, column[best].1) { i } else { best })
        };
        let mut kept = [0, extreme(|a, b| a < b), extreme(|a, b| a > b), column.len() - 1];
        kept.sort_unstable();
        let mut last = None;
        for index in kept {
            if last != Some(index) {
                out.push(column[index]);
                last = Some(index);
            }
        }
    }
    out
}

pub(crate) fn push_point(path: &mut String, command: char, (x, y): (f64, f64)) {
    path.push(command);
    svg::push_number(path, x);
    path.push(' ');
    svg::push_number(path, y);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scales() -> (Scale, Scale) {
        (
            Scale::new(&(0.0..100.0), 0.0, 100.0),
            Scale::new(&(0.0..10.0), 10.0, 0.0),
        )
    }

    fn paths(times_ms: &[f64], values: &[f64]) -> Vec<String> {
        let (x, y) = scales();
        let data = Line {
            label: String::new(),
            times_ms: times_ms.to_vec(),
            values: values.to_vec(),
            steps: false,
        };
        line(&data, &x, &y, "#000", 1.0)
            .elements
            .iter()
            .map(Element::to_text)
            .collect()
    }

    #[test]
    fn a_gap_breaks_the_line_and_a_lone_sample_is_a_dot() {
        let nan = f64::NAN;
        let drawn = paths(
            &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            &[1.0, 2.0, nan, 3.0, f64::INFINITY, 5.0, 6.0],
        );
        assert!(drawn[0].contains("d=\"M0 9L1 8M5 5L6 4\""), "{drawn:?}");
        assert!(
            drawn[1].contains("d=\"M3 7h0\"") && drawn[1].contains("stroke-linecap=\"round\""),
            "{drawn:?}"
        );
        assert_eq!(drawn.len(), 2);
        assert!(paths(&[1.0, 2.0], &[nan, nan]).is_empty());
        assert!(paths(&[], &[]).is_empty());
    }

    #[test]
    fn steps_rise_where_the_next_sample_is() {
        let (x, y) = scales();
        let data = Line {
            times_ms: vec![0.0, 10.0, 20.0, 30.0],
            values: vec![1.0, 1.0, 5.0, 2.0],
            steps: true,
            ..Line::default()
        };
        let drawn = line(&data, &x, &y, "#000", 1.0).elements[0].to_text();
        assert!(drawn.contains("d=\"M0 9L10 9L20 9L20 5L30 5L30 8\""), "{drawn}");
    }

    #[test]
    fn samples_outside_the_time_axis_are_dropped_except_the_neighbours_that_lead_in() {
        let drawn = paths(
            &[-20.0, -10.0, 10.0, 90.0, 110.0, 120.0],
            &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        );
        assert!(drawn[0].contains("d=\"M-10 8L10 7L90 6L110 5\""), "{drawn:?}");
        assert!(paths(&[-20.0, 120.0], &[5.0, 5.0])[0].contains("d=\"M-20 5L120 5\""));
    }

    #[test]
    fn a_peak_of_one_sample_among_a_million_is_kept_at_its_place() {
        let n = 1_000_000;
        let times: Vec<f64> = (0..n).map(|i| 100.0 * i as f64 / n as f64).collect();
        let mut values = vec![1.0; n];
        values[333_333] = 9.0;
        values[666_666] = 0.5;
        let drawn = paths(&times, &values);
        assert!(drawn[0].len() < 10_000, "{} bytes", drawn[0].len());
        assert!(drawn[0].contains("L33.33 1"), "the peak is lost");
        assert!(drawn[0].contains("L66.67 9.5"), "the dip is lost");
    }

    #[test]
    fn thinning_keeps_first_lowest_highest_and_last_in_order() {
        let points = [(0.0, 5.0), (0.2, 9.0), (0.4, 6.0), (0.6, 1.0), (0.8, 4.0), (1.0, 2.0)];
        assert_eq!(
            thinned(&points),
            [(0.0, 5.0), (0.2, 9.0), (0.6, 1.0), (0.8, 4.0), (1.0, 2.0)]
        );
    }
}
