//! `rule = "grid"`.

use nsb_engine::network::Connector;

use super::{Ends, Reader, count};
use crate::project::schema::{Findings, Section, number};

pub(super) const READER: Reader = Reader {
    rule: "grid",
    keys: &["width", "height", "radius", "periodic"],
    read,
};

fn read(section: &Section<'_>, _ends: &Ends<'_>, findings: &mut Findings) -> Option<Connector> {
    let (width, height) = (
        count(section, "width", "10", findings),
        count(section, "height", "10", findings),
    );
    let radius = section
        .required("radius", "1.5", findings)
        .and_then(|node| number(node, "radius", findings));
    let periodic = section.flag("periodic", false, findings);
    Some(Connector::Grid {
        width: width?,
        height: height?,
        radius: radius?,
        periodic,
    })
}
