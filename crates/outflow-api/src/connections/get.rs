//! `GET /connections/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Connections, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document::one;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get an account
///
/// Secrets are shown as `********`.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/connections/{id}",
    tag = "connections",
    params(("id" = String, Path, description = "The account's id.")),
    responses((status = 200, description = "The account, as a list of one.", body = Connections))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::Connection>(&caller.sandbox, &id).await?;
    Ok(Answer(one(show(&api, &document))))
}

#[cfg(test)]
mod tests {
    use crate::testing::{Server, folder_account};

    const PATH: &str = "/data/foundation/flowservice/connections";

    #[tokio::test]
    async fn one_object_is_a_list_of_one() {
        let server = Server::start().await;
        let created = server.client().post(PATH, &folder_account("Local")).await;
        let answer = server.client().get(&format!("{PATH}/{}", created.id())).await;
        let item = &answer.body["items"][0];
        assert_eq!((item["id"].as_str(), item["etag"].clone()), (Some(created.id()), created.body["etag"].clone()));
        assert_eq!((item["name"].as_str(), item["sandboxName"].as_str()), (Some("Local"), Some("prod")));
        assert!(item["createdAt"].as_i64().unwrap() > 1_500_000_000_000);
    }

    #[tokio::test]
    async fn another_sandbox_does_not_see_it() {
        let server = Server::start().await;
        let created = server.client().post(PATH, &folder_account("Local")).await;
        let other = server.client().in_sandbox("dev");
        assert_eq!(other.get(&format!("{PATH}/{}", created.id())).await.status, 404);
        assert_eq!(other.get(PATH).await.body["items"], serde_json::json!([]));
    }
}
