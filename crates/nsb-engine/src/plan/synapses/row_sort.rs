//! Sorting the synapses of one source cell by domain and delay.

/// A synapse on its way into the store.
#[derive(Debug, Clone, Copy)]
pub(super) struct Staged {
    pub(super) domain: u32,
    pub(super) delay: u32,
    pub(super) slot: u16,
    pub(super) weight: f32,
}

/// Sorts by (domain, delay) and keeps the order of what is equal in both; working memory is kept from call to call.
#[derive(Default)]
pub(super) struct RowSort {
    counts: Vec<u32>,
    sorted: Vec<Staged>,
}

impl RowSort {
    /// The synapses in order.
    pub(super) fn sort<'s>(&'s mut self, staged: &[Staged]) -> &'s [Staged] {
        let (shortest, longest, last_domain) = staged.iter().fold((u32::MAX, 0, 0), |(low, high, domain), s| {
            (low.min(s.delay), high.max(s.delay), domain.max(s.domain))
        });
        self.sorted.clear();
        let Some(first) = staged.first() else {
            return &self.sorted;
        };
        let width = (longest - shortest) as usize + 1;
        let n_keys = width.saturating_mul(last_domain as usize + 1);
        // Counting pays as long as there are not many more keys than synapses.
        if n_keys > 4 * staged.len() + 256 {
            self.sorted.extend_from_slice(staged);
            self.sorted.sort_by_key(|s| (s.domain, s.delay));
            return &self.sorted;
        }
        let key = |s: &Staged| s.domain as usize * width + (s.delay - shortest) as usize;
        self.counts.clear();
        self.counts.resize(n_keys + 1, 0);
        for s in staged {
            self.counts[key(s) + 1] += 1;
        }
        for n in 1..=n_keys {
            self.counts[n] += self.counts[n - 1];
        }
        self.sorted.resize(staged.len(), *first);
        for s in staged {
            let place = &mut self.counts[key(s)];
            self.sorted[*place as usize] = *s;
            *place += 1;
        }
        &self.sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    fn both_ways_of_sorting_are_stable() {
        let stream = Stream::new(1, 1, Purpose::Connect);
        for longest in [1, 40, 1 << 30] {
            let staged: Vec<Staged> = (0..2000u64)
                .map(|n| Staged {
                    domain: stream.below(2 * n, 3) as u32,
                    delay: 1 + stream.below(2 * n + 1, longest) as u32,
                    slot: n as u16,
                    weight: 0.0,
                })
                .collect();
            let mut expected = staged.clone();
            expected.sort_by_key(|s| (s.domain, s.delay));
            let slots = |list: &[Staged]| list.iter().map(|s| (s.domain, s.delay, s.slot)).collect::<Vec<_>>();
            assert_eq!(slots(RowSort::default().sort(&staged)), slots(&expected));
        }
    }
}
