//! `rule = "all_to_all"`.

use nsb_engine::network::Connector;

use super::{Ends, Reader};
use crate::project::schema::{Findings, Section};

pub(super) const READER: Reader = Reader {
    rule: "all_to_all",
    keys: &["self_connections"],
    read,
};

fn read(section: &Section<'_>, _ends: &Ends<'_>, findings: &mut Findings) -> Option<Connector> {
    Some(Connector::AllToAll {
        self_connections: section.flag("self_connections", false, findings),
    })
}
