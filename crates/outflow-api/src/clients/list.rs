//! `GET /data/foundation/clients`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::{Value, json};

use super::{Clients, is_within, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// List clients
///
/// Those that may use no other sandboxes than the token does.
#[utoipa::path(
    get,
    path = "/data/foundation/clients",
    tag = "clients",
    responses((status = 200, description = "All of them.", body = Clients))
)]
async fn list(State(api): State<Api>, caller: Caller) -> ApiResult<Answer<Value>> {
    let clients = api.store.clients().await?;
    let items: Vec<Value> = clients.iter().filter(|client| is_within(&caller, client)).map(show).collect();
    Ok(Answer(json!({"items": items, "_links": {}})))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/clients";

    #[tokio::test]
    async fn a_client_sees_those_within_its_own_sandboxes() {
        let server = Server::start().await;
        for (id, scope, sandboxes) in [("owner", "*", json!(["dev"])), ("other", "read", json!(["dev", "prod"]))] {
            let body = json!({"id": id, "scopes": [scope], "sandboxes": sandboxes});
            assert_eq!(server.client().post(PATH, &body).await.status, 201);
        }
        let ids = |answer: crate::testing::Answer| {
            let items = answer.body["items"].as_array().unwrap().clone();
            items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ids(server.client().get(PATH).await), ["admin", "owner", "other"]);
        let owner = server.with_token(&format!("Bearer {}", server.token_of("owner").await)).in_sandbox("dev");
        assert_eq!(ids(owner.get(PATH).await), ["owner"]);
        for answer in [owner.get(&format!("{PATH}/other")).await, owner.delete(&format!("{PATH}/other")).await] {
            assert_eq!(answer.status, 404, "{}", answer.text);
        }
    }
}
