//! Cancelling a run.

use chrono::{DateTime, Utc};
use outflow_model::Fault;
use outflow_model::run::{CancelRequest, RunState};
use outflow_store::{Expected, Flow, Run, Tx};

use super::{SubmitError, check_version};
use crate::steps::run::describe_undelivered;
use crate::steps::stream::NOW;
use crate::{alerts, jobs, ledger};

/// Cancels a run that has not ended. Nobody at work on it: it is cancelled at once. Otherwise its worker is asked to stop,
/// and the run ends as cancelled when it has; a run that was done in that moment ends as it ended.
///
/// # Errors
/// `NotFound`; `Stale` when the run is not of the version expected; `Conflict` when it has ended. The transaction is not to
/// be committed then.
pub async fn cancel(
    tx: &mut Tx,
    sandbox: &str,
    run: &str,
    by: &str,
    reason: &str,
    expected: Expected,
    now: DateTime<Utc>,
) -> Result<(), SubmitError> {
    // The job's row before the run's, as its worker takes them: two who take them in opposite orders wait for each other.
    // Where the run has ended, the caller's transaction is not committed.
    let is_at_work = !tx.drop_job(jobs::RUN, run).await? && tx.request_cancel(jobs::RUN, run).await?;
    let is_taken_back = take_back(tx, run, sandbox).await?;
    let document = tx.lock::<Run>(sandbox, run).await?;
    check_version(&document, expected)?;
    let mut body = ledger::read(&document)?;
    if !body.state.is_live() {
        return Err(SubmitError::conflict(format!("run {run} has ended as {}", body.state.as_str())));
    }
    if body.is_stream() && !is_taken_back && tx.find::<Flow>(sandbox, &body.flow_id).await?.is_some() {
        return Err(SubmitError::conflict(format!(
            "messages of run {run} are on their way; disable flow {} to stop them",
            body.flow_id
        )));
    }
    body.cancel_request = Some(CancelRequest { by: by.to_owned(), reason: reason.to_owned(), at: now });
    if is_at_work {
        return Ok(ledger::write(tx, &document, &body).await?);
    }
    body.enter(RunState::Cancelled).map_err(Fault::from)?;
    body.reason = Some(reason.to_owned());
    body.completed_at = Some(now);
    body.next_attempt_at = None;
    match body.is_stream() {
        // What was sent was sent.
        true => body.metrics.duration_summary.completed_at_utc = Some(now.timestamp_millis()),
        false => describe_undelivered(tx, sandbox, &mut body, None).await?,
    }
    ledger::write(tx, &document, &body).await?;
    alerts::cancelled(tx, run, sandbox, &body, now).await?;
    metrics::counter!("outflow_runs_total", "state" => "cancelled").increment(1);
    Ok(())
}

/// Takes the wish back that a run of a streaming flow stands for. False where it is none, or was begun. The wish goes before
/// the run, as its worker takes them.
async fn take_back(tx: &mut Tx, run: &str, sandbox: &str) -> Result<bool, SubmitError> {
    let Some(document) = tx.find::<Run>(sandbox, run).await? else { return Ok(false) };
    let body = ledger::read(&document)?;
    if !body.is_stream() {
        return Ok(false);
    }
    for request in tx.stream_requests(&body.flow_id).await? {
        if request.kind == NOW && request.body.get("run").and_then(serde_json::Value::as_str) == Some(run) {
            return Ok(tx.drop_stream_request(&request.id).await?);
        }
    }
    Ok(false)
}
