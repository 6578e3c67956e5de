//! `rule = "fixed_in_degree"`.

use nsb_engine::network::Connector;

use super::drawn::Drawn;
use super::{Ends, Reader};
use crate::project::schema::{Findings, Section};

pub(super) const READER: Reader = Reader {
    rule: "fixed_in_degree",
    keys: &["degree", "multapses", "self_connections"],
    read,
};

fn read(section: &Section<'_>, _ends: &Ends<'_>, findings: &mut Findings) -> Option<Connector> {
    let drawn = Drawn::read(section, "degree", "80", findings)?;
    Some(Connector::FixedInDegree {
        degree: drawn.number,
        multapses: drawn.multapses,
        self_connections: drawn.self_connections,
    })
}
