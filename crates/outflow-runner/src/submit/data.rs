//! Refreshing datasets, and reading back what a run delivered.

use chrono::{DateTime, Utc};
use outflow_model::run::RunState;
use outflow_store::{Dataset, NewJob, Run, Tx};
use serde_json::json;

use super::{SubmitError, Submitted};
use crate::details::set;
use crate::jobs::{self, Payload, priority};
use crate::ledger;

/// Queues a refresh of a dataset. Where one is under way already, which may have taken its list of files, another one
/// follows it.
///
/// # Errors
/// `NotFound`.
pub async fn refresh(tx: &mut Tx, sandbox: &str, dataset: &str, now: DateTime<Utc>) -> Result<Submitted, SubmitError> {
    // The lock orders this against the end of a refresh that is under way.
    let document = tx.lock::<Dataset>(sandbox, dataset).await?;
    let job = NewJob {
        kind: jobs::REFRESH,
        subject: dataset,
        sandbox,
        payload: Payload::default().value(),
        run_at: now,
        priority: priority::DATA,
    };
    let enqueued = tx.enqueue(&job).await?;
    let mut details = document.details.clone();
    match enqueued.is_new {
        true => set(&mut details, "refresh", json!({"state": "queued"})),
        false => set(&mut details, ledger::REFRESH_AGAIN, json!(true)),
    }
    tx.set_details::<Dataset>(sandbox, dataset, &details).await?;
    Ok(Submitted { id: enqueued.id, is_new: enqueued.is_new })
}

/// Queues reading back every file of a run that was a success. The result is in the run's details, `verification`.
///
/// # Errors
/// `NotFound`; `Conflict` when the run delivered nothing that could be read back.
pub async fn verify(tx: &mut Tx, sandbox: &str, run: &str, now: DateTime<Utc>) -> Result<Submitted, SubmitError> {
    let document = tx.get::<Run>(sandbox, run).await?;
    let body = ledger::read(&document)?;
    if body.state != RunState::Success {
        let message = format!("run {run} is {}; only a success can be verified", body.state.as_str());
        return Err(SubmitError::conflict(message));
    }
    if body.is_stream() {
        return Err(SubmitError::conflict(format!("run {run} is of a streaming flow; messages cannot be read back")));
    }
    let job = NewJob {
        kind: jobs::VERIFY,
        subject: run,
        sandbox,
        payload: Payload::default().value(),
        run_at: now,
        priority: priority::BY_HAND,
    };
    let enqueued = tx.enqueue(&job).await?;
    if enqueued.is_new {
        let mut details = document.details.clone();
        set(&mut details, "verification", json!({"state": "queued"}));
        tx.set_details::<Run>(sandbox, run, &details).await?;
    }
    Ok(Submitted { id: enqueued.id, is_new: enqueued.is_new })
}
