//! `POST /adhocrun`.

use axum::Json as Answer;
use axum::extract::State;
use http::HeaderMap;
use outflow_model::guardrails::ADHOC_SEGMENTS_MAX;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::body::{Fields, JsonObject};
use crate::context::Api;
use crate::error::{ApiError, ApiResult, Problem};
use crate::flows::hour::warnings_of_runs;
use crate::operation::Operation;

/// Where the service of runs is.
const RUNS: &str = "/data/foundation/flowservice/runs";

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// What to export. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "AdhocRequest", example = json!({"activationInfo": {
    "b0780cb5-2bb7-4409-bf2c-c625ca818588": ["7f04b2a6-5f7e-4e7f-9b3a-6d3c4e2a1b5c"]
}}))]
struct AdhocRequest {
    /// Segments by flow.
    #[serde(rename = "activationInfo")]
    activation_info: Value,
    /// Accepted and not looked at: the latest evaluation is exported.
    #[serde(rename = "exportIds")]
    export_ids: Option<Vec<String>>,
}

/// The runs. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "AdhocOrders", example = json!({"order": [{
    "segment": "7f04b2a6-5f7e-4e7f-9b3a-6d3c4e2a1b5c", "order": "b0780cb5-2bb7-4409-bf2c-c625ca818588",
    "statusURL": "http://127.0.0.1:8787/data/foundation/flowservice/runs/88d6da63-dc97-460e-b781-fc795a7386d9"
}]}))]
struct AdhocOrders {
    /// Each with `segment`, `order` (the flow) and `statusURL` (the run).
    order: Vec<Value>,
    /// What is allowed but unwise.
    warnings: Option<Vec<Problem>>,
}

/// Export segments now
///
/// An extra full export of each segment named, which leaves schedules and incremental states alone. At most 80 segments;
/// all are taken or none. A flow to a stream has no files: `POST /runs` sends everybody once more.
#[utoipa::path(
    post,
    path = "/data/core/activation/disflowprovider/adhocrun",
    tag = "adhocrun",
    request_body = AdhocRequest,
    responses(
        (status = 200, description = "The runs wait.", body = AdhocOrders),
        (status = 409, description = "A flow is disabled, or a run of a segment is going on.")
    )
)]
async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> ApiResult<Answer<Value>> {
    let orders = read(&body)?;
    let queued = api.runner.submit_adhoc(&caller.sandbox, &orders, &caller.client).await?;
    let base = api.base_url(&headers);
    let order: Vec<Value> = queued
        .iter()
        .map(|order| {
            let status_url = format!("{base}{RUNS}/{}", order.run);
            json!({"segment": order.segment, "order": order.flow, "statusURL": status_url})
        })
        .collect();
    let mut answer = json!({"order": order});
    let warnings = warnings_of_runs(&api, &caller.sandbox).await;
    if !warnings.is_empty() {
        answer["warnings"] = json!(warnings);
    }
    Ok(Answer(answer))
}

