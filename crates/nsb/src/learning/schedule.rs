//! When patterns are shown and tested, on one clock that only goes forward.

use nsb_engine::random::{Purpose, Stream};

/// In which order the patterns of an epoch are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PresentationOrder {
    /// In another order in each epoch, drawn by the seed.
    #[default]
    Interleaved,
    /// As they are listed.
    InTurn,
}

impl PresentationOrder {
    /// Both.
    pub const ALL: [PresentationOrder; 2] = [PresentationOrder::Interleaved, PresentationOrder::InTurn];

    /// The name used in projects.
    pub const fn name(self) -> &'static str {
        match self {
            PresentationOrder::Interleaved => "interleaved",
            PresentationOrder::InTurn => "in_turn",
        }
    }
}

/// When tests take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TestTimes {
    /// Before the first epoch and after each.
    #[default]
    EachEpoch,
    /// Before the first epoch and after the last.
    End,
    /// After the last epoch.
    After,
}

impl TestTimes {
    /// All.
    pub const ALL: [TestTimes; 3] = [TestTimes::EachEpoch, TestTimes::End, TestTimes::After];

    /// The name used in projects.
    pub const fn name(self) -> &'static str {
        match self {
            TestTimes::EachEpoch => "each_epoch",
            TestTimes::End => "end",
            TestTimes::After => "after",
        }
    }
}

/// How long everything takes, ms.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// How often each pattern is shown.
    pub epochs: usize,
    /// Before anything is shown.
    pub start_ms: f64,
    /// How long a pattern is shown.
    pub presentation_ms: f64,
    /// After each presentation.
    pub rest_ms: f64,
    /// Order within an epoch.
    pub order: PresentationOrder,
    /// Tests.
    pub test: TestTiming,
}

/// How tests take place. All patterns are tested in turn, and nothing is learned meanwhile.
#[derive(Debug, Clone, PartialEq)]
pub struct TestTiming {
    /// When.
    pub times: TestTimes,
    /// How long a cue is shown and the response measured, ms.
    pub duration_ms: f64,
    /// Before the first cue and after each, ms.
    pub rest_ms: f64,
}

/// A pattern from one time to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// Presentations count their epochs from 1; a test has the number of epochs before it.
    pub epoch: usize,
    /// Number of the pattern; of images the number among those that are learned, or among those that are tested.
    pub pattern: usize,
    /// From here, ms.
    pub start_ms: f64,
    /// To here, ms.
    pub stop_ms: f64,
}

/// Everything that happens, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Patterns shown to be learned.
    pub presentations: Vec<Window>,
    /// Patterns tested by their cues.
    pub tests: Vec<Window>,
    /// When weights may change, ms: one interval for each epoch, rests included.
    pub learning_ms: Vec<(f64, f64)>,
    /// The end of the last rest, ms.
    pub end_ms: f64,
}

impl Schedule {
    /// The schedule of patterns of which `n_shown` are shown in each epoch and `n_tested` tested; the seed decides the
    /// order of presentations.
    pub fn new(timing: &Timing, n_shown: usize, n_tested: usize, seed: u64) -> Schedule {
        let mut clock = Clock { timing, passed: [0; 4] };
        let mut schedule = Schedule {
            presentations: Vec::new(),
            tests: Vec::new(),
            learning_ms: Vec::new(),
            end_ms: 0.0,
        };
        if timing.test.times != TestTimes::After {
            schedule.add_tests(&mut clock, 0, n_tested);
        }
        for epoch in 1..=timing.epochs {
            let begin_ms = clock.now_ms();
            for pattern in order(timing.order, epoch, n_shown, seed) {
                let window = clock.window(epoch, pattern, Part::Presentation);
                schedule.presentations.push(window);
                clock.pass(Part::Rest);
            }
            schedule.learning_ms.push((begin_ms, clock.now_ms()));
            if timing.test.times == TestTimes::EachEpoch || epoch == timing.epochs {
                schedule.add_tests(&mut clock, epoch, n_tested);
            }
        }
        schedule.end_ms = clock.now_ms();
        schedule
    }

    fn add_tests(&mut self, clock: &mut Clock<'_>, epoch: usize, n_patterns: usize) {
        clock.pass(Part::TestRest);
        for pattern in 0..n_patterns {
            let window = clock.window(epoch, pattern, Part::Test);
            self.tests.push(window);
            clock.pass(Part::TestRest);
        }
    }
}

/// What takes time.
#[derive(Clone, Copy)]
enum Part {
    Presentation,
    Rest,
    Test,
    TestRest,
}

/// Counts parts and multiplies, so that the times of a long schedule do not gather rounding errors.
struct Clock<'a> {
    timing: &'a Timing,
    passed: [u32; 4],
}

