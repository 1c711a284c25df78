//! `POST /flows/rowsPreview`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_export::FilePreview;
use outflow_governance::judge::{VIOLATIONS_TOLD_MAX, Verdict};
use outflow_model::access::AccessScope;
use outflow_model::flow::Activation;
use outflow_model::{Fault, FaultClass};
use outflow_runner::governance::{RowsOrder, RowsPreview as Looked};
use outflow_store::{Segment, TargetConnection};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::Flow;
use super::assumed::Taken;
use super::check::{kind_of, text_at};
use super::policy_check::{Examined, examine};
use crate::auth::Caller;
use crate::body::{Fields, JsonObject};
use crate::context::Api;
use crate::datasets::{blocking, turn};
use crate::error::{ApiError, ApiResult, Problem};
use crate::governance::told;
use crate::operation::Operation;

/// Profiles of a look, at most.
const PROFILES_MAX: u64 = 50;
/// Profiles of a look that does not say how many.
const PROFILES: u64 = 10;
/// What a message is, as it is sent.
const MESSAGE_TYPE: &str = "application/json";

pub(super) fn operation() -> Operation {
    Operation::new::<__path_rows_preview, _, _>(rows_preview).needs(AccessScope::Read)
}

/// Which rows to look at. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "RowsPreviewRequest", example = json!({
    "flowId": "37e2a1f8-6f2c-4c4b-9b0e-2f9c3b1d5a10", "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8", "limit": 5
}))]
struct RowsPreviewRequest {
    /// A flow as it would be created, or one as it is shown, changed or not.
    flow: Option<Flow>,
    /// Instead of it the id of a saved one.
    #[serde(rename = "flowId")]
    flow_id: Option<String>,
    /// The segment of the flow whose members are looked at; its first without it.
    #[serde(rename = "segmentId")]
    segment_id: Option<String>,
    /// Profiles to look at, 1 to 50; 10 without it.
    limit: Option<u64>,
}

/// The first rows or messages of a flow.
#[derive(Serialize, ToSchema)]
#[schema(title = "RowsPreview", example = json!({
    "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8", "contentType": "text/csv; charset=utf-8",
    "columns": ["email", "city"], "rows": [["ada@example.org", "London, UK"]],
    "text": "email,city\nada@example.org,\"London, UK\"\n", "profiles": 1, "truncated": false
}))]
struct RowsPreview {
    /// The segment.
    #[serde(rename = "segmentId")]
    segment_id: String,
    /// What a file is, uncompressed and in clear, or a message.
    #[serde(rename = "contentType")]
    content_type: &'static str,
    /// Of files: the headers.
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<Vec<String>>,
    /// Of files: the rows, each with a value or null for every column: the text that a file has, without quotes and
    /// escapes; lists and objects as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<Vec<Option<String>>>>,
    /// The beginning of a file as it would be written, head and rows; or the messages as they would be sent, one a line.
    /// None of files that are no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Of streams: the messages. `eventId`, `sequence` and `runId` stand for those that will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<BTreeMap<String, Value>>>)]
    messages: Option<Vec<Value>>,
    /// Profiles that are shown.
    profiles: u64,
    /// Whether there are more than are shown, or may be: not everybody was looked at.
    truncated: bool,
}

