//! The tasks, one file each.

pub(crate) mod accuracy;
pub(crate) mod bench;
pub(crate) mod ci;
pub(crate) mod fuzz;
pub(crate) mod lint;
pub(crate) mod rates;
pub(crate) mod test;
