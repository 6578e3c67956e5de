//! What all methods share: the layout of columns, the phases under construction, and turning expressions into values.

use super::{Method, Unfit};
use crate::model::{Expr, Linear, Symbol, System};
use crate::program::{Builder, Column, ColumnId, Program, Role, UnaryOp, ValueId};
use crate::units::Unit;

/// A program under construction.
pub(crate) struct Frame<'a> {
    pub(crate) system: &'a System,
    /// Right-hand sides with derived variables expanded.
    pub(super) derivatives: Vec<Expr>,
    pub(crate) init: Builder,
    pub(crate) step: Builder,
    derive: Builder,
    layout: Layout,
    columns: Vec<Column>,
}

/// Where each kind of column begins.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) parameters: usize,
    pub(crate) inputs: usize,
    pub(crate) arrivals: usize,
    pub(crate) derived: usize,
}

/// Which phase to add to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Into {
    Init,
    Step,
}

impl<'a> Frame<'a> {
    pub(super) fn new(system: &'a System) -> Frame<'a> {
        let mut columns = Vec::new();
        let column = |name: &str, role, unit: &Unit, default| Column {
            name: name.to_string(),
            role,
            unit: unit.clone(),
            default,
        };
        columns.extend(system.states.iter().map(|s| column(&s.name, Role::State, &s.unit, 0.0)));
        let parameters = columns.len();
        columns.extend(
            system
                .parameters
                .iter()
                .map(|p| column(&p.name, Role::Parameter, &p.unit, p.default)),
        );
        let inputs = columns.len();
        columns.extend(system.inputs.iter().map(|i| column(&i.name, Role::Input, &i.unit, 0.0)));
        let arrivals = columns.len();
        columns.extend(system.receptors.iter().enumerate().map(|(n, r)| {
            column(
                &format!("{}.arrivals", r.name),
                Role::Arrivals { receptor: n as u32 },
                &r.weight_unit,
                0.0,
            )
        }));
        let derived = columns.len();
        columns.extend(
            system
                .derived
                .iter()
                .map(|d| column(&d.name, Role::Derived, &d.unit, 0.0)),
        );
        if system.threshold.is_some() {
            let one = Unit::one();
            columns.push(column("fired", Role::Fired, &one, 0.0));
            columns.push(column("crossing.before", Role::CrossingBefore, &one, 0.0));
            columns.push(column("crossing.after", Role::CrossingAfter, &one, 0.0));
        }
        let layout = Layout {
            parameters,
            inputs,
            arrivals,
            derived,
        };
        Frame::laid_out(system, columns, layout)
    }

    /// A frame over columns that are laid out already. States are where the caller says when it emits.
    pub(crate) fn laid_out(system: &'a System, columns: Vec<Column>, layout: Layout) -> Frame<'a> {
        let invariant: Vec<bool> = columns.iter().map(|c| c.role == Role::Parameter).collect();
        Frame {
            system,
            derivatives: system.derivatives(),
            init: Builder::new(invariant.clone()),
            step: Builder::new(invariant.clone()),
            derive: Builder::new(invariant),
            layout,
            columns,
        }
    }

    /// A new column that lives from step to step.
    pub(super) fn internal(&mut self, name: String) -> ColumnId {
        let id = ColumnId(self.columns.len() as u32);
        self.columns.push(Column {
            name,
            role: Role::Internal,
            unit: Unit::one(),
            default: 0.0,
        });
        id
    }

    /// The column of a role that occurs once.
    pub(super) fn column_with(&self, role: Role) -> Option<ColumnId> {
        self.columns
            .iter()
            .position(|c| c.role == role)
            .map(|n| ColumnId(n as u32))
    }

    pub(super) fn state_column(&self, state: usize) -> ColumnId {
        ColumnId(state as u32)
    }

    /// The builder of a phase.
    pub(super) fn builder(&mut self, into: Into) -> &mut Builder {
        match into {
            Into::Init => &mut self.init,
            Into::Step => &mut self.step,
        }
    }

    /// The value of an expression for given values of the states.
    pub(crate) fn emit(&mut self, into: Into, states: &[ValueId], value: &Expr) -> ValueId {
        let layout = self.layout;
        emit(self.builder(into), layout, states, value)
    }

    /// The value of an expression that may be absent (0).
    pub(super) fn emit_part(&mut self, into: Into, states: &[ValueId], value: &Option<Expr>) -> Option<ValueId> {
        value.as_ref().map(|value| self.emit(into, states, value))
    }

    /// The equation of a state as `rest + slope · state`.
    pub(super) fn linear(&self, state: usize) -> Result<Linear, Unfit> {
        self.derivatives[state].linear_in(Symbol::State(state)).ok_or(Unfit {
            state,
            reason: "it is not linear in its own variable",
        })
    }

    /// Initial values in the order of their dependencies, stored in `init`.
    pub(super) fn initial_values(&mut self) -> Vec<ValueId> {
        let system = self.system;
        let n = system.states.len();
        let expanded: Vec<Expr> = system.states.iter().map(|s| system.expanded(&s.initial)).collect();
        let placeholder = self.init.constant(0.0);
        let mut values = vec![placeholder; n];
        let mut done = vec![false; n];
        for &(state, parameter) in &system.overridden {
            values[state] = self.init.load(ColumnId((self.layout.parameters + parameter) as u32));
            done[state] = true;
        }
        // The model was checked for cycles, so each round settles at least one state.
        while let Some(state) =
            (0..n).find(|&s| !done[s] && !expanded[s].mentions(|symbol| matches!(symbol, Symbol::State(k) if !done[k])))
        {
            values[state] = self.emit(Into::Init, &values, &expanded[state]);
            done[state] = true;
        }
        for (state, &value) in values.iter().enumerate() {
            let column = self.state_column(state);
            self.init.store(column, value);
        }
        values
    }

    /// The states at the start of a step, as they were and with what arrived added.
    pub(super) fn arrived(&mut self) -> (Vec<ValueId>, Vec<ValueId>) {
        let system = self.system;
        let loaded: Vec<ValueId> = (0..system.states.len())
            .map(|s| self.step.load(ColumnId(s as u32)))
            .collect();
        let mut values = loaded.clone();
        for (receptor, part) in system.receptors.iter().enumerate() {
            let arrivals = self.step.load(ColumnId((self.layout.arrivals + receptor) as u32));
            for (state, slope) in &part.on_spike {
                let slope = self.emit(Into::Step, &loaded, slope);
                let jump = self.step.multiply(slope, arrivals);
                values[*state] = self.step.add(values[*state], jump);
            }
        }
        (loaded, values)
    }

    /// The columns and the phases `init` and `step` as they are.
    pub(crate) fn into_parts(self) -> (Vec<Column>, Builder, Builder) {
        (self.columns, self.init, self.step)
    }

    /// The finished program.
    pub(super) fn into_program(mut self, method: Method) -> Program {
        let states: Vec<ValueId> = (0..self.system.states.len())
            .map(|s| self.derive.load(ColumnId(s as u32)))
            .collect();
        for (n, derived) in self.system.derived.iter().enumerate() {
            let expanded = self.system.expanded(&derived.value);
            let value = emit(&mut self.derive, self.layout, &states, &expanded);
            self.derive.store(ColumnId((self.layout.derived + n) as u32), value);
        }
        Program::assemble(
            self.system.name.clone(),
            method,
            self.columns,
            self.init.finish(),
            self.step.finish(),
            self.derive.finish(),
        )
    }
}

fn emit(builder: &mut Builder, layout: Layout, states: &[ValueId], value: &Expr) -> ValueId {
    match value {
        Expr::Constant(value) => builder.constant(*value),
        Expr::Symbol(symbol) => match *symbol {
            Symbol::Parameter(n) => builder.load(ColumnId((layout.parameters + n) as u32)),
            Symbol::Input(n) => builder.load(ColumnId((layout.inputs + n) as u32)),
            Symbol::State(n) => states[n],
            Symbol::Weight(n) => builder.load(ColumnId((layout.arrivals + n) as u32)),
            Symbol::Dt => builder.dt(),
            Symbol::Derived(_) | Symbol::Membrane | Symbol::Reward => {
                unreachable!("systems are expanded and joined before lowering")
            }
        },
        Expr::Unary(op, a) => {
            let a = emit(builder, layout, states, a);
            builder.unary(*op, a)
        }
        Expr::Binary(op, a, b) => {
            let a = emit(builder, layout, states, a);
            let b = emit(builder, layout, states, b);
            builder.binary(*op, a, b)
        }
        Expr::Power(a, n) => {
            let a = emit(builder, layout, states, a);
            builder.power(a, *n)
        }
        Expr::Select(condition, then, otherwise) => {
            let condition = emit(builder, layout, states, condition);
            let then = emit(builder, layout, states, then);
            let otherwise = emit(builder, layout, states, otherwise);
            builder.select(condition, then, otherwise)
        }
        Expr::Draw(distribution, number) => builder.draw(*distribution, *number),
    }
}

/// The exact flow of dx/dt = rest + slope·x over a time: x becomes `factor`·x + `offset`.
#[derive(Clone, Copy)]
pub(super) struct Flow {
    /// e^(slope·time); absent where there is no slope (1).
    pub(super) factor: Option<ValueId>,
    /// What is added; absent where there is no rest (0).
    pub(super) offset: Option<ValueId>,
}

impl Flow {
    pub(super) fn new(builder: &mut Builder, rest: Option<ValueId>, slope: Option<ValueId>, time: ValueId) -> Flow {
        let Some(slope) = slope else {
            return Flow {
                factor: None,
                offset: rest.map(|rest| builder.multiply(rest, time)),
            };
        };
        // With r = (e^z − 1)/z, z = slope·time: e^z = 1 + z·r, and the rest contributes rest·time·r. Regular at 0.
        let exponent = builder.multiply(slope, time);
        let relative = builder.unary(UnaryOp::Exprel, exponent);
        let one = builder.constant(1.0);
        let factor = builder.fma(exponent, relative, one);
        let offset = rest.map(|rest| {
            let gain = builder.multiply(rest, time);
            builder.multiply(gain, relative)
        });
        Flow {
            factor: Some(factor),
            offset,
        }
    }

    pub(super) fn apply(self, builder: &mut Builder, x: ValueId) -> ValueId {
        match (self.factor, self.offset) {
            (None, None) => x,
            (None, Some(offset)) => builder.add(x, offset),
            (Some(factor), None) => builder.multiply(factor, x),
            (Some(factor), Some(offset)) => builder.fma(factor, x, offset),
        }
    }
}
