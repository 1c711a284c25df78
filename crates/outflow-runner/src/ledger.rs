//! The ledger of runs: their documents, read and written as what they are.

use chrono::{DateTime, Utc};
use outflow_model::Fault;
use outflow_model::run::{RunBody, RunKind};
use outflow_store::{Change, Document, Expected, NewDocument, NewJob, Run, StoreError, Tx};

use crate::jobs::{self, Payload};

/// The member of a dataset's details that says: another refresh follows the one that is under way.
pub(crate) const REFRESH_AGAIN: &str = "refreshAgain";

/// A run that is to be.
pub(crate) struct NewRun<'a> {
    /// The flow.
    pub flow: &'a Document,
    /// The segment.
    pub segment_id: &'a str,
    /// The segment's name in the flow.
    pub segment_name: Option<&'a str>,
    /// What it comes from.
    pub kind: RunKind,
    /// The slot of its schedule; when it was asked for, where there is none.
    pub slot: DateTime<Utc>,
    /// Earlier slots that it stands for.
    pub coalesced: u64,
    /// Who asked for it.
    pub by: &'a str,
}

/// A run's body.
///
/// # Errors
/// `Internal` when it is none.
pub(crate) fn read(document: &Document) -> Result<RunBody, Fault> {
    serde_json::from_value(document.body.clone())
        .map_err(|e| Fault::internal(format!("run {} cannot be read", document.id)).because(e))
}

/// Writes a run's body.
///
/// # Errors
/// Those of the store.
pub(crate) async fn write(tx: &mut Tx, document: &Document, body: &RunBody) -> Result<(), StoreError> {
    let change = Change { name: None, body: value(body)?, by: &document.updated_by };
    tx.update::<Run>(&document.sandbox, &document.id, Expected::Any, change).await?;
    Ok(())
}

fn value(body: &RunBody) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(body).map_err(|e| StoreError::Internal(format!("a run cannot be written: {e}")))
}

/// Inserts a run and the job that carries it out. Answers its id.
///
/// # Errors
/// `Conflict::LiveRun` when one of the same flow and segment is going.
pub(crate) async fn queue(tx: &mut Tx, run: &NewRun<'_>, priority: i64) -> Result<String, StoreError> {
    let id = tx.new_id()?;
    let mut body = RunBody::queued(&id, &run.flow.id, run.segment_id, run.kind, run.slot, run.coalesced);
    body.flow_name = Some(run.flow.name.clone());
    if let Some(spec) = run.flow.body.get("flowSpec") {
        // Clients look for it; nothing here does.
        body.other.insert("flowSpec".into(), spec.clone());
    }
    body.segment_name = run.segment_name.map(str::to_owned);
    body.trigger = Some(run.by.to_owned());
    let sandbox = run.flow.sandbox.as_str();
    let document =
        tx.insert::<Run>(NewDocument { id: Some(id), sandbox, name: "", body: value(&body)?, by: run.by }).await?;
    let job = NewJob {
        kind: jobs::RUN,
        subject: &document.id,
        sandbox,
        payload: Payload::default().value(),
        run_at: tx.now(),
        priority,
    };
    tx.enqueue(&job).await?;
    tracing::info!(run = %document.id, flow = %run.flow.id, segment = run.segment_id, slot = %run.slot, "a run is queued");
    Ok(document.id.clone())
}

/// The body of a run of a streaming flow that waits.
pub(crate) fn stream_run(flow: &Document, id: &str, kind: RunKind, slot: DateTime<Utc>) -> RunBody {
    let mut body = RunBody::queued(id, &flow.id, "", kind, slot, 0);
    body.flow_name = Some(flow.name.clone());
    if let Some(spec) = flow.body.get("flowSpec") {
        body.other.insert("flowSpec".into(), spec.clone());
    }
    body
}

/// Inserts a run that no job of its own carries out: one of a streaming flow.
///
/// # Errors
/// `Conflict::LiveRun` when one of the same flow and kind is going.
pub(crate) async fn insert(tx: &mut Tx, flow: &Document, body: &RunBody, by: &str) -> Result<(), StoreError> {
    let (id, sandbox) = (Some(body.id.clone()), flow.sandbox.as_str());
    tx.insert::<Run>(NewDocument { id, sandbox, name: "", body: value(body)?, by }).await?;
    tracing::info!(run = %body.id, flow = %flow.id, kind = body.kind.as_str(), slot = %body.slot, "a run of a streaming flow begins");
    Ok(())
}

/// The member of a run's body that says which time its file names hold.
const NAME_TIME: &str = "nameTime";

/// The time that a run's dated file names hold.
pub(crate) fn name_time(body: &RunBody) -> Option<DateTime<Utc>> {
    serde_json::from_value(body.other.get(NAME_TIME)?.clone()).ok()
}

/// Says which time a run's dated file names hold.
pub(crate) fn set_name_time(body: &mut RunBody, time: DateTime<Utc>) {
    body.other.insert(NAME_TIME.into(), serde_json::json!(time));
}

/// The member of a run's body that names the evaluation that it exports, where that is one without withheld profiles.
const PERMITTED: &str = "permittedEvaluationId";

/// The evaluation that a run exports, where that is one without withheld profiles.
pub(crate) fn permitted(body: &RunBody) -> Option<String> {
    Some(body.other.get(PERMITTED)?.as_str()?.to_owned())
}

/// Says which evaluation a run exports, where that is one without withheld profiles.
pub(crate) fn set_permitted(body: &mut RunBody, id: Option<&str>) {
    match id {
        Some(id) => drop(body.other.insert(PERMITTED.into(), serde_json::json!(id))),
        None => drop(body.other.remove(PERMITTED)),
    }
}

/// The member of a run's body that says when it was queued again, where it was.
const QUEUED_AT: &str = "queuedAt";

/// When a run was queued again, where it was.
pub(crate) fn queued_at(body: &RunBody) -> Option<DateTime<Utc>> {
    serde_json::from_value(body.other.get(QUEUED_AT)?.clone()).ok()
}

/// Says when a run was queued again.
pub(crate) fn set_queued_at(body: &mut RunBody, time: DateTime<Utc>) {
    body.other.insert(QUEUED_AT.into(), serde_json::json!(time));
}

/// Who changes configuration where nobody asked for it.
pub(crate) const SERVER: &str = "outflow";

/// Why a flow is not followed, where it is not.
pub(crate) fn why_off(flow: &Document) -> Option<String> {
    if is_enabled(flow) {
        return None;
    }
    Some(match flow.body.pointer("/pause/reason").and_then(serde_json::Value::as_str) {
        Some(reason) => format!("its flow is paused: it {reason}"),
        None => "its flow was disabled".to_owned(),
    })
}

/// Whether a flow's schedules are followed.
pub(crate) fn is_enabled(flow: &Document) -> bool {
    flow.body.get("state").and_then(serde_json::Value::as_str) != Some("disabled")
}
