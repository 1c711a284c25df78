//! How far a refresh is: counted by the threads that carry it out, told to the store for whoever looks at the dataset.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use outflow_store::{Dataset, Job, StoreError};
use serde::Serialize;
use tokio::task::JoinHandle;

use crate::context::Inner;
use crate::details::{set, take};
use crate::live::Watch;

/// The member of a dataset's `refresh` that says how far it is.
pub(crate) const PROGRESS: &str = "progress";

/// How often the store is told, which is a write.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// What a refresh is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RefreshStep {
    /// The files are listed.
    #[default]
    Listing,
    /// Types are found, for which text files are read whole: counted are their bytes.
    Opening,
    /// Records are read and sorted.
    Reading,
    /// The newest record of each profile is written: counted are records that are read back.
    Writing,
    /// The profiles of several datasets become one: counted are profiles of each.
    Merging,
    /// Profiles are made to be found by their identities.
    Indexing,
}

/// How far a refresh is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefreshProgress {
    step: RefreshStep,
    /// What of the step is done.
    done: u64,
    /// What there is to do in the step; 0 where that is not known.
    total: u64,
    /// Bytes of the dataset's files, once they are listed.
    bytes_total: Option<u64>,
    updated_at: DateTime<Utc>,
}

#[derive(Default)]
struct Doing {
    step: RefreshStep,
    total: u64,
    bytes_total: Option<u64>,
}

/// The counters of a refresh.
#[derive(Default)]
pub(crate) struct Refreshing {
    doing: Mutex<Doing>,
    done: AtomicU64,
}

impl Refreshing {
    /// A step begins that has `total` to do.
    pub fn begin(&self, step: RefreshStep, total: u64) {
        let mut doing = self.doing();
        (doing.step, doing.total) = (step, total);
        self.done.store(0, Ordering::Relaxed);
    }

    /// The files are listed: they have so many bytes.
    pub fn listed(&self, bytes: u64) {
        self.doing().bytes_total = Some(bytes);
    }

    /// So much of the step is done, in all; threads may say so out of order.
    pub fn reached(&self, done: u64) {
        self.done.fetch_max(done, Ordering::Relaxed);
    }

    /// Bytes of a file were read: while types are found, that is what is to do.
    pub fn read(&self, bytes: usize) {
        if self.doing().step == RefreshStep::Opening {
            self.done.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// How far it is.
    pub fn sample(&self, now: DateTime<Utc>) -> RefreshProgress {
        let doing = self.doing();
        let done = self.done.load(Ordering::Relaxed);
        // Records count a second time when they are read back.
        let (step, done) = match done.checked_sub(doing.total) {
            Some(again) if again > 0 && doing.step == RefreshStep::Reading => (RefreshStep::Writing, again),
            _ => (doing.step, done),
        };
        let done = if doing.total > 0 { done.min(doing.total) } else { done };
        RefreshProgress { step, done, total: doing.total, bytes_total: doing.bytes_total, updated_at: now }
    }

    fn doing(&self) -> MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells the store how far a refresh is, until dropped.
pub(crate) struct Telling {
    task: JoinHandle<()>,
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Begins to tell how far the refresh `job` is, which is under way.
pub(crate) fn tell(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Telling {
    let (inner, job, watch) = (Arc::clone(inner), job.clone(), Arc::clone(watch));
    let task = tokio::spawn(async move {
        loop {
            tokio::time::sleep(TELL_EVERY).await;
            if let Err(error) = write(&inner, &job, &watch).await {
                tracing::debug!(dataset = %job.subject, %error, "how far the refresh is could not be told");
            }
        }
    });
    Telling { task }
}

async fn write(inner: &Inner, job: &Job, watch: &Watch) -> Result<(), StoreError> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let dataset = tx.lock::<Dataset>(&job.sandbox, &job.subject).await?;
    let mut details = dataset.details.clone();
    let mut refresh = take(&mut details, "refresh").unwrap_or_default();
    let progress = watch.refreshing.sample(inner.now());
    set(&mut refresh, PROGRESS, serde_json::to_value(progress).unwrap_or_default());
    set(&mut details, "refresh", refresh);
    tx.set_details::<Dataset>(&job.sandbox, &job.subject, &details).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use outflow_testkit::clock::fixed_now;

    use super::*;

    fn told(refreshing: &Refreshing) -> (RefreshStep, u64, u64) {
        let sample = refreshing.sample(fixed_now());
        (sample.step, sample.done, sample.total)
    }

    #[test]
    fn each_step_says_what_there_is_to_do() {
        let refreshing = Refreshing::default();
        assert_eq!(told(&refreshing), (RefreshStep::Listing, 0, 0));
        refreshing.listed(50);
        refreshing.begin(RefreshStep::Opening, 50);
        refreshing.read(20);
        refreshing.read(20);
        assert_eq!(told(&refreshing), (RefreshStep::Opening, 40, 50));
        // Headers are read twice.
        refreshing.read(20);
        assert_eq!(told(&refreshing), (RefreshStep::Opening, 50, 50));
        refreshing.begin(RefreshStep::Reading, 10);
        refreshing.read(20);
        refreshing.reached(7);
        refreshing.reached(5);
        assert_eq!(told(&refreshing), (RefreshStep::Reading, 7, 10));
        refreshing.reached(13);
        assert_eq!(told(&refreshing), (RefreshStep::Writing, 3, 10));
        refreshing.begin(RefreshStep::Merging, 9);
        assert_eq!(told(&refreshing), (RefreshStep::Merging, 0, 9));
        assert_eq!(refreshing.sample(fixed_now()).bytes_total, Some(50));
    }
}
