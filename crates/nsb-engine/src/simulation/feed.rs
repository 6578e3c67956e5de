//! Spikes from outside, added to the arrivals of a block. Nothing is remembered from step to step but what could be
//! made again at any time.

use nsb_kernels::{LANES, PoissonCounts, PoissonDraws, Real, SliceMut};
use nsb_lang::program::ColumnId;

use super::block::positions;
use super::correlated;
use super::repeating::Repeating;
use crate::index::Step;
use crate::plan::{Plan, PlannedBlock, PlannedRate, PlannedSpikes};
use crate::random::{Purpose, Stream};

/// The part of a spike source that belongs to a block.
pub(super) struct Feed {
    source: usize,
    /// Of a Poisson source: the cells, as positions in the block.
    cells: Vec<u32>,
    /// Of given spikes: (step, position in the block), ascending.
    given: Vec<(Step, u32)>,
    repeating: Repeating,
}

impl Feed {
    /// The sources that reach a block, in the order of the network.
    pub(super) fn of_block(plan: &Plan, planned: &PlannedBlock) -> Vec<Feed> {
        let mut feeds = Vec::new();
        for (source, planned_source) in plan.spike_sources().iter().enumerate() {
            if planned_source.population() != planned.population {
                continue;
            }
            let (cells, given) = match planned_source.spikes() {
                PlannedSpikes::Poisson { cells, .. } => (positions(planned, cells), Vec::new()),
                PlannedSpikes::Correlated(correlated) => (positions(planned, &correlated.cells), Vec::new()),
                PlannedSpikes::Repeating(_) => ((0..planned.len).collect(), Vec::new()),
                PlannedSpikes::Given(spikes) => {
                    let block = planned.first..planned.first + planned.len;
                    let inside = spikes.iter().filter(|(_, cell)| block.contains(cell));
                    (
                        Vec::new(),
                        inside.map(|&(step, cell)| (step, cell - planned.first)).collect(),
                    )
                }
            };
            if !cells.is_empty() || !given.is_empty() {
                feeds.push(Feed {
                    source,
                    cells,
                    given,
                    repeating: Repeating::default(),
                });
            }
        }
        feeds
    }

    /// The column it adds to.
    pub(super) fn arrivals(&self, plan: &Plan) -> ColumnId {
        plan.spike_sources()[self.source].arrivals()
    }

    /// Adds what comes at the beginning of a step to the arrivals of the block that begins at cell `first`; tells
    /// whether anything may have come. Weights are rounded to the numbers of the arrivals before they are multiplied.
    pub(super) fn add(&mut self, plan: &Plan, step: Step, first: u32, arrivals: SliceMut<'_>) -> bool {
        match arrivals {
            SliceMut::Double(arrivals) => self.add_to(plan, step, first, arrivals),
            SliceMut::Single(arrivals) => self.add_to(plan, step, first, arrivals),
        }
    }

    fn add_to<R: Real>(&mut self, plan: &Plan, step: Step, first: u32, arrivals: &mut [R]) -> bool {
        let planned = &plan.spike_sources()[self.source];
        let weight = R::from_f64(planned.weight());
        let (rate, start, stop) = match planned.spikes() {
            PlannedSpikes::Poisson { rate, start, stop, .. } => (rate, *start, *stop),
            PlannedSpikes::Correlated(correlated) => {
                let stream = Stream::new(plan.settings().seed, self.source as u32, Purpose::Spikes);
                let draws = (stream, plan.settings().dt_ms);
                return correlated::add(correlated, draws, step, (first, &self.cells), (weight, arrivals));
            }
            PlannedSpikes::Repeating(planned) => {
                let arrivals = &mut arrivals[..self.cells.len()];
                let key = (plan.settings().seed, self.source as u32);
                self.repeating.add(planned, key, step, first, (weight, arrivals));
                return true;
            }
            PlannedSpikes::Given(_) => {
                let begin = self.given.partition_point(|&(at, _)| at < step);
                let due = self.given[begin..].iter().take_while(|&&(at, _)| at == step);
                let before = begin;
                let mut n = before;
                for &(_, cell) in due {
                    arrivals[cell as usize] += weight;
                    n += 1;
                }
                return n > before;
            }
        };
        if step < start || stop.is_some_and(|stop| step >= stop) {
            return false;
        }
        let settings = plan.settings();
        let varying;
        let table = match rate {
            PlannedRate::Constant(table) => table,
            PlannedRate::Varying(signal) => {
                let mean = signal.at(step) * settings.dt_ms;
                varying = PoissonCounts::new(mean.max(0.0));
                &varying
            }
        };
        let draws = PoissonDraws {
            seed: settings.seed,
            source: self.source as u32,
            step: step.0,
        };
        let (begin, end) = (self.cells[0], self.cells[self.cells.len() - 1] + 1);
        if (end - begin) as usize == self.cells.len() {
            let arrivals = &mut arrivals[begin as usize..end as usize];
            table.add(draws, first + begin, weight, arrivals, settings.simd);
            return true;
        }
        // Scattered cells: of each tile that has some, all are drawn.
        let tile = |cell: u32| (first + cell) / LANES as u32;
        for cells in self.cells.chunk_by(|&a, &b| tile(a) == tile(b)) {
            let mut counts = [0; LANES];
            table.tile(draws, tile(cells[0]), &mut counts, settings.simd);
            for &cell in cells {
                arrivals[cell as usize] += weight * R::from(counts[(first + cell) as usize % LANES]);
            }
        }
        true
    }
}
