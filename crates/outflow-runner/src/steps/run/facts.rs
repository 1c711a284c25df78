//! What a run's document says of how it went, whichever way it ended: metrics, and the parts of the work.

use chrono::{DateTime, Utc};
use outflow_model::balance::Balance;
use outflow_model::run::{RunBody, RunFacts, RunState};
use outflow_store::{Document, Flow, StoreError, Tx};

use super::StoredPlan;

/// What of a run's end its body does not hold.
pub(super) struct End<'a> {
    /// The flow's source connection; empty where it is not known.
    pub source: &'a str,
    /// The flow's target connection; empty where it is not known.
    pub target: &'a str,
    /// When the last profile had gone into a file.
    pub produced_at: Option<DateTime<Utc>>,
    /// Where its profiles went.
    pub balance: &'a Balance,
    /// Files that were read.
    pub input_files: u64,
    /// Their length.
    pub input_bytes: u64,
}

/// Writes the metrics and the activities of a run that has ended.
pub(super) fn describe(body: &mut RunBody, end: &End<'_>) {
    let facts = RunFacts {
        run_id: &body.id,
        segment_id: &body.segment_id,
        source_connection_id: end.source,
        target_connection_id: end.target,
        state: body.state,
        started_at: body.started_at,
        produced_at: end.produced_at,
        completed_at: body.completed_at,
        balance: end.balance,
        input_files: end.input_files,
        input_bytes: end.input_bytes,
        files: &body.files,
        // One that was cancelled may have failed before; that is not why it ended.
        error: body.error.as_ref().filter(|_| body.state == RunState::Failed),
        reason: body.reason.as_deref(),
    };
    let (metrics, activities) = (facts.metrics(), facts.activities());
    body.metrics = metrics;
    body.activities = activities;
}

/// Writes them of a run that failed or was cancelled: it has delivered nothing, so nothing is counted.
///
/// # Errors
/// Those of the store.
pub(crate) async fn describe_undelivered(
    tx: &mut Tx,
    sandbox: &str,
    body: &mut RunBody,
    produced_at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    let (source, target) = connections(tx, sandbox, body).await?;
    let balance = Balance::default();
    let end = End { source: &source, target: &target, produced_at, balance: &balance, input_files: 0, input_bytes: 0 };
    describe(body, &end);
    Ok(())
}

/// The connections of the run's flow: as they were planned, else as they are; empty where the flow is gone.
async fn connections(tx: &mut Tx, sandbox: &str, body: &RunBody) -> Result<(String, String), StoreError> {
    if let Some(plan) = tx.plan(&body.id).await?.and_then(|text| StoredPlan::parse(&text).ok()) {
        return Ok((plan.source_connection_id, plan.target_connection_id));
    }
    let flow = tx.find::<Flow>(sandbox, &body.flow_id).await?;
    let of = |member: &str| flow.as_ref().and_then(|flow| connection_id(flow, member)).unwrap_or_default();
    Ok((of("sourceConnectionIds"), of("targetConnectionIds")))
}

/// The flow's first connection of a kind.
pub(crate) fn connection_id(flow: &Document, member: &str) -> Option<String> {
    flow.body.get(member)?.get(0)?.as_str().map(str::to_owned)
}
