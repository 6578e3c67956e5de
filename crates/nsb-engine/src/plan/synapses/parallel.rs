//! Work in pieces, by several threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does `n` pieces of work by up to `threads` threads. The results are in order, as are the workers' memories in none;
/// of several errors the first in order is given.
pub(crate) fn in_parallel<W: Default + Send, R: Send, E: Send>(
    threads: usize,
    n: usize,
    work: impl Fn(&mut W, usize) -> Result<R, E> + Sync,
) -> (Result<Vec<R>, E>, Vec<W>) {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let job = || {
        let (mut worker, mut results) = (W::default(), Vec::new());
        // Work is taken in order, so whatever precedes an error is done too.
        while !failed.load(Ordering::Relaxed) {
            let k = next.fetch_add(1, Ordering::Relaxed);
            if k >= n {
                break;
            }
            let result = work(&mut worker, k);
            if result.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            results.push((k, result));
        }
        (worker, results)
    };
    let (mut workers, mut results) = (Vec::new(), Vec::new());
    thread::scope(|scope| {
        // A thread that the system refuses is one that does not help.
        let helpers: Vec<_> = (1..threads.min(n))
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, job).ok())
            .collect();
        let own = job();
        let others = helpers.into_iter().map(|helper| match helper.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        for (worker, done) in std::iter::once(own).chain(others) {
            workers.push(worker);
            results.extend(done);
        }
    });
    results.sort_by_key(|(k, _)| *k);
    (results.into_iter().map(|(_, result)| result).collect(), workers)
}

/// Changes things that lie apart, each by itself, by up to `threads` threads.
pub(crate) fn each_in_parallel<T: Send>(threads: usize, things: Vec<T>, work: impl Fn(T) + Sync) {
    let n = things.len();
    let things = Mutex::new(things.into_iter());
    let next = || things.lock().unwrap_or_else(PoisonError::into_inner).next();
    let (done, _) = in_parallel::<(), (), ()>(threads, n, |(), _| {
        next().map(&work);
        Ok(())
    });
    done.expect("nothing here fails");
}
