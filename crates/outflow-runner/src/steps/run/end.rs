//! The end of a try that was no success.

use outflow_model::run::{RunAttempt, RunError, RunState};
use outflow_store::{FencedTx, Job, Run, StoreError};

use super::facts::describe_undelivered;
use crate::alerts;
use crate::context::Inner;
use crate::details::take;
use crate::ledger;
use crate::steps::{Ending, Interruption};

/// How a try ended whose server was shut down.
const HANDED_BACK: &str = "handed back";

/// How a try ended whose worker was never heard of again.
const LOST: &str = "lost";

/// Writes how the try ended.
pub(crate) async fn end(inner: &Inner, tx: &mut FencedTx, job: &Job, ending: &Ending<'_>) -> Result<(), StoreError> {
    if tx.find::<Run>(&job.sandbox, &job.subject).await?.is_none() {
        return Ok(());
    }
    let document = tx.lock::<Run>(&job.sandbox, &job.subject).await?;
    let mut body = ledger::read(&document).map_err(|fault| StoreError::Internal(fault.message))?;
    if !body.state.is_live() {
        return Ok(());
    }
    let now = inner.now();
    let (state, outcome, error) = match ending {
        Ending::Retry { fault, .. } => (RunState::Queued, "retry", Some(RunError::from(*fault))),
        Ending::Failed { fault } => (RunState::Failed, "failed", Some(RunError::from(*fault))),
        Ending::Cancelled { .. } => (RunState::Cancelled, "cancelled", None),
    };
    body.enter(state).map_err(|error| StoreError::Internal(error.to_string()))?;
    let told = error.as_ref().and_then(|error| serde_json::to_value(error).ok());
    if let Some(number) = tx.current_attempt(&job.subject).await? {
        tx.end_attempt(&job.subject, number, outcome, told.as_ref()).await?;
    }
    body.attempts = attempts(tx, &job.subject).await?;
    match ending {
        Ending::Retry { at, .. } => body.next_attempt_at = Some(*at),
        Ending::Failed { .. } => body.completed_at = Some(now),
        Ending::Cancelled { reason } => {
            body.completed_at = Some(now);
            let asked = body.cancel_request.as_ref().map(|request| request.reason.clone());
            body.reason = reason.clone().or(asked).or_else(|| Some("it was cancelled".into()));
        }
    }
    if error.is_some() {
        body.error = error;
    }
    if body.state.is_final() {
        body.next_attempt_at = None;
        let produced_at = inner.live.find(&job.kind, &job.subject).and_then(|watch| watch.produced_at());
        describe_undelivered(tx, &job.sandbox, &mut body, produced_at).await?;
    }
    ledger::write(tx, &document, &body).await?;
    let mut details = document.details.clone();
    take(&mut details, "progress");
    tx.set_details::<Run>(&job.sandbox, &job.subject, &details).await?;
    if !matches!(ending, Ending::Retry { .. }) {
        metrics::counter!("outflow_runs_total", "state" => state.as_str()).increment(1);
    }
    match ending {
        Ending::Failed { .. } => alerts::failed(tx, &job.subject, &job.sandbox, &body, now).await,
        Ending::Cancelled { .. } => alerts::cancelled(tx, &job.subject, &job.sandbox, &body, now).await,
        Ending::Retry { .. } => Ok(()),
    }
}

/// Writes that a try ended without a result.
pub(crate) async fn interrupted(tx: &mut FencedTx, job: &Job, why: Interruption) -> Result<(), StoreError> {
    let Some(number) = tx.current_attempt(&job.subject).await? else { return Ok(()) };
    match why {
        Interruption::Wait => tx.drop_attempt(&job.subject, number).await,
        Interruption::Shutdown => tx.end_attempt(&job.subject, number, HANDED_BACK, None).await,
    }
}

/// The tries of a run as its document shows them.
pub(super) async fn attempts(tx: &mut FencedTx, run: &str) -> Result<Vec<RunAttempt>, StoreError> {
    let shown = |attempt: outflow_store::RunAttempt| RunAttempt {
        number: u32::try_from(attempt.number).unwrap_or(u32::MAX),
        worker: attempt.worker,
        started_at: attempt.started_at,
        ended_at: attempt.ended_at,
        // This one has ended; those before it that nobody ended were of workers that did.
        outcome: attempt.outcome.or_else(|| Some(LOST.to_owned())),
        error: attempt.error.and_then(|error| serde_json::from_value(error).ok()),
    };
    Ok(tx.run_attempts(run).await?.into_iter().map(shown).collect())
}
