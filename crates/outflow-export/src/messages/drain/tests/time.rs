//! A clock that stands still until everybody waits for it.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

#[derive(Clone, Default)]
pub(super) struct Clock(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    elapsed: Duration,
    sleepers: Vec<(Duration, Waker)>,
}

impl Clock {
    pub fn elapsed(&self) -> Duration {
        self.0.lock().unwrap().elapsed
    }

    pub fn sleep(&self, wait: Duration) -> Sleep {
        Sleep { clock: self.clone(), until: self.elapsed() + wait }
    }

    /// Goes to when the first sleeper is to wake.
    fn advance(&self) {
        let mut state = self.0.lock().unwrap();
        let next = state.sleepers.iter().map(|(until, _)| *until).min().expect("nobody will ever wake");
        state.elapsed = state.elapsed.max(next);
        let now = state.elapsed;
        let woken: Vec<Waker> =
            state.sleepers.extract_if(.., |(until, _)| *until <= now).map(|(_, waker)| waker).collect();
        drop(state);
        woken.into_iter().for_each(Waker::wake);
    }
}

pub(super) struct Sleep {
    clock: Clock,
    until: Duration,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.0.lock().unwrap();
        if state.elapsed >= self.until {
            return Poll::Ready(());
        }
        state.sleepers.push((self.until, context.waker().clone()));
        Poll::Pending
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs `work` to its end, or drops it after `polls_max` polls: a crash.
pub(super) fn run<T>(clock: &Clock, polls_max: Option<u64>, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let flag = Arc::new(Flag(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&flag));
    let mut polls = 0;
    while polls_max.is_none_or(|max| polls < max) {
        polls += 1;
        flag.0.store(false, Ordering::Relaxed);
        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(done);
        }
        while !flag.0.load(Ordering::Relaxed) {
            clock.advance();
        }
    }
    None
}
