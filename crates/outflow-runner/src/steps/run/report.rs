//! Telling the store how far a run is, for whoever follows it through another server; and noting when publishing began.

use std::sync::Arc;
use std::time::Duration;

use outflow_export::Step;
use outflow_store::{Job, Run, StoreError};
use tokio::task::JoinHandle;

use crate::context::Inner;
use crate::details::set;
use crate::live::Watch;
use crate::progress::sample;

/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// After how many looks the store is told, which is a write: every two seconds.
const LOOKS: u32 = 20;

/// Reports until dropped.
pub(super) struct Reporter {
    task: JoinHandle<()>,
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Begins to report.
pub(super) fn start(inner: &Arc<Inner>, job: &Job, watch: &Arc<Watch>) -> Reporter {
    let (inner, job, watch) = (Arc::clone(inner), job.clone(), Arc::clone(watch));
    let task = tokio::spawn(async move {
        let mut looks = 0;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            look(&inner, &watch);
            looks += 1;
            if looks % LOOKS == 0
                && let Err(error) = report(&inner, &job, &watch).await
            {
                tracing::debug!(run = %job.subject, %error, "how far the run is could not be told");
            }
        }
    });
    Reporter { task }
}

/// Notes that publishing has begun, where it has.
pub(super) fn look(inner: &Inner, watch: &Watch) {
    if watch.produced_at().is_none() && matches!(watch.progress.step(), Step::Publishing | Step::Verifying) {
        watch.produced(inner.now());
    }
}

async fn report(inner: &Inner, job: &Job, watch: &Watch) -> Result<(), StoreError> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let document = tx.get::<Run>(&job.sandbox, &job.subject).await?;
    let mut details = document.details.clone();
    set(&mut details, "progress", serde_json::to_value(sample(watch, inner.now())).unwrap_or_default());
    tx.set_details::<Run>(&job.sandbox, &job.subject, &details).await?;
    tx.commit().await
}
