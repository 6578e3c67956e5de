//! The state of one block of cells, and what happens to it in one step.

use nsb_kernels::{Columns, Draws, ExactTiming, Kernel, Lent, Scratch, Simd, Slice, scan};
use nsb_lang::Program;
use nsb_lang::program::{ColumnId, PhaseKind, Role};

use super::clamp::ClampPart;
use super::feed::Feed;
use super::gap::Gap;
use super::gathered::{Detector, Gathered};
use super::noise::NoiseState;
use super::spike::Spike;
use super::voltages::Voltages;
use crate::index::{CellId, PopulationId, Step};
use crate::plan::{MonitorKind, Plan, PlannedBlock};

/// Populations with more receptors keep their arrivals in columns of their own.
const MAX_LENT_RECEPTORS: usize = 16;

/// A population's program at work: specialised, with its columns sorted by what they are for.
pub(crate) struct Machine {
    pub(crate) program: Program,
    kernel: Box<dyn Kernel>,
    simd: Simd,
    /// Whether the kernel is lent what lives for one step only.
    lends: bool,
    pub(crate) states: Vec<ColumnId>,
    /// One for each receptor.
    arrivals: Vec<ColumnId>,
    inputs: Vec<ColumnId>,
    /// Columns that differ between the beginning and the end of a step.
    changing: Vec<ColumnId>,
    firing: Option<Firing>,
}

/// The columns of the threshold detector.
struct Firing {
    fired: ColumnId,
    before: ColumnId,
    after: ColumnId,
}

impl Machine {
    pub(crate) fn new(plan: &Plan, population: PopulationId) -> Machine {
        let planned = &plan.populations()[population.index()];
        let settings = plan.settings();
        let (program, kernel) = settings.executor.prepare(
            planned.program(),
            settings.dt_ms,
            planned.uniform(),
            settings.precision.float(),
            settings.simd,
        );
        let with = |role| program.columns_with(role).collect::<Vec<_>>();
        let first = |role| program.columns_with(role).next();
        let lends = kernel.borrows() && planned.receptors().len() <= MAX_LENT_RECEPTORS && !planned.exact_timing();
        let select = |wanted: &dyn Fn(Role) -> bool| -> Vec<ColumnId> {
            let columns = program.columns().iter().enumerate();
            columns
                .filter(|(_, column)| wanted(column.role))
                .map(|(n, _)| ColumnId(n as u32))
                .collect()
        };
        let firing = first(Role::Fired).map(|fired| Firing {
            fired,
            before: first(Role::CrossingBefore).expect("a program with a threshold has the crossing columns"),
            after: first(Role::CrossingAfter).expect("a program with a threshold has the crossing columns"),
        });
        Machine {
            lends,
            simd: settings.simd,
            kernel,
            states: with(Role::State),
            arrivals: (0..planned.receptors().len() as u32)
                .map(|receptor| first(Role::Arrivals { receptor }).expect("each receptor has arrivals"))
                .collect(),
            inputs: with(Role::Input),
            changing: select(&|role| match role {
                Role::Parameter | Role::Derived => false,
                Role::Arrivals { .. } | Role::Fired | Role::CrossingBefore | Role::CrossingAfter => !lends,
                _ => true,
            }),
            firing,
            program,
        }
    }

    pub(crate) fn scratch(&self) -> Scratch {
        self.kernel.scratch()
    }
}

/// The state of one block of cells.
pub(crate) struct Block {
    /// Position in the plan.
    pub(crate) index: usize,
    pub(crate) population: PopulationId,
    pub(crate) first: u32,
    /// The random numbers of its equations.
    draws: Draws,
    columns: Columns,
    /// The columns as they were at the beginning of a recent epoch.
    kept: Columns,
    kept_at: Option<Step>,
    /// Which arrivals columns are not all 0, in the order of `Machine::arrivals`.
    filled: Vec<bool>,
    currents: Vec<Current>,
    clamps: Vec<ClampPart>,
    /// Steps at which a stimulus is switched on or off.
    switches: Vec<Step>,
    feeds: Vec<Feed>,
    gap: Option<Gap>,
    timing: Option<ExactTiming>,
    taps: Vec<Tap>,
}

/// The part of a stimulus that belongs to a block.
struct Current {
    stimulus: usize,
    column: ColumnId,
    amplitude: f64,
    cells: Vec<u32>,
    noise: Option<NoiseState>,
}

/// The part of a monitor of variables that belongs to a block.
struct Tap {
    cells: Vec<u32>,
    columns: Vec<ColumnId>,
    interval: u64,
    derived: bool,
}

