//! From spikes to deliveries: the recent spikes of each population, and what is due at each step of an epoch.
//!
//! Between epochs one thread adds the spikes of the last epoch and writes the agenda of the next; during an epoch all
//! threads only read.

use std::collections::VecDeque;

use crate::index::{CellId, PopulationId, Step};
use crate::plan::{Incoming, Plan};

/// A spike of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spike {
    /// The grid point at the end of the step in which the cell fired.
    pub(crate) step: Step,
    pub(crate) population: PopulationId,
    pub(crate) cell: CellId,
    /// The interpolated time of the threshold crossing.
    pub(crate) time_ms: f64,
}

/// Recent spikes and the deliveries of the current epoch.
pub(crate) struct Exchange {
    histories: Vec<History>,
    agendas: Vec<Agenda>,
    /// The potentials at the beginning of the epoch, of populations with gap junctions.
    voltages: Vec<Vec<f64>>,
}

/// The recent spikes of a population, by step.
struct History {
    volleys: VecDeque<Volley>,
    /// How long spikes are kept, steps; 0 if no projection begins here.
    reach: u64,
}

/// The cells of a population that fired in one step, ascending.
struct Volley {
    step: Step,
    cells: Vec<u32>,
}

/// What arrives at a population in each step of an epoch.
#[derive(Default)]
struct Agenda {
    first: Step,
    steps: Vec<Vec<Due>>,
}

/// The synapses of an incoming projection with a certain delay, to be fed with one volley.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    /// Position in the population's incoming projections.
    pub(crate) incoming: u32,
    /// Position in the projection's delays.
    pub(crate) delay_index: u32,
    volley: u32,
}

impl Exchange {
    /// Nothing has happened yet. Spikes are kept `margin` steps longer than the longest delay, so that so many past
    /// steps can be done again.
    pub(crate) fn new(plan: &Plan, margin: u64) -> Exchange {
        let n_populations = plan.populations().len();
        let mut histories: Vec<_> = (0..n_populations)
            .map(|_| History {
                volleys: VecDeque::new(),
                reach: 0,
            })
            .collect();
        for projection in plan.projections() {
            if let Some(&longest) = projection.delays().last() {
                let history = &mut histories[projection.source().index()];
                history.reach = history.reach.max(u64::from(longest) + margin);
            }
        }
        Exchange {
            histories,
            agendas: (0..n_populations).map(|_| Agenda::default()).collect(),
            voltages: plan
                .populations()
                .iter()
                .map(|population| vec![0.0; population.coupling().map_or(0, |_| population.size())])
                .collect(),
        }
    }

    /// Adds spikes, sorted by (step, population, cell) and later than all before.
    pub(crate) fn add(&mut self, spikes: &[Spike]) {
        for spike in spikes {
            let history = &mut self.histories[spike.population.index()];
            if history.reach == 0 {
                continue;
            }
            match history.volleys.back_mut() {
                Some(volley) if volley.step == spike.step => volley.cells.push(spike.cell.0),
                _ => history.volleys.push_back(Volley {
                    step: spike.step,
                    cells: vec![spike.cell.0],
                }),
            }
        }
    }

    /// The potentials of a population with gap junctions, from a cell on.
    pub(crate) fn set_voltages(&mut self, population: PopulationId, first: u32, voltages: &[f64]) {
        let begin = first as usize;
        self.voltages[population.index()][begin..begin + voltages.len()].copy_from_slice(voltages);
    }

    /// The potential of a cell at the beginning of the epoch.
    pub(crate) fn voltage(&self, population: PopulationId, cell: u32) -> f64 {
        self.voltages[population.index()][cell as usize]
    }

    /// Writes the agenda of the steps `first..end` and forgets spikes that nothing can ask for any more. All spikes
    /// up to `first` must have been added, and the steps must not outrun the shortest delay.
    pub(crate) fn prepare(&mut self, plan: &Plan, first: Step, end: Step) {
        for history in &mut self.histories {
            while history
                .volleys
                .front()
                .is_some_and(|volley| volley.step.0 + history.reach < first.0)
            {
                history.volleys.pop_front();
            }
        }
        let n_steps = (end.0 - first.0) as usize;
        for (population, agenda) in plan.populations().iter().zip(&mut self.agendas) {
            agenda.first = first;
            agenda.steps.iter_mut().for_each(Vec::clear);
            agenda.steps.resize(n_steps.max(agenda.steps.len()), Vec::new());
            for (n, incoming) in population.incoming().iter().enumerate() {
                agenda.add(
                    n as u32,
                    incoming,
                    &self.histories[incoming.source.index()],
                    n_steps as u64,
                );
            }
        }
    }

    /// What arrives at a population at the beginning of a step, in the order in which it must be summed.
    pub(crate) fn due(&self, population: PopulationId, step: Step) -> &[Due] {
        let agenda = &self.agendas[population.index()];
        &agenda.steps[(step.0 - agenda.first.0) as usize]
    }

    /// The source cells of a delivery, ascending.
    pub(crate) fn sources(&self, incoming: &Incoming, due: Due) -> &[u32] {
        &self.histories[incoming.source.index()].volleys[due.volley as usize].cells
    }
}

impl Agenda {
    /// Adds the deliveries of one projection. A spike of grid point s arrives with delay d at step s + d. Within a
    /// step, deliveries end up in ascending order of projections and delays, because that is the order of the calls
    /// and of the loop.
    fn add(&mut self, incoming_index: u32, incoming: &Incoming, history: &History, n_steps: u64) {
        for (delay_index, &delay) in incoming.delays.iter().enumerate() {
            let arrival = |volley: &Volley| volley.step.0 + u64::from(delay);
            let begin = history.volleys.partition_point(|volley| arrival(volley) < self.first.0);
            for (n, volley) in history.volleys.range(begin..).enumerate() {
                let offset = arrival(volley) - self.first.0;
                if offset >= n_steps {
                    break;
                }
                let (incoming, delay_index, volley) = (incoming_index, delay_index as u32, (begin + n) as u32);
                self.steps[offset as usize].push(Due {
                    incoming,
                    delay_index,
                    volley,
                });
            }
        }
    }
}
