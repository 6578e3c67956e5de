//! The reference networks and the rates that they must reach; shared with the tests.

use std::path::Path;

use nsb::{Overrides, Project, RunOptions};

/// A network with the range in which its mean rate must lie, averaged over seeds.
pub(crate) struct Reference {
    /// Its file in `examples/`, without `.toml`.
    pub(crate) name: &'static str,
    /// Hz.
    pub(crate) range_hz: (f64, f64),
}

/// Brette et al. (2007), benchmarks 1 to 3. The ranges are those in which other simulators lie, each with its own random
/// numbers.
pub(crate) const REFERENCES: [Reference; 3] = [
    Reference {
        name: "coba",
        range_hz: (18.0, 22.0),
    },
    Reference {
        name: "cuba",
        range_hz: (5.3, 6.0),
    },
    Reference {
        name: "cobahh",
        range_hz: (32.0, 46.0),
    },
];

impl Reference {
    /// Spikes per cell and second over the whole run.
    pub(crate) fn mean_rate_hz(&self, seed: u64) -> Result<f64, nsb::Error> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../examples/{}.toml", self.name));
        let overrides = Overrides {
            seed: Some(seed),
            ..Overrides::default()
        };
        let project = Project::open(&path.to_string_lossy(), &overrides)?;
        Ok(project.run(&RunOptions::default(), &mut ())?.summary.mean_rate_hz)
    }

    /// Whether a mean over seeds is right.
    pub(crate) fn holds(&self, mean_hz: f64) -> bool {
        (self.range_hz.0..=self.range_hz.1).contains(&mean_hz)
    }
}
