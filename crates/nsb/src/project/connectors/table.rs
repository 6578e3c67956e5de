//! `rule = "table"`: pairs in a CSV file.

use nsb_engine::network::{Connection, Connector};
use nsb_lang::Quantity;

use super::{Ends, Reader, Side};
use crate::project::schema::{Findings, Section, milliseconds};
use crate::project::table::{self, Column, Content};

pub(super) const READER: Reader = Reader {
    rule: "table",
    keys: &["file", "csv"],
    read,
};

fn read(section: &Section<'_>, ends: &Ends<'_>, findings: &mut Findings) -> Option<Connector> {
    let time = [milliseconds()];
    let cells = |side: Side<'_>| {
        let (population, size) = side.name_and_size();
        Content::Cell { population, size }
    };
    let column = |name, required, content| Column {
        name,
        required,
        content,
    };
    let columns = [
        column("source", true, cells(ends.source)),
        column("target", true, cells(ends.target)),
        column("weight", false, Content::Quantity(ends.weight_units)),
        column("delay", false, Content::Quantity(&time)),
    ];
    let table = table::read(section, &columns, findings)?;
    let cell = |column: usize, row: usize| table[column].as_ref().map_or(0.0, |c| c.values[row]) as usize;
    let quantity = |column: usize, row: usize| -> Option<Quantity> {
        let column = table[column].as_ref()?;
        Some(Quantity::new(column.values[row], column.unit.clone()))
    };
    let n_rows = table[0].as_ref().map_or(0, |column| column.values.len());
    let connection = |row| Connection {
        source: cell(0, row),
        target: cell(1, row),
        weight: quantity(2, row),
        delay: quantity(3, row),
    };
    Some(Connector::ExplicitList((0..n_rows).map(connection).collect()))
}
