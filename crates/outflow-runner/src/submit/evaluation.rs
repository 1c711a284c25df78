//! Evaluating segments.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_store::{Change, Document, Expected, NewDocument, NewJob, Reader, Scope, Segment, SegmentJob, Tx};
use serde_json::{Map, Value, json};

use super::{SubmitError, Submitted};
use crate::details::set;
use crate::jobs::{self, Payload, priority};

/// What asks for an evaluation.
pub(crate) struct Order<'a> {
    /// The segments; `None` for all that there are when it begins.
    pub segments: Option<&'a [String]>,
    /// `api` or `scheduler`.
    pub source: &'a str,
    /// Whether the datasets are read anew first.
    pub refresh_first: bool,
    /// Members of the document beside those of every segment job.
    pub members: Map<String, Value>,
    /// Who asks.
    pub by: &'a str,
}

/// Queues an evaluation of the named segments, or of all. What is answered is the segment job's id.
///
/// # Errors
/// `NotFound` for a segment that is not there; `Invalid` for an empty list.
pub async fn segment_job(
    tx: &mut Tx,
    sandbox: &str,
    segments: Option<&[String]>,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Submitted, SubmitError> {
    if segments.is_some_and(<[String]>::is_empty) {
        return Err(SubmitError::invalid("no segment is named"));
    }
    let asked = segments.unwrap_or_default();
    let there: HashSet<String> =
        tx.get_many::<Segment>(sandbox, asked).await?.iter().map(|segment| segment.id.clone()).collect();
    if let Some(missing) = asked.iter().find(|id| !there.contains(*id)) {
        // Says that it is not there.
        tx.get::<Segment>(sandbox, missing).await?;
    }
    let order = Order { segments, source: "api", refresh_first: false, members: Map::new(), by };
    queue(tx, sandbox, order, now).await
}

/// Queues an evaluation.
pub(crate) async fn queue(
    tx: &mut Tx,
    sandbox: &str,
    order: Order<'_>,
    now: DateTime<Utc>,
) -> Result<Submitted, SubmitError> {
    let named = named(tx, sandbox, order.segments).await?;
    let mut body = json!({
        "status": "QUEUED",
        "source": order.source,
        "all": order.segments.is_none(),
        "segments": named.iter().map(|segment| listed(segment)).collect::<Vec<_>>(),
    });
    for (member, value) in order.members {
        set(&mut body, &member, value);
    }
    let document = tx.insert::<SegmentJob>(NewDocument { id: None, sandbox, name: "", body, by: order.by }).await?;
    let payload = Payload { refresh_first: order.refresh_first, ..Payload::default() };
    let job = NewJob {
        kind: jobs::EVALUATION,
        subject: &document.id,
        sandbox,
        payload: payload.value(),
        run_at: now,
        priority: if order.source == "api" { priority::BY_HAND } else { priority::DATA },
    };
    tx.enqueue(&job).await?;
    Ok(Submitted { id: document.id.clone(), is_new: true })
}

/// The segments that are meant, those that were deleted left out.
pub(crate) async fn named(
    reader: &mut Reader,
    sandbox: &str,
    segments: Option<&[String]>,
) -> Result<Vec<Arc<Document>>, SubmitError> {
    match segments {
        Some(ids) => Ok(reader.get_many::<Segment>(sandbox, ids).await?),
        None => Ok(reader.all::<Segment>(Scope::Sandbox(sandbox), Vec::new()).await?),
    }
}

/// A segment as a job lists it.
pub(crate) fn listed(segment: &Document) -> Value {
    let mut shown = json!({"id": segment.id, "name": segment.name});
    for member in ["expression", "mergePolicyId"] {
        if let Some(value) = segment.body.get(member) {
            set(&mut shown, member, value.clone());
        }
    }
    json!({"segmentId": segment.id, "segment": shown})
}

/// Cancels an evaluation that has not ended.
///
/// # Errors
/// `NotFound`; `Conflict` when it has ended. The transaction is not to be committed then.
pub async fn cancel_segment_job(
    tx: &mut Tx,
    sandbox: &str,
    job: &str,
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), SubmitError> {
    // In the order in which its worker takes them; see `cancel`.
    let is_at_work = !tx.drop_job(jobs::EVALUATION, job).await? && tx.request_cancel(jobs::EVALUATION, job).await?;
    let document = tx.lock::<SegmentJob>(sandbox, job).await?;
    let status = document.body.get("status").and_then(Value::as_str).unwrap_or_default();
    if matches!(status, "SUCCEEDED" | "FAILED" | "CANCELLED") {
        return Err(SubmitError::conflict(format!("segment job {job} has ended as {status}")));
    }
    if is_at_work {
        return Ok(());
    }
    let mut body = document.body.clone();
    set(&mut body, "status", json!("CANCELLED"));
    set(&mut body, "completedAt", json!(now));
    tx.update::<SegmentJob>(sandbox, job, Expected::Any, Change { name: None, body, by }).await?;
    Ok(())
}
