//! `source`, `target` and which of their cells: the two ends that projections and gap junctions name alike.

use nsb_engine::network::{CellSet, Population};
use nsb_lang::Unit;

use super::cells;
use super::connectors::{Ends, Side};
use super::populations::Populations;
use super::schema::{Findings, Section};

/// Both ends, as far as they are in order.
pub(super) struct Joined<'a> {
    pub(super) source: End<'a>,
    pub(super) target: End<'a>,
}

/// One end.
pub(super) struct End<'a> {
    /// The name of the population, if one is given.
    pub(super) name: Option<&'a str>,
    /// The population, if it is known and in order.
    pub(super) population: Option<&'a Population>,
    pub(super) cells: CellSet,
}

impl<'a> Joined<'a> {
    pub(super) fn read(section: &Section<'a>, populations: &Populations<'a>, findings: &mut Findings) -> Joined<'a> {
        let mut end = |key: &str, cells_key: &str| {
            let given = section.required_text(key, "\"POPULATION\"", findings);
            if let Some((name, node)) = given {
                populations.check(name, &node.place, findings);
            }
            let population = given.and_then(|(name, _)| populations.get(name));
            End {
                name: given.map(|(name, _)| name),
                population,
                cells: cells::read_key(section, cells_key, population, findings),
            }
        };
        Joined {
            source: end("source", "source_cells"),
            target: end("target", "target_cells"),
        }
    }

    /// What a connector joins.
    pub(super) fn ends<'s>(&'s self, weight_units: &'s [Unit]) -> Ends<'s> {
        let side = |end: &'s End<'a>| Side {
            population: end.population,
            cells: &end.cells,
        };
        Ends {
            weight_units,
            source: side(&self.source),
            target: side(&self.target),
        }
    }
}
