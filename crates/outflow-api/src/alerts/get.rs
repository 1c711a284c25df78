//! `GET /data/foundation/alerts/subscriptions/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Subscriptions, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document::one;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get an alert subscription
#[utoipa::path(
    get,
    path = "/data/foundation/alerts/subscriptions/{id}",
    tag = "alerts",
    params(("id" = String, Path, description = "The subscription's id.")),
    responses((status = 200, description = "The subscription, as a list of one.", body = Subscriptions))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::AlertSubscription>(&caller.sandbox, &id).await?;
    Ok(Answer(one(show(&api, &document))))
}

#[cfg(test)]
mod tests {
    use crate::alerts::webhook;
    use crate::testing::Server;

    #[tokio::test]
    async fn a_subscription_is_a_list_of_one() {
        let server = Server::start().await;
        let path = "/data/foundation/alerts/subscriptions";
        let created = server.client().post(path, &webhook()).await;
        let shown = server.client().get(&format!("{path}/{}", created.id())).await;
        assert_eq!(shown.body["items"][0]["etag"], created.body["etag"]);
        assert_eq!(server.client().get(&format!("{path}/none")).await.status, 404);
    }
}
