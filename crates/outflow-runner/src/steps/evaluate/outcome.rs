//! What is written of a segment job: that it goes on, what it found, why it failed.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_model::Fault;
use outflow_model::run::RunError;
use outflow_store::{Change, Dataset, Document, Expected, FencedTx, Job, SegmentJob, StoreError};
use serde_json::{Map, Value, json};

use super::{Found, find};
use crate::context::Inner;
use crate::details::{set, take};
use crate::steps::Ending;
use crate::submit::evaluation::listed;

/// Says that the job goes on; `None` when its document is gone or has ended, and the job is over.
pub(super) async fn begin(inner: &Inner, job: &Job, started: DateTime<Utc>) -> Result<Option<Arc<Document>>, Fault> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    let document = find(&mut tx, job).await?.filter(|document| is_live(&document.body));
    match &document {
        None => tx.finish_job().await?,
        Some(document) => {
            let mut body = document.body.clone();
            set(&mut body, "status", json!("PROCESSING"));
            set(&mut body, "startedAt", json!(started));
            write(&mut tx, document, body).await?;
        }
    }
    tx.commit().await?;
    Ok(document)
}

fn is_live(body: &Value) -> bool {
    !matches!(body.get("status").and_then(Value::as_str), Some("SUCCEEDED" | "FAILED" | "CANCELLED"))
}

/// The segments that a job is for; `None` for all.
pub(super) fn asked(body: &Value) -> Option<Vec<String>> {
    if body.get("all").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let segments = body.get("segments").and_then(Value::as_array)?;
    Some(segments.iter().filter_map(|s| s.get("segmentId")?.as_str()).map(str::to_owned).collect())
}

/// Writes what was found.
pub(super) async fn succeeded(
    inner: &Inner,
    tx: &mut FencedTx,
    job: &Job,
    found: &Found,
    started: DateTime<Utc>,
) -> Result<(), Fault> {
    let Some(document) = find(tx, job).await? else { return Ok(()) };
    let ended = inner.now();
    let mut body = document.body.clone();
    let nothing = found.counts.is_empty() && !found.segments.is_empty();
    set(&mut body, "status", json!(if nothing { "FAILED" } else { "SUCCEEDED" }));
    set(&mut body, "completedAt", json!(ended));
    set(&mut body, "segments", found.segments.iter().map(|segment| listed(segment)).collect());
    set(&mut body, "metrics", metrics(found, started, ended));
    if let Some(evaluation) = &found.evaluation {
        set(&mut body, "evaluationId", json!(evaluation.id));
        set(&mut body, "snapshotId", json!(evaluation.snapshot.id));
    }
    let problems = found.problems.iter();
    let told: Vec<Value> = problems.clone().map(|p| json!({"segmentId": p.segment, "message": p.message})).collect();
    let errors: Vec<Value> =
        problems.map(|p| json!({"code": "input", "msg": format!("segment {}: {}", p.segment, p.message)})).collect();
    if !told.is_empty() {
        set(&mut body, "problems", Value::Array(told));
        set(&mut body, "errors", Value::Array(errors));
    }
    metrics::counter!("outflow_evaluations_total", "state" => if nothing { "failed" } else { "success" }).increment(1);
    Ok(write(tx, &document, body).await?)
}

fn metrics(found: &Found, started: DateTime<Utc>, ended: DateTime<Utc>) -> Value {
    let (mut counters, mut statuses) = (Map::new(), Map::new());
    for counts in &found.counts {
        counters.insert(counts.id.clone(), json!(counts.realized + counts.existing));
        let status = json!({"realized": counts.realized, "existing": counts.existing, "exited": counts.exited});
        statuses.insert(counts.id.clone(), status);
    }
    json!({
        "totalTime": {
            "startTimeInMs": started.timestamp_millis(),
            "endTimeInMs": ended.timestamp_millis(),
            "totalTimeInMs": (ended - started).num_milliseconds().max(0),
        },
        "totalProfiles": found.profiles,
        "segmentedProfileCounter": counters,
        "segmentedProfileByStatusCounter": statuses,
    })
}

/// Writes how a try ended that was no success.
pub(crate) async fn end(inner: &Inner, tx: &mut FencedTx, job: &Job, ending: &Ending<'_>) -> Result<(), StoreError> {
    let Some(document) = find(tx, job).await?.filter(|document| is_live(&document.body)) else { return Ok(()) };
    let mut body = document.body.clone();
    match ending {
        Ending::Retry { fault, at } => {
            set(&mut body, "status", json!("QUEUED"));
            set(&mut body, "error", error(fault));
            set(&mut body, "nextAttemptAt", json!(at));
        }
        Ending::Failed { fault } => {
            metrics::counter!("outflow_evaluations_total", "state" => "failed").increment(1);
            set(&mut body, "status", json!("FAILED"));
            set(&mut body, "error", error(fault));
            set(&mut body, "errors", json!([{"code": fault.class.to_string(), "msg": fault.message}]));
            set(&mut body, "completedAt", json!(inner.now()));
            take(&mut body, "nextAttemptAt");
        }
        Ending::Cancelled { .. } => {
            set(&mut body, "status", json!("CANCELLED"));
            set(&mut body, "completedAt", json!(inner.now()));
            take(&mut body, "nextAttemptAt");
        }
    }
    write(tx, &document, body).await
}

fn error(fault: &Fault) -> Value {
    serde_json::to_value(RunError::from(fault)).unwrap_or_default()
}

/// Says beside a dataset that it could not be read anew.
pub(super) async fn dataset_failed(inner: &Inner, job: &Job, dataset: &str, fault: &Fault) -> Result<(), Fault> {
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    if tx.find::<Dataset>(&job.sandbox, dataset).await?.is_some() {
        let document = tx.lock::<Dataset>(&job.sandbox, dataset).await?;
        let mut details = document.details.clone();
        let told = json!({"state": "failed", "error": error(fault), "endedAt": inner.now()});
        set(&mut details, "refresh", told);
        tx.set_details::<Dataset>(&job.sandbox, dataset, &details).await?;
    }
    Ok(tx.commit().await?)
}

async fn write(tx: &mut FencedTx, document: &Document, body: Value) -> Result<(), StoreError> {
    let change = Change { name: None, body, by: &document.updated_by };
    tx.update::<SegmentJob>(&document.sandbox, &document.id, Expected::Any, change).await?;
    Ok(())
}
