//! One number for all spikes of a run, to see at a glance whether two runs are the same.

use xxhash_rust::xxh3::Xxh3;

use super::spike::Spike;

/// XXH3-64 over little-endian (step u64, population index u32, cell u32, bits of the reported time as f64) of all
/// spikes of all populations, sorted by the first three.
#[derive(Clone)]
pub(crate) struct SpikeHash {
    state: Xxh3,
    buffer: Vec<u8>,
}

impl SpikeHash {
    pub(crate) fn new() -> SpikeHash {
        SpikeHash {
            state: Xxh3::new(),
            buffer: Vec::new(),
        }
    }

    /// Adds spikes. They must be sorted, and later than all spikes before.
    pub(crate) fn add(&mut self, spikes: &[Spike]) {
        self.buffer.clear();
        for spike in spikes {
            self.buffer.extend(spike.step.0.to_le_bytes());
            self.buffer.extend(spike.population.0.to_le_bytes());
            self.buffer.extend(spike.cell.0.to_le_bytes());
            self.buffer.extend(spike.time_ms.to_bits().to_le_bytes());
        }
        self.state.update(&self.buffer);
    }

    /// The hash of the spikes so far: 16 hexadecimal digits.
    pub(crate) fn hex(&self) -> String {
        format!("{:016x}", self.state.digest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{CellId, PopulationId, Step};

    fn spike(step: u64, cell: u32) -> Spike {
        Spike {
            step: Step(step),
            population: PopulationId(1),
            cell: CellId(cell),
            time_ms: step as f64 * 0.1,
        }
    }

    #[test]
    fn no_spikes_hash_to_the_reference_value_of_the_empty_input() {
        // XXH3_64bits of no bytes with seed 0, from the reference implementation.
        assert_eq!(SpikeHash::new().hex(), "2d06800538d394c2");
    }

    #[test]
    fn the_hash_does_not_depend_on_the_pieces_in_which_spikes_come() {
        let spikes: Vec<Spike> = (0..100).map(|n| spike(n, 3)).collect();
        let mut whole = SpikeHash::new();
        whole.add(&spikes);
        let mut pieces = SpikeHash::new();
        spikes.chunks(7).for_each(|chunk| pieces.add(chunk));
        assert_eq!(whole.hex(), pieces.hex());
        // The layout of the record, byte by byte.
        let mut bytes = Vec::new();
        for n in 0..100u64 {
            bytes.extend(n.to_le_bytes());
            bytes.extend([1, 0, 0, 0, 3, 0, 0, 0]);
            bytes.extend((n as f64 * 0.1).to_le_bytes());
        }
        assert_eq!(whole.hex(), format!("{:016x}", xxhash_rust::xxh3::xxh3_64(&bytes)));
    }

    #[test]
    fn each_field_changes_the_hash() {
        let hash = |spike: Spike| {
            let mut hash = SpikeHash::new();
            hash.add(&[spike]);
            hash.hex()
        };
        let reference = hash(spike(5, 3));
        assert_ne!(reference, hash(spike(6, 3)));
        assert_ne!(reference, hash(spike(5, 4)));
        assert_ne!(
            reference,
            hash(Spike {
                population: PopulationId(0),
                ..spike(5, 3)
            })
        );
        assert_ne!(
            reference,
            hash(Spike {
                time_ms: 0.5 + f64::EPSILON,
                ..spike(5, 3)
            })
        );
    }
}
