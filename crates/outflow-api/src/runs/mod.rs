//! Executions of flows: `/data/foundation/flowservice/runs`. Of a flow to a stream, an hour of its messages is one.

mod action;
mod create;
mod files;
mod get;
mod list;
mod progress;
mod shown;
mod verify;

use outflow_store::Document;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::connections::SpecReference;
use crate::context::Api;
use crate::document;
use crate::document::Common;
use crate::error::ShownFault;
use crate::operation::Operation;
use crate::page::Links;
use shown::{RunAttempt, RunFile, RunMetrics, RunState, Verification, WindowCounts};

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        list::operation(),
        create::operation(),
        get::operation(),
        action::operation(),
        files::operation(),
        verify::operation(),
        progress::operation(),
    ]
}

/// A run as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Run")]
pub(crate) struct Run {
    #[serde(flatten)]
    common: Common,
    /// The flow.
    #[serde(rename = "flowId")]
    flow_id: String,
    /// The flow's spec.
    #[serde(rename = "flowSpec")]
    flow_spec: Option<SpecReference>,
    /// Always empty: no run waits for another.
    predecessors: Vec<String>,
    /// The flow's name when the run was made.
    #[serde(rename = "flowName")]
    flow_name: Option<String>,
    /// When its first attempt began.
    #[serde(rename = "startedAt")]
    started_at: Option<String>,
    /// The evaluation that it exports.
    #[serde(rename = "evaluationId")]
    evaluation_id: Option<String>,
    /// The segment; empty in a flow to a stream, whose messages are about all its segments.
    #[serde(rename = "segmentId")]
    segment_id: String,
    /// How it is.
    state: RunState,
    /// `scheduled`, `afterEvaluation`, `adhoc`, `now`, or `window`: an hour of a flow to a stream.
    kind: String,
    /// The time it is for.
    slot: String,
    /// Missed slots that it stands for, beside its own.
    coalesced: Option<u64>,
    /// `full` or `incremental`, once it is planned.
    mode: Option<String>,
    /// Of messages: how many there were, were accepted, refused or too large, their bytes, and what they were about.
    counts: Option<WindowCounts>,
    /// What is worth knowing about a run: what it left for readers to see to, whether it went well or not.
    advice: Option<Vec<String>>,
    /// Counts, sizes, times and the status. Those of a run that failed or was cancelled are 0, also
    /// where some of its files got their names before: the error says how many.
    metrics: RunMetrics,
    /// The same by part of the work.
    activities: Vec<Value>,
    /// The files that were delivered.
    files: Option<Vec<RunFile>>,
    /// Where the manifest is.
    manifest: Option<String>,
    /// Why it failed.
    error: Option<ShownFault>,
    /// When it is tried again, of a run that waits for that.
    #[serde(rename = "nextAttemptAt")]
    next_attempt_at: Option<String>,
    /// The attempts, the oldest first.
    attempts: Option<Vec<RunAttempt>>,
    /// What reading its files back found, where somebody asked.
    verification: Option<Verification>,
}

/// A list of runs. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Runs", example = json!({"items": [{
    "id": "7af3ba45-4952-4371-8361-1b30134be7eb", "createdAt": 1670444672602_i64, "updatedAt": 1670444707059_i64,
    "createdBy": "scheduler", "updatedBy": "scheduler", "sandboxName": "prod", "imsOrgId": "outflow",
    "version": "\"3\"", "etag": "\"3\"", "flowId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
    "flowSpec": {"id": "269ba276-16fc-47db-92b0-c1049a3c131f", "version": "1.0"}, "predecessors": [],
    "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8", "state": "success", "kind": "scheduled",
    "slot": "2026-01-05T20:00:00Z", "mode": "full",
    "metrics": {"durationSummary": {}, "sizeSummary": {"outputBytes": 80}, "fileSummary": {"outputFileCount": 1},
        "recordSummary": {"inputRecordCount": 2, "outputRecordCount": 2}, "statusSummary": {"status": "success"}},
    "activities": [], "files": [{"name": "loyal.csv", "url": "s3://exports/loyal.csv", "rows": 2, "bytes": 80, "sha256": "9f86…"}]
}], "_links": {}}))]
pub(crate) struct Runs {
    /// The runs.
    items: Vec<Run>,
    /// The next page; left out where one object is asked for.
    #[schema(required = false)]
    _links: Links,
    /// All that match, where it was asked for.
    count: Option<u64>,
    /// True where `count` is not of all.
    #[serde(rename = "countIsPartial")]
    count_is_partial: Option<bool>,
}

/// A run as answers show it. `eTag` and `providerRefId` are what older clients look for.
fn show(api: &Api, document: &Document) -> Value {
    let mut shown = document::shown(api, document);
    let tag = shown.get("etag").cloned().unwrap_or_default();
    shown.insert("eTag".into(), tag);
    shown.entry("providerRefId").or_insert_with(|| json!(document.id));
    shown.entry("activities").or_insert_with(|| json!([]));
    // No run waits for another, and files have no latency of their own.
    shown.entry("predecessors").or_insert_with(|| json!([]));
    if let Some(metrics) = shown.get_mut("metrics").and_then(Value::as_object_mut) {
        metrics.entry("latencySummary").or_insert_with(|| json!({}));
    }
    Value::Object(shown)
}
