//! Currents through gap junctions: added to the inputs of a block for one step.

use nsb_kernels::{Columns, Slice};

use super::voltages::Voltages;
use crate::plan::{Coupling, HalfJunction};

/// The gap junctions of the cells of a block.
pub(super) struct Gap {
    coupling: Coupling,
    halves: Vec<HalfJunction>,
    /// The input without the current through junctions: what stimuli give, and what is recorded.
    stimuli: Vec<f64>,
}

impl Gap {
    pub(super) fn new(coupling: Coupling, halves: &[HalfJunction], n_cells: usize) -> Gap {
        Gap {
            coupling,
            halves: halves.to_vec(),
            stimuli: vec![0.0; n_cells],
        }
    }

    /// Adds the currents that flow at the beginning of the epoch. The two cells of a junction see the same numbers in
    /// the same product, so what flows out of one is, to the last bit, what flows into the other.
    pub(super) fn couple(&mut self, voltages: &Voltages, columns: &mut Columns) {
        let stimuli = columns.numbers(self.coupling.current).iter();
        self.stimuli.clear();
        self.stimuli.extend(stimuli);
        let mut n = 0;
        while n < self.halves.len() {
            let position = self.halves[n].position as usize;
            let own = columns.numbers(self.coupling.voltage).get(position);
            let mut sum = 0.0;
            while let Some(half) = self.halves.get(n).filter(|half| half.position as usize == position) {
                sum += half.conductance * (voltages.of(half.partner_population, half.partner) - own);
                n += 1;
            }
            columns.numbers_mut(self.coupling.current).add(position, sum);
        }
    }

    /// Takes them away again.
    pub(super) fn uncouple(&self, columns: &mut Columns) {
        let mut current = columns.numbers_mut(self.coupling.current);
        current.copy_from(Slice::Double(&self.stimuli));
    }
}
