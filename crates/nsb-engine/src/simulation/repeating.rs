//! A repeating pattern in wandering rates, step by step.
//!
//! What is drawn depends on the seed, the source, the cell and the step alone. What holds for a while, the levels of
//! rates and the spikes of the pattern as it comes next, is made when it is first needed and kept meanwhile; a block
//! makes it for its own cells.

use nsb_kernels::Real;

use crate::index::Step;
use crate::network::repeating_pattern::{BACKGROUND, JITTER, LEVELS, PATTERN, PATTERN_LEVELS, SHUFFLE};
use crate::plan::PlannedRepeating;
use crate::random::{Purpose, Stream};

/// Bits of the number of a cell in the index of a draw.
const CELL_BITS: u32 = 23;
/// A draw is a whole number below this.
const RANGE: u32 = 1 << 31;

/// What a block keeps of a repeating pattern.
#[derive(Default)]
pub(super) struct Repeating {
    /// The number of the level that comes next, and of each cell of the block the level before and this one, 1/ms.
    levels: Option<(u64, Vec<(f64, f64)>)>,
    /// The spikes of the pattern.
    pattern: Option<Vec<(u32, u32)>>,
    shown: Option<Shown>,
    draws: Vec<u32>,
}

/// The pattern as it comes in a period.
struct Shown {
    period: u64,
    begin: u64,
    /// Whether each cell of the block belongs to it.
    is_member: Vec<bool>,
    /// (step after the beginning, position in the block), ascending.
    spikes: Vec<(u32, u32)>,
}

impl Repeating {
    /// Adds what comes at a step to the arrivals of the block that begins at cell `first`.
    pub(super) fn add<R: Real>(
        &mut self,
        planned: &PlannedRepeating,
        (seed, source): (u64, u32),
        step: Step,
        first: u32,
        (weight, arrivals): (R, &mut [R]),
    ) {
        let stream = Stream::new(seed, source, Purpose::Spikes);
        let n_cells = arrivals.len();
        self.prepare(planned, (stream, seed, source), step, (first, n_cells));
        let (Some((_, levels)), Some(shown)) = (&self.levels, &self.shown) else {
            return;
        };
        let since = step.0.wrapping_sub(shown.begin);
        let is_shown = step.0 >= shown.begin && since < planned.pattern_steps;
        let part = (step.0 % planned.change_steps) as f64 / planned.change_steps as f64;
        self.draws.resize(n_cells, 0);
        let background = stream.attempt(BACKGROUND);
        background.all_below(step.0 << CELL_BITS | u64::from(first), RANGE, &mut self.draws);
        let scale = f64::from(RANGE) * planned.dt_ms;
        let lanes = arrivals.iter_mut().zip(&self.draws).zip(levels).zip(&shown.is_member);
        for (((arrival, draw), (from, to)), is_member) in lanes {
            let wandering = if is_shown && *is_member {
                0.0
            } else {
                from + (to - from) * part
            };
            if f64::from(*draw) < (wandering + planned.noise) * scale {
                *arrival += weight;
            }
        }
        if is_shown {
            let begin = shown.spikes.partition_point(|(at, _)| u64::from(*at) < since);
            let due = shown.spikes[begin..]
                .iter()
                .take_while(|(at, _)| u64::from(*at) == since);
            due.for_each(|(_, cell)| arrivals[*cell as usize] += weight);
        }
    }

    fn prepare(
        &mut self,
        planned: &PlannedRepeating,
        (stream, seed, source): (Stream, u64, u32),
        step: Step,
        (first, n_cells): (u32, usize),
    ) {
        let number = step.0 / planned.change_steps;
        if self.levels.as_ref().is_none_or(|(at, _)| *at != number) {
            let level = |cell: u32, number: u64| planned.level(stream.attempt(LEVELS), cell, number);
            let cells = (0..n_cells as u32).map(|n| first + n);
            let levels = cells.map(|cell| (level(cell, number), level(cell, number + 1)));
            self.levels = Some((number, levels.collect()));
        }
        let period = step.0 / planned.period_steps;
        if self.shown.as_ref().is_none_or(|shown| shown.period != period) {
            let pattern = self.pattern.get_or_insert_with(|| planned.pattern(stream));
            self.shown = Some(shown(
                planned,
                pattern,
                (stream, seed, source),
                period,
                (first, n_cells),
            ));
        }
    }
}

/// The pattern as it comes in a period, of the cells of a block.
fn shown(
    planned: &PlannedRepeating,
    pattern: &[(u32, u32)],
    (stream, seed, source): (Stream, u64, u32),
    period: u64,
    (first, n_cells): (u32, usize),
) -> Shown {
    let lengths = (planned.pattern_steps, planned.period_steps);
    let offset = planned.described.offset(period, lengths, source, seed);
    let place = |cell: u32| {
        let cell = if planned.described.shuffled {
            planned.shuffled(stream, period, cell)
        } else {
            cell
        };
        cell.checked_sub(first).filter(|n| (*n as usize) < n_cells)
    };
    let mut is_member = vec![false; n_cells];
    for position in planned.cells.iter().filter_map(|&cell| place(cell)) {
        is_member[position as usize] = true;
    }
    let mut spikes = Vec::new();
    let jitter = stream.attempt(JITTER);
    for (n, &(at, cell)) in pattern.iter().enumerate() {
        let Some(position) = place(cell) else { continue };
        let moved = if planned.jitter_steps > 0.0 {
            planned.jitter_steps * jitter.normal(period << 32 | n as u64)
        } else {
            0.0
        };
        let at = (f64::from(at) + moved)
            .round()
            .clamp(0.0, (planned.pattern_steps - 1) as f64);
        spikes.push((at as u32, position));
    }
    spikes.sort_unstable();
    // Two spikes of a cell in a step are one.
    spikes.dedup();
    Shown {
        period,
        begin: period * planned.period_steps + offset,
        is_member,
        spikes,
    }
}

impl PlannedRepeating {
    /// The rate of a cell at the beginning of its n-th change, 1/ms.
    fn level(&self, stream: Stream, cell: u32, n: u64) -> f64 {
        self.low + (self.high - self.low) * stream.uniform(n << CELL_BITS | u64::from(cell))
    }

    /// The spikes of the pattern: (step, cell).
    fn pattern(&self, stream: Stream) -> Vec<(u32, u32)> {
        let (draws, levels) = (stream.attempt(PATTERN), stream.attempt(PATTERN_LEVELS));
        let mut spikes = Vec::new();
        for step in 0..self.pattern_steps {
            let (number, part) = (step / self.change_steps, step % self.change_steps);
            let part = part as f64 / self.change_steps as f64;
            for &cell in &self.cells {
                let (from, to) = (self.level(levels, cell, number), self.level(levels, cell, number + 1));
                let rate = from + (to - from) * part;
                if draws.uniform(step << CELL_BITS | u64::from(cell)) < rate * self.dt_ms {
                    spikes.push((step as u32, cell));
                }
            }
        }
        spikes
    }

    /// The cell that takes the place of another in a period: one for one, by a multiplication that can be undone.
    fn shuffled(&self, stream: Stream, period: u64, cell: u32) -> u32 {
        let n = self.n_cells as u64;
        let draws = stream.attempt(SHUFFLE);
        let begin = draws.below(period << 8, n);
        let mut factor = draws.below(period << 8 | 1, n);
        while gcd(factor, n) != 1 {
            factor = (factor + 1) % n;
        }
        ((u64::from(cell) * factor + begin) % n) as u32
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
