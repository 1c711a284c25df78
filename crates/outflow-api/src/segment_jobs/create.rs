//! `POST /segment/jobs`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::{Value, json};

use super::{SegmentJob, show};
use crate::auth::Caller;
use crate::body::{Json, Raw};
use crate::context::Api;
use crate::error::{ApiError, ApiResult, Problem};
use crate::operation::Operation;

/// Segments of one job.
const SEGMENTS_MAX: usize = 10_000;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Evaluate segments
///
/// Those that are named, in one pass over the profiles of the last refresh; without a body, all of the sandbox.
#[utoipa::path(
    post,
    path = "/data/core/ups/segment/jobs",
    tag = "segment jobs",
    request_body(content = Vec<Value>, example = json!([{"segmentId": "4afe34ae-8c98-4513-8a1d-67ccaa54bc05"}])),
    responses((status = 200, description = "The evaluation waits or begins.", body = SegmentJob))
)]
async fn create(State(api): State<Api>, caller: Caller, Raw(body): Raw) -> ApiResult<Answer<Value>> {
    let segments = match body.is_empty() {
        true => None,
        false => segments(&Json::of(&body)?.0)?,
    };
    let submitted = api.runner.submit_segment_job(&caller.sandbox, segments.as_deref(), &caller.client).await?;
    // The job is there: that it cannot be shown is no reason to be asked for it again.
    let shown = shown(&api, &caller, &submitted.id).await;
    Ok(Answer(shown.unwrap_or_else(|_| json!({"id": submitted.id, "status": "QUEUED", "segments": []}))))
}

async fn shown(api: &Api, caller: &Caller, id: &str) -> ApiResult<Value> {
    let document = api.store.read().await?.get::<outflow_store::SegmentJob>(&caller.sandbox, id).await?;
    Ok(show(api, &document))
}

/// The segments that are named, or none for all: clients send a list of objects, or an object that may hold one.
fn segments(body: &Value) -> ApiResult<Option<Vec<String>>> {
    let listed = match body {
        Value::Array(items) => items,
        Value::Object(members) => match members.get("segments") {
            Some(Value::Array(items)) => items,
            Some(_) => return Err(ApiError::invalid(vec![Problem::new("/segments", "must be a list")])),
            None => return Ok(None),
        },
        _ => return Err(ApiError::bad_request("the body must be a list of segments")),
    };
    let mut ids: Vec<String> = Vec::new();
    let mut problems = Vec::new();
    for (number, item) in listed.iter().enumerate() {
        match item.get("segmentId").and_then(Value::as_str).or_else(|| item.as_str()) {
            Some("*") => return Ok(None),
            Some(id) if ids.iter().any(|known| known == id) => {}
            Some(id) => ids.push(id.to_owned()),
            None => problems.push(Problem::new(format!("/{number}/segmentId"), "is missing")),
        }
    }
    if ids.is_empty() && problems.is_empty() {
        problems.push(Problem::new("", "names no segment"));
    }
    if listed.len() > SEGMENTS_MAX {
        problems = vec![Problem::new("", format!("names more than {SEGMENTS_MAX} segments"))];
    }
    if problems.is_empty() { Ok(Some(ids)) } else { Err(ApiError::invalid(problems)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/core/ups/segment/jobs";

    #[tokio::test]
    async fn named_segments_are_evaluated() {
        let server = Server::start().await;
        server.refreshed().await;
        let (adults, others) = (server.segment("Adults").await, server.segment("Others").await);
        let asked = server.client().post(PATH, &json!([{"segmentId": adults}])).await;
        assert_eq!(asked.status, 200, "{}", asked.text);
        let segment = &asked.body["segments"][0];
        assert_eq!(segment["segmentId"], adults.as_str());
        assert!(segment["segment"]["expression"]["value"].is_string());
        assert_eq!(segment["segment"]["mergePolicy"]["version"], 1);
        server.work_is_done().await;
        let done = server.client().get(&format!("{PATH}/{}", asked.id())).await;
        assert_eq!(done.body["status"], "SUCCEEDED", "{}", done.text);
        assert_eq!(done.body["metrics"]["segmentedProfileCounter"][&adults], 3);
        let other = server.client().get(&format!("/data/core/ups/segment/definitions/{others}")).await;
        assert!(other.body.get("counts").is_none());
    }

    #[tokio::test]
    async fn without_names_all_are_evaluated() {
        let server = Server::start().await;
        server.refreshed().await;
        server.segment("Adults").await;
        for body in [json!({}), json!({"segments": ["*"]})] {
            let asked = server.client().post(PATH, &body).await;
            assert_eq!((asked.status, asked.body["segments"].as_array().unwrap().len()), (200, 1), "{}", asked.text);
        }
        assert_eq!(server.client().post_empty(PATH).await.status, 200);
    }

    #[tokio::test]
    async fn unknown_segments_and_odd_bodies_are_refused() {
        let server = Server::start().await;
        assert_eq!(server.client().post(PATH, &json!([{"segmentId": "none"}])).await.status, 404);
        assert_eq!(server.client().post(PATH, &json!([{}])).await.fields(), ["/0/segmentId"]);
        assert_eq!(server.client().post(PATH, &json!([])).await.status, 400);
        assert_eq!(server.client().post(PATH, &json!("all")).await.status, 400);
    }
}
