//! `GET /segment/jobs/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{SegmentJob, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get an evaluation
#[utoipa::path(
    get,
    path = "/data/core/ups/segment/jobs/{id}",
    tag = "segment jobs",
    params(("id" = String, Path, description = "The job's id.")),
    responses((status = 200, description = "The evaluation.", body = SegmentJob))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::SegmentJob>(&caller.sandbox, &id).await?;
    Ok(Answer(show(&api, &document)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn an_evaluation_without_profiles_says_what_is_wrong() {
        let server = Server::start().await;
        server.segment("Adults").await;
        let asked = server.client().post_empty("/data/core/ups/segment/jobs").await;
        server.work_is_done().await;
        let done = server.client().get(&format!("/data/core/ups/segment/jobs/{}", asked.id())).await;
        assert_eq!(done.body["id"], asked.body["id"]);
        assert_eq!(done.body["status"], "FAILED", "{}", done.text);
        assert_eq!(done.body["errors"], json!([{"code": "input", "msg": "there are no profiles yet"}]));
        assert!(done.body["_links"]["checkStatus"]["href"].is_string());
        assert_eq!(server.client().get("/data/core/ups/segment/jobs/none").await.status, 404);
    }
}
