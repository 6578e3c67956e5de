//! `rule = "fixed_in_degree"`.

use nsb_engine::network::Connector;

use super::{Ends, Reader, count};
use crate::project::schema::{Findings, Section};

pub(super) const READER: Reader = Reader {
    rule: "fixed_in_degree",
    keys: &["degree", "multapses", "self_connections"],
    read,
};

fn read(section: &Section<'_>, _ends: &Ends<'_>, findings: &mut Findings) -> Option<Connector> {
    let (multapses, self_connections) = (
        section.flag("multapses", false, findings),
        section.flag("self_connections", false, findings),
    );
    Some(Connector::FixedInDegree {
        degree: count(section, "degree", "80", findings)?,
        multapses,
        self_connections,
    })
}
