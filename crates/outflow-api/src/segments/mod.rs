//! Rules over profiles: `/data/core/ups/segment/definitions`, and estimates of rules that are not saved.
//!
//! A definition is answered whole, as the service's clients expect; lists come by page number.

mod bulk_get;
mod create;
mod delete;
mod estimate;
mod get;
mod history;
mod list;
mod patch;
mod preview;
mod preview_get;

use std::collections::HashMap;

use outflow_model::schema::Schema;
use outflow_model::segment::SegmentDefinition;
use outflow_store::{Document, Reader, SegmentEvaluation};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::context::Api;
use crate::document;
use crate::document::millis;
use crate::error::{ApiError, ApiResult, Problem};
use crate::etag::etag;
use crate::governance::PausedFlow;
use crate::operation::Operation;

pub(crate) use bulk_get::{Ids, Results, ids};

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        list::operation(),
        create::operation(),
        get::operation(),
        patch::operation(),
        delete::operation(),
        bulk_get::operation(),
        history::operation(),
        preview::operation(),
        preview_get::operation(),
        preview_get::delete_operation(),
        estimate::operation(),
    ]
}

/// A segment as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Segment", example = json!({
    "name": "Loyal customers", "description": "Gold and above",
    "expression": {"type": "PQL", "format": "pql/text", "value": "loyalty.tier in [\"gold\", \"platinum\"]"},
    "schema": {"name": "_xdm.context.profile"}, "evaluationInfo": {"batch": {"enabled": true}}
}))]
pub(crate) struct Segment {
    /// What people call it; no two of a sandbox have one name.
    name: String,
    /// What it is for.
    description: Option<String>,
    /// The rule.
    expression: Expression,
    /// Always `_xdm.context.profile`.
    schema: Option<Value>,
    /// Kept; evaluation is in batches.
    #[serde(rename = "evaluationInfo")]
    evaluation_info: Option<Value>,
    /// Kept: profiles are merged in one way.
    #[serde(rename = "mergePolicyId")]
    merge_policy_id: Option<String>,
}

/// A rule. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Expression")]
pub(crate) struct Expression {
    /// Always `PQL`.
    r#type: String,
    /// How `value` is written.
    format: ExpressionFormat,
    /// The rule's text.
    value: String,
}

/// How a rule is written. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ExpressionFormat")]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
enum ExpressionFormat {
    #[serde(rename = "pql/text")]
    Pql,
    #[serde(rename = "sql/text")]
    Sql,
}

/// What an evaluation of a segment found. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SegmentCounts")]
pub(super) struct SegmentCounts {
    /// Profiles that entered.
    realized: u64,
    /// Profiles that are in it for longer.
    existing: u64,
    /// Profiles that left.
    exited: u64,
    /// Profiles that are in it.
    profiles: u64,
    /// When it was evaluated, in milliseconds since 1970.
    #[serde(rename = "evaluatedAt")]
    evaluated_at: i64,
}

/// A segment as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownSegment", example = json!({
    "id": "54669488-03ab-4e0d-a694-37fe49e32be8", "etag": "\"1\"", "name": "Loyal customers", "imsOrgId": "outflow",
    "profileInstanceId": "ups", "expression": {"type": "PQL", "format": "pql/text", "value": "loyalty.tier = \"gold\""},
    "creationTime": 1579292094000_i64, "updateTime": 1579292094000_i64, "updateEpoch": 1579292094,
    "counts": {"realized": 10, "existing": 90, "exited": 3, "profiles": 100, "evaluatedAt": 1579292094000_i64}
}))]
pub(crate) struct ShownSegment {
    /// The segment's id.
    id: String,
    /// Its version, in quotes, as `If-Match` takes it.
    etag: String,
    /// The organisation, as the server is set up.
    #[serde(rename = "imsOrgId")]
    ims_org_id: String,
    /// Always `ups`.
    #[serde(rename = "profileInstanceId")]
    profile_instance_id: String,
    /// When it was made, in milliseconds since 1970.
    #[serde(rename = "creationTime")]
    creation_time: i64,
    /// The client that made it.
    #[serde(rename = "createdBy")]
    created_by: Option<String>,
    /// The client that changed it last.
    #[serde(rename = "updatedBy")]
    updated_by: Option<String>,
    /// When it was changed, in milliseconds since 1970.
    #[serde(rename = "updateTime")]
    update_time: i64,
    /// The same in seconds.
    #[serde(rename = "updateEpoch")]
    update_epoch: i64,
    /// What its last evaluation found.
    counts: Option<SegmentCounts>,
    /// What changing it answers where that paused flows: each with its `id`, `name`, `etag` and `violations`.
    #[serde(rename = "pausedFlows")]
    paused_flows: Option<Vec<PausedFlow>>,
    #[serde(flatten)]
    segment: Segment,
}

