//! Where threads wait for each other.

use std::hint;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a thread looks for the others without doing anything else: about as long as a step of 15,000
/// integrate-and-fire cells on two threads.
const PATIENCE: Duration = Duration::from_micros(50);

/// How long it goes on looking, leaving its core to whoever wants it, before it goes to sleep. To be woken takes tens of
/// microseconds, more in a virtual machine: as long as threads of a large network usually wait for each other.
const LONG_PATIENCE: Duration = Duration::from_micros(500);

/// A barrier for epochs that may be some microseconds long: whoever is early spins for a moment, then sleeps.
pub(super) struct Barrier {
    n_threads: usize,
    /// Whether there is a core for every thread, so that spinning takes time from nobody.
    may_spin: bool,
    arrived: AtomicUsize,
    generation: AtomicUsize,
    broken: AtomicBool,
    sleepers: AtomicUsize,
    lock: Mutex<()>,
    alarm: Condvar,
}

/// A thread has ended early; the others should too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

impl Barrier {
    pub(super) fn new(n_threads: usize) -> Barrier {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Barrier {
            n_threads,
            may_spin: n_threads <= cores,
            arrived: AtomicUsize::new(0),
            generation: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            sleepers: AtomicUsize::new(0),
            lock: Mutex::new(()),
            alarm: Condvar::new(),
        }
    }

    /// Waits until all threads have come. What they did before is seen by all afterwards.
    pub(super) fn wait(&self) -> Result<(), Broken> {
        // Read before arriving: the last to arrive changes it.
        let generation = self.generation.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.n_threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.generation.fetch_add(1, Ordering::SeqCst);
            self.wake();
        } else {
            let is_over = || self.generation.load(Ordering::SeqCst) != generation || self.broken.load(Ordering::SeqCst);
            if !(self.may_spin && spin(is_over)) {
                self.sleep(is_over);
            }
        }
        if self.broken.load(Ordering::SeqCst) {
            Err(Broken)
        } else {
            Ok(())
        }
    }

    /// Tells all threads, now or when they come, that somebody will not.
    pub(super) fn break_up(&self) {
        self.broken.store(true, Ordering::SeqCst);
        self.wake();
    }

    fn sleep(&self, is_over: impl Fn() -> bool) {
        // A sleeper announces itself before it looks for the last time, and who wakes looks for sleepers after the
        // change: so one of the two sees the other.
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        while !is_over() {
            guard = self.alarm.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }

    fn wake(&self) {
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            // With the lock, so that nobody is between looking and sleeping.
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
            self.alarm.notify_all();
        }
    }
}

/// Looks for a moment; tells whether it happened.
fn spin(is_over: impl Fn() -> bool) -> bool {
    let begin = Instant::now();
    loop {
        for _ in 0..64 {
            if is_over() {
                return true;
            }
            hint::spin_loop();
        }
        let waited = begin.elapsed();
        if waited > LONG_PATIENCE {
            return false;
        }
        if waited > PATIENCE {
            thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every thread adds its number in each round; after the barrier all must see the sum of all.
    #[test]
    fn nobody_runs_ahead_however_many_threads_there_are() {
        for n_threads in [1, 2, 3, 16] {
            const ROUNDS: usize = 500;
            let barrier = Barrier::new(n_threads);
            let sums: Vec<AtomicUsize> = (0..ROUNDS).map(|_| AtomicUsize::new(0)).collect();
            thread::scope(|scope| {
                for n in 0..n_threads {
                    let (barrier, sums) = (&barrier, &sums);
                    scope.spawn(move || {
                        for (round, sum) in sums.iter().enumerate() {
                            // Some come late.
                            if (n + round) % 97 == 0 {
                                thread::sleep(Duration::from_micros(200));
                            }
                            sum.fetch_add(n + 1, Ordering::Relaxed);
                            barrier.wait().unwrap();
                            assert_eq!(sum.load(Ordering::Relaxed), n_threads * (n_threads + 1) / 2);
                        }
                    });
                }
            });
        }
    }

    #[test]
    fn a_broken_barrier_lets_everybody_go() {
        let barrier = Barrier::new(3);
        thread::scope(|scope| {
            let waiting: Vec<_> = (0..2).map(|_| scope.spawn(|| barrier.wait())).collect();
            thread::sleep(Duration::from_millis(2));
            barrier.break_up();
            for waiting in waiting {
                assert_eq!(waiting.join().unwrap(), Err(Broken));
            }
        });
        assert_eq!(barrier.wait(), Err(Broken));
    }
}
