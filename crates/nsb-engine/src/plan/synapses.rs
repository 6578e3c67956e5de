//! The store of static synapses, built for delivery *pull by delay*.
//!
//! A block of target cells owns the synapses that end on it, projection by projection. Those of one projection are
//! grouped by delay and sorted by (delay, source, target, weight): at each step, for each delay d, the row of each
//! source that fired d steps ago is added to one short column of arrivals, which stays in the cache.
//!
//! A synapse takes 2 bytes (the target as its position in the block) and, where weights differ, 4 more.

/// The synapses of one projection onto one block.
#[derive(Debug, Clone)]
pub(crate) struct Synapses {
    /// One group for each delay of the projection, in ascending order of delays.
    groups: Vec<DelayGroup>,
}

impl Synapses {
    /// The synapses with the projection's n-th delay.
    pub(crate) fn group(&self, delay_index: usize) -> &DelayGroup {
        &self.groups[delay_index]
    }

    /// Gives the synapses of a source: number of the delay, position in the block, weight.
    pub(crate) fn row(&self, source: u32, visit: &mut dyn FnMut(usize, u32, f32)) {
        for (delay_index, group) in self.groups.iter().enumerate() {
            let row = group.rows.range(source);
            for n in row {
                let weight = match &group.weights {
                    Weights::Uniform(weight) => *weight,
                    Weights::Each(weights) => weights[n],
                };
                visit(delay_index, u32::from(group.targets[n]), weight);
            }
        }
    }

    /// Number of synapses.
    #[cfg(test)]
    pub(crate) fn len(&self) -> u64 {
        self.groups.iter().map(|group| group.targets.len() as u64).sum()
    }

    /// Memory taken.
    pub(crate) fn bytes(&self) -> u64 {
        self.groups.iter().map(DelayGroup::bytes).sum()
    }
}

/// The synapses of one projection onto one block that have the same delay.
#[derive(Debug, Clone)]
pub(crate) struct DelayGroup {
    rows: Rows,
    /// Positions in the block, row after row.
    targets: Vec<u16>,
    weights: Weights,
}

impl DelayGroup {
    /// Adds the weights of the rows of these sources, in this order. The sum is in f64.
    pub(crate) fn deliver(&self, sources: &[u32], arrivals: &mut [f64]) {
        for &source in sources {
            let row = self.rows.range(source);
            let targets = &self.targets[row.clone()];
            match &self.weights {
                Weights::Uniform(weight) => {
                    for &target in targets {
                        arrivals[usize::from(target)] += f64::from(*weight);
                    }
                }
                Weights::Each(weights) => {
                    for (&target, &weight) in targets.iter().zip(&weights[row]) {
                        arrivals[usize::from(target)] += f64::from(weight);
                    }
                }
            }
        }
    }

    fn bytes(&self) -> u64 {
        let rows = match &self.rows {
            Rows::Dense(starts) => 4 * starts.len(),
            Rows::Sparse { sources, starts } => 4 * (sources.len() + starts.len()),
        };
        let weights = match &self.weights {
            Weights::Uniform(_) => 0,
            Weights::Each(weights) => 4 * weights.len(),
        };
        (size_of::<DelayGroup>() + rows + weights + 2 * self.targets.len()) as u64
    }
}

#[derive(Debug, Clone)]
enum Weights {
    Uniform(f32),
    Each(Vec<f32>),
}

/// Where the row of a source lies.
#[derive(Debug, Clone)]
enum Rows {
    /// Row n is `starts[n]..starts[n + 1]`: fastest, and smaller where most sources have synapses.
    Dense(Vec<u32>),
    /// Only sources with synapses, ascending; `starts` has one entry more.
    Sparse { sources: Vec<u32>, starts: Vec<u32> },
}

impl Rows {
    fn range(&self, source: u32) -> std::ops::Range<usize> {
        let (starts, row) = match self {
            Rows::Dense(starts) => (starts, source as usize),
            Rows::Sparse { sources, starts } => match sources.binary_search(&source) {
                Ok(row) => (starts, row),
                Err(_) => return 0..0,
            },
        };
        starts[row] as usize..starts[row + 1] as usize
    }
}

/// Collects the synapses of one projection onto one block, source by source.
pub(super) struct SynapsesBuilder {
    groups: Vec<GroupBuilder>,
}

#[derive(Clone, Default)]
struct GroupBuilder {
    sources: Vec<u32>,
    starts: Vec<u32>,
    targets: Vec<u16>,
    weights: Vec<f32>,
}

impl SynapsesBuilder {
    pub(super) fn new() -> SynapsesBuilder {
        SynapsesBuilder { groups: Vec::new() }
    }

