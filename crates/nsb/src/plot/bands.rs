//! Stimulus bands: a bar and a label above the panels, a light shade inside them.

use std::ops::Range;

use super::data::Band;
use super::font::Weight;
use super::layout::Rect;
use super::scale::Scale;
use super::svg::{self, Element};
use super::text::{Anchor, Label, Style};
use super::theme;

/// Height of one line of the strip: label, bar, gap.
const LINE_HEIGHT: f64 = 26.0;
/// Most lines; labels beyond are left out, their shade stays.
const MOST_LINES: usize = 4;
/// Free space between two labels on a line.
const SPACING: f64 = 12.0;
const STYLE: Style<'static> = Style {
    size: theme::TICK_SIZE,
    weight: Weight::Regular,
    colour: theme::BAND_TEXT,
    anchor: Anchor::Middle,
};

/// The bands of a figure, placed.
#[derive(Debug)]
pub(crate) struct Strip {
    top: f64,
    n_lines: usize,
    groups: Vec<Group>,
}

/// All bands with one label.
#[derive(Debug)]
struct Group {
    label: Label,
    /// Middle of the label.
    label_x: f64,
    /// From left to right, in user units, without overlaps.
    bars: Vec<Range<f64>>,
    /// `None` when no line was free.
    line: Option<usize>,
}

impl Strip {
    /// Places the bands that overlap `period_ms`; the strip starts at `top`.
    pub(crate) fn new(bands: &[Band], period_ms: &Range<f64>, x: &Scale, top: f64) -> Self {
        let mut groups: Vec<(&str, Vec<Range<f64>>)> = Vec::new();
        for band in bands {
            let (start, end) = (
                band.period_ms.start.max(period_ms.start),
                band.period_ms.end.min(period_ms.end),
            );
            if start >= end || band.period_ms.start.is_nan() || band.period_ms.end.is_nan() {
                continue;
            }
            let bar = x.position(start)..x.position(end).max(x.position(start) + 1.0);
            match groups.iter_mut().find(|(label, _)| *label == band.label) {
                Some((_, bars)) => bars.push(bar),
                None => groups.push((&band.label, vec![bar])),
            }
        }
        let (left, right) = (x.position(period_ms.start), x.position(period_ms.end));
        let mut lines: Vec<Vec<Range<f64>>> = Vec::new();
        let groups = groups
            .into_iter()
            .map(|(label, bars)| place(label, merged(bars), left, right, &mut lines))
            .collect();
        Self {
            top,
            n_lines: lines.len(),
            groups,
        }
    }

    /// Where the panels may begin.
    pub(crate) fn bottom(&self) -> f64 {
        self.top + LINE_HEIGHT * self.n_lines as f64
    }

    /// Bars and labels above the panels.
    pub(crate) fn labels(&self) -> Element {
        let mut strip = Element::new("g").set("class", "bands");
        for group in &self.groups {
            let Some(line) = group.line else { continue };
            let top = self.top + LINE_HEIGHT * line as f64;
            strip.push(group.label.element(group.label_x, top + 0.75 * STYLE.size, &STYLE));
            for bar in &group.bars {
                strip.push(Element::rect(
                    bar.start,
                    top + STYLE.size + 2.0,
                    bar.end - bar.start,
                    4.0,
                    theme::BAND,
                ));
            }
        }
        strip
    }

    /// The shade inside one panel.
    pub(crate) fn shade(&self, rect: &Rect) -> Element {
        let mut path = String::new();
        for bar in merged(
            self.groups
                .iter()
                .flat_map(|group| group.bars.iter().cloned())
                .collect(),
        ) {
            path.push('M');
            for value in [bar.start, rect.top] {
                svg::push_number(&mut path, value);
                path.push(' ');
            }
            path.push_str(&format!(
                "h{}v{}h{}z",
                svg::number(bar.end - bar.start),
                svg::number(rect.height()),
                svg::number(bar.start - bar.end)
            ));
        }
        let group = Element::new("g").set("class", "band-shade");
        if path.is_empty() {
            group
        } else {
            group.with(Element::new("path").set("d", path).set("fill", theme::BAND_SHADE))
        }
    }
}

