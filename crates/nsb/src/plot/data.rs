//! What the figures are drawn from: plain data, already in display units. Nothing here knows of files, recordings or
//! models.

use std::ops::Range;

/// Name, title and subtitle of a figure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heading {
    /// File name without extension, such as `raster`; also the start of the ids inside the SVG.
    pub name: String,
    /// First line, in bold.
    pub title: String,
    /// Second line, in grey; empty for none.
    pub subtitle: String,
}

impl Heading {
    /// A heading; `subtitle` may be empty.
    pub fn new(name: impl Into<String>, title: impl Into<String>, subtitle: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            title: title.into(),
            subtitle: subtitle.into(),
        }
    }
}

/// A period of stimulation, drawn as a light band behind the data with its label above.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Start and end, in ms. An end beyond the figure (or infinite) is cut at the edge.
    pub period_ms: Range<f64>,
    /// What happens then, such as `20 µA/cm² into cells 0–2`. Bands with one label show it once.
    pub label: String,
}

/// The spikes of one population.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RasterPopulation {
    /// Name, shown beside its panel.
    pub name: String,
    /// Number of cells: the panel shows indices 0 to `size - 1`.
    pub size: usize,
    /// Spike times in ms.
    pub times_ms: Vec<f64>,
    /// Cell index of each spike; as long as `times_ms`.
    pub cells: Vec<u32>,
    /// Spikes that happened but are not given, because there are too many. They count for the rate.
    pub left_out: u64,
}

/// Spikes of all populations over time.
#[derive(Debug, Clone, PartialEq)]
pub struct RasterData {
    /// Name and title.
    pub heading: Heading,
    /// Time shown, in ms.
    pub period_ms: Range<f64>,
    /// Stacked from top to bottom.
    pub populations: Vec<RasterPopulation>,
    /// Stimuli.
    pub bands: Vec<Band>,
}

/// One line: values over time. `NaN` and infinite values leave a gap.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// Name. In [`PanelStack`] it is a variable name and is typeset (`I_Na`, `tau_m`); in [`TraceData`] it is plain
    /// text (`cell 3`).
    pub label: String,
    /// Sample times in ms, ascending.
    pub times_ms: Vec<f64>,
    /// Values in the unit of the panel; as long as `times_ms`.
    pub values: Vec<f64>,
    /// Whether each value holds until the next sample: drawn as steps, not joined by slanting lines.
    pub steps: bool,
}

/// One variable of several cells over time.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceData {
    /// Name and title.
    pub heading: Heading,
    /// Time shown, in ms.
    pub period_ms: Range<f64>,
    /// Name of the variable, typeset as a variable (`V`, `I_Na`).
    pub variable: String,
    /// Its unit as written in models (`mV`, `uA/cm^2`); empty for a pure number.
    pub unit: String,
    /// One line a cell.
    pub cells: Vec<Line>,
    /// A level to mark with a dashed line, such as the spike threshold, in the unit of the variable.
    pub threshold: Option<f64>,
    /// Range of the vertical axis; `None` fits all cells.
    pub y_range: Option<Range<f64>>,
    /// Drawn in a panel of its own below the cells.
    pub stimulus: Option<Panel>,
    /// Stimuli.
    pub bands: Vec<Band>,
}

/// The spike times of one population, for its rate.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RatePopulation {
    /// Name, shown beside its panel.
    pub name: String,
    /// Number of cells the rate is divided by.
    pub size: usize,
    /// Spike times of all cells in ms, in any order.
    pub times_ms: Vec<f64>,
    /// How many spikes each time stands for; empty if each is one.
    pub counts: Vec<u64>,
}

/// Firing rate of populations over time.
#[derive(Debug, Clone, PartialEq)]
pub struct RateData {
    /// Name and title.
    pub heading: Heading,
    /// Time shown, in ms.
    pub period_ms: Range<f64>,
    /// Width of the bins of the histogram, in ms.
    pub bin_ms: f64,
    /// Half-width of the smoothing kernel (Epanechnikov) of an additional line, in ms; `None` for no line.
    pub smoothing_ms: Option<f64>,
    /// Stacked from top to bottom.
    pub populations: Vec<RatePopulation>,
    /// Stimuli.
    pub bands: Vec<Band>,
}

/// Lines that share one vertical axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Panel {
    /// What the axis shows: plain words (`membrane potential`, `ionic current`).
    pub y_label: String,
    /// Unit as written in models (`mV`, `uA/cm^2`); empty for a pure number.
    pub unit: String,
    /// The lines; more than one get a legend.
    pub lines: Vec<Line>,
    /// Range of the axis; `None` fits the lines.
    pub y_range: Option<Range<f64>>,
}

/// Any variables over time, in panels that share the time axis.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelStack {
    /// Name and title.
    pub heading: Heading,
    /// Time shown, in ms.
    pub period_ms: Range<f64>,
    /// Stacked from top to bottom.
    pub panels: Vec<Panel>,
    /// Stimuli.
    pub bands: Vec<Band>,
}

