//! `GET /sourceConnections/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{SourceConnections, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document::one;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a source
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/sourceConnections/{id}",
    tag = "source connections",
    params(("id" = String, Path, description = "The source's id.")),
    responses((status = 200, description = "The source, as a list of one.", body = SourceConnections))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::SourceConnection>(&caller.sandbox, &id).await?;
    Ok(Answer(one(show(&api, &document))))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_source_is_a_list_of_one() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/sourceConnections/{}", flow.source);
        let answer = server.client().get(&path).await;
        assert_eq!(answer.body["items"][0]["state"], "enabled");
        assert_eq!(server.client().get("/data/foundation/flowservice/sourceConnections/none").await.status, 404);
    }
}
