//! The network checked, laid out and cut into blocks. Immutable; prints itself.
//!
//! [`Plan::new`] reports everything that is wrong in one go. A plan knows nothing of the simulation: it says what is
//! to be computed, [`simulation`](crate::simulation) computes it.

mod checked;
mod checker;
mod connections;
mod correlated_poisson;
mod error;
mod forecast;
mod gap_junction;
mod layout;
mod memory;
mod monitor;
mod plasticity;
mod population;
mod projection;
mod repeating_pattern;
mod reward;
mod sampler;
mod settings;
mod signal;
mod spike_source;
mod stimulus;
mod strength;
mod summary;
mod synapses;
mod voltage_clamp;
mod warning;

pub use connections::PlannedConnection;
pub use error::{PlanError, PlanErrors};
pub use forecast::Forecast;
pub use gap_junction::PlannedGapJunctions;
pub use monitor::{MonitorKind, PlannedMonitor, PlannedVariable};
pub use plasticity::{PlannedPlasticity, PlannedRule};
pub use population::PlannedPopulation;
pub use projection::PlannedProjection;
pub use reward::PlannedReward;
pub use settings::{Precision, Settings};
pub use spike_source::PlannedSpikeSource;
pub use stimulus::PlannedStimulus;
pub use synapses::{RewireError, SynapseChange};
pub use voltage_clamp::PlannedVoltageClamp;
pub use warning::PlanWarning;

pub(crate) use correlated_poisson::CorrelatedPoisson;
pub(crate) use gap_junction::{Coupling, HalfJunction};
pub(crate) use layout::SLOTS;
pub(crate) use layout::{Domain, PlannedBlock};
pub(crate) use repeating_pattern::PlannedRepeating;
pub(crate) use reward::{Group, PlannedCondition, PlannedCues};
pub(crate) use signal::Noise;
pub(crate) use spike_source::{PlannedRate, PlannedSpikes};
pub(crate) use synapses::{
    Arrivals, Edits, Incoming, PlasticSynapses, RowPair, Signs, Synapses, WINDOW, each_in_parallel, in_parallel,
};

use crate::index::Step;
use crate::network::Network;
use checked::Checked;
use layout::Layout;

/// Epochs are no longer than this, so that progress is reported and spikes are handed over now and then even where
/// all delays are long.
const MAX_EPOCH: u64 = 64;

/// A network that can be simulated.
#[derive(Debug, Clone)]
pub struct Plan {
    settings: Settings,
    populations: Vec<PlannedPopulation>,
    projections: Vec<PlannedProjection>,
    gap_junctions: Vec<PlannedGapJunctions>,
    stimuli: Vec<PlannedStimulus>,
    voltage_clamps: Vec<PlannedVoltageClamp>,
    spike_sources: Vec<PlannedSpikeSource>,
    rewards: Vec<PlannedReward>,
    monitors: Vec<PlannedMonitor>,
    layout: Layout,
    /// The synapses that end in each domain.
    synapses: Vec<Synapses>,
    /// For each domain, the synapses of each plastic projection, in the order of the network.
    plastic: Vec<Vec<PlasticSynapses>>,
    forecast: Forecast,
    warnings: Vec<PlanWarning>,
}

impl Plan {
    /// Checks a network, lays it out and builds its synapses.
    ///
    /// # Errors
    /// Everything that is wrong with the network or the settings.
    pub fn new(network: &Network, settings: &Settings) -> Result<Plan, PlanErrors> {
        Plan::with_block_cells(network, settings, layout::BLOCK_CELLS)
    }

    /// Checks a network without building its synapses, and says how much memory it will take.
    ///
    /// # Errors
    /// As [`Plan::new`], except for what only building finds: lists that do not have a number for each connection, and
    /// drawn numbers that cannot be stored.
    pub fn forecast_of(network: &Network, settings: &Settings) -> Result<(Forecast, Vec<PlanWarning>), PlanErrors> {
        let checked = Checked::new(network, settings, layout::BLOCK_CELLS)?;
        Ok((checked.forecast, checked.warnings))
    }

