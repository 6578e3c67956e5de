//! Weights that change: within which bounds, and what they have done in a run where that is probably not meant.

use nsb_engine::{Plan, ProjectionId, Simulation};
use nsb_lang::Diagnostic;

use crate::project::Project;

/// For each projection whose rules change weights the smallest and the largest size of a weight, engine units.
pub(crate) fn bounds(plan: &Plan) -> Vec<Option<(f64, f64)>> {
    let plasticity = plan.projections().iter().map(|projection| projection.plasticity());
    let bounds = plasticity.map(|rules| {
        rules
            .filter(|rules| rules.changes_weights())
            .map(|rules| rules.bounds())
    });
    bounds.collect()
}

/// Warnings about weights that moved in one direction only, or mostly ended at a bound.
pub(crate) fn warnings(project: &Project, simulation: &mut Simulation) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for (number, projection) in project.network.projections.iter().enumerate() {
        let id = ProjectionId(number as u32);
        let Some(changes) = simulation.weight_changes(id) else {
            continue;
        };
        let path = format!("projections.{}.plasticity", projection.name);
        if changes.rose != changes.fell {
            let way = if changes.rose {
                "risen, never fallen"
            } else {
                "fallen, never risen"
            };
            let message = format!("the weights of `{}` have only {way}", projection.name);
            let hint = "a rule needs both, else what it learns is how long it runs: compare its two strengths";
            warnings.push(project.warning("W0504", &path, message, hint));
        }
        let mut n_synapses = 0_u64;
        simulation.connections(id, &mut |_| n_synapses += 1);
        for (at_bound, bound) in [(changes.at_lower_bound, "lower"), (changes.at_upper_bound, "upper")] {
            if (changes.rose || changes.fell) && 2 * at_bound > n_synapses {
                let message = format!(
                    "{at_bound} of {n_synapses} weights of `{}` are at their {bound} bound",
                    projection.name
                );
                let hint = "if that is not meant, balance potentiation and depression, or move the bound";
                warnings.push(project.warning("W0505", &path, message, hint));
            }
        }
    }
    warnings
}
