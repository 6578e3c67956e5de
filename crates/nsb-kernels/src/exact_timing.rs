//! Spikes between the grid points: for models with an exact propagator, which holds for any part of a step.
//!
//! After an ordinary step, cells that fired, or whose refractory time ends within the step, are taken back to its start
//! and advanced again in parts: to the crossing (found by bisection on the propagator), through the reset and the
//! refractory time, to the end. Input stays on the grid. A potential that crosses and returns within one step is not
//! noticed, as in Morrison A, Straube S, Plesser HE, Diesmann M (2007) Neural Comput 19:47-79, §3.

use nsb_lang::Program;
use nsb_lang::lower::{Method, REFRACTORY_DURATION, REFRACTORY_LEFT};
use nsb_lang::program::{ColumnId, PhaseKind, Role};
use nsb_lang::random::Draws;

use crate::columns::Columns;

/// Halvings of the bracket: enough to reach the spacing of numbers from any step.
const HALVINGS: u32 = 60;

/// A cell without refractory time whose reset lies above its threshold would fire for ever.
const MAX_SPIKES_PER_STEP: usize = 64;

/// Takes the spikes of one block of cells off the grid.
#[derive(Debug, Clone)]
pub struct ExactTiming {
    program: Program,
    dt_ms: f64,
    uniform: Vec<(ColumnId, f64)>,
    /// What a step changes: states and what is carried from step to step.
    changing: Vec<ColumnId>,
    arrivals: Vec<ColumnId>,
    fired: ColumnId,
    refractory: Option<Refractory>,
    /// The changing columns at the start of the step, one after the other.
    start: Vec<Vec<f64>>,
    spikes: Vec<(u32, f64)>,
    values: Vec<f64>,
}

#[derive(Debug, Clone)]
struct Refractory {
    flag: ColumnId,
    duration: ColumnId,
    /// Time left for each cell, ms.
    left_ms: Vec<f64>,
    /// The same at a remembered time.
    kept_ms: Vec<f64>,
}

impl ExactTiming {
    /// For a block of `cells` cells. `program` is the result of `lower`, `uniform` gives the parameters that all cells
    /// share, in engine units. `None` if the method is not exact, the model has no threshold, or its spikes are drawn:
    /// chance is given for whole steps.
    pub fn new(program: &Program, dt_ms: f64, uniform: &[(ColumnId, f64)], cells: usize) -> Option<ExactTiming> {
        if program.method() != Method::Exact || program.draws() {
            return None;
        }
        let columns = program.columns().iter().enumerate();
        let with = |wanted: fn(Role) -> bool| -> Vec<ColumnId> {
            columns
                .clone()
                .filter(|(_, c)| wanted(c.role))
                .map(|(n, _)| ColumnId(n as u32))
                .collect()
        };
        let refractory = match (program.column(REFRACTORY_LEFT), program.column(REFRACTORY_DURATION)) {
            (Some(flag), Some(duration)) => Some(Refractory {
                flag,
                duration,
                left_ms: vec![0.0; cells],
                kept_ms: vec![0.0; cells],
            }),
            _ => None,
        };
        let fired = program.columns_with(Role::Fired).next()?;
        Some(ExactTiming {
            program: program.clone(),
            dt_ms,
            uniform: uniform.to_vec(),
            changing: with(|role| matches!(role, Role::State | Role::Internal)),
            arrivals: with(|role| matches!(role, Role::Arrivals { .. })),
            fired,
            refractory,
            start: Vec::new(),
            spikes: Vec::new(),
            values: Vec::new(),
        })
    }

    /// To be called before each step, arrivals and inputs in place.
    pub fn before_step(&mut self, columns: &mut Columns) {
        if let Some(refractory) = &self.refractory {
            let flags = columns.column_mut(refractory.flag);
            for (flag, left) in flags.iter_mut().zip(&refractory.left_ms) {
                *flag = if *left > 0.0 { 1.0 } else { 0.0 };
            }
        }
        self.start.resize_with(self.changing.len(), Vec::new);
        for (kept, id) in self.start.iter_mut().zip(&self.changing) {
            kept.clear();
            kept.extend_from_slice(columns.column(*id));
        }
    }

