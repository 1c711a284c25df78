//! What the service adds to every error, so that its support can find the request.

use std::sync::atomic::{AtomicU64, Ordering};

use super::clock;
use crate::seed;

/// Gives ids that differ.
pub(crate) struct Tracking {
    key: [u8; 32],
    given: AtomicU64,
}

impl Tracking {
    /// Ids that depend on `key` and on the time of the start.
    pub(crate) fn new(key: &str) -> Tracking {
        let key = seed::derive(key.as_bytes(), &format!("event hubs tracking {}", clock::now_millis()));
        Tracking { key, given: AtomicU64::new(0) }
    }

    /// 32 hexadecimal digits that were not given before.
    pub(crate) fn id(&self) -> String {
        let number = self.given.fetch_add(1, Ordering::SeqCst);
        seed::derive(&self.key, &number.to_string()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// `sentence` with what the service adds to it.
    pub(crate) fn tracked(&self, sentence: &str) -> String {
        let id = self.id();
        let timestamp = clock::text(clock::now_millis());
        format!("{sentence} TrackingId:{id}_G0, SystemTracker:NoSystemTracker, Timestamp:{}", &timestamp[..19])
    }
}
