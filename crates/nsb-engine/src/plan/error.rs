//! Why a network cannot be simulated: what is wrong, where, and what to write.

use std::fmt;

use nsb_kernels::Simd;
use nsb_lang::{Diagnostics, Dimension, ModelKind, Quantity};

/// Everything that is wrong with a network, found in one go.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanErrors(pub Vec<PlanError>);

impl fmt::Display for PlanErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.0.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            match (error.path(), error.hint()) {
                ("", _) => write!(f, "{error}")?,
                (path, hint) if hint.is_empty() => write!(f, "{path}: {error}")?,
                (path, hint) => write!(f, "{path}: {error} (fix: {hint})")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for PlanErrors {}

/// One thing that is wrong. `path` names the place, such as `projections.recurrent.delay`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A name is empty.
    #[error("the name is empty")]
    EmptyName {
        /// The place.
        path: String,
    },
    /// A name occurs twice where names must differ.
    #[error("the name `{name}` occurs twice")]
    DuplicateName {
        /// The place.
        path: String,
        /// The name.
        name: String,
    },
    /// A name refers to nothing.
    #[error("there is no {what} `{name}`{}", in_owner(.owner))]
    UnknownName {
        /// The place.
        path: String,
        /// What was looked for: `population`, `receptor`, `parameter`, `state`, `variable`.
        what: &'static str,
        /// The name that was not found.
        name: String,
        /// Where it was looked for; empty for the network.
        owner: String,
        /// What there is.
        known: Vec<String>,
        /// The known name that was probably meant.
        nearest: Option<String>,
    },
    /// A model stands where another kind of model is needed.
    #[error("`{model}` is a {found} model; a {expected} model is needed here")]
    WrongModelKind {
        /// The place.
        path: String,
        /// The model's name.
        model: String,
        /// The kind that is needed.
        expected: ModelKind,
        /// The kind it is.
        found: ModelKind,
    },
    /// Neuron and receptors do not fit together, or the method cannot be applied; the findings point into models.
    #[error("{0}")]
    Model(Diagnostics),
    /// A population without cells.
    #[error("the population has no cells")]
    EmptyPopulation {
        /// The place.
        path: String,
    },
    /// More cells than a population may have.
    #[error("{size} cells are more than the {largest} that a population may have")]
    TooManyCells {
        /// The place.
        path: String,
        /// Cells asked for.
        size: usize,
        /// Largest size.
        largest: usize,
    },
    /// A quantity of the wrong kind.
    #[error("expected {}, found {found} ({})", .expected.with_article(), .found.dimension().with_article())]
    WrongDimension {
        /// The place.
        path: String,
        /// What is needed.
        expected: Dimension,
        /// A unit that fits.
        unit: String,
        /// What was given.
        found: Quantity,
    },
    /// NaN or infinite.
    #[error("{found} is not a finite number")]
    NotANumber {
        /// The place.
        path: String,
        /// What was given.
        found: String,
    },
    /// A parameter outside the range of its model.
    #[error("{found} is outside the allowed range of {name}, {low} to {high}")]
    OutOfRange {
        /// The place.
        path: String,
        /// The parameter.
        name: String,
        /// What was given.
        found: Quantity,
        /// Smallest allowed value.
        low: Quantity,
        /// Largest allowed value.
        high: Quantity,
    },
    /// A list that does not have one value per cell.
    #[error("the list has {found} values, the population {expected} cells")]
    WrongLength {
        /// The place.
        path: String,
        /// Cells of the population.
        expected: usize,
        /// Values in the list.
        found: usize,
    },
    /// A weight or delay that is given neither by the projection nor by its list.
    #[error("the {what} is missing")]
    Missing {
        /// The place.
        path: String,
        /// `weight` or `delay`.
        what: &'static str,
        /// Something that could be written, such as `1 ms`.
        example: String,
    },
    /// Something that does not fit the rest: a connector between these populations, a distribution, a stimulus.
    #[error("{reason}")]
    Unfit {
        /// The place.
        path: String,
        /// What is wrong.
        reason: String,
        /// What to write instead.
        hint: String,
    },
    /// A weight that does not fit a 32-bit number.
    #[error("the weight {found} is too large to be stored")]
    WeightTooLarge {
        /// The place.
        path: String,
        /// What was given.
        found: Quantity,
    },
    /// A probability outside 0 to 1, or NaN.
    #[error("the probability {found} is not between 0 and 1")]
    Probability {
        /// The place.
        path: String,
        /// What was given.
        found: f64,
    },
    /// A delay shorter than the step, zero and negative ones included.
    #[error("the delay {found} is shorter than the time step dt = {dt_ms} ms, the smallest possible delay")]
    DelayBelowStep {
        /// The place.
        path: String,
        /// What was given.
        found: Quantity,
        /// The step, ms.
        dt_ms: f64,
    },
    /// A delay of more than 2³¹ steps.
    #[error("the delay {found} is longer than 2^31 steps of {dt_ms} ms")]
    DelayTooLong {
        /// The place.
        path: String,
        /// What was given.
        found: Quantity,
        /// The step, ms.
        dt_ms: f64,
    },
    /// A cell that the population does not have.
    #[error("there is no cell {cell} in `{population}`, which has {size} cells")]
    CellOutOfRange {
        /// The place.
        path: String,
        /// The cell.
        cell: usize,
        /// The population.
        population: String,
        /// Its cells.
        size: usize,
    },
    /// A cell that is listed twice.
    #[error("cell {cell} is listed twice")]
    DuplicateCell {
        /// The place.
        path: String,
        /// The cell.
        cell: usize,
    },
    /// A set of no cells.
    #[error("no cell is selected")]
    NoCells {
        /// The place.
        path: String,
    },
    /// A negative time, or one beyond the 2⁵³ steps that can be counted.
    #[error("the time {found} is {}", if *.negative { "negative" } else { "too late to be counted in steps" })]
    Time {
        /// The place.
        path: String,
        /// What was given.
        found: Quantity,
        /// Whether it is negative.
        negative: bool,
    },
    /// A stimulus that ends before a step has passed.
    #[error("the stimulus starts at {start} and stops at {stop}, so that it is never on (dt = {dt_ms} ms)")]
    StimulusNeverOn {
        /// The place.
        path: String,
        /// When it begins.
        start: Quantity,
        /// When it ends.
        stop: Quantity,
        /// The step, ms.
        dt_ms: f64,
    },
    /// An amplitude that fits no input of the model.
    #[error("the amplitude {found} ({}) fits no input of `{model}`", .found.dimension().with_article())]
    NoSuchInput {
        /// The place.
        path: String,
        /// What was given.
        found: Quantity,
        /// The neuron model.
        model: String,
        /// Inputs as (name, kind of quantity, a unit that fits).
        inputs: Vec<(String, Dimension, String)>,
    },
    /// A monitor of no variable.
    #[error("no variable is named")]
    NoVariables {
        /// The place.
        path: String,
        /// What could be recorded.
        known: Vec<String>,
    },
    /// A sampling interval shorter than the step, zero and negative ones included.
    #[error("the interval {found} is shorter than the time step dt = {dt_ms} ms")]
    IntervalBelowStep {
        /// The place.
        path: String,
        /// What was given.
        found: Quantity,
        /// The step, ms.
        dt_ms: f64,
    },
    /// A step that is not a positive number.
    #[error("the time step {dt_ms} ms is not a positive number")]
    Dt {
        /// The step, ms.
        dt_ms: f64,
    },
    /// A step at which an explicit method is not stable.
    #[error("dt = {dt_ms} ms is too large for the method {method} on `{model}`: at most {max_dt_ms} ms")]
    DtTooLarge {
        /// The place.
        path: String,
        /// The step, ms.
        dt_ms: f64,
        /// Largest step, ms.
        max_dt_ms: f64,
        /// The neuron model.
        model: String,
        /// The explicit method.
        method: &'static str,
        /// A method without that limit, if there is one for this model.
        instead: Option<&'static str>,
    },
    /// No thread, or more than anyone has.
    #[error("{threads} threads are not possible")]
    Threads {
        /// Threads asked for.
        threads: usize,
    },
    /// A vector width that this CPU lacks.
    #[error("this CPU has no {simd}")]
    Simd {
        /// The width asked for.
        simd: Simd,
        /// The widest there is.
        best: Simd,
    },
    /// More memory than the machine gives.
    #[error(
        "the network needs about {} of memory, {} of it for {what}; {}",
        super::summary::bytes(*.needed),
        super::summary::bytes(*.bytes),
        available_memory(*.available)
    )]
    Memory {
        /// The part that needs most.
        path: String,
        /// What that part needs it for, such as `these cells` or `making synapses`.
        what: &'static str,
        /// Bytes that this part needs.
        bytes: u64,
        /// Bytes that the network needs.
        needed: u64,
        /// Bytes that there are, if that is known.
        available: Option<u64>,
        /// Bytes needed in the precision `compact`, if that is less and would do.
        compact: Option<u64>,
    },
}

