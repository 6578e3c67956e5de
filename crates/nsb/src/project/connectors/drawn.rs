//! What the rules share that draw a fixed number of connections.

use super::count;
use crate::project::schema::{Findings, Section};

/// A number of connections, and which pairs may be drawn.
pub(super) struct Drawn {
    pub(super) number: usize,
    pub(super) multapses: bool,
    pub(super) self_connections: bool,
}

impl Drawn {
    /// Reads the number under `key`; `multapses` and `self_connections` are false if they are left out.
    pub(super) fn read(section: &Section<'_>, key: &str, example: &str, findings: &mut Findings) -> Option<Drawn> {
        let (multapses, self_connections) = (
            section.flag("multapses", false, findings),
            section.flag("self_connections", false, findings),
        );
        Some(Drawn {
            number: count(section, key, example, findings)?,
            multapses,
            self_connections,
        })
    }
}
