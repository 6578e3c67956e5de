//! The threads of a run. Each owns whole domains; they meet at a barrier at the end of each epoch.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, mpsc};
use std::thread;

use super::barrier::Barrier;
use super::domain::Domain;

/// Runs `lead` in the calling thread and `work` in up to `n_threads` − 1 others, each with its share of the domains.
/// All must come to the barrier equally often, or leave after it tells them so.
///
/// If the system gives fewer threads, the run goes on with those: results do not depend on their number. A panic in
/// any thread is passed on to the caller, after all threads have ended.
pub(super) fn with_crew<R>(
    n_threads: usize,
    domains: &mut [Domain],
    lead: impl FnOnce(&mut [&mut Domain], &Barrier) -> R,
    work: impl Fn(&mut [&mut Domain], &Barrier) + Sync,
) -> R {
    thread::scope(|scope| {
        // Workers wait for their share, because its size depends on how many of them there are.
        let mut workers = Vec::new();
        while workers.len() + 1 < n_threads.min(domains.len()) {
            let (hand_over, share) = mpsc::channel::<(Vec<&mut Domain>, Arc<Barrier>)>();
            let work = &work;
            let worker = move || {
                // Without a share, the caller has given up.
                if let Ok((mut share, barrier)) = share.recv() {
                    breaking_up(&barrier, || work(&mut share, &barrier));
                }
            };
            match thread::Builder::new()
                .name("nsb-worker".to_owned())
                .spawn_scoped(scope, worker)
            {
                Ok(handle) => workers.push((hand_over, handle)),
                Err(_) => break,
            }
        }
        let n_threads = workers.len() + 1;
        let mut shares: Vec<Vec<&mut Domain>> = (0..n_threads).map(|_| Vec::new()).collect();
        for (n, domain) in domains.iter_mut().enumerate() {
            shares[n % n_threads].push(domain);
        }
        let barrier = Arc::new(Barrier::new(n_threads));
        let mut shares = shares.into_iter();
        let mut own = shares.next().unwrap_or_default();
        let mut handles = Vec::new();
        for ((hand_over, handle), share) in workers.into_iter().zip(shares) {
            // A worker waits for its share and for nothing else, so it is there.
            let _ = hand_over.send((share, Arc::clone(&barrier)));
            handles.push(handle);
        }
        let result = catch_unwind(AssertUnwindSafe(|| breaking_up(&barrier, || lead(&mut own, &barrier))));
        // Whose panic came first cannot be told; a worker's is the more likely cause.
        let panic = handles.into_iter().filter_map(|handle| handle.join().err()).next();
        match (panic, result) {
            (Some(panic), _) | (None, Err(panic)) => resume_unwind(panic),
            (None, Ok(result)) => result,
        }
    })
}

/// Breaks the barrier if `job` panics, so that nobody waits for this thread for ever.
fn breaking_up<R>(barrier: &Barrier, job: impl FnOnce() -> R) -> R {
    match catch_unwind(AssertUnwindSafe(job)) {
        Ok(result) => result,
        Err(panic) => {
            barrier.break_up();
            resume_unwind(panic)
        }
    }
}
