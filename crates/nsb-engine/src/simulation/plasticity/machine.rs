//! The programs of a rule at work: specialised, with the columns that each reads and writes. All domains share them.

use nsb_kernels::{Kernel, Scratch};
use nsb_lang::program::{ColumnId, Op, PhaseKind, Role};
use nsb_lang::rule::{Event, Rule, Transmits};
use nsb_lang::{Float, Program};

use crate::index::ProjectionId;
use crate::plan::{Plan, PlannedRule};

/// What learns is kept in 64 bits in every precision: many small changes must add up.
const KEPT: Float = Float::Double;

/// The rules of a projection at work.
pub(crate) struct PlasticMachine {
    pub(in crate::simulation) rules: Vec<RuleMachine>,
}

impl PlasticMachine {
    /// For each plastic projection, in the order of the network.
    pub(crate) fn all(plan: &Plan) -> Vec<PlasticMachine> {
        let plastic = plan
            .projections()
            .iter()
            .filter_map(|projection| projection.plasticity());
        let machine = |rules: &[PlannedRule]| PlasticMachine {
            rules: rules.iter().map(|rule| RuleMachine::new(plan, rule)).collect(),
        };
        plastic.map(|plasticity| machine(plasticity.rules())).collect()
    }
}

/// The projections that have machines, in the same order.
pub(crate) fn projections(plan: &Plan) -> Vec<ProjectionId> {
    let numbered = (0u32..).zip(plan.projections());
    let plastic = numbered.filter(|(_, projection)| projection.plasticity().is_some());
    plastic.map(|(n, _)| ProjectionId(n)).collect()
}

/// A rule at work.
pub(in crate::simulation) struct RuleMachine {
    /// By the number of the event.
    stages: Vec<Option<Stage>>,
    pub(super) targets: Option<TargetMachine>,
    pub(super) transmits: Transmits,
    pub(super) layout: Layout,
    pub(super) update_steps: u64,
}

/// Where the columns of a workbench are.
pub(super) struct Layout {
    pub(super) synapse: Vec<ColumnId>,
    pub(super) source: Vec<ColumnId>,
    pub(super) target: Vec<ColumnId>,
    pub(super) reads: Vec<ColumnId>,
    pub(super) elapsed: ColumnId,
    pub(super) interval: ColumnId,
    pub(super) reward: ColumnId,
    pub(super) transmitted: ColumnId,
    pub(super) holds: ColumnId,
    pub(super) count: usize,
}

/// What happens at an event.
pub(super) struct Stage {
    pub(super) event: Event,
    pub(super) kernel: Box<dyn Kernel>,
    /// For each column, whether it is read.
    reads: Vec<bool>,
    /// For each column, whether it is written.
    writes: Vec<bool>,
}

impl Stage {
    pub(super) fn reads(&self, column: ColumnId) -> bool {
        self.reads[column.0 as usize]
    }

    pub(super) fn writes(&self, column: ColumnId) -> bool {
        self.writes[column.0 as usize]
    }
}

/// The variables of target cells at work.
pub(super) struct TargetMachine {
    pub(super) program: Program,
    pub(super) kernel: Box<dyn Kernel>,
    pub(super) states: Vec<ColumnId>,
    pub(super) inputs: Vec<ColumnId>,
}

impl RuleMachine {
    fn new(plan: &Plan, planned: &PlannedRule) -> RuleMachine {
        let (rule, settings) = (planned.rule(), plan.settings());
        let uniform = planned.uniform();
        let stage = |event| {
            let program = rule.program(event)?;
            let (dt_ms, simd) = (settings.dt_ms, settings.simd);
            let (program, kernel) = settings.executor.prepare(program, dt_ms, &uniform, KEPT, simd);
            let n = program.columns().len();
            let (mut reads, mut writes) = (vec![false; n], vec![false; n]);
            let phase = program.phase(PhaseKind::Step);
            for op in &phase.ops {
                if let Op::Load(column) = op {
                    reads[column.0 as usize] = true;
                }
            }
            phase
                .stores
                .iter()
                .for_each(|(column, _)| writes[column.0 as usize] = true);
            Some(Stage {
                event,
                kernel,
                reads,
                writes,
            })
        };
        let targets = rule.targets().map(|program| {
            let uniform = planned.target_uniform(program);
            let (program, kernel) = settings
                .executor
                .prepare(program, settings.dt_ms, &uniform, KEPT, settings.simd);
            let with = |role| program.columns_with(role).collect();
            TargetMachine {
                states: with(Role::State),
                inputs: with(Role::Input),
                kernel,
                program,
            }
        });
        RuleMachine {
            stages: Event::ALL.iter().map(|&event| stage(event)).collect(),
            targets,
            transmits: rule.transmits(),
            layout: Layout::new(rule),
            update_steps: planned.update_steps(),
        }
    }

    /// Working memory for each event.
    pub(super) fn scratch(&self) -> Vec<Option<Scratch>> {
        let of = |stage: &Option<Stage>| stage.as_ref().map(|stage| stage.kernel.scratch());
        self.stages.iter().map(of).collect()
    }

    pub(super) fn stage(&self, event: Event) -> Option<&Stage> {
        self.stages[event as usize].as_ref()
    }
}

impl Layout {
    fn new(rule: &Rule) -> Layout {
        let bench = rule.workbench();
        Layout {
            synapse: (0..rule.synapse().len()).map(|n| bench.synapse(n)).collect(),
            source: (0..rule.source().len()).map(|n| bench.source(n)).collect(),
            target: (0..rule.target().len()).map(|n| bench.target(n)).collect(),
            reads: (0..rule.reads().len()).map(|n| bench.read(n)).collect(),
            elapsed: bench.elapsed(),
            interval: bench.interval(),
            reward: bench.reward(),
            transmitted: bench.transmitted(),
            holds: bench.holds(),
            count: bench.count(),
        }
    }

    /// The size of a synapse's weight.
    pub(super) fn weight(&self) -> ColumnId {
        self.synapse[0]
    }
}
