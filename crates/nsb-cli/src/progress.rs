//! What a running simulation tells the user: a bar with the time left, on a terminal, from the second second on.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use nsb::{Observer, Progress};

use crate::interrupt;

/// A run shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Time between two pictures of the bar. Progress is reported far more often than a terminal can show it.
const REFRESH: Duration = Duration::from_millis(100);

/// Parts of the bar; fine enough that the bar moves even in a long run.
const PARTS: u64 = 10_000;

/// Stops the simulation on Ctrl-C and, where wanted, draws the bar.
pub(crate) struct RunObserver {
    wanted: bool,
    started: Option<Instant>,
    /// When the bar is due to be drawn, counted from `started`.
    due: Duration,
    bar: Option<ProgressBar>,
}

impl RunObserver {
    /// An observer that draws on stderr if `wanted` (the caller knows whether that is a terminal).
    pub(crate) fn new(wanted: bool) -> RunObserver {
        RunObserver {
            wanted,
            started: None,
            due: PATIENCE,
            bar: None,
        }
    }

    /// Takes the bar away, so that the summary stands alone.
    pub(crate) fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Observer for RunObserver {
    fn progress(&mut self, now: Progress) -> ControlFlow<()> {
        if interrupt::asked() {
            self.finish();
            return ControlFlow::Break(());
        }
        if self.wanted {
            let elapsed = self.started.get_or_insert_with(Instant::now).elapsed();
            if elapsed >= self.due {
                self.due = elapsed + REFRESH;
                let fraction = (now.time_ms / now.end_ms).clamp(0.0, 1.0);
                let bar = self.bar.get_or_insert_with(new_bar);
                bar.set_message(message(now.time_ms, now.end_ms, elapsed));
                bar.set_position((fraction * PARTS as f64) as u64);
            }
        }
        ControlFlow::Continue(())
    }
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(PARTS), ProgressDrawTarget::stderr_with_hz(10));
    bar.set_style(
        ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}")
            .expect("the template is valid")
            .progress_chars("=> "),
    );
    bar
}

/// Simulated time, total, and the time left if the rest goes as fast as the part done.
fn message(time_ms: f64, end_ms: f64, elapsed: Duration) -> String {
    let decimals = if end_ms < 1000.0 { 1 } else { 0 };
    let mut text = format!("{time_ms:.decimals$} / {end_ms:.decimals$} ms simulated");
    if time_ms > 0.0 {
        let left_s = elapsed.as_secs_f64() * (end_ms - time_ms).max(0.0) / time_ms;
        text.push_str(&format!(", {} left", duration(left_s)));
    }
    text
}

/// A duration for people: `4 s`, `3 min 20 s`, `2 h 05 min`.
fn duration(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_is_the_elapsed_time_scaled_to_the_rest() {
        assert_eq!(
            message(250.0, 1000.0, Duration::from_secs(2)),
            "250 / 1000 ms simulated, 6 s left"
        );
        assert_eq!(
            message(0.5, 1.0, Duration::from_secs(90)),
            "0.5 / 1.0 ms simulated, 1 min 30 s left"
        );
    }

    #[test]
    fn nothing_is_promised_before_the_first_step() {
        assert_eq!(message(0.0, 100.0, Duration::from_secs(2)), "0.0 / 100.0 ms simulated");
    }

    #[test]
    fn durations_are_short_and_never_round_down() {
        assert_eq!(duration(0.2), "1 s");
        assert_eq!(duration(59.5), "1 min 00 s");
        assert_eq!(duration(7500.0), "2 h 05 min");
    }

    #[test]
    fn no_bar_is_drawn_before_a_second_has_passed_or_where_none_is_wanted() {
        let now = Progress {
            time_ms: 1.0,
            end_ms: 2.0,
            spikes: 0,
        };
        let mut observer = RunObserver::new(true);
        assert!(observer.progress(now).is_continue());
        assert!(observer.bar.is_none());
        let mut observer = RunObserver::new(false);
        observer.started = Some(Instant::now() - 2 * PATIENCE);
        assert!(observer.progress(now).is_continue());
        assert!(observer.bar.is_none());
    }

    #[test]
    fn a_long_run_gets_a_bar_that_finish_takes_away() {
        let mut observer = RunObserver::new(true);
        observer.started = Some(Instant::now() - 2 * PATIENCE);
        assert!(
            observer
                .progress(Progress {
                    time_ms: 1.0,
                    end_ms: 2.0,
                    spikes: 0
                })
                .is_continue()
        );
        assert_eq!(observer.bar.as_ref().map(ProgressBar::position), Some(PARTS / 2));
        assert!(observer.due > 2 * PATIENCE, "the next picture is not at once");
        observer.finish();
        assert!(observer.bar.is_none());
    }
}