/// The first state of a block that is not finite.
pub(crate) struct Failure {
    /// End of the step in which it happened.
    pub(crate) at: Step,
    /// Position in the block.
    pub(crate) cell: usize,
    pub(crate) variable: ColumnId,
    pub(crate) value: f64,
    /// The states of the cell one step earlier; empty if the initial state is not finite.
    pub(crate) last_good: Vec<f64>,
}

impl Block {
    /// The cells at time 0: parameters set, initial states computed, stimuli that begin at 0 switched on.
    pub(crate) fn new(plan: &Plan, index: usize, machine: &Machine, scratch: &mut Scratch) -> Block {
        let planned = &plan.blocks()[index];
        let mut columns = Columns::new(machine.program.columns().len(), planned.len as usize);
        set_parameters(plan, planned, &mut columns);
        let draws = Draws {
            seed: plan.settings().seed,
            population: planned.population.index() as u32,
            first_cell: planned.first,
            step: Draws::INITIAL,
        };
        machine.kernel.run(PhaseKind::Init, &mut columns, draws, scratch);
        let columns = columns.rounded_to(plan.settings().precision.float());
        let currents = currents(plan, planned);
        let clamps = ClampPart::of_block(plan, planned);
        let stimuli = || currents.iter().map(|current| &plan.stimuli()[current.stimulus]);
        let mut switches: Vec<Step> = stimuli()
            .map(|s| s.start())
            .chain(stimuli().filter_map(|s| s.stop()))
            .chain(clamps.iter().flat_map(|clamp| clamp.switches(plan)))
            .collect();
        switches.sort_unstable();
        switches.dedup();
        let population = &plan.populations()[planned.population.index()];
        let timing = population.exact_timing().then(|| {
            let (program, dt_ms) = (population.program(), plan.settings().dt_ms);
            ExactTiming::new(program, dt_ms, population.uniform(), planned.len as usize)
        });
        let mut block = Block {
            index,
            population: planned.population,
            first: planned.first,
            draws,
            kept: columns.clone(),
            kept_at: None,
            columns,
            filled: vec![false; machine.arrivals.len()],
            currents,
            clamps,
            switches,
            feeds: Feed::of_block(plan, planned),
            gap: plan.populations()[planned.population.index()]
                .coupling()
                .map(|coupling| Gap::new(coupling, &planned.half_junctions, planned.len as usize)),
            timing: timing.flatten(),
            taps: taps(plan, planned),
        };
        block.refresh_inputs(plan, machine, Step(0));
        block
    }

    /// Remembers the present state, unless a remembered one is younger than `interval` steps.
    pub(crate) fn keep(&mut self, machine: &Machine, now: Step, interval: u64) {
        if self.kept_at.is_none_or(|kept| now.0 - kept.0 >= interval) {
            copy(&machine.changing, &self.columns, &mut self.kept);
            self.noises().for_each(NoiseState::keep);
            self.timing.iter_mut().for_each(ExactTiming::keep);
            self.kept_at = Some(now);
        }
    }

    /// Goes back to the remembered state. Everything that a step reads is a function of that state and of spikes that
    /// are still known, so going on from there gives the same numbers again.
    pub(crate) fn restore(&mut self, machine: &Machine) {
        copy(&machine.changing, &self.kept, &mut self.columns);
        self.noises().for_each(NoiseState::restore);
        self.timing.iter_mut().for_each(ExactTiming::restore);
        self.filled.fill(true);
    }

