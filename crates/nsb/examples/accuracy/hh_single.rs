//! One Hodgkin–Huxley cell under two steps of current, and its true spike times.

use nsb::{Error, Overrides, Project, RunOptions, Source};

/// Simulated time, ms.
pub(crate) const DURATION_MS: f64 = 100.0;

/// The current, µA/cm², on from 10 to 90 ms, and the upward crossings of 0 mV, ms.
///
/// SciPy `solve_ivp`, LSODA, rtol 1e-10, atol 1e-12, at most 0.25 ms a step; Radau at the same tolerances differs by less
/// than 2e-7 ms. The cell starts at −65 mV with its gates at their steady state for that potential.
pub(crate) const TRUTH: [(f64, &[f64]); 2] = [
    (
        20.0,
        &[
            11.2708346807711,
            23.332994291007626,
            34.93151347699069,
            46.49992651405795,
            58.06503365771187,
            69.62977631515285,
            81.19447876925405,
        ],
    ),
    (
        10.0,
        &[
            11.901339863913478,
            26.822757194710675,
            41.4719933899412,
            56.109167709892695,
            70.7454490952372,
            85.38166435185802,
        ],
    ),
];

/// The largest spike-time error over both currents, ms; `None` if a spike is missing or one too many is fired.
///
/// # Errors
/// If the step is larger than the method allows.
pub(crate) fn worst_error_ms(method: &str, dt_ms: f64) -> Result<Option<f64>, Error> {
    let mut worst = 0.0_f64;
    for (current, truth) in TRUTH {
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
