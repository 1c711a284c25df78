//! Run a flow now: what its schedule would do next, at once.

use chrono::{DateTime, Utc};
use outflow_model::run::RunKind;
use outflow_store::Tx;

use super::{SubmitError, queue_run, runnable};
use crate::ledger::NewRun;

/// Queues a run of every activated segment of a flow, each in its own mode; incremental state advances as with a
/// scheduled one. All or none: where one segment has a run that is going, nothing is queued. Answers the runs' ids, in
/// the order of the flow's segments.
///
/// # Errors
/// `NotFound`; `Conflict` when the flow is disabled or activates nothing; `Busy`.
pub async fn run_now(
    tx: &mut Tx,
    sandbox: &str,
    flow: &str,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Vec<String>, SubmitError> {
    let (document, activation) = runnable(tx, sandbox, flow).await?;
    if activation.segments.is_empty() {
        return Err(SubmitError::conflict(format!("flow {flow} activates no segment")));
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
