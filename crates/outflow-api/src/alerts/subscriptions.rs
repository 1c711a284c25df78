//! `GET /data/foundation/alerts/subscriptions`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Subscriptions, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{ListParameters, ListQuery};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_subscriptions, _, _>(subscriptions)
}

/// List alert subscriptions
#[utoipa::path(
    get,
    path = "/data/foundation/alerts/subscriptions",
    tag = "alerts",
    params(ListParameters),
    responses((status = 200, description = "A page of the subscriptions that match.", body = Subscriptions))
)]
async fn subscriptions(State(api): State<Api>, caller: Caller, query: ListQuery) -> ApiResult<Answer<Value>> {
    let shown = |document: &outflow_store::Document| show(&api, document);
    let page = document::list::<outflow_store::AlertSubscription>(&api, &caller.sandbox, &query, &shown).await?;
    Ok(Answer(page.answer(&query, "/alerts/subscriptions")))
}

#[cfg(test)]
mod tests {
    use crate::alerts::webhook;
    use crate::testing::Server;

    #[tokio::test]
    async fn subscriptions_are_listed_without_their_secrets() {
        let server = Server::start().await;
        let path = "/data/foundation/alerts/subscriptions";
        server.client().post(path, &webhook()).await;
        let answer = server.client().get(path).await;
        assert_eq!(answer.body["items"][0]["channel"]["secret"], "********", "{}", answer.text);
    }
}
