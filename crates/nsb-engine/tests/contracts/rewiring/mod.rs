//! Synapses that come and go during a run, against a plain list of synapses and what follows from it.

mod determinism;
mod errors;
mod in_flight;
mod learning;
mod not_finite;

use nsb_engine::{
    Connection, Deletion, Insertion, Plan, PlannedConnection, Population, ProjectionId, Receptor, Rewiring, Settings,
    Simulation, SourceSpikes, SpikeSource, SynapseRule,
};

use crate::models::{built_in, lif, quantity, settings};

/// A synapse of the list.
#[derive(Debug, Clone, PartialEq)]
struct Synapse {
    source: u32,
    target: u32,
    /// Steps.
    delay: u32,
    weight: f64,
    /// Grid points; those of the beginning have none.
    born: Option<u64>,
    died: Option<u64>,
}

impl Synapse {
    /// Whether it delivers a spike that was fired at a grid point.
    fn delivers(&self, fired: u64) -> bool {
        let arrives = fired + u64::from(self.delay);
        self.born.is_none_or(|born| fired > born) && self.died.is_none_or(|died| arrives < died)
    }
}

/// All synapses of a projection that there are or have been, in order of birth.
#[derive(Debug, Clone, Default)]
struct List {
    synapses: Vec<Synapse>,
}

impl List {
    /// Positions of the living, sorted by (source, target, delay, weight at birth, birth).
    fn living(&self) -> Vec<usize> {
        let mut living: Vec<usize> = (0..self.synapses.len())
            .filter(|&n| self.synapses[n].died.is_none())
            .collect();
        living.sort_by(|&a, &b| {
            let (a, b) = (&self.synapses[a], &self.synapses[b]);
            let place = (a.source, a.target, a.delay).cmp(&(b.source, b.target, b.delay));
            place.then(a.weight.total_cmp(&b.weight))
        });
        living
    }

    /// Applies what a batch says about one projection.
    fn apply(&mut self, projection: ProjectionId, batch: &Rewiring, at: u64, dt_ms: f64) {
        let living = self.living();
        for deletion in batch.deletions.iter().filter(|d| d.projection == projection) {
            let pair = living.iter().filter(|&&n| {
                let synapse = &self.synapses[n];
                (synapse.source, synapse.target) == (deletion.source, deletion.target)
            });
            let dies = *pair.clone().nth(deletion.number as usize).unwrap();
            self.synapses[dies].died = Some(at);
        }
        for insertion in batch.insertions.iter().filter(|i| i.projection == projection) {
            self.synapses.push(Synapse {
                source: insertion.source,
                target: insertion.target,
                delay: (insertion.delay_ms / dt_ms).round() as u32,
                weight: insertion.weight,
                born: Some(at),
                died: None,
            });
        }
    }

    /// The living as the plan gives them.
    fn connections(&self) -> Vec<PlannedConnection> {
        let connection = |n: usize| {
            let synapse = &self.synapses[n];
            PlannedConnection {
                source: synapse.source,
                target: synapse.target,
                weight: synapse.weight,
                delay: synapse.delay,
            }
        };
        self.living().into_iter().map(connection).collect()
    }

    /// The living as a network says them, each with its own weight and delay.
    fn explicit(&self) -> Vec<Connection> {
        let synapses = self.synapses.iter().filter(|synapse| synapse.died.is_none());
        synapses
            .map(|synapse| Connection {
                source: synapse.source as usize,
                target: synapse.target as usize,
                weight: Some(quantity(&format!("{} pA", synapse.weight))),
                delay: Some(quantity(&format!("{} ms", f64::from(synapse.delay) / 10.0))),
            })
            .collect()
    }
}

/// What a generated entry of a batch says: numbers that are turned into a deletion of something that is there, or an
/// insertion.
#[derive(Debug, Clone)]
struct Wish {
    deletes: bool,
    projection: usize,
    source: usize,
    target: usize,
    delay: u32,
    quarters: i32,
    which: usize,
}

/// The batch that wishes make: a wish to delete takes one of the living, none twice. `ends` are the cells that are
/// chosen from, of each projection.
fn batch(wishes: &[Wish], lists: &[List], ends: &[(&[u32], &[u32])]) -> Rewiring {
    let mut rewiring = Rewiring::default();
    for wish in wishes {
        let projection = ProjectionId(wish.projection as u32);
        let list = &lists[wish.projection];
        if !wish.deletes {
            let (sources, targets) = ends[wish.projection];
            rewiring.insertions.push(Insertion {
                projection,
                source: sources[wish.source % sources.len()],
                target: targets[wish.target % targets.len()],
                weight: f64::from(wish.quarters) / 4.0,
                delay_ms: f64::from(wish.delay) / 10.0,
            });
            continue;
        }
        let living = list.connections();
        if living.is_empty() {
            continue;
        }
        let place = wish.which % living.len();
        let pair = |c: &PlannedConnection| (c.source, c.target);
        let first = living.iter().position(|c| pair(c) == pair(&living[place])).unwrap();
        let deletion = Deletion {
            projection,
            source: living[place].source,
            target: living[place].target,
            number: (place - first) as u32,
        };
        if !rewiring.deletions.contains(&deletion) {
            rewiring.deletions.push(deletion);
        }
    }
    rewiring
}

/// Cells that fire when they get a spike from outside, and hardly notice what arrives at `synapse`.
fn puppets(name: &str, size: usize) -> Population {
    let mut population = lif(name, size);
    population.receptors.push(Receptor::new("strings", built_in("delta")));
    population
}

/// Spikes from outside, each of which makes its cell fire: grid points at which cells have fired, at least 30 apart.
fn strings(population: &str, fired: &[(u32, u64)]) -> SpikeSource {
    let train = |&(cell, step): &(u32, u64)| (cell as usize, quantity(&format!("{} ms", (step - 1) as f64 / 10.0)));
    SpikeSource {
        name: format!("strings_of_{population}"),
        population: population.to_owned(),
        receptor: "strings".to_owned(),
        weight: quantity("100 mV"),
        spikes: SourceSpikes::Trains(fired.iter().map(train).collect()),
    }
}

fn rule(name: &str, parameters: &[(&str, &str)]) -> SynapseRule {
    let mut rule = SynapseRule::new(name, built_in(name));
    for (name, value) in parameters {
        rule.parameters.insert((*name).to_owned(), quantity(value));
    }
    rule
}

fn connections(simulation: &mut Simulation, projection: u32) -> Vec<PlannedConnection> {
    let mut all = Vec::new();
    simulation.connections(ProjectionId(projection), &mut |connection| all.push(connection));
    all
}

fn threads(threads: usize) -> Settings {
    Settings { threads, ..settings() }
}

fn started(network: &nsb_engine::Network, settings: &Settings) -> Simulation {
    let plan = Plan::new(network, settings).unwrap_or_else(|errors| panic!("{errors}"));
    Simulation::new(plan).unwrap()
}
