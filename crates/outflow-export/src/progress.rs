//! How far a run is, for whoever watches, and the wish to stop it.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use outflow_model::{Fault, FaultClass};
use tokio_util::sync::CancellationToken;

/// Counters of a run; any thread may read them at any time.
#[derive(Debug, Default)]
pub struct Progress {
    source_bytes: AtomicU64,
    profiles_total: AtomicU64,
    profiles_read: AtomicU64,
    survivors_total: AtomicU64,
    survivors_written: AtomicU64,
    rows_written: AtomicU64,
    bytes_sent: AtomicU64,
    bytes_verified: AtomicU64,
    step: AtomicU64,
    stop: CancellationToken,
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Finding the sources and their types, connecting, sweeping.
    Reading,
    /// Reading and selecting, and writing as far as no row has to wait.
    Exporting,
    /// Deciding which rows stay.
    Deduplicating,
    /// Writing the rows that stay.
    Writing,
    /// Waiting for the far end, making the files visible.
    Publishing,
    /// Reading everything back.
    Verifying,
}

impl Progress {
    /// Profiles in all; 0 when that is not known.
    pub fn profiles_total(&self) -> u64 {
        self.profiles_total.load(Ordering::Relaxed)
    }

    /// Profiles read.
    pub fn profiles_read(&self) -> u64 {
        self.profiles_read.load(Ordering::Relaxed)
    }

    /// Bytes of the sources that were looked at.
    pub fn source_bytes(&self) -> u64 {
        self.source_bytes.load(Ordering::Relaxed)
    }

    /// Profiles that deduplication leaves; 0 until that is known.
    pub fn survivors_total(&self) -> u64 {
        self.survivors_total.load(Ordering::Relaxed)
    }

    /// Those of them that are encoded.
    pub fn survivors_written(&self) -> u64 {
        self.survivors_written.load(Ordering::Relaxed)
    }

    /// Rows encoded.
    pub fn rows_written(&self) -> u64 {
        self.rows_written.load(Ordering::Relaxed)
    }

    /// Content bytes encoded, before compression.
    pub fn bytes_written(&self) -> u64 {
        self.bytes_sent.load(Ordering::Relaxed)
    }

    /// Bytes read back.
    pub fn bytes_verified(&self) -> u64 {
        self.bytes_verified.load(Ordering::Relaxed)
    }

    /// The step.
    pub fn step(&self) -> Step {
        match self.step.load(Ordering::Relaxed) {
            0 => Step::Reading,
            1 => Step::Exporting,
            2 => Step::Deduplicating,
            3 => Step::Writing,
            4 => Step::Publishing,
            _ => Step::Verifying,
        }
    }

    /// Begins to count anew: what was counted is done once more.
    pub fn restart(&self) {
        let counters = [
            &self.profiles_total,
            &self.profiles_read,
            &self.survivors_total,
            &self.survivors_written,
            &self.rows_written,
            &self.bytes_sent,
            &self.bytes_verified,
        ];
        counters.iter().for_each(|counter| counter.store(0, Ordering::Relaxed));
        self.enter(Step::Reading);
    }

    /// Asks the run to stop; nothing half-done stays visible.
    pub fn cancel(&self) {
        self.stop.cancel();
    }

    /// Whether somebody asked the run to stop.
    pub fn is_cancelled(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Does work that nobody waits for once the run is to stop: it is dropped where it stands.
    ///
    /// # Errors
    /// Those of the work; `Interrupted`.
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        self.check()?;
        self.stop.run_until_cancelled(work).await.unwrap_or_else(|| Err(interrupted()))
    }

    /// The wish to stop, for tasks that outlive a borrow.
    pub(crate) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Counts bytes of the sources that were looked at.
    pub fn add_source_bytes(&self, bytes: u64) {
        self.source_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn set_survivors(&self, profiles: u64) {
        self.survivors_total.store(profiles, Ordering::Relaxed);
    }

    pub(crate) fn add_survivors(&self, profiles: u64) {
        self.survivors_written.fetch_add(profiles, Ordering::Relaxed);
    }

    pub(crate) fn set_total(&self, profiles: u64) {
        self.profiles_total.store(profiles, Ordering::Relaxed);
    }

    pub(crate) fn add_read(&self, profiles: u64) {
        self.profiles_read.fetch_add(profiles, Ordering::Relaxed);
    }

    pub(crate) fn add_written(&self, rows: u64, bytes: u64) {
        self.rows_written.fetch_add(rows, Ordering::Relaxed);
        self.bytes_sent.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn add_verified(&self, bytes: u64) {
        self.bytes_verified.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn enter(&self, step: Step) {
        self.step.store(step as u64, Ordering::Relaxed);
    }

    /// Fails when somebody asked the run to stop.
    ///
    /// # Errors
    /// `Interrupted`.
    pub fn check(&self) -> Result<(), Fault> {
        if self.is_cancelled() { Err(interrupted()) } else { Ok(()) }
    }
}

pub(crate) fn interrupted() -> Fault {
    Fault::new(FaultClass::Interrupted, "interrupted; nothing half-done is visible at the target")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn steps_survive_being_counted() {
        let progress = Progress::default();
        assert_eq!(progress.step(), Step::Reading);
        for step in
            [Step::Exporting, Step::Deduplicating, Step::Writing, Step::Publishing, Step::Verifying, Step::Reading]
        {
            progress.enter(step);
            assert_eq!(progress.step(), step);
        }
    }

    #[tokio::test]
    async fn work_that_never_ends_ends_when_the_run_is_to_stop() {
        let progress = Arc::new(Progress::default());
        assert_eq!(progress.unless_cancelled(async { Ok(7) }).await.unwrap(), 7);
        let waiting = Arc::clone(&progress);
        let waiting =
            tokio::spawn(async move { waiting.unless_cancelled(std::future::pending::<Result<(), Fault>>()).await });
        tokio::task::yield_now().await;
        progress.cancel();
        assert_eq!(waiting.await.unwrap().unwrap_err().class, FaultClass::Interrupted);
        // Nor is anything begun afterwards.
        let later = progress.unless_cancelled(async { Err::<(), _>(Fault::internal("begun")) }).await;
        assert_eq!(later.unwrap_err().class, FaultClass::Interrupted);
    }
}
