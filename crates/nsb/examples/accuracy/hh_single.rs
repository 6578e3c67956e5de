//! One Hodgkin–Huxley cell under two steps of current, and its true spike times.

use nsb::workloads::hh_truth::STEPS;
use nsb::{Error, Overrides, Project, RunOptions, Source};

/// Simulated time, ms.
pub(crate) const DURATION_MS: f64 = 100.0;

/// The largest spike-time error over both currents, ms; `None` if a spike is missing or one too many is fired.
///
/// # Errors
/// If the step is larger than the method allows.
pub(crate) fn worst_error_ms(method: &str, dt_ms: f64) -> Result<Option<f64>, Error> {
    let mut worst = 0.0_f64;
    for step in &STEPS {
        let (current, truth) = (step.current, step.spike_times_ms);
        let text = format!(
            "duration = \"{DURATION_MS} ms\"\ndt = \"{dt_ms} ms\"\n\
             [populations.cell]\nmodel = \"hodgkin_huxley\"\nsize = 1\nmethod = \"{method}\"\n\
             [stimuli.step]\npopulation = \"cell\"\nkind = \"step\"\namplitude = \"{current} uA/cm^2\"\n\
             start = \"10 ms\"\nstop = \"90 ms\"\n\
             [recordings.spikes]\npopulation = \"cell\"\nkind = \"spikes\"\n"
        );
        let source = Source::new("hh_single", text);
        let project = Project::from_source(&source, "hh_single", None, &Overrides::default())?;
        let run = project.run(&RunOptions::default(), &mut ())?;
        let times_ms = &run.recording.spikes[0].times_ms;
        if times_ms.len() != truth.len() {
            return Ok(None);
        }
        let errors = times_ms.iter().zip(truth).map(|(time, truth)| (time - truth).abs());
        worst = errors.fold(worst, f64::max);
    }
    Ok(Some(worst))
}
