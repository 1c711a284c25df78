//! Trying a failed run again.

use chrono::{DateTime, Utc};
use outflow_connector_kit::Connector;
use outflow_model::Fault;
use outflow_model::run::RunState;
use outflow_store::{Equals, Expected, ListQuery, NewJob, Run, Scope, Tx};

use super::{SubmitError, check_version, runnable};
use crate::jobs::{self, Payload, priority};
use crate::ledger;
use crate::steps::run::StoredPlan;

/// Queues a run that failed or was cancelled again. It follows the plan that it had, so what it delivered already is found
/// and kept.
///
/// # Errors
/// `NotFound`; `Stale` when the run is not of the version expected; `Conflict` when it has not failed, when a newer one of
/// the same flow and segment has delivered, when it was to deliver the changes since what is not the last delivery any
/// more, when the flow is disabled or does not activate the segment any more; `Busy`.
pub async fn retry(
    tx: &mut Tx,
    connectors: &[Box<dyn Connector>],
    sandbox: &str,
    run: &str,
    expected: Expected,
    now: DateTime<Utc>,
) -> Result<(), SubmitError> {
    let document = tx.lock::<Run>(sandbox, run).await?;
    check_version(&document, expected)?;
    let mut body = ledger::read(&document)?;
    if body.state.is_live() {
        return Err(SubmitError::Busy { message: format!("run {run} is going"), run: Some(run.to_owned()) });
    }
    if !matches!(body.state, RunState::Failed | RunState::Cancelled) {
        return Err(SubmitError::conflict(format!("run {run} has ended as {}", body.state.as_str())));
    }
    if body.is_stream() {
        let message = format!("run {run} is of a streaming flow; run the flow now instead");
        return Err(SubmitError::conflict(message));
    }
    let (_, activation, _) = runnable(tx, connectors, sandbox, &body.flow_id).await?;
    if activation.segment(&body.segment_id).is_none() {
        return Err(SubmitError::conflict(format!(
            "flow {} does not activate the run's segment any more",
            body.flow_id
        )));
    }
    let newer = ListQuery {
        equals: vec![
            Equals { column: "flow_id", any_of: vec![body.flow_id.clone()] },
            Equals { column: "segment_id", any_of: vec![body.segment_id.clone()] },
            Equals { column: "state", any_of: vec![RunState::Success.as_str().to_owned()] },
        ],
        ..ListQuery::first(1)
    };
    let newer = tx.list::<Run>(Scope::Sandbox(sandbox), &newer).await?;
    if let Some(newer) = newer.items.first().filter(|newer| newer.created_at > document.created_at) {
        return Err(SubmitError::conflict(format!(
            "run {} has delivered what is newer; run the flow instead",
            newer.id
        )));
    }
    check_since(tx, run, &body.flow_id, &body.segment_id).await?;
    body.queue_again().map_err(Fault::from)?;
    ledger::set_queued_at(&mut body, now);
    ledger::write(tx, &document, &body).await?;
    let job = NewJob {
        kind: jobs::RUN,
        subject: run,
        sandbox,
        payload: Payload::default().value(),
        run_at: now,
        priority: priority::BY_HAND,
    };
    tx.enqueue(&job).await?;
    Ok(())
}

/// Refuses a plan of changes since something else than what was delivered last: whoever entered with the delivery in
/// between, and has left by now, would not be told.
async fn check_since(tx: &mut Tx, run: &str, flow: &str, segment: &str) -> Result<(), SubmitError> {
    let Some(text) = tx.plan(run).await? else { return Ok(()) };
    let plan = StoredPlan::parse(&text)?;
    let Some(since) = plan.since else { return Ok(()) };
    let delivered = tx.flow_state(flow, segment).await?.and_then(|state| state.delivered_evaluation);
    if delivered.as_ref() == Some(&since.id) {
        return Ok(());
    }
    Err(SubmitError::conflict(format!(
        "run {run} was to deliver the changes since a delivery that is not the last one any more; run the flow instead"
    )))
}
