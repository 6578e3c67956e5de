//! Repeats a training for its controls and its other seeds, several simulations side by side.
//!
//! Each simulation is one job of one thread or a few. Jobs share nothing and are scored one by one, so results do not
//! depend on how many go on at a time, nor on which is done first.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use nsb_engine::monitor::Recording;
use nsb_engine::{Observer, Outcome, Progress, Simulation};

use super::detection;
use super::learned::{Learned, Trial};
use super::responses::{Counts, Listener, Responses};
use super::training::{Condition, Training};
use crate::error::Error;
use crate::memory;
use crate::project::Project;
use crate::run::RunOptions;

/// Time between two looks at how far all jobs are, and at whether they are to stop.
const REFRESH: Duration = Duration::from_millis(20);
/// Part of the free memory that simulations side by side may take, by their forecast.
const SHARE_OF_MEMORY: f64 = 0.8;

/// The scores of a study whose first simulation, the run itself, has been made. An observer may stop it; what is complete
/// by then is kept, and the second value says so.
pub(crate) fn study(
    project: &Project,
    training: &Training,
    first: Trial,
    options: &RunOptions,
    observer: &mut dyn Observer,
) -> Result<(Learned, bool), Error> {
    let conditions: Vec<Condition> = [Condition::Learning]
        .into_iter()
        .chain(training.controls.iter().copied())
        .collect();
    let all = training
        .seeds
        .iter()
        .flat_map(|seed| conditions.iter().map(move |condition| (*seed, *condition)));
    let jobs: Vec<(u64, Condition)> = all.skip(1).collect();
    if jobs.is_empty() {
        return Ok((Learned::new(training, vec![first]), false));
    }
    let work = |job: usize, threads: usize, observer: &mut dyn Observer| {
        let (seed, condition) = jobs[job];
        trial(project, training, (condition, seed), (options, threads), observer)
    };
    let (others, interrupted) = side_by_side(project, jobs.len(), options, observer, &work)?;
    let trials = [first].into_iter().chain(others).collect();
    Ok((Learned::new(training, trials), interrupted))
}

/// A simulation by the number of its job and of the threads that it has; nothing if it was stopped.
pub(super) type Work<'w, T> = dyn Fn(usize, usize, &mut dyn Observer) -> Result<Option<T>, Error> + Sync + 'w;

/// The results of some jobs, simulations as long as that of the project, in their order. A job is told its number and how
/// many threads it has. An observer may stop them; what is complete by then is kept, and the second value says so.
pub(super) fn side_by_side<T: Send>(
    project: &Project,
    n_jobs: usize,
    options: &RunOptions,
    observer: &mut dyn Observer,
    work: &Work<'_, T>,
) -> Result<(Vec<T>, bool), Error> {
    let side_by_side = SideBySide::of(project, n_jobs, options)?;
    let board = Board::new(n_jobs);
    let go_on = |done: mpsc::Sender<Finished<T>>| {
        while let Some(job) = board.next() {
            let result = work(job, side_by_side.threads, &mut board.observer(job));
            if result.is_err() {
                board.stop_from(job);
            }
            // Nobody listens any more if the caller has panicked.
            let _ = done.send((job, result));
        }
    };
    let mut results: Vec<Finished<T>> = Vec::new();
    let mut interrupted = false;
    std::thread::scope(|scope| {
        let (done, finished) = mpsc::channel();
        for _ in 0..side_by_side.simulations {
            let done = done.clone();
            scope.spawn(|| go_on(done));
        }
        drop(done);
        loop {
            match finished.recv_timeout(REFRESH) {
                Ok(result) => results.push(result),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            // Once it has said stop, it is asked no more.
            if !interrupted && observer.progress(board.progress(project.duration_ms)).is_break() {
                interrupted = true;
                board.stop_from(0);
            }
        }
    });
    results.sort_by_key(|(job, _)| *job);
    let mut complete = Vec::new();
    for (_, result) in results {
        complete.extend(result?);
    }
    Ok((complete, interrupted))
}

/// How many simulations a study makes.
pub(crate) fn simulations(training: &Training) -> usize {
    training.seeds.len() * (1 + training.controls.len())
}

impl Project {
    /// How many simulations the training or detection of the project takes in all, and how many of them go on at a time; none without
    /// either.
    pub fn study_plan(&self, options: &RunOptions) -> Result<Option<(usize, usize)>, Error> {
        let all = match (&self.training, &self.detection) {
            (Some(training), _) => simulations(training),
            (None, Some(detection)) => detection::simulations(detection),
            (None, None) => return Ok(None),
        };
        // The first one is the run itself.
        let side_by_side = SideBySide::of(self, all - 1, options)?;
        Ok(Some((all, side_by_side.simulations)))
    }
}

/// How the threads are shared among simulations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SideBySide {
    /// Simulations at a time.
    simulations: usize,
    /// Threads of each.
    threads: usize,
}

impl SideBySide {
    /// As many simulations at a time as there are threads: those that the project names, else one for each core of the
    /// machine; fewer if the memory does not allow it.
    fn of(project: &Project, jobs: usize, options: &RunOptions) -> Result<SideBySide, Error> {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if project.threads_given {
            project.threads
        } else {
            cores()
        };
        let memory = match memory::available_bytes() {
            Some(available) if threads > 1 => {
                let each = project.forecast(options)?.0.total_bytes().max(1);
                (SHARE_OF_MEMORY * available as f64 / each as f64) as usize
            }
            _ => usize::MAX,
        };
        Ok(SideBySide::shared(threads, jobs, memory))
    }

    fn shared(threads: usize, jobs: usize, memory: usize) -> SideBySide {
        let simulations = threads.min(jobs).min(memory).max(1);
        SideBySide {
            simulations,
            threads: (threads / simulations).max(1),
        }
    }
}

