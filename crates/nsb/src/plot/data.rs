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
