//! Integration methods: a [`System`] becomes a [`Program`].
//!
//! [`lower`] lays out the columns, computes initial values, adds what arrived, lets one method (one file each)
//! advance the states, and appends threshold, reset and refractoriness (`spike`).

mod chain;
pub(crate) mod exact;
mod exponential_euler;
pub(crate) mod frame;
mod runge_kutta;
mod spike;
mod strang;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::System;
use crate::program::{Phase, Program, Role, ValueId};
use crate::source::Span;
use frame::Frame;
pub use spike::{REFRACTORY_DURATION, REFRACTORY_LEFT};

/// An integration method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Method {
    /// The model's own; where that does not fit, exact, Strang or second-order Runge–Kutta, the first that does.
    #[default]
    Auto,
    /// Propagator of a linear system with constant coefficients.
    Exact,
    /// Symmetric splitting: all but the voltage half a step, voltage by Crank–Nicolson, all but the voltage half a
    /// step. Second order.
    Strang,
    /// Each equation by its exponential with the other variables frozen. First order.
    ExponentialEuler,
    /// Explicit midpoint rule. Second order.
    Rk2,
    /// The classical Runge–Kutta method. Fourth order.
    Rk4,
    /// Explicit Euler. First order; for comparison with published work.
    Euler,
}

impl Method {
    /// All methods.
    pub const ALL: [Method; 7] = [
        Method::Auto,
        Method::Exact,
        Method::Strang,
        Method::ExponentialEuler,
        Method::Rk2,
        Method::Rk4,
        Method::Euler,
    ];

    /// The name used in models, projects and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Auto => "auto",
            Method::Exact => "exact",
            Method::Strang => "strang",
            Method::ExponentialEuler => "exponential_euler",
            Method::Rk2 => "rk2",
            Method::Rk4 => "rk4",
            Method::Euler => "euler",
        }
    }

    /// The method of that name.
    pub fn from_name(name: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|m| m.name() == name)
    }

    /// Whether the method becomes unstable when the step is too large for the equations.
    pub const fn is_explicit(self) -> bool {
        matches!(
            self,
            Method::ExponentialEuler | Method::Rk2 | Method::Rk4 | Method::Euler
        )
    }
}

/// Why a method does not fit a system: which equation, and what is wrong with it.
pub(crate) struct Unfit {
    pub(crate) state: usize,
    pub(crate) reason: &'static str,
}

/// Applies a method.
///
/// # Errors
/// If the method does not fit the equations; the diagnostic names the equation and a method that fits.
pub fn lower(system: &System, method: Method) -> Result<Program, Diagnostics> {
    if method != Method::Auto {
        return lower_with(system, method).map_err(|unfit| Diagnostics(vec![explain(system, method, &unfit)]));
    }
    let candidates = system.method.into_iter().chain([Method::Exact, Method::Strang]);
    let fitting = candidates
        .filter(|m| *m != Method::Auto)
        .find_map(|method| lower_with(system, method).ok());
    match fitting {
        Some(program) => Ok(program),
        None => {
            lower_with(system, Method::Rk2).map_err(|unfit| Diagnostics(vec![explain(system, Method::Rk2, &unfit)]))
        }
    }
}

fn explain(system: &System, method: Method, unfit: &Unfit) -> Diagnostic {
    let state = &system.states[unfit.state];
    // A receptor's equation stands in another text than the neuron's.
    let own = !state.name.contains('.');
    let span = if own { state.span } else { Span::default() };
    Diagnostic::error(
        "E0402",
        &system.source,
        span,
        format!(
            "the method `{}` does not fit the equation of `{}`: {}",
            method.name(),
            state.name,
            unfit.reason
        ),
    )
    .hint("use `auto`, which picks a method that fits, or `rk4`")
}

fn lower_with(system: &System, method: Method) -> Result<Program, Unfit> {
    let mut frame = Frame::new(system);
    let initial = frame.initial_values();
    let (loaded, arrived) = frame.arrived();
    let hold = spike::hold(&mut frame, &initial);
    // A spike that would move a state while it is held is lost.
    let before: Vec<ValueId> = (0..arrived.len())
        .map(|state| match arrived[state] == loaded[state] {
            true => loaded[state],
            false => hold.apply(&mut frame, state, arrived[state], loaded[state]),
        })
        .collect();
    let after = match method {
        Method::Exact => exact::step(&mut frame, &before),
        Method::Strang => strang::step(&mut frame, &initial, &before, &hold),
        Method::ExponentialEuler => exponential_euler::step(&mut frame, &before),
        Method::Auto | Method::Rk2 => runge_kutta::step(&mut frame, &before, &runge_kutta::MIDPOINT),
        Method::Rk4 => runge_kutta::step(&mut frame, &before, &runge_kutta::CLASSICAL),
        Method::Euler => runge_kutta::step(&mut frame, &before, &runge_kutta::EULER),
    }?;
    spike::finish(&mut frame, &initial, &before, after, &hold);
    Ok(frame.into_program(method))
}

impl Program {
    pub(crate) fn assemble(
        name: String,
        method: Method,
        columns: Vec<crate::program::Column>,
        init: Phase,
        step: Phase,
        derive: Phase,
    ) -> Program {
        debug_assert!(columns.iter().filter(|c| c.role == Role::Fired).count() <= 1);
        Program {
            name,
            method,
            columns,
            init,
            step,
            derive,
        }
        .validated()
    }
}