impl PlanError {
    /// The place in the network, such as `projections.recurrent.delay`; empty if the error points into a model.
    pub fn path(&self) -> &str {
        match self {
            PlanError::Model(_) => "",
            PlanError::Dt { .. } => "dt",
            PlanError::Threads { .. } => "threads",
            PlanError::Simd { .. } => "simd",
            PlanError::EmptyName { path }
            | PlanError::DuplicateName { path, .. }
            | PlanError::UnknownName { path, .. }
            | PlanError::WrongModelKind { path, .. }
            | PlanError::EmptyPopulation { path }
            | PlanError::TooManyCells { path, .. }
            | PlanError::WrongDimension { path, .. }
            | PlanError::NotANumber { path, .. }
            | PlanError::OutOfRange { path, .. }
            | PlanError::WrongLength { path, .. }
            | PlanError::Missing { path, .. }
            | PlanError::Unfit { path, .. }
            | PlanError::WeightTooLarge { path, .. }
            | PlanError::Probability { path, .. }
            | PlanError::DelayBelowStep { path, .. }
            | PlanError::DelayTooLong { path, .. }
            | PlanError::CellOutOfRange { path, .. }
            | PlanError::DuplicateCell { path, .. }
            | PlanError::NoCells { path }
            | PlanError::Time { path, .. }
            | PlanError::StimulusNeverOn { path, .. }
            | PlanError::NoSuchInput { path, .. }
            | PlanError::NoVariables { path, .. }
            | PlanError::IntervalBelowStep { path, .. }
            | PlanError::DtTooLarge { path, .. }
            | PlanError::Memory { path, .. } => path,
        }
    }

