//! The words that have a meaning at the start of a line.

use super::tree::{Owner, Trigger};

/// What a section declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Parameters,
    Inputs,
    Functions,
    Equations,
    Initial,
    Threshold,
    Rearm,
    Reset,
    Refractory,
    OnSpike,
    Current,
    Presets,
    Per(Owner),
    Bounds,
    On(Trigger),
    UpdateEvery,
    UpdateWhere,
    /// Known to the language, but not to the engine.
    Planned(&'static str),
}

/// A line without a colon at the head of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    Reference,
    Method,
    MaxDt,
}

pub(super) const SECTIONS: [(&str, Section); 25] = [
    ("parameters", Section::Parameters),
    ("inputs", Section::Inputs),
    ("functions", Section::Functions),
    ("equations", Section::Equations),
    ("initial", Section::Initial),
    ("threshold", Section::Threshold),
    ("rearm", Section::Rearm),
    ("reset", Section::Reset),
    ("refractory", Section::Refractory),
    ("on spike", Section::OnSpike),
    ("current", Section::Current),
    ("presets", Section::Presets),
    ("per source", Section::Per(Owner::Source)),
    ("per target", Section::Per(Owner::Target)),
    ("per synapse", Section::Per(Owner::Synapse)),
    ("bounds", Section::Bounds),
    ("on pre", Section::On(Trigger::Pre)),
    ("on post", Section::On(Trigger::Post)),
    ("on reward", Section::On(Trigger::Reward)),
    ("on update", Section::On(Trigger::Update)),
    ("update every", Section::UpdateEvery),
    ("update where", Section::UpdateWhere),
    ("algebraic", Section::Planned("algebraic")),
    ("between", Section::Planned("between")),
    ("noise", Section::Planned("noise")),
];

pub(super) const HEADERS: [(&str, Header); 3] = [
    ("reference", Header::Reference),
    ("method", Header::Method),
    ("max_dt", Header::MaxDt),
];

/// The kinds of model that the engine runs.
pub(super) const KINDS: [&str; 3] = ["neuron", "receptor", "synapse"];

/// The kinds whose inner grammar is not settled: their sections are kept as [`super::Item::Planned`].
pub(super) const PLANNED_KINDS: [&str; 3] = ["junction", "coupling", "metabolism"];

/// Every kind of model.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.into_iter().chain(PLANNED_KINDS)
}

/// The section keywords and header words, for "did you mean".
pub(super) fn section_words() -> impl Iterator<Item = &'static str> {
    SECTIONS.iter().map(|(word, _)| *word)
}
