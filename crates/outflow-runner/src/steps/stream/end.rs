//! The end of a try that was no success: the stream says why it stands still, and people are told where it is their move.

use chrono::{DateTime, Utc};
use outflow_model::run::{RunBody, RunError, RunKind};
use outflow_store::{FencedTx, Flow, Job, StoreError};

use crate::alerts;
use crate::context::Inner;
use crate::ledger;
use crate::steps::Ending;
use crate::streams::StreamState;
use crate::worker::retry::may_pass;

/// Writes how a try ended.
pub(crate) async fn end(inner: &Inner, tx: &mut FencedTx, job: &Job, ending: &Ending<'_>) -> Result<(), StoreError> {
    let now = inner.now();
    let (fault, at) = match ending {
        Ending::Retry { fault, at } => (fault, *at),
        Ending::Failed { fault } => (fault, now),
        Ending::Cancelled { .. } => return Ok(()),
    };
    if tx.find::<Flow>(&job.sandbox, &job.subject).await?.is_none() {
        return Ok(());
    }
    let mut state = StreamState::find(tx, &job.subject).await?.unwrap_or_default();
    let error = RunError::from(*fault);
    state.block(error.clone(), at, now);
    state.put(tx, &job.sandbox, &job.subject).await?;
    // What may pass by itself is told when it makes a run late.
    if !may_pass(fault.class)
        && let Some(mut body) = about(tx, job, now).await?
    {
        body.error = Some(error);
        alerts::failed(tx, &body.id, &job.sandbox, &body, now).await?;
    }
    Ok(())
}

/// Says that the stream goes on, where it was told that it stands still.
///
/// # Errors
/// Those of the store.
pub(super) async fn recover(tx: &mut FencedTx, job: &Job, now: DateTime<Utc>) -> Result<(), StoreError> {
    let subject = alerts::subject(&job.subject, "");
    if tx.alert_open(&subject, alerts::Kind::RunFailure.name()).await?
        && let Some(body) = about(tx, job, now).await?
    {
        alerts::recovered(tx, &body.id, &job.sandbox, &body, now).await?;
    }
    Ok(())
}

/// The run that an alert about the stream names: the one that lives; without an id where none does.
pub(super) async fn about(tx: &mut FencedTx, job: &Job, now: DateTime<Utc>) -> Result<Option<RunBody>, StoreError> {
    for kind in [RunKind::Window, RunKind::Now] {
        if let Some(run) = tx.live_run_of_stream(&job.subject, kind.as_str()).await? {
            return ledger::read(&run).map(Some).map_err(|fault| StoreError::Internal(fault.message));
        }
    }
    let flow = tx.find::<Flow>(&job.sandbox, &job.subject).await?;
    Ok(flow.map(|flow| ledger::stream_run(&flow, "", RunKind::Window, now)))
}
