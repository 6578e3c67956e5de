//! `rule = "fixed_total_number"`.

use nsb_engine::network::Connector;

use super::drawn::Drawn;
use super::{Ends, Reader};
use crate::project::schema::{Findings, Section};

pub(super) const READER: Reader = Reader {
    rule: "fixed_total_number",
    keys: &["number", "multapses", "self_connections"],
    read,
};

fn read(section: &Section<'_>, _ends: &Ends<'_>, findings: &mut Findings) -> Option<Connector> {
    let drawn = Drawn::read(section, "number", "80", findings)?;
    Some(Connector::FixedTotalNumber {
        number: drawn.number,
        multapses: drawn.multapses,
        self_connections: drawn.self_connections,
    })
}
