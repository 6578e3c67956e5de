//! `rule = "ring"`.

use nsb_engine::network::Connector;

use super::{Ends, Reader, count};
use crate::project::schema::{Findings, Section};

pub(super) const READER: Reader = Reader {
    rule: "ring",
    keys: &["neighbours", "periodic"],
    read,
};

fn read(section: &Section<'_>, _ends: &Ends<'_>, findings: &mut Findings) -> Option<Connector> {
    let periodic = section.flag("periodic", true, findings);
    Some(Connector::Ring {
        neighbours: count(section, "neighbours", "2", findings)?,
        periodic,
    })
}
