//! Why a rewiring is refused.

use nsb_lang::Quantity;

/// Why a batch of changes is refused; then nothing has changed. `path` names the entry, such as
/// `insertions[3].delay_ms`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RewireError {
    /// A number that no projection has.
    #[error("{path}: there is no projection {found}; the network has {n_projections}")]
    UnknownProjection {
        /// The place.
        path: String,
        /// What was given.
        found: u32,
        /// Number of projections.
        n_projections: usize,
    },
    /// A cell that the population does not have.
    #[error("{path}: there is no cell {cell} in `{population}`, which has {size}")]
    UnknownCell {
        /// The place.
        path: String,
        /// What was given.
        cell: u32,
        /// The population.
        population: String,
        /// Its number of cells.
        size: u32,
    },
    /// A cell that takes no part in the projection.
    #[error("{path}: cell {cell} of `{population}` is not one of those that `{projection}` connects")]
    NotConnected {
        /// The place.
        path: String,
        /// What was given.
        cell: u32,
        /// The population.
        population: String,
        /// The projection.
        projection: String,
    },
    /// A synapse to be deleted that is not there.
    #[error(
        "{path}: there is no synapse number {number} from cell {from} to cell {to} in `{projection}`; the pair has {found}"
    )]
    NoSynapse {
        /// The place.
        path: String,
        /// The projection.
        projection: String,
        /// Cell of the source population.
        from: u32,
        /// Cell of the target population.
        to: u32,
        /// Which one was to be deleted, counted from 0.
        number: u32,
        /// How many synapses the pair has.
        found: u32,
    },
    /// A synapse is deleted twice.
    #[error("{path}: this synapse is deleted by another entry, too")]
    DeletedTwice {
        /// The place.
        path: String,
    },
    /// A weight that cannot be kept.
    #[error("{path}: the weight {weight} cannot be kept in 32 bits")]
    Weight {
        /// The place.
        path: String,
        /// What was given, engine units.
        weight: f64,
    },
    /// A weight outside the bounds of the rules of the projection.
    #[error("{path}: the weight {} lies outside the bounds of the rules of `{projection}`, {} to {}", .sizes[0], .sizes[1], .sizes[2])]
    OutOfBounds {
        /// The place.
        path: String,
        /// The projection.
        projection: String,
        /// The size of what was given, the smallest, and the largest.
        sizes: Box<[Quantity; 3]>,
    },
    /// A weight of the other sign than those that the projection has.
    #[error("{path}: the weight {weight} has the wrong sign: all synapses of `{projection}` {do_this}")]
    Sign {
        /// The place.
        path: String,
        /// The projection.
        projection: String,
        /// What was given, engine units.
        weight: f64,
        /// `excite` or `inhibit`.
        do_this: &'static str,
    },
    /// A delay that is no whole number of steps.
    #[error("{path}: the delay {delay_ms} ms is no whole number of steps of {dt_ms} ms")]
    OffGrid {
        /// The place.
        path: String,
        /// What was given, ms.
        delay_ms: f64,
        /// The step, ms.
        dt_ms: f64,
    },
    /// A delay that is shorter than what cells agree upon at the beginning of a run.
    #[error("{path}: the delay {delay_ms} ms is shorter than {shortest_ms} ms, which this network is simulated for")]
    DelayTooShort {
        /// The place.
        path: String,
        /// What was given, ms.
        delay_ms: f64,
        /// The shortest that is possible, ms.
        shortest_ms: f64,
    },
    /// A delay of more than 2³¹ steps.
    #[error("{path}: the delay {delay_ms} ms is longer than 2^31 steps of {dt_ms} ms")]
    DelayTooLong {
        /// The place.
        path: String,
        /// What was given, ms.
        delay_ms: f64,
        /// The step, ms.
        dt_ms: f64,
    },
    /// A delay that is shorter than its dendritic part.
    #[error("{path}: the delay {delay_ms} ms is shorter than the dendritic delay of `{projection}`, {dendritic_ms} ms")]
    DendriticDelay {
        /// The place.
        path: String,
        /// The projection.
        projection: String,
        /// What was given, ms.
        delay_ms: f64,
        /// The dendritic delay, ms.
        dendritic_ms: f64,
    },
    /// The projection is watched by a monitor whose snapshots have a column for each connection.
    #[error(
        "{path}: the monitor `{monitor}` takes snapshots of the weights of `{projection}`, with a column for each connection"
    )]
    Watched {
        /// The place.
        path: String,
        /// The projection.
        projection: String,
        /// The monitor.
        monitor: String,
    },
    /// More synapses than can be counted.
    #[error("a thread would own more than 2^32 synapses of `{projection}` and those that lie beside them")]
    TooMany {
        /// The projection.
        projection: String,
    },
    /// The simulation has failed before.
    #[error("the simulation cannot go on: {reason}")]
    Failed {
        /// What happened then.
        reason: String,
    },
}

impl RewireError {
    /// What to do about it; empty where the reason says it.
    pub fn hint(&self) -> String {
        match self {
            RewireError::UnknownProjection { n_projections, .. } => match n_projections.checked_sub(1) {
                Some(last) => format!("projections are counted from 0 to {last}, in the order of the network"),
                None => "give the network a projection".to_owned(),
            },
            RewireError::UnknownCell { size, .. } => {
                format!("cells are counted from 0 to {}", size.saturating_sub(1))
            }
            RewireError::NotConnected { .. } => {
                "choose another cell, or leave out `source_cells` and `target_cells` of the projection".to_owned()
            }
            RewireError::NoSynapse { .. } => {
                "synapses of a pair are counted from 0, as they are before the batch, by delay and then weight"
                    .to_owned()
            }
            RewireError::DeletedTwice { .. } => "name each synapse once; those of a pair differ in `number`".to_owned(),
            RewireError::Weight { .. } => "give a finite number below 3e38".to_owned(),
            RewireError::OutOfBounds { .. } => "choose a weight within the bounds, or other bounds".to_owned(),
            RewireError::Sign { .. } => {
                "a cell either excites or inhibits: give the weight the other sign, or make two projections".to_owned()
            }
            RewireError::OffGrid { delay_ms, dt_ms, .. } => {
                let nearest = (delay_ms / dt_ms).round().max(1.0) * dt_ms;
                format!("the nearest is {} ms", crate::plan::checker::without_noise(nearest))
            }
            RewireError::DelayTooShort { .. } => {
                "give a longer delay, or give the network a projection with a delay as short as this from the beginning"
                    .to_owned()
            }
            RewireError::DelayTooLong { .. } => "give a shorter delay".to_owned(),
            RewireError::DendriticDelay { .. } => "give a longer delay: the dendritic delay is a part of it".to_owned(),
            RewireError::Watched { .. } => {
                "leave out the interval of the monitor: then it gives the weights at the end".to_owned()
            }
            RewireError::TooMany { .. } => "insert fewer, or use more threads".to_owned(),
            RewireError::Failed { .. } => String::new(),
        }
    }
}
