//! Synapses that come and go while a network runs.
//!
//! A batch takes effect at a grid point, before anything else happens there: between two steps, when no domain is at
//! work. *A synapse delivers a spike if it exists when the spike is fired and when it arrives.* So what dies is silent
//! at once, and what is born carries what is fired afterwards, its first spike a whole delay after its birth. Any other
//! rule would need spikes of the past, up to the longest delay that somebody may insert.
//!
//! What is on its way is kept as positions of synapses, so it is brought along as everything else is that lies in their
//! order: a row in which something is born becomes two, on both sides of it (`Edits::pieces`). The order of what arrives
//! stays, and with it every sum.
//!
//! A plastic synapse that is born begins as its rule says for the beginning, with the weight that it is given. Variables
//! of rows belong to a source cell and a delay: where there is such a row, in whatever domain, the newborn shares its
//! variables, spikes that are on their way included. Variables of target cells notice nothing.
//!
//! Nothing here depends on how cells are dealt to domains: a place in a row is found from projection, target, weight and
//! age, and rows that domains have in common go through the same.

mod domain;
mod plastic;

use std::collections::BTreeMap;
use std::convert::Infallible;

use super::Simulation;
use super::domain::Domain;
use super::plasticity::Plastic;
use crate::index::ProjectionId;
use crate::network::Rewiring;
use crate::plan::{Edits, Plan, PlasticSynapses, RewireError, Signs, SynapseChange, each_in_parallel, in_parallel};
pub(super) use domain::UnderWay;
use plastic::Inherited;
pub(super) use plastic::Partials;

/// What a batch has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewired {
    /// Synapses that were born.
    pub born: u64,
    /// Synapses that died.
    pub died: u64,
}

/// What is known about changes so far.
#[derive(Default)]
pub(super) struct History {
    changes: Vec<SynapseChange>,
    /// For each projection, whether it has ever been changed; empty as long as none was.
    changed: Vec<bool>,
    /// For each static projection, as soon as somebody inserts something.
    signs: Vec<Option<Signs>>,
}

impl History {
    /// Whether synapses of a projection have come or gone.
    pub(super) fn has_changed(&self, projection: ProjectionId) -> bool {
        self.changed.get(projection.0 as usize).is_some_and(|changed| *changed)
    }
}

impl Simulation {
    /// Removes and adds synapses, now, before anything else happens at this grid point. A synapse delivers a spike if it
    /// exists when the spike is fired and when it arrives: what dies is silent at once, and what is born carries only
    /// spikes that are fired from now on. What is born in a plastic projection begins as its rules say.
    ///
    /// # Errors
    /// If any entry is impossible; then nothing has changed. The first one is reported.
    pub fn rewire(&mut self, rewiring: &Rewiring) -> Result<Rewired, RewireError> {
        if let Some(failure) = &self.failure {
            let reason = failure.to_string();
            return Err(RewireError::Failed { reason });
        }
        let n_projections = self.plan.projections().len();
        self.rewirings.signs.resize(n_projections, None);
        let located = self.plan.locate(rewiring, self.now, &mut self.rewirings.signs)?;
        let done = Rewired {
            born: rewiring.insertions.len() as u64,
            died: rewiring.deletions.len() as u64,
        };
        if located.changes.is_empty() {
            return Ok(done);
        }
        self.plan.rewire(&located);
        for (&index, (sign, edits)) in &located.plastic {
            self.rewire_plastic(index as usize, *sign, edits);
        }
        let (plan, machines, now) = (&self.plan, &self.machines, self.now);
        let domains: Vec<(&mut Domain, &BTreeMap<u32, Edits>)> = self.domains.iter_mut().zip(&located.chunks).collect();
        each_in_parallel(plan.settings().threads, domains, |(domain, edits)| {
            domain.rewire(plan, machines, edits, now);
        });
        self.recorder.rewire(&self.plan);
        self.rewirings.changed.resize(n_projections, false);
        for change in &located.changes {
            self.rewirings.changed[change.projection.0 as usize] = true;
        }
        self.rewirings.changes.extend(located.changes);
        Ok(done)
    }

    /// The synapses that have been born or have died so far and were not taken: in order of time; at each time deaths
    /// first; then by projection, source, target, delay.
    pub fn synapse_changes(&self) -> &[SynapseChange] {
        &self.rewirings.changes
    }

    /// The same, to be kept elsewhere: they are forgotten here.
    pub fn take_synapse_changes(&mut self) -> Vec<SynapseChange> {
        std::mem::take(&mut self.rewirings.changes)
    }

    /// Makes the stores of a plastic projection anew where they change, and brings along what lies in their order.
    fn rewire_plastic(&mut self, index: usize, sign: f64, edits: &[Edits]) {
        let Simulation {
            plan, domains, plastic, ..
        } = self;
        let (threads, now) = (plan.settings().threads, self.now);
        let (stores, _) = in_parallel(threads, domains.len(), |(): &mut (), domain| {
            let store = &plan.plastic()[domain][index];
            let stays = edits[domain].is_empty() && store.sign() == sign;
            Ok::<_, Infallible>((!stays).then(|| store.rewired(&edits[domain], sign)))
        });
        let Ok(mut stores) = stores;
        let inherited: Vec<Vec<Inherited>> = stores
            .iter()
            .map(|changed| match changed {
                Some((store, origins)) => inherited(plan, domains, index, store, origins),
                None => Vec::new(),
            })
            .collect();
        let mut things = Vec::new();
        let parts = domains.iter_mut().map(|domain| &mut domain.plastic[index]);
        for ((part, changed), (edits, inherited)) in parts.zip(&stores).zip(edits.iter().zip(inherited)) {
            if let Some((new, origins)) = changed {
                things.push((part, new, origins, edits, inherited));
            }
        }
        each_in_parallel(threads, things, |(part, new, origins, edits, inherited)| {
            part.rewire(plan, &plastic[index], (new, origins, edits), inherited, now);
        });
        for (domain, changed) in stores.drain(..).enumerate() {
            if let Some((store, _)) = changed {
                plan.install_plastic(domain, index, store);
            }
        }
    }
}

/// For the rows of a new store that its domain did not have, what they have in other domains, if they are there.
fn inherited(
    plan: &Plan,
    domains: &[Domain],
    index: usize,
    store: &PlasticSynapses,
    origins: &[Option<u32>],
) -> Vec<Inherited> {
    let mut inherited = Vec::new();
    for (row, _) in (0u32..).zip(origins).filter(|(_, origin)| origin.is_none()) {
        let (source, delay) = store.of_row(row);
        let elsewhere = domains.iter().enumerate().find_map(|(domain, other)| {
            let found = plan.plastic()[domain][index].find_row(source, delay)?;
            let part: &Plastic = &other.plastic[index];
            Some(part.of_row(plan, found))
        });
        inherited.extend(elsewhere.map(|variables| Inherited { row, variables }));
    }
    inherited
}
