//! When segments are evaluated by themselves: `/data/core/ups/config/schedules`.

mod create;
mod delete;
mod get;
mod list;
mod patch;

use outflow_runner::Cron;
use outflow_store::{Document, Reader};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::body::Fields;
use crate::context::Api;
use crate::document;
use crate::error::{ApiResult, Problem};
use crate::etag::etag;
use crate::operation::Operation;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![list::operation(), create::operation(), get::operation(), patch::operation(), delete::operation()]
}

/// A schedule as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Schedule", example = json!({
    "name": "Daily evaluation", "type": "batch_segmentation", "schedule": "0 0 1 * * ?", "state": "active",
    "properties": {"segments": ["*"]}
}))]
pub(crate) struct Schedule {
    /// What people call it.
    name: String,
    /// Always `batch_segmentation`.
    r#type: String,
    /// A cron expression in UTC: second, minute, hour, day of the month, month, day of the week.
    schedule: String,
    /// `active` or `inactive`; the latter without it.
    state: Option<String>,
    /// What is evaluated.
    properties: ScheduleProperties,
}

/// What a schedule evaluates. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ScheduleProperties")]
struct ScheduleProperties {
    /// Ids of segments, or `*` for all.
    segments: Vec<String>,
}

/// A schedule as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownSchedule", example = json!({
    "id": "5e61e66e-e8b4-4a7b-8d41-70c74b0b981a", "etag": "\"1\"", "createEpoch": 1234567890, "updateEpoch": 1234567890,
    "name": "Daily evaluation", "type": "batch_segmentation", "schedule": "0 0 1 * * ?", "state": "active",
    "properties": {"segments": ["*"]}
}))]
pub(crate) struct ShownSchedule {
    /// The schedule's id.
    id: String,
    /// Its version, in quotes, as `If-Match` takes it.
    etag: String,
    /// When it was made, in seconds since 1970.
    #[serde(rename = "createEpoch")]
    create_epoch: i64,
    /// When it was changed, in seconds since 1970.
    #[serde(rename = "updateEpoch")]
    update_epoch: i64,
    #[serde(flatten)]
    schedule: Schedule,
}

/// A schedule as answers show it.
fn show(api: &Api, document: &Document) -> Value {
    let mut shown = Map::new();
    shown.insert("id".into(), json!(document.id));
    shown.insert("etag".into(), json!(etag(document.version)));
    shown.insert("imsOrgId".into(), json!(api.settings.organization));
    shown.insert("sandbox".into(), crate::segments::sandbox(&document.sandbox));
    for members in [&document.details, &document.body].into_iter().filter_map(Value::as_object) {
        shown.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    shown.insert("createEpoch".into(), json!(document.created_at.timestamp()));
    shown.insert("updateEpoch".into(), json!(document.updated_at.timestamp()));
    Value::Object(shown)
}

/// A body without the members that the server sets.
fn own_members(mut body: Map<String, Value>) -> Map<String, Value> {
    const OTHERS: [&str; 3] = ["sandbox", "createEpoch", "updateEpoch"];
    body.retain(|name, _| !document::is_server_member(name) && !OTHERS.contains(&name.as_str()));
    body
}

/// Checks a schedule and fills in its state. Segments that `before`, the schedule as it is, names already may have gone.
///
/// # Errors
/// 400 with every problem.
async fn checked(
    reader: &mut Reader,
    sandbox: &str,
    mut body: Map<String, Value>,
    before: Option<&Document>,
) -> ApiResult<Map<String, Value>> {
    let unknown = unknown_segments(reader, sandbox, &body, before).await?;
    let mut fields = Fields::of(&body);
    fields.name_and_description();
    if fields.needed_text("type").is_some_and(|kind| kind != "batch_segmentation") {
        fields.problem("type", "must be batch_segmentation: exports have the schedules of their flows");
    }
    if let Some(Err(message)) = fields.needed_text("schedule").map(Cron::parse) {
        fields.problem("schedule", message);
    }
    if fields.text("state").is_some_and(|state| !matches!(state, "active" | "inactive")) {
        fields.problem("state", "is neither active nor inactive");
    }
    fields.needed_inside("properties", |properties| {
        if properties.get("segments").is_none() {
            properties.problem("segments", "is missing");
        }
        if properties.texts("segments").is_some_and(|segments| segments.is_empty()) {
            properties.problem("segments", "names no segment");
        }
        Some(())
    });
    fields.problems(unknown);
    fields.finish()?;
    body.entry("state").or_insert_with(|| json!("inactive"));
    Ok(body)
}

/// The segments that a schedule names and that are none.
async fn unknown_segments(
    reader: &mut Reader,
    sandbox: &str,
    body: &Map<String, Value>,
    before: Option<&Document>,
) -> ApiResult<Vec<Problem>> {
    let named = |body: Option<&Value>| -> Vec<String> {
        let segments = body.and_then(|properties| properties.get("segments")).and_then(Value::as_array);
        segments.into_iter().flatten().map(|id| id.as_str().unwrap_or("*").to_owned()).collect()
    };
    let kept = named(before.and_then(|before| before.body.get("properties")));
    let segments = named(body.get("properties"));
    let known = reader.get_many::<outflow_store::Segment>(sandbox, &segments).await?;
    let is_known = |id: &String| id == "*" || kept.contains(id) || known.iter().any(|segment| segment.id == *id);
    let unknown = segments.iter().enumerate().filter(|(_, id)| !is_known(id));
    let text = "names no segment of this sandbox";
    Ok(unknown.map(|(number, _)| Problem::new(format!("/properties/segments/{number}"), text)).collect())
}