    /// Goes through a step: what arrives, integration, threshold, reset. Leaves what arrived empty, and appends the
    /// spikes, cells ascending.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn step(
        &mut self,
        plan: &Plan,
        machine: &Machine,
        step: Step,
        gathered: &mut Gathered,
        voltages: &Voltages,
        (scratch, detector): (&mut Scratch, &mut Detector),
        spikes: &mut Vec<Spike>,
    ) {
        self.draws.step = step.0;
        if machine.lends {
            self.step_with_lent_columns(plan, machine, step, gathered, voltages, detector);
            let Detector {
                cells, before, after, ..
            } = detector;
            let distances = (before.as_slice(), after.as_slice());
            self.push_spikes(step, plan.settings().dt_ms, cells, distances, spikes);
            return;
        }
        self.receive(plan, machine, gathered);
        self.feed(plan, machine, step);
        self.integrate(machine, voltages, scratch);
        let dt_ms = plan.settings().dt_ms;
        if let Some(timing) = &self.timing {
            spikes.extend(
                timing
                    .spikes()
                    .iter()
                    .map(|&(cell, at)| self.spike(step, dt_ms, cell, at)),
            );
        } else if let Some(firing) = &machine.firing {
            detector.cells.clear();
            let columns = &self.columns;
            scan::nonzero(columns.numbers(firing.fired), machine.simd, &mut detector.cells);
            let distances = (columns.numbers(firing.before), columns.numbers(firing.after));
            self.push_spikes(step, dt_ms, &detector.cells, distances, spikes);
        }
    }

    /// Arrivals are read where they were summed up, and what the detector says stays in the cache.
    fn step_with_lent_columns(
        &mut self,
        plan: &Plan,
        machine: &Machine,
        step: Step,
        gathered: &mut Gathered,
        voltages: &Voltages,
        detector: &mut Detector,
    ) {
        let (len, slots) = (self.columns.len(), &plan.blocks()[self.index].slots);
        let mut any = !gathered.is_empty && !gathered.is_sparse;
        for feed in &mut self.feeds {
            let column = feed.arrivals(plan);
            let receptor = machine.arrivals.iter().position(|&arrivals| arrivals == column);
            let slot = slots[receptor.expect("a source feeds a receptor")];
            any |= feed.add(plan, step, self.first, gathered.of_mut(slot, len));
        }
        if let Some(gap) = &mut self.gap {
            gap.couple(voltages, &mut self.columns);
        }
        detector.resize(len);
        let mut arrivals = [Slice::Double(&[]); MAX_LENT_RECEPTORS];
        for (arrivals, &slot) in arrivals.iter_mut().zip(slots) {
            *arrivals = gathered.padded(slot, len);
        }
        let mut lent = Lent {
            arrivals: &arrivals[..slots.len()],
            fired: detector.fired.as_mut_slice(),
            before: detector.before.as_mut_slice(),
            after: detector.after.as_mut_slice(),
        };
        machine.kernel.step(&mut self.columns, &mut lent, self.draws);
        if let Some(gap) = &self.gap {
            gap.uncouple(&mut self.columns);
        }
        if any {
            slots.iter().for_each(|&slot| gathered.of_mut(slot, len).fill(0.0));
        }
        detector.cells.clear();
        if machine.firing.is_some() {
            let fired = detector.fired.as_slice().part(0..len);
            scan::nonzero(fired, machine.simd, &mut detector.cells);
        }
    }

    /// Takes what arrives at the beginning of a step from the slots of its receptors, which it leaves empty.
    fn receive(&mut self, plan: &Plan, machine: &Machine, gathered: &mut Gathered) {
        let slots = &plan.blocks()[self.index].slots;
        for ((&column, filled), &slot) in machine.arrivals.iter().zip(&mut self.filled).zip(slots) {
            let len = self.columns.len();
            let mut column = self.columns.numbers_mut(column);
            if !gathered.is_empty {
                column.copy_from(gathered.of(slot, len));
                if !gathered.is_sparse {
                    gathered.of_mut(slot, len).fill(0.0);
                }
                *filled = true;
            } else if std::mem::take(filled) {
                column.fill(0.0);
            }
        }
    }

    /// Adds the spikes of sources that come at the beginning of a step.
    fn feed(&mut self, plan: &Plan, machine: &Machine, step: Step) {
        for feed in &mut self.feeds {
            let column = feed.arrivals(plan);
            if feed.add(plan, step, self.first, self.columns.numbers_mut(column)) {
                for (&arrivals, filled) in machine.arrivals.iter().zip(&mut self.filled) {
                    *filled |= arrivals == column;
                }
            }
        }
    }

    fn noises(&mut self) -> impl Iterator<Item = &mut NoiseState> {
        let currents = self.currents.iter_mut().filter_map(|current| current.noise.as_mut());
        currents.chain(self.clamps.iter_mut().filter_map(ClampPart::noise))
    }

    /// Advances all cells by one step: integration, threshold, reset.
    fn integrate(&mut self, machine: &Machine, voltages: &Voltages, scratch: &mut Scratch) {
        if let Some(gap) = &mut self.gap {
            gap.couple(voltages, &mut self.columns);
        }
        if let Some(timing) = &mut self.timing {
            timing.before_step(&mut self.columns);
        }
        machine
            .kernel
            .run(PhaseKind::Step, &mut self.columns, self.draws, scratch);
        if let Some(timing) = &mut self.timing {
            timing.after_step(&mut self.columns);
        }
        if let Some(gap) = &self.gap {
            gap.uncouple(&mut self.columns);
        }
    }

    /// A column as it is now.
    pub(super) fn column(&self, column: ColumnId) -> Slice<'_> {
        self.columns.numbers(column)
    }

    /// The potentials of its cells, if they have gap junctions.
    pub(crate) fn voltages(&self, plan: &Plan) -> Option<Slice<'_>> {
        let coupling = plan.populations()[self.population.index()].coupling()?;
        Some(self.columns.numbers(coupling.voltage))
    }

    /// Appends the spikes of the cells that have fired, whose distances to the threshold are given before and after.
    fn push_spikes(
        &self,
        step: Step,
        dt_ms: f64,
        cells: &[u32],
        (before, after): (Slice<'_>, Slice<'_>),
        spikes: &mut Vec<Spike>,
    ) {
        spikes.extend(cells.iter().map(|&cell| {
            let at = crossing(before.get(cell as usize), after.get(cell as usize));
            self.spike(step, dt_ms, cell, at)
        }));
    }

    /// The spike of a cell that fired at a fraction of a step.
    fn spike(&self, step: Step, dt_ms: f64, cell: u32, fraction: f64) -> Spike {
        Spike {
            step: step.after(1),
            population: self.population,
            cell: CellId(self.first + cell),
            time_ms: step.time_ms(dt_ms) + dt_ms * fraction,
        }
    }

    /// Writes the inputs of a step, if a stimulus is switched at its beginning or varies.
    pub(crate) fn refresh_inputs(&mut self, plan: &Plan, machine: &Machine, step: Step) {
        let is_on = |current: &Current| plan.stimuli()[current.stimulus].is_on(step);
        let varies = |current: &Current| plan.stimuli()[current.stimulus].is_varying() && is_on(current);
        let any_varies = self.currents.iter().any(varies) || self.clamps.iter().any(|clamp| clamp.varies(plan, step));
        if self.switches.binary_search(&step).is_err() && !any_varies {
            return;
        }
        for &input in &machine.inputs {
            self.columns.numbers_mut(input).fill(0.0);
        }
        for current in self.currents.iter_mut().filter(|current| is_on(current)) {
            let stimulus = &plan.stimuli()[current.stimulus];
            let mut column = self.columns.numbers_mut(current.column);
            if let Some(noise) = &mut current.noise {
                let entity = (current.stimulus as u32, self.first);
                noise.advance(plan.settings().seed, entity, &current.cells, step, stimulus.start());
                for (&cell, value) in current.cells.iter().zip(noise.values()) {
                    column.add(cell as usize, value);
                }
                continue;
            }
            if let Some(signal) = stimulus.signal().filter(|signal| signal.has_frames()) {
                if let Some((level, frame)) = signal.frame(step) {
                    for &cell in &current.cells {
                        column.add(cell as usize, level * f64::from(frame[(self.first + cell) as usize]));
                    }
                }
                continue;
            }
            let amplitude = stimulus.signal().map_or(current.amplitude, |signal| signal.at(step));
            for &cell in &current.cells {
                column.add(cell as usize, amplitude);
            }
        }
        for clamp in &mut self.clamps {
            clamp.hold(plan, &mut self.columns, self.first, step);
        }
    }

    /// Appends, tap by tap, the variables of the cells that are sampled at a grid point.
    pub(crate) fn sample(&mut self, machine: &Machine, now: Step, scratch: &mut Scratch, samples: &mut [Vec<f64>]) {
        let is_due = |tap: &Tap| now.0.is_multiple_of(tap.interval);
        if self.taps.iter().any(|tap| tap.derived && is_due(tap)) {
            machine
                .kernel
                .run(PhaseKind::Derive, &mut self.columns, self.draws, scratch);
        }
        for (tap, samples) in self.taps.iter().zip(samples).filter(|(tap, _)| is_due(tap)) {
            for &column in &tap.columns {
                let column = self.columns.numbers(column);
                samples.extend(tap.cells.iter().map(|&cell| column.get(cell as usize)));
            }
        }
    }

    /// Number of monitors of variables that watch cells of this block.
    pub(crate) fn n_taps(&self) -> usize {
        self.taps.len()
    }

    /// Whether all states are finite.
    pub(crate) fn is_finite(&self, machine: &Machine) -> bool {
        let mut states = machine.states.iter();
        states.all(|&state| scan::all_finite(self.columns.numbers(state), machine.simd))
    }

    /// The first cell with a state that is not finite, as of grid point `at`.
    pub(crate) fn failure(&self, machine: &Machine, at: Step) -> Option<Failure> {
        let first_of = |&variable: &ColumnId| {
            let mut column = self.columns.numbers(variable).iter();
            column.position(|x| !x.is_finite()).map(|cell| (cell, variable))
        };
        // Of states that fail together, the first of the model.
        let (cell, variable) = machine
            .states
            .iter()
            .filter_map(first_of)
            .min_by_key(|(cell, _)| *cell)?;
        let value = self.columns.numbers(variable).get(cell);
        Some(Failure {
            at,
            cell,
            variable,
            value,
            last_good: Vec::new(),
        })
    }

    /// All states of all cells, state by state.
    pub(crate) fn states(&self, machine: &Machine) -> Vec<Vec<f64>> {
        machine
            .states
            .iter()
            .map(|&state| self.columns.numbers(state).iter().collect())
            .collect()
    }

    /// The time of the remembered state.
    pub(crate) fn kept_at(&self) -> Step {
        self.kept_at.expect("a state is kept at the beginning of each epoch")
    }
}

