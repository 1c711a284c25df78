//! Run a flow now: what its schedule would do next, at once; of a streaming flow, everybody's state.

use chrono::{DateTime, Utc};
use outflow_connector_kit::Connector;
use outflow_model::flow::FlowKind;
use outflow_model::run::RunKind;
use outflow_store::{Document, Tx};
use serde_json::json;

use super::{SubmitError, queue_run, runnable};
use crate::ledger::{self, NewRun};
use crate::steps::stream::NOW;

/// Queues a run of every activated segment of a flow, each in its own mode; incremental state advances as with a
/// scheduled one. All or none: where one segment has a run that is going, nothing is queued. Of a streaming flow, one run
/// that sends the state of everybody in its segments. Answers the runs' ids, in the order of the flow's segments.
///
/// # Errors
/// `NotFound`; `Conflict` when the flow is disabled or activates nothing; `Busy`.
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
