//! A finished figure.

use super::data::Heading;
use super::render::{self, PlotError};

/// A figure as SVG text, with what stands beside it in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// File name without extension.
    pub name: String,
    /// Title, also drawn in the figure.
    pub title: String,
    /// What is shown and how to read it, in a sentence or two; serves as alternative text too.
    pub caption: String,
    svg: String,
}

impl Figure {
    pub(crate) fn new(heading: &Heading, caption: String, svg: String) -> Self {
        Self {
            name: heading.name.clone(),
            title: heading.title.clone(),
            caption,
            svg,
        }
    }

    /// The figure as an SVG document with real text. The first family named is the one the widths were measured in.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// The figure as a PNG file, 1920 pixels wide, drawn with the embedded fonts only.
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        render::png(&self.name, &self.svg)
    }
}
