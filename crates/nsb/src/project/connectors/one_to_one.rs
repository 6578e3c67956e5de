//! `rule = "one_to_one"`.

use nsb_engine::network::Connector;

use super::Reader;

pub(super) const READER: Reader = Reader {
    rule: "one_to_one",
    keys: &[],
    read: |_, _, _| Some(Connector::OneToOne),
};
