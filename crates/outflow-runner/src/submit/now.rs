//! Run a flow now: what its schedule would do next, at once; of a streaming flow, everybody's state.

use chrono::{DateTime, Utc};
use outflow_connector_kit::Connector;
use outflow_model::flow::{Activation, FlowKind};
use outflow_model::run::RunKind;
use outflow_store::{Document, Segment, Tx};
use serde_json::json;

use super::{SubmitError, queue_run, runnable};
use crate::ledger::{self, NewRun};
use crate::steps::stream::{NOW, mapped_ids};

/// Queues a run of every activated segment of a flow, each in its own mode; incremental state advances as with a
/// scheduled one. All or none: where one segment has a run that is going, nothing is queued. Of a streaming flow, one run
/// that sends the state of everybody in its segments. Answers the runs' ids, in the order of the flow's segments.
///
/// # Errors
/// `NotFound`; `Conflict` when the flow is disabled or activates nothing, and for a streaming flow without profiles; `Busy`.
pub async fn run_now(
    tx: &mut Tx,
    connectors: &[Box<dyn Connector>],
    sandbox: &str,
    flow: &str,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Vec<String>, SubmitError> {
    let (document, activation, kind) = runnable(tx, connectors, sandbox, flow).await?;
    if activation.segments.is_empty() {
        return Err(SubmitError::conflict(format!("flow {flow} activates no segment")));
    }
    if kind == FlowKind::Streaming {
        check_segments(tx, &document, &activation).await?;
        return Ok(vec![everybody(tx, &document, by, now).await?]);
    }
    let mut runs = Vec::new();
    for segment in &activation.segments {
        let run = NewRun {
            flow: &document,
            segment_id: &segment.id,
            segment_name: segment.name.as_deref(),
            kind: RunKind::Now,
            slot: now,
            coalesced: 0,
            by,
        };
        runs.push(queue_run(tx, &run).await?);
    }
    Ok(runs)
}

/// Refuses where nobody could be in a segment: the run would wait without end.
async fn check_segments(tx: &mut Tx, flow: &Document, activation: &Activation) -> Result<(), SubmitError> {
    if tx.get_many::<Segment>(&flow.sandbox, &mapped_ids(activation)).await?.is_empty() {
        return Err(SubmitError::conflict(format!("all segments of flow {} were deleted", flow.id)));
    }
    if tx.current_snapshot(&flow.sandbox).await?.is_none() {
        return Err(SubmitError::conflict("there are no profiles yet; attach a dataset first"));
    }
    Ok(())
}

/// Asks a streaming flow for everybody's state.
async fn everybody(tx: &mut Tx, flow: &Document, by: &str, now: DateTime<Utc>) -> Result<String, SubmitError> {
    if let Some(live) = tx.live_run_of_stream(&flow.id, RunKind::Now.as_str()).await? {
        let message = format!("run {} of flow {} is going", live.id, flow.id);
        return Err(SubmitError::Busy { message, run: Some(live.id.clone()) });
    }
    let id = tx.new_id()?;
    let mut body = ledger::stream_run(flow, &id, RunKind::Now, now);
    body.trigger = Some(by.to_owned());
    ledger::insert(tx, flow, &body, by).await?;
    tx.ask_stream(&flow.id, NOW, &json!({ "run": id })).await?;
    Ok(id)
}
