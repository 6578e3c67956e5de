//! A network in which nothing is wrong that can be seen without building it.

use super::checker::{Checker, names};
use super::gap_junction::{self, CheckedGapJunctions};
use super::layout::Layout;
use super::projection::{self, CheckedProjection};
use super::{
    Forecast, PlanErrors, PlanWarning, PlannedMonitor, PlannedPopulation, PlannedReward, PlannedSpikeSource,
    PlannedStimulus, PlannedVoltageClamp, Settings, memory, monitor, population, reward, settings, spike_source,
    stimulus, voltage_clamp,
};
use crate::index::ProjectionId;
use crate::network::Network;

/// All parts of a network, checked and laid out, and the memory that they will take.
pub(super) struct Checked<'n> {
    pub(super) populations: Vec<PlannedPopulation>,
    pub(super) projections: Vec<CheckedProjection<'n>>,
    pub(super) junctions: Vec<CheckedGapJunctions<'n>>,
    pub(super) stimuli: Vec<PlannedStimulus>,
    pub(super) voltage_clamps: Vec<PlannedVoltageClamp>,
    pub(super) spike_sources: Vec<PlannedSpikeSource>,
    pub(super) rewards: Vec<PlannedReward>,
    pub(super) monitors: Vec<PlannedMonitor>,
    pub(super) layout: Layout,
    pub(super) forecast: Forecast,
    pub(super) warnings: Vec<PlanWarning>,
}

impl<'n> Checked<'n> {
    /// Checks everything, and that there is memory for it.
    pub(super) fn new(network: &'n Network, settings: &Settings, block_cells: u32) -> Result<Checked<'n>, PlanErrors> {
        let mut checker = Checker::new(network, settings);
        settings::check(settings, &mut checker);
        names(
            &mut checker,
            "populations",
            network.populations.iter().map(|p| p.name.as_str()),
        );
        names(
            &mut checker,
            "projections",
            network.projections.iter().map(|p| p.name.as_str()),
        );
        let junctions = network.gap_junctions.iter().map(|j| j.name.as_str());
        names(&mut checker, "gap_junctions", junctions);
        let stimuli = network.stimuli.iter().map(|s| s.name.as_str());
        let sources = network.spike_sources.iter().map(|s| s.name.as_str());
        let clamps = network.voltage_clamps.iter().map(|c| c.name.as_str());
        names(&mut checker, "stimuli", stimuli.chain(sources).chain(clamps));
        names(&mut checker, "rewards", network.rewards.iter().map(|r| r.name.as_str()));
        names(&mut checker, "monitors", network.monitors.iter().map(|m| m.name()));

        let planned: Vec<_> = network
            .populations
            .iter()
            .map(|p| population::check(p, &mut checker))
            .collect();
        let numbered = network.projections.iter().enumerate();
        let checked: Vec<_> = numbered
            .map(|(n, p)| projection::check(ProjectionId(n as u32), p, &planned, &mut checker))
            .collect();
        let junctions = network.gap_junctions.iter().enumerate();
        let junctions: Vec<_> = junctions
            .map(|(n, j)| gap_junction::check(n, j, &planned, &mut checker))
            .collect();
        let stimuli: Vec<_> = network
            .stimuli
            .iter()
            .map(|s| stimulus::check(s, &planned, &mut checker))
            .collect();
        let voltage_clamps: Vec<_> = network
            .voltage_clamps
            .iter()
            .map(|c| voltage_clamp::check(c, &planned, &mut checker))
            .collect();
        voltage_clamp::check_overlaps(&voltage_clamps, &mut checker);
        let spike_sources: Vec<_> = network
            .spike_sources
            .iter()
            .map(|s| spike_source::check(s, &planned, &mut checker))
            .collect();
        let rewards = network.rewards.iter().enumerate();
        let rewards: Vec<_> = rewards
            .map(|(n, r)| reward::check(n, r, &checked, &mut checker))
            .collect();
        let monitors: Vec<_> = network
            .monitors
            .iter()
            .map(|m| monitor::check(m, &planned, &mut checker))
            .collect();
        if !checker.errors.is_empty() {
            return Err(PlanErrors(checker.errors));
        }
        // Without errors nothing is missing.
        let populations: Vec<_> = planned.into_iter().flatten().collect();
        let projections: Vec<_> = checked.into_iter().flatten().collect();
        let junctions: Vec<_> = junctions.into_iter().flatten().collect();
        // Even laying out takes memory.
        memory::check(settings, |settings| Forecast::of_cells(settings, &populations))?;
        let layout = Layout::new(&populations, settings.threads, block_cells);
        let forecast = memory::check(settings, |settings| {
            Forecast::new(network, settings, &populations, &projections, &junctions, &layout)
        })?;
        Ok(Checked {
            populations,
            projections,
            junctions,
            stimuli: stimuli.into_iter().flatten().collect(),
            voltage_clamps: voltage_clamps.into_iter().flatten().collect(),
            spike_sources: spike_sources.into_iter().flatten().collect(),
            rewards: rewards.into_iter().flatten().collect(),
            monitors: monitors.into_iter().flatten().collect(),
            layout,
            forecast,
            warnings: checker.warnings,
        })
    }
}
