//! `POST /runs`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::body::{Fields, JsonObject};
use crate::context::Api;
use crate::error::{ApiError, ApiResult, Problem};
use crate::etag::etag;
use crate::flows::hour::warnings_of_runs;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Which flow to run. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "RunRequest", example = json!({"flowId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d"}))]
struct RunRequest {
    /// The flow.
    #[serde(rename = "flowId")]
    flow_id: String,
    /// Accepted and not looked at.
    params: Option<Value>,
}

/// The runs that wait.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "StartedRuns", example = json!({
    "id": "3fb0418e-1804-45d6-8d56-dd51f05c0baf", "etag": "\"1\"", "runs": ["3fb0418e-1804-45d6-8d56-dd51f05c0baf"]
}))]
struct StartedRuns {
    /// The first run.
    id: String,
    /// Its version.
    etag: String,
    /// All of them, one for each activated segment; of a flow to a stream, the one.
    runs: Vec<String>,
    /// What is allowed but unwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<Problem>,
}

/// Run a flow now
///
/// Does what the schedules would do next: every activated segment in its own mode. A flow to a stream sends everybody who
/// is in its segments once more, changed or not. Refused while such a run is going on, or while the flow is disabled.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/runs",
    tag = "runs",
    request_body = RunRequest,
    responses(
        (status = 201, description = "The runs wait.", body = StartedRuns),
        (status = 409, description = "The flow is disabled, or a run is going on.")
    )
)]
async fn create(
    State(api): State<Api>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<StartedRuns>)> {
    let mut fields = Fields::of(&body);
    let flow = fields.needed_text("flowId").unwrap_or("").to_owned();
    fields.object("params");
    fields.finish()?;
    let runs = api.runner.submit_run_now(&caller.sandbox, &flow, &caller.client).await?;
    let first = runs.first().cloned().ok_or_else(|| ApiError::conflict("the flow activates no segment"))?;
    let version = version_of(&api, &caller, &first).await.unwrap_or(FIRST_VERSION);
    let warnings = warnings_of_runs(&api, &caller.sandbox).await;
    Ok((StatusCode::CREATED, Answer(StartedRuns { id: first, etag: etag(version), runs, warnings })))
}

/// The version that a run begins with.
const FIRST_VERSION: i64 = 1;

/// The version a run has now. That it cannot be read is no reason to fail: the runs are there, and a client that is told
/// otherwise asks for them again.
async fn version_of(api: &Api, caller: &Caller, run: &str) -> ApiResult<i64> {
    let document = api.store.read().await?.get::<outflow_store::Run>(&caller.sandbox, run).await?;
    Ok(document.version)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/flowservice/runs";

    #[tokio::test]
    async fn a_second_run_of_a_segment_waits_for_the_first_to_end() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        server.evaluated().await;
        let first = server.client().post(PATH, &json!({"flowId": flow.id})).await;
        assert_eq!((first.status, &first.body["runs"][0]), (201, &first.body["id"]), "{}", first.text);
        assert!(first.etag().starts_with('"'));
        let second = server.client().post(PATH, &json!({"flowId": flow.id})).await;
        assert_eq!((second.status, &second.body["run"]), (409, &first.body["id"]), "{}", second.text);
        server.work_is_done().await;
        assert_eq!(server.client().post(PATH, &json!({"flowId": flow.id})).await.status, 201);
    }

    #[tokio::test]
    async fn what_cannot_run_is_refused() {
        let server = Server::start().await;
        assert_eq!(server.client().post(PATH, &json!({"flowId": "none"})).await.status, 404);
        assert_eq!(
            server.client().post(PATH, &json!({"flowId": 7, "params": []})).await.fields(),
            ["/flowId", "/params"]
        );
        assert_eq!(server.client().post_empty(PATH).await.status, 400);
    }

    #[tokio::test]
    async fn everybody_is_sent_to_a_stream_once_more_in_one_run() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        server.evaluated().await;
        assert_eq!(server.stream().messages().len(), 3);
        let asked = server.client().post(PATH, &json!({"flowId": flow.id})).await;
        assert_eq!((asked.status, &asked.body["runs"]), (201, &json!([asked.body["id"]])), "{}", asked.text);
        server.work_is_done().await;
        let run = server.client().get(&format!("{PATH}/{}", asked.id())).await.body["items"][0].clone();
        let told = (run["kind"].as_str(), run["state"].as_str(), run["segmentId"].as_str());
        assert_eq!(told, (Some("now"), Some("success"), Some("")), "{run}");
        assert_eq!(run["metrics"]["recordSummary"]["outputRecordCount"], 3, "{run}");
        let sent = server.stream().messages();
        assert_eq!((sent.len(), &sent[5]["runId"]), (6, &run["id"]));
        let disable = format!("/data/foundation/flowservice/flows/{}/action?op=disable", flow.id);
        assert_eq!(server.client().post_empty(&disable).await.status, 200);
        assert_eq!(server.client().post(PATH, &json!({"flowId": flow.id})).await.status, 409);
    }
}
