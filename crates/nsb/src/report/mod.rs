//! The report of a run: one HTML page that opens without a network, on screen and in print.
//!
//! [`data`] says what goes in, [`html()`] writes the page. Style sheet and fonts are embedded; there is no script.

pub mod data;

mod base64;
mod html;
mod rules;

#[cfg(test)]
mod tests;

pub use data::{LearningTable, ModelPage, ParameterRow, PopulationRow, Report, RulePage, StatisticsRow};
pub use html::html;
pub use rules::rules;