/// Where in its step the distance to the threshold, taken as linear, crosses 0: from 0 to 1.
fn crossing(before: f64, after: f64) -> f64 {
    if before >= 0.0 {
        return 0.0;
    }
    let fraction = before / (before - after);
    // Not finite only if a state is not; then the run ends here and the time does not matter.
    if fraction.is_finite() {
        fraction.clamp(0.0, 1.0)
    } else {
        1.0
    }
}

fn copy(columns: &[ColumnId], from: &Columns, to: &mut Columns) {
    for &column in columns {
        to.numbers_mut(column).copy_from(from.numbers(column));
    }
}

fn set_parameters(plan: &Plan, planned: &PlannedBlock, columns: &mut Columns) {
    let population = &plan.populations()[planned.population.index()];
    for &(parameter, value) in population.uniform() {
        columns.fill(parameter, value);
    }
    for (parameter, values) in population.per_cell() {
        let values = &values[planned.first as usize..][..planned.len as usize];
        // Padding lanes compute with the first cell's number, which is as good as any.
        columns.fill(*parameter, values[0]);
        columns.column_mut(*parameter).copy_from_slice(values);
    }
}

fn currents(plan: &Plan, planned: &PlannedBlock) -> Vec<Current> {
    let stimuli = plan
        .stimuli()
        .iter()
        .enumerate()
        .filter(|(_, s)| s.population() == planned.population);
    let current = |(stimulus, s): (usize, &crate::plan::PlannedStimulus)| {
        let (column, amplitude, cells) = (s.column(), s.amplitude().engine(), positions(planned, s.cells()));
        let noise = s.signal().and_then(|signal| signal.noise());
        Current {
            noise: noise.map(|noise| NoiseState::new(noise, cells.len())),
            stimulus,
            column,
            amplitude,
            cells,
        }
    };
    stimuli
        .map(current)
        .filter(|current| !current.cells.is_empty())
        .collect()
}

