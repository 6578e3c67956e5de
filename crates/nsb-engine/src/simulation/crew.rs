//! The threads of a run. Each owns whole blocks; they meet at a barrier before and after each epoch.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Barrier, Mutex, PoisonError, mpsc};
use std::thread;

use super::block::Block;
use super::epoch::Epoch;

/// Lets `drive` take all blocks through epochs, one call of its argument for each, by at most `n_threads` threads: the
/// calling one, and others that live as long as this call. `work` takes one block through an epoch; `scratch` makes
/// the working memory of a thread; `cost` weighs a block.
///
/// If the system gives fewer threads, the run goes on with those: results do not depend on their number. A panic in
/// any thread is passed on to the caller, after all threads have ended.
pub(super) fn with_crew<S, R>(
    n_threads: usize,
    blocks: &mut [Block],
    cost: impl Fn(&Block) -> u64,
    scratch: impl Fn() -> S + Sync,
    work: impl Fn(&mut Block, Epoch, &mut S) + Sync,
    drive: impl FnOnce(&mut dyn FnMut(Epoch)) -> R,
) -> R {
    let through = |share: &mut [&mut Block], epoch, scratch: &mut S| {
        share.iter_mut().for_each(|block| work(block, epoch, scratch));
    };
    let order = Order::default();
    thread::scope(|scope| {
        // Workers wait for their share, because its size depends on how many of them there are.
        let mut workers = Vec::new();
        while workers.len() + 1 < n_threads.min(blocks.len()) {
            let (hand_over, share) = mpsc::channel::<(Vec<&mut Block>, Arc<Barrier>)>();
            let (order, scratch, through) = (&order, &scratch, &through);
            let worker = move || {
                // Without a share, the caller has given up.
                let Ok((mut share, barrier)) = share.recv() else { return };
                let mut scratch = scratch();
                while let Some(epoch) = order.wait(&barrier) {
                    let result = catch_unwind(AssertUnwindSafe(|| through(&mut share, epoch, &mut scratch)));
                    order.done(&barrier, result);
                }
            };
            match thread::Builder::new()
                .name("nsb-worker".to_owned())
                .spawn_scoped(scope, worker)
            {
                Ok(_) => workers.push(hand_over),
                Err(_) => break,
            }
        }
        let costs: Vec<u64> = blocks.iter().map(cost).collect();
        let mut shares = shares(blocks, &costs, workers.len() + 1).into_iter();
        let mut own = shares.next().unwrap_or_default();
        let mut scratch = scratch();
        if workers.is_empty() {
            return drive(&mut |epoch| through(&mut own, epoch, &mut scratch));
        }
        let barrier = Arc::new(Barrier::new(workers.len() + 1));
        for (worker, share) in workers.into_iter().zip(shares) {
            // A worker waits for its share and for nothing else, so it is there.
            let _ = worker.send((share, Arc::clone(&barrier)));
        }
        let _dismissal = Dismissal {
            order: &order,
            barrier: &barrier,
        };
        drive(&mut |epoch| {
            order.give(&barrier, Some(epoch));
            let result = catch_unwind(AssertUnwindSafe(|| through(&mut own, epoch, &mut scratch)));
            order.done(&barrier, result);
            if let Some(panic) = order.take_panic() {
                resume_unwind(panic);
            }
        })
    })
}

/// What the caller tells the workers, and what they tell it.
#[derive(Default)]
struct Order {
    epoch: Mutex<Option<Epoch>>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Order {
    /// By the caller: begins an epoch, or ends the work.
    fn give(&self, barrier: &Barrier, epoch: Option<Epoch>) {
        *self.epoch.lock().unwrap_or_else(PoisonError::into_inner) = epoch;
        barrier.wait();
    }

    /// By a worker: the next epoch, or the end.
    fn wait(&self, barrier: &Barrier) -> Option<Epoch> {
        barrier.wait();
        *self.epoch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By everyone: an epoch is done. After a panic too, because the others would wait for ever.
    fn done(&self, barrier: &Barrier, result: thread::Result<()>) {
        if let Err(panic) = result {
            *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
        }
        barrier.wait();
    }

    fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        self.panic.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Sends the workers home when the caller is done, also when it panics. The caller is between two epochs then, and
/// all workers wait for the next.
struct Dismissal<'a> {
    order: &'a Order,
    barrier: &'a Barrier,
}

impl Drop for Dismissal<'_> {
    fn drop(&mut self) {
        self.order.give(self.barrier, None);
    }
}

/// Deals blocks to threads: the costliest first, each to the thread with the least work. Everyone gets at least one
/// if there are enough.
fn shares<'b>(blocks: &'b mut [Block], costs: &[u64], n_threads: usize) -> Vec<Vec<&'b mut Block>> {
    let owners = deal(costs, n_threads);
    let mut shares: Vec<Vec<&mut Block>> = (0..n_threads).map(|_| Vec::new()).collect();
    for (block, owner) in blocks.iter_mut().zip(owners) {
        shares[owner].push(block);
    }
    shares
}

/// The thread of each block.
fn deal(costs: &[u64], n_threads: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by_key(|&block| std::cmp::Reverse(costs[block]));
    let mut loads = vec![0u64; n_threads];
    let mut owners = vec![0; costs.len()];
    for block in order {
        let thread = (0..n_threads).min_by_key(|&thread| loads[thread]).unwrap_or(0);
        owners[block] = thread;
        loads[thread] += costs[block].max(1);
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::deal;

    #[test]
    fn work_is_dealt_evenly_and_nobody_goes_away_empty() {
        assert_eq!(deal(&[5, 5, 5, 5], 2), [0, 1, 0, 1]);
        assert_eq!(deal(&[1, 1, 1, 9], 2), [1, 1, 1, 0]);
        assert_eq!(deal(&[0, 0, 0], 3), [0, 1, 2]);
    }
}
