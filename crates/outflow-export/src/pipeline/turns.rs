//! Turns: morsels are worked on in parallel and leave in plan order.
//!
//! The morsel whose turn it is hands its output straight to the sink. The others keep theirs, up to a budget in bytes
//! that all of them share, and then wait; the one whose turn it is never waits, so the line always moves.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use outflow_model::{Fault, FaultClass};

/// Something with a size in memory.
pub(crate) trait Weighed {
    /// Bytes held.
    fn weight_bytes(&self) -> u64;
}

/// Where the pieces go, in order.
pub(crate) trait Sink<P>: Send {
    /// Takes the next piece.
    fn accept(&mut self, piece: P) -> Result<(), Fault>;
}

/// The line at the sink.
pub(crate) struct Turns<P, S> {
    state: Mutex<State<P>>,
    moved: Condvar,
    sink: Mutex<S>,
    /// Bytes that morsels out of turn may hold together.
    budget_bytes: u64,
}

struct State<P> {
    /// The morsel whose turn it is.
    turn: usize,
    held_bytes: u64,
    /// Finished morsels that wait for their turn.
    finished: BTreeMap<usize, Vec<P>>,
    failed: bool,
}

impl<P: Weighed, S: Sink<P>> Turns<P, S> {
    /// A line at `sink`, starting with morsel 0.
    pub fn new(sink: S, budget_bytes: u64) -> Turns<P, S> {
        let state = State { turn: 0, held_bytes: 0, finished: BTreeMap::new(), failed: false };
        Turns { state: Mutex::new(state), moved: Condvar::new(), sink: Mutex::new(sink), budget_bytes }
    }

    /// The lane of morsel `number`. Lanes are opened in ascending order, each once.
    pub fn lane(&self, number: usize) -> Lane<'_, P, S> {
        Lane { turns: self, number, held: Vec::new() }
    }

    /// Lets every waiting lane give up.
    pub fn fail(&self) {
        self.state().failed = true;
        self.moved.notify_all();
    }

    /// The sink, once every lane is finished.
    pub fn into_sink(self) -> S {
        self.sink.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deliver(&self, pieces: impl IntoIterator<Item = P>) -> Result<(), Fault> {
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        let mut released = 0;
        let mut result = Ok(());
        for piece in pieces {
            released += piece.weight_bytes();
            result = sink.accept(piece);
            if result.is_err() {
                break;
            }
        }
        drop(sink);
        let mut state = self.state();
        state.held_bytes = state.held_bytes.saturating_sub(released);
        drop(state);
        self.moved.notify_all();
        result
    }
}

/// One morsel's way to the sink.
pub(crate) struct Lane<'a, P, S> {
    turns: &'a Turns<P, S>,
    number: usize,
    held: Vec<P>,
}

impl<P: Weighed, S: Sink<P>> Lane<'_, P, S> {
    /// Passes a piece on, or keeps it until the turn comes. `meanwhile` is useful work for a lane that must wait.
    pub fn push(&mut self, piece: P, meanwhile: &dyn Fn() -> Result<bool, Fault>) -> Result<(), Fault> {
        let weight = piece.weight_bytes();
        self.turns.state().held_bytes += weight;
        self.held.push(piece);
        loop {
            let state = self.turns.state();
            if state.failed {
                return Err(stopped());
            }
            if state.turn == self.number {
                drop(state);
                return self.turns.deliver(self.held.drain(..));
            }
            if state.held_bytes <= self.turns.budget_bytes {
                return Ok(());
            }
            drop(state);
            if !meanwhile()? {
                let state = self.turns.state();
                if state.turn != self.number && !state.failed && state.held_bytes > self.turns.budget_bytes {
                    // The wait has an end so that new work for `meanwhile` is seen.
                    drop(self.turns.moved.wait_timeout(state, Duration::from_millis(20)));
                }
            }
        }
    }

    /// Ends the lane. When it is its turn, the finished lanes behind it go too.
    pub fn finish(mut self) -> Result<(), Fault> {
        let mut state = self.turns.state();
        if state.turn != self.number {
            state.finished.insert(self.number, std::mem::take(&mut self.held));
            return Ok(());
        }
        drop(state);
        let mut pieces = std::mem::take(&mut self.held);
        loop {
            self.turns.deliver(pieces)?;
            let mut state = self.turns.state();
            state.turn += 1;
            let turn = state.turn;
            match state.finished.remove(&turn) {
                Some(next) => pieces = next,
                None => break,
            }
        }
        self.turns.moved.notify_all();
        Ok(())
    }
}

/// What a lane gives up with when another one has failed; the other one's fault is the one that is told.
pub(crate) fn stopped() -> Fault {
    Fault::new(FaultClass::Interrupted, "stopped because another part of the run failed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    impl Weighed for (usize, usize) {
        fn weight_bytes(&self) -> u64 {
            10
        }
    }

    struct Log(Vec<(usize, usize)>);

    impl Sink<(usize, usize)> for Log {
        fn accept(&mut self, piece: (usize, usize)) -> Result<(), Fault> {
            self.0.push(piece);
            Ok(())
        }
    }

    #[test]
    fn pieces_leave_in_order_whoever_is_first_and_however_small_the_budget() {
        for threads in [1, 2, 7] {
            for budget in [0, 25, 1_000_000] {
                let turns = Turns::new(Log(Vec::new()), budget);
                let next = AtomicUsize::new(0);
                std::thread::scope(|scope| {
                    for _ in 0..threads {
                        scope.spawn(|| {
                            loop {
                                let number = next.fetch_add(1, Ordering::Relaxed);
                                if number >= 50 {
                                    return;
                                }
                                let mut lane = turns.lane(number);
                                for piece in 0..(number * 7) % 5 {
                                    if number.is_multiple_of(3) {
                                        std::thread::yield_now();
                                    }
                                    lane.push((number, piece), &|| Ok(false)).unwrap();
                                }
                                lane.finish().unwrap();
                            }
                        });
                    }
                });
                let log = turns.into_sink().0;
                assert!(log.is_sorted());
                assert_eq!(log.len(), (0..50).map(|n| n * 7 % 5).sum::<usize>());
            }
        }
    }
}