fn taps(plan: &Plan, planned: &PlannedBlock) -> Vec<Tap> {
    let monitors = plan
        .monitors()
        .iter()
        .filter(|monitor| monitor.population() == planned.population);
    let tap = |monitor: &crate::plan::PlannedMonitor| match monitor.kind() {
        MonitorKind::Spikes | MonitorKind::Rate { .. } | MonitorKind::Weights { .. } => None,
        MonitorKind::Variables { variables, interval } => Some(Tap {
            cells: positions(planned, monitor.cells()),
            columns: variables.iter().map(|variable| variable.column).collect(),
            interval: *interval,
            derived: variables.iter().any(|variable| variable.derived),
        }),
    };
    monitors.filter_map(tap).filter(|tap| !tap.cells.is_empty()).collect()
}

/// Those of the (ascending) cells of a population that lie in a block, as positions in it.
pub(super) fn positions(planned: &PlannedBlock, cells: &[u32]) -> Vec<u32> {
    let begin = cells.partition_point(|&cell| cell < planned.first);
    let end = cells.partition_point(|&cell| cell < planned.first + planned.len);
    cells[begin..end].iter().map(|cell| cell - planned.first).collect()
}

#[cfg(test)]
mod tests {
    use super::crossing;

    #[test]
    fn the_crossing_is_interpolated_linearly_and_stays_in_its_step() {
        assert_eq!(crossing(-3.0, 1.0), 0.75);
        assert_eq!(crossing(-3.0, 0.0), 1.0);
        assert_eq!(crossing(0.0, 2.0), 0.0);
        assert_eq!(crossing(1.0, 2.0), 0.0);
        assert_eq!(crossing(-1.0, -0.5), 1.0);
        assert_eq!(crossing(-1.0, f64::NAN), 1.0);
    }
}
