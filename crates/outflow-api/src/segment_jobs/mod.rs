//! Evaluations of segments: `/data/core/ups/segment/jobs`.

mod bulk_get;
mod cancel;
mod create;
mod get;
mod list;

use outflow_store::Document;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::context::Api;
use crate::document::millis;
use crate::operation::Operation;
use crate::segments::sandbox;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![list::operation(), create::operation(), get::operation(), cancel::operation(), bulk_get::operation()]
}

/// An evaluation as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SegmentJob", example = json!({
    "id": "468eeefd-95a2-45a1-8bfc-b806dafce7ee", "status": "SUCCEEDED", "source": "api", "profileInstanceId": "ups",
    "imsOrgId": "outflow", "creationTime": 1573203600535_i64, "updateTime": 1573204395000_i64, "updateEpoch": 1573204395,
    "segments": [{"segmentId": "30230300-ccf1-48ad-8012-c5563a007069", "segment": {
        "id": "30230300-ccf1-48ad-8012-c5563a007069", "expression": {"type": "PQL", "format": "pql/text", "value": "age >= 18"}}}],
    "metrics": {"totalProfiles": 4, "segmentedProfileCounter": {"30230300-ccf1-48ad-8012-c5563a007069": 3}},
    "_links": {"checkStatus": {"href": "/segment/jobs/468eeefd-95a2-45a1-8bfc-b806dafce7ee", "method": "GET"}}
}))]
pub(crate) struct SegmentJob {
    /// The job's id.
    id: String,
    /// How it is.
    status: SegmentJobStatus,
    /// `api` or `scheduler`.
    source: String,
    /// Always `ups`.
    #[serde(rename = "profileInstanceId")]
    profile_instance_id: String,
    /// The organisation, as the server is set up.
    #[serde(rename = "imsOrgId")]
    ims_org_id: String,
    /// When it was asked for, in milliseconds since 1970.
    #[serde(rename = "creationTime")]
    creation_time: i64,
    /// When it changed last, in milliseconds since 1970.
    #[serde(rename = "updateTime")]
    update_time: i64,
    /// The same in seconds.
    #[serde(rename = "updateEpoch")]
    update_epoch: i64,
    /// The segments, each with `segmentId` and `segment`.
    segments: Vec<Value>,
    /// Times and counts, by segment.
    metrics: Option<Value>,
    /// What went wrong.
    errors: Option<Vec<SegmentJobError>>,
    /// How to look again and how to cancel.
    _links: Value,
}

/// How an evaluation is. Documentation only.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(title = "SegmentJobStatus")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum SegmentJobStatus {
    Queued,
    Processing,
    Succeeded,
    Failed,
    Cancelled,
}

/// What went wrong with an evaluation. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SegmentJobError")]
struct SegmentJobError {
    /// In one sentence.
    message: Option<String>,
    /// More of it.
    detail: Option<String>,
}

/// An evaluation as answers show it.
fn show(api: &Api, document: &Document) -> Value {
    let path = format!("/segment/jobs/{}", document.id);
    let mut shown = Map::new();
    let mut set = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    set("id", json!(document.id));
    set("imsOrgId", json!(api.settings.organization));
    set("sandbox", sandbox(&document.sandbox));
    set("profileInstanceId", json!("ups"));
    set("requestId", json!(document.id));
    set("schema", json!({"name": "_xdm.context.profile"}));
    set("creationTime", json!(millis(document.created_at)));
    set("updateTime", json!(millis(document.updated_at)));
    set("updateEpoch", json!(document.updated_at.timestamp()));
    set("metrics", json!({"totalTime": {}, "profileSegmentationTime": {}}));
    set("properties", json!({}));
    for members in [&document.details, &document.body].into_iter().filter_map(Value::as_object) {
        shown.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    for segment in shown.get_mut("segments").and_then(Value::as_array_mut).into_iter().flatten() {
        add_merge_policy(segment);
    }
    shown.insert(
        "_links".into(),
        json!({
            "cancel": {"href": path, "method": "DELETE"},
            "checkStatus": {"href": path, "method": "GET"},
        }),
    );
    Value::Object(shown)
}

/// Profiles are merged in one way, which older clients want to see named.
fn add_merge_policy(segment: &mut Value) {
    if let Some(Value::Object(segment)) = segment.get_mut("segment") {
        let id = segment.get("mergePolicyId").cloned().unwrap_or_else(|| json!("default"));
        segment.entry("mergePolicyId").or_insert_with(|| id.clone());
        segment.entry("mergePolicy").or_insert_with(|| json!({"id": id, "version": 1}));
    }
}
