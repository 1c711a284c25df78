//! `GET /targetConnections/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{TargetConnections, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document::one;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a target
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/targetConnections/{id}",
    tag = "target connections",
    params(("id" = String, Path, description = "The target's id.")),
    responses((status = 200, description = "The target, as a list of one.", body = TargetConnections))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::TargetConnection>(&caller.sandbox, &id).await?;
    Ok(Answer(one(show(&api, &document))))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_target_shows_the_account_it_is_built_on() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/targetConnections/{}", flow.target);
        let answer = server.client().get(&path).await;
        assert_eq!(answer.body["items"][0]["inheritedAttributes"]["baseConnection"]["id"], flow.connection.as_str());
        assert_eq!(answer.body["items"][0]["params"]["fileType"], "CSV");
    }
}
