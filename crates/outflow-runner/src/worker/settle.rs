//! What is written when a job's try is over.

use std::sync::Arc;

use chrono::TimeDelta;
use outflow_model::Fault;
use outflow_store::{Job, StoreError};

use super::End;
use super::retry::{Tries, next_stream_try, next_try};
use crate::context::Inner;
use crate::jobs::{self, Payload};
use crate::live::{Stop, Watch};
use crate::steps::{self, Ending, Interruption};

/// Settles a try. Where that fails, the lease runs out and the job is carried out again.
pub(super) async fn settle(inner: &Arc<Inner>, job: &Job, watch: &Watch, result: Result<End, Fault>) {
    let outcome = match &result {
        Ok(End::Done) => "done",
        Ok(End::Wait { .. }) => "waits",
        Ok(End::NotWanted(_)) => "not wanted",
        Err(_) if watch.stopped().is_some() => "stopped",
        Err(_) => "failed",
    };
    metrics::counter!("outflow_job_tries_total", "kind" => job.kind.clone(), "outcome" => outcome).increment(1);
    tracing::info!(job = %job.id, kind = %job.kind, outcome, stopped = ?watch.stopped(), "a job's try is over");
    match write(inner, job, watch, result).await {
        Ok(()) => {}
        Err(StoreError::LeaseLost { .. }) => tracing::info!(job = %job.id, "the job is another worker's by now"),
        Err(error) => {
            tracing::warn!(job = %job.id, %error, "the end of a job's try could not be written; it will be taken up again");
        }
    }
}

async fn write(inner: &Arc<Inner>, job: &Job, watch: &Watch, result: Result<End, Fault>) -> Result<(), StoreError> {
    match (watch.stopped(), result) {
        (_, Ok(End::Done)) | (Some(Stop::LeaseLost), _) => Ok(()),
        (_, Ok(End::NotWanted(reason))) => end(inner, job, Ending::Cancelled { reason: Some(reason) }).await,
        (Some(Stop::Cancelled), _) => end(inner, job, Ending::Cancelled { reason: None }).await,
        (Some(Stop::Shutdown), _) => {
            let mut tx = inner.store.begin_fenced(&job.lease()).await?;
            steps::interrupted(&mut tx, job, Interruption::Shutdown).await?;
            tx.commit().await?;
            inner.store.hand_back(&job.lease()).await
        }
        (None, Ok(End::Wait { wait, why })) => {
            let mut payload = Payload::of(&job.payload);
            payload.waits += 1;
            let mut tx = inner.store.begin_fenced(&job.lease()).await?;
            steps::interrupted(&mut tx, job, Interruption::Wait).await?;
            tx.set_payload(&payload.value()).await?;
            let at = inner.now() + TimeDelta::from_std(wait).unwrap_or(TimeDelta::seconds(1));
            tx.retry_job(at, &why).await?;
            tx.commit().await
        }
        (None, Err(fault)) => failed(inner, job, watch, &fault).await,
    }
}

async fn failed(inner: &Arc<Inner>, job: &Job, watch: &Watch, fault: &Fault) -> Result<(), StoreError> {
    let mut payload = Payload::of(&job.payload);
    payload.failures += 1;
    let chain = outflow_model::fault::chain(fault);
    let now = inner.now();
    let failing_since = *payload.failing_since.get_or_insert(now);
    let tries = Tries { attempt: payload.failures, failing_since, now, jitter: inner.jitter() };
    let next = match job.kind == jobs::STREAM {
        true => {
            // A target that takes messages now and then is not one that is away for long.
            payload.failures_in_a_row = if watch.has_moved() { 1 } else { payload.failures_in_a_row + 1 };
            let tries = Tries { attempt: payload.failures_in_a_row, ..tries };
            Some(next_stream_try(&inner.settings.retry, fault, tries))
        }
        false => next_try(&inner.settings.retry, fault, tries),
    };
    match next {
        None => {
            tracing::warn!(job = %job.id, kind = %job.kind, subject = %job.subject, class = %fault.class, fault = %chain, "a job failed");
            end(inner, job, Ending::Failed { fault }).await
        }
        Some(at) => {
            tracing::info!(job = %job.id, kind = %job.kind, subject = %job.subject, class = %fault.class, fault = %chain, %at, "a job is tried again");
            let mut tx = inner.store.begin_fenced(&job.lease()).await?;
            steps::end(inner, &mut tx, job, &Ending::Retry { fault, at }).await?;
            tx.set_payload(&payload.value()).await?;
            tx.retry_job(at, &chain).await?;
            tx.commit().await
        }
    }
}

/// Writes the last word on a job and takes it off the queue.
async fn end(inner: &Arc<Inner>, job: &Job, ending: Ending<'_>) -> Result<(), StoreError> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    steps::end(inner, &mut tx, job, &ending).await?;
    tx.finish_job().await?;
    steps::ended(inner, &mut tx, job).await?;
    tx.commit().await?;
    // A slot may have waited for this.
    inner.signal.notify_one();
    Ok(())
}
