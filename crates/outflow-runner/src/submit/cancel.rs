//! Cancelling a run.

use chrono::{DateTime, Utc};
use outflow_model::Fault;
use outflow_model::run::{CancelRequest, RunState};
use outflow_store::{Expected, Run, Tx};

use super::{SubmitError, check_version};
use crate::steps::run::describe_undelivered;
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
    let document = tx.lock::<Run>(sandbox, run).await?;
    check_version(&document, expected)?;
    let mut body = ledger::read(&document)?;
    if !body.state.is_live() {
        return Err(SubmitError::conflict(format!("run {run} has ended as {}", body.state.as_str())));
    }
    body.cancel_request = Some(CancelRequest { by: by.to_owned(), reason: reason.to_owned(), at: now });
    if is_at_work {
        return Ok(ledger::write(tx, &document, &body).await?);
    }
    body.enter(RunState::Cancelled).map_err(Fault::from)?;
    body.reason = Some(reason.to_owned());
    body.completed_at = Some(now);
    body.next_attempt_at = None;
    describe_undelivered(tx, sandbox, &mut body, None).await?;
    ledger::write(tx, &document, &body).await?;
    alerts::cancelled(tx, run, sandbox, &body, now).await?;
    metrics::counter!("outflow_runs_total", "state" => "cancelled").increment(1);
    Ok(())
}