/// Look at what a flow would export
///
/// The first rows of the files, or the first messages, of some members of a segment: by its latest evaluation, or by its rule
/// where there is none. They are written by what writes exports. Saves nothing and sends nothing. Nobody is shown who would
/// be withheld, and nothing of a flow that violates a policy. Duplicates are not looked for, and files are neither compressed nor
/// encrypted.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/flows/rowsPreview",
    tag = "flows",
    request_body = RowsPreviewRequest,
    responses(
        (status = 200, description = "The first rows or messages.", body = RowsPreview),
        (status = 409, description = "The flow violates policies, or what would be shown of it does: `violations` says which, why, and what would resolve it. Or there are no profiles yet."),
        (status = 503, description = "It could not be looked up in time.")
    )
)]
async fn rows_preview(
    State(api): State<Api>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<Answer<RowsPreview>> {
    let asked = Asked::read(&body)?;
    let flow = match asked.flow {
        Named::Body(flow) => flow,
        Named::Id(id) => {
            let flow = api.store.read().await?.get::<outflow_store::Flow>(&caller.sandbox, &id).await?;
            let mut body = flow.body.as_object().cloned().unwrap_or_default();
            body.insert("id".into(), json!(id));
            body
        }
    };
    let examined = examine(&api, &caller, flow, &Taken::default()).await.map_err(|error| error.below("/flow"))?;
    let segment_id = chosen(asked.segment_id, &examined.flow.segments)?;
    let order = order(&api, &caller, examined, &segment_id, asked.profiles_max).await?;
    let _turn = turn(&api).await?;
    let wait = api.probe_timeout();
    let looked = tokio::time::timeout(wait, api.runner.preview_rows(&caller.sandbox, order)).await;
    let looked = looked.unwrap_or_else(|_| {
        let text = format!("the profiles could not be looked at within {} seconds", wait.as_secs());
        Err(Fault::new(FaultClass::Unavailable, text).hint("Ask for another segment, or try again later."))
    })?;
    match looked {
        Some(Looked::Files(files)) => Ok(Answer(RowsPreview::of_files(segment_id, files))),
        Some(Looked::Messages(messages, more)) => Ok(Answer(RowsPreview::of_messages(segment_id, &messages, more))),
        Some(Looked::Refused(verdict)) => {
            Err(blocking(move || Ok(violated(&caller, &verdict, OF_WHAT_IS_OLDER))).await?)
        }
        None => Err(ApiError::conflict("there are no profiles yet").hint("Attach a dataset and wait for its refresh.")),
    }
}

/// What is asked for.
struct Asked {
    flow: Named,
    segment_id: Option<String>,
    profiles_max: u64,
}

enum Named {
    Body(Map<String, Value>),
    Id(String),
}

impl Asked {
    fn read(body: &Map<String, Value>) -> ApiResult<Asked> {
        let mut fields = Fields::of(body);
        let (flow, flow_id) = (fields.object("flow").cloned(), fields.text("flowId").map(str::to_owned));
        let segment_id = fields.text("segmentId").map(str::to_owned);
        let profiles_max = match fields.get("limit").map(Value::as_u64) {
            None => PROFILES,
            Some(Some(limit @ 1..=PROFILES_MAX)) => limit,
            Some(_) => {
                fields.problem("limit", format!("must be between 1 and {PROFILES_MAX}"));
                PROFILES
            }
        };
        let flow = match (flow, flow_id) {
            (Some(flow), None) => Named::Body(flow),
            (None, Some(id)) => Named::Id(id),
            (flow, _) => {
                fields.problem("flow", if flow.is_some() { "and flowId exclude each other" } else { "is missing" });
                Named::Id(String::new())
            }
        };
        fields.finish()?;
        Ok(Asked { flow, segment_id, profiles_max })
    }
}

/// The segment to look at.
///
/// # Errors
/// 400 for one that the flow does not activate, and for a flow that activates none.
fn chosen(asked: Option<String>, all: &[String]) -> ApiResult<String> {
    match (asked, all.first()) {
        (Some(id), _) if all.contains(&id) => Ok(id),
        (Some(_), _) => {
            let text = "names a segment that the flow does not activate";
            Err(ApiError::invalid(vec![Problem::new("/segmentId", text)]))
        }
        (None, Some(first)) => Ok(first.clone()),
        (None, None) => Err(ApiError::bad_request("the flow activates no segment").hint("Add one to the flow.")),
    }
}

/// What the runner looks for.
///
/// # Errors
/// 409 where the flow violates policies.
async fn order(
    api: &Api,
    caller: &Caller,
    examined: Examined,
    segment_id: &str,
    profiles_max: u64,
) -> ApiResult<RowsOrder> {
    let Examined { flow, body, facts, ground } = examined;
    let mut reader = api.store.read().await?;
    let target = reader.find::<TargetConnection>(&caller.sandbox, text_at(&body, "/targetConnectionIds/0")).await?;
    let target = target.ok_or_else(|| ApiError::conflict("the flow's target is gone"))?;
    let connector = api.connector(text_at(&target.body, "/connectionSpec/id"));
    let connector = connector.ok_or_else(|| ApiError::conflict("the flow's kind of destination is not on offer"))?;
    let kind = kind_of(connector);
    let activation = Activation::parse(&body, kind, &api.settings.guardrails)
        .map_err(|problems| ApiError::invalid(problems.0.into_iter().map(Problem::from).collect()))?;
    let known = reader.get_many::<Segment>(&caller.sandbox, &flow.segments).await?;
    let segments: Vec<_> =
        flow.segments.iter().filter_map(|id| known.iter().find(|segment| segment.id == *id).cloned()).collect();
    let selecting = segments.iter().position(|segment| segment.id == segment_id);
    let selecting = selecting.ok_or_else(|| ApiError::not_found("segment", segment_id))?;
    drop(reader);
    let caller = caller.clone();
    // As the flow would be refused. What is shown of it may be older, and is judged where it is chosen.
    let judged = blocking(move || {
        let verdict = ground.judge(&facts);
        Ok(if verdict.is_allowed() { Ok(facts) } else { Err(violated(&caller, &verdict, OF_THE_FLOW)) })
    });
    let facts = judged.await??;
    let params = target.body.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
    Ok(RowsOrder { facts, kind, activation, params, segments, selecting, profiles_max })
}

/// What helps where the flow violates a policy.
const OF_THE_FLOW: &str = "Follow one of the ways out of each violation.";
/// What helps where only the records or members that would be shown do.
const OF_WHAT_IS_OLDER: &str =
    "The flow as it is now may export, what was found earlier may not: evaluate its segments, then look again.";

fn violated(caller: &Caller, verdict: &Verdict, hint: &str) -> ApiError {
    let (violations, total) = (told(caller, verdict, VIOLATIONS_TOLD_MAX), verdict.violations_total());
    let left_out = total.saturating_sub(violations.len());
    let error = ApiError::conflict("what the flow would export violates policies; nothing of it is shown")
        .hint(hint)
        .with("violations", json!(violations))
        .with("violationsTotal", json!(total));
    if left_out > 0 { error.with("violationsLeftOut", json!(left_out)) } else { error }
}

impl RowsPreview {
    fn of_files(segment_id: String, files: FilePreview) -> RowsPreview {
        let FilePreview { content_type, columns, rows, text, profiles, is_truncated } = files;
        RowsPreview {
            segment_id,
            content_type,
            columns: Some(columns),
            rows: Some(rows),
            text,
            messages: None,
            profiles,
            truncated: is_truncated,
        }
    }

    fn of_messages(segment_id: String, messages: &[String], truncated: bool) -> RowsPreview {
        let read = |message: &String| serde_json::from_str(message).unwrap_or_default();
        RowsPreview {
            segment_id,
            content_type: MESSAGE_TYPE,
            columns: None,
            rows: None,
            text: Some(messages.iter().map(|message| format!("{message}\n")).collect()),
            messages: Some(messages.iter().map(read).collect()),
            profiles: messages.len() as u64,
            truncated,
        }
    }
}

#[cfg(test)]
#[path = "rows_preview_tests.rs"]
mod tests;
