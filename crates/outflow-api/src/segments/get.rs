//! `GET /segment/definitions/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{ShownSegment, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a segment
#[utoipa::path(
    get,
    path = "/data/core/ups/segment/definitions/{id}",
    tag = "segments",
    params(("id" = String, Path, description = "The segment's id.")),
    responses((status = 200, description = "The segment, with the counts of its last evaluation.", body = ShownSegment))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let mut reader = api.store.read().await?;
    let document = reader.get::<outflow_store::Segment>(&caller.sandbox, &id).await?;
    let evaluation = reader.segment_evaluation(&id).await?;
    Ok(Answer(show(&api, &document, evaluation.as_ref())))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn an_evaluated_segment_has_counts() {
        let server = Server::start().await;
        let segment = server.segment("Adults").await;
        let path = format!("/data/core/ups/segment/definitions/{segment}");
        assert!(server.client().get(&path).await.body.get("counts").is_none());
        server.evaluated().await;
        let shown = server.client().get(&path).await;
        assert_eq!(shown.body["counts"]["profiles"], 3, "{}", shown.text);
        assert_eq!(shown.body["counts"]["realized"], 3);
        assert_eq!(server.client().get("/data/core/ups/segment/definitions/none").await.status, 404);
    }
}
