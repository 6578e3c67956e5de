//! How often each cell fires in each window, counted while a simulation goes on.

use std::ops::ControlFlow;

use nsb_engine::monitor::{Recording, SpikeRecording};
use nsb_engine::{Observer, Progress};

use super::schedule::{Schedule, Window};
use super::training::Training;

/// Spike counts of the cells of a population in the windows of a schedule.
#[derive(Debug, Clone)]
pub struct Responses {
    population: String,
    n_cells: usize,
    /// Presentations and tests in the order of time.
    windows: Vec<(Window, bool)>,
    counts: Vec<Vec<u32>>,
    /// Times of the first spikes, ms; infinite where there is none.
    firsts_ms: Vec<Vec<f64>>,
    /// Spikes of what is held that have been counted.
    seen: usize,
}

impl Responses {
    /// Nothing counted yet.
    pub fn new(training: &Training, schedule: &Schedule) -> Responses {
        Responses::for_cells(&training.readout, training.n_readout, schedule)
    }

    fn for_cells(population: &str, n_cells: usize, schedule: &Schedule) -> Responses {
        let shown = schedule.presentations.iter().map(|window| (*window, false));
        let tested = schedule.tests.iter().map(|window| (*window, true));
        let mut windows: Vec<(Window, bool)> = shown.chain(tested).collect();
        windows.sort_by(|a, b| a.0.start_ms.total_cmp(&b.0.start_ms));
        Responses {
            population: population.to_owned(),
            n_cells,
            counts: vec![vec![0; n_cells]; windows.len()],
            firsts_ms: vec![vec![f64::INFINITY; n_cells]; windows.len()],
            windows,
            seen: 0,
        }
    }

    /// Counts what a recording holds and did not hold before.
    fn count(&mut self, held: &Recording) {
        let Some(spikes) = self.recording(held) else { return };
        let (times_ms, cells) = (&spikes.times_ms[self.seen..], &spikes.cells[self.seen..]);
        for (time_ms, cell) in times_ms.iter().zip(cells) {
            let after = self.windows.partition_point(|(window, _)| window.start_ms <= *time_ms);
            let within = after.checked_sub(1).filter(|n| *time_ms < self.windows[*n].0.stop_ms);
            if let (Some(n), true) = (within, (*cell as usize) < self.n_cells) {
                self.counts[n][*cell as usize] += 1;
                let first_ms = &mut self.firsts_ms[n][*cell as usize];
                *first_ms = first_ms.min(*time_ms);
            }
        }
        self.seen = spikes.times_ms.len();
    }

    /// The first one has all cells; others may watch some of them.
    fn recording<'r>(&self, held: &'r Recording) -> Option<&'r SpikeRecording> {
        held.spikes.iter().find(|spikes| spikes.population == self.population)
    }

    /// The time of the first spike of each cell (ms) in a window of the schedule; infinite where there is none.
    pub fn first_spikes_ms(&self, window: &Window) -> &[f64] {
        let known = self.windows.iter().position(|(known, _)| known == window);
        known.map_or(&[], |n| &self.firsts_ms[n])
    }

    /// The rates of all cells (Hz) in the tests, or in the presentations, in the order of time.
    pub fn rates(&self, of_tests: bool) -> impl Iterator<Item = (Window, Vec<f64>)> + '_ {
        let windows = self.windows.iter().zip(&self.counts);
        let wanted = windows.filter(move |((_, is_test), _)| *is_test == of_tests);
        wanted.map(|((window, _), counts)| {
            let rate = |count: &u32| 1000.0 * f64::from(*count) / (window.stop_ms - window.start_ms);
            (*window, counts.iter().map(rate).collect())
        })
    }
}

/// Counts spikes while a simulation goes on.
pub(crate) trait Counts {
    /// Counts what a recording holds and did not hold before.
    fn add(&mut self, held: &Recording);

    /// Takes note that someone has taken what was held.
    fn taken(&mut self, held: &Recording);
}

impl Counts for Responses {
    fn add(&mut self, held: &Recording) {
        self.count(held);
    }

    fn taken(&mut self, held: &Recording) {
        self.seen = self.recording(held).map_or(0, |spikes| spikes.times_ms.len());
    }
}

