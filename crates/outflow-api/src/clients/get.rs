//! `GET /data/foundation/clients/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Clients, show, visible};
use crate::auth::Caller;
use crate::context::Api;
use crate::document::one;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a client
#[utoipa::path(
    get,
    path = "/data/foundation/clients/{id}",
    tag = "clients",
    params(("id" = String, Path, description = "The client's id.")),
    responses((status = 200, description = "The client, as a list of one.", body = Clients))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    Ok(Answer(one(show(&visible(&api, &caller, &id).await?))))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_client_is_a_list_of_one() {
        let server = Server::start().await;
        let shown = server.client().get("/data/foundation/clients/admin").await;
        assert_eq!(shown.body["items"][0]["scopes"], serde_json::json!(["*"]), "{}", shown.text);
        assert_eq!(server.client().get("/data/foundation/clients/none").await.status, 404);
    }
}
