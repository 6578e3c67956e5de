//! Systems whose membrane potential can be held from outside, cell by cell.

use super::{Derived, Expr, Input, Symbol, System};
use crate::program::{BinaryOp, UnaryOp};
use crate::source::Span;
use crate::units::{Dimension, Unit};

/// A potential that an input can hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Clamp {
    /// The state that is held.
    pub state: usize,
    /// The input that is 1 where the cell is held, else 0.
    pub held: usize,
}

impl Clamp {
    /// The input that is 1 where the cell is held, else 0.
    pub const HELD: &'static str = "voltage_clamp.held";

    /// The derived variable of what must be injected to keep the potential; 0 where the cell is free.
    pub const CURRENT: &'static str = "voltage_clamp.I";
}

impl System {
    /// Lets the state `V` be held: it then stays where it was put, all else goes on. Cells that are not held do the same
    /// as without. Tells whether there is such a state.
    ///
    /// With dV/dt = f + s · I, I the first current that V is linear in, the clamp current is −(f + s · I) / s: what must
    /// come to all other inputs so that V stays. It has the unit of that input. A model without one has no clamp current.
    pub fn let_clamp(&mut self) -> bool {
        let Some(state) = self.states.iter().position(|s| s.name == "V") else {
            return false;
        };
        let derivative = self.expanded(&self.states[state].derivative);
        let is_current = |d: Dimension| matches!(d, Dimension::CURRENT | Dimension::CURRENT_DENSITY);
        // Variables of receptors have a point in their names.
        let own = |&n: &usize| !self.inputs[n].name.contains('.');
        let slope = |n: usize| derivative.linear_in(Symbol::Input(n))?.slope;
        let inputs: Vec<usize> = (0..self.inputs.len()).filter(own).collect();
        let currents = inputs.iter().filter(|&&n| is_current(self.inputs[n].unit.dimension()));
        let chosen = currents.chain(&inputs).find_map(|&n| Some((n, slope(n)?)));
        let held = self.inputs.len();
        let held_symbol = Expr::Symbol(Symbol::Input(held));
        if let Some((input, slope)) = chosen {
            let balance = Expr::binary(BinaryOp::Divide, derivative.clone(), slope);
            let balance = Expr::unary(UnaryOp::Negate, balance);
            self.derived.push(Derived {
                name: Clamp::CURRENT.to_owned(),
                unit: self.inputs[input].unit.clone(),
                doc: "what must be injected to keep the potential".to_owned(),
                value: Expr::Select(Box::new(held_symbol), Box::new(balance), Box::new(Expr::Constant(0.0))),
                span: Span::default(),
            });
        }
        self.inputs.push(Input {
            name: Clamp::HELD.to_owned(),
            unit: Unit::one(),
            doc: "1 where the potential is held".to_owned(),
        });
        self.clamp = Some(Clamp { state, held });
        true
    }
}
