//! One HTTP connection of a target, as its faults see it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::faults::Faults;
use crate::net::Switch;

/// Tells the HTTP server to end the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut by a fault")]
pub(crate) struct CutOff;

/// One connection: its switch, and the content it has received since faults were last set.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) switch: Arc<Switch>,
    received: Mutex<(u64, u64)>,
}

impl Line {
    /// Counts `bytes` of content; `true` when the connection has to be cut here.
    pub(crate) fn count(&self, bytes: usize, faults: &Faults, limit: impl Fn(&Faults) -> Option<u64>) -> bool {
        let generation = faults.generation();
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        if received.0 != generation {
            *received = (generation, 0);
        }
        received.1 += bytes as u64;
        limit(faults).is_some_and(|limit| received.1 >= limit)
    }
}