    /// To be called after each step; afterwards `spikes` holds those of the step.
    pub fn after_step(&mut self, columns: &mut Columns) {
        let mut spikes = std::mem::take(&mut self.spikes);
        spikes.clear();
        for cell in 0..columns.len() {
            let fired = columns.column(self.fired)[cell] != 0.0;
            let left = self.refractory.as_ref().map_or(0.0, |r| r.left_ms[cell]);
            if fired || (left > 0.0 && left < self.dt_ms) {
                self.again(cell, columns, &mut spikes);
            } else if let Some(refractory) = &mut self.refractory {
                refractory.left_ms[cell] = (left - self.dt_ms).max(0.0);
            }
        }
        self.spikes = spikes;
    }

    /// The spikes of the last step as (cell, fraction of the step), by cell, then time.
    pub fn spikes(&self) -> &[(u32, f64)] {
        &self.spikes
    }

    /// Remembers the refractory times, which the columns do not hold.
    pub fn keep(&mut self) {
        if let Some(refractory) = &mut self.refractory {
            refractory.kept_ms.copy_from_slice(&refractory.left_ms);
        }
    }

    /// Goes back to the remembered refractory times.
    pub fn restore(&mut self) {
        if let Some(refractory) = &mut self.refractory {
            refractory.left_ms.copy_from_slice(&refractory.kept_ms);
        }
    }

    /// Advances a cell from the start of the step in parts.
    fn again(&mut self, cell: usize, columns: &mut Columns, spikes: &mut Vec<(u32, f64)>) {
        let n = self.program.columns().len();
        let mut lane: Vec<f64> = (0..n).map(|id| columns.column(ColumnId(id as u32))[cell]).collect();
        for (id, value) in &self.uniform {
            lane[id.0 as usize] = *value;
        }
        for (id, start) in self.changing.iter().zip(&self.start) {
            lane[id.0 as usize] = start[cell];
        }
        let duration = self.refractory.as_ref().map_or(0.0, |r| lane[r.duration.0 as usize]);
        let mut left = self.refractory.as_ref().map_or(0.0, |r| r.left_ms[cell]);
        let mut at = 0.0;
        let mut fired = 0;
        while at < self.dt_ms {
            let rest = self.dt_ms - at;
            if left > 0.0 {
                let held = left.min(rest);
                self.advance(&mut lane, held, true);
                left -= held;
                at = if held < rest { at + held } else { self.dt_ms };
                continue;
            }
            let mut trial = lane.clone();
            self.advance(&mut trial, rest, false);
            if trial[self.fired.0 as usize] == 0.0 || fired == MAX_SPIKES_PER_STEP {
                lane = trial;
                break;
            }
            let crossing = self.crossing(&lane, rest);
            self.advance(&mut lane, crossing, false);
            at += crossing;
            left = duration;
            fired += 1;
            spikes.push((cell as u32, at / self.dt_ms));
        }
        for id in &self.changing {
            columns.column_mut(*id)[cell] = lane[id.0 as usize];
        }
        if let Some(refractory) = &mut self.refractory {
            refractory.left_ms[cell] = left;
        }
    }

    /// The shortest time after which the cell fires; it does after `high`.
    fn crossing(&mut self, lane: &[f64], mut high: f64) -> f64 {
        let mut low = 0.0;
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            let mut trial = lane.to_vec();
            self.advance(&mut trial, middle, false);
            if trial[self.fired.0 as usize] != 0.0 {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }

    /// Runs the step phase of one cell with another length of the step. What arrived has arrived afterwards.
    fn advance(&mut self, lane: &mut [f64], duration_ms: f64, refractory: bool) {
        if let Some(rule) = &self.refractory {
            lane[rule.flag.0 as usize] = if refractory { 1.0 } else { 0.0 };
        }
        let phase = self.program.phase(PhaseKind::Step);
        phase.evaluate(duration_ms, Draws::default(), lane, &mut self.values);
        for arrivals in &self.arrivals {
            lane[arrivals.0 as usize] = 0.0;
        }
    }
}
