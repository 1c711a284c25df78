//! `POST /sourceConnections`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;

use super::{SourceConnection, checked};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::document;
use crate::document::Created;
use crate::error::ApiResult;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Name the profile store as a source
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/sourceConnections",
    tag = "source connections",
    request_body = SourceConnection,
    responses((status = 201, description = "The source is saved.", body = Created))
)]
async fn create(
    State(api): State<Api>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<Created>)> {
    let mut tx = api.begin(&caller).await?;
    let body = checked(&mut tx, &caller.sandbox, document::own_members(body)).await?;
    let created = document::insert::<outflow_store::SourceConnection>(&mut tx, &caller, None, body).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Answer(Created::from(&*created))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/flowservice/sourceConnections";

    #[tokio::test]
    async fn members_beyond_the_known_ones_are_kept() {
        let server = Server::start().await;
        let body = json!({
            "name": "Profiles", "connectionSpec": {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"},
            "data": {"format": "CSV", "schema": null}, "params": {}, "note": {"kept": [1, 2]}, "id": "mine"
        });
        let created = server.client().post(PATH, &body).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let shown = server.client().get(&format!("{PATH}/{}", created.id())).await.body["items"][0].clone();
        assert_eq!((&shown["note"], &shown["data"]), (&body["note"], &body["data"]));
        assert_ne!(shown["id"], "mine");
    }

    #[tokio::test]
    async fn only_the_profile_store_is_a_source() {
        let server = Server::start().await;
        let body = json!({"name": "Lake", "connectionSpec": {"id": "8a9c3494"}, "baseConnectionId": "none"});
        let answer = server.client().post(PATH, &body).await;
        assert_eq!(answer.fields(), ["/connectionSpec", "/baseConnectionId"]);
    }
}
