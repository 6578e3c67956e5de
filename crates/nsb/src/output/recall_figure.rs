//! The figure of what cues recall after the last epoch: spikes of the cells that are scored, sorted by pattern.

use std::ops::Range;

use super::pattern_order::PatternOrder;
use super::run_data::SpikeData;
use crate::learning::{Pattern, Training, Window};
use crate::plot::{self, Band, Figure, Heading, SortedRasterData, SpikeClass};
use crate::project::Project;
use crate::run::Run;

/// Tests shown.
const MOST_TESTS: usize = 24;
/// Time shown before the first test and after the last, as a part of a test.
const MARGIN: f64 = 0.15;

/// Draws the tests of the last epoch that has been tested; none if no test is over, or if its spikes are not held.
pub(super) fn draw(project: &Project, run: &Run, spikes: &SpikeData) -> Option<Figure> {
    let training = project.training.as_ref()?;
    let schedule = training.schedule(project.seed);
    let over = |window: &&Window| window.stop_ms <= run.recording.simulated_ms;
    let last = schedule.tests.iter().filter(over).map(|window| window.epoch).max()?;
    let all: Vec<Window> = schedule
        .tests
        .iter()
        .filter(over)
        .filter(|w| w.epoch == last)
        .copied()
        .collect();
    let tests = &all[..all.len().min(MOST_TESTS)];
    let margin_ms = MARGIN * training.timing.test.duration_ms;
    let period_ms = tests[0].start_ms - margin_ms..tests[tests.len() - 1].stop_ms + margin_ms;
    if spikes.period_ms.start > period_ms.start.max(0.0) {
        return None;
    }
    let population = run
        .recording
        .populations
        .iter()
        .position(|p| p.name == training.readout)?;
    let recorded = run.recording.spikes.iter().any(|r| r.population == training.readout);
    if !recorded {
        return None;
    }
    let patterns = training.patterns(project.seed);
    if tests.iter().any(|window| window.pattern >= patterns.len()) {
        return None;
    }
    let order = PatternOrder::new(Some(training), &training.readout, training.n_readout, project.seed);
    let shown = Shown {
        training,
        patterns: &patterns,
        order: &order,
        tests,
    };
    let own = spikes
        .last
        .iter()
        .filter(|row| row.1 as usize == population && period_ms.contains(&row.0));
    let classes = shown.classes(own.map(|row| (row.0, row.2)));
    let more = if all.len() > tests.len() {
        format!(" The first {} of {} tests.", tests.len(), all.len())
    } else {
        String::new()
    };
    let sorted = if order.has_patterns() {
        format!(
            "; cells sorted by pattern, those of no pattern below. Shaded cells are driven by the cue: what else fires is \
             recalled.{}",
            order.remark()
        )
    } else {
        ".".to_owned()
    };
    Some(plot::sorted_raster(&SortedRasterData {
        heading: Heading::new("recall", format!("Recall after {}", epochs(last)), &project.title),
        period_ms,
        n_rows: order.n_rows,
        groups: order.groups.clone(),
        bands: shown.bands(),
        driven: shown.driven(),
        classes,
        caption: format!(
            "Spikes of {} while the cue of each pattern is shown and nothing is learned{sorted}{more}",
            training.readout
        ),
    }))
}

fn epochs(n: usize) -> String {
    if n == 1 {
        "1 epoch".to_owned()
    } else {
        format!("{n} epochs")
    }
}

/// What is shown, and where.
struct Shown<'a> {
    training: &'a Training,
    patterns: &'a [Pattern],
    order: &'a PatternOrder,
    tests: &'a [Window],
}

impl Shown<'_> {
    fn bands(&self) -> Vec<Band> {
        let band = |window: &Window| Band {
            period_ms: window.start_ms..window.stop_ms,
            label: format!("cue of {}", self.patterns[window.pattern].label),
        };
        let bands: Vec<Band> = self.tests.iter().map(band).collect();
        if bands.len() <= 6 {
            return bands;
        }
        let short = |(band, window): (Band, &Window)| Band {
            label: self.patterns[window.pattern].label.clone(),
            ..band
        };
        bands.into_iter().zip(self.tests).map(short).collect()
    }

    /// Rows of the cells that the cue of each test has, side by side as one.
    fn driven(&self) -> Vec<(Range<f64>, Range<usize>)> {
        if !self.order.has_patterns() {
            return Vec::new();
        }
        let mut driven = Vec::new();
        for window in self.tests {
            let cue = self.patterns[window.pattern].cue(self.training.cue_fraction());
            let mut rows: Vec<usize> = cue.iter().map(|cell| self.order.places[*cell as usize]).collect();
            rows.sort_unstable();
            for run in rows.chunk_by(|a, b| a + 1 == *b) {
                driven.push((window.start_ms..window.stop_ms, run[0]..run[run.len() - 1] + 1));
            }
        }
        driven
    }

    /// Spikes (ms, cell) by what they mean in the test in which they come; those between tests count as the others.
    fn classes(&self, spikes: impl Iterator<Item = (f64, u32)>) -> Vec<SpikeClass> {
        let class = |label: &str, colour: usize| SpikeClass {
            label: label.to_owned(),
            colour,
            ..SpikeClass::default()
        };
        if !self.order.has_patterns() {
            let mut all = class("spikes", 0);
            for (time_ms, cell) in spikes {
                all.times_ms.push(time_ms);
                all.rows.push(cell as usize);
            }
            return vec![all];
        }
        let mut classes = vec![
            class("other cells", 6),
            class("cells of the cue", 5),
            class("rest of the pattern", 0),
        ];
        for (time_ms, cell) in spikes {
            let test = self.tests.iter().find(|w| w.start_ms <= time_ms && time_ms < w.stop_ms);
            let of = test.map_or(0, |window| {
                let pattern = &self.patterns[window.pattern];
                if pattern.cue(self.training.cue_fraction()).contains(&cell) {
                    1
                } else if pattern.cells.contains(&cell) {
                    2
                } else {
                    0
                }
            });
            if let Some(place) = self.order.places.get(cell as usize) {
                classes[of].times_ms.push(time_ms);
                classes[of].rows.push(*place);
            }
        }
        classes.rotate_left(1);
        classes
    }
}
