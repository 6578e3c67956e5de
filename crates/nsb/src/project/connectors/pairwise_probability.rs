//! `rule = "pairwise_probability"`.

use nsb_engine::network::Connector;

use super::{Ends, Reader, probability};
use crate::project::schema::{Findings, Section};

pub(super) const READER: Reader = Reader {
    rule: "pairwise_probability",
    keys: &["probability", "self_connections"],
    read,
};

fn read(section: &Section<'_>, _ends: &Ends<'_>, findings: &mut Findings) -> Option<Connector> {
    Some(Connector::PairwiseProbability {
        probability: probability(section, "probability", findings)?,
        self_connections: section.flag("self_connections", false, findings),
    })
}
