//! What all checks share: the list of findings, and the questions that are asked everywhere.

use nsb_lang::{Dimension, Quantity, suggest};

use super::population::MAX_CELLS;
use super::{PlanError, PlanWarning, Settings};
use crate::index::{PopulationId, Step};
use crate::network::{CellSet, Network};

/// Relative deviation of a time from whole steps beyond which rounding is reported. Decimal times and steps give
/// about 1e-16 even where they fit exactly.
const ROUNDING_TOLERANCE: f64 = 1e-6;

/// A network under examination. Checks go on after an error, so that all are found in one go.
pub(super) struct Checker<'a> {
    pub(super) network: &'a Network,
    pub(super) settings: &'a Settings,
    pub(super) errors: Vec<PlanError>,
    pub(super) warnings: Vec<PlanWarning>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(network: &'a Network, settings: &'a Settings) -> Checker<'a> {
        Checker {
            network,
            settings,
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn error(&mut self, error: PlanError) {
        self.errors.push(error);
    }

    pub(super) fn warning(&mut self, warning: PlanWarning) {
        self.warnings.push(warning);
    }

    /// The step, if it is one: what is measured in steps cannot be checked otherwise.
    pub(super) fn dt_ms(&self) -> Option<f64> {
        Some(self.settings.dt_ms).filter(|dt| dt.is_finite() && *dt > 0.0)
    }

    /// The number in engine units, if it is finite and of the right kind; `unit` is one that would fit.
    pub(super) fn number(&mut self, path: &str, given: &Quantity, expected: Dimension, unit: &str) -> Option<f64> {
        if given.dimension() != expected {
            let (unit, found) = (unit.to_owned(), given.clone());
            self.error(PlanError::WrongDimension {
                path: path.to_owned(),
                expected,
                unit,
                found,
            });
            return None;
        }
        self.finite(path, given)
    }

    /// The number in engine units, if it is finite.
    pub(super) fn finite(&mut self, path: &str, given: &Quantity) -> Option<f64> {
        let value = given.engine();
        if !value.is_finite() {
            self.error(PlanError::NotANumber {
                path: path.to_owned(),
                found: given.to_string(),
            });
            return None;
        }
        Some(value)
    }

    /// A time in ms, if it is one.
    pub(super) fn time_ms(&mut self, path: &str, given: &Quantity) -> Option<f64> {
        self.number(path, given, Dimension::TIME, "ms")
    }

    /// A point of time on the grid.
    pub(super) fn grid_point(&mut self, path: &str, what: &'static str, given: &Quantity) -> Option<Step> {
        let time_ms = self.time_ms(path, given)?;
        let dt_ms = self.dt_ms()?;
        let too_late = time_ms / dt_ms > Step::MAX as f64;
        if time_ms < 0.0 || too_late {
            self.error(PlanError::Time {
                path: path.to_owned(),
                found: given.clone(),
                negative: time_ms < 0.0,
            });
            return None;
        }
        Some(Step(self.whole_steps(path, what, given, time_ms)))
    }

    /// Rounds a time that is known to be countable, and says so if that changes it.
    pub(super) fn whole_steps(&mut self, path: &str, what: &'static str, given: &Quantity, time_ms: f64) -> u64 {
        let dt_ms = self.settings.dt_ms;
        let steps = (time_ms / dt_ms).round();
        if (steps * dt_ms - time_ms).abs() > ROUNDING_TOLERANCE * time_ms {
            let used_ms = without_noise(steps * dt_ms);
            self.warning(PlanWarning::Rounded {
                path: path.to_owned(),
                what,
                given: given.clone(),
                used_ms,
                dt_ms,
            });
        }
        steps as u64
    }

    /// The population of that name.
    pub(super) fn population(&mut self, path: &str, name: &str) -> Option<PopulationId> {
        let network = self.network;
        let found = network
            .populations
            .iter()
            .position(|population| population.name == name);
        if found.is_none() {
            let known = network
                .populations
                .iter()
                .map(|population| population.name.clone())
                .collect();
            self.unknown(path, "population", name, "", known);
        }
        found.map(|n| PopulationId(n as u32))
    }

    /// Reports a name that refers to nothing.
    pub(super) fn unknown(&mut self, path: &str, what: &'static str, name: &str, owner: &str, known: Vec<String>) {
        let nearest = suggest::nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        let (path, name, owner) = (path.to_owned(), name.to_owned(), owner.to_owned());
        self.error(PlanError::UnknownName {
            path,
            what,
            name,
            owner,
            known,
            nearest,
        });
    }

    /// The selected cells in ascending order.
    pub(super) fn cells(&mut self, path: &str, cells: &CellSet, population: PopulationId) -> Option<Vec<u32>> {
        let population = &self.network.populations[population.index()];
        let size = population.size;
        if size > MAX_CELLS {
            // Reported with the population; a list of its cells might not fit into memory.
            return None;
        }
        let mut selected: Vec<usize> = match cells {
            CellSet::All => (0..size).collect(),
            // Cut so that a slip in the end of a range does not make a list of billions.
            CellSet::Range(start, end) => (*start..(*end).min(size.saturating_add(1)).max(*start)).collect(),
            CellSet::List(list) => list.clone(),
        };
        selected.sort_unstable();
        let path = path.to_owned();
        if let Some(pair) = selected.windows(2).find(|pair| pair[0] == pair[1]) {
            let cell = pair[0];
            self.error(PlanError::DuplicateCell { path, cell });
            return None;
        }
        let out_of_range = match cells {
            CellSet::Range(start, end) if start < end && *end > size => Some((*end - 1).max(*start)),
            _ => selected.last().copied().filter(|&cell| cell >= size),
        };
        if let Some(cell) = out_of_range {
            let population = population.name.clone();
            self.error(PlanError::CellOutOfRange {
                path,
                cell,
                population,
                size,
            });
            return None;
        }
        if selected.is_empty() {
            // An empty population has been reported already.
            if size > 0 {
                self.error(PlanError::NoCells { path });
            }
            return None;
        }
        Some(selected.into_iter().map(|cell| cell as u32).collect())
    }
}

/// Removes the last digits of a product such as 3 · 0.1, for people.
pub(super) fn without_noise(value: f64) -> f64 {
    format!("{value:.12e}").parse().unwrap_or(value)
}

/// Checks that the names of one table are there and differ. `table` begins the paths, such as `populations`.
pub(super) fn names<'n>(checker: &mut Checker<'_>, table: &str, names: impl Iterator<Item = &'n str>) {
    let mut seen: Vec<&str> = Vec::new();
    for (n, name) in names.enumerate() {
        if name.is_empty() {
            checker.error(PlanError::EmptyName {
                path: format!("{table}[{n}].name"),
            });
        } else if seen.contains(&name) {
            checker.error(PlanError::DuplicateName {
                path: format!("{table}.{name}"),
                name: name.to_owned(),
            });
        } else {
            seen.push(name);
        }
    }
}