    /// Adds a synapse. Sources must come in ascending order, and within a source and delay targets, then weights.
    /// Delays are numbered in any way.
    pub(super) fn push(&mut self, source: u32, delay_index: usize, target: u16, weight: f32) {
        if self.groups.len() <= delay_index {
            self.groups.resize_with(delay_index + 1, GroupBuilder::default);
        }
        let group = &mut self.groups[delay_index];
        if group.sources.last() != Some(&source) {
            debug_assert!(group.sources.last().is_none_or(|&last| last < source), "sources ascend");
            group.sources.push(source);
            // Fits, because populations are limited to MAX_CELLS and lists to 2³² entries.
            group.starts.push(group.targets.len() as u32);
        }
        group.targets.push(target);
        group.weights.push(weight);
    }

    /// The store, its groups in the order of `delays`, which gives each delay and its number.
    pub(super) fn finish(mut self, n_sources: u32, delays: &[(u32, usize)]) -> Synapses {
        let mut group =
            |&(_, number): &(u32, usize)| self.groups.get_mut(number).map(std::mem::take).unwrap_or_default();
        Synapses {
            groups: delays.iter().map(|delay| group(delay).finish(n_sources)).collect(),
        }
    }
}

impl GroupBuilder {
    fn finish(mut self, n_sources: u32) -> DelayGroup {
        self.starts.push(self.targets.len() as u32);
        let rows = if n_sources as usize <= 2 * self.sources.len() {
            let mut starts = Vec::with_capacity(n_sources as usize + 1);
            let mut row = 0;
            for source in 0..n_sources {
                starts.push(self.starts[row]);
                row += usize::from(self.sources.get(row) == Some(&source));
            }
            starts.push(self.starts[row]);
            Rows::Dense(starts)
        } else {
            self.sources.shrink_to_fit();
            self.starts.shrink_to_fit();
            Rows::Sparse {
                sources: self.sources,
                starts: self.starts,
            }
        };
        self.targets.shrink_to_fit();
        let first = self.weights.first().copied().unwrap_or(0.0);
        let weights = if self.weights.iter().all(|weight| weight.to_bits() == first.to_bits()) {
            Weights::Uniform(first)
        } else {
            self.weights.shrink_to_fit();
            Weights::Each(self.weights)
        };
        DelayGroup {
            rows,
            targets: self.targets,
            weights,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(synapses: &Synapses, delay_index: usize, sources: &[u32]) -> Vec<f64> {
        let mut arrivals = vec![0.0; 4];
        synapses.group(delay_index).deliver(sources, &mut arrivals);
        arrivals
    }

    fn store(n_sources: u32) -> Synapses {
        let mut builder = SynapsesBuilder::new();
        builder.push(1, 0, 0, 1.0);
        builder.push(1, 0, 3, 2.0);
        builder.push(1, 1, 3, 4.0);
        builder.push(2, 1, 3, 8.0);
        builder.push(4, 0, 3, 16.0);
        builder.finish(n_sources, &[(3, 0), (7, 1)])
    }

    #[test]
    fn each_source_delivers_its_own_row_of_the_delay_in_dense_and_sparse_stores() {
        for n_sources in [5, 1000] {
            let store = store(n_sources);
            assert_eq!(store.len(), 5);
            assert_eq!(arrivals(&store, 0, &[1]), [1.0, 0.0, 0.0, 2.0]);
            assert_eq!(arrivals(&store, 0, &[0, 2, 3]), [0.0; 4]);
            assert_eq!(arrivals(&store, 0, &[1, 4]), [1.0, 0.0, 0.0, 18.0]);
            assert_eq!(arrivals(&store, 1, &[1, 2, 4]), [0.0, 0.0, 0.0, 12.0]);
        }
    }

    #[test]
    fn one_weight_for_all_takes_two_bytes_a_synapse() {
        let build = |weight: fn(u16) -> f32| {
            let mut builder = SynapsesBuilder::new();
            for source in 0..100 {
                (0..500).for_each(|target| builder.push(source, 0, target, weight(target)));
            }
            builder.finish(100, &[(3, 0)])
        };
        let (uniform, varied) = (build(|_| 0.5), build(f32::from));
        assert!(uniform.bytes() < 2 * uniform.len() + 1000, "{} bytes", uniform.bytes());
        assert!(varied.bytes() < 6 * varied.len() + 1000, "{} bytes", varied.bytes());
        let mut arrivals = vec![0.0; 500];
        uniform.group(0).deliver(&[3, 7], &mut arrivals);
        assert!(arrivals.iter().all(|&sum| sum == 1.0));
    }
}