    /// What to write instead; empty if the diagnostics of a model say it themselves.
    pub fn hint(&self) -> String {
        match self {
            PlanError::Model(_) => String::new(),
            PlanError::EmptyName { .. } => "give it a name".to_owned(),
            PlanError::DuplicateName { .. } => "rename one of the two".to_owned(),
            PlanError::UnknownName {
                what, known, nearest, ..
            } => match (nearest, known.is_empty()) {
                (Some(nearest), _) => format!("did you mean `{nearest}`?"),
                (None, true) => format!("there is no {what} to choose from"),
                (None, false) => format!("choose from {}", known.join(", ")),
            },
            PlanError::WrongModelKind { expected, .. } => format!("name a {expected} model"),
            PlanError::EmptyPopulation { .. } => "give it at least 1 cell, or leave the population out".to_owned(),
            PlanError::TooManyCells { .. } => "split it into several populations".to_owned(),
            PlanError::WrongDimension { unit, found, .. } => {
                format!("write a number with a unit such as \"{} {unit}\"", found.value())
            }
            PlanError::NotANumber { .. } => "write a finite number".to_owned(),
            PlanError::OutOfRange { low, high, .. } => format!("choose a value from {low} to {high}"),
            PlanError::WrongLength { .. } => "give one value per cell, or one value for all".to_owned(),
            PlanError::Missing { what, example, .. } => format!("add {what} = \"{example}\""),
            PlanError::Unfit { hint, .. } => hint.clone(),
            PlanError::WeightTooLarge { .. } => "choose a weight below 3e38 in engine units".to_owned(),
            PlanError::Probability { .. } => "write a number from 0 to 1, such as 0.3 for 30 %".to_owned(),
            PlanError::DelayBelowStep { found, dt_ms, .. } if found.engine() > 0.0 => {
                format!("write \"{dt_ms} ms\" or more, or choose dt = \"{found}\" or less")
            }
            PlanError::DelayBelowStep { dt_ms, .. } => format!("write \"{dt_ms} ms\" or more"),
            PlanError::DelayTooLong { .. } => "choose a shorter delay".to_owned(),
            PlanError::CellOutOfRange { size, .. } => format!("cells are counted from 0 to {}", size.saturating_sub(1)),
            PlanError::DuplicateCell { .. } => "list each cell once".to_owned(),
            PlanError::NoCells { .. } => "select at least one cell; the end of a range is not part of it".to_owned(),
            PlanError::Time { negative: true, .. } => "write a time of \"0 ms\" or more".to_owned(),
            PlanError::Time { .. } => "choose an earlier time".to_owned(),
            PlanError::StimulusNeverOn { .. } => "let it stop at least one step after it starts".to_owned(),
            PlanError::NoSuchInput {
                found, inputs, model, ..
            } => input_hint(found, inputs, model),
            PlanError::NoVariables { known, .. } => format!("choose from {}", known.join(", ")),
            PlanError::IntervalBelowStep { dt_ms, .. } => format!("write \"{dt_ms} ms\" or more"),
            PlanError::Dt { .. } => "write a time such as \"0.025 ms\"".to_owned(),
            PlanError::DtTooLarge { max_dt_ms, instead, .. } => match instead {
                Some(method) => format!("choose dt = \"{max_dt_ms} ms\" or less, or method = \"{method}\""),
                None => format!("choose dt = \"{max_dt_ms} ms\" or less"),
            },
            PlanError::Threads { .. } => format!("choose from 1 to {}", super::settings::MAX_THREADS),
            PlanError::Simd { best, .. } => format!("choose {best}"),
            PlanError::Memory { compact: None, .. } => {
                "choose fewer cells or fewer connections, as a smaller scale of the network has".to_owned()
            }
            PlanError::Memory {
                compact: Some(bytes), ..
            } => format!(
                "write precision = \"compact\", in which it needs about {}; or choose fewer cells or fewer connections",
                super::summary::bytes(*bytes)
            ),
        }
    }
}

fn available_memory(bytes: Option<u64>) -> String {
    match bytes {
        Some(bytes) => format!("{} are available", super::summary::bytes(bytes)),
        None => "this machine does not give that much".to_owned(),
    }
}

fn in_owner(owner: &str) -> String {
    if owner.is_empty() {
        String::new()
    } else {
        format!(" in {owner}")
    }
}

fn input_hint(found: &Quantity, inputs: &[(String, Dimension, String)], model: &str) -> String {
    if inputs.is_empty() {
        return format!("`{model}` has no inputs; add one to the model, or leave the stimulus out");
    }
    let choices: Vec<String> = inputs
        .iter()
        .map(|(name, dimension, unit)| {
            format!(
                "{} for {name}, such as \"{} {unit}\"",
                dimension.with_article(),
                found.value()
            )
        })
        .collect();
    format!("write {}", choices.join("; or "))
}
