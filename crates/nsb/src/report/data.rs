//! What a report says: plain text and figures. All text is escaped when the page is written.

use crate::plot::Figure;

/// One row of the table of populations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PopulationRow {
    /// Name of the population.
    pub name: String,
    /// Name of its neuron model; links to the model's section when [`Report::models`] has it.
    pub model: String,
    /// Integration method.
    pub method: String,
    /// Number of cells.
    pub size: u64,
    /// Number of spikes.
    pub spikes: u64,
    /// Mean rate per cell in Hz.
    pub rate_hz: f64,
}

/// One row of the table of statistics; `None` where there were too few spikes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StatisticsRow {
    /// Name of the population.
    pub name: String,
    /// Mean and spread of the rates of its cells, Hz.
    pub rates_hz: (f64, f64),
    /// Cells without a spike.
    pub silent: u64,
    /// Mean interval between the spikes of a cell, ms.
    pub interval_ms: Option<f64>,
    /// Mean CV of intervals.
    pub cv: Option<f64>,
    /// Mean CV2 of intervals.
    pub cv2: Option<f64>,
    /// Mean Fano factor.
    pub fano: Option<f64>,
    /// Mean pairwise correlation of spike counts.
    pub correlation: Option<f64>,
    /// Synchrony χ of spike counts.
    pub chi: Option<f64>,
    /// Rhythm of the population rate that stands out, Hz.
    pub peak_hz: Option<f64>,
}

/// One row of the table of parameters of a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParameterRow {
    /// Name of the parameter.
    pub name: String,
    /// Value used in the run, without unit (`120`; or a text such as `varies between cells`).
    pub value: String,
    /// Unit as written in models.
    pub unit: String,
    /// Default of the model, without unit; empty when there is none.
    pub default: String,
    /// Whether the run used another value than the default.
    pub changed: bool,
    /// What the parameter is.
    pub doc: String,
}

/// The section of one model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelPage {
    /// Name in the catalogue, such as `hodgkin_huxley`.
    pub name: String,
    /// One line that says what it is.
    pub title: String,
    /// Literature, one entry a reference.
    pub references: Vec<String>,
    /// Equations as written in the model, one entry a line.
    pub equations: Vec<String>,
    /// Functions, threshold, reset and the like as written, one entry a line.
    pub rules: Vec<String>,
    /// Parameters in the order of the model.
    pub parameters: Vec<ParameterRow>,
}

/// A rule of plasticity as a projection uses it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RulePage {
    /// Name of the projection.
    pub projection: String,
    /// Name of the rule there.
    pub name: String,
    /// Name of its model; links to the model's section when [`Report::models`] has it.
    pub model: String,
    /// Parameters with the values of this run, in the order of the model.
    pub parameters: Vec<ParameterRow>,
}

/// Scores of a training.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LearningTable {
    /// What was shown and tested as label and value (`Epochs`, `10`).
    pub facts: Vec<(String, String)>,
    /// Titles of the columns.
    pub head: Vec<String>,
    /// Rows of as many texts.
    pub rows: Vec<Vec<String>>,
    /// What was measured and how, in a sentence or two.
    pub note: String,
}

/// All that a report shows.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Title of the project.
    pub title: String,
    /// What was simulated, in a sentence or two; may be empty.
    pub description: String,
    /// Key facts as label and value (`Cells`, `10`), the most important first.
    pub facts: Vec<(String, String)>,
    /// Scores of a training.
    pub learning: Option<LearningTable>,
    /// Table of populations.
    pub populations: Vec<PopulationRow>,
    /// Table of statistics.
    pub statistics: Vec<StatisticsRow>,
    /// Figures; the first one stands on the first screen.
    pub figures: Vec<Figure>,
    /// Rules of plasticity, projection by projection.
    pub rules: Vec<RulePage>,
    /// Models used.
    pub models: Vec<ModelPage>,
    /// Warnings of the run.
    pub warnings: Vec<String>,
    /// The project file that re-creates the run.
    pub project_text: String,
    /// The command that re-creates the run.
    pub reproduce_command: String,
}