/// An axis of a chart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChartAxis {
    /// What it shows.
    pub label: String,
    /// Whether the label is the name of a variable and is typeset as one.
    pub is_variable: bool,
    /// Unit as written in models; empty for a pure number.
    pub unit: String,
    /// What is shown; `None` fits the curves.
    pub range: Option<Range<f64>>,
    /// Equal ratios have equal lengths. Values that are not positive are left out.
    pub is_logarithmic: bool,
}

impl ChartAxis {
    /// A linear axis with plain words, fitted to the curves.
    pub fn new(label: impl Into<String>, unit: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            unit: unit.into(),
            ..Self::default()
        }
    }

    /// This axis, logarithmic.
    #[must_use]
    pub fn logarithmic(self) -> Self {
        Self {
            is_logarithmic: true,
            ..self
        }
    }

    /// This axis with another range.
    #[must_use]
    pub fn over(self, range: Range<f64>) -> Self {
        Self {
            range: Some(range),
            ..self
        }
    }

    /// This axis with the name of a variable as its label.
    #[must_use]
    pub fn variable(self) -> Self {
        Self {
            is_variable: true,
            ..self
        }
    }
}

/// How a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// A line; values that are not finite break it.
    #[default]
    Line,
    /// A dashed line.
    Dashed,
    /// A dot at each point.
    Dots,
    /// An open circle at each point.
    Circles,
    /// Dots joined by a line.
    LineAndDots,
    /// A histogram: `x` are the left edges of bins of equal width.
    Bars,
    /// An arrow from each point with an even index to the one after it.
    Arrows,
    /// A light area: points with an even index are its lower edge, each followed by the one above it.
    Area,
}

/// Points of a chart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    /// Name in the legend; empty for none.
    pub label: String,
    /// How it is drawn.
    pub mark: Mark,
    /// Number of its colour; `None` gives each curve of a panel its own.
    pub colour: Option<usize>,
    /// Horizontal places, in the unit of the axis.
    pub x: Vec<f64>,
    /// Vertical places, in the unit of the axis; as many.
    pub y: Vec<f64>,
}

/// Curves that share a vertical axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChartPanel {
    /// Vertical axis.
    pub y: ChartAxis,
    /// Bold beside the panel; may be empty.
    pub name: String,
    /// Lines below the name.
    pub details: Vec<String>,
    /// What is drawn, the first lowest.
    pub curves: Vec<Curve>,
    /// Height; 0 leaves it to the number of panels.
    pub height: f64,
}

/// Curves in panels over one horizontal axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChartData {
    /// Name and title.
    pub heading: Heading,
    /// Horizontal axis.
    pub x: ChartAxis,
    /// Stacked from top to bottom.
    pub panels: Vec<ChartPanel>,
    /// What is shown and how to read it.
    pub caption: String,
}

/// A stretch of rows or columns that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub label: String,
    /// From here, before there.
    pub places: Range<usize>,
}

/// One of several matrices with a common scale.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MatrixPanel {
    /// Written above it.
    pub title: String,
    /// Values row by row, the first row on top; `NaN` where there is none.
    pub values: Vec<f64>,
}

/// Matrices side by side, of the same size and on the same scale of colours.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MatrixData {
    /// Name and title.
    pub heading: Heading,
    /// Squares across and down, which `values` of the panels fill.
    pub squares: (usize, usize),
    /// Columns and rows that the squares stand for: as many, or more if each stands for several.
    pub size: (usize, usize),
    /// What a column and a row is, such as `from cell`.
    pub labels: (String, String),
    /// Columns that belong together, in the order of the columns; none if they are numbered.
    pub column_groups: Vec<Group>,
    /// Rows that belong together; none if they are numbered.
    pub row_groups: Vec<Group>,
    /// The matrices.
    pub panels: Vec<MatrixPanel>,
    /// What the colours show, with its unit; a range that is not given fits the values.
    pub scale: ChartAxis,
    /// What is shown and how to read it.
    pub caption: String,
}

/// Spikes that get one colour.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SpikeClass {
    /// Name in the legend.
    pub label: String,
    /// Number of its colour.
    pub colour: usize,
    /// Spike times in ms.
    pub times_ms: Vec<f64>,
    /// The row of each spike, 0 on top; as long as `times_ms`.
    pub rows: Vec<usize>,
}

/// Spikes of cells in an order of their own, with what was shown meanwhile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SortedRasterData {
    /// Name and title.
    pub heading: Heading,
    /// Time shown, in ms.
    pub period_ms: Range<f64>,
    /// Number of cells.
    pub n_rows: usize,
    /// Rows that belong together, from top to bottom; none if they are numbered.
    pub groups: Vec<Group>,
    /// What is shown, above the panel.
    pub bands: Vec<Band>,
    /// Rows and times at which cells are driven from outside.
    pub driven: Vec<(Range<f64>, Range<usize>)>,
    /// The spikes.
    pub classes: Vec<SpikeClass>,
    /// What is shown and how to read it.
    pub caption: String,
}