/// Counts responses, and lets another observer watch and take what is recorded.
pub(crate) struct Listener<'a> {
    pub(crate) counts: Option<&'a mut dyn Counts>,
    pub(crate) observer: &'a mut dyn Observer,
}

impl Observer for Listener<'_> {
    fn progress(&mut self, now: Progress) -> ControlFlow<()> {
        self.observer.progress(now)
    }

    fn recorded(&mut self, held: &mut Recording) -> ControlFlow<()> {
        let Some(counts) = &mut self.counts else {
            return self.observer.recorded(held);
        };
        counts.add(held);
        let goes_on = self.observer.recorded(held);
        counts.taken(held);
        goes_on
    }
}

#[cfg(test)]
mod tests {
    use super::super::schedule::{PresentationOrder, TestTimes, TestTiming, Timing};
    use super::*;

    fn held(times_ms: &[f64]) -> Recording {
        Recording {
            spikes: vec![SpikeRecording {
                monitor: "spikes".to_owned(),
                population: "cells".to_owned(),
                population_size: 2,
                times_ms: times_ms.to_vec(),
                cells: vec![1; times_ms.len()],
            }],
            variables: Vec::new(),
            rates: Vec::new(),
            weights: Vec::new(),
            rewards: Vec::new(),
            populations: Vec::new(),
            spike_hash: String::new(),
            simulated_ms: 0.0,
        }
    }

    fn responses() -> Responses {
        let timing = Timing {
            epochs: 1,
            start_ms: 0.0,
            presentation_ms: 20.0,
            rest_ms: 5.0,
            order: PresentationOrder::InTurn,
            test: TestTiming {
                times: TestTimes::EachEpoch,
                duration_ms: 10.0,
                rest_ms: 5.0,
            },
        };
        // Test 5..15, shown 20..40, test 50..60.
        let schedule = Schedule::new(&timing, 1, 1, 1);
        Responses::for_cells("cells", 2, &schedule)
    }

    #[test]
    fn spikes_count_in_the_window_in_which_they_are() {
        let mut responses = responses();
        responses.add(&held(&[4.9, 5.0, 14.9, 15.0, 20.0, 30.0, 40.0, 51.0]));
        let rates: Vec<f64> = responses.rates(true).map(|(_, rates)| rates[1]).collect();
        assert_eq!(rates, [200.0, 100.0]);
        // The first spike of a window is that at its beginning, not the one before it.
        let firsts: Vec<f64> = responses
            .windows
            .iter()
            .map(|(window, _)| responses.first_spikes_ms(window)[1])
            .collect();
        assert_eq!(firsts, [5.0, 20.0, 51.0]);
        assert_eq!(responses.first_spikes_ms(&responses.windows[0].0)[0], f64::INFINITY);
        let shown: Vec<Vec<f64>> = responses.rates(false).map(|(_, rates)| rates).collect();
        assert_eq!(shown, [vec![0.0, 100.0]]);
    }

    #[test]
    fn nothing_is_counted_twice_whether_it_is_taken_or_held() {
        struct Taker(usize);
        impl Observer for Taker {
            fn progress(&mut self, _now: Progress) -> ControlFlow<()> {
                ControlFlow::Continue(())
            }
            fn recorded(&mut self, held: &mut Recording) -> ControlFlow<()> {
                self.0 += 1;
                if self.0 == 2 {
                    held.clear();
                }
                ControlFlow::Continue(())
            }
        }
        let mut responses = responses();
        let mut taker = Taker(0);
        let mut listener = Listener {
            counts: Some(&mut responses),
            observer: &mut taker,
        };
        let mut recording = held(&[6.0]);
        let mut fire = |listener: &mut Listener<'_>, time_ms| {
            recording.spikes[0].times_ms.push(time_ms);
            recording.spikes[0].cells.push(1);
            let _ = listener.recorded(&mut recording);
        };
        for time_ms in [7.0, 8.0, 9.0, 10.0, 11.0] {
            fire(&mut listener, time_ms);
        }
        let rates: Vec<f64> = responses.rates(true).map(|(_, rates)| rates[1]).collect();
        assert_eq!(rates, [600.0, 0.0]);
    }
}
