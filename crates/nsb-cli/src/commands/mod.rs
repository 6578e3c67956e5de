//! One file per verb: its arguments (`Args`), its examples (`EXAMPLES`, executed by the tests), and `run`.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod fi;
pub(crate) mod models;
pub(crate) mod phase;
pub(crate) mod plot;
pub(crate) mod protocol;
pub(crate) mod run;