/// The segments to export, by flow, each once.
fn read(body: &Map<String, Value>) -> ApiResult<Vec<(String, Vec<String>)>> {
    let mut fields = Fields::of(body);
    let mut orders = Vec::new();
    let mut problems = Vec::new();
    let mut segments_in_all = 0;
    if fields.get("activationInfo").is_none() {
        fields.problem("activationInfo", "is missing");
    }
    for (flow, segments) in fields.object("activationInfo").into_iter().flatten() {
        let at = format!("/activationInfo/{}", crate::error::printable(flow));
        let Some(ids) = segments.as_array().and_then(|ids| ids.iter().map(Value::as_str).collect::<Option<Vec<_>>>())
        else {
            problems.push(Problem::new(at, "must be a list of segment ids"));
            continue;
        };
        let mut named: Vec<String> = Vec::new();
        for id in ids {
            if !named.iter().any(|known| known == id) {
                named.push(id.to_owned());
            }
        }
        segments_in_all += named.len();
        if named.is_empty() {
            problems.push(Problem::new(at, "names no segment"));
        }
        orders.push((flow.clone(), named));
    }
    if segments_in_all > ADHOC_SEGMENTS_MAX {
        problems.push(Problem::new("/activationInfo", format!("names more than {ADHOC_SEGMENTS_MAX} segments")));
    }
    let is_empty = orders.is_empty() && problems.is_empty() && fields.get("activationInfo").is_some();
    fields.problems(problems);
    fields.finish()?;
    if is_empty { Err(ApiError::bad_request("activationInfo names no flow")) } else { Ok(orders) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/core/activation/disflowprovider/adhocrun";

    #[tokio::test]
    async fn each_segment_gets_a_run_that_can_be_followed() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        server.evaluated().await;
        let answer = server
            .client()
            .post(PATH, &json!({"activationInfo": {flow.id.clone(): [flow.segment, flow.segment]}}))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let order = &answer.body["order"][0];
        assert_eq!(
            (order["segment"].as_str(), order["order"].as_str()),
            (Some(flow.segment.as_str()), Some(flow.id.as_str()))
        );
        assert_eq!(answer.body["order"].as_array().unwrap().len(), 1);
        let path = order["statusURL"].as_str().unwrap().strip_prefix(&server.url()).unwrap().to_owned();
        server.work_is_done().await;
        let run = server.client().get(&path).await.body["items"][0].clone();
        assert_eq!(
            (run["kind"].as_str(), run["mode"].as_str(), run["state"].as_str()),
            (Some("adhoc"), Some("full"), Some("success")),
            "{run}"
        );
    }

    #[tokio::test]
    async fn a_run_is_followed_over_tls_where_the_server_is_reached_so() {
        let server = Server::start_with(|settings| settings.is_https = true).await;
        let flow = server.flow("Loyal").await;
        server.evaluated().await;
        let body = json!({"activationInfo": {flow.id.clone(): [flow.segment]}});
        let answer = server.client().post(PATH, &body).await;
        let url = answer.body["order"][0]["statusURL"].as_str().unwrap();
        let reached = server.url().replace("http://", "https://");
        assert!(url.starts_with(&reached), "{url}");
    }

    #[tokio::test]
    async fn a_segment_outside_of_the_flow_and_a_run_under_way_are_refused() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let other = server.segment("Other").await;
        server.evaluated().await;
        let ask = async |segment: &str| {
            server.client().post(PATH, &json!({"activationInfo": {flow.id.clone(): [segment]}})).await
        };
        assert_eq!(ask(&other).await.status, 400);
        assert_eq!(ask(&flow.segment).await.status, 200);
        let again = ask(&flow.segment).await;
        assert_eq!(again.status, 409);
        assert!(again.body["message"].is_string());
    }

    #[tokio::test]
    async fn a_segment_is_in_one_call_at_a_time_whatever_the_flow() {
        let server = Server::start().await;
        let first = server.flow("First").await;
        let body = server.flow_body(&first, "Second");
        let second = server.client().post("/data/foundation/flowservice/flows", &body).await.id().to_owned();
        server.evaluated().await;
        let ask = async |flows: &[&str]| {
            let orders: serde_json::Map<_, _> =
                flows.iter().map(|flow| ((*flow).to_owned(), json!([first.segment]))).collect();
            server.client().post(PATH, &json!({"activationInfo": orders})).await
        };
        assert_eq!(ask(&[&first.id]).await.status, 200);
        let refused = ask(&[&second]).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
        server.work_is_done().await;
        let both = ask(&[&first.id, &second]).await;
        assert_eq!(both.body["order"].as_array().map(Vec::len), Some(2), "{}", both.text);
    }

    #[tokio::test]
    async fn every_segment_that_is_not_activated_is_named() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let orders = json!({"activationInfo": {flow.id.clone(): ["a", flow.segment, "b"]}});
        let refused = server.client().post(PATH, &orders).await;
        let at = format!("/activationInfo/{}", flow.id);
        assert_eq!((refused.status, refused.fields()), (400, vec![at.clone(), at]), "{}", refused.text);
    }

    #[tokio::test]
    async fn what_is_not_an_order_is_refused() {
        let server = Server::start().await;
        assert_eq!(server.client().post(PATH, &json!({})).await.fields(), ["/activationInfo"]);
        assert_eq!(server.client().post(PATH, &json!({"activationInfo": {}})).await.status, 400);
        assert_eq!(
            server.client().post(PATH, &json!({"activationInfo": {"a": "b"}})).await.fields(),
            ["/activationInfo/a"]
        );
        assert_eq!(server.client().post(PATH, &json!({"activationInfo": {"none": ["b"]}})).await.status, 404);
        let many: Vec<String> = (0..81).map(|number| number.to_string()).collect();
        assert_eq!(
            server.client().post(PATH, &json!({"activationInfo": {"a": many}})).await.fields(),
            ["/activationInfo"]
        );
    }

    #[tokio::test]
    async fn a_stream_has_no_extra_files_and_says_what_to_do_instead() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        server.evaluated().await;
        let body = json!({"activationInfo": {flow.id.clone(): [flow.segment]}});
        let refused = server.client().post(PATH, &body).await;
        let at = format!("/activationInfo/{}", flow.id);
        assert_eq!((refused.status, refused.fields()), (400, vec![at]), "{}", refused.text);
    }
}