/// What removing answers.
#[derive(Serialize, ToSchema)]
#[schema(title = "Removed", example = json!({"status": true, "message": "Segment Definition removed"}))]
pub(crate) struct Removed {
    /// Always true.
    status: bool,
    /// Says so.
    message: &'static str,
}

/// A segment as answers show it.
pub(crate) fn show(api: &Api, document: &Document, evaluation: Option<&SegmentEvaluation>) -> Value {
    let mut shown = Map::new();
    let mut set = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    set("id", json!(document.id));
    set("etag", json!(etag(document.version)));
    set("imsOrgId", json!(api.settings.organization));
    set("profileInstanceId", json!("ups"));
    set("sandbox", sandbox(&document.sandbox));
    set("schema", json!({"name": "_xdm.context.profile"}));
    set(
        "evaluationInfo",
        json!({"batch": {"enabled": true}, "continuous": {"enabled": false}, "synchronous": {"enabled": false}}),
    );
    let body = document.body.as_object().into_iter().flatten();
    shown.extend(body.filter(|(name, _)| !is_server_member(name)).map(|(name, value)| (name.clone(), value.clone())));
    shown.insert("creationTime".into(), json!(millis(document.created_at)));
    shown.insert("updateTime".into(), json!(millis(document.updated_at)));
    shown.insert("updateEpoch".into(), json!(document.updated_at.timestamp()));
    shown.insert("createdBy".into(), json!(document.created_by));
    shown.insert("updatedBy".into(), json!(document.updated_by));
    if let Some(evaluation) = evaluation {
        shown.insert("counts".into(), counts(evaluation));
        shown.insert("evaluationId".into(), json!(evaluation.evaluation_id));
    }
    Value::Object(shown)
}

/// The sandbox as this service's objects show it.
pub(crate) fn sandbox(name: &str) -> Value {
    let is_default = name == crate::auth::SANDBOX_DEFAULT;
    let kind = if is_default { "production" } else { "development" };
    json!({"sandboxId": name, "sandboxName": name, "type": kind, "default": is_default})
}

fn counts(evaluation: &SegmentEvaluation) -> Value {
    let counts = &evaluation.counts;
    json!({
        "realized": counts.realized,
        "existing": counts.existing,
        "exited": counts.exited,
        "profiles": counts.realized + counts.existing,
        "evaluatedAt": millis(counts.time),
    })
}

fn is_server_member(name: &str) -> bool {
    const OTHERS: [&str; 7] =
        ["sandbox", "creationTime", "updateTime", "updateEpoch", "profileInstanceId", "counts", "evaluationId"];
    document::is_server_member(name) || OTHERS.contains(&name)
}

/// A body without the members that the server sets.
fn own_members(mut body: Map<String, Value>) -> Map<String, Value> {
    body.retain(|name, _| !is_server_member(name));
    body
}

/// The latest evaluations of all segments of a sandbox, by segment.
async fn evaluations(reader: &mut Reader, sandbox: &str) -> ApiResult<HashMap<String, SegmentEvaluation>> {
    let evaluations = reader.segment_evaluations(sandbox).await?;
    Ok(evaluations.into_iter().map(|evaluation| (evaluation.segment_id.clone(), evaluation)).collect())
}

/// Checks a definition: its shape and syntax, and where profiles are known, its fields and types.
///
/// # Errors
/// 400 with every problem, those of the rule with line and column.
fn check(body: &Map<String, Value>, schema: Option<&Schema>) -> ApiResult<SegmentDefinition> {
    let invalid = |problems: outflow_model::problem::Problems| {
        ApiError::invalid(problems.0.into_iter().map(Problem::from).collect())
    };
    let definition = SegmentDefinition::parse(&Value::Object(body.clone())).map_err(invalid)?;
    if let Some(schema) = schema {
        definition.expression.check(schema).map_err(invalid)?;
    }
    Ok(definition)
}
