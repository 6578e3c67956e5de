//! Figures of a run: spikes, traces, rates, and any variables in stacked panels, as SVG and PNG.
//!
//! Start with [`data`] (what goes in) and [`Figure`] (what comes out). [`layout`] gives every figure its frame, `axes`
//! and `bands`
//! draw what surrounds the data; each kind of figure is one file. The same data always give the same bytes.
//! Nothing here knows of files, recordings or models.

pub mod data;

mod axes;
mod bands;
mod chart;
mod figure;
mod font;
mod layout;
mod matrix;
mod panels;
mod path;
mod raster;
mod rate;
mod render;
mod scale;
mod sorted_raster;
mod svg;
mod text;
mod theme;
mod traces;

#[cfg(test)]
mod tests;

pub use chart::chart;
pub use data::{
    Band, ChartAxis, ChartData, ChartPanel, Curve, Group, Heading, Line, Mark, MatrixData, MatrixPanel, Panel,
    PanelStack, RasterData, RasterPopulation, RateData, RatePopulation, SortedRasterData, SpikeClass, TraceData,
};
pub use figure::Figure;
pub use matrix::{MOST_SQUARES, matrix};
pub use panels::panels;
pub use raster::raster;
pub use rate::rate;
pub use render::{PlotError, pngs};
pub use sorted_raster::sorted_raster;
pub use text::pretty_unit;
pub use traces::traces;

pub(crate) use font::Weight;
pub(crate) use svg::escape;