impl Clock<'_> {
    fn now_ms(&self) -> f64 {
        let Timing {
            start_ms,
            presentation_ms,
            rest_ms,
            test,
            ..
        } = self.timing;
        let lengths = [*presentation_ms, *rest_ms, test.duration_ms, test.rest_ms];
        let parts = self.passed.iter().zip(lengths);
        start_ms + parts.map(|(n, length_ms)| f64::from(*n) * length_ms).sum::<f64>()
    }

    fn pass(&mut self, part: Part) {
        self.passed[part as usize] += 1;
    }

    fn window(&mut self, epoch: usize, pattern: usize, part: Part) -> Window {
        let start_ms = self.now_ms();
        self.pass(part);
        Window {
            epoch,
            pattern,
            start_ms,
            stop_ms: self.now_ms(),
        }
    }
}

/// The patterns of an epoch in the order in which they are shown.
fn order(order: PresentationOrder, epoch: usize, n_patterns: usize, seed: u64) -> Vec<usize> {
    let mut patterns: Vec<usize> = (0..n_patterns).collect();
    if order == PresentationOrder::Interleaved {
        let stream = Stream::new(seed, epoch as u32, Purpose::Presentation);
        for n in (1..n_patterns).rev() {
            patterns.swap(n, stream.below(n as u64, n as u64 + 1) as usize);
        }
    }
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing() -> Timing {
        Timing {
            epochs: 4,
            start_ms: 7.0,
            presentation_ms: 250.0,
            rest_ms: 50.0,
            order: PresentationOrder::Interleaved,
            test: TestTiming {
                times: TestTimes::EachEpoch,
                duration_ms: 300.0,
                rest_ms: 100.0,
            },
        }
    }

    #[test]
    fn nothing_overlaps_and_learning_is_on_in_presentations_and_never_in_tests() {
        let schedule = Schedule::new(&timing(), 3, 3, 5);
        assert_eq!((schedule.presentations.len(), schedule.tests.len()), (12, 15));
        let mut all: Vec<(f64, f64, bool)> = Vec::new();
        all.extend(schedule.presentations.iter().map(|w| (w.start_ms, w.stop_ms, true)));
        all.extend(schedule.tests.iter().map(|w| (w.start_ms, w.stop_ms, false)));
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(all.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{all:?}");
        assert!(all[0].0 >= 7.0 && all.last().unwrap().1 <= schedule.end_ms);
        for (start, stop, learns) in all {
            let within = |(from, to): &(f64, f64)| *from <= start && stop <= *to;
            let apart = |(from, to): &(f64, f64)| stop <= *from || *to <= start;
            if learns {
                assert!(schedule.learning_ms.iter().any(within));
            } else {
                assert!(schedule.learning_ms.iter().all(apart));
            }
        }
        // 5 tests of (100 + 3 * 400) ms and 4 epochs of 3 * 300 ms.
        assert_eq!(schedule.end_ms, 7.0 + 5.0 * 1300.0 + 4.0 * 900.0);
    }

    #[test]
    fn each_epoch_shows_each_pattern_once_in_an_order_that_changes() {
        let schedule = Schedule::new(&timing(), 8, 8, 5);
        let orders: Vec<Vec<usize>> = schedule
            .presentations
            .chunks(8)
            .map(|epoch| epoch.iter().map(|w| w.pattern).collect())
            .collect();
        for order in &orders {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..8).collect::<Vec<_>>());
        }
        assert!(orders.windows(2).all(|pair| pair[0] != pair[1]), "{orders:?}");
        let in_turn = Timing {
            order: PresentationOrder::InTurn,
            ..timing()
        };
        let patterns = Schedule::new(&in_turn, 8, 8, 5).presentations;
        assert!(patterns.iter().enumerate().all(|(n, window)| window.pattern == n % 8));
    }

    #[test]
    fn tests_at_the_end_leave_one_before_and_one_after() {
        let mut timing = timing();
        timing.test.times = TestTimes::End;
        let epochs: Vec<usize> = Schedule::new(&timing, 2, 2, 5).tests.iter().map(|w| w.epoch).collect();
        assert_eq!(epochs, [0, 0, 4, 4]);
        timing.test.times = TestTimes::After;
        let after = Schedule::new(&timing, 2, 3, 5);
        let tests: Vec<(usize, usize)> = after.tests.iter().map(|w| (w.epoch, w.pattern)).collect();
        assert_eq!(tests, [(4, 0), (4, 1), (4, 2)]);
        // The first presentation begins at once.
        assert_eq!(after.presentations[0].start_ms, 7.0);
    }

    #[test]
    fn a_thousand_epochs_stay_on_the_grid() {
        let timing = Timing {
            epochs: 1000,
            presentation_ms: 0.1,
            rest_ms: 0.2,
            ..timing()
        };
        let schedule = Schedule::new(&timing, 3, 3, 5);
        let steps = schedule.presentations.iter().map(|w| w.start_ms / 0.1);
        assert!(steps.into_iter().all(|step| (step - step.round()).abs() < 1e-7));
    }
}
