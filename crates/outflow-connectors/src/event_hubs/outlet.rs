//! The way from everyone who writes to the writing task.
//!
//! One queue, so that everything is written in the order in which it was handed over: an answer tells of the transfers before
//! it. Buffers and answers have places of their own, so that full buffers keep no answer from the peer.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Buffers that wait for the writing task, each of 256 KiB at most or of one message.
const WAITING_MAX: usize = 4;

/// Answers that wait for the writing task, besides: what a peer asks is answered in its turn, and never waited for.
const ANSWERS_MAX: usize = 64;

/// Frames for the writing task.
pub(super) struct Out {
    /// Whole frames.
    pub bytes: Vec<u8>,
    /// The run whose transfers they are.
    pub run: Option<u64>,
    /// Whether nothing follows.
    pub last: bool,
    /// Given back when they are written.
    pub place: OwnedSemaphorePermit,
}

/// The way to the writing task: one queue, so that everything keeps its order, with places for buffers and for answers.
pub(super) struct Outlet {
    queue: mpsc::UnboundedSender<Out>,
    buffers: Arc<Semaphore>,
    answers: Arc<Semaphore>,
}

/// The writing task has ended.
pub(super) struct Ended;

impl Outlet {
    /// The way, and its end.
    pub(super) fn new() -> (Outlet, mpsc::UnboundedReceiver<Out>) {
        let (queue, waiting) = mpsc::unbounded_channel();
        let places = |count| Arc::new(Semaphore::new(count));
        (Outlet { queue, buffers: places(WAITING_MAX), answers: places(ANSWERS_MAX) }, waiting)
    }

    /// Waits for a place, which is then filled without a wait.
    ///
    /// # Errors
    /// When the writing task has ended.
    pub(super) async fn reserve(&self) -> Result<OwnedSemaphorePermit, Ended> {
        let place = Arc::clone(&self.buffers).acquire_owned().await.map_err(|_| Ended)?;
        if self.queue.is_closed() { Err(Ended) } else { Ok(place) }
    }

    /// Hands frames over.
    ///
    /// # Errors
    /// When the writing task has ended.
    pub(super) fn send(&self, out: Out) -> Result<(), Ended> {
        self.queue.send(out).map_err(|_| Ended)
    }

    /// A place for an answer; `None` when the peer has asked for more than it reads.
    pub(super) fn place_of_answer(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.answers).try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_have_places_when_buffers_have_none() {
        let (outlet, mut waiting) = Outlet::new();
        let out = |number: u8, place| Out { bytes: vec![number], run: None, last: false, place };
        for number in 0..WAITING_MAX {
            let place = outlet.reserve().await.ok().unwrap();
            assert!(outlet.send(out(number as u8, place)).is_ok());
        }
        for number in 0..ANSWERS_MAX {
            let place = outlet.place_of_answer().unwrap();
            assert!(outlet.send(out((WAITING_MAX + number) as u8, place)).is_ok());
        }
        assert!(outlet.place_of_answer().is_none());
        for number in 0..WAITING_MAX + ANSWERS_MAX {
            assert_eq!(waiting.recv().await.unwrap().bytes, [number as u8]);
        }
        assert!(outlet.place_of_answer().is_some());
        drop(waiting);
        assert!(outlet.reserve().await.is_err());
    }
}
