//! Monitors of weights.

use super::WeightRecording;
use crate::index::{ProjectionId, Step};
use crate::plan::{MonitorKind, Plan};

/// Puts the snapshots of domains together.
pub(crate) struct WeightRecorder {
    /// For each monitor, if it takes snapshots.
    orders: Vec<Option<Order>>,
}

/// Where the connections of a projection are: for each, the domain and the position there.
type Order = Vec<(u32, u32)>;

/// Snapshots that are to be taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Snapshots {
    /// Position among the monitors of weights.
    pub(crate) monitor: usize,
    /// What is watched.
    pub(crate) projection: ProjectionId,
    /// Steps between them.
    pub(crate) interval: u64,
}

/// A part of a snapshot.
pub(crate) struct Snapshot {
    pub(crate) monitor: usize,
    pub(crate) step: Step,
    /// In the order of the store of a domain.
    pub(crate) weights: Vec<f64>,
}

impl WeightRecorder {
    /// The recorder, and what it writes.
    pub(crate) fn new(plan: &Plan) -> (WeightRecorder, Vec<WeightRecording>) {
        let (mut orders, mut recordings) = (Vec::new(), Vec::new());
        let wanted = snapshots(plan);
        for monitor in plan.monitors() {
            let MonitorKind::Weights { projection, unit, .. } = monitor.kind() else {
                continue;
            };
            let takes = wanted.iter().any(|snapshots| snapshots.monitor == orders.len());
            orders.push(takes.then(|| plan.plastic_order(*projection)));
            recordings.push(WeightRecording {
                monitor: monitor.name().to_owned(),
                projection: plan.projections()[projection.0 as usize].name().to_owned(),
                id: *projection,
                unit: unit.clone(),
                times_ms: Vec::new(),
                weights: Vec::new(),
            });
        }
        (WeightRecorder { orders }, recordings)
    }

    /// Adds the snapshots of an epoch: a list for each domain, all of the same snapshots in the same order.
    pub(crate) fn add(&self, domains: &[&[Snapshot]], dt_ms: f64, recordings: &mut [WeightRecording]) {
        let first = domains.first().copied().unwrap_or_default();
        for (n, &Snapshot { monitor, step, .. }) in first.iter().enumerate() {
            let Some(order) = &self.orders[monitor] else { continue };
            let recording = &mut recordings[monitor];
            recording.times_ms.push(step.time_ms(dt_ms));
            let weight = |&(domain, position): &(u32, u32)| domains[domain as usize][n].weights[position as usize];
            recording.weights.extend(order.iter().map(weight));
        }
    }
}

/// The snapshots that are to be taken of plastic projections.
pub(crate) fn snapshots(plan: &Plan) -> Vec<Snapshots> {
    let kinds = plan.monitors().iter().map(|monitor| monitor.kind());
    let weights = kinds.filter(|kind| matches!(kind, MonitorKind::Weights { .. }));
    let wanted = weights.enumerate().filter_map(|(monitor, kind)| match *kind {
        MonitorKind::Weights {
            projection,
            interval: Some(interval),
            ..
        } => Some(Snapshots {
            monitor,
            projection,
            interval,
        }),
        _ => None,
    });
    let plastic = |snapshots: &Snapshots| {
        let projection = &plan.projections()[snapshots.projection.0 as usize];
        projection.plasticity().is_some()
    };
    wanted.filter(plastic).collect()
}