/// Gives a group the first line on which neither its bars nor its label touch another group.
fn place(label: &str, bars: Vec<Range<f64>>, left: f64, right: f64, lines: &mut Vec<Vec<Range<f64>>>) -> Group {
    let label = Label::plain(label).shortened(right - left, STYLE.size, STYLE.weight);
    let width = label.width(STYLE.size, STYLE.weight);
    let (first, last) = (bars[0].clone(), bars[bars.len() - 1].clone());
    // Over a single bar the label stands in its middle; over several, at the first one.
    let wanted = (first.start + first.end) / 2.0;
    let label_x = wanted.clamp(left + width / 2.0, (right - width / 2.0).max(left + width / 2.0));
    let extent = first.start.min(label_x - width / 2.0)..last.end.max(label_x + width / 2.0);
    let is_free = |line: &Vec<Range<f64>>| {
        line.iter()
            .all(|other| extent.end + SPACING <= other.start || other.end + SPACING <= extent.start)
    };
    let line = match lines.iter().position(is_free) {
        Some(line) => Some(line),
        None if lines.len() < MOST_LINES => {
            lines.push(Vec::new());
            Some(lines.len() - 1)
        }
        None => None,
    };
    if let Some(line) = line {
        lines[line].push(extent);
    }
    Group {
        label,
        label_x,
        bars,
        line,
    }
}

/// Overlapping or touching bars joined, from left to right.
fn merged(mut bars: Vec<Range<f64>>) -> Vec<Range<f64>> {
    bars.sort_by(|a, b| a.start.total_cmp(&b.start).then(a.end.total_cmp(&b.end)));
    let mut out: Vec<Range<f64>> = Vec::new();
    for bar in bars {
        match out.last_mut() {
            Some(last) if bar.start <= last.end => last.end = last.end.max(bar.end),
            _ => out.push(bar),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(start: f64, end: f64, label: &str) -> Band {
        Band {
            period_ms: start..end,
            label: label.into(),
        }
    }

    fn strip(bands: &[Band]) -> Strip {
        Strip::new(bands, &(0.0..100.0), &Scale::new(&(0.0..100.0), 100.0, 900.0), 50.0)
    }

    #[test]
    fn a_band_lies_over_its_period_and_is_cut_at_the_edge() {
        let strip = strip(&[band(10.0, f64::INFINITY, "on")]);
        assert_eq!(strip.groups[0].bars, [180.0..900.0]);
        assert_eq!(strip.groups[0].label_x, 540.0);
        let strip = self::strip(&[band(-5.0, 5.0, "a label much wider than its bar")]);
        let group = &strip.groups[0];
        assert!(group.label_x - group.label.width(STYLE.size, STYLE.weight) / 2.0 >= 100.0);
    }

    #[test]
    fn bands_with_one_label_share_it_and_overlapping_labels_get_lines_of_their_own() {
        let strip = strip(&[
            band(10.0, 20.0, "pulse"),
            band(40.0, 50.0, "pulse"),
            band(15.0, 60.0, "noise"),
            band(80.0, 90.0, "late"),
        ]);
        let lines: Vec<_> = strip
            .groups
            .iter()
            .map(|group| (group.label.to_plain(), group.bars.len(), group.line))
            .collect();
        assert_eq!(
            lines,
            [
                ("pulse".into(), 2, Some(0)),
                ("noise".into(), 1, Some(1)),
                ("late".into(), 1, Some(0))
            ]
        );
        assert_eq!(strip.bottom(), 50.0 + 2.0 * LINE_HEIGHT);
    }

    #[test]
    fn bands_outside_the_period_leave_no_trace() {
        let strip = strip(&[
            band(200.0, 300.0, "later"),
            band(f64::NAN, 3.0, "never"),
            band(5.0, 5.0, "empty"),
        ]);
        assert!(strip.groups.is_empty());
        assert_eq!(strip.bottom(), 50.0);
    }

    #[test]
    fn the_shade_of_overlapping_bands_is_drawn_once() {
        let strip = strip(&[band(10.0, 30.0, "a"), band(20.0, 40.0, "b")]);
        let shade = strip
            .shade(&Rect {
                left: 100.0,
                top: 60.0,
                right: 900.0,
                bottom: 160.0,
            })
            .to_text();
        assert!(shade.contains("d=\"M180 60 h240v100h-240z\""), "{shade}");
    }
}
