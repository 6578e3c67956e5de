//! `rule = "small_world"`.

use nsb_engine::network::Connector;

use super::{Ends, Reader, count, probability};
use crate::project::schema::{Findings, Section};

pub(super) const READER: Reader = Reader {
    rule: "small_world",
    keys: &["neighbours", "rewiring"],
    read,
};

fn read(section: &Section<'_>, _ends: &Ends<'_>, findings: &mut Findings) -> Option<Connector> {
    let rewiring = probability(section, "rewiring", findings);
    Some(Connector::SmallWorld {
        neighbours: count(section, "neighbours", "2", findings)?,
        rewiring: rewiring?,
    })
}
