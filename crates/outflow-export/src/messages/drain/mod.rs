//! Sending an open set until every message is acknowledged or refused for good.
//!
//! Messages are read in their order and sent in requests as large as the target takes, several at once. What was not
//! accepted waits and goes out again with the same bytes, while others go on; no two messages of a set are about one
//! profile, so that nothing has to keep an order. Whatever ends the drain - the caller, a fault, a crash - what was not
//! settled is sent by the next one.
//!
//! | file | holds |
//! |---|---|
//! | `run` | the loop: what is sent when, and when it ends |
//! | `source` | messages that were never sent, and how many bytes are in memory |
//! | `waiting` | messages that go out again, and when |
//! | `settle` | what outcomes come to |

mod run;
mod settle;
mod source;
#[cfg(test)]
mod tests;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use outflow_connector_kit::StreamSession;
use outflow_model::Fault;

use super::outbox::OpenSet;
use run::Run;

/// How a set is sent.
#[derive(Clone, Copy, Debug)]
pub struct DrainSettings {
    /// Bytes of messages in memory: read ahead, on their way, and waiting to go out again. One block of the set is read
    /// whatever this says.
    pub memory_bytes_max: u64,
    /// How long a message waits before it goes out again, the first time; each further wait is twice as long.
    pub delay_initial: Duration,
    /// No wait is longer, unless the target asks for it.
    pub delay_max: Duration,
    /// How long requests may fail for the moment's reasons without one message accepted.
    pub patience: Duration,
    /// Random bits that spread the waits.
    pub seed: u64,
}

/// How far a set is sent.
#[derive(Clone, Debug)]
pub struct DrainProgress {
    /// Messages of the set that the target accepted, by all drains.
    pub accepted: u64,
    /// Messages that are refused for good.
    pub refused: u64,
    /// Since when the target asks to go slower, while it does.
    pub throttled_since: Option<DateTime<Utc>>,
    /// The last fault since a message was accepted.
    pub last_fault: Option<Arc<Fault>>,
    /// Bytes of messages in memory.
    pub held_bytes: u64,
}

/// Who looks on, and has the clock.
#[async_trait]
pub trait DrainWatch: Send + Sync {
    /// Why the drain is to stop, if it is. Asked several times a second.
    fn stop(&self) -> Option<Fault>;
    /// Called about every second, and at the end.
    fn progress(&self, progress: DrainProgress);
    /// Waits.
    async fn sleep(&self, wait: Duration);
    /// The time of day, for what is kept.
    fn now(&self) -> DateTime<Utc>;
    /// Time since some moment before the drain; never runs backwards.
    fn elapsed(&self) -> Duration;
}

/// How a drain ended.
#[derive(Debug)]
pub enum Drained {
    /// Every message is settled.
    Empty,
    /// The watch said so.
    Stopped,
    /// The target takes nothing, for this reason.
    Blocked(Fault),
}

/// What a drain came to.
#[derive(Debug)]
pub struct DrainOutcome {
    /// How it ended.
    pub end: Drained,
    /// Messages of the set that the target accepted, by this drain and those before it.
    pub accepted: u64,
    /// Likewise those that are refused for good, the oversize among them.
    pub refused: u64,
}

/// Sends the messages of `set` that are not settled, until all are, the watch says stop, or the target takes nothing.
/// Requests on their way then have five seconds to end.
///
/// # Errors
/// `Unavailable` while another one sends the set, `Input` for a damaged set, `Refused` where the disk does not take what
/// is to be kept. What was accepted before is kept as far as the disk lets it.
pub async fn drain(
    session: &dyn StreamSession,
    set: &OpenSet,
    settings: &DrainSettings,
    watch: &dyn DrainWatch,
) -> Result<DrainOutcome, Fault> {
    let mut run = at_the_disk(|| Run::open(session, set, settings, watch))?;
    let ended = run.run().await;
    // What is known is kept, however it ended.
    let kept = run.settler.keep();
    run.tell();
    let end = ended?;
    kept?;
    Ok(run.settler.outcome(end))
}

/// Does work that waits for the disk, without keeping other tasks of a runtime of many threads waiting.
fn at_the_disk<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current() {
        Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}