/// A job, and its result unless it was stopped.
type Finished<T> = (usize, Result<Option<T>, Error>);

/// Which jobs are taken, how far they are, and which are to stop.
struct Board {
    next: AtomicUsize,
    /// Jobs from this one on are not begun, or stop.
    stop_from: AtomicUsize,
    /// For each job its simulated time (ms, as bits), and spikes so far.
    reached: Vec<(AtomicU64, AtomicU64)>,
}

impl Board {
    fn new(jobs: usize) -> Board {
        Board {
            next: AtomicUsize::new(0),
            stop_from: AtomicUsize::new(jobs),
            reached: (0..jobs).map(|_| (AtomicU64::new(0), AtomicU64::new(0))).collect(),
        }
    }

    fn next(&self) -> Option<usize> {
        let job = self.next.fetch_add(1, Ordering::Relaxed);
        (job < self.stop_from.load(Ordering::Relaxed)).then_some(job)
    }

    /// After a failure the jobs before it go on: of several failures the first is told, whoever comes first.
    fn stop_from(&self, job: usize) {
        self.stop_from.fetch_min(job, Ordering::Relaxed);
    }

    fn observer(&self, job: usize) -> JobObserver<'_> {
        JobObserver { board: self, job }
    }

    /// All simulations of the study as one; the first one, which takes as long as each of the others, has been made.
    fn progress(&self, duration_ms: f64) -> Progress {
        let times = self
            .reached
            .iter()
            .map(|(time, _)| f64::from_bits(time.load(Ordering::Relaxed)));
        Progress {
            time_ms: duration_ms + times.sum::<f64>(),
            end_ms: (1 + self.reached.len()) as f64 * duration_ms,
            spikes: self
                .reached
                .iter()
                .map(|(_, spikes)| spikes.load(Ordering::Relaxed))
                .sum(),
        }
    }
}

/// Notes how far a job is, and forgets what it records, so that memory does not grow.
struct JobObserver<'a> {
    board: &'a Board,
    job: usize,
}

impl Observer for JobObserver<'_> {
    fn progress(&mut self, now: Progress) -> ControlFlow<()> {
        let (time, spikes) = &self.board.reached[self.job];
        time.store(now.time_ms.to_bits(), Ordering::Relaxed);
        spikes.store(now.spikes, Ordering::Relaxed);
        if self.job < self.board.stop_from.load(Ordering::Relaxed) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    fn recorded(&mut self, held: &mut Recording) -> ControlFlow<()> {
        held.clear();
        ControlFlow::Continue(())
    }
}

fn trial(
    project: &Project,
    training: &Training,
    (condition, seed): (Condition, u64),
    (options, threads): (&RunOptions, usize),
    observer: &mut dyn Observer,
) -> Result<Option<Trial>, Error> {
    let mut variant = project.variant(training, condition, seed);
    variant.threads = threads;
    let mut simulation = Simulation::new(variant.plan(options)?)?;
    let mut responses = Responses::new(training, &training.schedule(seed));
    let mut listener = Listener {
        counts: Some(&mut responses),
        observer,
    };
    if simulation.run_for(variant.duration_ms, &mut listener)? == Outcome::Interrupted {
        return Ok(None);
    }
    responses.add(simulation.recording());
    let until_ms = simulation.recording().simulated_ms;
    Ok(Some(Trial::new(training, condition, seed, &responses, until_ms)))
}

/// Tells another observer of one of several simulations as of a part of the whole.
pub(crate) struct PartObserver<'a> {
    observer: &'a mut dyn Observer,
    number: usize,
    of: usize,
}

impl<'a> PartObserver<'a> {
    pub(crate) fn new(observer: &'a mut dyn Observer, number: usize, of: usize) -> PartObserver<'a> {
        PartObserver { observer, number, of }
    }
}

impl Observer for PartObserver<'_> {
    fn progress(&mut self, now: Progress) -> ControlFlow<()> {
        self.observer.progress(Progress {
            time_ms: self.number as f64 * now.end_ms + now.time_ms,
            end_ms: self.of as f64 * now.end_ms,
            spikes: now.spikes,
        })
    }

    fn recorded(&mut self, held: &mut Recording) -> ControlFlow<()> {
        self.observer.recorded(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_shared_among_as_many_simulations_as_memory_allows() {
        let shared = |threads, jobs, memory| {
            let shared = SideBySide::shared(threads, jobs, memory);
            (shared.simulations, shared.threads)
        };
        assert_eq!(shared(2, 9, usize::MAX), (2, 1));
        assert_eq!(shared(16, 3, usize::MAX), (3, 5));
        assert_eq!(shared(16, 9, 4), (4, 4));
        // One is always made: the plan refuses what no memory can hold.
        assert_eq!(shared(8, 9, 0), (1, 8));
        assert_eq!(shared(1, 9, usize::MAX), (1, 1));
    }

    #[test]
    fn after_a_failure_the_jobs_before_it_go_on_and_no_other_begins() {
        let board = Board::new(5);
        assert_eq!((board.next(), board.next(), board.next()), (Some(0), Some(1), Some(2)));
        board.stop_from(1);
        let now = Progress {
            time_ms: 5.0,
            end_ms: 10.0,
            spikes: 3,
        };
        assert!(board.observer(0).progress(now).is_continue());
        assert!(board.observer(1).progress(now).is_break() && board.observer(2).progress(now).is_break());
        assert_eq!(board.next(), None);
        let told = board.progress(10.0);
        // The run itself, and three times 5 ms of five jobs.
        assert_eq!((told.time_ms, told.end_ms, told.spikes), (25.0, 60.0, 9));
    }
}
