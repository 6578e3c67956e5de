//! Figures read back from their SVG and their pixels: marks must stand where their data are, labels must not touch.

use resvg::usvg::roxmltree;

use super::data::{Band, Heading, Line, RasterData, RasterPopulation};
use super::{Figure, raster};

mod charts;
mod curves;
mod labels;
mod marks;
mod matrices;

/// A figure parsed again.
struct Parsed<'a>(roxmltree::Document<'a>);

impl<'a> Parsed<'a> {
    fn new(figure: &'a Figure) -> Self {
        Self(roxmltree::Document::parse(figure.svg()).unwrap())
    }

    fn all(&self, class: &str) -> Vec<roxmltree::Node<'_, 'a>> {
        self.0
            .descendants()
            .filter(|node| node.attribute("class") == Some(class))
            .collect()
    }

    /// Labels of the time axis as numbers, with the positions of their tick marks.
    fn time_ticks(&self) -> Vec<(f64, f64)> {
        axis_ticks(self.all("time-axis")[0], "x1", 0)
    }

    /// Labels of the vertical axis of panel `index` as numbers, with the positions of their tick marks.
    fn y_ticks(&self, index: usize) -> Vec<(f64, f64)> {
        axis_ticks(self.all("y-axis")[index], "y1", 1)
    }

    fn texts(&self) -> Vec<String> {
        self.0
            .descendants()
            .filter(|node| node.has_tag_name("text"))
            .map(text_of)
            .collect()
    }

    /// The `d` of all paths in the data of panel `index`.
    fn paths(&self, name: &str, index: usize) -> Vec<&str> {
        let id = format!("figure-{name}-{index}");
        let group = self
            .0
            .descendants()
            .find(|node| node.attribute("id") == Some(&id))
            .unwrap();
        group.children().filter_map(|node| node.attribute("d")).collect()
    }
}

fn text_of(node: roxmltree::Node<'_, '_>) -> String {
    node.descendants()
        .filter(|child| child.is_text())
        .map(|child| child.text().unwrap())
        .collect()
}

fn axis_ticks(axis: roxmltree::Node<'_, '_>, position: &str, skipped: usize) -> Vec<(f64, f64)> {
    let elements: Vec<_> = axis.children().filter(|node| node.is_element()).skip(skipped).collect();
    let pairs = elements
        .windows(2)
        .filter(|pair| pair[0].has_tag_name("line") && pair[1].has_tag_name("text"));
    pairs
        .map(|pair| {
            (
                text_of(pair[1]).replace('\u{2212}', "-").parse().unwrap(),
                pair[0].attribute(position).unwrap().parse().unwrap(),
            )
        })
        .collect()
}

/// Where `value` must be if the axis means what its first and last labels say.
fn expected(ticks: &[(f64, f64)], value: f64) -> f64 {
    let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
    first.1 + (value - first.0) / (last.0 - first.0) * (last.1 - first.1)
}

/// The starting points of all subpaths.
fn starts(path: &str) -> Vec<(f64, f64)> {
    let numbers = |text: &str| -> Vec<f64> {
        text.split([' ', 'h', 'v', 'z'])
            .filter_map(|number| number.parse().ok())
            .collect()
    };
    path.split('M')
        .skip(1)
        .map(numbers)
        .map(|numbers| (numbers[0], numbers[1]))
        .collect()
}

/// All points of a path of `M` and `L`.
fn points(path: &str) -> Vec<(f64, f64)> {
    let point = |text: &str| {
        text.split_once(' ')
            .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
    };
    path.trim_end_matches('z').split(['M', 'L']).filter_map(point).collect()
}

fn heading(name: &str) -> Heading {
    Heading::new(name, "A title", "A subtitle")
}

fn population(name: &str, size: usize, spikes: &[(f64, u32)]) -> RasterPopulation {
    RasterPopulation {
        name: name.into(),
        size,
        times_ms: spikes.iter().map(|spike| spike.0).collect(),
        cells: spikes.iter().map(|spike| spike.1).collect(),
        ..RasterPopulation::default()
    }
}

fn raster_of(populations: Vec<RasterPopulation>, end_ms: f64) -> Figure {
    raster(&RasterData {
        heading: heading("raster"),
        period_ms: 0.0..end_ms,
        populations,
        bands: vec![Band {
            period_ms: 10.0..90.0,
            label: "20 µA/cm²".into(),
        }],
    })
}

fn line(label: &str, times_ms: &[f64], values: &[f64]) -> Line {
    Line {
        label: label.into(),
        times_ms: times_ms.to_vec(),
        values: values.to_vec(),
        steps: false,
    }
}

/// Spikes spread without a pattern: cell and time by multiplicative hashing.
fn scattered(n: u32, size: u32, end_ms: f64) -> Vec<(f64, u32)> {
    (0..n)
        .map(|i| {
            (
                f64::from(i.wrapping_mul(2_654_435_761)) / 4_294_967_296.0 * end_ms,
                i.wrapping_mul(40_503) % size,
            )
        })
        .collect()
}