    /// As [`Plan::new`], with another size of blocks: tests show that results do not depend on it.
    pub(crate) fn with_block_cells(
        network: &Network,
        settings: &Settings,
        block_cells: u32,
    ) -> Result<Plan, PlanErrors> {
        let Checked {
            mut populations,
            projections: checked,
            junctions,
            stimuli,
            voltage_clamps,
            spike_sources,
            rewards,
            monitors,
            mut layout,
            forecast,
            mut warnings,
        } = Checked::new(network, settings, block_cells)?;
        let connected = synapses::connect(&checked, settings, &populations, &layout);
        let connected = connected.map_err(|error| PlanErrors(vec![*error]))?;
        let mut projections = Vec::new();
        let facts = checked.iter().zip(&connected.projections);
        for ((projection, facts), described) in facts.zip(&network.projections) {
            if facts.n_synapses == 0 {
                warnings.push(PlanWarning::NoSynapses {
                    path: format!("projections.{}", described.name),
                });
            }
            let delays = facts.delays();
            if let Some(plasticity) = &projection.plasticity
                && let Some(&shortest) = delays.first()
                && plasticity.dendritic_steps() > u64::from(shortest)
            {
                let dt_ms = settings.dt_ms;
                let of = |steps: u64| checker::without_noise(Step(steps).time_ms(dt_ms));
                return Err(PlanErrors(vec![PlanError::Unfit {
                    path: format!("projections.{}.dendritic_delay", described.name),
                    reason: format!(
                        "the dendritic delay {} ms is longer than the shortest delay of the projection, {} ms",
                        of(plasticity.dendritic_steps()),
                        of(u64::from(shortest))
                    ),
                    hint: "give a longer delay: the dendritic delay is a part of it".to_owned(),
                }]));
            }
            projections.push(PlannedProjection {
                name: described.name.clone(),
                source: projection.source,
                target: projection.target,
                source_cells: projection.sides().sources.clone(),
                target_cells: projection.sides().targets.clone(),
                receptor: described.receptor.clone(),
                receptor_index: projection.receptor,
                bundle: facts.bundle,
                delays,
                n_synapses: facts.n_synapses,
                plasticity: projection.plasticity.clone(),
            });
        }
        let mut gap_junctions = Vec::new();
        for checked in &junctions {
            let built = gap_junction::connect(checked, settings, &populations, &mut layout);
            let built = built.map_err(|error| PlanErrors(vec![*error]))?;
            if built.n_junctions == 0 {
                warnings.push(PlanWarning::NoSynapses {
                    path: format!("gap_junctions.{}", built.name),
                });
            }
            for id in [built.source, built.target] {
                let population = &mut populations[id.index()];
                population.coupling = gap_junction::coupling(population);
            }
            gap_junctions.push(built);
        }
        // Junctions of one cell stay in the order in which they were filed.
        for block in &mut layout.blocks {
            block.half_junctions.sort_by_key(|half| half.position);
        }
        Ok(Plan {
            settings: *settings,
            populations,
            projections,
            gap_junctions,
            stimuli,
            voltage_clamps,
            spike_sources,
            rewards,
            monitors,
            layout,
            synapses: connected.synapses,
            plastic: connected.plastic,
            forecast,
            warnings,
        })
    }

    /// Step, seed, threads and vector width.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The populations, in the order of the network.
    pub fn populations(&self) -> &[PlannedPopulation] {
        &self.populations
    }

    /// The projections, in the order of the network.
    pub fn projections(&self) -> &[PlannedProjection] {
        &self.projections
    }

    /// The gap junctions, in the order of the network.
    pub fn gap_junctions(&self) -> &[PlannedGapJunctions] {
        &self.gap_junctions
    }

