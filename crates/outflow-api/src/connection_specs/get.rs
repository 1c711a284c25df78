//! `GET /connectionSpecs/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::ConnectionSpecs;
use crate::auth::Caller;
use crate::context::Api;
use crate::document::one;
use crate::error::{ApiError, ApiResult};
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a kind of destination
///
/// By today's id or an older one: an older id means the same kind.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/connectionSpecs/{id}",
    tag = "connection specs",
    params(("id" = String, Path, description = "The kind's id.")),
    responses((status = 200, description = "The kind, as a list of one.", body = ConnectionSpecs))
)]
async fn get(State(api): State<Api>, _: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    super::named(&api, &id).map(|spec| Answer(one(spec))).ok_or_else(|| ApiError::not_found("connection spec", &id))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn an_older_id_means_the_same_kind() {
        let server = Server::start().await;
        let client = server.client();
        let new = client.get("/data/foundation/flowservice/connectionSpecs/4fce964d-3f37-408f-9778-e597338a21ee").await;
        let old = client.get("/data/foundation/flowservice/connectionSpecs/4890fc95-5a1f-4983-94bb-e060c08e3f81").await;
        assert_eq!((new.status, old.status), (200, 200));
        assert_eq!(old.body["items"][0]["id"], "4890fc95-5a1f-4983-94bb-e060c08e3f81");
        assert_eq!(new.body["items"][0]["authSpec"], old.body["items"][0]["authSpec"]);
    }

    #[tokio::test]
    async fn an_unknown_kind_is_not_found() {
        let server = Server::start().await;
        let answer = server.client().get("/data/foundation/flowservice/connectionSpecs/none").await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.content_type, "application/problem+json");
    }
}
