//! Long work on profiles: how many threads and bytes it may take, whom it tells, and when it stops.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use outflow_model::{Fault, FaultClass};

/// What work may use, and who looks on.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// Threads, at least 1. What is made does not depend on them.
    pub threads: usize,
    /// Bytes that buffers may take. What is made does not depend on them.
    pub memory_bytes: u64,
    /// The data folder of the sandbox; made if it is not there.
    pub folder: &'a Path,
    /// Called every few thousand records by every thread; a fault ends the work.
    pub check: &'a (dyn Fn() -> Result<(), Fault> + Sync),
    /// Called with the records read so far, by any thread, not always in rising order.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

impl Work<'_> {
    /// Does the pieces `0..count` on all threads, each taking the lowest that is left. Each thread makes itself a state
    /// with `start`, and `end` tells what it came to.
    ///
    /// # Errors
    /// The fault of the lowest piece that failed; one that says `interrupted` only when there is no other.
    pub fn spread<S, T: Send>(
        &self,
        count: usize,
        start: impl Fn() -> Result<S, Fault> + Sync,
        piece: impl Fn(&mut S, usize) -> Result<(), Fault> + Sync,
        end: impl Fn(S) -> Result<T, Fault> + Sync,
    ) -> Result<Vec<T>, Fault> {
        let next = AtomicUsize::new(0);
        let stopped = AtomicBool::new(false);
        let faults: Mutex<Vec<(usize, Fault)>> = Mutex::default();
        let done: Mutex<Vec<T>> = Mutex::default();
        let thread = || {
            let mut at = 0;
            let outcome = start().and_then(|mut state| {
                while !stopped.load(Ordering::Relaxed) {
                    at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        break;
                    }
                    piece(&mut state, at)?;
                }
                end(state)
            });
            match outcome {
                Ok(told) => done.lock().unwrap_or_else(PoisonError::into_inner).push(told),
                Err(fault) => {
                    stopped.store(true, Ordering::Relaxed);
                    faults.lock().unwrap_or_else(PoisonError::into_inner).push((at, fault));
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.threads.min(count) {
                scope.spawn(thread);
            }
            thread();
        });
        let mut faults = faults.into_inner().unwrap_or_else(PoisonError::into_inner);
        faults.sort_by_key(|(at, fault)| (fault.class == FaultClass::Interrupted, *at));
        match faults.into_iter().next() {
            Some((_, fault)) => Err(fault),
            None => Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(threads: usize) -> Work<'static> {
        Work { threads, memory_bytes: 0, folder: Path::new(""), check: &|| Ok(()), progress: &|_| {} }
    }

    #[test]
    fn every_piece_is_done_once() {
        for (threads, count) in [(1, 0), (3, 0), (3, 100), (8, 2)] {
            let sums = work(threads)
                .spread(
                    count,
                    || Ok(0),
                    |sum, n| {
                        *sum += n + 1;
                        Ok(())
                    },
                    Ok,
                )
                .unwrap();
            assert_eq!(sums.iter().sum::<usize>(), count * (count + 1) / 2);
        }
    }

    #[test]
    fn the_cause_is_told_and_not_who_gave_up() {
        let piece = |_: &mut (), n: usize| match n {
            0 => Err(Fault::new(FaultClass::Interrupted, "stopped")),
            _ => Err(Fault::input(format!("piece {n}"))),
        };
        let both = std::sync::Barrier::new(2);
        let told = work(2).spread(
            2,
            || {
                both.wait();
                Ok(())
            },
            |state, n| {
                both.wait();
                piece(state, n)
            },
            Ok,
        );
        assert_eq!(told.unwrap_err().message, "piece 1");
    }
}