    /// The stimuli, in the order of the network.
    pub fn stimuli(&self) -> &[PlannedStimulus] {
        &self.stimuli
    }

    /// The voltage clamps, in the order of the network.
    pub fn voltage_clamps(&self) -> &[PlannedVoltageClamp] {
        &self.voltage_clamps
    }

    /// The spike sources, in the order of the network.
    pub fn spike_sources(&self) -> &[PlannedSpikeSource] {
        &self.spike_sources
    }

    /// The rewards, in the order of the network.
    pub fn rewards(&self) -> &[PlannedReward] {
        &self.rewards
    }

    /// The monitors, in the order of the network.
    pub fn monitors(&self) -> &[PlannedMonitor] {
        &self.monitors
    }

    /// What works, but probably not as meant.
    pub fn warnings(&self) -> &[PlanWarning] {
        &self.warnings
    }

    /// Number of cells of all populations.
    pub fn n_cells(&self) -> u64 {
        self.populations
            .iter()
            .map(|population| u64::from(population.size))
            .sum()
    }

    /// Number of synapses of all projections.
    pub fn n_synapses(&self) -> u64 {
        self.projections.iter().map(PlannedProjection::n_synapses).sum()
    }

    /// Threads that will be used: no more than there is work for.
    pub fn n_threads(&self) -> usize {
        self.settings.threads.min(self.layout.domains.len()).max(1)
    }

    /// What was forecast before it was built.
    pub fn forecast(&self) -> &Forecast {
        &self.forecast
    }

    /// Memory that the synapses take, as they were built, bytes.
    pub fn synapse_bytes(&self) -> u64 {
        let junctions = self.layout.blocks.iter();
        let junctions = junctions.map(|block| size_of_val(&*block.half_junctions) as u64);
        let plastic = self.plastic.iter().flatten().map(PlasticSynapses::bytes);
        let fixed = self.synapses.iter().map(Synapses::bytes);
        fixed.chain(plastic).chain(junctions).sum()
    }

    /// The blocks of all populations, in order.
    pub(crate) fn blocks(&self) -> &[PlannedBlock] {
        &self.layout.blocks
    }

    /// The parts of the network that threads own.
    pub(crate) fn domains(&self) -> &[Domain] {
        &self.layout.domains
    }

    /// The synapses that end in each domain.
    pub(crate) fn synapses(&self) -> &[Synapses] {
        &self.synapses
    }

    /// The synapses of plastic projections that end in each domain, in the order of the network.
    pub(crate) fn plastic(&self) -> &[Vec<PlasticSynapses>] {
        &self.plastic
    }

    /// Puts a new store in the place of one.
    pub(crate) fn install_plastic(&mut self, domain: usize, index: usize, store: PlasticSynapses) {
        self.plastic[domain][index] = store;
    }

    /// The longest delay, steps.
    pub(crate) fn longest_delay(&self) -> u64 {
        let longest = self
            .projections
            .iter()
            .filter_map(|projection| projection.delays.last());
        longest.map(|&delay| u64::from(delay)).max().unwrap_or(0)
    }

    /// Steps of an epoch: spikes of an epoch arrive in a later one, and so do potentials and the rewards that spikes
    /// bring. A step more than the shortest delay, because a spike is of the end of its step; `simulation/epoch.rs` shows it.
    pub(crate) fn epoch_steps(&self) -> u64 {
        if !self.gap_junctions.is_empty() {
            return 1;
        }
        let delays = self
            .projections
            .iter()
            .filter_map(|projection| projection.delays.first());
        let delays = delays.map(|&delay| u64::from(delay));
        let feedback = self.rewards.iter().filter_map(PlannedReward::least_feedback);
        let shortest = delays.chain(feedback).min().unwrap_or(MAX_EPOCH);
        // Whole windows, so that none is gathered in two parts.
        let longest = (shortest + 1).min(MAX_EPOCH);
        (longest - longest % WINDOW).max(1)
    }
}
