//! `POST /segment/jobs/bulk-get`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use outflow_model::access::AccessScope;
use serde_json::{Map, Value, json};

use super::show;
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::segments::{Ids, Results, ids};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_bulk_get, _, _>(bulk_get).needs(AccessScope::Read)
}

/// Get several evaluations
#[utoipa::path(
    post,
    path = "/data/core/ups/segment/jobs/bulk-get",
    tag = "segment jobs",
    request_body = Ids,
    responses((status = 207, description = "The evaluations that there are, by id.", body = Results))
)]
async fn bulk_get(
    State(api): State<Api>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<Value>)> {
    let ids = ids(&body)?;
    let found = api.store.read().await?.get_many::<outflow_store::SegmentJob>(&caller.sandbox, &ids).await?;
    let results: Map<String, Value> =
        found.iter().map(|document| (document.id.clone(), show(&api, document))).collect();
    Ok((StatusCode::MULTI_STATUS, Answer(json!({"results": results}))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn evaluations_come_by_id() {
        let server = Server::start().await;
        server.segment("Adults").await;
        let asked = server.client().post_empty("/data/core/ups/segment/jobs").await;
        let body = json!({"ids": [{"id": asked.id()}]});
        let answer = server.client().post("/data/core/ups/segment/jobs/bulk-get", &body).await;
        assert_eq!((answer.status, &answer.body["results"][asked.id()]["id"]), (207, &asked.body["id"]));
    }
}
