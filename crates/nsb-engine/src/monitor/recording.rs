//! What a run leaves behind in memory.

use nsb_lang::Unit;

use crate::index::ProjectionId;
use crate::plan::PlannedReward;

/// All that was recorded and not taken by an [`Observer`](crate::Observer). Complete at any time between two calls of
/// `run_for`.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// One entry per spike monitor, in the order of the network.
    pub spikes: Vec<SpikeRecording>,
    /// One entry per monitor of variables, in the order of the network.
    pub variables: Vec<VariableRecording>,
    /// One entry per monitor of rates, in the order of the network.
    pub rates: Vec<RateRecording>,
    /// One entry per monitor of weights, in the order of the network.
    pub weights: Vec<WeightRecording>,
    /// One entry per reward, in the order of the network.
    pub rewards: Vec<RewardRecording>,
    /// Spike counts of all populations, monitored or not.
    pub populations: Vec<PopulationCount>,
    /// XXH3-64 over all spikes of all populations, 16 hexadecimal digits.
    pub spike_hash: String,
    /// Simulated time, ms.
    pub simulated_ms: f64,
}

impl Recording {
    /// Memory taken by spikes and samples, bytes.
    pub fn held_bytes(&self) -> usize {
        let of_spikes = |r: &SpikeRecording| size_of_val(&r.times_ms[..]) + size_of_val(&r.cells[..]);
        let of_variables = |r: &VariableRecording| {
            let values = r.series.iter().map(|series| size_of_val(&series.values[..]));
            size_of_val(&r.times_ms[..]) + values.sum::<usize>()
        };
        let of_rates = |r: &RateRecording| size_of_val(&r.times_ms[..]) + size_of_val(&r.rates_hz[..]);
        let of_weights = |r: &WeightRecording| size_of_val(&r.times_ms[..]) + size_of_val(&r.weights[..]);
        let of_rewards = |r: &RewardRecording| size_of_val(&r.earned_ms[..]) + size_of_val(&r.given_ms[..]);
        self.spikes.iter().map(of_spikes).sum::<usize>()
            + self.variables.iter().map(of_variables).sum::<usize>()
            + self.rates.iter().map(of_rates).sum::<usize>()
            + self.weights.iter().map(of_weights).sum::<usize>()
            + self.rewards.iter().map(of_rewards).sum::<usize>()
    }

    /// Forgets spikes and samples. Names, cells, units and counts stay.
    pub fn clear(&mut self) {
        for recording in &mut self.spikes {
            recording.times_ms.clear();
            recording.cells.clear();
        }
        for recording in &mut self.variables {
            recording.times_ms.clear();
            recording.series.iter_mut().for_each(|series| series.values.clear());
        }
        for recording in &mut self.weights {
            recording.times_ms.clear();
            recording.weights.clear();
        }
        for recording in &mut self.rewards {
            recording.earned_ms.clear();
            recording.given_ms.clear();
        }
        for recording in &mut self.rates {
            recording.times_ms.clear();
            recording.rates_hz.clear();
        }
    }
}

/// The spikes that a monitor has seen, sorted by (step, cell).
#[derive(Debug, Clone, PartialEq)]
pub struct SpikeRecording {
    /// Name of the monitor.
    pub monitor: String,
    /// Name of the population.
    pub population: String,
    /// Number of cells of the population.
    pub population_size: usize,
    /// Interpolated spike times, ms.
    pub times_ms: Vec<f64>,
    /// The cell of each spike.
    pub cells: Vec<u32>,
}

/// The variables that a monitor has sampled.
#[derive(Debug, Clone, PartialEq)]
pub struct VariableRecording {
    /// Name of the monitor.
    pub monitor: String,
    /// Name of the population.
    pub population: String,
    /// The cells, ascending: the columns of all series.
    pub cells: Vec<u32>,
    /// The times of the samples, ms: the rows of all series.
    pub times_ms: Vec<f64>,
    /// One entry per variable.
    pub series: Vec<Series>,
}

/// One variable over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name of the variable.
    pub variable: String,
    /// The unit for people; `values` are in engine units.
    pub unit: Unit,
    /// Engine units; row by row, one row per time, one column per cell.
    pub values: Vec<f64>,
}

/// The rate of some cells over time. A bin that the end of the run cuts off is left out.
#[derive(Debug, Clone, PartialEq)]
pub struct RateRecording {
    /// Name of the monitor.
    pub monitor: String,
    /// Name of the population.
    pub population: String,
    /// Number of cells watched.
    pub n_cells: usize,
    /// Width of a bin, ms.
    pub bin_ms: f64,
    /// Beginnings of the bins, ms. A spike at the very end of a step belongs to the bin of the step.
    pub times_ms: Vec<f64>,
    /// Spikes per cell and second in each bin.
    pub rates_hz: Vec<f64>,
}

/// A projection whose connections are recorded. What does not change is read with
/// [`Simulation::connections`](crate::Simulation::connections), at any time.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightRecording {
    /// Name of the monitor.
    pub monitor: String,
    /// Name of the projection.
    pub projection: String,
    /// Its number.
    pub id: ProjectionId,
    /// The unit of its weights for people.
    pub unit: Unit,
    /// The times of snapshots, ms.
    pub times_ms: Vec<f64>,
    /// Weights in engine units: row by row, one row per time, one column per connection, in their order.
    pub weights: Vec<f64>,
}

/// The rewards that were earned.
#[derive(Debug, Clone, PartialEq)]
pub struct RewardRecording {
    /// Name of the reward.
    pub reward: String,
    /// How much is given each time.
    pub amount: f64,
    /// How often its condition was met since the beginning, taken or not.
    pub count: u64,
    /// When its condition was met, on the grid, ms, in order.
    pub earned_ms: Vec<f64>,
    /// For each of these, when the reward comes, ms; it may be after the end of the run.
    pub given_ms: Vec<f64>,
}

impl RewardRecording {
    pub(crate) fn new(reward: &PlannedReward) -> RewardRecording {
        RewardRecording {
            reward: reward.name().to_owned(),
            amount: reward.amount(),
            count: 0,
            earned_ms: Vec::new(),
            given_ms: Vec::new(),
        }
    }
}

/// The spikes of a population.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopulationCount {
    /// Name of the population.
    pub name: String,
    /// Number of cells.
    pub size: usize,
    /// Number of spikes.
    pub spikes: u64,
}
